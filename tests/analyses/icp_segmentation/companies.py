"""Small companies made by hand for the questions on customers."""

from datetime import timedelta

import numpy as np
import pyarrow as pa

from tests.analyses.data.frames import AS_OF, ask, frame
from workbook.analyses import icp_segmentation as icp

OWN = {"fleet": pa.string()}


def deal(account, status, days_ago=100, amount=100, length=30, **more):
    closed = AS_OF - timedelta(days=days_ago)
    end = {} if status == "open" else {"closed_on": closed}
    return {"account_id": account, "status": status, "created_on": closed - timedelta(days=length), "amount": amount, "currency": "EUR", **end, **more}


def ids(rows):
    return [{"opportunity_id": f"O{i:04d}"} | row for i, row in enumerate(rows)]


def ask_best(rows, accounts=(), invoices=(), **settings):
    tables = (frame("opportunities", ids(rows)), frame("accounts", list(accounts)), frame("invoices", list(invoices)))
    return ask(icp.best_customers, *tables, **settings)


def ask_about(question, accounts, rows=(), invoices=(), **settings):
    tables = (frame("accounts", list(accounts), **OWN), frame("opportunities", ids(rows)), frame("invoices", list(invoices)))
    return ask(question, *tables, **settings)


def ask_rfm(rows=(), invoices=(), **settings):
    return ask(icp.rfm, frame("invoices", list(invoices)), frame("opportunities", ids(rows)), **settings)


def two_kinds(n=120, seed=3, clear=True):
    """Companies of two kinds that differ in industry, size, need and channel (or, not clear, in nothing)."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        kind = int(rng.integers(2))
        pick = (lambda p, kind=kind: kind if rng.random() < p else 1 - kind) if clear else (lambda p: int(rng.integers(2)))
        rows.append({
            "account_id": f"A{i:03d}", "industry": ["Food", "Steel"][pick(0.97)], "segment": ["Small", "Large"][pick(0.95)],
            "channel_preference": ["Web", "Field"][pick(0.95)], "needs": ["Price; Speed", "Uptime; Service"][pick(0.97)],
            "employees": float(np.exp(rng.normal([3, 6][pick(0.97)], 0.3))), "kind": kind,
        })  # fmt: skip
    return rows
