"""Market and competitors on the demo company recover what was put in."""

import json
import math
from pathlib import Path

import pytest

from tests.analyses.market.chapter import run_chapter
from workbook.params import load_params
from workbook.sources import import_frames

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(not (ROOT / "data" / "demo" / "truth.json").exists(), reason="the demo company is not generated")


@pytest.fixture(scope="module")
def truth():
    return json.loads((ROOT / "data" / "demo" / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def chapters(tmp_path_factory):
    params = load_params(ROOT / "params" / "demo.yaml")
    frames = tmp_path_factory.mktemp("demo") / "frames"
    frames.mkdir()
    imported = (frames, import_frames(params, frames))
    patch = pytest.MonkeyPatch()
    yield {topic: run_chapter(topic, params, imported, patch) for topic in ("market", "competitors")}
    patch.undo()


@pytest.fixture(scope="module")
def heads(chapters):
    return {head.key: head for results, _, _ in chapters.values() for head in results.headlines}


def test_market_size(heads, truth):
    years = truth["clean_headlines"]["market_turnover_by_year_m_eur"]
    assert heads["market_size"].value == pytest.approx(years[max(years)] * 1e6, rel=1e-6)


def test_growth_of_every_segment_lies_in_its_range(heads, truth):
    """Put in on the log; shocks common to all years are noise to the trend."""
    for segment, rate in truth["put_in"]["market"]["growth_of_the_log_per_year"].items():
        head = heads[f'market_growth.segment="{segment}"']
        assert head.low <= math.expm1(rate) <= head.high, segment


def test_segments_that_gain_and_lose_are_told_apart(chapters, truth):
    told = " ".join(chapters["market"][1])
    rates = truth["put_in"]["market"]["growth_of_the_log_per_year"]
    assert "Faster than the market" in told
    assert max(rates, key=rates.get) in told.split("Faster than the market:")[1].split(";")[0]


def test_the_break_bends_the_measure_it_concerns_and_no_other(chapters):
    checks = {c.key: c.status for c in chapters["market"][0].checks}
    assert checks['definition_is_stable.measure="turnover"'] == "pass"
    assert checks['definition_is_stable.measure="establishments"'] == "review"


def test_the_stated_total_that_is_not_its_sum_is_found(chapters, truth):
    gap = truth["put_in"]["market"]["stated_total_below_sum"]
    reason = next(c.reason for c in chapters["market"][0].checks if c.key == 'stated_total_equals_the_sum_of_its_segments.measure="turnover"')
    assert str(gap["year"]) in reason and gap["region"] in reason


def test_rates_by_competitor_corrected_for_the_filling_hold_the_true_rate(heads, truth):
    """The field is filled with known probabilities by outcome: odds divided by their ratio give the rate over all deals.

    Six intervals of 95 %: five or more must hold (four or fewer happens once in thirty such sets).
    """
    filled = truth["put_in"]["missing"]["share_filled_by_status"]["competitor"]
    ratio = filled["won"] / filled["lost"]

    def whole(rate):
        return rate / (rate + (1 - rate) * ratio)

    names = list(truth["put_in"]["win"]["competitor"])
    held = [
        whole(heads[f'win_rate.competitor="{name}"'].low) <= truth["came_out"]["competitors"][name]["win_probability"] <= whole(heads[f'win_rate.competitor="{name}"'].high)
        for name in names
    ]
    assert sum(held) >= len(names) - 1


def test_the_filling_that_depends_on_the_outcome_is_noticed(chapters):
    checks = {c.key: c.status for c in chapters["competitors"][0].checks}
    assert checks["competitor_is_recorded_alike_on_won_and_lost_deals"] == "review"


def test_a_competitor_at_the_table_costs_wins(heads):
    assert heads['win_rate.competition="named"'].high < heads['win_rate.competition="none"'].low


def test_reasons_put_in_against_a_competitor_stand_out(chapters):
    told = next(text for text in chapters["competitors"][1] if "Share against the others" in text and "Lost deals" in text)
    for name, reason in (("Pendrix", "Price"), ("In-house build", "Built in-house"), ("Brennhagen Systeme", "Relationship"), ("Takemori Motion", "Function")):
        assert any(name in line and reason in line for line in told.splitlines()), name


def test_headline_keys_are_unique_over_both_chapters(chapters):
    keys = [head.key for results, _, _ in chapters.values() for head in results.headlines]
    assert len(keys) == len(set(keys))
