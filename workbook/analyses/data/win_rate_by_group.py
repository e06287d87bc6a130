"""Where is the win rate higher, where lower, and which differences can be relied on?

By region, segment, source, kind of business, product and every attribute of the firm's own with 2 to 30 values. Each rate
has its interval by clusters; small groups are listed, not judged. Whether an attribute's groups differ at all is tested
per attribute (Rao–Scott with the design effects of the groups) under one false-discovery control over these tests and those
of the missing values. Beside each rate stands one pulled towards the common rate. Where a value is missing more often for one outcome, the attribute is
marked and each rate is bounded by the worst and the best case for the missing ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pydantic import Field

from workbook.analyses.data.attributes import (
    DECLARED,
    group_attributes,
    with_product,
    with_value,
)
from workbook.analyses.data.labels import label
from workbook.analyses.deals import CLUSTERINGS, clusters_of, one_sided, totals_of, won_per_cluster
from workbook.frames.names import value_name
from workbook.params import Params, Share
from workbook.results import Action, Check, Headline, Result, group_key
from workbook.stats.heterogeneity import association_2x2, equal_rates
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.stats.proportion import proportion
from workbook.stats.shrinkage import shrink_rates
from workbook.text import Message, msg, nmsg, share

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "D1"
EVERY = "*"  # key of the table over all deals; no attribute can be called so


class WinRateByGroupParams(Params):
    """attributes: empty takes all. group_min_count: smaller groups get no rate of their own."""

    confidence: Share = 0.95
    attributes: tuple[str, ...] = ()
    values_max: int = Field(default=30, ge=2)
    group_min_count: int = Field(default=10, ge=1)
    false_discovery_rate: Share = 0.05
    action_days: int = Field(default=60, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class WinRateByGroupResult(Result):
    """groups: one row per attribute × value (null: not stated): attribute, value, won_count, closed_count, rate, low, high,
    effect_owner, effect_account (design effects), is_clustered, shrunken_rate, worst_rate, best_rate (null unless marked), is_small. tests: one row per
    attribute: attribute, groups_count, closed_count, p_value, adjusted_p, differs, missing_won, missing_lost,
    missing_adjusted_p, missing_differs.
    """

    groups: pd.DataFrame | None = None
    tests: pd.DataFrame | None = None


def aggregate(opportunities: Table, products: Table, params: WinRateByGroupParams, *, as_of: date) -> dict[str, Table]:
    """Count won and closed deals per cluster and value, one table per attribute. Lazy."""
    deals = with_product(opportunities, products)
    own = group_attributes(opportunities)
    attributes = [name for name in (*DECLARED, "product", *own) if not params.attributes or name in params.attributes]
    counted = {name: won_per_cluster(with_value(deals, name, params.values_max), ("value",)) for name in attributes}
    return {EVERY: won_per_cluster(opportunities), **counted}


def analyse(small: dict[str, pd.DataFrame], params: WinRateByGroupParams, *, as_of: date) -> WinRateByGroupResult:
    """Turn counts into rates by group, tests and bounds. Pure."""
    overall = small[EVERY]
    won, closed = totals_of(overall)
    nothing = msg("no deal has been won or lost yet") if closed == 0 else one_sided(won, closed)
    if nothing is not None:
        return WinRateByGroupResult(refused=nothing, certainty="open")
    groups = [_groups(name, counted, params) for name, counted in sorted(small.items()) if name != EVERY]
    groups = [table for table in groups if table["value"].notna().sum() >= 2]
    if not groups:
        reason = msg("no attribute with two or more values is recorded on won and lost deals")
        return WinRateByGroupResult(refused=reason, certainty="open")
    effects = proportion(won, closed, params.confidence, clusters_of(overall)).design_effects
    tests = _tests(groups, small, effects, params)
    table = _bounded(pd.concat(groups, ignore_index=True), tests)
    return WinRateByGroupResult(
        headlines=tuple(_headline(row, params) for _, row in table[table["value"].notna()].iterrows()),
        checks=(*_missing_checks(tests), _size_check(table, params)),
        actions=_actions(table, tests, as_of + timedelta(days=params.action_days)),
        finding=_finding(table, tests, won / closed),
        brief=_brief(table, tests),
        no_action=msg("no difference between groups survives the control for the number of comparisons"),
        limits=(msg("A difference between groups is not yet a cause: groups also differ in what is sold to whom."),),
        groups=table,
        tests=tests,
    )


def _groups(attribute: str, counted: pd.DataFrame, params: WinRateByGroupParams) -> pd.DataFrame:
    rows = []
    values = counted["value"].astype(object).where(counted["value"].notna(), None)
    for value, part in counted.assign(value=values).groupby("value", dropna=False, sort=True):
        stated = None if pd.isna(value) else str(value)
        rate = proportion(*totals_of(part), params.confidence, clusters_of(part))
        rows.append({
            "attribute": attribute, "value": stated, "won_count": int(rate.successes), "closed_count": int(rate.n),
            "rate": rate.value, "low": rate.low, "high": rate.high, "is_clustered": rate.method != "wilson",
            "is_small": rate.n < params.group_min_count,
            **{f"effect_{name}": rate.design_effects.get(name, math.nan) for name in CLUSTERINGS},
        })  # fmt: skip
    columns = [
        "attribute",
        "value",
        "won_count",
        "closed_count",
        "rate",
        "low",
        "high",
        "is_clustered",
        "is_small",
        *(f"effect_{name}" for name in CLUSTERINGS),
    ]
    table = pd.DataFrame(rows) if rows else pd.DataFrame(columns=columns)
    table["value"] = table["value"].astype(object).where(table["value"].notna(), None)
    stated_rows = table["value"].notna()
    shrunken = shrink_rates(table.loc[stated_rows, "won_count"], table.loc[stated_rows, "closed_count"], params.confidence).table
    table["shrunken_rate"] = math.nan
    table.loc[stated_rows, "shrunken_rate"] = shrunken["shrunken_share"].to_numpy(float)
    return table


def _tests(groups: list[pd.DataFrame], small: dict[str, pd.DataFrame], effects: Any, params: WinRateByGroupParams) -> pd.DataFrame:
    clusters = {name: len(won) for name, (won, _) in clusters_of(small[EVERY]).items()}
    tests = pd.DataFrame([_test(table, effects, clusters) for table in groups])
    family = benjamini_hochberg([*tests["p_value"], *tests.pop("missing_p")])
    tests["adjusted_p"], tests["missing_adjusted_p"] = family[: len(tests)], family[len(tests) :]
    tests["differs"] = tests["adjusted_p"] < params.false_discovery_rate
    tests["missing_differs"] = tests["missing_adjusted_p"] < params.false_discovery_rate
    return tests.sort_values(["adjusted_p", "attribute"], ignore_index=True)


def _test(table: pd.DataFrame, effects: Any, clusters: dict[str, int]) -> dict[str, Any]:
    """Test one attribute; of the clusterings the one that makes a difference hardest to claim."""
    judged = table[table["value"].notna() & ~table["is_small"]]
    p_values = [equal_rates(judged["won_count"], judged["closed_count"]).p_value]
    for name, count in clusters.items():
        own = judged.get(f"effect_{name}", pd.Series(math.nan, index=judged.index)).astype(float)
        filled = own.fillna(max(float(np.nan_to_num(effects.get(name, 1.0), nan=1.0)), 1.0))
        dof = float(max(count - len(judged), 1))
        p_values.append(equal_rates(judged["won_count"], judged["closed_count"], filled, dof).p_value)
    missing, stated = (table[table["value"].isna() == flag] for flag in (True, False))
    lost = [part["closed_count"].sum() - part["won_count"].sum() for part in (missing, stated)]
    cells = [[missing["won_count"].sum(), stated["won_count"].sum()], lost]
    return {
        "attribute": table["attribute"].iloc[0], "groups_count": len(judged), "closed_count": int(stated["closed_count"].sum()),
        "p_value": max(p_values, key=lambda p: -1.0 if math.isnan(p) else p), "missing_won": int(missing["won_count"].sum()),
        "missing_lost": int(lost[0]), "missing_p": association_2x2(cells).p_value,
    }  # fmt: skip


def _bounded(table: pd.DataFrame, tests: pd.DataFrame) -> pd.DataFrame:
    """Bound the rates of attributes whose missing values follow the outcome: all missing losses, or wins, are theirs."""
    marked = tests[tests["missing_differs"]].set_index("attribute")
    is_marked = table["attribute"].isin(marked.index) & table["value"].notna()
    lost, won = (table["attribute"].map(marked[column]).fillna(0) for column in ("missing_lost", "missing_won"))
    worst = table["won_count"] / (table["closed_count"] + lost)
    best = (table["won_count"] + won) / (table["closed_count"] + won)
    return table.assign(worst_rate=worst.where(is_marked), best_rate=best.where(is_marked))


def _headline(row: pd.Series[Any], params: WinRateByGroupParams) -> Headline:
    key, n = group_key("win_rate", **{row["attribute"]: row["value"]}), int(row["closed_count"])
    if row["is_small"]:
        reason = nmsg("only {n} decided deal in this group", "only {n} decided deals in this group", n)
        return Headline(key=key, kpi="win_rate", value=None, unit="share", n=n, level=params.confidence, reason=reason)
    return Headline(
        key=key,
        kpi="win_rate",
        value=row["rate"],
        low=row["low"],
        high=row["high"],
        level=params.confidence,
        unit="share",
        n=n,
    )


def _missing_checks(tests: pd.DataFrame) -> tuple[Check, ...]:
    return tuple(
        Check(
            key=f"missing_values_do_not_follow_the_outcome.{row['attribute']}",
            status="review",
            reason=msg(
                "{attribute} is missing on {won} won and {lost} lost deals, more than chance explains: its rates are bounded by the "
                "worst and the best case.",
                attribute=label(row["attribute"]),
                won=int(row["missing_won"]),
                lost=int(row["missing_lost"]),
            ),
        )
        for row in tests[tests["missing_differs"]].to_dict("records")
    )


def _size_check(table: pd.DataFrame, params: WinRateByGroupParams) -> Check:
    small = int((table["is_small"] & table["value"].notna()).sum())
    reason = nmsg(
        "{n} group has fewer than {least} decided deals and gets no rate.",
        "{n} groups have fewer than {least} decided deals and get no rate.",
        small,
        least=params.group_min_count,
    )
    return Check(key="groups_are_large_enough", status="review" if small else "pass", reason=reason, section="D4")


def _ends(table: pd.DataFrame, tests: pd.DataFrame) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """The groups with the highest and the lowest rate by the attribute that differs most clearly."""
    first = table[(table["attribute"] == tests["attribute"].iloc[0]) & table["value"].notna() & ~table["is_small"]]
    return first.loc[first["rate"].idxmax()], first.loc[first["rate"].idxmin()]


def _brief(table: pd.DataFrame, tests: pd.DataFrame) -> Message | None:
    if not tests["differs"].any():
        return msg("No group of deals is won reliably more often than the others.")
    top, bottom = _ends(table, tests)
    return msg(
        "The win rate differs most clearly by {first}: {high} ({top}) against {low} ({bottom}).",
        first=label(tests["attribute"].iloc[0]),
        high=share(float(top["rate"])),
        top=value_name(str(top["attribute"]), str(top["value"])),
        low=share(float(bottom["rate"])),
        bottom=value_name(str(bottom["attribute"]), str(bottom["value"])),
    )


def _actions(table: pd.DataFrame, tests: pd.DataFrame, due: date) -> tuple[Action, ...]:
    """Ask for the reason behind the clearest difference; what it is worth depends on whether it can be moved at all."""
    if not tests["differs"].any():
        return ()
    attribute, (top, bottom) = str(tests["attribute"].iloc[0]), _ends(table, tests)
    what = msg(
        "Go through ten won and ten lost deals of {top} and of {bottom} and decide: carry over what works, or qualify harder where the rate is "
        "{low} and not {high} ({attribute}).",
        top=value_name(str(top["attribute"]), str(top["value"])),
        bottom=value_name(str(bottom["attribute"]), str(bottom["value"])),
        low=share(float(bottom["rate"])),
        high=share(float(top["rate"])),
        attribute=label(attribute),
    )
    evidence = tuple(group_key("win_rate", **{attribute: end["value"]}) for end in (top, bottom))
    return (Action(key="learn_from_the_best_group", what=what, owner_role=msg("head of sales"), due_on=due, watch_kpi="win_rate", evidence=evidence),)


def _finding(table: pd.DataFrame, tests: pd.DataFrame, overall: float) -> Message:
    found = tests[tests["differs"]]
    tested = int(tests["p_value"].notna().sum())
    if found.empty:
        return nmsg(
            "The win rate does not reliably differ between the groups of the one attribute tested; the common rate is {rate}.",
            "The win rate does not reliably differ between the groups of any of the {n} attributes tested; the common rate is {rate}.",
            tested,
            rate=share(overall),
        )
    top, bottom = _ends(table, tests)
    return msg(
        "The win rate differs reliably by {attributes} ({tested} attributes tested); by {first} from {low} ({bottom}) to {high} ({top}).",
        attributes=tuple(label(name) for name in found["attribute"]),
        tested=tested,
        first=label(found["attribute"].iloc[0]),
        low=share(float(bottom["rate"])),
        bottom=value_name(str(bottom["attribute"]), str(bottom["value"])),
        high=share(float(top["rate"])),
        top=value_name(str(top["attribute"]), str(top["value"])),
    )
