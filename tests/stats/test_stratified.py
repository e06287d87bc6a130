"""Simpson's paradox where it was published, a difference counted by hand, and a variance checked by simulation."""

import math

import numpy as np
import pytest

from workbook.stats.stratified import stratified_difference

# Charig et al. 1986, kidney stones: open surgery against percutaneous removal; small stones, large stones.
SURGERY, REMOVAL = ([81, 192], [87, 263]), ([234, 55], [270, 80])


def test_kidney_stones_reverse():
    result = stratified_difference(SURGERY, REMOVAL)
    assert result.crude == pytest.approx(0.78 - 0.8257, abs=1e-3)
    assert result.value > 0
    assert result.is_reversed


def test_by_hand():
    """Strata of equal size weigh alike: (0.5 − 0.25 + 0.75 − 0.5) / 2."""
    result = stratified_difference(([2, 3], [4, 4]), ([1, 2], [4, 4]))
    assert result.value == pytest.approx(0.25)
    assert not result.is_reversed


def test_one_stratum_is_the_plain_difference():
    result = stratified_difference(([30], [60]), ([20], [80]))
    assert result.value == pytest.approx(result.crude)
    plain = math.sqrt(0.5 * 0.5 / 60 + 0.25 * 0.75 / 80)
    assert (result.high - result.low) / 2 / 1.959964 == pytest.approx(plain, rel=0.02)


def test_interval_covers():
    rng = np.random.default_rng(4)
    n1, n0, p1, p0 = np.array([40, 25]), np.array([30, 60]), np.array([0.5, 0.3]), np.array([0.4, 0.2])
    hits = 0
    for _ in range(600):
        result = stratified_difference((rng.binomial(n1, p1), n1), (rng.binomial(n0, p0), n0))
        hits += result.low <= 0.1 <= result.high
    assert 0.92 <= hits / 600 <= 0.98


def test_clusters_widen_and_empty_strata_do_not_count():
    plain, wide = (
        stratified_difference(SURGERY, REMOVAL),
        stratified_difference(SURGERY, REMOVAL, design_effect=4.0),
    )
    assert wide.high - wide.low == pytest.approx(2 * (plain.high - plain.low))
    more = stratified_difference(([81, 192, 5], [87, 263, 9]), ([234, 55, 0], [270, 80, 0]))
    assert (more.value, more.strata) == (pytest.approx(plain.value), 2)
    assert stratified_difference(([1], [2]), ([0], [0])).reason == "no_observations"


def test_impossible_counts():
    with pytest.raises(ValueError, match="successes"):
        stratified_difference(([3], [2]), ([1], [2]))


def test_p_value_and_interval_agree():
    """The interval at 1 − p ends at zero."""
    found = stratified_difference(([30, 10], [50, 40]), ([20, 8], [50, 40]))
    edge = stratified_difference(([30, 10], [50, 40]), ([20, 8], [50, 40]), level=1 - found.p_value)
    assert edge.low == pytest.approx(0, abs=1e-12)
