"""The outcomes on which an effect is estimated, each as cells of unit × month: total, cases, exposure, and what was left out.

Deals and leads are watched for the same number of days after creation (H), so that young cases are not taken for failures and
old ones get no extra time. Months that ended less than H days ago are left out and counted. Two models: "mean" – total /
cases_count is a rate or a mean, effects add, a cell weighs as much as its cases; "ratio" – total per exposure, effects multiply.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pandas as pd

from workbook.analyses.alignment_impact.cells import horizon, is_mature
from workbook.stats.imputation import Model

MATURE_MIN_SHARE = 0.5
Count = Callable[[pd.DataFrame, float], pd.DataFrame]
KEYS = ["unit", "adopted_on", "month_on", "is_before"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcome:
    """One outcome ready for a panel.

    kpi: its key. unit: of the effect. cells: one row per unit × adopted_on × month_on × is_before: total, cases_count, exposure. model: how
    they are compared. is_inverse: the effect is on exposure per total (cost per customer). horizon_days: H. young_count: cases too young.
    straddling_count: created before adoption, ended after it. unlisted_count: cases in no unit of the table. months: the only length of
    period that the cells bear, 0 for any.
    """

    kpi: str
    unit: str
    cells: pd.DataFrame
    horizon_days: float
    young_count: int = 0
    straddling_count: int = 0
    unlisted_count: int = 0
    model: Model = "mean"
    is_inverse: bool = False
    months: int = 0


def win_rate(deals: pd.DataFrame, share: float, as_of: date) -> Outcome:
    """Won of the deals won or lost within H days of their creation."""

    def count(rows: pd.DataFrame, days: float) -> pd.DataFrame:
        ended = rows[rows["days"] <= days]
        return ended.assign(total=ended["cases_count"] * (ended["status"] == "won"))

    return _outcome(("win_rate", "share"), deals[deals["status"].isin(["won", "lost"])], count, share, as_of)


def cycle_length(deals: pd.DataFrame, share: float, as_of: date) -> Outcome:
    """Mean days to the end of a deal, whatever the end; a deal not ended within H days counts as H days.

    So no deal is dropped for being open, and none counts longer than all could be watched: the restricted mean, which without
    censoring before H is the area under the Kaplan–Meier curve up to H.
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
    return _outcome(("won_amount", "share"), won, count, share, as_of, model="ratio")


def mql_to_sql(leads: pd.DataFrame, share: float, as_of: date) -> Outcome:
    """Accepted by sales within H days, of the marketing-qualified leads (of all leads where none is marked as qualified)."""

    def count(rows: pd.DataFrame, days: float) -> pd.DataFrame:
        return rows.assign(total=rows["cases_count"] * (rows["days"] <= days))

    marked = leads["is_qualified"].astype(bool)
    return _outcome(("mql_to_sql", "share"), leads[marked] if marked.any() else leads, count, share, as_of, month="qualified_month_on")


def cac(deals: pd.DataFrame, spend: pd.DataFrame, share: float, as_of: date) -> Outcome:
    """Cost of sales and marketing per new customer, by unit and period: spend over accounts first won by deals created in it.

    Compared as new customers per money spent, which stays defined where a period brought none; the effect is on its inverse.
    """

    def count(rows: pd.DataFrame, days: float) -> pd.DataFrame:
        return rows[rows["days"] <= days].assign(total=lambda t: t["customers_count"], cases_count=lambda t: t["customers_count"])

    won = deals[(deals["status"] == "won") & (deals["customers_count"] > 0)]
    found = _outcome(("cac", "share"), won, count, share, as_of, model="ratio")
    spent = spend[spend["is_listed"].astype(bool) & is_mature(spend["month_on"], as_of, found.horizon_days)]
    spent = spent.groupby(KEYS, dropna=False)["amount"].sum().reset_index()
    cells = found.cells.drop(columns="exposure").merge(spent.rename(columns={"amount": "exposure"}), on=KEYS, how="outer")
    cells = cells.fillna({"total": 0.0, "cases_count": 0, "exposure": 0.0}).astype({"cases_count": "int64"})
    return Outcome(kpi="cac", unit="share", cells=cells, horizon_days=found.horizon_days, young_count=found.young_count,
                   straddling_count=found.straddling_count, unlisted_count=found.unlisted_count, model="ratio", is_inverse=True)  # fmt: skip


def retention(buyers: pd.DataFrame, as_of: date) -> Outcome | None:
    """Customers who buy again in the next period, of those who bought in one; None where no length of period fits.

    The period is the shortest in which nine in ten of those who ever return do so in the very next one. A customer is treated
    where the next period, in which he stays or goes, begins after adoption.
    """
    for months in sorted({int(n) for n in buyers["months"]}):
        rows = buyers[buyers["months"] == months]
        listed = rows[rows["is_listed"].astype(bool)]
        back = listed[listed["gap"].notna()]
        next_on = pd.to_datetime(listed["month_on"]) + pd.DateOffset(months=months)
        ended = next_on + pd.DateOffset(months=months) <= pd.Timestamp(as_of) + pd.Timedelta(days=1)
        if back.empty or back.loc[back["gap"] == 1, "cases_count"].sum() < 0.9 * back["cases_count"].sum():
            continue
        mature = listed[ended].assign(month_on=next_on[ended])
        adopted = pd.to_datetime(mature["adopted_on"])
        mature = mature.assign(total=mature["cases_count"] * (mature["gap"] == 1), is_before=(mature["month_on"] < adopted))
        return Outcome(kpi="retention", unit="share", cells=_summed(mature), horizon_days=30.4 * months, months=months,
                       young_count=int(listed["cases_count"].sum() - mature["cases_count"].sum()),
                       unlisted_count=int(rows["cases_count"].sum() - listed["cases_count"].sum()))  # fmt: skip
    return None


def _outcome(
    name: tuple[str, str], rows: pd.DataFrame, count: Count, share: float, as_of: date, month: str = "month_on", model: Model = "mean"
) -> Outcome:
    listed = rows[rows["is_listed"].astype(bool)]
    days = _capped_horizon(listed, share, as_of, month)
    mature = listed[is_mature(listed[month], as_of, days)]
    return Outcome(
        kpi=name[0], unit=name[1], cells=_summed(count(mature, days)), horizon_days=days, model=model,
        young_count=int(listed["cases_count"].sum() - mature["cases_count"].sum()),
        straddling_count=int(mature.loc[mature["is_straddling"].astype(bool), "cases_count"].sum()),
        unlisted_count=int(rows["cases_count"].sum() - listed["cases_count"].sum()),
    )  # fmt: skip


def _summed(rows: pd.DataFrame) -> pd.DataFrame:
    summed = rows.groupby(KEYS, dropna=False)[["total", "cases_count"]].sum().reset_index()
    return summed.astype({"total": float, "cases_count": "int64"}).assign(exposure=1.0)


def _capped_horizon(rows: pd.DataFrame, share: float, as_of: date, month: str) -> float:
    """H: most ends fall within it, and at least half of the cases are old enough for it."""
    ages = (pd.Timestamp(as_of) - (pd.to_datetime(rows[month]) + pd.offsets.MonthEnd(0))).dt.days
    oldest_half = horizon(-ages, rows["cases_count"], MATURE_MIN_SHARE)
    return min(horizon(rows["days"], rows["cases_count"], share), -oldest_half)
