"""Which tables speak with one another? Share of references that find their row, and tables that join with nothing.

A reference is matched where the row that it names is there. A silo is a table that could refer to another one, or be
referred to, and does not. Tables are those that a file fills: companies that no file lists were made of the names in the others,
which then have them in common.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import Field

from workbook.frames.names import FRAME_NAMES
from workbook.params import Params, Share
from workbook.results import Action, Check, Result
from workbook.stats.proportion import wilson
from workbook.text import Message, msg, nmsg, share

if TYPE_CHECKING:
    from workbook.sources import ImportRecord

SECTION = "D3"
STANDALONE = (
    "market",
    "competitors",
    "ratings",
    "spend",
    "goals",
    "survey",
    "units",
    "staff",
    "trainings",
    "content",
)


class JoinsParams(Params):
    """matched_min_share: of the references of a column; below it the join is marked for review."""

    confidence: Share = 0.95
    matched_min_share: Share = 0.95
    action_days: int = Field(default=60, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinsResult(Result):
    """joins: one row per reference: frame, column, references, matched, total, matched_share, low, high. silos: frames."""

    joins: pd.DataFrame
    silos: tuple[str, ...] = ()


def analyse(record: ImportRecord, params: JoinsParams, *, as_of: date) -> JoinsResult:
    """Turn the import's joins into shares. Pure."""
    rows = []
    for join in record.joins:
        span = wilson(join.matched, join.total, params.confidence)
        part = join.matched / join.total if join.total else float("nan")
        rows.append((join.frame, join.column, join.references, join.matched, join.total, part, span.low, span.high))
    columns = ["frame", "column", "references", "matched", "total", "matched_share", "low", "high"]
    joins = pd.DataFrame(rows, columns=columns)
    silos = _silos(record, joins)
    return JoinsResult(
        checks=(_match_check(joins, params), _silo_check(record, silos)),
        actions=_actions(_match_check(joins, params), silos, as_of + timedelta(days=params.action_days)),
        finding=_finding(record, joins, silos),
        no_action=msg("every table that should find another one does") if len(_tables(record)) > 1 else msg("there is only one table"),
        certainty="firm",
        joins=joins,
        silos=silos,
    )


def _tables(record: ImportRecord) -> list[str]:
    """Frames with rows that a file fills."""
    filled = {name for file in record.files for name in file.frames}
    return [name for name, frame in record.frames.items() if frame.rows and name in filled]


def _by_company(record: ImportRecord) -> tuple[str, ...]:
    """Tables, two or more, that have nothing but companies in common which no file lists."""
    tables = _tables(record)
    named = [name for name in tables if "account_id" in record.frames[name].present]
    return tuple(sorted(named)) if "accounts" not in tables and len(named) > 1 else ()


def _silos(record: ImportRecord, joins: pd.DataFrame) -> tuple[str, ...]:
    """Tables that neither refer to a row of another table nor are referred to."""
    tables = _tables(record)
    alive = joins[(joins["matched"] > 0) & (joins["frame"] != joins["references"].str.split(".").str[0])]
    connected = {*alive["frame"], *alive["references"].str.split(".").str[0], *_by_company(record)}
    return tuple(sorted(name for name in tables if name not in STANDALONE and name not in connected)) if len(tables) > 1 else ()


def _named(tables: tuple[str, ...]) -> tuple[Message, ...]:
    return tuple(FRAME_NAMES[name] for name in tables)


def _match_check(joins: pd.DataFrame, params: JoinsParams) -> Check:
    key = "references_find_their_row"
    known = joins.dropna(subset=["matched_share"])
    if known.empty:
        return Check(key=key, status="not_applicable", reason=msg("No table refers to another one."))
    weak = known[known["matched_share"] < params.matched_min_share]
    if weak.empty:
        return Check(key=key, status="pass", reason=msg("Nearly every reference finds its row."))
    worst = weak.sort_values(["matched_share", "frame", "column"]).iloc[0]
    reason = msg(
        "Only {part} of {column} in {frame} find a row in {target}.",
        part=share(float(worst["matched_share"])),
        column=str(worst["column"]),
        frame=FRAME_NAMES[str(worst["frame"])],
        target=FRAME_NAMES[str(worst["references"]).split(".")[0]],
    )
    return Check(key=key, status="review", reason=reason)


def _actions(match: Check, silos: tuple[str, ...], due: date) -> tuple[Action, ...]:
    """Ask for the keys by which tables find one another."""
    wanted = []
    if match.status == "review":
        wanted.append(("mend_references", msg("Mend the references at the source, then import again: {reason}", reason=match.reason)))
    if silos:
        wanted.append(("add_keys_to_silos", msg("Export {silos} with the identifier of the company or the deal, so that they can be joined.", silos=_named(silos))))
    role = msg("sales operations")
    return tuple(Action(key=key, what=what, owner_role=role, due_on=due, watch_kpi="win_rate") for key, what in wanted)


def _silo_check(record: ImportRecord, silos: tuple[str, ...]) -> Check:
    key = "tables_are_joined"
    if len(_tables(record)) < 2:
        return Check(key=key, status="not_applicable", reason=msg("There is only one table; nothing to join it with."))
    if silos:
        return Check(key=key, status="review", reason=msg("Joined with no other table: {silos}.", silos=_named(silos)))
    return Check(key=key, status="pass", reason=msg("Every table that should join with another one does."))


def _finding(record: ImportRecord, joins: pd.DataFrame, silos: tuple[str, ...]) -> Message:
    matched, total = int(joins["matched"].sum()), int(joins["total"].sum())
    tables, named = _tables(record), _by_company(record)
    if total == 0 and not named:
        return nmsg(
            "The data are one table; there is nothing to join.",
            "The {n} tables are not joined by any reference.",
            len(tables),
        )
    if total == 0:
        return msg(
            "{tables} find one another by the names of companies alone, which no file lists; tables joined with no other: {silos}.",
            tables=_named(named),
            silos=_named(silos) or (msg("none"),),
        )
    return msg(
        "{part} of {total} references between tables find their row; tables joined with no other: {silos}.",
        part=share(matched / total),
        total=total,
        silos=_named(silos) or (msg("none"),),
    )
