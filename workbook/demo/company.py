"""Who the demo company is and what is true about it. Everything the simulator puts in is written here, once.

Effects on winning are on the log-odds scale; shares are 0–1; money is in EUR; durations are in days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

NAME = "Nordwehr Automation GmbH"
CURRENCY = "EUR"
START = date(2022, 1, 1)
AS_OF = date(2026, 9, 30)

STAGES = ("Discovery", "Technical fit", "Proposal", "Negotiation")
CLOSED_STAGES = {"won": "Closed won", "lost": "Closed lost", "no_decision": "No decision"}
FAMILIES = ("Motion control", "Machine vision", "Robot cells", "Industrial software")


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A latent segment: it shows in firmographics, needs and behaviour, no column names it.

    win: log-odds before everything else; price: elasticity of the log-odds to the relative price; cycle_days:
    scale of the Weibull cycle; retention: mean share of customers kept per year; margin: gross margin before
    discount.
    """

    name: str
    weight: float
    win: float
    price: float
    no_decision: float
    amount: float
    cycle_days: float
    retention: float
    margin: float
    discount: float
    deal_rate: float
    employees: float
    satisfaction: float
    competition: float
    industries: dict[str, float]
    needs: dict[str, float]
    values: dict[str, float]
    channels: dict[str, float]
    sensitivity: dict[str, float]
    families: tuple[float, float, float, float]
    rivals: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Competitor:
    """A rival. effect: what its presence does to the log-odds of winning, beside its price."""

    name: str
    kind: str
    reach: str
    effect: float
    price_index: float
    shares: tuple[float, float]
    channels: str
    products: str
    reasons: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A sales region.

    win: what it adds to the log-odds; adopted_on: start of the alignment programme, None: never.
    """

    name: str
    countries: dict[str, float]
    market: str
    weight: float
    win: float
    adopted_on: date | None
    owners: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A product; its name is its id."""

    name: str
    family: str
    list_price: float
    launched_on: date
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A channel that brings leads. mql, sql: log-odds of the step; delay_days: mean wait until qualified."""

    name: str
    weight: float
    mql: float
    sql: float
    delay_days: float
    is_marketing: bool
    cost_per_lead: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """What the alignment programme does, by full quarters since adoption (the last value stays).

    ramp: share of the full effect; win, sql: full effect on the log-odds; cycle: on the log of the cycle's
    length; response: on the log of the response time; answered: on the log-odds of being answered at all.
    """

    ramp: tuple[float, ...] = (0.3, 0.6, 0.85, 1.0)
    win: float = 0.60
    sql: float = 0.38
    cycle: float = -0.13
    response: float = -0.50
    answered: float = 0.9
    cost_per_month: float = 9_500.0
    cost_at_start: float = 42_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyConfig:
    """All parameters of the simulation."""

    segments: tuple[Segment, ...]
    competitors: tuple[Competitor, ...]
    regions: tuple[Region, ...]
    products: tuple[Product, ...]
    sources: tuple[Source, ...]
    programme: Programme = Programme()
    account_count: int = 1_200
    opportunity_count: int = 6_000
    lead_count: int = 20_000
    customer_share_at_start: float = 0.30
    owner_sd: float = 0.34
    account_sd: float = 0.45
    expansion: float = 0.45
    training: float = 0.15
    need_fit: float = 0.45
    budget: float = 0.55
    champion: float = 0.40
    years: tuple[tuple[int, float], ...] = (
        (2022, 0.05),
        (2023, -0.08),
        (2024, -0.05),
        (2025, 0.0),
        (2026, 0.05),
    )
    second_competitor: float = 0.12
    cycle_shape: float = 1.6
    cycle_lost: float = 1.25
    cycle_no_decision: float = 1.7
    cycle_amount: float = 0.18
    cycle_max_days: int = 620
    never_closed: float = 0.045
    response_hours: float = 7.0
    response_effect: float = -0.20
