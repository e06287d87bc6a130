"""The judge itself: an interval that holds its word passes, one that is too narrow or too wide fails, and the page is stable."""

import numpy as np
import pytest

from tests.simulation import proof_page
from tests.simulation.trial import Coverage, FalseAlarm, stream
from tests.simulation.verdict import Measured, band, judge, monte_carlo


def _mean_of(width):
    def draw(rng):
        found = rng.normal(0, 1)
        return 0.0, found - width, found + width

    return Coverage(name="data.example", layout="one normal deviate", draw=draw)


def _hits(trial, n=2000):
    return np.array([trial.hit(trial.draw(stream(trial.name, i))) for i in range(n)])


@pytest.mark.parametrize(("width", "verdict"), [(1.96, "holds"), (1.7, "too low"), (2.5, "too high")])
def test_an_interval_is_judged_by_what_it_holds(width, verdict):
    trial = _mean_of(width)
    assert judge(trial, _hits(trial)).verdict == verdict


@pytest.mark.parametrize(("scale", "cautious", "verdict"), [(1, "", "holds"), (0.5, "", "too high"), (4, "", "too low"), (4, "few cases", "cautious")])
def test_a_test_is_judged_by_its_alarms(scale, cautious, verdict):
    trial = FalseAlarm(name="data.example", layout="uniform", draw=lambda rng: scale * rng.uniform(), cautious=cautious)
    line = judge(trial, _hits(trial))
    assert line.verdict == verdict
    assert line.holds == (verdict in ("holds", "cautious"))


def test_the_band_scales_with_the_level():
    assert band(0.95) == pytest.approx((0.93, 0.97))
    assert band(0.05) == pytest.approx((0.03, 0.07))
    assert band(0.80) == pytest.approx((0.72, 0.88))


def test_monte_carlo_interval_is_the_exact_one():
    """Clopper and Pearson 1934 at 99 %: 0 of 10 ends at 1 − 0.005^(1/10)."""
    assert monte_carlo(np.zeros(10)) == pytest.approx((0, 1 - 0.005**0.1))
    low, high = monte_carlo(np.r_[np.ones(1900), np.zeros(100)])
    assert (low, high) == pytest.approx((0.936, 0.962), abs=0.001)


def test_an_end_that_is_no_number_holds_nothing():
    trial = _mean_of(1.0)
    assert trial.hit((0.0, np.nan, 1.0)) == 0
    assert trial.hit((np.zeros(4), np.array([-1, -1, 1, np.nan]), np.full(4, 2.0))) == 0.5


def test_a_method_that_refuses_most_proves_nothing():
    trial = _mean_of(1.96)
    assert judge(trial, np.r_[np.ones(40), np.full(60, np.nan)]).verdict == "refuses too often"
    assert judge(trial, np.full(10, np.nan)).rate is None


def test_the_page_is_written_and_read_again(tmp_path):
    trial = _mean_of(1.96)
    lines = [judge(trial, _hits(trial, 200)), judge(Coverage(name="market.a", layout="b | c", draw=trial.draw), _hits(trial, 200))]
    proof_page.write_proof(lines, tmp_path)
    first = [(tmp_path / name).read_bytes() for name in ("proof.md", "proof.json")]
    read = proof_page.load_proof(tmp_path)
    assert list(read.values()) == lines and all(isinstance(line, Measured) for line in read.values())
    proof_page.write_proof(reversed(list(read.values())), tmp_path)
    assert [(tmp_path / name).read_bytes() for name in ("proof.md", "proof.json")] == first
    assert proof_page.load_proof(tmp_path / "nowhere") == {}


def test_the_committed_page_is_made_of_the_committed_data(tmp_path):
    proof_page.write_proof(proof_page.load_proof().values(), tmp_path)
    for name in ("proof.md", "proof.json"):
        assert (tmp_path / name).read_bytes() == (proof_page.DOCS / name).read_bytes()
