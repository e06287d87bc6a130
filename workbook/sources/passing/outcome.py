"""The status of opportunities, their dates and amounts, and the conversion of leads: `workbook/sources/outcome` by SQL."""

from __future__ import annotations

from workbook.sources.outcome import stage_meaning
from workbook.sources.passing.cells import Reader, Words
from workbook.sources.passing.engine import quoted
from workbook.sources.passing.frame import PassingFrame, listed, switched
from workbook.sources.record import StageRecord
from workbook.sources.vocabulary import status_of
from workbook.text import msg

_WORDS = ("status", "stage", "status_reason")


def settle_outcome(deals: PassingFrame, reader: Reader) -> None:
    """Fill `status`, `closed_on`, `expected_close_on` and `amount`, as `with_outcome` does; note the stages.

    Raises `Unfit` where there are too many words for status, stage or reason.
    """
    headings = set(reader.headings)
    for column in _WORDS:
        if column in headings and column not in reader.words:
            raise reader.unfit(column, msg("more than {n} different words", n=20_000))
    staged = next((column for column in ("stage", "status") if column in headings), None)
    stages = switched(staged, dict(_note_stages(deals, staged, reader))) if staged is not None else "NULL::VARCHAR"
    explicit = _meaning("status", reader)
    has_status = "status" in headings and any(status_of(word) for word in reader.words["status"].left)
    is_some_won = "is_won" in headings and deals.count("is_won IS NOT NULL") > 0
    found = f"coalesce(said, {' , '.join(_evidence(headings))}, by_stage)" if _evidence(headings) else "coalesce(said, by_stage)"
    for column, value in (("won_on", "won"), ("lost_on", "lost")):
        if column in headings and not has_status:
            found = f"CASE WHEN {column} IS NOT NULL AND coalesce({found}, 'open') = 'open' THEN '{value}' ELSE {found} END"
    has_only_dates = staged is None and not is_some_won and headings & {"won_on", "lost_on"}
    if has_only_dates or (is_some_won and "stage" not in headings):
        found = f"coalesce({found}, 'open')"
    is_undecided = f"by_stage = 'no_decision' OR {_meaning('status_reason', reader)} = 'no_decision'"
    stage = "status" if "stage" not in headings else "stage"
    deals.lay(f"SELECT *, {explicit} AS said, {stages} AS by_stage FROM {deals.view}")
    deals.lay(f"SELECT * EXCLUDE (said, by_stage) REPLACE ({stage} AS stage, {found} AS status), coalesce({is_undecided}, false) AS is_undecided FROM {deals.view}")
    deals.lay(f"SELECT * EXCLUDE (is_undecided) REPLACE (CASE WHEN status = 'lost' AND is_undecided THEN 'no_decision' ELSE status END AS status) FROM {deals.view}")
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
    evidence = ["CASE WHEN is_won THEN 'won' END"] if "is_won" in headings else []
    if {"is_won", "is_closed"} <= headings:
        evidence.append("CASE WHEN is_closed AND NOT is_won THEN CASE WHEN by_stage IN ('lost', 'no_decision') THEN by_stage ELSE 'lost' END END")
    if "is_closed" in headings:
        evidence.append("CASE WHEN NOT is_closed THEN 'open' END")
    return evidence


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


def _note_stages(deals: PassingFrame, column: str, reader: Reader) -> dict[str, str]:
    """Return what each stage means, and note it: the commonest first."""
    words = reader.words[column]
    counts = _counts(words)
    unknown = [stage for stage in counts if status_of(stage) is None]
    always = _probabilities(deals, column, unknown) if unknown and "probability" in reader.headings else {}
    meanings: dict[str, str] = {}
    for stage, count in counts.items():
        known = status_of(stage)
        meanings[stage] = known or stage_meaning(always.get(stage)) or "open"
        reader.ledger.stages.append(StageRecord(stage=stage, status=meanings[stage], count=count, is_known=known is not None))
    return meanings


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
