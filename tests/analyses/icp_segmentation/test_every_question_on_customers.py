"""What holds for the questions on customers and their value: degenerate data never crash, order does not matter, all can be shown."""

from datetime import timedelta
from functools import cache

import numpy as np
import pytest

from tests.analyses.data.frames import AS_OF, ask, frame
from tests.analyses.icp_segmentation.companies import OWN, ids, two_kinds
from workbook.analyses import icp_segmentation as icp
from workbook.analyses.icp_segmentation import figures, tables
from workbook.kpis import KPIS, kpi_of
from workbook.text import render, use_language

FRAMES = {
    "best_customers": ("opportunities", "accounts", "invoices"), "customer_marks": ("accounts", "opportunities", "invoices"),
    "rfm": ("invoices", "opportunities"), "value": ("invoices", "opportunities", "accounts"),
}  # fmt: skip


def company(n=300, seed=5):
    rng = np.random.default_rng(seed)
    deals, invoices = [], []
    for i in range(n):
        status = str(rng.choice(["won", "lost", "no_decision", "open"], p=[0.4, 0.4, 0.1, 0.1]))
        created = AS_OF - timedelta(days=int(rng.integers(60, 1500)))
        end = {} if status == "open" else {"closed_on": min(created + timedelta(days=int(rng.integers(5, 200))), AS_OF)}
        row = {"status": status, "owner_id": f"P{rng.integers(14)}", "account_id": f"A{rng.integers(80):03d}", "created_on": created,
               "amount": float(rng.integers(1, 90)) * 100, "currency": "EUR", **end}  # fmt: skip
        deals.append(row)
        if status == "won":
            invoices.append({"invoice_id": f"R{i}", "account_id": row["account_id"], "invoiced_on": row["closed_on"], "amount": row["amount"], "margin": row["amount"] / 4, "currency": "EUR"})
    return {"opportunities": deals, "invoices": invoices, "accounts": two_kinds(80)}


FULL = company()
HOSTILE = ["<script>{x}</script>", "=cmd|x", "{name}", "🏭"]


def changed(**more):
    return FULL | {"opportunities": [r | more for r in FULL["opportunities"]]}


CASES = {
    "nothing": {},
    "everything": FULL,
    "deals only": {"opportunities": FULL["opportunities"]},
    "one won": {"opportunities": FULL["opportunities"][:1] and [FULL["opportunities"][0] | {"status": "won", "closed_on": AS_OF}], "accounts": FULL["accounts"][:1]},
    "won and lost": FULL | {"opportunities": [FULL["opportunities"][i] | {"status": s, "closed_on": AS_OF} for i, s in enumerate(("won", "lost"))]},
    "all won": changed(status="won", closed_on=AS_OF),
    "all lost": changed(status="lost", closed_on=AS_OF),
    "no owner, no company": changed(owner_id=None, account_id=None),
    "one owner": changed(owner_id="P"),
    "one company": changed(account_id="A000"),
    "no dates": changed(closed_on=None, created_on=None),
    "no amounts": {"opportunities": [r | {"amount": None} for r in FULL["opportunities"]], "accounts": FULL["accounts"]},
    "no currency": FULL | {"invoices": [r | {"currency": None} for r in FULL["invoices"]]},
    "mixed currencies": FULL | {"invoices": [r | {"currency": "USD" if i % 2 else "EUR"} for i, r in enumerate(FULL["invoices"])]},
    "one giant": FULL | {"invoices": [*FULL["invoices"], FULL["invoices"][0] | {"invoice_id": "X", "amount": 1e9, "margin": 5e8}]},
    "all at a loss": FULL | {"invoices": [r | {"margin": -r["margin"]} for r in FULL["invoices"]]},
    "all recurring": FULL | {"invoices": [r | {"is_recurring": True} for r in FULL["invoices"]]},
    "on one day": FULL | {"invoices": [r | {"invoiced_on": AS_OF} for r in FULL["invoices"]]},
    "all alike": FULL | {"invoices": [r | {"amount": 100.0, "margin": 40.0} for r in FULL["invoices"]], "accounts": [r | {"industry": "X"} for r in FULL["accounts"]]},
    "hostile names": FULL | {"accounts": [r | {"industry": HOSTILE[i % 4], "segment": HOSTILE[i % 4], "name": HOSTILE[i % 4]} for i, r in enumerate(FULL["accounts"])]},
}  # fmt: skip


def answer(name, given):
    made = {"accounts": lambda rows: frame("accounts", rows, **OWN), "opportunities": lambda rows: frame("opportunities", ids(rows)), "invoices": lambda rows: frame("invoices", rows)}
    return ask(getattr(icp, name), *(made[table](list(given.get(table, []))) for table in FRAMES[name]))


@cache
def answered(name, case):
    return answer(name, CASES[case])


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", FRAMES)
def test_no_data_crash_and_every_result_keeps_the_contract(name, case):
    result = answered(name, case)
    assert result.finding is not None or result.refused is not None
    assert result.refused is not None or result.actions or result.no_action is not None
    keys = [h.key for h in result.headlines]
    assert len(keys) == len(set(keys))
    for head in result.headlines:
        assert kpi_of(head.key).key == head.kpi in KPIS
        assert head.unit == KPIS[head.kpi].unit and head.n >= 1
        assert head.value is not None or head.reason is not None
        if head.low is not None:
            assert head.low <= head.value + 1e-9 and head.value <= head.high + 1e-9
    for text in (result.finding, result.brief, result.refused, *result.limits, *(c.reason for c in result.checks), *(a.what for a in result.actions)):
        assert text is None or ("nan" not in render(text).lower().split() and render(text))
    for action in result.actions:
        assert action.due_on > AS_OF and action.watch_kpi in KPIS


@pytest.mark.parametrize("name", FRAMES)
def test_the_order_of_rows_does_not_matter(name):
    rng = np.random.default_rng(1)
    keyed = FULL | {"opportunities": ids(FULL["opportunities"])}
    mixed = {table: [rows[i] for i in rng.permutation(len(rows))] for table, rows in keyed.items()}
    first, second = answered(name, "everything"), answer(name, mixed)
    for one, other in zip(first.headlines, second.headlines, strict=True):
        assert (one.key, one.n) == (other.key, other.n)
        for end in ("value", "low", "high"):
            assert getattr(other, end) == (None if getattr(one, end) is None else pytest.approx(getattr(one, end), rel=1e-6))


SHOWN = {
    "best_customers": (tables.best_customers, tables.known, figures.concentration),
    "customer_marks": (tables.marks, tables.mark_pairs, tables.later_marks, tables.mark_fill, figures.marks, figures.later_marks),
    "rfm": (tables.rfm_groups, figures.rfm_groups),
    "value": (tables.value, tables.value_held_out, figures.value, figures.value_held_out),
}


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("case", ["nothing", "everything", "all recurring", "hostile names"])
@pytest.mark.parametrize("name", SHOWN)
def test_everything_can_be_shown(name, case, language):
    result = answered(name, case)
    with use_language(language):
        for view in filter(None, (show(result) for show in SHOWN[name])):
            if hasattr(view, "figure"):
                assert view.title and view.alt and not view.data.empty
                view.figure.draw_without_rendering()
            else:
                assert view.title
                assert "<script>" not in view.html()
