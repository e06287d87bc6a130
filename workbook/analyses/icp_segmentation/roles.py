"""Roles seen in deals: counted with and without each, open deals that lack one, and how much is recorded. Lazy, where the data are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbook.analyses.deals import CLOSED, CLUSTERINGS, labelled, with_known_amount
from workbook.analyses.icp_segmentation.deal_traits import alike, counted, per_stratum
from workbook.analyses.icp_segmentation.time_open import with_fifths

if TYPE_CHECKING:
    from ibis.expr.types import Table


def _people(contacts: Table) -> Table:
    """Return one row per contact of a deal: opportunity_id, value (the role, null for none said). Lazy."""
    return contacts.filter(contacts.opportunity_id.notnull()).select("opportunity_id", value=contacts.role.strip().nullif(""))


def by_role(opportunities: Table, contacts: Table, per_deal: Table) -> dict[str, Table]:
    """Count decided deals with and without each role; see `deal_traits.counted`. Lazy.

    Clusters and strata are read apart, each with the columns it needs: with all of them the deals would have to be held for the joins.
    """
    import ibis

    people, seen, place = _people(contacts), seen_roles(contacts), ibis.literal(0, "int8")
    roles = seen.filter(seen.value.notnull()).drop("contacts_count")
    closed = opportunities.filter(opportunities.status.isin(CLOSED))
    deals = closed.select("opportunity_id", *CLUSTERINGS.values(), is_hit=closed.status == "won", place=place)
    named = deals.semi_join(people.filter(people.value.notnull()), "opportunity_id").drop("opportunity_id")
    there = deals.inner_join(roles, "opportunity_id").drop("opportunity_id")
    timed = with_fifths(opportunities.select("opportunity_id", "status", "segment", "created_on", "closed_on"))
    timed = timed.filter(timed.status.isin(CLOSED)).inner_join(per_deal, timed.opportunity_id == per_deal.seen_on)
    timed = timed.select("opportunity_id", "least", is_hit=timed.status == "won", place=place, stratum=timed.stratum + " | " + timed.roles_count.cast("string"))
    each = timed.inner_join(roles, "opportunity_id")
    strata = per_stratum(alike(each.mutate(is_first=each.value == each.least)))
    return counted(labelled(there), labelled(named), strata, ("role",))


def seen_roles(contacts: Table) -> Table:
    """Return one row per deal × role (null for none said): opportunity_id, value, contacts_count. Lazy."""
    people = _people(contacts)
    return people.group_by(["opportunity_id", "value"]).agg(contacts_count=people.count())


def lacking(opportunities: Table, contacts: Table) -> Table:
    """Count the open deals that lack a role, and their amount: all less those that have it. One row per role × currency; lazy."""
    import ibis

    is_open = with_known_amount(opportunities.filter(opportunities.status == "open")).select("opportunity_id", "known_amount", "currency")
    people = _people(contacts)
    people = people.filter(people.value.notnull())
    named = people.inner_join(is_open, "opportunity_id").distinct()
    having = named.group_by(["value", "currency"]).agg(**_amounts(named))
    whole = people.select("value").distinct().cross_join(is_open.group_by("currency").agg(**_amounts(is_open)))
    columns = ("deals_count", "amount", "amount_count")
    taken = having.select("value", "currency", **{name: -having[name] for name in columns})
    both = ibis.union(whole.select("value", "currency", *columns), taken, distinct=False)
    left = both.group_by(["value", "currency"]).agg(**{name: both[name].sum() for name in columns}).filter(lambda t: t.deals_count > 0)
    return left.mutate(amount=ibis.ifelse(left.amount_count > 0, left.amount, ibis.null(left.amount.type())))


def role_facts(opportunities: Table, contacts: Table) -> Table:
    """Count open and decided deals, those that name a role, open ones that hang on one person (name fewer than two roles), and decided ones with dates. Lazy."""
    people = _people(contacts)
    per_deal = people.group_by(people.opportunity_id.name("seen_on")).agg(least=people.value.min(), greatest=people.value.max())
    deals = opportunities.select("opportunity_id", "status", days_open=opportunities.closed_on.delta(opportunities.created_on, unit="day"))
    seen = deals.left_join(per_deal, deals.opportunity_id == per_deal.seen_on)
    is_open, is_closed = seen.status == "open", seen.status.isin(CLOSED)
    hangs_on_one = seen.least.isnull() | (seen.least == seen.greatest)
    return seen.agg(
        open_count=is_open.sum(), closed_count=is_closed.sum(), named_count=(is_closed & seen.least.notnull()).sum(),
        thin_count=(is_open & hangs_on_one).sum(), timed_count=(is_closed & seen.days_open.notnull()).sum(),
    )  # fmt: skip


def _amounts(deals: Table) -> dict[str, Any]:
    return {"deals_count": deals.count(), "amount": deals.known_amount.sum(), "amount_count": deals.known_amount.count()}
