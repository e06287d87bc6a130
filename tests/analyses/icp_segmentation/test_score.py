"""Scores of leads and deals: counted by hand, leaks found, nobody scored by a person, nothing silly at the edges."""

from datetime import datetime, timedelta
from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from tests.analyses.data.frames import AS_OF, ask, frame
from workbook.analyses import icp_segmentation as icp
from workbook.text import render, use_language

START = datetime(2023, 1, 1)
ACCOUNT, OWNER = np.random.default_rng(1).integers(150, size=3000), np.random.default_rng(2).integers(20, size=3000)
OWN = {"budget": pa.string(), "budget_at": pa.timestamp("us"), "landing": pa.string(), "desk": pa.string()}


def deal(i, source, status, **more):
    created = (START + timedelta(days=i)).date()
    return {"opportunity_id": f"O{i:04d}", "status": status, "source": source, "created_on": created, "closed_on": created + timedelta(days=20),
            "region": "NS"[i % 2], "account_id": f"A{ACCOUNT[i % 3000]}", "owner_id": f"P{OWNER[i % 3000]}", **more}  # fmt: skip


def won_at(i, rates=(0.6, 0.2)):
    """Fair wins 60 of 100, Web 20 of 100, in every stretch of time."""
    return "won" if (i // 2 * 7) % 10 < rates[i % 2] * 10 else "lost"


def history(n=900, rates=(0.6, 0.2), **more):
    return [deal(i, ("Fair", "Web")[i % 2], won_at(i, rates), region="N", **{k: v(i) for k, v in more.items()}) for i in range(n)]


def ask_fit(rows, accounts=(), **settings):
    return ask(icp.fit_score, frame("opportunities", list(rows), **OWN), frame("accounts", list(accounts)), **settings)


def ask_lead(rows, accounts=(), **settings):
    return ask(icp.lead_score, frame("leads", list(rows), **OWN), frame("opportunities", []), frame("accounts", list(accounts)), **settings)


def lead(i, is_hit, **more):
    created = START + timedelta(days=i % 900)
    return {"lead_id": f"L{i:04d}", "created_at": created, "customer_at": created + timedelta(days=30) if is_hit else None, **more}


def test_two_sources_by_hand():
    """Later deals: half Fair at 60 %, half Web at 20 %; AUC = P(success from Fair) P(failure from Web) + ties halved."""
    result = ask_fit(history(), firm_fields_min=1)
    assert result.chosen.used == ("source",)
    later = result.validation.bands.set_index("band")
    assert later.loc["A", "rate"] == pytest.approx(0.6, abs=0.02)
    assert later["rate"].iloc[-1] == pytest.approx(0.2, abs=0.02)
    assert result.headline('score_auc.score="deal"').value == pytest.approx(0.75 * 2 / 3 + (0.75 / 3 + 0.25 * 2 / 3) / 2, abs=0.01)
    points = result.card.points.set_index("value")["points"]
    assert points["Fair"] - points["Web"] == pytest.approx(20 * np.log2(1.5 / 0.25), abs=3)
    assert result.is_validated
    assert [a.watch_kpi for a in result.actions] == ["win_rate"]
    assert result.validation.bands["hits"].sum() == result.validation.auc.events


def test_the_card_is_fitted_on_earlier_deals_only():
    result = ask_fit(history())
    assert result.card.points.groupby("field")["n"].sum().max() + result.validation.auc.n == 900
    assert result.tested_from > START.date()


def test_a_source_that_no_longer_works_is_found_out():
    rows = [*history(600), *(deal(i, ("Fair", "Web")[i % 2], won_at(i + 1, (0.2, 0.2)), region="N") for i in range(600, 900))]
    result = ask_fit(rows)
    assert not result.is_better_than_chance
    assert not result.actions
    assert result.no_action is not None


def test_a_card_that_gives_all_the_same_points_is_no_score():
    """Fair and Web win alike: nothing is ranked, and an AUC of 0.50 with the range 0.50 to 0.50 would look like a sure finding."""
    result = ask_fit(history(rates=(0.4, 0.4)), firm_fields_min=1)
    assert "gives all deals the same points" in render(result.refused)
    assert result.headlines == ()


@pytest.mark.parametrize(("asked", "status"), [((), "review"), (("budget", "source"), "fail")])
def test_a_value_entered_after_creation_is_a_leak(asked, status):
    rows = history(budget=lambda i: "high" if won_at(i) == "won" else "low", budget_at=lambda i: START + timedelta(days=i + 10))
    result = ask_fit(rows, fields=asked, firm_fields_min=3)
    assert "budget" not in result.chosen.used
    assert bool(result.chosen.table.set_index("field").loc["budget", "is_leak"])
    assert result.checks[0].status == status


def test_a_value_entered_at_creation_with_proof_is_used_and_validated():
    rows = history(budget=lambda i: "high" if (i // 2) % 3 else "low", budget_at=lambda i: START + timedelta(days=i))
    result = ask_fit(rows)
    assert "budget" in result.chosen.used
    assert result.chosen.undated == ()


def test_a_field_without_history_makes_the_score_unvalidated():
    result = ask_fit(history(budget=lambda i: "high" if (i // 2) % 3 else "low"))
    assert result.chosen.undated == ("budget",)
    assert not result.is_validated
    assert result.checks[0].status == "review"
    assert not result.actions
    assert ask_fit(history(budget=lambda i: "high" if (i // 2) % 3 else "low"), firm_fields_min=1).chosen.undated == ()


def test_what_gives_the_outcome_away_is_left_out():
    told = ask_fit(history(budget=lambda i: won_at(i)))
    filled = ask_fit(history(budget=lambda i: "xy"[(i // 2) % 2] if won_at(i) == "won" or i % 5 == 0 else None))
    for result in (told, filled):
        assert bool(result.chosen.table.set_index("field").loc["budget", "is_leak"])
        assert "budget" not in result.chosen.used


def test_accounts_known_only_of_customers_do_not_score_leads():
    leads = [lead(i, i % 4 == 0, source="Fair" if i % 3 else "Web", account_id=f"A{i % 50}" if i % 4 == 0 else None) for i in range(1200)]
    result = ask_lead(leads, [{"account_id": f"A{k}", "industry": "XY"[k % 2]} for k in range(50)])
    assert result.chosen.table.set_index("field").loc["account__industry", "is_leak"]
    assert result.chosen.used == ("source",)


def test_people_are_never_part_of_a_score():
    result = ask_fit(history(desk=lambda i: f"P{OWNER[i]}"), firm_fields_min=3)
    assert not result.chosen.table.set_index("field").loc[["desk", "owner_id"], "is_used"].any()


def test_without_dates_or_enough_later_successes_it_is_untested():
    undated = ask_fit([row | {"created_on": None, "closed_on": None} for row in history()])
    few = ask_fit(history(110))
    for result in (undated, few):
        assert result.card is not None
        assert result.validation is None
        assert not result.is_validated
        assert result.no_action is not None


def test_young_deals_are_not_judged():
    recent = [deal(i, "Web", "won", created_on=AS_OF - timedelta(days=5), closed_on=AS_OF) for i in range(2000, 2200)]
    assert ask_fit([*history(), *recent]).validation.auc.n == ask_fit(history()).validation.auc.n


CASES = {
    "nothing": [],
    "one": history(1),
    "two": history(2),
    "all won": [row | {"status": "won"} for row in history()],
    "all lost": [row | {"status": "lost"} for row in history()],
    "one of everything": [row | {"source": f"S{i}", "account_id": f"A{i}"} for i, row in enumerate(history())],
    "constant": [row | {"source": "Web"} for row in history()],
    "one day": [row | {"created_on": START.date()} for row in history()],
    "one owner and account": [row | {"owner_id": "P", "account_id": "A"} for row in history()],
    "a year's gap": [row | {"created_on": row["created_on"] + timedelta(days=365 if i > 450 else 0)} for i, row in enumerate(history())],
    "hostile": [row | {"source": ["<script>{x}</script>", "{name}"][i % 2]} for i, row in enumerate(history())],
    "everything": history(),
}  # fmt: skip


@cache
def answered(case):
    leads = [lead(i, row["status"] == "won", source=row["source"], owner_id=row["owner_id"]) for i, row in enumerate(CASES[case])]
    return ask_fit(CASES[case]), ask_lead(leads)


@pytest.mark.parametrize("case", CASES)
def test_never_silly(case):
    for result in answered(case):
        assert result.refused is not None or (result.finding is not None and result.brief is not None)
        assert result.refused is not None or result.actions or result.no_action is not None
        for head in result.headlines:
            assert 0 <= head.low <= head.value <= head.high <= 1
        for text in (result.finding, result.brief, result.refused, result.no_action, *result.limits, *(c.reason for c in result.checks)):
            assert text is None or "nan" not in render(text).lower().split()


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("case", ["nothing", "everything", "hostile", "one day"])
def test_everything_can_be_shown(case, language):
    with use_language(language):
        for result in answered(case):
            views = [show(result) for show in (icp.tables.scorecard, icp.tables.score_bands, icp.tables.score_fields)]
            for view in filter(None, views):
                assert "<script>" not in view.html()
            for chart in filter(None, (icp.figures.score_bands(result), icp.figures.score_calibration(result))):
                assert chart.title and chart.alt
                chart.figure.draw_without_rendering()


def test_order_and_names_do_not_matter():
    rows = history()
    swapped = [row | {"source": {"Fair": "Zoo", "Web": "Ant"}[row["source"]], "owner_id": "Z" + row["owner_id"]} for row in rows[::-1]]
    first, second = ask_fit(rows), ask_fit(swapped)
    assert [(h.key, h.n) for h in first.headlines] == [(h.key, h.n) for h in second.headlines]
    for one, other in zip(first.headlines, second.headlines, strict=True):
        assert (other.value, other.low, other.high) == pytest.approx((one.value, one.low, one.high), abs=1e-9)
