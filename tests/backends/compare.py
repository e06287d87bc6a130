"""Are two small tables the same? Order of rows and kind of number aside; floats to a tight tolerance."""

from __future__ import annotations

import numpy as np
import pandas as pd

TOLERANCE = 1e-9  # relative: engines add up floats in different orders
ABSOLUTE = 1e-9


def difference(expected: pd.DataFrame, found: pd.DataFrame) -> str | None:
    """Return the first difference in one line, None where there is none."""
    if list(expected.columns) != list(found.columns):
        return f"columns {list(found.columns)} instead of {list(expected.columns)}"
    if len(expected) != len(found):
        return f"{len(found)} rows instead of {len(expected)}"
    kinds = {name: (_kind(expected[name]), _kind(found[name])) for name in expected}
    for name, (one, other) in kinds.items():
        if one != other and len(expected[name].dropna()):
            return f"{name}: {other} ({found[name].dtype}) instead of {one} ({expected[name].dtype})"
    one, other = _ordered(expected), _ordered(found)
    return next((text for name in one if (text := _column_difference(name, one[name], other[name]))), None)


def _kind(values: pd.Series) -> str:
    known = values.dropna()
    if pd.api.types.is_bool_dtype(known.infer_objects()):
        return "flag"
    if pd.api.types.is_numeric_dtype(known.infer_objects()):
        return "number"
    return "instant" if pd.api.types.is_datetime64_any_dtype(values) else "text"


def _plain(values: pd.Series) -> pd.Series:
    """Return a column as objects that can be sorted and compared: float, Timestamp, str, list as text; None for missing."""
    kind = _kind(values)
    if kind == "instant":
        return values.astype("datetime64[us]").astype(object).where(values.notna(), None)
    if kind in ("number", "flag"):
        return pd.Series([None if pd.isna(value) else float(value) for value in values], dtype=object, index=values.index)
    return pd.Series([None if value is None or value is pd.NA or value != value else str(value) for value in values], dtype=object, index=values.index)


def _ordered(frame: pd.DataFrame) -> pd.DataFrame:
    """Sort by everything, floats last and rounded, so that their last digits do not decide the order."""
    plain = pd.DataFrame({name: _plain(frame[name]) for name in frame})
    numbers = [name for name in frame if frame[name].dtype.kind == "f"]
    names = [*(name for name in frame if name not in numbers), *numbers]
    keys = pd.DataFrame({i: [_key(value, name in numbers) for value in plain[name]] for i, name in enumerate(names)}, index=frame.index)
    return plain.loc[keys.sort_values(list(keys), kind="stable").index].reset_index(drop=True) if names else plain


def _key(value: object, is_float: bool) -> tuple[bool, object]:
    return (value is None, "" if value is None else float(f"{value:.9g}") if is_float else value)


def _column_difference(name: str, expected: pd.Series, found: pd.Series) -> str | None:
    for row, (one, other) in enumerate(zip(expected, found, strict=True)):
        is_near = isinstance(one, float) and isinstance(other, float) and bool(np.isclose(one, other, rtol=TOLERANCE, atol=ABSOLUTE, equal_nan=True))
        if one != other and not is_near:
            return f"{name}, row {row}: {other!r} instead of {one!r}"
    return None
