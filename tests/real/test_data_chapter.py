"""The data chapter on public data sets: known facts come out of the real import. Skipped only where the data are absent."""

import os
from functools import cache
from pathlib import Path

import pytest

from tests.analyses.data.chapter import run_chapter
from workbook.params import load_params

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("WORKBOOK_SHARED", ROOT.parent / "shared")) / "data"
FOLDERS = {"maven_crm": "maven_crm", "salvirt_b2b": "salvirt_b2b", "olist_funnel": "olist_funnel", "konstanz": "konstanz_cc0"}

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the public data sets are not on this machine")


@pytest.fixture(scope="module")
def chapters(tmp_path_factory):
    patch = pytest.MonkeyPatch()

    @cache
    def run(name):
        params = load_params(ROOT / "params" / f"{name}.yaml", data=SHARED / FOLDERS[name])
        return run_chapter(params, tmp_path_factory.mktemp(name), patch)

    yield run
    patch.undo()


def by_key(items):
    return {item.key: item for item in items}


def findings(results):
    return {finding.question: finding for finding in results.findings}


@pytest.mark.parametrize("name", FOLDERS)
def test_the_chapter_is_written_whatever_the_data_hold(chapters, name):
    results, record, shown = chapters(name)
    assert shown
    assert by_key(results.checks)["every_line_is_accounted_for"].status == "pass"
    accounted = sum(record.total(part) for part in ("kept", "merged", "rejected", "not_data"))
    assert accounted == record.total("lines_read") > 0
    assert not any("NaN" in text or "nan%" in text for text in shown)


def test_maven_win_rate(chapters):
    results, _, _ = chapters("maven_crm")
    heads = by_key(results.headlines)
    assert heads["win_rate"].value == pytest.approx(4238 / 6711)
    assert heads["win_rate"].n == 6711
    assert heads["win_rate"].low == pytest.approx(0.6199, abs=0.003)
    assert heads["win_rate"].high == pytest.approx(0.6430, abs=0.003)
    cautious = heads['win_rate.stale_deals="counted as lost"']
    assert cautious.value == pytest.approx(0.530, abs=0.0005)
    assert cautious.n == 6711 + 1291
    stale = by_key(results.checks)["win_rate_is_not_flattered_by_stale_deals"]
    assert stale.status == "review"
    assert "1,291 of the 1,589" in stale.reason


def test_maven_money(chapters):
    heads = by_key(chapters("maven_crm")[0].headlines)
    assert (heads["won_amount"].value, heads["won_amount"].currency, heads["won_amount"].n) == (10_005_534, "USD", 4238)
    assert heads["open_pipeline"].value is None
    assert "carries an amount" in heads["open_pipeline"].reason
    assert heads["win_rate_amount"].value is None
    mean_cycle, mean_amount = 51.781973, 10_005_534 / 4238
    assert heads["velocity"].value == pytest.approx(2089 * 4238 / 6711 * mean_amount / mean_cycle, rel=1e-6)


def test_maven_first_quarter_is_the_beginning_of_the_data(chapters):
    results, _, shown = chapters("maven_crm")
    assert "trend" in findings(results)["win_rate_by_quarter"].text
    assert any("82.1% of Q1 2017 is the beginning of the data" in text for text in shown)
    assert by_key(results.checks)["early_quarters_are_left_out_of_trends"].reason.startswith("1 quarter begins")


def test_maven_clusters_hardly_matter(chapters):
    reason = by_key(chapters("maven_crm")[0].checks)["win_rate_interval_respects_clusters"].reason
    assert "by owner 1.1, by account 0.8" in reason


def test_maven_shows_products_under_their_table_name(chapters):
    heads = by_key(chapters("maven_crm")[0].headlines)
    assert heads['win_rate.product="GTX Pro"'].n == 1147
    assert 'win_rate.product="GTXPro"' not in heads


def test_salvirt_counts_and_design_effect(chapters):
    results, _, _ = chapters("salvirt_b2b")
    head = by_key(results.headlines)["win_rate"]
    assert (head.value, head.n) == (pytest.approx(227 / 448), 448)
    assert head.high - head.low > 3 * (0.5527 - 0.4605)
    assert "by owner 15" in by_key(results.checks)["win_rate_interval_respects_clusters"].reason


def test_salvirt_budget_is_missing_by_outcome(chapters):
    results, _, _ = chapters("salvirt_b2b")
    checks = by_key(results.checks)
    assert "5 won and 31 lost" in checks["missing_values_do_not_follow_the_outcome.budget"].reason
    assert checks["filled_alike_for_won_and_lost.budget"].status == "review"
    heads = by_key(results.headlines)
    assert heads['win_rate.budget="Yes"'].n + heads['win_rate.budget="No"'].n == 448 - 36
    assert not any("unknown" in key.lower() for key in heads if key.startswith("win_rate.budget"))
    for attribute, value in (("authority", "Mid"), ("need", "Yes")):
        head = heads[f'win_rate.{attribute}="{value}"']
        assert head.low < head.value < head.high


def test_salvirt_refuses_what_needs_dates_or_amounts(chapters):
    told = findings(chapters("salvirt_b2b")[0])
    refused = {name for name, finding in told.items() if finding.refused}
    assert {"cycle", "win_rate_by_quarter", "win_rate_last_year", "won_amount", "velocity", "win_rate_by_amount"} <= refused
    assert not {"win_rate", "win_rate_by_group", "fill_rates", "accounting"} & refused


def test_olist_has_won_deals_alone_and_no_win_rate(chapters):
    heads = by_key(chapters("olist_funnel")[0].headlines)
    assert heads["win_rate"].value is None
    assert "leaves out the lost" in heads["win_rate"].reason
    assert not any(key.startswith("win_rate.") for key in heads)


def test_konstanz_has_one_market_table_and_still_a_chapter(chapters):
    results, _, shown = chapters("konstanz")
    assert results.headlines == []
    assert {f.question for f in results.findings} == {"accounting", "freshness", "joins"}
    assert any("Where every line went" in text for text in shown)


def test_persons_are_never_named(chapters):
    """No salesperson of the file appears in any text that the chapter shows."""
    import pandas as pd

    people = set(pd.read_csv(SHARED / "maven_crm" / "sales_teams.csv")["sales_agent"])
    _, _, shown = chapters("maven_crm")
    assert not {name for name in people if any(name in text for text in shown)}
