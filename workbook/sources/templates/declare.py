"""Which frames have a template, which of its columns are for people to fill, and what the column guide says of each."""

from __future__ import annotations

from dataclasses import dataclass

from workbook.text import Message, msg


@dataclass(frozen=True, slots=True)
class Template:
    """One template. purpose: what it makes possible. guide: what to write into each column, in the columns' order.

    to_fill: a row in which all of these are empty says nothing and is no data. whole_file: then the file is looked at as a
    whole, because an empty cell has a meaning of its own (a unit without a date never adopted).
    """

    frame: str
    purpose: Message
    guide: dict[str, Message]
    to_fill: tuple[str, ...]
    whole_file: bool = False


TEMPLATES: dict[str, Template] = {
    template.frame: template
    for template in (
        Template(
            "market",
            msg("Size and growth of the market: association, statistical office, market study, own estimate."),
            {
                "year": msg("calendar year the figure speaks of"),
                "region": msg("region of the market; keep the names of your sales regions where you can"),
                "segment": msg("part of the market; leave empty in the row of the total as the source states it"),
                "measure": msg("what is measured: turnover, units, establishments – one row each"),
                "volume": msg("the figure itself, without thousands separators"),
                "unit": msg("unit of the figure: EUR, m EUR, establishments, …"),
                "currency": msg("currency where the figure is money, as EUR or USD"),
                "source": msg("who publishes it, with the title"),
                "grade": msg("how good the source is: A official statistics, B association, C study with method, D estimate, E guess"),
                "is_break": msg("yes where the definition changes with this year"),
                "note": msg("what else the source says of this figure"),
            },
            ("volume",),
        ),
        Template(
            "competitors",
            msg("Who shares the market with you; one row per competitor and year, one row for your own firm."),
            {
                "competitor": msg("name as it stands in the deals"),
                "year": msg("year the entries speak of; older years in rows of their own show how shares move"),
                "segment": msg("part of the market; leave empty where the row speaks of the whole"),
                "kind": msg("direct: offers the same; indirect: solves the same problem in another way"),
                "reach": msg("local or international"),
                "revenue": msg("revenue in this market, as in annual reports or estimated"),
                "currency": msg("currency of the revenue"),
                "market_share": msg("share of the market, as 12% or 0.12"),
                "price_index": msg("price level for a comparable offer, your own = 100"),
                "channels": msg("sales channels, separated by semicolons"),
                "products": msg("product families offered, separated by semicolons"),
                "is_self": msg("yes in the row of your own firm"),
            },
            ("kind", "reach", "revenue", "market_share", "price_index", "channels", "products"),
        ),
        Template(
            "ratings",
            msg("How buyers see the brands: a short survey, one row per person asked, brand and attribute."),
            {
                "respondent_id": msg("a number for the person asked, no name"),
                "brand": msg("brand rated; your own firm is one of them"),
                "attribute": msg("what is rated; replace the proposals by what your buyers decide on"),
                "score": msg("rating from 1 (poor) to 7 (excellent); leave empty where the brand is not known"),
            },
            ("score",),
        ),
        Template(
            "units",
            msg("When each region or team adopted the programme of aligning sales and marketing, and what it cost."),
            {
                "unit": msg("region or team, as in the deals"),
                "month_on": msg("first day of the month"),
                "adopted_on": msg("day the unit adopted the programme, once per unit is enough; empty: never"),
                "programme_cost": msg("cost of the programme in the month"),
                "currency": msg("currency of the cost"),
            },
            ("adopted_on", "programme_cost"),
            whole_file=True,
        ),
        Template(
            "survey",
            msg("How sales and marketing rate their alignment themselves; anonymous, at least five people of each."),
            {
                "respondent_id": msg("a number for the person who answers, no name"),
                "function": msg("sales or marketing"),
                "item": msg("statement rated; add your own below"),
                "score": msg("1: does not apply, 5: applies fully; leave empty where there is no answer"),
                "answered_on": msg("day of the answer"),
            },
            ("score",),
        ),
        Template(
            "spend",
            msg("What sales and marketing cost per month: pay, agencies, fairs, travel, software."),
            {
                "month_on": msg("first day of the month"),
                "function": msg("sales or marketing"),
                "channel": msg("what the money was spent on; replace the proposals by your own cost types or channels"),
                "region": msg("region it was spent for; leave empty where it cannot be told"),
                "amount": msg("cost of the month"),
                "currency": msg("currency of the cost"),
            },
            ("amount",),
        ),
    )
}
