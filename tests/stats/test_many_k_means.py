"""k-means of many tables at once against scikit-learn's, and silhouettes of many partitions against its."""

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score

from workbook.stats.many_k_means import euclidean, many_k_means, silhouettes


def blobs(rng: np.random.Generator, per_group: int = 30) -> np.ndarray:
    centres = np.array([[0, 0], [8, 0], [0, 8]])
    return np.vstack([centre + rng.normal(size=(per_group, 2)) for centre in centres])


def test_every_table_is_partitioned_as_scikit_learn_does() -> None:
    rng = np.random.default_rng(1)
    tables = np.stack([blobs(rng) for _ in range(4)])
    labels = many_k_means(tables, np.ones(tables.shape[:2]), 3, rng)
    for table, found in zip(tables, labels, strict=True):
        assert adjusted_rand_score(KMeans(3, n_init=10, random_state=1).fit(table).labels_, found) == 1.0


def test_rows_of_weight_zero_take_no_part() -> None:
    """Four points by hand: without the far one, the two groups are {0, 1} and {10}; with it, {0, 1, 10} and {1000}."""
    table = np.array([[[0.0], [1.0], [10.0], [1000.0]]])
    rng = np.random.default_rng(2)
    without = many_k_means(table, np.array([[1.0, 1.0, 1.0, 0.0]]), 2, rng, 5)[0]
    everyone = many_k_means(table, np.ones((1, 4)), 2, rng, 5)[0]
    assert without[0] == without[1] != without[2] == without[3]
    assert everyone[0] == everyone[1] == everyone[2] != everyone[3]


def test_silhouettes_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(3)
    table = blobs(rng)
    partitions = np.vstack([rng.integers(4, size=len(table)), np.repeat([0, 1, 3], 30), np.zeros(len(table), dtype=int)])
    found = silhouettes(euclidean(table), partitions, 4)
    assert found[:2] == pytest.approx([silhouette_score(table, labels) for labels in partitions[:2]])
    assert np.isnan(found[2])
