"""The status of opportunities, their dates and amounts, and the conversion of leads: `workbook/sources/outcome` by SQL."""

from __future__ import annotations

from datetime import date

import pandas as pd

from workbook.sources.as_of import newest_of
from workbook.sources.outcome import stage_meaning
from workbook.sources.passing.cells import Reader, Words
from workbook.sources.passing.engine import quoted
from workbook.sources.passing.frame import PassingFrame, listed, switched
from workbook.sources.record import StageRecord
from workbook.sources.vocabulary import status_of
from workbook.sources.yes_or_no import TOLD_BY, Marks, read_marks
from workbook.text import msg

_WORDS = ("status", "stage", "status_reason")
_DAYS = ("created_on", "closed_on", "won_on")  # of things that have happened
_CLOSED_AS = "CASE WHEN by_stage IN ('lost', 'no_decision') THEN by_stage ELSE 'lost' END"


def settle_outcome(deals: PassingFrame, reader: Reader) -> None:
    """Fill `status`, `closed_on`, `expected_close_on` and `amount`, as `with_outcome` does; note the stages.

    Raises `Unfit` where there are too many words for status, stage or reason.
    """
    headings = set(reader.headings)
    for column in _WORDS:
        if column in headings and column not in reader.words:
            raise reader.unfit(column, msg("more than {n} different words", n=20_000))
    staged = next((column for column in ("stage", "status") if column in headings), None)
    stages = _meanings(deals, staged, reader) if staged is not None else {}
    by_stage = switched(staged, dict(stages)) if staged is not None else "NULL::VARCHAR"
    known = _meaning(staged, reader) if staged is not None else "NULL::VARCHAR"
    stage = "stage" if "stage" in headings else "status"
    deals.lay(f"SELECT * REPLACE ({stage} AS stage), {_meaning('status', reader)} AS said, {by_stage} AS by_stage, {known} AS known FROM {deals.view}")
    deals.replace("said", f"coalesce({', '.join(['said', *_evidence(headings)])})")
    if "is_won" in headings:
        _read_no(deals, staged is not None, reader)
    deals.replace("status", _found(deals, reader))
    if staged is not None:
        _note_stages(deals, staged, stages, reader)
    is_undecided = f"status = 'lost' AND (by_stage = 'no_decision' OR {_meaning('status_reason', reader)} = 'no_decision')"
    deals.lay(f"SELECT * EXCLUDE (said, by_stage, known) REPLACE (CASE WHEN {is_undecided} THEN 'no_decision' ELSE status END AS status) FROM {deals.view}")
    _date(deals, headings)
    if "actual_amount" in headings:
        deals.replace("amount", "CASE WHEN status = 'won' AND actual_amount <> 0 THEN actual_amount ELSE amount END")


def settle_conversion(leads: PassingFrame) -> None:
    """Let conversion count as acceptance by sales where a file keeps no date of its own for that, as `with_conversion` does."""
    if "converted_on" in leads.helpers and not leads.filled["sql_at"]:
        leads.replace("sql_at", "converted_on")


def _meaning(column: str, reader: Reader) -> str:
    """Return what the words of a column say of the outcome, as SQL."""
    return switched(column, {word: status_of(word) for word in reader.words[column].left}) if column in reader.headings else "NULL::VARCHAR"


def _evidence(headings: set[str]) -> list[str]:
    """Return what flags say of a deal whose status is not stated, the strongest first."""
    is_won, is_lost, is_closed = (name if name in headings else "NULL::BOOLEAN" for name in ("is_won", "is_lost", "is_closed"))
    return [
        f"CASE WHEN {is_won} AND NOT coalesce({is_lost}, false) THEN 'won' END",
        f"CASE WHEN {is_lost} AND NOT coalesce({is_won}, false) THEN {_CLOSED_AS} END",
        f"CASE WHEN {is_closed} AND NOT {is_won} THEN {_CLOSED_AS} END",
        f"CASE WHEN NOT {is_closed} THEN 'open' END",
    ]


def _read_no(deals: PassingFrame, is_staged: bool, reader: Reader) -> None:
    """Read No under "Won" into what is said of each row, and note how."""
    headings = set(reader.headings)
    yes, empty = deals.count("is_won"), deals.count("is_won IS NULL")
    if empty == deals.rows:
        return
    close = "close_on" if "close_on" in headings else "NULL::DATE"
    newest = _newest(deals, close, headings)
    is_no = "NOT is_won AND said IS NULL AND by_stage IS DISTINCT FROM 'won'"
    is_past = f"(closed_on IS NOT NULL OR {close} <= DATE '{newest}')" if newest is not None else "NULL::BOOLEAN"
    marks = Marks(
        yes=yes,
        no=deals.count(is_no),
        empty=empty,
        open_no=deals.count(f"{is_no} AND known = 'open'"),
        lost_no=deals.count(f"{is_no} AND known IN ('lost', 'no_decision')"),
        is_told=any(column in headings and deals.count(f"{column} IS NOT NULL") for column in TOLD_BY),
        is_staged=is_staged,
        is_dated=newest is not None and deals.count(f"{is_no} AND coalesce(closed_on, {close}) IS NOT NULL") > 0,
    )
    reading = read_marks(marks, reader.file.name, reader.headings["is_won"], reader.ledger)
    if reading in ("lost", "lost if past"):
        hit = is_no if reading == "lost" else f"{is_no} AND {is_past}"
        deals.replace("said", f"CASE WHEN {hit} THEN {_CLOSED_AS} ELSE said END")


def _newest(deals: PassingFrame, close: str, headings: set[str]) -> date | None:
    """Return the newest day of which the file speaks, slips left out."""
    days = [column for column in _DAYS if column in headings] + [f"CASE WHEN is_won THEN {close} END"]
    each = " UNION ALL ".join(f"SELECT {day} AS day FROM {deals.view}" for day in days)
    found = deals.engine.rows(f"SELECT day, count(*) FROM ({each}) WHERE day IS NOT NULL GROUP BY day ORDER BY day")
    return newest_of(pd.Series([n for _, n in found], index=pd.DatetimeIndex([day for day, _ in found]))) if found else None


def _found(deals: PassingFrame, reader: Reader) -> str:
    """Return the status as SQL: what is said, then what the stage means, then what dates of outcomes tell."""
    headings = set(reader.headings)
    found = "coalesce(said, by_stage)"
    has_status = "status" in headings and any(status_of(word) for word in reader.words["status"].left)
    for column, value in (("won_on", "won"), ("lost_on", "lost")):
        if column in headings and not has_status:
            found = f"CASE WHEN {column} IS NOT NULL AND coalesce({found}, 'open') = 'open' THEN '{value}' ELSE {found} END"
    flags = [column for column in ("is_won", "is_lost") if column in headings]
    is_flagged = any(deals.count(f"{column} IS NOT NULL") for column in flags)
    has_only_dates = not {"stage", "status"} & headings and {"won_on", "lost_on"} & headings
    if has_only_dates or (is_flagged and "stage" not in headings):
        found = f"coalesce({found}, CASE WHEN {'is_won AND is_lost' if len(flags) == 2 else 'false'} THEN NULL ELSE 'open' END)"
    return found


def _date(deals: PassingFrame, headings: set[str]) -> None:
    """Split the one close date by status; a date of won or lost deals goes before others."""
    closed, expected = "closed_on", "expected_close_on"
    if "lost_on" in headings:
        closed = f"coalesce(CASE WHEN status IN ('lost', 'no_decision') THEN lost_on END, {closed})"
    if "won_on" in headings:
        closed = f"coalesce(CASE WHEN status = 'won' THEN won_on END, {closed})"
    if "close_on" in headings:
        closed = f"coalesce({closed}, CASE WHEN status IS DISTINCT FROM 'open' THEN close_on END)"
        expected = f"coalesce({expected}, CASE WHEN status = 'open' THEN close_on END)"
    if closed != "closed_on":
        deals.lay(f"SELECT * REPLACE ({closed} AS closed_on, {expected} AS expected_close_on) FROM {deals.view}")


def _meanings(deals: PassingFrame, column: str, reader: Reader) -> dict[str, str]:
    """Return what each stage means."""
    words = reader.words[column].left
    unknown = [stage for stage in words if status_of(stage) is None]
    always = _probabilities(deals, column, unknown) if unknown and "probability" in reader.headings else {}
    return {stage: status_of(stage) or stage_meaning(always.get(stage)) or "open" for stage in words}


def _note_stages(deals: PassingFrame, column: str, stages: dict[str, str], reader: Reader) -> None:
    """Note what stages mean, the commonest first; of unknown ones only those that decided what their deals are, and on how many."""
    counts = _counts(reader.words[column])
    unknown = [stage for stage in counts if status_of(stage) is None]
    decided = f"SELECT stage, count(*) FROM {deals.view} WHERE stage IN ({listed(unknown)}) AND said IS NULL AND status = by_stage GROUP BY stage"
    deciding = dict(deals.engine.rows(decided)) if unknown else {}
    for stage, count in counts.items():
        is_known = status_of(stage) is not None
        if is_known or stage in deciding:
            reader.ledger.stages.append(StageRecord(stage=stage, status=stages[stage], count=count if is_known else deciding[stage], is_known=is_known))


def _counts(words: Words) -> dict[str, int]:
    """Return how often each word is there, the commonest first, then in the order in which they come."""
    counts = {word: words.count([word]) for word in words.left}
    return dict(sorted(counts.items(), key=lambda item: -item[1]))


def _probabilities(deals: PassingFrame, column: str, stages: list[str]) -> dict[str, float]:
    """Return the probability of the stages that always have the same one."""
    found = deals.engine.rows(
        f"SELECT {quoted(column)}, min(probability) FROM {deals.view} WHERE {quoted(column)} IN ({listed(stages)}) "
        f"GROUP BY 1 HAVING min(probability) = max(probability)"
    )
    return dict(found)
