"""A boosted challenger: does a model with interactions see more than points that add up?

Small trees by histogram gradient boosting on categories (Friedman 2001; Ke et al. 2017 in scikit-learn), strongly damped:
it is there to show what a scorecard leaves on the table, not to replace it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from workbook.stats.arrays import FloatArray, as_floats

_LEAF_CASES = 20


def boosted_probability(outcome: Any, fields: pd.DataFrame, others: pd.DataFrame, seed: int) -> FloatArray:
    """Fit on `fields` (text columns; None: unknown) and return the probability of success per row of `others`, 0-1."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    known, asked = _codes(fields, fields), _codes(fields, others)
    model = HistGradientBoostingClassifier(
        max_iter=60, learning_rate=0.08, max_leaf_nodes=6, min_samples_leaf=_LEAF_CASES, l2_regularization=5.0,
        early_stopping=False, categorical_features=list(range(known.shape[1])), random_state=seed,
    )  # fmt: skip
    with threadpool_limits(1):  # threads that wait for one another cost more than they bring on tables of this size
        model.fit(known, as_floats(outcome))
        return np.asarray(model.predict_proba(asked)[:, 1], dtype=np.float64)


def _codes(known: pd.DataFrame, fields: pd.DataFrame) -> FloatArray:
    """Number each field's values as they are in `known`; values beyond 250, unseen and missing ones are NaN."""
    columns = []
    for field in sorted(known.columns):
        counts = known[field].value_counts()
        order = sorted(counts.sort_values(ascending=False, kind="stable").index[:250])
        columns.append(fields[field].map({value: float(i) for i, value in enumerate(order)}).astype("float64"))
    return np.column_stack([column.to_numpy() for column in columns])
