"""What Salesforce's three reports show, before an organisation's language and number style are put on.

Tables with the keys of `words.HEADERS`. Text cells are final; amounts, dates and percents are values still to
be written.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbook.demo.company import AS_OF
from workbook.demo.exports.identity import lead_mail, person_names, salesforce_ids
from workbook.demo.simulate import Company

NEXT_STEPS = ("Demo", "Workshop", "Offer", "Reference visit", "")


def opportunity_report(company: Company) -> pd.DataFrame:
    """One row per opportunity.

    `close` is the actual close of a closed deal and the expected one of an open deal.
    """
    deals, activities = company.frames["opportunities"], company.frames["activities"]
    last = activities.groupby("opportunity_id")["occurred_at"].max()
    close = deals["closed_on"].fillna(deals["expected_close_on"])
    end = deals["closed_on"].fillna(pd.Timestamp(AS_OF))
    is_open = (deals["status"] == "open").to_numpy()
    steps = [NEXT_STEPS[i % 5] if o else "" for i, o in enumerate(is_open)]
    return pd.DataFrame(
        {
            "opportunity_id": salesforce_ids("006", deals["opportunity_id"]),
            "name": deals["name"],
            "account": deals["account_id"].map(account_names(company)),
            "type": deals["business_type"],
            "stage": deals["stage"],
            "currency": deals["currency"],
            "amount": deals["amount"],
            "close": close,
            "probability": deals["probability"],
            "created": deals["created_on"],
            "activity": deals["opportunity_id"].map(last),
            "source": deals["source"],
            "owner": person_names(deals["owner_id"]),
            "age": (end - deals["created_on"]).dt.days.astype(str),
            "next_step": steps,
            "fiscal": "Q" + close.dt.quarter.astype(str) + "-" + close.dt.year.astype(str),
            "competitor": deals["competitor"],
            "reason": deals["loss_reason"],
        }
    )


def lead_report(company: Company) -> pd.DataFrame:
    """One row per lead.

    A lead that sales accepted is converted on that day; qualification by marketing is not shown.
    """
    leads = company.frames["leads"]
    amount = company.frames["opportunities"].set_index("opportunity_id")["amount"]
    state = np.select(
        [leads["sql_at"].notna(), leads["rejected_at"].notna(), leads["first_response_at"].notna()],
        ["converted", "rejected", "working"],
        "open",
    )
    return pd.DataFrame(
        {
            "lead_id": salesforce_ids("00Q", leads["lead_id"]),
            "company": leads["account_id"].map(account_names(company)),
            "mail": [lead_mail(i) for i in leads["lead_id"]],
            "lead_source": leads["source"],
            "lead_owner": person_names(leads["owner_id"]),
            "state": state,
            "lead_created": leads["created_at"],
            "converted": leads["sql_at"],
            "lead_amount": leads["opportunity_id"].map(amount),
        }
    )


def account_report(company: Company) -> pd.DataFrame:
    """One row per account."""
    accounts = company.frames["accounts"]
    return pd.DataFrame(
        {
            "account_id": salesforce_ids("001", accounts["account_id"]),
            "account_name": accounts["name"],
            "parent": accounts["parent_id"].map(account_names(company)),
            "industry": accounts["industry"],
            "employees": accounts["employees"].astype(int).astype(str),
            "revenue": accounts["revenue"],
            "city": accounts["city"],
            "country": accounts["country"],
        }
    )


def account_names(company: Company) -> dict[str, str]:
    """Name by account id."""
    accounts = company.frames["accounts"]
    return dict(zip(accounts["account_id"], accounts["name"], strict=True))
