"""The table of effects: one row per outcome, judged; and its headlines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from workbook.analyses.alignment_impact.effect_actions import effect_key
from workbook.analyses.alignment_impact.estimate import Estimate
from workbook.analyses.alignment_impact.outcomes import Outcome
from workbook.analyses.alignment_impact.robustness import Robustness
from workbook.analyses.alignment_impact.verdict import Bar, Judgement, judge
from workbook.results import Headline, clean_float
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.text import Message, msg


def rows_of(found: list[Outcome], fits: dict[str, Estimate | Message], tests: dict[str, Robustness], impossible: dict[str, Message]) -> pd.DataFrame:
    """Return one row per outcome, with the p-values adjusted for their number."""
    rows = [_row(outcome, fits[outcome.kpi], tests.get(outcome.kpi)) for outcome in found]
    rows += [_empty_row(kpi, why) for kpi, why in impossible.items()]
    table = pd.DataFrame(rows) if rows else pd.DataFrame(columns=["kpi", "unit", "value", "p_value", "reason"])
    table["adjusted_p"] = benjamini_hochberg(table["p_value"].astype(float))
    return table


def judged(rows: pd.DataFrame, fits: dict[str, Estimate], tests: dict[str, Robustness], by: tuple[float, Bar]) -> pd.DataFrame:
    """Add verdict and reasons. by: share of deals across units, and the bar."""
    shared, bar = by
    judged = [judge(fits[kpi], tests[kpi], p, shared, bar) if kpi in fits else None for kpi, p in zip(rows["kpi"], rows["adjusted_p"], strict=True)]
    verdicts = [j.verdict if isinstance(j, Judgement) else None for j in judged]
    reasons = [j.reasons if isinstance(j, Judgement) else () for j in judged]
    return rows.assign(verdict=pd.Series(verdicts, dtype=object, index=rows.index), reasons=pd.Series(reasons, dtype=object, index=rows.index))


def shared_share(shared: pd.DataFrame) -> float:
    """Return the larger share of deals whose owner or account also works in a unit with another date."""
    deals = float(shared["deals_count"].sum()) if len(shared) else 0.0
    return max(float(shared[c].sum()) for c in ("shared_owner_count", "shared_account_count")) / deals if deals else 0.0


def _row(outcome: Outcome, fit: Estimate | Message, tests: Robustness | None) -> dict[str, object]:
    shared: dict[str, object] = {
        "kpi": outcome.kpi, "unit": outcome.unit, "horizon_days": outcome.horizon_days, "young_count": outcome.young_count,
        "straddling_count": outcome.straddling_count, "unlisted_count": outcome.unlisted_count,
    }  # fmt: skip
    if isinstance(fit, Message) or tests is None:
        return _empty_row(outcome.kpi, fit if isinstance(fit, Message) else None) | shared
    names = ("value", "low", "high", "p_value", "design", "period", "cases_count", "treated_count", "control_count", "baseline",
             "left_out_count", "cells_left_out")  # fmt: skip
    detectable = float(fit.in_unit(tests.detectable))
    return shared | {name: getattr(fit, name) for name in names} | {"pre_trend_p": tests.pre_trend_p, "detectable": abs(detectable), "reason": None}


def _empty_row(kpi: str, why: Message | None) -> dict[str, object]:
    nothing = dict.fromkeys(("value", "low", "high", "p_value", "detectable", "baseline", "pre_trend_p"), np.nan)
    unit = "days" if kpi == "cycle_length" else "share"
    return {"kpi": kpi, "unit": unit, "cases_count": 0, "young_count": 0, "straddling_count": 0, "unlisted_count": 0, "reason": why} | nothing


def headline(row: dict[Any, Any], level: float) -> Headline:
    """Return an outcome's headline."""
    value, low, high = (clean_float(float(row[name])) for name in ("value", "low", "high"))
    why = msg("all units moved by the same amount, so that no range can be given") if low is None else None
    return Headline(
        key=effect_key(row["kpi"]), kpi="effect", value=value, low=low, high=high, level=level,
        unit=str(row["unit"]), n=int(row["cases_count"]), reason=why,
    )  # fmt: skip
