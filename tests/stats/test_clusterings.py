"""Partitions: by hand, invariant, against outside programs, and 'do not segment' where there is nothing."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from workbook.stats.clustering import adjusted_rand, by_size, gaussian_mixture, k_means, silhouette
from workbook.stats.errors import CannotEstimate
from workbook.stats.mixed_clustering import cluster_distances, cluster_mixed, famd_scores, gower_distance
from workbook.stats.segmentation import choose_segments


def blobs(seed: int = 0, per_group: int = 30, distance: float = 8.0) -> np.ndarray:
    centres = np.array([[0, 0], [distance, 0], [0, distance]])
    noise = np.random.default_rng(seed).normal(0, 1, (3 * per_group, 2))
    return np.repeat(centres, per_group, axis=0) + noise


def mixed(seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    group = np.repeat([0, 1], 40)
    return pd.DataFrame(
        {
            "size": rng.normal(10 * group, 1),
            "sector": np.where(group == 1, "trade", "industry"),
            "is_new": rng.random(80) < 0.5,
            "region": np.where(rng.random(80) < 0.85, group, 1 - group).astype(str),
        }
    )


def test_two_pairs_by_hand() -> None:
    result = k_means([[0.0], [2.0], [10.0], [12.0]], 2, seed=1, standardise=False)
    assert result.within_sum_squares == pytest.approx(4.0)
    assert result.between_share == pytest.approx(1 - 4 / 104)
    assert adjusted_rand(result.labels, ["a", "a", "b", "b"]) == 1.0


def test_labels_are_numbered_by_size_and_units_do_not_matter() -> None:
    table = blobs()
    one, two = k_means(table, 3, 1), k_means(table * [1, 1000], 3, 99)
    assert one.labels.tolist() == two.labels.tolist()
    assert by_size(["x", "y", "y", "x", "y"]).tolist() == [1, 0, 0, 1, 0]
    order = np.random.default_rng(2).permutation(len(table))
    assert adjusted_rand(k_means(table[order], 3, 1).labels, one.labels[order]) == 1.0


def test_degenerate_tables() -> None:
    with pytest.raises(CannotEstimate, match="too_few_observations"):
        k_means([[1.0], [1.0], [1.0]], 2, 1)
    with pytest.raises(CannotEstimate, match="missing_values"):
        k_means([[1.0], [math.nan]], 1, 1)
    assert math.isnan(silhouette([[1.0], [2.0]], [0, 0]))
    assert math.isnan(adjusted_rand([], []))
    assert k_means([[5.0, 1.0]], 1, 1).labels.tolist() == [0]


def test_mixture_prefers_the_true_number_in_any_unit() -> None:
    table = blobs(per_group=40)
    bic = {k: gaussian_mixture(table, k, 1, 3).bic for k in (1, 2, 3, 4)}
    assert min(bic, key=lambda k: bic[k]) == 3
    scaled = gaussian_mixture(table * 1000, 3, 1, 3).bic
    assert scaled == pytest.approx(bic[3] + 2 * 120 * 2 * math.log(1000), rel=1e-6)


def test_gower_by_hand() -> None:
    rows = pd.DataFrame({"x": [0.0, 5.0, 10.0], "c": ["a", "b", "a"], "m": [1.0, None, 3.0]})
    distance = gower_distance(rows)
    assert distance[0, 1] == pytest.approx((0.5 + 1) / 2)
    assert distance[0, 2] == pytest.approx((1 + 0 + 1) / 3)
    assert distance.diagonal().tolist() == [0, 0, 0]
    with pytest.raises(CannotEstimate):
        gower_distance(rows.head(0))


@pytest.mark.parametrize("linkage", ["average", "medoids"])
def test_mixed_groups_are_found_in_any_order(linkage: str) -> None:
    rows, truth = mixed(), np.repeat([0, 1], 40)
    result = cluster_distances(gower_distance(rows), 2, linkage)  # type: ignore[arg-type]
    assert adjusted_rand(result.labels, truth) > 0.65
    assert result.silhouette > 0.3
    shuffled = rows.sample(frac=1, random_state=1)
    again = cluster_distances(gower_distance(shuffled), 2, linkage)  # type: ignore[arg-type]
    assert adjusted_rand(again.labels, result.labels[shuffled.index]) == 1.0


def test_famd_agrees_with_prince_and_finds_the_groups() -> None:
    import prince

    rows = mixed().assign(is_new=lambda f: f["is_new"].map(str))
    other = np.asarray(prince.FAMD(n_components=2).fit(rows).row_coordinates(rows))
    mine = famd_scores(rows, 2)
    for axis in range(2):
        assert abs(np.corrcoef(mine[:, axis], other[:, axis])[0, 1]) > 0.999
    assert adjusted_rand(cluster_mixed(rows, 2, 1).labels, np.repeat([0, 1], 40)) > 0.9
    with pytest.raises(CannotEstimate, match="missing_values"):
        famd_scores(rows.assign(x=None))


def test_clear_groups_are_chosen() -> None:
    result = choose_segments(blobs(), [2, 3, 4], seed=1, resamples=20)
    assert (result.k, result.is_segmented, result.reason) == (3, True, None)
    assert (result.candidates["jaccard"] <= 1).all()
    again = choose_segments(blobs(), [2, 3, 4], seed=1, resamples=20)
    assert again.candidates.equals(result.candidates)


@pytest.mark.parametrize("seed", range(4))
def test_no_groups_are_invented(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cloud = rng.multivariate_normal([0, 0, 0], [[1, 0.6, 0], [0.6, 1, 0], [0, 0, 1]], 120)
    result = choose_segments(cloud, [2, 3, 4], seed=1, resamples=20)
    assert (result.k, result.is_segmented) == (1, False)
    assert result.reason in {"not_stable", "no_structure"}
    assert set(result.clusters.labels) == {0}


@pytest.mark.parametrize(("rows", "reason"), [([], "too_few_observations"), ([[1.0]] * 30, "no_variation")])
def test_segmentation_degenerate(rows: list[list[float]], reason: str) -> None:
    assert choose_segments(rows, [2], seed=1).reason == reason
