"""How many leads become customers, and how long does it take?

Conversion: of the leads at least H days old, the share that became customers within H days (see `lead_outcomes` for H and
for the day a lead becomes a customer). Time to customer: Kaplan–Meier over all leads; a lead that is no customer yet is
censored at its age. Customers won before the first contact are flagged and left out; so are those without a date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from workbook.analyses.deals import clusters_of, totals_of
from workbook.analyses.icp_segmentation.lead_outcomes import (
    LEAD,
    LeadParams,
    conversions_per_cluster,
    links,
    usable,
    with_customer_days,
    with_horizon,
    without_late_owners,
)
from workbook.results import Check, Headline, Result, clean_float
from workbook.stats.durations import DurationCounts, duration_counts
from workbook.stats.proportion import Proportion, proportion
from workbook.stats.survival import SurvivalCurve, kaplan_meier
from workbook.text import Message, days, msg, nmsg, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "I4"
KEY = "lead_to_customer"


class LeadConversionParams(LeadParams):
    """See `LeadParams`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadConversionResult(Result):
    """Share of leads that become customers, and the time it takes.

    curve: one row per duration: duration (days), customer_share, low, high, at_risk_count. horizon_days: H. median_days:
    half of the customers so far were won within it. leads_count: all leads; customers_count: those that became customers.
    """

    curve: pd.DataFrame | None = None
    horizon_days: int | None = None
    median_days: float | None = None
    leads_count: int = 0
    customers_count: int = 0


def aggregate(leads: Table, opportunities: Table, params: LeadConversionParams, *, as_of: date) -> dict[str, Table]:
    """Count leads per age and time to customer, mature ones per cluster, and the ones left out. Lazy."""
    timed = with_customer_days(leads.select(*LEAD), opportunities, as_of)
    kept = with_horizon(usable(timed), params)
    mature = kept.filter(kept.is_mature)
    return {
        "durations": kept.group_by(["customer_days", "age_days"]).agg(leads_count=kept.count()),
        "clusters": conversions_per_cluster(mature),
        "horizon": kept.agg(horizon_days=kept.horizon_days.max(), mature_count=kept.is_mature.sum()),
        "facts": timed.agg(
            leads_count=timed.count(),
            customers_count=timed.is_customer.sum(),
            undated_leads_count=timed.age_days.isnull().sum(),
            future_count=(timed.age_days < 0).sum(),
            undated_count=(timed.is_undated & timed.age_days.notnull()).sum(),
            before_contact_count=timed.is_before_contact.sum(),
        ).cross_join(links(leads, opportunities)),
    }


def analyse(small: dict[str, pd.DataFrame], params: LeadConversionParams, *, as_of: date) -> LeadConversionResult:
    """Turn counts into the conversion rate and the curve. Pure."""
    facts = {str(name): int(value) for name, value in small["facts"].fillna(0).iloc[0].items()}
    refused = _refusal(facts, small["durations"])
    if refused is not None:
        blank = Headline(key=KEY, kpi=KEY, value=None, unit="share", n=0, level=params.confidence, reason=refused)
        return LeadConversionResult(refused=refused, headlines=(blank,), certainty="open", leads_count=facts["leads_count"])
    horizon = int(small["horizon"]["horizon_days"].iloc[0])
    counted = without_late_owners(small["clusters"])
    rate = proportion(*totals_of(counted), params.confidence, clusters_of(counted))
    curve = kaplan_meier(_counts(small["durations"]), params.confidence)
    median = _median_of_customers(small["durations"])
    return LeadConversionResult(
        headlines=(_headline(rate),),
        checks=_checks(facts, rate),
        finding=_finding(rate, horizon, median),
        brief=msg("{rate} of leads become customers within {horizon} (range {range}).", rate=share(rate.value), horizon=days(horizon, 0),
                  range=span(rate.low, rate.high, "share")),
        no_action=msg("this is the yardstick; what to change follows from the sources and the score below"),
        limits=_limits(facts, rate, horizon, params),
        certainty="firm" if rate.successes >= 100 and rate.reason is None else "likely",
        curve=_curve_table(curve),
        horizon_days=horizon,
        median_days=median,
        leads_count=facts["leads_count"],
        customers_count=facts["customers_count"],
    )


def _refusal(facts: dict[str, int], durations: pd.DataFrame) -> Message | None:
    if facts["leads_count"] == 0:
        return msg("there is no lead")
    if durations.empty:
        return msg("no lead carries a usable creation date; add the creation date to the export of the leads")
    if durations["customer_days"].notna().any():
        return None
    if facts["customers_count"]:
        return msg("{n} leads became customers, but none with a usable date; add the day a lead became a customer or its deal was won",
                   n=facts["customers_count"])  # fmt: skip
    return _nobody(facts)


def _nobody(facts: dict[str, int]) -> Message:
    """Nobody became a customer, or nobody knows who did: that a lead was converted says that sales took it over, not that it bought."""
    n = facts["leads_count"]
    if facts["linked_count"] + facts["naming_count"]:
        return msg("none of the {n} leads became a customer, as far as the data say: no deal that a lead names, or that names a lead, was won", n=n)
    wanted = msg("add the deal that each lead became (Salesforce: “Converted Opportunity ID”) or the day it became a customer to the export of the leads, "
                 "or the lead to that of the deals")  # fmt: skip
    if facts["taken_over_count"]:
        return msg("which of the {n} leads became customers is not known: {taken} carry the day on which sales took them over, but none its deal; {wanted}",
                   n=n, taken=facts["taken_over_count"], wanted=wanted)  # fmt: skip
    return msg("which of the {n} leads became customers is not known; {wanted}", n=n, wanted=wanted)


def _counts(durations: pd.DataFrame) -> DurationCounts:
    won = durations["customer_days"].notna()
    length = durations["customer_days"].where(won, durations["age_days"]).to_numpy(float)
    n = durations["leads_count"].to_numpy(float)
    return duration_counts(length, n * won.to_numpy(float), n * (~won).to_numpy(float))


def _median_of_customers(durations: pd.DataFrame) -> float:
    won = durations[durations["customer_days"].notna()].sort_values("customer_days")
    passed = won["leads_count"].cumsum() >= won["leads_count"].sum() / 2
    return float(won.loc[passed, "customer_days"].iloc[0])


def _curve_table(curve: SurvivalCurve) -> pd.DataFrame:
    table = curve.table
    return pd.DataFrame(
        {
            "duration": table["duration"],
            "customer_share": 1 - table["survival_share"],
            "low": 1 - table["survival_high"],
            "high": 1 - table["survival_low"],
            "at_risk_count": table["at_risk_count"],
        }
    )


def _headline(rate: Proportion) -> Headline:
    return Headline(
        key=KEY, kpi=KEY, value=clean_float(rate.value), low=clean_float(rate.low), high=clean_float(rate.high),
        level=rate.level, unit="share", n=int(rate.n),
    )  # fmt: skip


def _checks(facts: dict[str, int], rate: Proportion) -> tuple[Check, ...]:
    before, undated = facts["before_contact_count"], facts["undated_count"]
    reason = nmsg("{n} lead became a customer before the first contact; it is left out.",
                  "{n} leads became customers before the first contact; they are left out.", before)  # fmt: skip
    order = Check(key="customers_come_after_first_contact", status="review" if before else "pass", reason=reason)
    reason = nmsg("{n} lead became a customer without a date; it is left out.",
                  "{n} leads became customers without a date; they are left out.", undated)  # fmt: skip
    dated = Check(key="customers_are_dated", status="review" if undated else "pass", reason=reason)
    mature = int(rate.n)
    reason = nmsg("{n} lead is old enough to be judged.", "{n} leads are old enough to be judged.", mature)
    return order, dated, Check(key="lead_cohorts_are_mature", status="pass" if mature >= 30 else "review", reason=reason)


def _finding(rate: Proportion, horizon: int, median: float) -> Message:
    return msg(
        "Of {n} leads at least {horizon} old, {rate} became customers within that time (range {range}); half of all customers "
        "so far were won within {median} of the first contact.",
        n=int(rate.n), horizon=days(horizon, 0), rate=share(rate.value), range=span(rate.low, rate.high, "share"),
        median=days(median, 0),
    )  # fmt: skip


def _limits(facts: dict[str, int], rate: Proportion, horizon: int, params: LeadConversionParams) -> tuple[Message, ...]:
    left = facts["undated_leads_count"] + facts["future_count"]
    young = facts["leads_count"] - int(rate.n) - left - facts["before_contact_count"] - facts["undated_count"]
    limits = [
        msg(
            "The window of {horizon} covers {share} of the times seen, or less where the leads are too young for that; {young} "
            "younger leads are not judged, and customers won later than that do not count.",
            horizon=days(horizon, 0), share=share(params.horizon_share, 0), young=max(young, 0),
        ),
    ]  # fmt: skip
    if left:
        limits.append(nmsg("{n} lead has no creation date up to the reporting date and is left out.",
                           "{n} leads have no creation date up to the reporting date and are left out.", left))  # fmt: skip
    return tuple(limits)
