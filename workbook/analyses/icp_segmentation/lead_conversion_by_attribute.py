"""Which leads become customers: conversion by source, campaign, region and the firm's own attributes of a lead.

Same definition and same H as `lead_conversion`. Per attribute one test of equal rates (design effects included), and each
value against all other leads with a value; both under one Benjamini–Hochberg control. Values on fewer than
`leads_min_count` mature leads are pooled; an attribute with more than `values_max` values is left out. Leads without a value
are shown, and the rate is marked for review where a missing value goes with the outcome.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pydantic import Field

from workbook.analyses.deals import CLUSTERINGS, clusters_of, each_place, totals_of
from workbook.analyses.icp_segmentation.labels import label
from workbook.analyses.icp_segmentation.lead_outcomes import (
    LEAD,
    LeadParams,
    conversions_per_cluster,
    lead_attributes,
    usable,
    with_customer_days,
    with_horizon,
    without_late_owners,
)
from workbook.params import Share
from workbook.results import Action, Check, Headline, Result, group_key
from workbook.stats.heterogeneity import association_2x2, equal_rates
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.stats.proportion import Proportion, proportion, two_proportion_difference
from workbook.text import Message, msg, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "I1"
KPI = "lead_to_customer"


class LeadConversionByAttributeParams(LeadParams):
    """leads_min_count: values on fewer mature leads are pooled. values_max: attributes with more values are left out."""

    leads_min_count: int = Field(default=30, ge=2)
    values_max: int = Field(default=30, ge=2)
    false_discovery_rate: Share = 0.05
    action_days: int = Field(default=60, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadConversionByAttributeResult(Result):
    """Conversion of leads by attribute.

    groups: one row per attribute × value, best first inside its attribute: attribute, value (missing: not recorded), customers_count,
    leads_count, rate, low, high, design_effect, difference (to all other leads with a value), difference_low, difference_high,
    adjusted_p, is_reliable. attributes: one row per attribute, clearest difference first: attribute, p_value, adjusted_p,
    differs, values_count, pooled_count, filled_customers, filled_others, missing_p, is_filled_unevenly. horizon_days: H.
    """

    groups: pd.DataFrame | None = None
    attributes: pd.DataFrame | None = None
    horizon_days: int | None = None


def aggregate(leads: Table, opportunities: Table, params: LeadConversionByAttributeParams, *, as_of: date) -> dict[str, Table]:
    """Count mature leads and those converted per attribute, value and cluster. Lazy."""
    import ibis

    names = lead_attributes(leads)
    kept = with_horizon(usable(with_customer_days(leads.select(*LEAD, *names), opportunities, as_of)), params)
    named = _by_attribute(kept.filter(kept.is_mature), names)
    values = named.group_by("place").agg(values_count=named.value.nunique())
    few = values.filter((values.values_count >= 1) & (values.values_count <= params.values_max))
    clusters = conversions_per_cluster(named.semi_join(few, "place"), ("place", "value"))
    attribute = ibis.cases(*((clusters.place == place, ibis.literal(name)) for place, name in enumerate(names)))
    return {
        "clusters": clusters.select(attribute=attribute, **{name: name for name in clusters.columns if name != "place"}),
        "horizon": kept.agg(horizon_days=kept.horizon_days.max()),
    }


def _by_attribute(mature: Table, names: tuple[str, ...]) -> Table:
    """Return one row per lead × attribute: place (of the attribute in `names`), value. Lazy."""
    import ibis

    each = mature.select(*CLUSTERINGS.values(), "is_hit", *names, place=each_place(range(len(names))))
    return each.mutate(value=ibis.cases(*((each.place == place, each[name]) for place, name in enumerate(names)))).drop(*names)


def analyse(
    small: dict[str, pd.DataFrame], params: LeadConversionByAttributeParams, *, as_of: date
) -> LeadConversionByAttributeResult:
    """Turn counts into rates, tests and findings. Pure."""
    horizon = small["horizon"]["horizon_days"].iloc[0]
    parts = _parts(small["clusters"])
    tables = [_groups(name, part, params) for name, part in parts.items()]
    usable_tables = [table for table in tables if _known(table)["customers_count"].sum() > 0]
    if pd.isna(horizon) or not usable_tables:
        return LeadConversionByAttributeResult(refused=_refusal(horizon, parts), certainty="open")
    groups = pd.concat(usable_tables, ignore_index=True)
    attributes = pd.DataFrame([_attribute(name, rows) for name, rows in groups.groupby("attribute", sort=True)])
    groups, attributes = _controlled(groups, attributes, params.false_discovery_rate)
    actions = _actions(groups, params, as_of)
    return LeadConversionByAttributeResult(
        headlines=tuple(_headline(row, params) for row in groups[groups["is_shown"]].to_dict("records")),
        checks=_checks(attributes),
        actions=actions,
        no_action=None if actions else _no_action(attributes),
        finding=_finding(groups, attributes),
        brief=_brief(groups, attributes),
        limits=(
            msg("Where a lead came from is not why it bought: sources attract different companies."),
        ),
        certainty="likely" if attributes["differs"].any() else "open",
        groups=groups.drop(columns=["is_shown"]),
        attributes=attributes,
        horizon_days=int(horizon),
    )  # fmt: skip


def _parts(clusters: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Split the counts by attribute; of two attributes that divide the leads alike, the firm's own stays."""
    found: dict[str, pd.DataFrame] = {}
    seen: dict[tuple[Any, ...], str] = {}
    for name in clusters["attribute"].drop_duplicates():
        part = clusters[clusters["attribute"] == name]
        shape = tuple(sorted((str(value), *totals_of(rows)) for value, rows in part.groupby("value", dropna=False)))
        if shape in seen and name in ("source", "campaign", "region"):
            continue
        if shape in seen:
            found.pop(seen[shape], None)
        seen[shape] = str(name)
        found[str(name)] = without_late_owners(part)
    return found


def _known(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["value"].notna()]


def _refusal(horizon: Any, parts: dict[str, pd.DataFrame]) -> Message:
    if pd.isna(horizon):
        return msg("no lead has both a creation date and the day it became a customer")
    if not parts:
        return msg("no attribute of the leads has a few values to compare; add source or campaign to the export of the leads")
    return msg("of no lead that has an attribute is it known that it became a customer")


def _groups(attribute: str, part: pd.DataFrame, params: LeadConversionByAttributeParams) -> pd.DataFrame:
    rates: list[tuple[Any, Proportion, Proportion]] = []
    for value, rows in part.groupby("value", dropna=False, sort=True):
        others = part[part["value"].notna() & (part["value"] != value)]
        rates.append((value, _rate(rows, params.confidence), _rate(others, params.confidence)))
    table = pd.DataFrame([_row(attribute, *entry) for entry in rates])
    table["is_shown"] = table["value"].notna() & (table["leads_count"] >= params.leads_min_count)
    table.loc[~table["is_shown"], ["p_value"]] = np.nan
    return table.sort_values(["rate", "value"], ascending=[False, True], na_position="last", ignore_index=True)


def _rate(rows: pd.DataFrame, level: float) -> Proportion:
    return proportion(*totals_of(rows), level, clusters_of(rows))


def _row(attribute: str, value: Any, rate: Proportion, others: Proportion) -> dict[str, Any]:
    gap = two_proportion_difference(rate, others) if others.n and rate.n and not pd.isna(value) else None
    return {
        "attribute": attribute, "value": None if pd.isna(value) else str(value), "customers_count": int(rate.successes),
        "leads_count": int(rate.n), "rate": rate.value, "low": rate.low, "high": rate.high, "design_effect": rate.design_effect,
        "effective_n": rate.effective_n, "difference": gap.value if gap else np.nan, "difference_low": gap.low if gap else np.nan,
        "difference_high": gap.high if gap else np.nan, "p_value": gap.p_value if gap else np.nan,
    }  # fmt: skip


def _attribute(name: Any, rows: pd.DataFrame) -> dict[str, Any]:
    shown, known, missing = rows[rows["is_shown"]], _known(rows), rows[rows["value"].isna()]
    test = equal_rates(shown["customers_count"], shown["leads_count"], shown["leads_count"] / shown["effective_n"])
    won, other = known["customers_count"].sum(), (known["leads_count"] - known["customers_count"]).sum()
    won_gone, other_gone = missing["customers_count"].sum(), (missing["leads_count"] - missing["customers_count"]).sum()
    gap = association_2x2([[won_gone, won], [other_gone, other]])
    return {
        "attribute": str(name), "p_value": test.p_value, "values_count": len(shown), "pooled_count": len(known) - len(shown),
        "filled_customers": won / (won + won_gone) if won + won_gone else np.nan,
        "filled_others": other / (other + other_gone) if other + other_gone else np.nan, "missing_p": gap.p_value,
    }  # fmt: skip


def _controlled(groups: pd.DataFrame, attributes: pd.DataFrame, rate: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One false-discovery control over the tests per attribute, of its filling, and per value."""
    adjusted = benjamini_hochberg(pd.concat([attributes["p_value"], attributes["missing_p"], groups["p_value"]], ignore_index=True))
    k = len(attributes)
    attributes = attributes.assign(adjusted_p=adjusted[:k], is_filled_unevenly=adjusted[k : 2 * k] <= rate)
    groups = groups.assign(adjusted_p=adjusted[2 * k :])
    attributes["differs"] = attributes["adjusted_p"] <= rate
    groups["is_reliable"] = groups["adjusted_p"] <= rate
    attributes = attributes.sort_values(["adjusted_p", "p_value", "attribute"], ignore_index=True)
    place = groups["attribute"].map({name: i for i, name in enumerate(attributes["attribute"])})
    return groups.assign(place=place).sort_values("place", kind="stable", ignore_index=True).drop(columns="place"), attributes


def lead_key(attribute: str, value: object) -> str:
    """Return the headline key of the conversion of leads with this value."""
    return group_key(KPI, **{attribute: value})


def _headline(row: dict[Any, Any], params: LeadConversionByAttributeParams) -> Headline:
    return Headline(
        key=lead_key(row["attribute"], row["value"]), kpi=KPI, value=row["rate"], low=row["low"], high=row["high"],
        level=params.confidence, unit="share", n=row["leads_count"],
    )  # fmt: skip


def _checks(attributes: pd.DataFrame) -> tuple[Check, ...]:
    checks = []
    for row in attributes.to_dict("records"):
        uneven = bool(row["is_filled_unevenly"])
        reason = msg(
            "{attribute} is recorded for {customers} of the leads that became customers and {others} of the others.",
            attribute=label(row["attribute"]), customers=share(row["filled_customers"]), others=share(row["filled_others"]),
        )  # fmt: skip
        checks.append(Check(key=group_key("lead_attribute_is_recorded_alike", attribute=row["attribute"]),
                            status="review" if uneven else "pass", reason=reason))  # fmt: skip
    return tuple(checks)


def _finding(groups: pd.DataFrame, attributes: pd.DataFrame) -> Message:
    first = attributes.iloc[0]
    if not first["differs"]:
        return msg(
            "No reliable difference in conversion: {attributes} were compared, and what differs may well be chance.",
            attributes=tuple(label(name) for name in attributes["attribute"]),
        )
    own = groups[groups["attribute"] == first["attribute"]]
    reliable = own[own["is_reliable"]].sort_values(["difference", "value"], ignore_index=True)
    if reliable.empty:
        return msg("Conversion differs reliably by {attribute}, though no single value stands out from the others.",
                   attribute=label(first["attribute"]))  # fmt: skip
    ends = [reliable.iloc[-1]] if len(reliable) == 1 else [reliable.iloc[-1], reliable.iloc[0]]
    told = tuple(_told(row) for row in ends)
    return msg("Conversion differs reliably by {attribute}: {values}.", attribute=label(first["attribute"]), values=told)


def _brief(groups: pd.DataFrame, attributes: pd.DataFrame) -> Message:
    reliable = groups[groups["is_reliable"] & (groups["attribute"] == attributes.iloc[0]["attribute"])]
    if reliable.empty:
        return msg("Where a lead comes from makes no reliable difference to whether it becomes a customer.")
    best = reliable.sort_values(["difference", "value"], ascending=[False, True]).iloc[0]
    said = {"value": str(best["value"]), "rate": share(float(best["rate"])), "range": span(float(best["low"]), float(best["high"]), "share")}
    if best["difference"] > 0:
        return msg("Leads with “{value}” become customers most reliably: {rate} (range {range}).", **said)
    return msg("Leads with “{value}” become customers reliably less often: {rate} (range {range}).", **said)


def _no_action(attributes: pd.DataFrame) -> Message:
    if attributes["differs"].any():
        return msg("no source or campaign stands out for the better; where leads come from cannot be moved by a budget alone")
    return msg("no difference is reliable enough to move a budget")


def _told(row: pd.Series) -> Message:
    said = {
        "value": str(row["value"]), "rate": share(float(row["rate"])), "n": int(row["leads_count"]),
        "range": span(float(row["low"]), float(row["high"]), "share"),
    }  # fmt: skip
    if row["difference"] > 0:
        return msg("“{value}” converts better than the rest ({rate} of {n} leads, range {range})", **said)
    return msg("“{value}” converts worse than the rest ({rate} of {n} leads, range {range})", **said)


def _actions(groups: pd.DataFrame, params: LeadConversionByAttributeParams, as_of: date) -> tuple[Action, ...]:
    """One action for each attribute that marketing steers and that has a reliably better value."""
    better = groups[groups["is_reliable"] & (groups["difference"] > 0) & ~groups["attribute"].isin(["region"])]
    if better.empty:
        return ()
    row = better.sort_values(["difference_low", "value"], ascending=[False, True]).iloc[0]
    what = msg(
        "Test a larger budget for leads with {attribute} “{value}”, and compare the cost per customer: they convert {gap} percentage "
        "points above the rest.",
        attribute=label(row["attribute"]), value=str(row["value"]),
        gap=span(100 * float(row["difference_low"]), 100 * float(row["difference_high"]), "points"),
    )  # fmt: skip
    return (
        Action(
            key="test_more_of_the_best_leads", what=what, owner_role=msg("head of marketing"),
            due_on=as_of + timedelta(days=params.action_days), watch_kpi=KPI,
            evidence=(lead_key(row["attribute"], row["value"]),),
        ),
    )  # fmt: skip
