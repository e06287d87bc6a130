"""The market chapter on a region's published figures, through the real import. Skipped only where the data are absent."""

import os
from pathlib import Path

import pytest

from tests.analyses.market.chapter import run_chapter
from workbook.params import load_params
from workbook.sources import import_frames

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("WORKBOOK_SHARED", ROOT.parent / "shared")) / "data" / "konstanz_cc0"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the public data sets are not on this machine")


@pytest.fixture(scope="module")
def chapter(tmp_path_factory):
    params = load_params(ROOT / "params" / "konstanz.yaml", data=FOLDER)
    frames = tmp_path_factory.mktemp("konstanz") / "frames"
    frames.mkdir()
    record = import_frames(params, frames)
    patch = pytest.MonkeyPatch()
    yield run_chapter("market", params, (frames, record), patch)
    patch.undo()


@pytest.fixture(scope="module")
def heads(chapter):
    return {head.key: head for head in chapter[0].headlines}


def test_nineteen_years_of_turnover_in_euros(heads):
    size = heads["market_size"]
    assert (size.value, size.unit, size.currency) == (pytest.approx(6_646_650_000), "money", "EUR")
    assert size.prior == pytest.approx(6_466_420_000)
    assert heads["market_growth"].n == 19
    compound = heads['market_growth.cagr="2006-2024"']
    assert compound.value == pytest.approx((6646.65 / 3623.2) ** (1 / 18) - 1)
    assert compound.low < compound.value < compound.high


def test_the_note_on_employees_stands_beside_turnover_and_does_not_break_it(chapter, heads):
    checks = {check.key: check for check in chapter[0].checks}
    assert checks['definition_is_stable.measure="turnover"'].status == "pass"
    assert any("2024" in text and "employees" in text and "turnover is not broken" in text for text in chapter[1])
    assert heads['market_size.forecast="2025"'].n == 19  # a break in 2024 would leave one year and refuse


def test_sectors_of_2023_beside_the_stated_total(chapter):
    check = next(c for c in chapter[0].checks if c.key == 'stated_total_equals_the_sum_of_its_segments.measure="establishments"')
    assert check.status == "review"
    assert "2023" in check.reason and "4,689" in check.reason and "4,496" in check.reason


def test_the_forecast_shows_its_error_and_its_coverage(chapter, heads):
    checks = {check.key: check for check in chapter[0].checks}
    assert "earlier intervals held" in checks["forecast_intervals_held_on_the_past"].reason
    ahead = heads['market_size.forecast="2026"']
    assert ahead.low < ahead.value < ahead.high and ahead.level == 0.8


def test_sections_without_data_are_left_out_and_the_chapter_closes(chapter):
    assert len(chapter[2]) == 3  # own share, concentration and Ansoff need deals or competitors
    assert not any("NaN" in text or "nan%" in text for text in chapter[1])
