"""What marks a company: its attributes as values that companies share. Pure.

One value per company (industry, country, size class, …) or several (needs and values, separated by semicolons). Sizes are
the European classes by employees. Attributes with more than `values_max` values are names or free text, not groups.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbook.frames import FRAMES

DECLARED = ("industry", "country", "region", "segment", "channel_preference", "price_sensitivity")
SEVERAL = ("needs", "values")
SIZE_CLASSES = ("1–9", "10–49", "50–249", "250–999", "1,000+")
_SIZE_BOUNDS = (10, 50, 250, 1000)
COMPUTED = frozenset({
    "won_count", "closed_count", "won_amount", "won_amount_count", "last_won_on", "invoiced_amount", "invoice_lines_count",
    "margin_amount", "margin_lines_count", "invoice_days_count", "value", "purchases_count", "is_customer",
    "source_file", "source_line",
})  # fmt: skip


def own_columns(rows: pd.DataFrame) -> list[str]:
    """Return the firm's own attributes of companies; identifiers are none."""
    known = {*FRAMES["accounts"].names, *COMPUTED}
    return [name for name in rows.columns if name not in known and not name.endswith("_id")]


def size_class(employees: pd.Series) -> pd.Series:
    """Return the size class by number of employees, None where unknown."""
    known = pd.to_numeric(employees, errors="coerce")
    place = np.searchsorted(_SIZE_BOUNDS, known.fillna(0), side="right")
    return pd.Series([SIZE_CLASSES[i] for i in place], index=employees.index, dtype=object).where(known > 0, None)


def memberships(rows: pd.DataFrame, values_max: int) -> pd.DataFrame:
    """Return which company has which value. One row per company × attribute × value: account_id, attribute, value.

    Companies that do not state an attribute have no row of it.
    """
    single = {name: rows[name] for name in DECLARED if name in rows} | {"size_class": size_class(rows["employees"])}
    own = {name: rows[name] for name in own_columns(rows) if not pd.api.types.is_numeric_dtype(rows[name])}
    parts = [_several(rows["account_id"], name, rows[name]) for name in SEVERAL]
    for name, column in {**single, **own}.items():
        parts.append(_several(rows["account_id"], name, column) if _is_list(column) else _single(rows["account_id"], name, column))
    kept = [part for part in parts if 2 <= part["value"].nunique() <= values_max]
    return pd.concat(kept, ignore_index=True) if kept else pd.DataFrame(columns=["account_id", "attribute", "value"])


def _is_list(column: pd.Series) -> bool:
    stated = column.dropna().astype(str)
    return len(stated) > 0 and float(stated.str.contains(";", regex=False).mean()) > 0.2


def _single(ids: pd.Series, name: str, column: pd.Series) -> pd.DataFrame:
    part = pd.DataFrame({"account_id": ids, "attribute": name, "value": column.astype(object)}).dropna(subset=["value"])
    return part.assign(value=part["value"].map(_text))


def _several(ids: pd.Series, name: str, column: pd.Series) -> pd.DataFrame:
    stated = column.dropna().astype(str)
    items = stated.str.split(";").explode().str.strip()
    items = items[items != ""]
    part = pd.DataFrame({"account_id": ids.loc[items.index].to_numpy(), "attribute": name, "value": items.to_numpy()})
    return part.drop_duplicates(ignore_index=True)


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
