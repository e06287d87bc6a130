"""Latent classes against scikit-learn's normal mixture (numbers) and against counts by hand (categories)."""

import math

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture

from workbook.stats.errors import CannotEstimate
from workbook.stats.latent_class import latent_classes


def two_kinds(n: int = 200, seed: int = 1) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    kind = rng.integers(2, size=n)
    word = np.where(rng.random(n) < 0.9, kind, 1 - kind)
    return pd.DataFrame({"size": rng.normal(4.0 * kind, 1), "age": rng.normal(-3.0 * kind, 1), "word": np.array(["a", "b"])[word]}), kind


def test_numbers_alone_are_a_normal_mixture_with_independent_columns() -> None:
    """Same likelihood and BIC as scikit-learn's `diag` mixture at its optimum."""
    rows = two_kinds()[0][["size", "age"]]
    other = GaussianMixture(2, covariance_type="diag", n_init=5, tol=1e-9, max_iter=2000, random_state=1).fit(rows)
    mine = latent_classes(rows, 2, seed=1)
    assert mine.log_likelihood == pytest.approx(other.score(rows) * len(rows), abs=0.05)
    assert mine.bic == pytest.approx(other.bic(rows), abs=0.1)


def test_one_class_of_categories_by_hand() -> None:
    """Six a, four b: log-likelihood 6 log 0.6 + 4 log 0.4; one free parameter."""
    found = latent_classes(pd.DataFrame({"word": list("aaaaaabbbb")}), 1, seed=1)
    likelihood = 6 * math.log(0.6) + 4 * math.log(0.4)
    assert found.log_likelihood == pytest.approx(likelihood)
    assert found.bic == pytest.approx(-2 * likelihood + math.log(10))


def test_mixed_classes_are_found_and_their_number() -> None:
    rows, kind = two_kinds()
    assert adjusted_rand_score(kind, latent_classes(rows, 2, seed=1).labels) > 0.9
    bic = {k: latent_classes(rows, k, seed=1).bic for k in (1, 2, 3, 4)}
    assert min(bic, key=lambda k: bic[k]) == 2
    in_cents = latent_classes(rows.assign(size=rows["size"] * 100), 2, seed=1)
    assert in_cents.bic == pytest.approx(bic[2] + 2 * len(rows) * math.log(100), rel=1e-6)


def test_degenerate() -> None:
    with pytest.raises(CannotEstimate, match="no_variation"):
        latent_classes(pd.DataFrame({"x": [1, 1]}), 2, 1)
    with pytest.raises(CannotEstimate, match="missing_values"):
        latent_classes(pd.DataFrame({"x": [1.0, None, 2.0]}), 2, 1)
