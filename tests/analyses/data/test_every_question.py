"""What holds for every question: degenerate data never crash, order does not matter, headlines keep the contract."""

from datetime import timedelta
from functools import cache

import numpy as np
import pytest

from tests.analyses.contract import (
    assert_contract,
    assert_leads_somewhere,
    assert_renamed,
    assert_same,
    assert_scaled,
    assert_shown,
    shuffled,
)
from tests.analyses.data.frames import AS_OF, ask, deals, frame, many
from workbook.analyses import data, questions
from workbook.analyses.data import figures, tables
from workbook.text import use_language

WITH_DEALS = {name: module for name, module in questions("data").items() if hasattr(module, "aggregate")}
EXTRA = {"win_rate_by_group": "products", "customer_voice": "feedback"}


def full(n=80, seed=5):
    """A small company with everything filled in, some of it missing here and there."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        status = str(rng.choice(["won", "lost", "no_decision", "open"], p=[0.35, 0.4, 0.1, 0.15]))
        created = AS_OF - timedelta(days=int(rng.integers(30, 1400)))
        closed = min(created + timedelta(days=int(rng.integers(1, 200))), AS_OF)
        rows.append({
            "opportunity_id": f"O{i:04d}", "status": status, "owner_id": f"P{rng.integers(12)}", "account_id": f"A{rng.integers(30)}",
            "product_id": f"N{rng.integers(3)}", "region": str(rng.choice(["North", "South"])), "created_on": created,
            "segment": str(rng.choice(["Small", "Large"])), "source": None if i % 7 == 0 else "Web", "stage": status,
            "closed_on": None if status == "open" else closed, "amount": float(rng.integers(0, 9)) * 100, "currency": "EUR",
            "expected_close_on": AS_OF + timedelta(days=int(rng.integers(-50, 50))) if status == "open" else None,
        })  # fmt: skip
    return rows


CASES = {
    "nothing": [],
    "one open": [{"status": "open"}],
    "one won": [{"status": "won"}],
    "one lost with everything": [full(1)[0] | {"status": "lost", "closed_on": AS_OF}],
    "won and lost": [{"status": "won"}, {"status": "lost"}],
    "all won": many(40, status="won", amount=5, currency="EUR", created_on=AS_OF, closed_on=AS_OF, region="A", owner_id="P"),
    "all lost": many(40, status="lost", amount=5, currency="EUR", created_on=AS_OF, closed_on=AS_OF, region="A"),
    "no dates": [{k: v for k, v in row.items() if not k.endswith("_on")} for row in full()],
    "no amounts": [row | {"amount": None} for row in full()],
    "mixed currencies": [row | {"currency": "USD" if i % 2 else "EUR"} for i, row in enumerate(full())],
    "dates ahead": [row | {"created_on": AS_OF + timedelta(days=9)} for row in full()],
    "one owner": [row | {"owner_id": "P", "account_id": "A"} for row in full()],
    "no owner": [row | {"owner_id": None, "account_id": None} for row in full()],
    "hostile names": [row | {"region": r, "stage": r} for row, r in zip(full(), ["{x}", "<b>", "=cmd|x", "🏭"] * 20, strict=True)],
    "everything": full(),
}


def answer(name, rows):
    extra = [frame(EXTRA[name], [])] if name in EXTRA else []
    return ask(WITH_DEALS[name], deals(*rows), *extra)


@cache
def answer_case(name, case):
    """Ask once per case; results are frozen, so tests may share them."""
    return answer(name, CASES[case])


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", WITH_DEALS)
def test_no_data_crash_and_every_result_keeps_the_contract(name, case):
    assert_contract(answer_case(name, case))
    assert_leads_somewhere(answer_case(name, case))


@pytest.mark.parametrize("name", WITH_DEALS)
def test_the_order_of_rows_does_not_matter(name):
    assert_same(answer(name, full()), answer(name, shuffled({"deals": full()})["deals"]))


@pytest.mark.parametrize("name", WITH_DEALS)
def test_names_of_owners_do_not_matter(name):
    """Relabelled persons and companies give the same numbers: nothing hangs on a name."""
    rows = full()
    renamed = [row | {"owner_id": "Z" + row["owner_id"][::-1], "account_id": row["account_id"] + " AG"} for row in rows]
    assert_renamed(answer_case(name, "everything"), answer(name, renamed))


@pytest.mark.parametrize("name", WITH_DEALS)
def test_money_scales_and_nothing_else_does(name):
    thousandfold = [row | {"amount": row["amount"] * 1000} for row in full()]
    assert_scaled(answer_case(name, "everything"), answer(name, thousandfold), 1000)


SHOWN = {
    "win_rate": (tables.outcomes, tables.intervals, figures.standing),
    "win_rate_last_year": (tables.years,),
    "win_rate_by_quarter": (tables.quarters, figures.quarters),
    "win_rate_by_group": (tables.groups, tables.group_tests, figures.groups),
    "cycle": (tables.cycle_outcomes, tables.milestones, figures.cycle),
    "pipeline": (tables.pipeline_states, tables.pipeline_stages, figures.pipeline),
    "won_amount": (tables.won_years,),
    "velocity": (tables.velocity,),
    "fill_rates": (tables.fill_rates, figures.fill_rates),
    "opposite_groups": (tables.contrasts,),
}


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", SHOWN)
def test_everything_can_be_shown(name, case, language):
    result = answer_case(name, case)
    with use_language(language):
        for view in filter(None, (show(result) for show in SHOWN[name])):
            assert_shown(view, draw=language == "de")


def test_refused_results_show_nothing():
    for name, shows in SHOWN.items():
        result = answer_case(name, "nothing")
        for show in shows:
            assert show(result) is None, (name, show.__name__)


def test_a_title_claims_a_difference_only_where_the_test_does():
    """Noise: no title of quarters, groups or fields may assert anything."""
    rows = full(400, seed=8)
    quarters, groups = answer("win_rate_by_quarter", rows), answer("win_rate_by_group", rows)
    assert quarters.has_trend == ("rises" in figures.quarters(quarters).title or "falls" in figures.quarters(quarters).title)
    differs = bool(groups.tests["differs"].any())
    assert differs == figures.groups(groups).title.startswith("The win rate differs")


def test_every_question_is_had_by_name():
    assert all(getattr(data, name).SECTION for name in questions("data"))
    with pytest.raises(AttributeError, match="no question"):
        data.nothing  # noqa: B018
