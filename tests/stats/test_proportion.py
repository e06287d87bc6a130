"""Shares: counted by hand, degenerate, invariant, and honest when observations are clustered."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbook.stats.clusters import effective_clusters, interval_dof, linearised_variance, robust_variance
from workbook.stats.proportion import (
    clustered_proportion,
    design_effect,
    proportion,
    two_proportion_difference,
    wilson,
    wilson_bounds,
    with_design_effect,
)

SALVIRT_WON = [119, 9, 0, 2, 1, 6, 0, 1, 0, 16, 0, 9, 8, 2, 4, 1, 7, 42]
SALVIRT_CLOSED = [178, 11, 4, 2, 1, 9, 1, 1, 1, 65, 1, 17, 13, 2, 4, 3, 9, 126]


def counts(most: int = 40) -> st.SearchStrategy[list[tuple[int, int]]]:
    pair = st.integers(1, most).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
    return st.lists(pair, min_size=2, max_size=12)


def test_half_of_four_by_hand() -> None:
    span = wilson(2, 4)
    z = 1.959963984540054
    half = z * math.sqrt(0.25 / 4 + z**2 / 64) / (1 + z**2 / 4)
    assert (span.low, span.high) == pytest.approx((0.5 - half, 0.5 + half))


@pytest.mark.parametrize(("won", "n", "low", "high"), [(0, 5, 0.0, 0.4345), (5, 5, 0.5655, 1.0)])
def test_edges_are_exact(won: int, n: int, low: float, high: float) -> None:
    assert (wilson(won, n).low, wilson(won, n).high) == pytest.approx((low, high), abs=1e-4)


@pytest.mark.parametrize(("won", "n"), [(2, 1), (-1, 3), (math.nan, 3), (1, math.inf)])
def test_impossible_counts_are_refused(won: float, n: float) -> None:
    with pytest.raises(ValueError, match="counts"):
        wilson(won, n)


@pytest.mark.parametrize("level", [0, 1, 95])
def test_level_is_checked(level: float) -> None:
    with pytest.raises(ValueError, match="level"):
        wilson(1, 2, level)


def test_nothing_gives_nan_with_a_reason() -> None:
    nothing = proportion(0, 0)
    assert math.isnan(nothing.value)
    assert math.isnan(nothing.low)
    assert nothing.reason == "no_observations"
    assert clustered_proportion([], []).reason == "no_observations"
    assert np.isnan(wilson_bounds([0, 1], [0, 2])[0]).tolist() == [True, False]


def test_design_effect_by_hand() -> None:
    # two clusters of 2, one all won, one all lost: p = 1/2, residuals 1 and -1, 2/1 * 2 / 16 over 1/16
    assert design_effect([2, 0], [2, 2]) == pytest.approx(4.0)


def test_design_effect_by_seller_in_salvirt_is_about_fifteen() -> None:
    assert design_effect(SALVIRT_WON, SALVIRT_CLOSED) == pytest.approx(15.39, abs=0.01)


def test_salvirt_interval_is_several_times_wider_than_wilson() -> None:
    share = clustered_proportion(SALVIRT_WON, SALVIRT_CLOSED)
    assert share.method == "clustered_wilson"
    assert 3.5 < (share.high - share.low) / (share.wilson_high - share.wilson_low) < 7
    assert share.clusters == 18
    assert share.effective_clusters == pytest.approx(3.82, abs=0.01)


def test_equal_clusters_give_the_textbook_variance() -> None:
    won, size = np.array([3.0, 5, 6, 2]), np.full(4, 10.0)
    assert robust_variance(won, size) == pytest.approx(np.var(won / 10, ddof=1) / 4)
    assert linearised_variance(won, size) == pytest.approx(np.var(won / 10, ddof=1) / 4)
    assert (interval_dof(size), effective_clusters(size)) == pytest.approx((3.0, 4.0))


def test_clusters_that_do_not_matter_leave_wilson() -> None:
    share = clustered_proportion([5] * 20, [10] * 20)
    assert (share.method, share.low) == ("wilson", share.wilson_low)
    assert share.design_effect == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("won", "n", "reason", "few"),
    [
        ([3], [7], "one_cluster", True),
        ([4] * 12, [4] * 12, "no_variation", False),
        ([0, 0], [9, 2], "no_variation", True),
    ],
)
def test_degenerate_clusters_are_named(won: list[int], n: list[int], reason: str, few: bool) -> None:
    share = clustered_proportion(won, n)
    assert (share.reason, share.few_clusters) == (reason, few)
    assert 0 <= share.low <= share.value <= share.high <= 1


def test_all_won_in_few_clusters_is_wider_than_wilson() -> None:
    assert clustered_proportion([50, 50], [50, 50]).low < wilson(100, 100).low - 0.05


def test_widest_clustering_is_shown_and_all_design_effects_are_kept() -> None:
    by_owner, by_account = ([8, 0, 7, 1], [10, 10, 10, 10]), ([4] * 4, [10] * 4)
    share = proportion(16, 40, clusters={"account": by_account, "owner": by_owner})
    assert share.cluster_name == "owner"
    assert set(share.design_effects) == {"owner", "account"}
    assert share.few_clusters


def test_clusters_must_add_up() -> None:
    with pytest.raises(ValueError, match="owner"):
        proportion(3, 10, clusters={"owner": ([1, 1], [5, 5])})


@settings(max_examples=40, deadline=None)
@given(counts(), st.randoms(use_true_random=False))
def test_order_of_clusters_does_not_matter(pairs: list[tuple[int, int]], random: object) -> None:
    shuffled = sorted(pairs, key=lambda _: random.random())  # type: ignore[attr-defined]
    one = clustered_proportion(*zip(*pairs, strict=True))
    two = clustered_proportion(*zip(*shuffled, strict=True))
    assert (one.low, one.high) == pytest.approx((two.low, two.high), nan_ok=True)
    assert 0 <= one.low <= one.value <= one.high <= 1
    assert one.low <= one.wilson_low + 1e-12
    assert one.high >= one.wilson_high - 1e-12


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 60), st.integers(1, 60))
def test_success_and_failure_mirror_each_other(won: int, lost: int) -> None:
    one, two = wilson(won, won + lost), wilson(lost, won + lost)
    assert (one.low, one.high) == pytest.approx((1 - two.high, 1 - two.low))


def test_newcombe_difference_as_published() -> None:
    # Newcombe 1998, Stat. Med. 17:873, Table II, method 10: 56/70 - 48/80
    gap = two_proportion_difference(proportion(56, 70), proportion(48, 80))
    assert (gap.value, gap.low, gap.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)
    assert gap.p_value == pytest.approx(0.0080, abs=1e-4)


def test_difference_with_design_effects_is_wider_and_less_significant() -> None:
    plain = two_proportion_difference(proportion(56, 70), proportion(48, 80))
    wide = two_proportion_difference(
        with_design_effect(proportion(56, 70), 4.0, 15), with_design_effect(proportion(48, 80), 4.0, 15)
    )
    assert wide.method == "clustered_newcombe"
    assert wide.high - wide.low > 1.8 * (plain.high - plain.low)
    assert wide.p_value > 0.1


def test_difference_of_nothing_is_nan() -> None:
    gap = two_proportion_difference(proportion(0, 0), proportion(1, 2))
    assert math.isnan(gap.value)
    assert math.isnan(gap.p_value)
    assert gap.reason == "no_observations"


@pytest.mark.parametrize(
    ("sizes", "correlation"),
    [
        ([20] * 12, 0.0),
        ([20] * 12, 0.2),
        ([20] * 5, 0.2),
        (SALVIRT_CLOSED, 0.1),
        ([90, 40, 20, 10, 5, 5, 3, 1], 0.2),
    ],
    ids=["equal, independent", "equal", "five clusters", "salvirt sizes", "skewed"],
)
def test_interval_covers_the_truth_about_as_often_as_it_says(sizes: list[int], correlation: float) -> None:
    rng, truth, draws = np.random.default_rng(7), 0.35, 400
    n = np.array(sizes)
    a = truth * (1 - correlation) / correlation if correlation else None
    covered = plain = 0
    for _ in range(draws):
        rate = np.full(len(n), truth) if a is None else rng.beta(a, a * (1 - truth) / truth, len(n))
        share = clustered_proportion(rng.binomial(n, rate), n)
        covered += share.low <= truth <= share.high
        plain += share.wilson_low <= truth <= share.wilson_high
    assert covered / draws >= 0.91
    if correlation:
        assert plain / draws < 0.85, "the plain interval must be shown to fail here"
