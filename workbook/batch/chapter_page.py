"""The pages of one chapter, made by the process that ran it; they wait beside the other work until the report is published."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from workbook.batch.leftovers import WORK
from workbook.batch.notebooks import NotebookNode
from workbook.report import ChapterFact, navigation, render_chapter
from workbook.text import t

CARDS = "battlecards"


class PageFacts(BaseModel):
    """What a chapter's page shows beside the chapter. titles: of all chapters of the report in its order, by topic."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    company: str
    as_of: date
    language: str
    titles: dict[str, str]

    @property
    def chapters(self) -> tuple[ChapterFact, ...]:
        """The chapters as their pages link to one another."""
        return tuple(ChapterFact(topic=topic, title=title, href=f"html/{topic}.html") for topic, title in self.titles.items())


def waiting_pages(topic: str) -> str:
    """Return the folder of a chapter's pages until they are published, relative to the run's folder; laid out as html/ is."""
    return f"{WORK}/{topic}.pages"


def write_chapter_pages(root: Path, topic: str, notebook: NotebookNode, facts: PageFacts) -> None:
    """Write an executed notebook's pages below `root`. The chapter's own comes last: where it stands, all of them do."""
    links = navigation(facts.chapters, topic, t("Overview"))
    pages = render_chapter(notebook, topic=topic, language=facts.language, company=facts.company, as_of=facts.as_of, navigation=links)
    folder = root / waiting_pages(topic)
    (folder / CARDS if pages.cards else folder).mkdir(parents=True, exist_ok=True)
    for stem, card in pages.cards.items():
        write_page(folder / CARDS / f"{stem}.html", card)
    write_page(folder / f"{topic}.part", pages.page)
    os.replace(folder / f"{topic}.part", folder / f"{topic}.html")


def write_page(path: Path, html: str) -> None:
    """Write a page: the same bytes on every system."""
    path.write_text(html, encoding="utf-8", newline="\n")
