"""What holds for the questions on groups, needs, roles and touches: degenerate data never crash, order does not matter, all can be shown."""

from datetime import datetime, timedelta
from functools import cache

import numpy as np
import pandas as pd
import pytest

from tests.analyses.data.frames import AS_OF, ask, frame
from tests.analyses.icp_segmentation.companies import OWN, two_kinds
from workbook.analyses import icp_segmentation as icp
from workbook.analyses.icp_segmentation import figures, tables
from workbook.kpis import KPIS, kpi_of
from workbook.text import render, use_language

FRAMES = {
    "segments": ("accounts", "opportunities", "invoices"), "migration": ("invoices", "opportunities", "members"),
    "needs": ("opportunities", "accounts"), "buying_centre": ("opportunities", "contacts"), "journey": ("activities", "opportunities"),
}  # fmt: skip
ROLES, KINDS = ("Champion", "User", "Buyer"), ("call", "meeting", "e-mail")


def company(n=300, seed=5):
    """Deals of sixty companies, each with roles, touches and the need of its company; winning hangs on nothing."""
    rng = np.random.default_rng(seed)
    deals, contacts, activities = [], [], []
    for i in range(n):
        status = str(rng.choice(["won", "lost", "no_decision", "open"], p=[0.4, 0.4, 0.1, 0.1]))
        created = AS_OF - timedelta(days=int(rng.integers(60, 1400)))
        end = {} if status == "open" else {"closed_on": min(created + timedelta(days=int(rng.integers(5, 200))), AS_OF)}
        deals.append({
            "opportunity_id": f"O{i:04d}", "status": status, "owner_id": f"P{rng.integers(14)}", "account_id": f"A{rng.integers(60):03d}",
            "segment": str(rng.choice(["Small", "Large"])), "competitor": [None, "none", "Acme"][int(rng.integers(3))],
            "created_on": created, "amount": float(rng.integers(1, 9)) * 100, "currency": "EUR", **end,
        })  # fmt: skip
        contacts += [{"contact_id": f"K{i}{r}", "opportunity_id": f"O{i:04d}", "role": r} for r in ROLES if rng.random() < 0.5]
        for j in range(int(rng.integers(0, 5))):
            at = datetime(created.year, created.month, created.day, 9) + timedelta(days=int(rng.integers(0, 40)))
            activities.append({"activity_id": f"T{i}{j}", "opportunity_id": f"O{i:04d}", "occurred_at": at, "kind": str(rng.choice(KINDS))})
    return {"opportunities": deals, "contacts": contacts, "activities": activities, "accounts": two_kinds(60)}


FULL = company()
HOSTILE = ["<script>{x}</script>", "=cmd|x", "{name}", "🏭"]


def changed(**more):
    return FULL | {"opportunities": [r | more for r in FULL["opportunities"]]}


CASES = {
    "nothing": {},
    "everything": FULL,
    "one won": {"opportunities": [FULL["opportunities"][0] | {"status": "won"}], "contacts": FULL["contacts"][:3], "activities": FULL["activities"][:3]},
    "won and lost": FULL | {"opportunities": [FULL["opportunities"][i] | {"status": s} for i, s in enumerate(("won", "lost"))]},
    "all won": changed(status="won", closed_on=AS_OF),
    "all lost": changed(status="lost", closed_on=AS_OF),
    "no owner, no company": changed(owner_id=None, account_id=None),
    "one owner": changed(owner_id="P"),
    "no amounts": changed(amount=None),
    "no dates": changed(created_on=None, closed_on=None),
    "mixed currencies": FULL | {"opportunities": [r | {"currency": "USD" if i % 2 else "EUR"} for i, r in enumerate(FULL["opportunities"])]},
    "one giant": FULL | {"opportunities": [*FULL["opportunities"], FULL["opportunities"][0] | {"opportunity_id": "G", "amount": 1e12}]},
    "one of each": FULL | {
        "contacts": [c | {"role": "User"} for c in FULL["contacts"]], "activities": [a | {"kind": "call"} for a in FULL["activities"]],
        "accounts": [a | {"needs": "Price", "industry": "Food"} for a in FULL["accounts"]],
    },
    "each its own": FULL | {
        "contacts": [c | {"role": f"R{i}"} for i, c in enumerate(FULL["contacts"])], "activities": [a | {"kind": f"k{i}"} for i, a in enumerate(FULL["activities"])],
        "accounts": [a | {"needs": f"N{i}"} for i, a in enumerate(FULL["accounts"])],
    },
    "hostile names": FULL | {
        "contacts": [c | {"role": HOSTILE[i % 4]} for i, c in enumerate(FULL["contacts"])], "activities": [a | {"kind": HOSTILE[i % 4]} for i, a in enumerate(FULL["activities"])],
        "accounts": [a | {"needs": HOSTILE[i % 4], "name": HOSTILE[i % 4], "industry": HOSTILE[i % 4]} for i, a in enumerate(FULL["accounts"])],
    },
}  # fmt: skip


def answer(name, given):
    def made(table):
        if table == "members":
            rows = [{"account_id": a["account_id"], "name": f"Kind {a['kind']}"} for a in given.get("accounts", [])]
            return pd.DataFrame(rows) if rows else None
        return frame(table, given.get(table, []), **(OWN if table == "accounts" else {}))

    settings = {"segments_max": 3, "resamples": 5} if name == "segments" else {}
    return ask(getattr(icp, name), *(made(table) for table in FRAMES[name]), **settings)


@cache
def answered(name, case):
    return answer(name, CASES[case])


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", FRAMES)
def test_no_data_crash_and_every_result_keeps_the_contract(name, case):
    result = answered(name, case)
    assert result.finding is not None or result.refused is not None
    assert result.refused is not None or (result.brief is not None and bool(result.actions) != (result.no_action is not None))
    keys = [h.key for h in result.headlines]
    assert len(keys) == len(set(keys))
    for head in result.headlines:
        assert kpi_of(head.key).key == head.kpi in KPIS and head.unit == KPIS[head.kpi].unit
        assert (head.value is None and head.reason is not None) or 0 <= head.low <= head.value + 1e-12 <= head.high + 2e-12 <= 1 + 1e-9
    texts = (result.finding, result.brief, result.no_action, result.refused, *result.limits, *(c.reason for c in result.checks), *(a.what for a in result.actions))
    for text in texts:
        assert text is None or ("nan" not in render(text).lower().split() and render(text))
    for action in result.actions:
        assert action.due_on > AS_OF and action.watch_kpi in KPIS
        assert action.value is None or action.low <= action.value <= action.high


@pytest.mark.parametrize("name", FRAMES)
def test_the_order_of_rows_and_the_names_of_owners_do_not_matter(name):
    rng = np.random.default_rng(1)
    mixed = {table: [rows[i] for i in rng.permutation(len(rows))] for table, rows in FULL.items()}
    mixed["opportunities"] = [r | {"owner_id": "Z" + r["owner_id"][::-1]} for r in mixed["opportunities"]]
    first, second = answered(name, "everything"), answer(name, mixed)
    assert (str(first.finding), str(first.brief)) == (str(second.finding), str(second.brief))
    for one, other in zip(first.headlines, second.headlines, strict=True):
        assert (one.key, one.n) == (other.key, other.n)
        assert other.value is None or [other.value, other.low, other.high] == pytest.approx([one.value, one.low, one.high])


@pytest.mark.parametrize("name", ["needs", "buying_centre", "journey"])
def test_nothing_is_claimed_where_winning_hangs_on_nothing(name):
    result = answered(name, "everything")
    assert result.refused is None
    assert result.certainty == "open"
    assert not result.actions


SHOWN = {
    "segments": (tables.candidates, tables.methods, tables.cards, tables.segment_profiles, figures.segments, figures.segment_values),
    "migration": (tables.moves, tables.moves_by_group, figures.moves),
    "needs": (tables.needs, tables.need_cases, figures.needs),
    "buying_centre": (tables.roles, tables.buying_centre_sizes, figures.roles),
    "journey": (tables.journey, tables.touches, figures.journey),
}


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("case", ["nothing", "everything", "one won", "one of each", "hostile names"])
@pytest.mark.parametrize("name", SHOWN)
def test_everything_can_be_shown(name, case, language):
    result = answered(name, case)
    with use_language(language):
        for view in filter(None, (show(result) for show in SHOWN[name])):
            assert view.title
            if hasattr(view, "figure"):
                assert view.alt and not view.data.empty
                view.figure.draw_without_rendering()
            else:
                assert "<script>" not in view.html()
