"""Assumptions with low, mode and high, their source and grade; what follows from them by simulation."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import model_validator

from workbook.params import Params
from workbook.stats.pert import pert_draws
from workbook.text import Message

Grade = Literal["A", "B", "C", "D", "E"]
SPREAD = {"A": 0.03, "B": 0.07, "C": 0.15, "D": 0.3, "E": 0.5}  # how far a published figure may be off, by grade: a convention
Draws = Mapping[str, np.ndarray]


class Assumption(Params):
    """What a setting says: lowest possible, most likely, highest possible; who says so, how good the source is (A best)."""

    low: float
    mode: float
    high: float
    source: str
    grade: Grade

    @model_validator(mode="after")
    def _in_order(self) -> Assumption:
        if not 0 <= self.low <= self.mode <= self.high:
            raise ValueError("0 ≤ low ≤ mode ≤ high must hold")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """One assumption as used. key: its name in the settings; name, source: in words; unit: of low, mode, high."""

    key: str
    name: Message
    low: float
    mode: float
    high: float
    unit: str
    source: Message | str
    grade: str

    def or_setting(self, setting: Assumption | None) -> Assumed:
        """The setting's values in place of these, where there is one."""
        if setting is None:
            return self
        return Assumed(key=self.key, name=self.name, unit=self.unit, **setting.model_dump())


def draw(assumed: tuple[Assumed, ...], draws: int, seed: int) -> dict[str, np.ndarray]:
    """Draw each assumption by itself; the same key and seed give the same draws whatever else is assumed."""
    return {
        a.key: pert_draws(a.low, a.mode, a.high, draws, np.random.default_rng([seed, *a.key.encode()])) for a in assumed
    }


def summary(drawn: np.ndarray, level: float) -> dict[str, float]:
    """Median and the limits that leave out the same share of the draws on both sides."""
    low, value, high = np.quantile(drawn, [(1 - level) / 2, 0.5, (1 + level) / 2])
    return {"value": float(value), "low": float(low), "high": float(high)}


def tornado(assumed: tuple[Assumed, ...], result: Callable[[Draws], np.ndarray]) -> pd.DataFrame:
    """What one assumption alone does to the result, the others at their mode; the widest first.

    One row per assumption: key, name, grade, mode_value (result with all at their mode), low_value, high_value, swing.
    """
    at_mode = {a.key: np.array([a.mode]) for a in assumed}
    centre = float(result(at_mode)[0])
    rows = []
    for a in assumed:
        ends = sorted(float(result(at_mode | {a.key: np.array([end])})[0]) for end in (a.low, a.high))
        rows.append({"key": a.key, "name": a.name, "grade": a.grade, "mode_value": centre, "low_value": min(ends[0], centre), "high_value": max(ends[1], centre)})
    table = pd.DataFrame(rows)
    table["swing"] = table["high_value"] - table["low_value"]
    return table.sort_values(["swing", "key"], ascending=[False, True], ignore_index=True)


def spread_of(grades: pd.Series, volumes: pd.Series) -> float:
    """How far a sum of published figures may be off: errors of one grade point the same way. No grade counts as E."""
    total = float(volumes.sum())
    each = grades.map(lambda grade: SPREAD.get(str(grade), SPREAD["E"]))
    return float((each * volumes).sum()) / total if total > 0 else math.nan
