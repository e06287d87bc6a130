"""What deals or their companies say they need: counted with and without each need, and the latest cases of each. Lazy, where the data are.

Texts repeat one another: deals are counted per text first, and each text is split into its needs once.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from workbook.analyses.deals import CLUSTERINGS, each_place, per_label
from workbook.analyses.icp_segmentation.account_table import one_per_account
from workbook.analyses.icp_segmentation.deal_traits import counted, per_stratum

if TYPE_CHECKING:
    from ibis.expr.types import Table

LONG_AGO = date(1900, 1, 1)  # of deals without a day
OWN_FIELDS = ("need", "needs", "pain_point", "pain_points", "pain", "pains", "problem", "problems", "use_case", "use_cases")
DIMENSIONS = ALL, RIVALS = "need", "need_against_competitors"


def by_need(said: Table, words: Table) -> dict[str, Table]:
    """Count deals with and without each need, all and those that name a competitor; see `deal_traits.counted`. Lazy.

    Deals are counted per text first, which says for all of them at once what they need.
    """
    import ibis

    named = ibis.coalesce(said.competitor.replace(";", "").strip().lower(), "")
    rows = said.select("said", "stratum", "is_hit", *CLUSTERINGS.values(), has_rival=(named != "") & (named != "none"))

    def traits(counts: Table) -> Table:
        each = each_need(counts, words).rename(value="need")
        each = each.mutate(place=each_place(range(len(DIMENSIONS))))
        return each.filter((each.place == 0) | each.has_rival)

    there = traits(per_label(rows, ("said", "has_rival")))
    strata = traits(rows.group_by(["said", "has_rival", "stratum", "is_hit"]).agg(deals_count=rows.count()))
    return counted(there, there.filter(there.is_first), per_stratum(strata), DIMENSIONS)


def own_fields(opportunities: Table) -> list[str]:
    return [name for name in OWN_FIELDS if name in opportunities.columns]


def stated_needs(deals: Table, accounts: Table) -> tuple[Table, Table]:
    """Return the decided deals of which something is said, with it as `said`, and which needs that names (see `_split`). Lazy.

    From the first field of the deals that holds needs, else from companies.
    """
    fields = own_fields(deals)
    if fields:
        said = deals.mutate(said=deals[fields[0]].cast("string"))
        return said.filter(said.said.notnull()), _split(said)
    known = one_per_account(accounts.filter(accounts.needs.notnull())).select(home_id="account_id", said="needs")
    return deals.inner_join(known, deals.account_id == known.home_id), _split(known)


def _split(said: Table) -> Table:
    """Return the needs that each text names, none twice: words, need, is_first. Texts repeat one another, so each is split once. Lazy."""
    import ibis

    texts = said.select(words="said").filter(lambda t: t.words.notnull()).distinct()
    split = texts.select("words", need=texts.words.split(";").unnest()).mutate(need=lambda t: t.need.strip())
    named = split.filter(split.need != "").distinct()
    return named.mutate(is_first=ibis.row_number().over(ibis.window(group_by="words", order_by="need")) == 0)


def each_need(rows: Table, words: Table) -> Table:
    """Repeat each row for every need that is said: need, is_first. Lazy."""
    return rows.inner_join(words, rows.said == words.words).drop("words")


def latest_cases(said: Table, words: Table, accounts: Table, cases_max: int) -> Table:
    """The latest won and lost deals per need, those that name a competitor first. Lazy."""
    import ibis

    dated = said.mutate(is_unnamed=said.competitor.isnull(), day=said.closed_on.fill_null(LONG_AGO))
    late = _late_enough(dated, words, cases_max)
    order = [late.is_unnamed, late.day.desc(), late.opportunity_id]
    numbered = late.mutate(place=ibis.row_number().over(ibis.window(group_by=["need", "status"], order_by=order)))
    companies = one_per_account(accounts.select("account_id", company="name"))
    joined = numbered.filter(numbered.place < cases_max).left_join(companies, "account_id")
    return joined.select("need", "status", "place", "opportunity_id", "account_id", "company", "closed_on", "known_amount", "currency", "competitor")


def _late_enough(said: Table, words: Table, cases_max: int) -> Table:
    """Keep the deals × needs of days before which fewer than `cases_max` were counted: only those few need be put in order. Lazy."""
    import ibis

    when = ["status", "is_unnamed", "day"]
    counted = each_need(said.group_by(["said", *when]).agg(deals_count=said.count()), words)
    days = counted.group_by(["need", *when]).agg(deals_count=counted.deals_count.sum())
    sofar = ibis.window(group_by=["need", "status"], order_by=[days.is_unnamed, days.day.desc()], preceding=None, following=0)
    reached = days.mutate(upto=days.deals_count.sum().over(sofar))
    kept = reached.filter(reached.upto - reached.deals_count < cases_max).select("need", *when)
    texts = kept.inner_join(words.select("need", said="words"), "need")
    return said.inner_join(texts, ["said", *when])
