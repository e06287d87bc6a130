"""A posterior on a grid: its points, and where its weight lies, so that a second grid can be laid closer."""

from __future__ import annotations

import numpy as np

from workbook.stats.arrays import FloatArray

NEGLIGIBLE = 1e-6  # of the largest weight


def closer_box(points: FloatArray, weight: FloatArray, sides: tuple[int, ...], box: FloatArray) -> FloatArray:
    """Return the box that holds all weight that counts, one step wider on each side, inside the old box.

    points: dimensions × points of a regular grid. weight: one per point. sides: points along each dimension. box: dimensions × 2.
    """
    kept = points[:, weight > NEGLIGIBLE * weight.max()]
    step = (box[:, 1] - box[:, 0]) / (np.array(sides) - 1)
    return np.stack([np.maximum(kept.min(axis=1) - step, box[:, 0]), np.minimum(kept.max(axis=1) + step, box[:, 1])], axis=1)


def regular_grid(box: FloatArray, sides: tuple[int, ...]) -> FloatArray:
    """Points of a regular grid in a box; dimensions × points."""
    axes = [np.linspace(float(low), float(high), n) for (low, high), n in zip(box, sides, strict=True)]
    return np.stack([axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")])
