"""The table on which companies are grouped: numbers on a log scale, categories, and a flag per stated need or value. Pure.

Where a company sits is left out (it says where, not who), and so is what it bought: groups formed by their purchases would
differ in value by construction. Attributes that too few companies state are left out and named. A missing number takes the
median; a missing category is a value of its own. Of one thing recorded twice (employees, and a field with their range) one is
used, since it would count twice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbook.analyses.icp_segmentation.account_attributes import SEVERAL, memberships, own_columns
from workbook.stats.arrays import FloatArray
from workbook.stats.mixed_clustering import famd_columns, leading_axes

NUMBERS = ("employees", "revenue")
GEOGRAPHY = ("country", "region", "city")
DETERMINED = 0.9  # of what classes of these sizes could explain of a number's ranks; from here a category is but its class
RARE = 0.03  # a category of fewer companies joins the other rare ones
NOT_STATED, RARE_NAME = "?", "…"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Features:
    """rows: one row per company, in the order of the accounts given, no value missing. flags: columns of `rows` that are
    flags, by (attribute, value). used, left_out: attribute names.
    """

    rows: pd.DataFrame
    flags: dict[str, tuple[str, str]]
    used: tuple[str, ...]
    left_out: tuple[str, ...]


def features(accounts: pd.DataFrame, filled_min: float, values_max: int) -> Features:
    """Build the table. accounts: rows of `account_table`; filled_min: share of companies that must state an attribute."""
    shared = memberships(accounts, values_max)
    numbers = [name for name in (*NUMBERS, *_own_numbers(accounts)) if name in accounts and accounts[name].notna().any()]
    named = [name for name in shared["attribute"].unique() if name not in (*GEOGRAPHY, "size_class")]
    stated = {name: float(accounts[name].notna().mean()) for name in (*numbers, *named)}
    filled = sorted(name for name, part in stated.items() if part >= filled_min)
    used = [name for name in filled if name in numbers or not _is_class_of(accounts, name, [n for n in numbers if n in filled])]
    parts: list[pd.DataFrame | pd.Series] = []
    flags: dict[str, tuple[str, str]] = {}
    for name in used:
        if name in numbers:
            parts.append(_number(accounts[name]).rename(name))
            continue
        rows = shared[shared["attribute"] == name]
        if name in SEVERAL or rows["account_id"].duplicated().any():
            table = _flags(accounts["account_id"], rows)
            flags |= {f"{name}: {value}": (name, str(value)) for value in table.columns}
            parts.append(table.add_prefix(f"{name}: "))
        else:
            parts.append(_category(accounts["account_id"], rows).rename(name))
    table = pd.concat(parts, axis=1) if parts else pd.DataFrame(index=accounts.index)
    return Features(
        rows=table.loc[:, table.nunique() > 1], flags=flags, used=tuple(used), left_out=tuple(sorted(set(stated) - set(filled)))
    )


def _is_class_of(accounts: pd.DataFrame, name: str, numbers: list[str]) -> bool:
    """Tell whether a category is but a class of a number used itself: it explains nearly all that such classes can."""
    for number in numbers:
        both = accounts[[name, number]].dropna()
        if both.empty or both[name].nunique() > len(both) / 3:
            continue
        ranks = both[number].rank()
        means = ranks.groupby(both[name]).transform("mean")
        ideal = pd.Series(np.arange(1.0, len(both) + 1), index=means.sort_values(kind="stable").index).reindex(both.index)
        possible = ideal.groupby(both[name]).transform("mean").var(ddof=0)
        if possible > 0 and means.var(ddof=0) / possible >= DETERMINED:
            return True
    return False


def _own_numbers(accounts: pd.DataFrame) -> list[str]:
    own = own_columns(accounts)
    return [name for name in own if pd.api.types.is_numeric_dtype(accounts[name]) and accounts[name].nunique() > 5]


def _number(column: pd.Series) -> pd.Series:
    """Log of positive numbers, so that a company ten times as large is one step away at every size."""
    values = column.astype(float)
    is_positive = bool((values.dropna() > 0).all())
    values = values.map(np.log, na_action="ignore") if is_positive else values
    return values.fillna(values.median())


def _category(ids: pd.Series, rows: pd.DataFrame) -> pd.Series:
    column = ids.map(rows.set_index("account_id")["value"]).fillna(NOT_STATED)
    parts = column.value_counts(normalize=True)
    return column.where(column.map(parts) >= RARE, RARE_NAME)


def _flags(ids: pd.Series, rows: pd.DataFrame) -> pd.DataFrame:
    codes, values = pd.factorize(rows["value"], sort=True)
    company = pd.Index(ids).get_indexer(pd.Index(rows["account_id"]))
    has = np.zeros((len(ids), len(values)))
    has[company[company >= 0], codes[company >= 0]] = 1.0
    wide = pd.DataFrame(has, index=ids.index, columns=values)
    share = wide.mean()
    return wide.loc[:, (share >= RARE) & (share <= 1 - RARE)]


def shuffled(table: Features, axes: int, count: int, rng: np.random.Generator) -> FloatArray:
    """Return factor coordinates of the same companies with every attribute shuffled on its own; tables x rows x axes.

    The same values, and nothing that goes together. Flags of one attribute stay together, since several answers to one
    question are not several attributes.
    """
    columns, owners = famd_columns(table.rows)
    blocks = pd.factorize(np.array([table.flags[name][0] if name in table.flags else name for name in owners]))[0]
    found = np.zeros((count, len(columns), axes))
    for place in range(count):
        mixed = columns.copy()
        for block in range(int(blocks.max()) + 1):
            mixed[:, blocks == block] = columns[rng.permutation(len(columns))][:, blocks == block]
        scores = leading_axes(mixed, axes)
        found[place, :, : scores.shape[1]] = scores
    return found
