"""What `check_frames` checks, counted by the engine: allowed values, plausible ranges, spellings, the rules across columns and frames."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

from workbook.frames import rules
from workbook.frames.column import Column
from workbook.frames.outliers import LEAST_RATIO, implausible
from workbook.frames.rules import HAPPENED, MANY_WITHOUT_ACCOUNT
from workbook.frames.schemas import Broken
from workbook.sources.check import violation_message
from workbook.sources.passing.engine import literal, quoted
from workbook.sources.passing.frame import HERE, PLACE, Frames, PassingFrame, always, listed, located
from workbook.sources.passing.links import Link, dangling
from workbook.sources.passing.unfit import Unfit
from workbook.sources.spelling import MOST_WORDS, SPELLED, likely_word
from workbook.text import Message, msg

MOST_MARKET_ROWS = 1_000_000


def check_frames(frames: Frames, as_of: date, lost: dict[Link, int]) -> None:
    """Check every frame, then the rules between them. lost: how many references find no row."""
    for frame in frames.held.values():
        for column in frame.columns:
            _check_column(frame, column, frames)
    _suggest_spellings(frames)
    _order(frames)
    _future(frames, as_of)
    _status(frames)
    _first_contact(frames)
    _unresolved(frames, lost)
    _market_totals(frames)
    for frame in list(frames.held.values()):
        if frame.name != "market":
            _outliers(frame, frames)
    if frames.has("opportunities", "amount"):
        frames.flag_rows("negative amounts", ("opportunities", "amount"), "amount < 0", lambda n, _: rules.negative_amounts(n))


def _check_column(frame: PassingFrame, column: Column, frames: Frames) -> None:
    """Flag cells that are not allowed or out of range; they become missing, unless the row needs them."""
    for broken, condition in _conditions(column):
        if not frame.filled[column.name] or not frame.count(condition):
            continue

        said = partial(violation_message, broken, frame.name, column)
        frames.flag_rows(broken, (frame.name, column.name), condition, said)
        if not column.is_required:
            frame.replace(column.name, f"CASE WHEN {condition} THEN NULL ELSE {quoted(column.name)} END")


def _conditions(column: Column) -> Iterator[tuple[Broken, str]]:
    if column.values:
        yield "not allowed", f"{quoted(column.name)} NOT IN ({listed(column.values)})"
    if column.low is not None or column.high is not None:
        low, high = (end if end is not None else sign * math.inf for end, sign in ((column.low, -1), (column.high, 1)))
        yield "out of range", f"{quoted(column.name)} NOT BETWEEN '{low}'::DOUBLE AND '{high}'::DOUBLE"


def _suggest_spellings(frames: Frames) -> None:
    """Flag countries and industries that are one slip away from a word of the language."""
    for name, column in SPELLED:
        if name not in frames or column not in frames[name].filled or not frames.has(name, column):
            continue
        frame = frames[name]
        words = frame.engine.rows(
            f"SELECT {column}, min({PLACE}) AS first FROM {frame.view} WHERE {column} IS NOT NULL GROUP BY {column} ORDER BY first LIMIT {MOST_WORDS}"
        )
        for word, _ in words:
            if near := likely_word(word, column):
                hit = f"SELECT {HERE}, '' AS id, {column} AS value FROM {frame.view} WHERE {column} = {literal(word)}"
                said = msg("{value} in {place} is perhaps {near}; it was left as it is", value=word, place=f"{name}.{column}", near=near)
                frames.flag("possible misspellings", (name, column), hit, always(said))


def _order(frames: Frames) -> None:
    """Closed on or after creation."""
    if frames.has("opportunities", "created_on", "closed_on"):
        rule, place = "close before creation", ("opportunities", "closed_on")
        frames.flag_rows(rule, place, "closed_on < created_on", lambda n, _: rules.closed_before_creation(n))


def _future(frames: Frames, as_of: date) -> None:
    """Nothing has happened after the day of the export; an expected close of an open deal may lie there."""
    end = as_of + timedelta(days=1)
    for name, columns in HAPPENED.items():
        for column in columns:
            if frames.has(name, column):
                said = partial(_after, f"{name}.{column}", as_of)
                frames.flag_rows("dates after the export", (name, column), f"{column} >= '{end}'::TIMESTAMP", said)


def _after(place: str, as_of: date, n: int, _: str) -> Message:
    return rules.after_the_export(n, place, as_of)


def _status(frames: Frames) -> None:
    """A closed deal has a close date, an open one none, and most open ones a company."""
    if "opportunities" not in frames:
        return
    if frames.has("opportunities", "closed_on"):
        place = ("opportunities", "closed_on")
        frames.flag_rows("closed without a date", place, "status <> 'open' AND closed_on IS NULL", lambda n, _: rules.closed_without_date(n))
        frames.flag_rows("open with a close date", place, "status = 'open' AND closed_on IS NOT NULL", lambda n, _: rules.open_with_close(n))
    opened = frames["opportunities"].count("status = 'open'")
    if frames.has("opportunities", "account_id") and opened:
        is_nameless = "status = 'open' AND account_id IS NULL"
        part = frames["opportunities"].count(is_nameless) / opened
        if part > MANY_WITHOUT_ACCOUNT:
            place = ("opportunities", "account_id")
            frames.flag_rows("open deals without account", place, is_nameless, lambda n, _: rules.open_without_account(n, part))


def _first_contact(frames: Frames) -> None:
    """Nothing is won before the first contact: neither on the lead itself nor on the deal it became."""
    rule = "closed before the first contact"
    if frames.has("leads", "customer_at", "created_at"):
        before = "customer_at < date_trunc('day', created_at)"
        frames.flag_rows(rule, ("leads", "customer_at"), before, lambda n, _: rules.customer_before_contact(n))
    if not frames.has("opportunities", "lead_id", "closed_on") or "leads" not in frames:
        return
    first = f"SELECT lead_id AS lead, least(created_at, mql_at)::DATE AS contact FROM {frames['leads'].view}"
    early = f"SELECT deals.* FROM {frames['opportunities'].view} AS deals JOIN ({first}) ON lead_id = lead WHERE closed_on < contact"
    frames.engine.do(f"CREATE OR REPLACE TEMP VIEW early_deals AS {early}")
    deals = PassingFrame("opportunities", frames.engine, "early_deals")
    place = ("opportunities", "closed_on")
    frames.flag(rule, place, located(deals, "closed_on", "true"), lambda n, _: rules.closed_before_contact(n))


def _unresolved(frames: Frames, lost: dict[Link, int]) -> None:
    """References find their row."""
    for link in [link for link, n in lost.items() if n]:
        frames.engine.do(f"CREATE OR REPLACE TEMP VIEW dangling_rows AS {dangling(frames, link)}")
        rows = PassingFrame(link.frame, frames.engine, "dangling_rows")
        said = partial(_lost, f"{link.frame}.{link.column}", link.target)
        frames.flag("references that do not resolve", (link.frame, link.column), located(rows, link.column, "true"), said)


def _lost(place: str, target: str, n: int, _: str) -> Message:
    return rules.unresolved(n, place, target)


def _market_totals(frames: Frames) -> None:
    """Segments add to the total that the source states. A market is small: it is looked at as the way through text looks at it."""
    if not frames.has("market", "segment"):
        return
    market = frames["market"]
    if market.rows > MOST_MARKET_ROWS:
        raise Unfit(msg("the market has more than {n} lines", n=MOST_MARKET_ROWS), "market")
    data = market.pulled("true")
    for finding in rules.market_totals({"market": data}):
        lines = ", ".join(str(line) for line in data.loc[list(finding.rows), PLACE])
        frames.flag_rows(finding.rule, ("market", "volume"), f"{PLACE} IN ({lines})", always(finding.message))


def _outliers(frame: PassingFrame, frames: Frames) -> None:
    """No amount is far beyond all others. Only a column whose largest value is far above its middle is looked at one by one."""
    measured = [column.name for column in frame.columns if column.kind == "money" or column.name == "employees"]
    for column in (*measured, *(name for name, kind in frame.attributes.items() if kind == "number")):
        name = quoted(column)
        low, high = frame.engine.row(f"SELECT quantile_disc({name}, 0.5), max({name}) FROM {frame.view} WHERE {name} > 0")
        if low is None or float(high) <= 0.99 * LEAST_RATIO * float(low):
            continue
        values = frame.engine.arrow(f"SELECT {PLACE}, {name}::DOUBLE AS value FROM {frame.view} WHERE {name} > 0 ORDER BY {PLACE}").to_pandas()
        hit = values[implausible(values["value"])]
        if len(hit):
            lines = ", ".join(map(str, hit[PLACE]))
            said = rules.far_above(len(hit), f"{frame.name}.{column}", float(hit["value"].max()), float(values["value"].median()))
            frames.flag_rows("implausible values", (frame.name, column), f"{PLACE} IN ({lines})", always(said))
