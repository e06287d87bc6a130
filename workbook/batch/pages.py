"""From executed notebooks and results to the pages of a report."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

from workbook.batch import notebooks
from workbook.batch.chapter_page import CARDS, PageFacts, waiting_pages, write_chapter_pages, write_page
from workbook.batch.plan import RunPlan
from workbook.batch.record import RunRecord
from workbook.report import ChapterPages, ImportFacts, ReportFacts, SourceFact, render_index, render_mail
from workbook.results import read_results
from workbook.sources import ImportRecord
from workbook.text import render, t

CARD_LINK = re.compile(rf'href="{CARDS}/([a-z0-9-]+)\.html"')  # in tags only: quotes in text are escaped
PERIOD_FRAMES = ("opportunities", "leads", "invoices", "market")


def page_facts(plan: RunPlan) -> PageFacts:
    """Return what the chapters' pages show beside the chapters; known before any of them has run."""
    titles = {job.topic: job.title for job in plan.chapters}
    return PageFacts(company=plan.params.title, as_of=plan.imported.as_of, language=plan.params.language, titles=titles)


def write_pages(staging: Path, plan: RunPlan, record: RunRecord, overview: str = "") -> str:
    """Write html/, report.html and the run's index.html; return the management page for the top of the report folder.

    The pages of chapters that ran are there already; those of chapters that were taken over are made here. overview: what leads
    from the report folder to the page over the reports of a matrix.
    """
    shown = page_facts(plan)
    facts = replace(report_facts(plan, record, shown), overview=overview)
    files = (staging / "results" / f"{job.topic}.json" for job in plan.chapters)
    results = [read_results(file.read_text(encoding="utf-8")) for file in files if file.exists()]
    made = {job.topic: _published(staging, job.topic, shown) for job in plan.chapters}
    write_page(staging / "index.html", render_index(facts, results, base=""))
    write_page(staging / "report.html", render_mail(facts, results, made))
    return render_index(facts, results)


def _published(staging: Path, topic: str, shown: PageFacts) -> ChapterPages:
    """Move a chapter's pages to html/, made first where they are not there yet, and return them."""
    waiting, html = staging / waiting_pages(topic), staging / "html"
    if not (waiting / f"{topic}.html").is_file():
        write_chapter_pages(staging, topic, notebooks.read(staging / "notebooks" / f"{topic}.ipynb"), shown)
    page = (waiting / f"{topic}.html").read_text(encoding="utf-8")
    stems = [stem for stem in dict.fromkeys(CARD_LINK.findall(page)) if (waiting / CARDS / f"{stem}.html").is_file()]
    cards = {stem: (waiting / CARDS / f"{stem}.html").read_text(encoding="utf-8") for stem in stems}
    (html / CARDS if cards else html).mkdir(parents=True, exist_ok=True)
    for name in (f"{topic}.html", *(f"{CARDS}/{stem}.html" for stem in cards)):
        (waiting / name).rename(html / name)
    return ChapterPages(page, cards)


def report_facts(plan: RunPlan, record: RunRecord, shown: PageFacts) -> ReportFacts:
    """Return what the pages know besides the results."""
    chapters = tuple(
        replace(
            chapter,
            status=done.status,
            reason=done.cause if done.taken_over_from is None else t("taken over from the run {run}", run=done.taken_over_from),
        )
        for chapter, done in zip(shown.chapters, record.chapters, strict=True)
    )
    period = next((plan.imported.frames[name] for name in PERIOD_FRAMES if name in plan.imported.frames), None)
    return ReportFacts(
        company=shown.company,
        as_of=shown.as_of,
        started_at=record.started_at,
        language=shown.language,
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
