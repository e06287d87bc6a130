"""Which cells of a column are found among others. pandas' own `isin` takes each word of the set apart in Python."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd


def is_among(cells: pd.Series[Any], known: Iterable[Any]) -> pd.Series[bool]:
    """Tell for each cell whether it is one of `known`; a missing cell is not. Each distinct cell is looked up once."""
    codes, distinct = pd.factorize(cells)
    wanted = set(known)
    hits = np.array([*(value in wanted for value in distinct), False], dtype=bool)
    return pd.Series(hits[codes], index=cells.index)
