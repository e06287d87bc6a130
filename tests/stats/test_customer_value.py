"""Gamma–Gamma, Pareto/NBD, many sBG at once, estimates on resamples: by hand, recovery, units, refusals."""

from __future__ import annotations

import numpy as np
import pytest

from workbook.stats.dropout import fit_pareto_nbd
from workbook.stats.errors import CannotEstimate
from workbook.stats.repeat_buying import fit_bg_nbd, orders_of_new, resampled_bg_nbd
from workbook.stats.retention import fit_hazards, fit_sbg, fit_sbg_counts, survival_of
from workbook.stats.spend_per_purchase import fit_gamma_gamma, mean_spend, resampled_gamma_gamma

from .test_customer_models import simulated_buyers


def simulated_spend(n: int = 3000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    count = rng.integers(1, 8, n)
    rate = rng.gamma(4.0, 1 / 300.0, n)
    return count, rng.gamma(6.0 * count, 1 / rate) / count


def test_gamma_gamma_finds_its_own_parameters_in_any_unit_and_order() -> None:
    count, mean = simulated_spend()
    one, two = fit_gamma_gamma(count, mean), fit_gamma_gamma(count[::-1], 1e-6 * mean[::-1])
    assert (one.p, one.q, one.v) == pytest.approx((6.0, 4.0, 300.0), rel=0.15)
    assert one.mean == pytest.approx(600.0, rel=0.03)
    assert (two.p, two.q, two.v * 1e6, two.mean * 1e6) == pytest.approx((one.p, one.q, one.v, one.mean), rel=1e-3)


def test_a_customer_seen_often_keeps_his_own_mean() -> None:
    count, mean = simulated_spend()
    fit = fit_gamma_gamma(count, mean)
    rare, often = fit.expected([1, 1000], [1200.0, 1200.0])
    assert fit.mean < rare < often
    assert often == pytest.approx(1200.0, rel=0.01)


@pytest.mark.parametrize(
    ("count", "mean", "reason"),
    [([], [], "no_observations"), ([1, 2], [1.0, -1.0], "not_positive"), ([1, 2], [5.0, 5.0], "no_variation"),
     ([1, 1], [5.0, 6.0], "no_events"), ([1, 2], [5.0, np.nan], "missing_values")],
)  # fmt: skip
def test_gamma_gamma_refuses(count: list[int], mean: list[float], reason: str) -> None:
    with pytest.raises(CannotEstimate) as refusal:
        fit_gamma_gamma(count, mean)
    assert refusal.value.reason_key == reason


def test_a_few_steps_on_a_resample_come_close_to_a_fresh_fit() -> None:
    x, last, age = simulated_buyers(600)
    fit, rng = fit_bg_nbd(x, last, age), np.random.default_rng(2)
    drawn = rng.multinomial(600, np.full(600, 1 / 600), 5).astype(float)
    quick = orders_of_new(resampled_bg_nbd(fit, (x, last, age), drawn), [40.0])[:, 0]
    for row, value in zip(drawn, quick, strict=True):
        again = np.repeat(np.arange(600), row.astype(int))
        fresh = fit_bg_nbd(x[again], last[again], age[again])
        theta = np.log([[fresh.r, fresh.alpha, fresh.a, fresh.b]])
        assert value == pytest.approx(orders_of_new(theta, [40.0])[0, 0], rel=0.01)
    count, mean = simulated_spend(600)
    spend = fit_gamma_gamma(count, mean)
    for row, value in zip(drawn, mean_spend(resampled_gamma_gamma(spend, count, mean, drawn)), strict=True):
        again = np.repeat(np.arange(600), row.astype(int))
        assert value == pytest.approx(fit_gamma_gamma(count[again], mean[again]).mean, rel=0.01)


def test_both_models_foretell_the_same_orders() -> None:
    x, last, age = simulated_buyers()
    one, other = fit_bg_nbd(x, last, age), fit_pareto_nbd(x[::-1], last[::-1], age)
    total = one.expected_orders(x, last, age, 10).sum()
    assert other.expected_orders(x[::-1], last[::-1], age, 10).sum() == pytest.approx(total, rel=0.1)
    theta = np.log([[one.r, one.alpha, one.a, one.b]])
    assert other.orders_of_new(40.0) == pytest.approx(orders_of_new(theta, [40.0])[0, 0], rel=0.1)
    assert x.mean() == pytest.approx(orders_of_new(theta, [40.0])[0, 0], rel=0.03)


def test_pareto_nbd_refuses() -> None:
    for given, reason in (([0, 0], "no_events"), ([], "no_observations")):
        with pytest.raises(CannotEstimate, match=reason):
            fit_pareto_nbd(given, [0.0] * len(given), [5.0] * len(given))


def test_leaving_and_staying_by_hand() -> None:
    """Of 100 customers 20 leave in year 1, of 40 still observed 4 in year 2: shares 0.2 and 0.1, so mean 0.2 and spread 1."""
    mean, spread = fit_hazards(np.array([[20.0, 4.0]]), np.array([[80.0, 36.0]]))
    assert (mean[0], spread[0]) == pytest.approx((0.2, 1.0), rel=1e-3)
    assert survival_of(mean, spread, 2)[0] == pytest.approx([1, 0.8, 0.72], abs=1e-3)


def test_one_cohort_is_a_case_of_customers_of_any_start() -> None:
    left = [100.0, 80.0, 70.0, 65.0]
    one, other = fit_sbg(left), fit_sbg_counts([20, 10, 5], [80, 70, 65], 100)
    assert (one.alpha, one.beta, one.log_likelihood) == (other.alpha, other.beta, other.log_likelihood)


def test_customers_all_alike_have_no_spread_and_none_lost_never_leave() -> None:
    mean, spread = fit_hazards(np.array([[10.0, 9.0, 8.1], [0.0, 0.0, 0.0]]), np.array([[90.0, 81.0, 72.9], [9.0, 9.0, 9.0]]))
    assert mean[0] == pytest.approx(0.1, rel=1e-3)
    assert spread[0] < 1e-3
    assert survival_of(mean, spread, 5)[1].tolist() == [1.0] * 6
