"""Group companies by what they are, three ways, and see whether the ways agree. Pure.

Factor analysis of mixed data with k-means decides; latent classes (a model) and Gower distances with medoids (PAM) check it. All
see a seeded sample of at most `sample_max` companies, since distances grow with the square of their number; the others join
the nearest group.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from workbook.analyses.icp_segmentation.segment_features import NOT_STATED, Features, shuffled
from workbook.stats.arrays import FloatArray, IntArray
from workbook.stats.clustering import Clusters, adjusted_rand
from workbook.stats.latent_class import latent_classes
from workbook.stats.mixed_clustering import cluster_distances, famd_scores, gower_distance
from workbook.stats.segmentation import REFERENCES, Segmentation, choose_segments, without_standardising

AXES = 5
STARTS = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grouping:
    """found: the decision. labels: group of each company, in the order of the rows given, largest group 0. sampled: companies
    the number of groups was chosen on. methods: one row per method × number of groups next to the one accepted: method, k,
    silhouette (in the method's own distances; none for latent classes), bic (latent classes only), agreement (adjusted Rand with
    the groups of the factor analysis at that number).
    """

    found: Segmentation
    labels: IntArray
    sampled: int
    methods: pd.DataFrame


def group(table: Features, ks: range, *, seed: int, sample_max: int, resamples: int) -> Grouping:
    """Choose the groups on a sample of companies and let the others join the nearest one. Order of rows does not matter."""
    import sklearn.cluster  # noqa: F401  the limit below reaches only libraries already loaded
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    order = np.lexsort([pd.factorize(table.rows[name], sort=True)[0] for name in reversed(table.rows.columns)])
    ordered = replace(table, rows=table.rows.iloc[order].reset_index(drop=True))
    rng = np.random.default_rng(seed)
    drawn = np.arange(len(order))
    if len(order) > sample_max:
        drawn = np.sort(rng.choice(len(order), sample_max, replace=False))
    sample = replace(ordered, rows=ordered.rows.iloc[drawn].reset_index(drop=True))
    with threadpool_limits(1):  # threads cost more than they bring on small tables, and sums would depend on their number
        scores = famd_scores(ordered.rows, AXES)
        mixed = (shuffled(sample, AXES, REFERENCES, rng),)
        found = choose_segments(scores[drawn], ks, seed, without_standardising, resamples=resamples, without_groups=mixed)
        methods = _methods(sample, found, seed)
    labels = np.zeros(len(order), dtype=np.int64)
    if found.is_segmented:
        labels[order], kept = _nearest(scores, scores[drawn], found.clusters)
        found = replace(found, stability=None if found.stability is None else found.stability[kept])
    return Grouping(found=found, labels=labels, sampled=len(drawn), methods=methods)


def _methods(sample: Features, found: Segmentation, seed: int) -> pd.DataFrame:
    """Compare the groups accepted with those of the other methods: one group less, as many, one more. Empty where none are."""
    rows: list[dict[str, object]] = []
    near = [k for k in found.partitions if found.is_segmented and abs(k - found.k) <= 1]
    for k in near:
        rows.append({"method": "famd_k_means", "k": k, "silhouette": found.partitions[k].silhouette, "agreement": 1.0})
        classes = latent_classes(sample.rows, k, seed, STARTS)
        same = adjusted_rand(found.partitions[k].labels, classes.labels)
        rows.append({"method": "latent_classes", "k": k, "bic": classes.bic, "agreement": same})
    if near:
        distance = gower_distance(sample.rows.replace(NOT_STATED, None))
        gower = cluster_distances(distance, found.k, "medoids")
        same = adjusted_rand(found.clusters.labels, gower.labels)
        rows.append({"method": "gower_medoids", "k": found.k, "silhouette": gower.silhouette, "agreement": same})
    return pd.DataFrame(rows, columns=["method", "k", "silhouette", "bic", "agreement"])


def _nearest(scores: FloatArray, sample: FloatArray, clusters: Clusters) -> tuple[IntArray, IntArray]:
    """Group of each company: the nearest mean; numbered anew by size, and which of the sample's groups each number is."""
    means = np.vstack([sample[clusters.labels == g].mean(axis=0) for g in range(clusters.k)])
    labels = ((scores[:, None, :] - means[None, :, :]) ** 2).sum(axis=2).argmin(axis=1)
    kept = np.argsort(-np.bincount(labels, minlength=clusters.k), kind="stable")
    return np.asarray(np.argsort(kept, kind="stable")[labels], dtype=np.int64), np.asarray(kept, dtype=np.int64)
