"""The data chapter on the demo company recovers what was put in: the headlines of the clean company, despite the dirt."""

import json
from pathlib import Path

import pytest

from tests.analyses.data.chapter import run_chapter
from workbook.params import load_params

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(not (ROOT / "data" / "demo" / "truth.json").exists(), reason="the demo company is not generated")


@pytest.fixture(scope="module")
def truth():
    return json.loads((ROOT / "data" / "demo" / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def chapter(tmp_path_factory):
    patch = pytest.MonkeyPatch()
    yield run_chapter(load_params(ROOT / "params" / "demo.yaml"), tmp_path_factory.mktemp("demo"), patch)
    patch.undo()


@pytest.fixture(scope="module")
def heads(chapter):
    return {head.key: head for head in chapter[0].headlines}


@pytest.mark.parametrize("key", ["win_rate", "win_rate_amount", "won_amount", "open_pipeline", "velocity"])
def test_headlines_of_the_clean_company(heads, truth, key):
    """Dirt that an import cannot mend (two dates ahead, four impossible durations) may move a mean in the third digit."""
    assert heads[key].value == pytest.approx(truth["clean_headlines"][key], rel=0.002)


def test_counts_are_exact(heads, truth):
    clean = truth["clean_headlines"]
    assert heads["win_rate"].n == clean["won_count"] + clean["lost_count"]
    assert heads["won_amount"].n == clean["won_count"] - clean["won_amount_missing_count"]
    assert heads["open_pipeline"].n == clean["open_count"] - clean["open_amount_missing_count"]


def test_stale_deals(heads, truth):
    head = heads['win_rate.stale_deals="counted as lost"']
    assert head.value == pytest.approx(truth["clean_headlines"]["win_rate_if_stale_lost"], abs=0.001)


@pytest.mark.parametrize("attribute", ["region", "segment", "business_type"])
def test_rates_by_group(heads, truth, attribute):
    for value, clean in truth["clean_headlines"]["win_rate_by"][attribute].items():
        head = heads[f'win_rate.{attribute}="{value}"']
        assert head.n == clean["decided"]
        assert head.value == pytest.approx(clean["win_rate"], abs=1e-5)
        assert head.low <= head.value <= head.high


def test_lines_are_accounted_for_as_they_were_written(chapter, truth):
    by_name = {file.name.removesuffix(".csv"): file for file in chapter[1].files if file.frame}
    for name, lines in truth["lines"].items():
        assert (by_name[name].kept, by_name[name].merged) == (lines["kept"], lines["merged"]), name


def test_the_last_year_stands_beside_the_year_before(heads):
    for key in ('win_rate.period="last 12 months"', 'won_amount.period="last 12 months"'):
        assert heads[key].prior is not None


def test_what_was_put_in_as_a_difference_is_found(chapter):
    """New business was made harder to win than expansion; that much must survive the control over all attributes."""
    told = {finding.question: finding.text for finding in chapter[0].findings}
    assert "New business or expansion" in told["win_rate_by_group"]
