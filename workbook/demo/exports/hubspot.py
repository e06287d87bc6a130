"""HubSpot exports: deals with one date column per stage, contacts and companies.

Carries deals, stage entries (the last entry into each stage), leads (contacts with the day they reached each
lifecycle stage) and accounts. Absent: currency (the portal has one and does not print it), competitor, loss
reason, products, discounts, regions, response times, activities, invoices, and every frame that no CRM has.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from workbook.demo.cells import csv_text, number, table_rows, write_bytes
from workbook.demo.company import CLOSED_STAGES, STAGES
from workbook.demo.exports.identity import hubspot_ids, lead_mail, person_names
from workbook.demo.exports.reports import account_names
from workbook.demo.simulate import Company

FILE = "hubspot-crm-exports-all-{}-2026-09-30.csv"
PIPELINE = "Sales Pipeline"
LABELS = {stage: stage for stage in STAGES} | {
    CLOSED_STAGES["won"]: "Closed Won",
    CLOSED_STAGES["lost"]: "Closed Lost",
    CLOSED_STAGES["no_decision"]: "No Decision",
}
DEALS, CONTACTS, COMPANIES = 18_400_000_000, 51_000_000_000, 9_700_000_000


def write(company: Company, to: Path, alone: bool) -> list[Path]:
    """UTF-8 with byte order mark, comma, `2026-05-15 13:21`, amounts as plain numbers, true/false."""
    tables = {"deals": _deals(company), "contacts": _contacts(company), "companies": _companies(company)}
    written = []
    for name, table in list(tables.items())[: 1 if alone else 3]:
        path = to / FILE.format(name)
        write_bytes(path, csv_text(table_rows(table)), "utf-8-sig")
        written.append(path)
    return written


def _deals(company: Company) -> pd.DataFrame:
    """One row per deal, created when it entered the first stage.

    `Close Date` of an open deal is the expected one.
    """
    deals, activities = company.frames["opportunities"], company.frames["activities"]
    close = deals["closed_on"].fillna(deals["expected_close_on"])
    last = deals["opportunity_id"].map(activities.groupby("opportunity_id")["occurred_at"].max())
    entries = company.frames["stage_entries"]
    entered = entries.groupby(["opportunity_id", "stage"])["entered_at"].agg(["min", "max"]).unstack()
    created = deals["opportunity_id"].map(entered[("min", STAGES[0])])
    minutes = pd.to_timedelta(480 + np.arange(len(deals)) * 37 % 540, unit="m")
    table = pd.DataFrame(
        {
            "Record ID": hubspot_ids(DEALS, deals["opportunity_id"]),
            "Deal Name": deals["name"].to_numpy(object),
            "Pipeline": PIPELINE,
            "Deal Stage": deals["stage"].map(LABELS).to_numpy(object),
            "Amount": ["" if pd.isna(a) else number(a) for a in deals["amount"]],
            "Deal owner": person_names(deals["owner_id"]),
            "Close Date": _moments(close + minutes),
            "Create Date": _moments(created),
            "Last Activity Date": _moments(last),
            "Associated Company (Primary)": deals["account_id"].map(account_names(company)).to_numpy(object),
            "Associated Company IDs (Primary)": hubspot_ids(COMPANIES, deals["account_id"]),
            "Deal Type": np.where(deals["business_type"] == "new", "New Business", "Existing Business"),
            "Is Closed Won": np.where(deals["status"] == "won", "true", "false"),
            "Original Source": deals["source"].fillna("").to_numpy(object),
        },
        dtype=object,
    )
    for stage, label in LABELS.items():
        table[f'Date entered "{label} ({PIPELINE})"'] = _moments(deals["opportunity_id"].map(entered[("max", stage)]))
    return table


def _contacts(company: Company) -> pd.DataFrame:
    """One row per contact, each a lead."""
    leads = company.frames["leads"]
    stage = np.select(
        [
            leads["customer_at"].notna(),
            leads["opportunity_id"].notna(),
            leads["sql_at"].notna(),
            leads["mql_at"].notna(),
        ],
        ["Customer", "Opportunity", "Sales Qualified Lead", "Marketing Qualified Lead"],
        "Lead",
    )
    created = company.frames["opportunities"].set_index("opportunity_id")["created_on"]
    return pd.DataFrame(
        {
            "Record ID": hubspot_ids(CONTACTS, leads["lead_id"]),
            "Email": [lead_mail(i) for i in leads["lead_id"]],
            "Contact owner": person_names(leads["owner_id"]),
            "Associated Company": leads["account_id"].map(account_names(company)).fillna("").to_numpy(object),
            "Original Source": leads["source"].to_numpy(object),
            "Lifecycle Stage": stage,
            "Create Date": _moments(leads["created_at"]),
            "Became a Marketing Qualified Lead Date": _moments(leads["mql_at"]),
            "Became a Sales Qualified Lead Date": _moments(leads["sql_at"]),
            "Became an Opportunity Date": _moments(leads["opportunity_id"].map(created)),
            "Became a Customer Date": _moments(leads["customer_at"]),
        },
        dtype=object,
    )


def _companies(company: Company) -> pd.DataFrame:
    """One row per company."""
    accounts = company.frames["accounts"]
    return pd.DataFrame(
        {
            "Record ID": hubspot_ids(COMPANIES, accounts["account_id"]),
            "Company name": accounts["name"].to_numpy(object),
            "Parent Company": accounts["parent_id"].map(account_names(company)).fillna("").to_numpy(object),
            "Industry": accounts["industry"].fillna("").to_numpy(object),
            "Number of Employees": [number(n) for n in accounts["employees"]],
            "Annual Revenue": ["" if pd.isna(r) else number(r) for r in accounts["revenue"]],
            "City": accounts["city"].to_numpy(object),
            "Country/Region": accounts["country"].to_numpy(object),
        },
        dtype=object,
    )


def _moments(values: pd.Series[pd.Timestamp]) -> list[str]:
    """Write moments; missing is empty."""
    return ["" if pd.isna(value) else f"{value:%Y-%m-%d %H:%M}" for value in values]
