"""Units seen over several periods, some of them treated from a date on: input of the difference designs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbook.stats.arrays import FloatArray, as_floats
from workbook.stats.errors import CannotEstimate


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Panel:
    """Balanced panel.

    outcome: units x periods. times: length periods, ascending; numeric times as given, dates as 0, 1, 2 ...
    cohort: length units, first treated time, infinite for never within the periods. unit_count: units given.
    dropped: units left out by cause ("incomplete": not seen with an outcome in every period;
    "always_treated": no period before).
    """

    outcome: FloatArray
    times: FloatArray
    cohort: FloatArray
    unit_count: int
    dropped: dict[str, int]


def build_panel(outcome: Any, unit: Any, time: Any, cohort: Any) -> Panel:
    """Arrange rows (one per unit and period, any order, matched by position) as a balanced panel.

    `time`: numbers or dates. `cohort`: first treated time of the row's unit on the same scale; never treated
    is missing (None, NaN, NaT), infinite, after the last period, or 0 where all times are above 0. Raises
    `CannotEstimate`: no_observations, unit_in_two_groups (a unit with two cohorts), duplicate_times (a unit
    twice in one period), no_treated_units; `ValueError` on different lengths or a missing unit or time.
    """
    y, units = as_floats(outcome), np.asarray(unit, dtype=object)
    if len({len(y), len(units), len(list(time)), len(list(cohort))}) != 1:
        raise ValueError("outcome, unit, time and cohort differ in length")
    if len(y) == 0:
        raise CannotEstimate("no_observations")
    periods, starts = _numeric_times(time, cohort)
    rows = pd.DataFrame({"unit": units, "time": periods, "y": y, "cohort": starts})
    if rows[["unit", "time"]].isna().to_numpy().any():
        raise ValueError("a unit or time is missing")
    if bool((rows.groupby("unit")["cohort"].nunique() > 1).any()):
        raise CannotEstimate("unit_in_two_groups")
    rows = rows.dropna(subset=["y"])
    if bool(rows.duplicated(["unit", "time"]).any()):
        raise CannotEstimate("duplicate_times", "a unit occurs twice in one period")
    if rows.empty:
        raise CannotEstimate("no_observations")
    table = rows.pivot(index="unit", columns="time", values="y").sort_index(axis=1)
    complete = table.dropna()
    first = rows.groupby("unit")["cohort"].first().loc[complete.index].to_numpy(dtype="float64")
    times = table.columns.to_numpy(dtype="float64")
    first = np.where(first > times[-1], np.inf, first)
    late = first > times[0]
    if not bool((np.isfinite(first) & late).any()):
        raise CannotEstimate("no_treated_units")
    unit_count = int(pd.Series(units, dtype=object).nunique())
    return Panel(outcome=complete.to_numpy(dtype="float64")[late], times=times, cohort=first[late],
                 unit_count=unit_count, dropped={"incomplete": unit_count - len(complete),
                                                 "always_treated": int((~late).sum())})  # fmt: skip


def _numeric_times(time: Any, cohort: Any) -> tuple[FloatArray, FloatArray]:
    """Times and cohorts as numbers; dates become their position among the observed dates."""
    times = pd.Series(list(time))
    starts = pd.Series(list(cohort))
    if pd.api.types.is_numeric_dtype(times):
        numbers = times.to_numpy(dtype="float64")
        cohorts = pd.to_numeric(starts, errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
        never = np.isnan(cohorts) | ((cohorts == 0) & bool(np.nanmin(numbers) > 0))
        return numbers, np.where(never, np.inf, cohorts)
    dates, first = pd.to_datetime(times), pd.to_datetime(starts.where(starts.map(_is_date)))
    known = np.sort(dates.dropna().unique())
    position = np.searchsorted(known, first.to_numpy()).astype(np.float64)
    numbers = np.searchsorted(known, dates.to_numpy()).astype(np.float64)
    return np.where(dates.isna(), np.nan, numbers), np.where(first.isna(), np.inf, position)


def _is_date(value: Any) -> bool:
    return not (pd.isna(value) or isinstance(value, (int, float)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CellPanel:
    """Panel with gaps. outcome, weight (cases or money behind a cell, 0 where there is none): units x periods. exposure: the same
    shape, what a total is divided by (1 where nothing). times: ascending. cohort: length units, first treated time, infinite for
    never. units: labels.
    """

    outcome: FloatArray
    weight: FloatArray
    exposure: FloatArray
    times: FloatArray
    cohort: FloatArray
    units: tuple[Any, ...]

    @property
    def is_treated(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Which cells lie at or after their unit's adoption."""
        return np.asarray(self.times[None, :] >= self.cohort[:, None])

    @property
    def is_complete(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Which units have a cell in every period."""
        return np.asarray((self.weight > 0).all(axis=1))


def _in_order(rows: pd.DataFrame) -> list[Any]:
    """Return the units by what they are – adoption, weight, outcome – and only then by name, so that names do not matter to draws."""
    sums = rows.groupby("unit").agg(cohort=("cohort", "first"), weight=("weight", "sum"), outcome=("outcome", "sum")).reset_index()
    return list(sums.sort_values(["cohort", "weight", "outcome", "unit"], na_position="last")["unit"])


def build_cells(rows: pd.DataFrame) -> CellPanel:
    """Arrange cells (one row per unit and period, any order) as a panel with gaps.

    rows: unit, time (whole numbers, equally spaced), cohort (missing for never), outcome, weight and, if wanted, exposure. Cells without
    weight or outcome are gaps. Raises `CannotEstimate`: no_observations, duplicate_times, unit_in_two_groups, no_treated_units.
    """
    known = rows[(rows["weight"] > 0) & rows["outcome"].notna()]
    if known.empty:
        raise CannotEstimate("no_observations")
    if bool(known.duplicated(["unit", "time"]).any()):
        raise CannotEstimate("duplicate_times", "a unit occurs twice in one period")
    if bool((known.groupby("unit")["cohort"].nunique() > 1).any()):
        raise CannotEstimate("unit_in_two_groups")
    units, times = _in_order(known), np.arange(known["time"].min(), known["time"].max() + 1)
    cohort = known.groupby("unit")["cohort"].first().reindex(units).astype(float).to_numpy(dtype="float64", na_value=np.nan)
    first = np.where(np.isnan(cohort) | (cohort > times[-1]), np.inf, cohort)
    if not np.isfinite(first).any():
        raise CannotEstimate("no_treated_units")

    def grid(name: str, missing: float) -> FloatArray:
        if name not in known:
            return np.ones((len(units), len(times)))
        table = known.pivot(index="unit", columns="time", values=name).reindex(index=units, columns=times)
        return table.fillna(missing).to_numpy(dtype="float64")

    return CellPanel(outcome=grid("outcome", 0.0), weight=grid("weight", 0.0), exposure=grid("exposure", 1.0),
                     times=times.astype(float), cohort=first, units=tuple(units))  # fmt: skip
