"""What was read, and where every line went: kept, merged, rejected, or no data.

For every file lines read = kept + merged + rejected + not data. What was repaired is counted by rule; what looks odd is
flagged and left alone; what had to be assumed is listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import Field

from workbook.params import Params, Share
from workbook.results import Action, Check, Result
from workbook.text import Message, msg, nmsg, render, share

if TYPE_CHECKING:
    from workbook.sources import ImportRecord

SECTION = "D1"


class AccountingParams(Params):
    """rejected_max_share: review where more of the data lines were rejected."""

    rejected_max_share: Share = 0.01
    action_days: int = Field(default=60, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountingResult(Result):
    """Where the lines went. Texts are in the language of the run.

    files: one row per file: file, frames, lines_read, kept, merged, rejected, not_data, note. repairs: rule, frame, column,
    count, before, after. flags: rule, frame, column, count, message, file, line. assumptions: assumption. frames: frame,
    rows, columns_count, attributes. unmapped: file, column, filled, suggestion, reason.
    stages: stage, status, count.
    """

    files: pd.DataFrame
    repairs: pd.DataFrame
    flags: pd.DataFrame
    assumptions: pd.DataFrame
    frames: pd.DataFrame
    unmapped: pd.DataFrame
    stages: pd.DataFrame


def analyse(record: ImportRecord, params: AccountingParams, *, as_of: date) -> AccountingResult:
    """Lay out the import's record. Pure."""
    files = _files(record)
    totals = {name: int(files[name].sum()) for name in ("lines_read", "kept", "merged", "rejected", "not_data")}
    flags = pd.DataFrame(
        [(f.rule, f.frame, f.column, f.count, render(f.message.message()), f.file, f.first_line) for f in record.flags],
        columns=["rule", "frame", "column", "count", "message", "file", "line"],
    )
    repairs = pd.DataFrame(
        [(r.rule, r.frame, r.column, r.count, r.example_before, r.example_after) for r in record.repairs],
        columns=["rule", "frame", "column", "count", "before", "after"],
    )
    return AccountingResult(
        checks=_checks(record, totals, flags, params),
        actions=_actions(record, flags, as_of + timedelta(days=params.action_days)),
        finding=_finding(record, totals),
        no_action=msg("every line is accounted for and nothing odd was found"),
        limits=_limits(record),
        certainty="firm",
        files=files,
        repairs=repairs,
        flags=flags,
        assumptions=pd.DataFrame({"assumption": [render(a.message()) for a in record.assumptions]}, dtype=object),
        frames=_frames(record),
        unmapped=pd.DataFrame(
            [(u.file, u.column, u.filled, u.attribute or u.suggestion, _note(u.reason)) for u in record.unmapped_columns],
            columns=["file", "column", "filled", "suggestion", "reason"],
        ),
        stages=pd.DataFrame(
            [(s.stage, s.status, s.count) for s in record.unknown_stages],
            columns=["stage", "status", "count"],
        ),
    )


def _files(record: ImportRecord) -> pd.DataFrame:
    rows = [
        (
            f.name,
            ", ".join(f.frames),
            f.lines_read,
            f.kept,
            f.merged,
            f.rejected,
            f.not_data,
            _note(f.ignored),
        )
        for f in record.files
    ]
    return pd.DataFrame(rows, columns=["file", "frames", "lines_read", "kept", "merged", "rejected", "not_data", "note"])


def _note(ignored: object) -> str:
    return "" if ignored is None else str(ignored)


def _frames(record: ImportRecord) -> pd.DataFrame:
    rows = [(name, f.rows, len(f.present), ", ".join(f.attributes)) for name, f in sorted(record.frames.items())]
    return pd.DataFrame(rows, columns=["frame", "rows", "columns_count", "attributes"])


def _checks(record: ImportRecord, totals: dict[str, int], flags: pd.DataFrame, params: AccountingParams) -> tuple[Check, ...]:
    odd = [file.name for file in record.files if not file.is_balanced]
    data_lines = totals["lines_read"] - totals["not_data"]
    rejected = totals["rejected"] / data_lines if data_lines else 0.0
    balanced = (
        msg("The lines of {files} do not add up.", files=tuple(odd))
        if odd
        else msg("Every line that was read is accounted for: kept, merged, rejected, or no data.")
    )
    few = msg(
        "{n} of {all} data lines were rejected ({part}).",
        n=totals["rejected"],
        all=data_lines,
        part=share(rejected, 2),
    )
    unknown = nmsg(
        "{n} stage name of the CRM is not understood; the status of its deals is a guess.",
        "{n} stage names of the CRM are not understood; the status of their deals is a guess.",
        len(record.unknown_stages),
    )
    flagged = nmsg(
        "{n} rule found something to look at.",
        "{n} rules found something to look at.",
        flags["rule"].nunique(),
    )
    return (
        Check(key="every_line_is_accounted_for", status="fail" if odd else "pass", reason=balanced),
        Check(
            key="few_lines_are_rejected",
            status="review" if rejected > params.rejected_max_share else "pass",
            reason=few,
        ),
        Check(key="stages_are_understood", status="review" if record.unknown_stages else "pass", reason=unknown),
        Check(key="nothing_odd_was_found", status="review" if len(flags) else "pass", reason=flagged),
    )


def _actions(record: ImportRecord, flags: pd.DataFrame, due: date) -> tuple[Action, ...]:
    """Ask for what only the firm can settle: stages nobody understands, entries that look odd, lines that could not be read."""
    rejected = sum(file.rejected for file in record.files)
    wanted = (
        (len(record.unknown_stages), "name_the_stages", nmsg(
            "Say in the mapping what the unknown stage name stands for: open, won, lost or no decision.",
            "Say in the mapping what the {n} unknown stage names stand for: open, won, lost or no decision.",
            len(record.unknown_stages),
        )),
        (len(flags), "look_at_odd_entries", nmsg(
            "Look at the odd entry that the data chapter lists and correct it at the source where it is wrong.",
            "Look at the {n} odd entries that the data chapter lists and correct them at the source where they are wrong.",
            int(flags["count"].sum()),
        )),
        (rejected, "mend_rejected_lines", nmsg(
            "Mend the rejected line at the source; the report folder names file, line and reason.",
            "Mend the {n} rejected lines at the source; the report folder names file, line and reason.",
            rejected,
        )),
    )  # fmt: skip
    role = msg("sales operations")
    return tuple(Action(key=key, what=what, owner_role=role, due_on=due, watch_kpi="win_rate") for is_wanted, key, what in wanted if is_wanted)


def _finding(record: ImportRecord, totals: dict[str, int]) -> Message:
    return msg(
        "{read} lines were read from {files}: {kept} kept, {merged} merged into others, {rejected} rejected, {rest} no data.",
        read=totals["lines_read"],
        files=nmsg("{n} file", "{n} files", len(record.files)),
        kept=totals["kept"],
        merged=totals["merged"],
        rejected=totals["rejected"],
        rest=totals["not_data"],
    )


def _limits(record: ImportRecord) -> tuple[Message, ...]:
    limits = [msg("Reporting date {day}: {why}", day=record.as_of, why=record.as_of_reason.message())]
    if record.money.is_mixed:
        currencies = tuple(sorted(record.money.currencies))
        limits.append(
            msg(
                "The amounts are in {currencies} without exchange rates; sums of money are refused.",
                currencies=currencies,
            )
        )
    return tuple(limits)
