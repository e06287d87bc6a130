"""A chapter's page from its executed notebook: nbconvert with a template of our own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from workbook.report import words
from workbook.report.blocks import Chapter, chapter_of
from workbook.report.facts import Link
from workbook.report.pages import environment, page
from workbook.text import day, render
from workbook.text.catalogue import use_language

if TYPE_CHECKING:
    from nbconvert.exporters.templateexporter import TemplateExporter
    from nbformat import NotebookNode


@dataclass(frozen=True, slots=True)
class ChapterPages:
    """A chapter's page, and the pages of its cards by file stem, for html/battlecards/; none where it has no cards."""

    page: str
    cards: dict[str, str]


def render_chapter(
    notebook: NotebookNode, *, topic: str, language: str, company: str, as_of: date, navigation: Sequence[Link] = ()
) -> ChapterPages:
    """Return the pages of one executed notebook: no code, no prompts, no script, no network.

    navigation: links to the other pages, relative to html/ (see `facts.navigation`). The same notebook gives the same bytes.
    """
    facts = {"topic": topic, "language": language, "company": company, "as_of": as_of, "navigation": tuple(navigation)}
    with use_language(language):
        html, resources = _exporter().from_notebook_node(notebook, resources={"facts": facts})
    return ChapterPages(str(html), resources["outputs"])


def _cards(chapter: Chapter, facts: dict[str, Any]) -> dict[str, str]:
    """Return the pages of a chapter's cards by file stem, in the current language."""
    about = {"language": facts["language"], "kind": "battlecard-page", "company": facts["company"], "as_of": render(day(facts["as_of"])),
             "topic": facts["topic"], "chapter": chapter.plain_title, "words": words.common()}  # fmt: skip
    return {card.mark: page("card.html.j2", title=card.title_text, card=card, **about) for card in chapter.cards}


def chapter_context(chapter: Chapter, facts: dict[str, Any]) -> dict[str, Any]:
    """Return everything the chapter's template shows, in the current language."""
    return {
        "language": facts["language"],
        "kind": "chapter",
        "title": chapter.plain_title,
        "company": facts["company"],
        "as_of": render(day(facts["as_of"])),
        "navigation": facts["navigation"],
        "chapter": chapter,
        "dropped": words.dropped(chapter.dropped) if chapter.dropped else "",
        "words": words.common(),
        "certainties": {key: render(word) for key, (word, _) in words.CERTAINTIES.items()},
        "checks": {key: (shape, render(word)) for key, (shape, word) in words.CHECKS.items()},
    }


@cache
def _exporter() -> TemplateExporter:
    """Build the exporter late: importing nbconvert takes a quarter of a second, and most commands never need it."""
    from nbconvert.exporters.templateexporter import TemplateExporter

    class ChapterExporter(TemplateExporter):  # type: ignore[misc]
        """Writes chapters with this package's template; no template or setting of the machine is looked at."""

        file_extension = ".html"
        template_file = "chapter.html.j2"
        template_paths: list[str] = []  # noqa: RUF012
        output_mimetype = "text/html"

        def _create_environment(self) -> Any:
            return environment()

        def from_notebook_node(self, nb: NotebookNode, resources: dict[str, Any] | None = None, **_: Any) -> tuple[str, Any]:
            facts = (resources or {})["facts"]
            chapter = chapter_of(nb, facts["topic"])
            return page(self.template_file, **chapter_context(chapter, facts)), {"outputs": _cards(chapter, facts)}

    return ChapterExporter()
