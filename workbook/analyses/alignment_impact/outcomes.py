"""The outcomes on which an effect is estimated, each as cells of unit × month: total, cases, and what was left out.

Every outcome is watched for the same number of days after creation (H), so that young cases are not taken for failures and
old ones get no extra time. Months that ended less than H days ago are left out and counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pandas as pd

from workbook.analyses.alignment_impact.cells import horizon, is_mature

MATURE_MIN_SHARE = 0.5
Count = Callable[[pd.DataFrame, float], pd.DataFrame]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcome:
    """One outcome ready for a panel.

    kpi: its key. unit: of the effect. cells: one row per unit × adopted_on × month_on × is_before: total, cases_count; the
    outcome of a cell is total / cases_count (is_log: the log of total). horizon_days: H. young_count: cases too young.
    straddling_count: created before adoption, ended after it. unlisted_count: cases in no unit of the table.
    """

    kpi: str
    unit: str
    cells: pd.DataFrame
    horizon_days: float
    young_count: int
    straddling_count: int
    unlisted_count: int
    is_log: bool = False


def win_rate(deals: pd.DataFrame, share: float, as_of: date) -> Outcome:
    """Won of the deals won or lost within H days of their creation."""

    def count(rows: pd.DataFrame, days: float) -> pd.DataFrame:
        ended = rows[rows["days"] <= days]
        return ended.assign(total=ended["cases_count"] * (ended["status"] == "won"))

    return _outcome(("win_rate", "share"), deals[deals["status"].isin(["won", "lost"])], count, share, as_of)


def cycle_length(deals: pd.DataFrame, share: float, as_of: date) -> Outcome:
    """Mean days to the end of a deal, whatever the end; a deal not ended within H days counts as H days.

    So no deal is dropped for being open, and none counts longer than all could be watched (restricted mean).
    """

    def count(rows: pd.DataFrame, days: float) -> pd.DataFrame:
        return rows.assign(total=rows["cases_count"] * rows["days"].fillna(days).clip(upper=days))

    dated = deals[(deals["status"] == "open") | deals["days"].notna()]
    return _outcome(("cycle_length", "days"), dated, count, share, as_of)


def won_amount(deals: pd.DataFrame, share: float, as_of: date) -> Outcome:
    """Amount of the deals won within H days of their creation, by unit and period of creation; the effect is relative."""

    def count(rows: pd.DataFrame, days: float) -> pd.DataFrame:
        return rows[rows["days"] <= days].assign(total=lambda t: t["amount"], cases_count=lambda t: t["amount_count"])

    won = deals[(deals["status"] == "won") & (deals["amount_count"] > 0)]
    return _outcome(("won_amount", "share"), won, count, share, as_of, is_log=True)


def mql_to_sql(leads: pd.DataFrame, share: float, as_of: date) -> Outcome:
    """Accepted by sales within H days, of the marketing-qualified leads (of all leads where none is marked as qualified)."""

    def count(rows: pd.DataFrame, days: float) -> pd.DataFrame:
        return rows.assign(total=rows["cases_count"] * (rows["days"] <= days))

    marked = leads["is_qualified"].astype(bool)
    return _outcome(("mql_to_sql", "share"), leads[marked] if marked.any() else leads, count, share, as_of, "qualified_month_on")


def _outcome(
    name: tuple[str, str], rows: pd.DataFrame, count: Count, share: float, as_of: date, month: str = "month_on", *, is_log: bool = False
) -> Outcome:
    listed = rows[rows["is_listed"].astype(bool)]
    days = _capped_horizon(listed, share, as_of, month)
    mature = listed[is_mature(listed[month], as_of, days)]
    keys = ["unit", "adopted_on", "month_on", "is_before"]
    summed = count(mature, days).groupby(keys, dropna=False)[["total", "cases_count"]].sum().reset_index()
    return Outcome(
        kpi=name[0], unit=name[1], cells=summed.astype({"total": float, "cases_count": "int64"}), horizon_days=days, is_log=is_log,
        young_count=int(listed["cases_count"].sum() - mature["cases_count"].sum()),
        straddling_count=int(mature.loc[mature["is_straddling"].astype(bool), "cases_count"].sum()),
        unlisted_count=int(rows["cases_count"].sum() - listed["cases_count"].sum()),
    )  # fmt: skip


def _capped_horizon(rows: pd.DataFrame, share: float, as_of: date, month: str) -> float:
    """H: most ends fall within it, and at least half of the cases are old enough for it."""
    ages = (pd.Timestamp(as_of) - (pd.to_datetime(rows[month]) + pd.offsets.MonthEnd(0))).dt.days
    oldest_half = horizon(-ages, rows["cases_count"], MATURE_MIN_SHARE)
    return min(horizon(rows["days"], rows["cases_count"], share), -oldest_half)
