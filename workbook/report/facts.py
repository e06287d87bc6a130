"""What the pages know besides the results: whose data, of which day, which chapters, what the import did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

ChapterStatus = Literal["succeeded", "failed", "skipped", "taken_over"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChapterFact:
    """One chapter of the run. title: of its notebook, in the report's language. href: relative to the run's folder.

    status: `taken_over` from an earlier run with the same inputs; reason: why it failed or was skipped,
    or which run computed it; one sentence.
    """

    topic: str
    title: str
    status: ChapterStatus = "succeeded"
    href: str = ""
    reason: str = ""

    @property
    def has_page(self) -> bool:
        """Tell whether there is a page to link to."""
        return bool(self.href) and self.status != "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFact:
    """One file or table that was read: its name, rows kept, the newest day in it."""

    name: str
    rows: int
    newest_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFacts:
    """The accounting of the import: lines_read = kept + merged + rejected + not_data.

    repaired: cells changed by a rule; flagged: rows or cells to look at; assumptions: sentences, already in the language.
    """

    lines_read: int = 0
    kept: int = 0
    merged: int = 0
    rejected: int = 0
    not_data: int = 0
    repaired: int = 0
    flagged: int = 0
    sources: tuple[SourceFact, ...] = ()
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFacts:
    """Everything the management page needs besides results.

    as_of: the day the data speak of (date of the export). period_from, period_to: first and last day in the deals, None
    where the data carry no dates. started_at: the run's folder below runs/, which is also the time it started, as text.
    overview: of a matrix's report, what leads from the report's folder to the page over all of them; empty for any other.
    chapters: in the order of the report. confidence: level of the intervals. degraded: what is worse than in the last good
    run, one sentence each, already in the language.
    """

    company: str
    as_of: date
    started_at: str
    language: str = "en"
    period_from: date | None = None
    period_to: date | None = None
    chapters: tuple[ChapterFact, ...] = ()
    imported: ImportFacts = ImportFacts()
    confidence: float = 0.95
    degraded: tuple[str, ...] = ()
    overview: str = ""

    @property
    def run_folder(self) -> str:
        """The run's folder, relative to the report's folder, with a slash at its end."""
        return f"runs/{self.started_at}/"

    def chapter(self, topic: str) -> ChapterFact | None:
        """Return a chapter by topic, None where the run has none."""
        return next((chapter for chapter in self.chapters if chapter.topic == topic), None)


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of the navigation of a chapter's page. href is relative to that page; empty: the page itself."""

    title: str
    href: str = ""


def navigation(chapters: Iterable[ChapterFact], topic: str, overview: str) -> tuple[Link, ...]:
    """Return the links of a chapter's page in html/: the management page (titled `overview`), then every chapter."""
    links = (Link(chapter.title, "" if chapter.topic == topic else f"../{chapter.href}") for chapter in chapters if chapter.has_page)
    return (Link(overview, "../index.html"), *links)
