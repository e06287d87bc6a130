"""The KPI contract: one KPI, one definition. The codebook and every notebook print these; tests recompute them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from workbook.text import Message, msg


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """One KPI. unit: see `Quantity`; chapter: topic whose results carry it without a group.

    in_parts: what it is good for beside the same of other parts of the firm. Rates, times and means are `compared`; totals are
    `added`, and say how large a part is; None: it grows or falls with the size of the part alone, or is not the part's own.
    """

    key: str
    name: Message
    unit: str
    chapter: str
    definition: Message
    trap: Message | None = None
    more_is_better: bool | None = True
    in_parts: Literal["compared", "added"] | None = None


_KPIS = (
    Kpi(
        key="win_rate",
        name=msg("Win rate"),
        unit="share",
        chapter="data",
        definition=msg(
            "Won deals divided by won plus lost deals, by count. Deals without a decision stay out and are shown beside it, "
            "and so are open deals older than the longest time any deal needed to close."
        ),
        trap=msg("The first quarters of an export look brilliant when long deals of that time are missing from it."),
        in_parts="compared",
    ),
    Kpi(
        key="win_rate_amount",
        name=msg("Win rate by amount"),
        unit="share",
        chapter="data",
        definition=msg("Amount of won deals divided by the amount of won plus lost deals; deals without an amount stay out."),
        in_parts="compared",
    ),
    Kpi(
        key="won_amount",
        name=msg("Won amount"),
        unit="money",
        chapter="data",
        definition=msg("Sum of the amounts of won deals in the period; zeros that mean “not entered” stay out."),
        in_parts="added",
    ),
    Kpi(
        key="open_pipeline",
        name=msg("Open pipeline"),
        unit="money",
        chapter="data",
        definition=msg("Sum of the amounts of deals open on the reporting date; overdue ones are shown beside it."),
        more_is_better=None,
        in_parts="added",
    ),
    Kpi(
        key="velocity",
        name=msg("Sales velocity"),
        unit="money_per_day",
        chapter="data",
        definition=msg(
            "Open deals × win rate by count × mean amount of won deals ÷ mean cycle of won deals in days: what the funnel "
            "earns per day."
        ),
    ),
    Kpi(
        key="cycle_length",
        name=msg("Sales cycle"),
        unit="days",
        chapter="data",
        definition=msg("Median time from creation to close by Kaplan–Meier; deals still open count as “not closed so far”."),
        trap=msg("The mean of closed deals alone is too short: long deals are still open."),
        more_is_better=False,
        in_parts="compared",
    ),
    Kpi(
        key="lead_to_customer",
        name=msg("Lead to customer"),
        unit="share",
        chapter="icp_segmentation",
        definition=msg("Of leads at least H days old, the share that became customers within H days; H is shown."),
        trap=msg("Young leads must not be counted as failures."),
        in_parts="compared",
    ),
    Kpi(
        key="mql_to_sql",
        name=msg("MQL to SQL"),
        unit="share",
        chapter="smarketing",
        definition=msg("Of marketing-qualified leads at least H days old, the share accepted by sales within H days."),
        in_parts="compared",
    ),
    Kpi(
        key="market_size",
        name=msg("Market size"),
        unit="money",
        chapter="market",
        definition=msg("The latest year's value of the market data, with source and grade."),
        more_is_better=None,
    ),
    Kpi(
        key="tam",
        name=msg("Total market (TAM)"),
        unit="money",
        chapter="market",
        definition=msg("What all buyers of the market spend in a year, whoever serves them; with the way it was sized, and every assumption with source and range."),
        more_is_better=None,
    ),
    Kpi(
        key="sam",
        name=msg("Serviceable market (SAM)"),
        unit="money",
        chapter="market",
        definition=msg("The part of the total market in the regions and segments that the firm serves."),
        more_is_better=None,
    ),
    Kpi(
        key="som",
        name=msg("Obtainable market (SOM)"),
        unit="money",
        chapter="market",
        definition=msg("The part of the serviceable market that the firm can win in a year, judged by what it won so far."),
        more_is_better=None,
    ),
    Kpi(
        key="market_saturation",
        name=msg("Saturation of the market"),
        unit="share",
        chapter="market",
        definition=msg("Share of its ceiling that the market has reached, by a logistic curve; the range says whether the data can tell."),
        more_is_better=None,
    ),
    Kpi(
        key="won_amount_growth",
        name=msg("Growth of the won amount"),
        unit="ratio",
        chapter="market",
        definition=msg("Compound yearly rate of the won amount between two named complete years; the error is that of its customers."),
        in_parts="compared",
    ),
    Kpi(
        key="market_share_change",
        name=msg("Change of market share"),
        unit="share",
        chapter="market",
        definition=msg("Share of the market in the last year less that in the first; the range is that of a straight line through all years."),
        more_is_better=None,
    ),
    Kpi(
        key="pipeline_expected",
        name=msg("Expected value of the pipeline"),
        unit="money",
        chapter="market",
        definition=msg("Open pipeline times the win rate of its group; the range is that of the rate."),
    ),
    Kpi(
        key="market_growth",
        name=msg("Market growth"),
        unit="ratio",
        chapter="market",
        definition=msg("Yearly rate of the log-linear trend, and the compound rate between two named years beside it."),
        more_is_better=None,
        in_parts="compared",
    ),
    Kpi(
        key="hhi",
        name=msg("Market concentration (HHI)"),
        unit="index",
        chapter="market",
        definition=msg("Sum of the squared market shares in per cent; competitors not named are bounded from both sides."),
        more_is_better=None,
    ),
    Kpi(
        key="cr4",
        name=msg("Share of the four largest"),
        unit="share",
        chapter="market",
        definition=msg("Sum of the four largest market shares."),
        more_is_better=None,
    ),
    Kpi(
        key="effect",
        name=msg("Effect of alignment"),
        unit="share",
        chapter="alignment_impact",
        definition=msg("Estimate of the named design, with interval and verdict; no causal words where no design holds."),
    ),
    Kpi(
        key="programme_value",
        name=msg("Value of the alignment programme"),
        unit="money",
        chapter="alignment_impact",
        definition=msg(
            "Effect on the win rate × deals decided in a year in the units that adopted × mean won amount × gross margin where "
            "invoices tell it; per year."
        ),
        trap=msg("Without a margin it is revenue, which must not be compared with a cost."),
    ),
    Kpi(
        key="score_auc",
        name=msg("Discrimination of the score (AUC)"),
        unit="ratio",
        chapter="icp_segmentation",
        definition=msg(
            "Of a success and a failure among later cases, how often the success has more points, ties counted half; 0.5 is chance, "
            "1 is perfect. Only fields known at creation make the score."
        ),
        trap=msg("Measured on the cases the score was made from, it is always too good."),
    ),
    Kpi(
        key="repeat_purchase",
        name=msg("Customers who bought again"),
        unit="share",
        chapter="icp_segmentation",
        definition=msg("Customers with two or more purchases divided by all customers; a purchase is a won deal."),
        trap=msg("Customers won recently have had little time to buy again."),
        in_parts="compared",
    ),
    Kpi(
        key="top_customer_share",
        name=msg("Share of the most valuable fifth"),
        unit="share",
        chapter="icp_segmentation",
        definition=msg("Value of the most valuable fifth of the customers divided by the value of all customers."),
        trap=msg("A high share is neither good nor bad; it says how much hangs on few customers."),
        more_is_better=None,
    ),
    Kpi(
        key="clv",
        name=msg("Customer lifetime value"),
        unit="money",
        chapter="icp_segmentation",
        definition=msg("Discounted gross margin of a customer over its expected life."),
        in_parts="compared",
    ),
)

KPIS: dict[str, Kpi] = {kpi.key: kpi for kpi in _KPIS}


def kpi_of(key: str) -> Kpi:
    """Return the KPI behind a headline's key (`win_rate.region="DACH"` → win rate); raises KeyError."""
    return KPIS[key.split(".", 1)[0]]
