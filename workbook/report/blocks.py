"""An executed notebook as the report sees it: a title, an introduction, sections of blocks. No code, no prompts, no noise."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from typing import Any, Literal
from urllib.parse import unquote

from workbook.report.clean import clean
from workbook.text import t

Kind = Literal["prose", "image", "table", "finding", "check", "refused", "opening", "action", "card"]

_PARAGRAPH = re.compile(r'<p class="([a-z -]+)">(.*)</p>', re.DOTALL)
_CARD = re.compile(r'<article class="battlecard"><h3>(.*?)</h3><p>(.*?)</p>(.*)</article>', re.DOTALL)
_HEADING = re.compile(r"<h([12])>(.*?)</h\1>", re.DOTALL)
_REQUIREMENTS = re.compile(r"\s*[(\[–·-]*\s*\b([A-Z]\d{1,2}(?:\s*(?:,|/|·|and|und|&amp;)\s*[A-Z]\d{1,2})*)\s*[)\]]?\s*$")

_PICTURES = ("image/png", "image/jpeg", "image/gif")  # what the gate lets through
RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}  # no file or folder may be called so on Windows


@dataclass(slots=True)
class Block:
    """One thing on the page. html: safe HTML; for an image its base64 text. note: small print that belongs to it.

    A card has a page of its own: mark is its file's stem, note its lead.
    """

    kind: Kind
    html: str
    title: str = ""
    alt: str = ""
    width: int = 640
    note: str = ""
    mark: str = ""

    @property
    def title_text(self) -> str:
        """The title as text, without markup."""
        return unescape(re.sub(r"<[^>]+>", "", self.title))


@dataclass(slots=True)
class Section:
    """A question of the chapter: heading, requirement ids, a stable id for links, its blocks."""

    id: str
    title: str
    requirements: str = ""
    blocks: list[Block] = field(default_factory=list)


@dataclass(slots=True)
class Chapter:
    """A notebook's content. dropped: messages left out of the page (stdout, stderr, errors)."""

    title: str
    lead: list[Block] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    dropped: int = 0

    @property
    def cards(self) -> list[Block]:
        """The blocks that have a page of their own."""
        blocks = [*self.lead, *(block for section in self.sections for block in section.blocks)]
        return [block for block in blocks if block.kind == "card"]

    @property
    def plain_title(self) -> str:
        """The title as text, without markup."""
        return unescape(re.sub(r"<[^>]+>", "", self.title))


def without_requirements(title: str) -> str:
    """Return a heading without the requirement ids at its end."""
    found = _REQUIREMENTS.search(title)
    return title[: found.start()].rstrip() if found else title


def chapter_of(notebook: Any, topic: str) -> Chapter:
    """Read a notebook node into a chapter; section ids come from the heading cells' ids, unique within the page."""
    chapter = Chapter(title=topic)
    taken = {"top", "content", "contents"}
    for cell in notebook.cells:
        here = chapter.sections[-1].blocks if chapter.sections else chapter.lead
        if cell.cell_type == "markdown":
            _add_markdown(chapter, cell, taken)
        elif cell.cell_type == "code":
            chapter.dropped += sum(output.output_type in ("stream", "error") for output in cell.outputs)
            here.extend(_joined(_output_blocks(cell.outputs)))
    _name_cards(chapter)
    return chapter


def _name_cards(chapter: Chapter) -> None:
    """Give each card a file name: letters, digits and hyphens of its title, unique, none that a system reserves."""
    taken: set[str] = set()
    for block in chapter.cards:
        block.mark = _unique(_file_stem(block.title_text), taken)


def _file_stem(words: str) -> str:
    plain = unicodedata.normalize("NFKD", words.replace("ß", "ss")).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:40].strip("-") or "competitor"
    return f"{stem}-card" if stem in RESERVED else stem


def _add_markdown(chapter: Chapter, cell: Any, taken: set[str]) -> None:
    parts = _HEADING.split(markdown_html(cell.source, cell.get("attachments", {})))
    if parts[0].strip():
        is_notice = "not-computed" in cell.metadata.get("tags", [])
        shown = f'<div class="skipped">{parts[0].strip()}</div>' if is_notice else parts[0].strip()
        (chapter.sections[-1].blocks if chapter.sections else chapter.lead).append(Block("prose", shown))
    for level, words, rest in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        if level == "1" and not chapter.sections:
            chapter.title = words
        else:
            requirements = _REQUIREMENTS.search(words)
            title = without_requirements(words)
            name = _unique(cell.get("id") or _slug(title), taken)
            chapter.sections.append(Section(name, title, requirements[1] if requirements else ""))
        if rest.strip():
            (chapter.sections[-1].blocks if chapter.sections else chapter.lead).append(Block("prose", rest.strip()))


def markdown_html(source: str, attachments: Mapping[str, Mapping[str, Any]] | None = None) -> str:
    """Return Markdown as safe HTML: raw HTML in it is shown as text, links that leave the report lose their target.

    attachments: the pictures that were pasted into the cell, by name.
    """
    _markdown().renderer.attachments = _Pasted(attachments or {})
    return clean(str(_markdown().render(source)))


class _Pasted(dict[str, dict[str, str]]):
    """The pictures of a cell, each in the form that pages show. Every name is known: of a lost one its words are left."""

    def __init__(self, attachments: Mapping[str, Mapping[str, Any]]) -> None:
        super().__init__()
        for name, forms in attachments.items():
            shown = [(form, "".join(_text(forms[form]).split())) for form in _PICTURES if form in forms]
            self[name] = dict(shown[:1] or [("image/png", "")])

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> dict[str, str]:
        return self.get(unquote(name)) or {"image/png": ""}


@cache
def _markdown() -> Any:
    """Return what turns Markdown into HTML; it keeps nothing between two texts but the pictures of the last."""
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    return MarkdownWithMath(renderer=IPythonRenderer(escape=True, exclude_anchor_links=True))


def _output_blocks(outputs: Iterable[Any]) -> Iterator[Block]:
    """Yield what a reader should see; what only has a plain text (the name of an object) speaks to analysts."""
    for output in outputs:
        if output.output_type not in ("display_data", "execute_result"):
            continue
        data = output.data
        if "image/png" in data:
            about = output.metadata.get("image/png", {})
            picture = "".join(str(data["image/png"]).split())
            alt = str(about.get("alt") or data.get("text/plain") or t("Figure without description"))
            yield Block("image", picture, alt=alt, width=int(about.get("width", 640)))
        elif "text/html" in data:
            yield _html_block(clean(_text(data["text/html"])))


def _html_block(html: str) -> Block:
    if html.startswith("<table"):
        return Block("table", html)
    if card := _CARD.fullmatch(html):
        return Block("card", card[3], title=card[1], note=card[2])
    paragraph = _PARAGRAPH.fullmatch(html)
    kind, _, mark = paragraph[1].partition(" ") if paragraph else ("", "", "")
    if paragraph and kind in ("finding", "check", "refused", "opening", "action"):
        return Block(kind, paragraph[2], mark=mark)  # type: ignore[arg-type]
    return Block("prose", html, mark=kind)


def _joined(blocks: Iterable[Block]) -> list[Block]:
    """Put titles and notes with the figure or table that they belong to."""
    joined: list[Block] = []
    for block in blocks:
        before = joined[-1] if joined else None
        if block.kind in ("image", "table") and before and before.mark in ("figure-title", "table-title"):
            block.title = _inner(before.html)
            joined.pop()
        elif block.mark == "note" and before and before.kind in ("image", "table"):
            before.note = _inner(block.html)
            continue
        joined.append(block)
    return joined


def _inner(paragraph: str) -> str:
    found = _PARAGRAPH.fullmatch(paragraph)
    return found[2] if found else paragraph


def _text(value: Any) -> str:
    return "".join(value) if isinstance(value, list) else str(value)


def _slug(words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", re.sub(r"<[^>]+>|&[a-z#0-9]+;", "", words).lower()).strip("-") or "section"


def _unique(wanted: str, taken: set[str]) -> str:
    base = re.sub(r"[^A-Za-z0-9_-]+", "-", wanted).strip("-") or "section"
    name, number = base, 2
    while name in taken:
        name, number = f"{base}-{number}", number + 1
    taken.add(name)
    return name
