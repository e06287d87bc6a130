"""Does an average hide opposite groups? (Simpson's paradox)

For two attributes, by default region and segment: each group against the rest, over all deals and within the groups of the
other attribute (Mantel–Haenszel). Flagged where the parts point the other way than the whole, or where one group is
reliably better in one part and reliably worse in another (false-discovery control over all comparisons).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pydantic import Field

from workbook.analyses.data.labels import label
from workbook.analyses.deals import CLOSED, clusters_of, totals_of, won_per_cluster
from workbook.params import Params, Share
from workbook.results import Action, Check, Result
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.stats.proportion import (
    proportion,
    two_proportion_difference,
    with_design_effect,
)
from workbook.stats.stratified import stratified_difference
from workbook.text import Message, msg, points

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "D4"


class OppositeGroupsParams(Params):
    """first, second: the attributes. cell_min_count: parts with fewer decided deals are not compared."""

    confidence: Share = 0.95
    first: str = "region"
    second: str = "segment"
    cell_min_count: int = Field(default=10, ge=1)
    values_max: int = Field(default=30, ge=2)
    false_discovery_rate: Share = 0.05
    action_days: int = Field(default=60, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class OppositeGroupsResult(Result):
    """contrasts: one row per attribute × value, against all others: attribute, value, closed_count, crude_difference,
    within_difference, low, high, is_reversed, adjusted_p. parts: one row per attribute × value × part: part, difference, adjusted_p.
    """

    contrasts: pd.DataFrame | None = None
    parts: pd.DataFrame | None = None


def aggregate(opportunities: Table, params: OppositeGroupsParams, *, as_of: date) -> dict[str, Table]:
    """Count won and closed deals per pair of values, and per cluster. Lazy."""
    both = opportunities.mutate(
        first_value=opportunities[params.first].cast("string"),
        second_value=opportunities[params.second].cast("string"),
    )
    both = both.filter(both.status.isin(CLOSED) & both.first_value.notnull() & both.second_value.notnull())
    cells = both.group_by(["first_value", "second_value"]).agg(won_count=(both.status == "won").sum(), closed_count=both.count())
    return {"cells": cells, "clusters": won_per_cluster(both)}


def analyse(small: dict[str, pd.DataFrame], params: OppositeGroupsParams, *, as_of: date) -> OppositeGroupsResult:
    """Compare each group with the rest, in the whole and in the parts. Pure."""
    cells = small["cells"]
    refused = _refusal(cells, params)
    if refused is not None:
        check = Check(key="averages_hide_no_opposite_groups", status="not_applicable", reason=refused)
        return OppositeGroupsResult(refused=refused, checks=(check,), certainty="open")
    effect = _effect(small["clusters"], params.confidence)
    pairs = ((params.first, "first_value", "second_value"), (params.second, "second_value", "first_value"))
    contrasts = pd.DataFrame([row for pair in pairs for row in _contrasts(cells, pair, effect, params)])
    contrasts, parts = _controlled(contrasts, _parts(cells, pairs, effect, params), params)
    found = _found(contrasts, parts, params)
    return OppositeGroupsResult(
        checks=(_check(found, params),),
        actions=_actions(found, params, as_of + timedelta(days=params.action_days)),
        finding=_finding(contrasts, found, params),
        no_action=msg("no average is contradicted by its parts"),
        contrasts=contrasts,
        parts=parts,
    )


def _refusal(cells: pd.DataFrame, params: OppositeGroupsParams) -> Message | None:
    counts = {params.first: cells["first_value"].nunique(), params.second: cells["second_value"].nunique()}
    if min(counts.values()) < 2:
        return msg(
            "{first} and {second} are not both recorded with two or more values on won and lost deals",
            first=label(params.first),
            second=label(params.second),
        )
    for name, n in counts.items():
        if n > params.values_max:
            return msg("{attribute} has {n} values, too many to compare", attribute=label(name), n=n)
    return None


def _effect(clusters: pd.DataFrame, level: float) -> float:
    """The largest design effect of those known, at least 1."""
    effects = proportion(*totals_of(clusters), level, clusters_of(clusters)).design_effects
    return max([1.0, *(effect for effect in effects.values() if np.isfinite(effect))])


def _split(cells: pd.DataFrame, column: str, value: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    return cells[cells[column] == value], cells[cells[column] != value]


def _contrasts(
    cells: pd.DataFrame, pair: tuple[str, str, str], effect: float, params: OppositeGroupsParams
) -> list[dict[str, Any]]:
    attribute, column, by = pair
    strata = sorted(cells[by].unique())
    rows = []
    for value in sorted(cells[column].unique()):
        sides = []
        for side in _split(cells, column, value):
            counts = side.groupby(by)[["won_count", "closed_count"]].sum().reindex(strata, fill_value=0)
            sides.append((counts["won_count"], counts["closed_count"]))
        result = stratified_difference(sides[0], sides[1], params.confidence, effect)
        rows.append({
            "attribute": attribute, "value": value, "closed_count": int(sides[0][1].sum()), "crude_difference": result.crude,
            "within_difference": result.value, "low": result.low, "high": result.high,
            "is_reversed": result.is_reversed, "p_value": result.p_value,
        })  # fmt: skip
    return rows


def _controlled(contrasts: pd.DataFrame, parts: pd.DataFrame, params: OppositeGroupsParams) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Add adjusted_p from one control over all comparisons; a reversal counts only where the difference within survives it."""
    family = benjamini_hochberg([*contrasts["p_value"], *parts["p_value"]])
    reliable = family[: len(contrasts)] < params.false_discovery_rate
    whole = contrasts.assign(is_reversed=contrasts["is_reversed"] & reliable, adjusted_p=family[: len(contrasts)])
    return whole.drop(columns="p_value"), parts.assign(adjusted_p=family[len(contrasts) :])


def _parts(
    cells: pd.DataFrame, pairs: tuple[tuple[str, str, str], ...], effect: float, params: OppositeGroupsParams
) -> pd.DataFrame:
    rows = []
    for attribute, column, by in pairs:
        for value in sorted(cells[column].unique()):
            for part in sorted(cells[by].unique()):
                sides = [side[side[by] == part][["won_count", "closed_count"]].sum() for side in _split(cells, column, value)]
                if min(int(side["closed_count"]) for side in sides) >= params.cell_min_count:
                    plain = [proportion(side["won_count"], side["closed_count"], params.confidence) for side in sides]
                    gap = two_proportion_difference(*(with_design_effect(rate, effect) for rate in plain))
                    rows.append((attribute, value, part, int(sides[0]["closed_count"]), gap.value, gap.p_value))
    return pd.DataFrame(rows, columns=["attribute", "value", "part", "closed_count", "difference", "p_value"])


def _found(contrasts: pd.DataFrame, parts: pd.DataFrame, params: OppositeGroupsParams) -> tuple[str, ...]:
    """Values whose parts contradict the whole or one another."""
    reliable = parts[parts["adjusted_p"] < params.false_discovery_rate]
    signs = reliable.assign(sign=np.sign(reliable["difference"])).groupby(["attribute", "value"])["sign"].nunique()
    opposite = [str(value) for _, value in signs[signs > 1].index]
    return tuple(sorted({*opposite, *contrasts.loc[contrasts["is_reversed"], "value"].astype(str)}))


def _check(found: tuple[str, ...], params: OppositeGroupsParams) -> Check:
    key = "averages_hide_no_opposite_groups"
    if found:
        reason = msg("The average of {values} hides parts that point the other way; read them apart.", values=found)
        return Check(key=key, status="review", reason=reason)
    reason = msg(
        "No average by {first} is reliably contradicted within {second}, nor the other way round.",
        first=label(params.first),
        second=label(params.second),
    )
    return Check(key=key, status="pass", reason=reason)


def _actions(found: tuple[str, ...], params: OppositeGroupsParams, due: date) -> tuple[Action, ...]:
    """Ask for goals by both attributes where the average of a group misleads."""
    if not found:
        return ()
    what = msg(
        "Set goals and report the win rate of {values} by {first} and {second} together, not by the average.",
        values=found,
        first=label(params.first),
        second=label(params.second),
    )
    return (Action(key="read_opposite_groups_apart", what=what, owner_role=msg("head of sales"), due_on=due, watch_kpi="win_rate", evidence=("win_rate",)),)


def _finding(contrasts: pd.DataFrame, found: tuple[str, ...], params: OppositeGroupsParams) -> Message:
    said = {"n": len(contrasts), "first": label(params.first), "second": label(params.second)}
    if found:
        return msg("Of {n} groups by {first} and {second}, the average misleads for: {found}.", **said, found=found)
    gap = (contrasts["crude_difference"] - contrasts["within_difference"]).abs().max()
    return msg(
        "None of the {n} averages by {first} and {second} is reliably turned round within the other; the mix moves them by {gap} percentage points at most.",
        **said,
        gap=points(100 * float(gap)),
    )
