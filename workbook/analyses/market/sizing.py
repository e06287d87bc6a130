"""How much of the market can we serve, and how much can we win (TAM, SAM, SOM)?

Two ways that share no figure but the part served. Top-down: the published market, the part of it in our regions and
segments, our share. Bottom-up, from our own deals: companies that buy, what one of them asks for in a year (all deals
opened, whoever won them), the part of it that we win; the whole market follows from the part served. Each assumption has
low, mode, high, source and grade, and can be set. Draws from PERT distributions give the ranges; one assumption at a time
from low to high shows which drives the result. The ways agree where the range of their ratio holds 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pydantic import Field

from workbook.analyses.deals import CLOSED, currency_of, rate_of, with_known_amount, won_per_cluster
from workbook.analyses.market import sizing_ways as ways
from workbook.analyses.market.assumptions import Assumed, Assumption, Draws, draw, summary, tornado
from workbook.analyses.market_series import Series, main_series, read_series, select_rows
from workbook.analyses.market_shares import Shares, read_shares, select_competitors
from workbook.params import Params, Share
from workbook.results import Action, Check, Headline, Result, group_key
from workbook.text import Message, msg, quantity, ratio, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "M1"
LEVELS = ("tam", "sam", "som")
ASSUMED = msg("a range of assumptions, no sampling error")
WAYS = {"top-down": msg("top-down"), "bottom-up": msg("bottom-up")}


class SizingParams(Params):
    """An assumption that is set replaces the one read from the data. served_regions, served_segments: names of the market
    data that are served (empty: those on won deals). buyers: number of companies; demand: money per company and year.
    """

    measure: str = ""
    tam: Assumption | None = None
    served_share: Assumption | None = None
    own_share: Assumption | None = None
    buyers: Assumption | None = None
    demand: Assumption | None = None
    win_share: Assumption | None = None
    served_regions: tuple[str, ...] = ()
    served_segments: tuple[str, ...] = ()
    currency: str | None = None
    confidence: Share = 0.95
    draws: int = Field(default=2000, ge=100)
    seed: int = 7
    action_days: int = Field(default=90, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SizingResult(Result):
    """Both ways side by side.

    estimates: one row per level (tam, sam, som) and way: level, way, value, low, high. ratios: one row per level known both
    ways: level, ratio (top-down over bottom-up), low, high, agrees. assumptions: every assumption used, with its way.
    drivers: see `assumptions.tornado`, of the obtainable market. Money in `currency`.
    """

    estimates: pd.DataFrame | None = None
    ratios: pd.DataFrame | None = None
    assumptions: tuple[tuple[str, Assumed], ...] = ()
    drivers: pd.DataFrame | None = None
    currency: str | None = None
    main: Series | None = None


def aggregate(
    market: Table, opportunities: Table, accounts: Table, products: Table, competitors: Table, params: SizingParams, *, as_of: date
) -> dict[str, Table]:
    """Select market and competitor rows; add up what was asked and won per year; list what won deals name. Lazy."""
    import ibis

    deals = with_known_amount(opportunities).mutate(customer=lambda t: ibis.coalesce(t.account_id, t.opportunity_id))
    opened = deals.filter(deals.created_on <= ibis.date(as_of))
    dated = opened.mutate(year=opened.created_on.year())
    each = dated.group_by(["year", "currency", "customer"]).agg(
        asked=dated.known_amount.cast("float64").sum(), amount_count=dated.known_amount.count(), deals_count=dated.count()
    )
    times = opened.group_by("customer").agg(n=opened.count())
    won = deals.filter((deals.status == "won") & (deals.closed_on <= ibis.date(as_of))).mutate(year=lambda t: t.closed_on.year())
    return {
        "market": select_rows(market, as_of),
        "competitors": select_competitors(competitors, as_of),
        "asked": each.group_by(["year", "currency"]).agg(
            asked=each.asked.sum(), squares=(each.asked * each.asked).sum(), amount_count=each.amount_count.sum(), deals_count=each.deals_count.sum()
        ),
        "accounts": times.agg(accounts_count=times.count(), once_count=(times.n == 1).sum(), twice_count=(times.n == 2).sum()),
        "listed": accounts.agg(n=accounts.count()),
        "won": won.group_by("year").agg(won=won.known_amount.cast("float64").sum()),
        "named": _named(won, accounts, products),
        "clusters": won_per_cluster(opportunities.filter(opportunities.status.isin(CLOSED))),
        "coverage": opened.agg(first_on=opened.created_on.min()),
    }  # fmt: skip


def _named(won: Table, accounts: Table, products: Table) -> Table:
    """Won deals per kind (region or segment) and name that the deal, its account or its product carries."""
    import ibis

    about = accounts.select("account_id", "country", "industry", account_region=accounts.region, account_segment=accounts.segment)
    rows = won.select("account_id", "product_id", "region", "segment").left_join(about, "account_id").drop("account_id_right")
    kinds = {"region": ("region", "account_region", "country"), "segment": ("segment", "account_segment", "industry", "family")}
    columns = [column for of_kind in kinds.values() for column in of_kind]
    rows = rows.left_join(products.select("product_id", "family"), "product_id").select(*columns)  # read seven times: Ibis repeats a `drop`
    parts = [
        rows.select(kind=ibis.literal(kind), column=ibis.literal(column), name=rows[column].lower()) for kind, columns in kinds.items() for column in columns
    ]
    named = ibis.union(*parts, distinct=False).filter(lambda t: t["name"].notnull())
    return named.group_by(["kind", "column", "name"]).agg(deals_count=named.count())


def analyse(small: dict[str, pd.DataFrame], params: SizingParams, *, as_of: date) -> SizingResult:
    """Turn assumptions into sizes with ranges. Pure."""
    market = read_series(small["market"])[0]
    main = main_series(market, params.measure)
    priced = main if isinstance(main, Series) and main.currency else None
    code = currency_of(small["asked"], "amount_count")
    own_code = code.code or params.currency
    currency = priced.currency if priced else own_code
    part = _served(priced, small["named"], params)
    down = _top_down(priced, part, _won(small, as_of), read_shares(small["competitors"], market, as_of), params)
    up = _bottom_up(small, params, as_of) if code.refused is None and own_code == currency else ()
    if not down and not up:
        why = code.refused or msg("there is neither a market in money nor a complete year of deals with amounts in its currency")
        return SizingResult(refused=why, certainty="open")
    shared = () if part is None else (part,)
    known = {way: (*own, *shared) for way, own in (("top-down", down), ("bottom-up", up)) if own}
    drawn = draw(tuple({a.key: a for used in known.values() for a in used}.values()), params.draws, params.seed)
    levels = {way: _levels(way, drawn) for way in known}
    estimates, ratios = _estimates(levels, params), _ratios(levels, params)
    rest = summary(levels["top-down"]["rest"], params.confidence) if "rest" in levels.get("top-down", {}) else None
    best = "top-down" if "som" in levels.get("top-down", {}) else next(iter(known))
    drivers = tornado(known[best], lambda d: _levels(best, d)[_last(levels[best])])
    return SizingResult(
        headlines=(*_headlines(estimates, currency, params, len(drivers)), *_rest_headline(rest, currency, params, len(drivers))),
        checks=(_agreement(ratios), _evidence(known)),
        finding=_finding(estimates, ratios, rest, currency),
        brief=_brief(estimates, currency),
        actions=_actions(drivers, levels, currency, params, as_of),
        limits=_limits(known, own_code, currency),
        certainty="open" if any(a.grade == "E" for used in known.values() for a in used) else "likely",
        estimates=estimates, ratios=ratios, assumptions=tuple((way, a) for way, used in known.items() for a in used),
        drivers=drivers, currency=currency, main=priced,
    )  # fmt: skip


def _served(main: Series | None, named: pd.DataFrame, params: SizingParams) -> Assumed | None:
    """The part served; None where nothing tells it. Without market data the demand that reaches us is the part served."""
    if main is not None:
        chosen = {"region": params.served_regions, "segment": params.served_segments}
        found = ways.served(main, named, chosen)
        blank = Assumed(key="served_share", name=ways.NAMES["served_share"], low=1, mode=1, high=1, unit="share", source="", grade="E")
        return (found or blank).or_setting(params.served_share) if found or params.served_share else None
    return None


def _won(small: dict[str, pd.DataFrame], as_of: date) -> pd.DataFrame:
    """The amount won in each complete year."""
    won = small["won"].dropna(subset=["year"])
    won = won[won["year"] < as_of.year] if as_of < date(as_of.year, 12, 31) else won
    first = small["coverage"]["first_on"].iloc[0] if len(small["coverage"]) else None
    return won if pd.isna(first) else won[won["year"] > pd.Timestamp(first).year]


def _top_down(main: Series | None, part: Assumed | None, won: pd.DataFrame, shares: Shares, params: SizingParams) -> tuple[Assumed, ...]:
    if main is None or not float(main.comparable["volume"].iloc[-1]) > 0:
        return ()
    whole = ways.whole_market(main).or_setting(params.tam)
    if part is None:
        return (whole,)
    own = ways.own_share(shares, won, main, part.mode)
    if own is None and params.own_share is not None:
        own = Assumed(key="own_share", name=ways.NAMES["own_share"], unit="share", **params.own_share.model_dump())
    return (whole,) if own is None else (whole, own.or_setting(params.own_share))


def _bottom_up(small: dict[str, pd.DataFrame], params: SizingParams, as_of: date) -> tuple[Assumed, ...]:
    asked = small["asked"].dropna(subset=["year"]).groupby("year")[["asked", "squares", "amount_count", "deals_count"]].sum().reset_index()
    counts = small["accounts"].iloc[0] if len(small["accounts"]) else None
    if asked.empty or counts is None or not counts["accounts_count"]:
        return ()
    full = asked["deals_count"] / asked["amount_count"].where(asked["amount_count"] > 0)
    first = pd.Timestamp(small["coverage"]["first_on"].iloc[0])
    asked = asked.assign(
        asked=asked["asked"] * full, squares=asked["squares"] * full**2,
        is_complete=[pd.Timestamp(int(y), 1, 15) >= first and date(int(y), 12, 31) <= as_of for y in asked["year"]],
    )  # fmt: skip
    wanted = ways.demand(asked, float(counts["accounts_count"]))
    rate = rate_of(small["clusters"], params.confidence)
    if wanted is None or not rate.n:
        return ()
    source = msg("win rate by count, {n} decided deals, sellers and accounts taken into account", n=int(rate.n))
    win = Assumed(key="win_share", name=ways.NAMES["win_share"], low=rate.low, mode=rate.value, high=rate.high, unit="share", source=source, grade="B")
    firms = ways.buyers(counts, int(small["listed"]["n"].iloc[0]))
    return firms.or_setting(params.buyers), wanted.or_setting(params.demand), win.or_setting(params.win_share)


def _levels(way: str, d: Draws) -> dict[str, np.ndarray]:
    """Multiply the assumptions; levels that cannot be had are left out."""
    if way == "bottom-up":
        sam = d["buyers"] * d["demand"]
        whole = {"tam": sam / np.maximum(d["served_share"], 1e-9)} if "served_share" in d else {}
        return whole | {"sam": sam, "som": sam * d["win_share"]}
    found = {"tam": d["tam"]}
    if "served_share" in d:
        found |= {"sam": d["tam"] * d["served_share"]}
    if "own_share" in d:
        found |= {"som": found["sam"] * d["own_share"], "rest": found["sam"] * (1 - d["own_share"])}
    return found


def _last(levels: dict[str, np.ndarray]) -> str:
    return next(level for level in reversed(LEVELS) if level in levels)


def _estimates(levels: dict[str, dict[str, np.ndarray]], params: SizingParams) -> pd.DataFrame:
    rows = [
        {"level": level, "way": way} | summary(found[level], params.confidence)
        for level in LEVELS for way, found in levels.items() if level in found
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _ratios(levels: dict[str, dict[str, np.ndarray]], params: SizingParams) -> pd.DataFrame:
    columns = ["level", "ratio", "low", "high", "agrees"]
    rows: list[dict[str, object]] = []
    if len(levels) == 2:
        down, up = levels["top-down"], levels["bottom-up"]
        for level in [name for name in LEVELS if name in down and name in up and float(up[name].min()) > 0]:
            found = summary(down[level] / up[level], params.confidence)
            rows.append({"level": level, "ratio": found["value"], "low": found["low"], "high": found["high"], "agrees": found["low"] <= 1 <= found["high"]})
    return pd.DataFrame(rows, columns=columns)


def _headlines(estimates: pd.DataFrame, currency: str | None, params: SizingParams, n: int) -> tuple[Headline, ...]:
    """The first way known carries the KPI's own key, the other one its name. n: assumptions behind it."""
    found = []
    for level, rows in estimates.groupby("level", sort=False):
        for position, row in enumerate(rows.to_dict("records")):
            key = str(level) if position == 0 else group_key(str(level), way=row["way"])
            found.append(Headline(key=key, kpi=str(level), value=row["value"], low=row["low"], high=row["high"], level=params.confidence,
                                  unit="money", currency=currency, n=n, reason=ASSUMED))  # fmt: skip
    return tuple(found)


def _rest_headline(rest: dict[str, float] | None, currency: str | None, params: SizingParams, n: int) -> tuple[Headline, ...]:
    """What of the part served others sell today: the potential of penetration."""
    if rest is None:
        return ()
    return (Headline(key=group_key("sam", held="others"), kpi="sam", value=rest["value"], low=rest["low"], high=rest["high"], level=params.confidence,
                     unit="money", currency=currency, n=n, reason=ASSUMED),)  # fmt: skip


def _agreement(ratios: pd.DataFrame) -> Check:
    key = "top_down_and_bottom_up_agree"
    if ratios.empty:
        return Check(key=key, status="not_applicable", reason=msg("The market can be sized one way only."))
    row = ratios.iloc[-1]
    said = {"ratio": ratio(float(row["ratio"])), "range": span(float(row["low"]), float(row["high"]), "ratio")}
    if ratios["agrees"].all():
        return Check(key=key, status="pass", reason=msg("Top-down and bottom-up agree within their ranges (obtainable part: ratio {ratio}, range {range}).", **said))
    wide = ratios[~ratios["agrees"].astype(bool)].iloc[0]
    said = {"level": LEVEL_NAMES[str(wide["level"])], "ratio": ratio(float(wide["ratio"])), "range": span(float(wide["low"]), float(wide["high"]), "ratio")}
    reason = msg("The two ways disagree on the {level}: top-down is {ratio} times bottom-up (range {range}).", **said)
    return Check(key=key, status="review", reason=reason)


LEVEL_NAMES = {"tam": msg("whole market"), "sam": msg("part served"), "som": msg("part we can win")}


def _evidence(known: dict[str, tuple[Assumed, ...]]) -> Check:
    weak = {a.key: a.name for used in known.values() for a in used if a.grade in ("D", "E")}
    key = "market_assumptions_have_good_sources"
    if not weak:
        return Check(key=key, status="pass", reason=msg("Every assumption has a source of grade C or better."))
    return Check(key=key, status="review", reason=msg("Weak sources (grade D or E): {names}.", names=tuple(weak[name] for name in sorted(weak))))


def _one(estimates: pd.DataFrame, level: str) -> pd.Series | None:
    rows = estimates[estimates["level"] == level]
    return None if rows.empty else rows.iloc[0]


def _brief(estimates: pd.DataFrame, currency: str | None) -> Message:
    sam, som = _one(estimates, "sam"), _one(estimates, "som")
    if sam is None:
        tam = estimates.iloc[0]
        return msg("The market is {tam} a year (range {range}); what of it we serve no deal tells.", tam=quantity(float(tam["value"]), "money", currency),
                   range=span(float(tam["low"]), float(tam["high"]), "money", currency))  # fmt: skip
    said = {"sam": quantity(float(sam["value"]), "money", currency), "range": span(float(sam["low"]), float(sam["high"]), "money", currency)}
    if som is None:
        return msg("We serve a market of {sam} a year (range {range}).", **said)
    win = {"som": quantity(float(som["value"]), "money", currency), "wide": span(float(som["low"]), float(som["high"]), "money", currency)}
    return msg("We serve a market of {sam} a year and can win about {som} of it (range {wide}).", sam=said["sam"], **win)


def _finding(estimates: pd.DataFrame, ratios: pd.DataFrame, rest: dict[str, float] | None, currency: str | None) -> Message:
    parts = []
    for level in LEVELS:
        row = _one(estimates, level)
        if row is not None:
            parts.append(msg("{level} {value} (range {range})", level=LEVEL_NAMES[level], value=quantity(float(row["value"]), "money", currency),
                             range=span(float(row["low"]), float(row["high"]), "money", currency)))  # fmt: skip
    way = WAYS[str(estimates.iloc[0]["way"])]
    first = msg("A year, {way}: {parts}.", way=way, parts=tuple(parts))
    if rest is not None:
        left = {"value": quantity(rest["value"], "money", currency), "range": span(rest["low"], rest["high"], "money", currency)}
        first = msg("{first} Others sell {value} of the part served (range {range}): what penetration can still win.", first=first, **left)
    return first if ratios.empty or not ratios["agrees"].all() else msg("{first} {verdict}", first=first, verdict=_agreement(ratios).reason)


def _limits(known: dict[str, tuple[Assumed, ...]], own: str | None, currency: str | None) -> tuple[Message, ...]:
    limits = [msg("The ranges hold what the assumptions say; they are as good as their sources. Margins by grade: A 3 %, B 7 %, C 15 %, D 30 %, E 50 %.")]
    if "bottom-up" in known:
        limits.append(msg("Bottom-up sees the demand that reaches us; what companies buy without asking us is missing from it."))
    elif own is not None and own != currency:
        limits.append(msg("Our deals are in {own}, the market in {currency}: no way bottom-up.", own=own, currency=currency or "–"))
    return tuple(limits)


def _actions(
    drivers: pd.DataFrame, levels: dict[str, dict[str, np.ndarray]], currency: str | None, params: SizingParams, as_of: date
) -> tuple[Action, ...]:
    """Firm up what drives the result; and where the market asks reliably for more than reaches us, go and get it."""
    due, top = as_of + timedelta(days=params.action_days), drivers.iloc[0]
    what = msg("Firm up the assumption that drives the result most: {name} (grade {grade}); find a second source and set it.", name=top["name"], grade=str(top["grade"]))
    firm = Action(key="firm_up_the_driving_assumption", what=what, owner_role=msg("sales controlling"), due_on=due, watch_kpi="som", evidence=(_last(next(iter(levels.values()))),))
    down, up = levels.get("top-down", {}), levels.get("bottom-up", {})
    if "sam" not in down or "sam" not in up:
        return (firm,)
    seen = summary(up["sam"] / np.maximum(down["sam"], 1e-300), params.confidence)
    if seen["high"] >= 1:
        return (firm,)
    what = msg(
        "Only about {part} of what the market served buys reaches us as deals (range {range}): choose the buyers we never hear from and approach them.",
        part=share(seen["value"]), range=span(seen["low"], seen["high"], "share"),
    )  # fmt: skip
    return firm, Action(key="reach_buyers_unseen", what=what, owner_role=msg("head of marketing"), due_on=due, watch_kpi="open_pipeline", evidence=("sam", "som"))
