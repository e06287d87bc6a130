"""What the commands tell about what came of them: lines for people, one value for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbook.console import complain, say
from workbook.text import count, msg, nmsg, render

if TYPE_CHECKING:
    from workbook.batch.combinations import Planned
    from workbook.batch.engine import Outcome
    from workbook.batch.plan import RunPlan
    from workbook.batch.record import ChapterRecord


def tell_run(outcome: Outcome) -> None:
    """Say how a run ended; the last line says where the report is."""
    record = outcome.record
    if outcome.index is None:
        complain(record.cause)
    for chapter in record.chapters:
        if chapter.status == "failed":
            _tell_failure(chapter)
    if outcome.index is None:
        complain(render(msg("The failed run is kept in {folder}; the last good report is untouched.", folder=str(outcome.folder))))
        return
    if outcome.is_unchanged:
        say(render(msg("Nothing has changed since {when}: that report still holds. --force runs it anyway.", when=record.started_at)))
    if outcome.skipped_count:
        n = outcome.skipped_count
        say(render(nmsg("{n} section could not be answered with these data; the report says which export would change that.", "{n} sections could not be answered with these data; the report says which exports would change that.", n)))  # fmt: skip
    for line in record.degraded:
        complain(render(msg("worse than last time: {line}", line=line)))
    say(render(msg("Report: {path}", path=str(outcome.index))))


def _tell_failure(chapter: ChapterRecord) -> None:
    complain(render(msg("{topic} failed: {cause}", topic=chapter.topic, cause=chapter.cause)))
    if chapter.failing_cell is not None:
        source = chapter.failing_cell.source.replace("\n", "\n    ")
        complain(render(msg("in cell {n}:", n=chapter.failing_cell.number)) + "\n    " + source)


def run_summary(outcome: Outcome) -> dict[str, Any]:
    """Return how a run ended, for programs."""
    record = outcome.record
    return {
        "exit_status": record.exit_status,
        "status": record.status,
        "cause": record.cause,
        "unchanged": outcome.is_unchanged,
        "report": None if outcome.index is None else str(outcome.index),
        "folder": str(outcome.folder),
        "started_at": record.started_at,
        "seconds": record.seconds,
        "degraded": record.degraded,
        "skipped_count": outcome.skipped_count,
        "as_of": record.as_of,
        "inputs": [file.model_dump(mode="json") for file in record.inputs],
        "chapters": [chapter.model_dump(mode="json") for chapter in record.chapters],
        "combinations": [entry.model_dump(mode="json") for entry in record.combinations],
    }


def tell_plan(plan: RunPlan) -> None:
    """Say what the data can answer, what not, and why."""
    for name, frame in plan.imported.frames.items():
        say(render(msg("{frame}: {rows} rows", frame=name, rows=count(frame.rows))))
    for chapter in plan.chapters:
        total = len(chapter.computed) + len(chapter.skipped)
        say(render(msg("{topic}: {n} of {total} sections can be answered", topic=chapter.topic, n=len(chapter.computed), total=total)))
        for title in chapter.computed:
            say(f"  + {title}")
        for entry in chapter.skipped:
            say(f"  - {entry.title}: {entry.reason}\n      {entry.mend}")


def plan_summary(plan: RunPlan) -> dict[str, Any]:
    """Return what the data can answer, for programs."""
    frames = {name: {"rows": frame.rows, "present": frame.present} for name, frame in plan.imported.frames.items()}
    chapters = [
        {"topic": c.topic, "answered": list(c.computed), "skipped": [s.model_dump(mode="json") for s in c.skipped]} for c in plan.chapters
    ]
    return {"exit_status": 0, "as_of": str(plan.imported.as_of), "frames": frames, "chapters": chapters}


def tell_matrix(planned: Planned) -> None:
    """Say which reports a matrix would make."""
    for entry in planned.reports:
        named = ", ".join(f"{column} = {value}" for column, value in entry.part.items())
        say(render(msg("{part}: {n} deals", part=named, n=count(entry.deals))))
    n = len(planned.reports)
    say(render(nmsg("{n} report of {chapters} chapters, {elsewhere} deals in none", "{n} reports of {chapters} chapters each, {elsewhere} deals in none", n, chapters=len(planned.chapters), elsewhere=count(planned.elsewhere))))  # fmt: skip


def matrix_summary(planned: Planned) -> dict[str, Any]:
    """Return which reports a matrix would make, for programs."""
    told = [{"part": entry.part, "deals": entry.deals, "folder": entry.folder} for entry in planned.reports]
    return {"exit_status": 0, "chapters": list(planned.chapters), "combinations": told, "elsewhere": planned.elsewhere}


def tell_import(summary: Any) -> None:
    """Say what an import read, what it did not understand, and which file to edit next."""
    from workbook.frames.names import value_name
    from workbook.sources.competition import RULE

    record = summary.record
    for file in record.files:
        if file.frame is None:
            say(f"{file.name}: {file.ignored or render(msg('ignored'))}")
            continue
        line = msg("{name}: {read} lines read as {frame} ({mapping}): {kept} kept, {merged} merged, {rejected} rejected, {other} not data",
                   name=file.name, read=file.lines_read, frame=file.frame, mapping=file.mapping, kept=file.kept,
                   merged=file.merged, rejected=file.rejected, other=file.not_data)  # fmt: skip
        say(render(line))
    for stage in record.unknown_stages:
        line = msg("stage “{stage}” ({n} deals) is not known to us and counts as {status}",
                   stage=stage.stage, n=stage.count, status=value_name("status", stage.status))  # fmt: skip
        say(render(line))
    for column in record.unmapped_columns:
        if column.reason is not None:
            say(render(msg("column “{column}” of {file} is not used: {why}", column=column.column, file=column.file, why=column.reason.message())))
        elif not column.attribute:
            say(render(msg("column “{column}” of {file} is not used", column=column.column, file=column.file)))
    for flag in record.flagged(RULE):
        say(str(flag.message))
    for assumption in record.assumptions:
        say(str(assumption))
    _tell_files(summary)


def _tell_files(summary: Any) -> None:
    """Say which files an import wrote, and what to do with them."""
    if summary.kept_edits:
        say(render(msg("Your edits of {path} were kept.", path=str(summary.mapping))))
    if summary.suggestions is not None:
        say(render(msg("What the mapping does not explain yet: {path}", path=str(summary.suggestions))))
    if summary.templates:
        names = tuple(sorted({path.stem for path in summary.templates}))
        say(render(msg("Templates to fill in for what no CRM exports ({names}): {folder}", names=names, folder=str(summary.templates[0].parent))))
    say(render(msg("Mapping: {path}", path=str(summary.mapping))))
    say(render(msg("Next: workbook run {path}", path=str(summary.params))))
