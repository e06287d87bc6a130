"""From executed notebooks and results to the pages of a report."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from workbook.batch import notebooks
from workbook.batch.plan import RunPlan
from workbook.batch.prepare import title_of
from workbook.batch.record import RunRecord
from workbook.report import (
    ChapterFact,
    ImportFacts,
    ReportFacts,
    SourceFact,
    navigation,
    render_cards,
    render_chapter,
    render_index,
    render_mail,
)
from workbook.results import read_results
from workbook.sources import ImportRecord
from workbook.text import render, t

PERIOD_FRAMES = ("opportunities", "leads", "invoices", "market")


def write_pages(staging: Path, plan: RunPlan, record: RunRecord) -> str:
    """Write html/, report.html and the run's index.html; return the management page for the top of the report folder."""
    facts = report_facts(plan, record)
    results = [
        read_results((staging / "results" / f"{job.topic}.json").read_text(encoding="utf-8"))
        for job in plan.chapters
        if (staging / "results" / f"{job.topic}.json").exists()
    ]
    overview = t("Overview")
    pages: dict[str, str] = {}
    cards: dict[str, dict[str, str]] = {}
    (staging / "html").mkdir(exist_ok=True)
    for job in plan.chapters:
        notebook = notebooks.read(staging / "notebooks" / f"{job.topic}.ipynb")
        pages[job.topic] = render_chapter(
            notebook,
            topic=job.topic,
            language=facts.language,
            company=facts.company,
            as_of=facts.as_of,
            navigation=navigation(facts, job.topic, overview),
        )
        _write(staging / "html" / f"{job.topic}.html", pages[job.topic])
        cards[job.topic] = render_cards(notebook, topic=job.topic, language=facts.language, company=facts.company, as_of=facts.as_of)
        for stem, html in cards[job.topic].items():
            (staging / "html" / "battlecards").mkdir(exist_ok=True)
            _write(staging / "html" / "battlecards" / f"{stem}.html", html)
    _write(staging / "index.html", render_index(facts, results, base=""))
    _write(staging / "report.html", render_mail(facts, results, pages, cards))
    return render_index(facts, results)


def report_facts(plan: RunPlan, record: RunRecord) -> ReportFacts:
    """Return what the pages know besides the results."""
    titles = {job.topic: title_of(job.notebook) or job.topic for job in plan.chapters}
    chapters = tuple(
        ChapterFact(
            topic=chapter.topic,
            title=titles[chapter.topic],
            status=chapter.status,
            href=f"html/{chapter.topic}.html",
            reason=chapter.cause if chapter.taken_over_from is None else t("taken over from the run {run}", run=chapter.taken_over_from),
        )
        for chapter in record.chapters
    )
    period = next((plan.imported.frames[name] for name in PERIOD_FRAMES if name in plan.imported.frames), None)
    return ReportFacts(
        company=plan.params.title,
        as_of=plan.imported.as_of,
        started_at=record.started_at,
        language=plan.params.language,
        period_from=period.oldest_on if period else None,
        period_to=_not_after(period.newest_on if period else None, plan.imported.as_of),
        chapters=chapters,
        imported=import_facts(plan.imported),
        confidence=plan.params.confidence,
        degraded=tuple(record.degraded),
    )


def _not_after(day: date | None, as_of: date) -> date | None:
    """The period ends with the export; dates after it are faults of the data, flagged elsewhere."""
    return None if day is None else min(day, as_of)


def import_facts(record: ImportRecord) -> ImportFacts:
    """Return the accounting of the import as the management page shows it."""
    return ImportFacts(
        lines_read=record.total("lines_read"),
        kept=record.total("kept"),
        merged=record.total("merged"),
        rejected=record.total("rejected"),
        not_data=record.total("not_data"),
        repaired=sum(repair.count for repair in record.repairs),
        flagged=sum(flag.count for flag in record.flags),
        sources=tuple(
            SourceFact(name=file.name, rows=file.kept, newest_on=file.newest_on) for file in record.files if file.frame is not None
        ),
        assumptions=tuple(render(assumption) for assumption in record.assumptions),
    )


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
