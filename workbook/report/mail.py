"""report.html: the management page and all chapters in one file that can be mailed, printed and read offline."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import unescape

from workbook.report import words
from workbook.report.chapter import ChapterPages
from workbook.report.facts import ReportFacts
from workbook.report.management import view_of
from workbook.report.pages import page
from workbook.results import ResultsFile
from workbook.text import t
from workbook.text.catalogue import use_language

_MAIN = re.compile(r'<main id="content">(.*)</main>', re.DOTALL)
_ANCHOR = re.compile(r'(\s(?:id|aria-labelledby)=")([^"]*)(")')  # in tags only: quotes in text are escaped
_LINK = re.compile(r'(<a\b[^<>]*\shref=")([^"]*)(")')


def render_mail(facts: ReportFacts, results: Sequence[ResultsFile], made: Mapping[str, ChapterPages]) -> str:
    """Return one self-contained file. made: topic → the pages that `render_chapter` made, in the report's order; cards follow their chapter."""
    topics = list(made)
    with use_language(facts.language):
        chapters = [
            part
            for topic, pages in made.items()
            for part in (
                {"id": _name(topic), "html": embed(pages.page, topic, topics)},
                *({"id": _card_name(stem), "html": embed(card, stem, topics)} for stem, card in pages.cards.items()),
            )
        ]
        return page(
            "mail.html.j2",
            language=facts.language,
            kind="mail",
            title=t("Sales strategy report"),
            company=facts.company,
            view=view_of(facts, results, lambda path: _target(path, topics) or ""),
            words=words.common() | words.management(facts.confidence),
            chapters=chapters,
        )


def embed(html: str, topic: str, topics: Sequence[str]) -> str:
    """Return a chapter's content with its ids and links made unique: `#answer` of market becomes `#market--answer`."""
    found = _MAIN.search(html)
    if found is None:
        raise ValueError(f"the page of {topic} has no content")
    content = _demoted(found[1])
    content = _ANCHOR.sub(lambda m: f"{m[1]}{topic}--{m[2]}{m[3]}", content)
    return _LINK.sub(lambda m: f"{m[1]}{_inside(unescape(m[2]), topic, topics)}{m[3]}", content)


def _demoted(html: str) -> str:
    """One level down for every heading: the file's first level is the company."""
    return re.sub(r"<(/?)h([1-5])\b", lambda m: f"<{m[1]}h{int(m[2]) + 1}", html)


def _inside(href: str, topic: str, topics: Sequence[str]) -> str:
    """Translate a link of a chapter's page: within the page, to another chapter, or to what the file does not hold (top)."""
    if found := re.fullmatch(r"battlecards/([a-z0-9-]+)\.html", href):
        return f"#{_card_name(found[1])}"
    if href.startswith("#"):
        return f"#{topic}--{href[1:]}"
    return _target(href, topics) or "#top"


def _target(path: str, topics: Sequence[str]) -> str:
    """Return the anchor of a chapter's page in this file, empty for anything else."""
    found = re.search(r"([a-z_]+)\.html(?:#([\w.-]+))?$", path)
    if not found or found[1] not in topics:
        return ""
    return f"#{found[1]}--{found[2]}" if found[2] else f"#{_name(found[1])}"


def _card_name(stem: str) -> str:
    return f"battlecard-{stem}"


def _name(topic: str) -> str:
    return f"chapter-{topic}"
