"""How old is what we know? Age of every source and of every table against the reporting date.

A source's age is the time from its newest dated value to the reporting date. Sources without a date cannot be dated.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import Field

from workbook.frames.names import FRAME_NAMES
from workbook.params import Params
from workbook.results import Action, Check, Result
from workbook.text import Message, days, msg, nmsg

if TYPE_CHECKING:
    from workbook.sources import ImportRecord

SECTION = "D2"
MASTER_DATA = ("products", "accounts", "content", "staff", "goals")


class FreshnessParams(Params):
    """stale_after_days: for tables of events; yearly_stale_after_days: for market and competitor data."""

    stale_after_days: int = Field(default=92, ge=1)
    yearly_stale_after_days: int = Field(default=730, ge=1)
    yearly_frames: tuple[str, ...] = ("market", "competitors", "ratings", "survey")
    action_days: int = Field(default=30, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class FreshnessResult(Result):
    """sources: one row per table, and per file where several fill one table: kind (table, file), name, frame, newest_on,
    age_days, limit_days, is_stale, is_ahead (its newest date lies after the reporting date).

    newest_on and age_days are null where the source holds no date; master data (products, accounts, …) are never stale.
    """

    sources: pd.DataFrame


def analyse(record: ImportRecord, params: FreshnessParams, *, as_of: date) -> FreshnessResult:
    """Compare the newest dates with the reporting date. Pure."""
    rows = [("table", name, name, frame.newest_on) for name, frame in sorted(record.frames.items())]
    fills = Counter(file.frame for file in record.files)
    rows += [("file", f.name, f.frame, f.newest_on) for f in record.files if f.frame is not None and fills[f.frame] > 1]
    sources = pd.DataFrame(rows, columns=["kind", "name", "frame", "newest_on"])
    sources["age_days"] = [None if newest is None else max((as_of - newest).days, 0) for newest in sources["newest_on"]]
    sources["is_ahead"] = [newest is not None and newest > as_of for newest in sources["newest_on"]]
    sources["limit_days"] = [_limit(str(frame), params) for frame in sources["frame"]]
    sources[["age_days", "limit_days"]] = sources[["age_days", "limit_days"]].astype(float)
    sources["is_stale"] = sources["age_days"] > sources["limit_days"]
    tables = sources[sources["kind"] == "table"]
    return FreshnessResult(
        checks=(_check(tables),),
        actions=_actions(tables, params, as_of),
        finding=_finding(tables),
        no_action=msg("no source is older than it should be"),
        certainty="firm",
        sources=sources,
    )


def _limit(frame: str, params: FreshnessParams) -> float | None:
    if frame in MASTER_DATA:
        return None
    return float(params.yearly_stale_after_days if frame in params.yearly_frames else params.stale_after_days)


def _check(tables: pd.DataFrame) -> Check:
    stale = tuple(tables.loc[tables["is_stale"], "name"])
    if tables["age_days"].isna().all():
        reason = msg("No table carries a date; its age cannot be told.")
        return Check(key="sources_are_fresh", status="not_applicable", reason=reason)
    if stale:
        return Check(
            key="sources_are_fresh",
            status="review",
            reason=msg("Not updated for too long: {tables}.", tables=tuple(FRAME_NAMES.get(name, name) for name in stale)),
        )
    return Check(
        key="sources_are_fresh",
        status="pass",
        reason=msg("Every table with dates reaches close to the reporting date."),
    )


def _actions(tables: pd.DataFrame, params: FreshnessParams, as_of: date) -> tuple[Action, ...]:
    stale = tuple(tables.loc[tables["is_stale"], "name"])
    if not stale:
        return ()
    return (
        Action(
            key="refresh_stale_sources",
            what=msg("Export {tables} anew and give each a person in charge and a rhythm.", tables=tuple(FRAME_NAMES.get(name, name) for name in stale)),
            owner_role=msg("sales operations"),
            due_on=as_of + timedelta(days=params.action_days),
            watch_kpi="win_rate",
        ),
    )


def _finding(tables: pd.DataFrame) -> Message:
    dated = tables.dropna(subset=["age_days"])
    if dated.empty:
        return nmsg(
            "The data carry no date in the one table; how old they are cannot be told.",
            "The data carry no date in any of the {n} tables; how old they are cannot be told.",
            len(tables),
        )
    oldest = dated.sort_values(["age_days", "name"], ascending=[False, True]).iloc[0]
    stale = int(dated["is_stale"].sum())
    said = {"name": FRAME_NAMES.get(str(oldest["name"]), str(oldest["name"])), "age": days(float(oldest["age_days"]), 0)}
    if not stale:
        return nmsg(
            "The one dated table, {name}, is not older than it should be ({age} before the reporting date).",
            "None of the {n} dated tables is older than it should be; the oldest is {name} ({age} before the reporting date).",
            len(dated), **said,
        )  # fmt: skip
    if len(dated) == 1:
        return msg("The one dated table, {name}, is older than it should be ({age} before the reporting date).", **said)
    return nmsg(
        "{n} of {dated} dated tables is older than it should be; the oldest is {name} ({age} before the reporting date).",
        "{n} of {dated} dated tables are older than they should be; the oldest is {name} ({age} before the reporting date).",
        stale, dated=len(dated), **said,
    )  # fmt: skip
