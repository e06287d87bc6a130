"""Invoices: projects after won deals, service contracts that renew or end, spare parts with the seasons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbook.demo.accounts import Accounts
from workbook.demo.company import AS_OF, CURRENCY, START, CompanyConfig
from workbook.demo.customers import END, customer_spells
from workbook.demo.draw import Rng, ids, pick_index, stream, texts, to_workday

CONTRACT_SHARE = 0.72
FEE_SHARE_PER_MONTH = 0.0125
RECURRING_MARGIN, SPARE_MARGIN = 0.61, 0.46
SPARE_PER_MONTH = 0.17
EARLIER_PROJECTS, EARLIER_MARGIN = 190, 0.37
SEASON = (0.85, 0.9, 1.1, 1.0, 1.0, 1.1, 0.9, 0.65, 1.1, 1.15, 1.15, 1.35)

Line = tuple[int, int, str, np.datetime64, float, float, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Billing:
    """invoices: canonical frame. renewals: one row per contract anniversary; segment (position), account,
    is_kept.

    spells: account × active time: account, first, last (months; last is the month after the end, NaT: still
    active).
    """

    invoices: pd.DataFrame
    renewals: pd.DataFrame
    spells: pd.DataFrame


def simulate_billing(config: CompanyConfig, deals: pd.DataFrame, accounts: Accounts, seed: int) -> Billing:
    """Draw spells as a customer, then the lines billed in them. One row per invoice line."""
    rng = stream(seed, "billing")
    spells, renewals = customer_spells(rng, deals, accounts)
    lines = _projects(rng, config, deals) + _contracts(rng, config, deals, accounts, spells)
    lines += _spares(rng, config, accounts, spells) + _earlier_projects(rng, config, accounts)
    frame = pd.DataFrame(lines, columns=["account", "deal", "product", "day", "amount", "margin", "is_recurring"])
    frame = frame[frame["day"] <= np.datetime64(AS_OF)].sort_values(["day", "account", "deal"], kind="stable")
    return Billing(invoices=_invoices(frame.reset_index(drop=True)), renewals=renewals, spells=spells)


def _invoices(lines: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "invoice_id": texts(ids("R", len(lines), 5)),
            "account_id": texts([f"A{a + 1:04d}" for a in lines["account"]]),
            "opportunity_id": texts([f"O{d + 1:05d}" if d >= 0 else None for d in lines["deal"]]),
            "product_id": texts(lines["product"]),
            "invoiced_on": lines["day"].astype("datetime64[us]"),
            "amount": lines["amount"].round(2),
            "currency": texts([CURRENCY] * len(lines)),
            "margin": lines["margin"].round(2),
            "is_recurring": lines["is_recurring"].astype(bool),
        }
    )


def _projects(rng: Rng, config: CompanyConfig, deals: pd.DataFrame) -> list[Line]:
    """Small projects in one invoice, larger ones 30 % with the order and 70 % on delivery two to four months
    later.
    """
    lines: list[Line] = []
    won = deals[deals["status"] == "won"]
    margin = np.array([config.segments[s].margin for s in won["segment"]]) - 0.8 * (won["discount"] - 0.06)
    margin = np.clip(margin + rng.normal(0, 0.04, len(won)), 0.02, 0.7)
    waits = rng.integers(55, 130, len(won))
    rows = zip(won.index, won["account"], won["product"], won["closed"], won["amount"], margin, waits, strict=True)
    for deal, account, product, closed, amount, share, wait in rows:
        day = np.datetime64(closed, "D")
        parts = [(12, 1.0)] if amount < 8_000 else [(10, 0.3), (int(wait), 0.7)]
        for after, part in parts:
            net = round(amount * part, 2)
            lines.append(
                (
                    account,
                    deal,
                    product,
                    np.busday_offset(day + after, 0, roll="forward"),
                    net,
                    net * share,
                    False,
                )
            )
    return lines


def _contracts(rng: Rng, config: CompanyConfig, deals: pd.DataFrame, accounts: Accounts, spells: pd.DataFrame) -> list[Line]:
    """Service fees billed per quarter: indexed by 3 % a year, raised by expansions, now and then cut at a
    renewal.
    """
    lines: list[Line] = []
    won = deals[(deals["status"] == "won") & deals["is_expansion"]]
    raises = {a: set(rows["closed"].to_numpy("datetime64[M]").astype(int)) for a, rows in won.groupby("account")}
    has_contract = rng.random(len(accounts.frame)) < CONTRACT_SHARE
    software = next(p.name for p in config.products if p.family == "Industrial software")
    for account, first, last in zip(spells["account"], spells["first"], spells["last"], strict=True):
        if not has_contract[account]:
            continue
        begin = max(np.datetime64(first, "M"), np.datetime64(START, "M"))
        end = END + 1 if pd.isna(last) else np.datetime64(last, "M")
        usual = config.segments[accounts.segment[account]].amount * FEE_SHARE_PER_MONTH
        fee = usual * float(rng.lognormal(0.0, 0.5))
        for step, month in enumerate(np.arange(begin, end)):
            fee *= 1.12 if int(month.astype(int)) in raises.get(account, ()) and step else 1.0
            fee *= 1.03 if int(month.astype(int)) % 12 == 0 and step else 1.0
            fee *= 0.75 if step and step % 12 == 0 and rng.random() < 0.07 else 1.0
            if step % 3 == 0:
                quarter = round(fee * min(3, int((end - month).astype(int))), 2)
                lines.append(
                    (
                        account,
                        -1,
                        software,
                        month.astype("datetime64[D]") + 2,
                        quarter,
                        quarter * RECURRING_MARGIN,
                        True,
                    )
                )
    return lines


def _spares(rng: Rng, config: CompanyConfig, accounts: Accounts, spells: pd.DataFrame) -> list[Line]:
    """Orders of spare parts while a customer, with the seasons."""
    lines: list[Line] = []
    products = [p.name for p in config.products if p.family != "Industrial software"][:6]
    appetite = rng.gamma(1.2, 1 / 1.2, len(accounts.frame))
    for account, first, last in zip(spells["account"], spells["first"], spells["last"], strict=True):
        begin = max(np.datetime64(first, "M") + 2, np.datetime64(START, "M"))
        months = np.arange(begin, END + 1 if pd.isna(last) else np.datetime64(last, "M"))
        season = np.array(SEASON)[months.astype(int) % 12]
        number = rng.poisson(SPARE_PER_MONTH * appetite[account] * season)
        usual = config.segments[accounts.segment[account]].amount * 0.055
        for month in np.repeat(months, number):
            day = to_workday(np.asarray(month.astype("datetime64[D]") + int(rng.integers(0, 27)))).item()
            net = round(float(rng.lognormal(np.log(usual), 0.7)), 2)
            product = products[int(pick_index(rng, (4, 3, 3, 2, 1, 1), 1)[0])]
            lines.append((account, -1, product, np.datetime64(day, "D"), net, net * SPARE_MARGIN, False))
    return lines


def _earlier_projects(rng: Rng, config: CompanyConfig, accounts: Accounts) -> list[Line]:
    """Projects won before the history starts and delivered in it: invoices without an opportunity, ever fewer
    in 2022.
    """
    old = np.flatnonzero(accounts.frame["customer_since_on"].notna())
    after = np.floor(np.clip(rng.exponential(105, EARLIER_PROJECTS), 1, 330)).astype(int)
    lines: list[Line] = []
    for account, days in zip(rng.choice(old, EARLIER_PROJECTS), after, strict=True):
        usual = config.segments[accounts.segment[account]].amount
        net = round(float(rng.lognormal(np.log(usual), 0.7)), 2)
        day = np.busday_offset(np.datetime64(START, "D") + days, 0, roll="forward")
        product = config.products[int(rng.integers(len(config.products)))].name
        if np.datetime64(next(p.launched_on for p in config.products if p.name == product)) <= day:
            lines.append((int(account), -1, product, day, net, net * EARLIER_MARGIN, False))
    return lines
