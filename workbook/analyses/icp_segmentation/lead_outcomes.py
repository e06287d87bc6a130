"""From a lead to a customer: the day, the time it took, and the horizon within which conversion is counted.

A lead became a customer on `customer_at`, else on the day of the first won opportunity that names the lead or that the lead
names. The horizon H is the time within which most of those who became customers did so, but never longer than half of the
leads are old; young leads would otherwise count as failures.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from workbook.analyses.deals import hits_per_cluster
from workbook.frames import FRAMES
from workbook.params import Params, Share

if TYPE_CHECKING:
    from ibis.expr.types import Table

PROVENANCE = ("source_file", "source_line")
DECLARED = ("source", "campaign", "region")
OWNERS_KNOWN = 0.9  # owners given only to leads that went well would look like clusters of success


class LeadParams(Params):
    """horizon_share: H covers this share of the observed times. mature_min_share: and leaves at least this share of leads."""

    confidence: Share = 0.95
    horizon_share: Share = 0.9
    mature_min_share: Share = 0.5


LEAD = ("lead_id", "opportunity_id", "owner_id", "account_id", "created_at", "customer_at")  # what conversion and its clusters rest on


def with_customer_days(leads: Table, opportunities: Table, as_of: date) -> Table:
    """Add age_days and customer_days (null while no customer, or undated), is_customer, is_before_contact. Lazy."""
    import ibis

    by_lead, by_deal = _won_by_lead(opportunities), _won_by_deal(opportunities)
    found = leads.left_join(by_lead, leads.lead_id == by_lead.won_lead_id)
    found = found.left_join(by_deal, found.opportunity_id == by_deal.won_deal_id)
    direct = found.customer_at.cast("date")
    closed = ibis.coalesce(direct, found.lead_won_on, found.deal_won_on)
    customer_on = ibis.ifelse(closed <= ibis.date(as_of), closed, ibis.null("date"))
    is_won = direct.notnull() | found.won_lead_id.notnull() | found.won_deal_id.notnull()
    created = found.created_at.cast("date")
    known = found.select(
        *[found[name] for name in leads.columns],
        age_days=ibis.date(as_of).delta(created, unit="day").cast("int64"),
        days=customer_on.delta(created, unit="day").cast("int64"),
        is_customer=is_won & (closed.isnull() | (closed <= ibis.date(as_of))),
    )
    return known.mutate(
        customer_days=ibis.ifelse(known.days >= 0, known.days, ibis.null("int64")),
        is_before_contact=(known.days < 0).fill_null(False),
        is_undated=(known.is_customer & known.days.isnull()),
    ).drop("days")


def _won_by_lead(opportunities: Table) -> Table:
    won = opportunities.filter((opportunities.status == "won") & opportunities.lead_id.notnull())
    return won.group_by(won.lead_id.name("won_lead_id")).agg(lead_won_on=won.closed_on.min())


def _won_by_deal(opportunities: Table) -> Table:
    won = opportunities.filter(opportunities.status == "won")
    return won.group_by(won.opportunity_id.name("won_deal_id")).agg(deal_won_on=won.closed_on.min())


def links(leads: Table, opportunities: Table) -> Table:
    """Count leads that tell their deal or the day they became customers, deals that name their lead, and leads that sales took over. One row; lazy."""
    told = leads.agg(
        linked_count=(leads.customer_at.notnull() | leads.opportunity_id.notnull()).sum(), taken_over_count=leads.sql_at.count(),
    )  # fmt: skip
    return told.cross_join(opportunities.agg(naming_count=opportunities.lead_id.count()))


def usable(timed: Table) -> Table:
    """Keep leads with a creation date on or before the reporting date and, if customers, a usable time. Lazy."""
    return timed.filter((timed.age_days >= 0) & ~timed.is_before_contact & ~timed.is_undated)


def with_horizon(leads: Table, params: LeadParams) -> Table:
    """Add horizon_days, is_mature and is_hit (became a customer within the horizon). Lazy."""
    import ibis

    ages = leads.agg(cap=leads.age_days.quantile(1 - params.mature_min_share))
    times = leads.filter(leads.customer_days.notnull())
    reach = times.agg(reach=times.customer_days.quantile(params.horizon_share))
    bounds = ages.cross_join(reach)
    bounds = bounds.select(horizon_days=ibis.least(bounds.reach.ceil(), bounds.cap.floor()).cast("int64"))
    joined = leads.cross_join(bounds)
    return joined.mutate(
        is_mature=(joined.age_days >= joined.horizon_days).fill_null(False),
        is_hit=(joined.customer_days <= joined.horizon_days).fill_null(False),
    )


def conversions_per_cluster(mature: Table, by: tuple[str, ...] = ()) -> Table:
    """Count mature leads and those converted per owner and account; see `deals.hits_per_cluster`. Lazy."""
    return hits_per_cluster(mature, mature.is_hit, by)


def without_late_owners(counted: pd.DataFrame) -> pd.DataFrame:
    """Drop the clustering by owner where fewer than 90 % of the leads have one. Pure."""
    owners = counted[counted["clustering"] == "owner"]
    leads = (owners["deals_count"] * owners["cluster_count"]).astype(float)
    known = float(leads[owners["is_known"].astype(bool)].sum())
    if len(owners) and known < OWNERS_KNOWN * float(leads.sum()):
        return counted[counted["clustering"] != "owner"]
    return counted


def lead_attributes(leads: Table) -> tuple[str, ...]:
    """Return the columns that may form groups of leads: source, campaign, region and the firm's own text columns."""
    known = {*FRAMES["leads"].names, *PROVENANCE}
    own = [name for name in leads.columns if name not in known and not name.endswith("_id") and leads[name].type().is_string()]
    return (*DECLARED, *own)
