"""The status of opportunities from status and stage, as `workbook/sources/outcome` tells it where a file carries nothing else."""

from __future__ import annotations

from workbook.sources.outcome import stage_meaning
from workbook.sources.passing.cells import Reader, Words
from workbook.sources.passing.engine import quoted
from workbook.sources.passing.frame import PassingFrame, listed, switched
from workbook.sources.passing.unfit import Unfit
from workbook.sources.record import StageRecord
from workbook.sources.vocabulary import status_of
from workbook.text import msg


def settle_outcome(deals: PassingFrame, reader: Reader) -> None:
    """Fill `status`, as `with_outcome` does; note the stages. Raises `Unfit` where there are too many words for either."""
    for column in {"status", "stage"} & set(reader.headings):
        if column not in reader.words:
            raise reader.unfit(column, msg("more than {n} different words", n=20_000))
    staged = "stage" if "stage" in reader.headings else "status"
    if staged not in reader.headings:
        raise Unfit(msg("{file} has neither a status nor a stage", file=reader.file.name), str(reader.file.path))
    meanings = _note_stages(deals, staged, reader)
    explicit = {word: status_of(word) for word in reader.words["status"].left} if "status" in reader.headings else {}
    if "stage" not in reader.headings:
        deals.replace("stage", quoted("status"))
    by_status, by_stage = switched("status", dict(explicit)), switched("stage", dict(meanings))
    found = f"coalesce({by_status}, {by_stage})"
    deals.replace("status", f"CASE WHEN {found} = 'lost' AND {by_stage} = 'no_decision' THEN 'no_decision' ELSE {found} END")


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
