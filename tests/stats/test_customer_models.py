"""sBG, BG/NBD, Bass, correspondence, Bradley-Terry: by hand, recovery, units, refusals."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from workbook.stats.correspondence import correspondence
from workbook.stats.diffusion import fit_bass
from workbook.stats.errors import CannotEstimate
from workbook.stats.paired_comparison import bradley_terry
from workbook.stats.repeat_buying import BgNbd, fit_bg_nbd
from workbook.stats.retention import Sbg, fit_sbg


def test_sbg_curve_is_the_one_in_the_kpi_contract() -> None:
    curve = Sbg(alpha=0.668, beta=3.806, log_likelihood=0, log_likelihood_per_customer=0, n=1, periods=1)
    assert curve.survival(4).tolist() == pytest.approx([1, 0.851, 0.747, 0.670, 0.610], abs=6e-4)


def test_sbg_finds_its_own_parameters_in_any_unit() -> None:
    true = Sbg(alpha=1.2, beta=5.0, log_likelihood=0, log_likelihood_per_customer=0, n=1, periods=1)
    for scale in (1.0, 10_000.0):
        fit = fit_sbg(scale * true.survival(9))
        assert (fit.alpha, fit.beta) == pytest.approx((1.2, 5.0), rel=1e-3)


@pytest.mark.parametrize(
    ("left", "reason"),
    [([10, 9], "too_few_observations"), ([10, 10, 10], "no_events"), ([10, 0, 0], "no_variation")],
)
def test_sbg_refuses(left: list[float], reason: str) -> None:
    with pytest.raises(CannotEstimate) as refusal:
        fit_sbg(left)
    assert refusal.value.reason_key == reason
    with pytest.raises(ValueError, match="rise"):
        fit_sbg([10, 8, 9])


def simulated_buyers(n: int = 1500) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(9)
    rate, stop = rng.gamma(0.8, 1 / 6.0, n), rng.beta(1.5, 3.0, n)
    frequency, recency = np.zeros(n), np.zeros(n)
    for i in range(n):
        now = 0.0
        while True:
            now += rng.exponential(1 / rate[i])
            if now > 40:
                break
            frequency[i], recency[i] = frequency[i] + 1, now
            if rng.random() < stop[i]:
                break
    return frequency, recency, np.full(n, 40.0)


def test_bg_nbd_predicts_and_ignores_the_unit_of_time() -> None:
    x, last, age = simulated_buyers()
    one, two = fit_bg_nbd(x, last, age), fit_bg_nbd(x[::-1], 7 * last[::-1], 7 * age)
    assert (one.r, one.alpha) == pytest.approx((0.8, 6.0), rel=0.25)
    assert (two.r, two.alpha / 7, two.a, two.b) == pytest.approx((one.r, one.alpha, one.a, one.b), rel=0.01)
    alive = one.probability_active(x, last, age)
    assert ((alive >= 0) & (alive <= 1)).all()
    assert (alive[x == 0] == 1).all()
    assert (one.expected_orders(x, last, age, 10) <= one.expected_orders(x, last, age, 20)).all()


def test_bg_nbd_refuses() -> None:
    with pytest.raises(CannotEstimate, match="no_events"):
        fit_bg_nbd([0, 0], [0, 0], [5, 6])
    with pytest.raises(CannotEstimate, match="no_observations"):
        fit_bg_nbd([], [], [])
    with pytest.raises(ValueError, match="recency"):
        fit_bg_nbd([1], [9], [5])
    assert isinstance(fit_bg_nbd([3, 1, 0], [4, 2, 0], [9, 8, 7]), BgNbd)


def test_bass_finds_its_own_parameters_in_any_unit() -> None:
    t = np.arange(1, 15)
    fading = np.exp(-0.42 * t)
    sales = 0.42**2 / 0.02 * fading / (1 + 20 * fading) ** 2
    for unit in (1.0, 1e6):
        fit = fit_bass(unit * sales)
        assert (fit.market / unit, fit.innovation, fit.imitation) == pytest.approx(
            (1.0, 0.02, 0.40), rel=1e-4
        )
        assert fit.sales(t) == pytest.approx(unit * sales, rel=1e-4)
    assert fit.peak_time == pytest.approx(math.log(20) / 0.42, rel=1e-4)


@pytest.mark.parametrize(
    ("sales", "reason"),
    [([1, 2, 3], "too_few_observations"), ([0] * 6, "not_positive"), ([1, 2, None, 3, 4], "missing_values")],
)
def test_bass_refuses(sales: list[float], reason: str) -> None:
    with pytest.raises(CannotEstimate) as refusal:
        fit_bass(sales)
    assert refusal.value.reason_key == reason


def test_inertia_is_chi_square_over_n_and_empty_rows_are_named() -> None:
    table = pd.DataFrame(
        [[10, 20, 5], [30, 5, 5], [0, 0, 0], [4, 8, 30]], index=list("abcd"), columns=list("xyz")
    )
    result = correspondence(table)
    counts = table.loc[["a", "b", "d"]].to_numpy(float)
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    assert result.inertia.sum() == pytest.approx(((counts - expected) ** 2 / expected).sum() / counts.sum())
    assert result.left_out == ("c",)
    assert correspondence(table.T).inertia == pytest.approx(result.inertia)
    with pytest.raises(CannotEstimate, match="no_variation"):
        correspondence(pd.DataFrame([[1, 2], [2, 4]]))
    with pytest.raises(CannotEstimate, match="no_observations"):
        correspondence(pd.DataFrame([[0, 0], [0, 0]]))


def test_two_players_by_hand() -> None:
    wins = pd.DataFrame([[9, 30], [10, 9]], index=["a", "b"], columns=["a", "b"])
    table = bradley_terry(wins, "b").set_index("name")
    assert table.loc["a", "ability"] == pytest.approx(math.log(3))
    assert table.loc["a", "standard_error"] == pytest.approx(math.sqrt(1 / 30 + 1 / 10))
    assert math.isnan(table.loc["b", "low"])
    flipped = bradley_terry(wins.loc[["b", "a"]], "a").set_index("name")
    assert flipped.loc["b", "ability"] == pytest.approx(-math.log(3))


def test_a_player_who_never_loses_has_no_finite_ability() -> None:
    with pytest.raises(CannotEstimate, match="separation"):
        bradley_terry(pd.DataFrame([[0, 5], [0, 0]], index=["a", "b"], columns=["a", "b"]), "a")
    with pytest.raises(KeyError):
        bradley_terry(pd.DataFrame([[0, 5], [1, 0]], index=["a", "b"], columns=["a", "b"]), "c")
