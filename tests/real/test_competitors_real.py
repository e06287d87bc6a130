"""Market and competitors on real deals that name no competitor: both chapters close, say why, and invent nothing."""

import os
from functools import cache
from pathlib import Path

import pytest

from tests.analyses.market.chapter import run_chapter
from workbook.params import load_params
from workbook.sources import import_frames

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("WORKBOOK_SHARED", ROOT.parent / "shared")) / "data"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the public data sets are not on this machine")


@pytest.fixture(scope="module")
def chapters(tmp_path_factory):
    patch = pytest.MonkeyPatch()

    @cache
    def imported(name):
        params = load_params(ROOT / "params" / f"{name}.yaml", data=SHARED / name)
        frames = tmp_path_factory.mktemp(name) / "frames"
        frames.mkdir()
        return params, (frames, import_frames(params, frames))

    @cache
    def run(topic, name):
        return run_chapter(topic, *imported(name), patch)

    yield run
    patch.undo()


@pytest.mark.parametrize("name", ["maven_crm", "salvirt_b2b", "olist_funnel"])
@pytest.mark.parametrize("topic", ["market", "competitors"])
def test_the_chapter_closes_without_inventing(chapters, topic, name):
    results, shown, left_out = chapters(topic, name)
    assert shown and left_out
    assert not any("NaN" in text or "nan%" in text for text in shown)
    assert not [h for h in results.headlines if h.key.startswith(("hhi", "market_size", "win_rate.competitor"))]


def test_a_swot_without_competitors_says_so(chapters):
    results, _, _ = chapters("competitors", "salvirt_b2b")
    told = {finding.question: finding for finding in results.findings}
    assert told["swot"].refused


def test_maven_customers_are_many(chapters):
    results, _, _ = chapters("market", "maven_crm")
    check = next(c for c in results.checks if c.key == "revenue_does_not_hang_on_few_customers")
    assert check.status == "pass" and "3.4%" in check.reason  # Kan-code, 341,455 of 10,005,534
