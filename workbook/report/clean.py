"""The pages' one gate: HTML from cells and outputs is rebuilt from an allow-list, whoever wrote it.

Tags and attributes outside the list vanish (their text stays, except that of scripts and sheets), ids vanish, text is escaped
anew, open elements are closed.
"""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

TEXT_TAGS = {
    "p",
    "ul",
    "ol",
    "li",
    "strong",
    "em",
    "b",
    "i",
    "code",
    "pre",
    "sub",
    "sup",
    "blockquote",
    "span",
    "dl",
    "dt",
    "dd",
    "a",
}
TABLE_TAGS = {"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"}
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
PARTS = {"article", "section"}
ALLOWED = TEXT_TAGS | TABLE_TAGS | HEADINGS | PARTS
VOID = {"br", "hr"}
SILENT = {"script", "style", "svg", "math", "iframe", "object", "template", "noscript", "title", "textarea", "select", "button"}
CLASSES = {
    "finding", "opening", "action", "none", "firm", "likely", "open", "refused", "limits", "check", "review", "fail", "pass", "note", "figure-title",
    "table-title", "skipped", "closing", "notice", "num", "battlecard", "group-name",
}  # fmt: skip
_PICTURE = re.compile(r"data:image/(png|jpeg|gif);base64,[A-Za-z0-9+/]+=*")
_RELATIVE = re.compile(r"(#[A-Za-z0-9._-]*|(?!//)[A-Za-z0-9_./-]+(#[A-Za-z0-9._-]*)?)")


def clean(html: str) -> str:
    """Return safe, well-formed HTML with the same words."""
    cleaner = _Cleaner()
    cleaner.feed(html)
    cleaner.close()
    return cleaner.result()


def _picture(given: dict[str, str | None]) -> str:
    """Return a picture that lies in the page itself; of any other its words."""
    words, source = escape(given.get("alt") or ""), given.get("src") or ""
    return f'<img src="{source}" alt="{words}">' if _PICTURE.fullmatch(source) else words


class _Cleaner(HTMLParser):
    """Rebuilds what it reads; nothing passes through unread."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._out: list[str] = []
        self._open: list[str] = []
        self._silent: list[str] = []

    def result(self) -> str:
        """Return the HTML read so far, every element closed."""
        return "".join([*self._out, *(f"</{tag}>" for tag in reversed(self._open))]).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._silent or tag in SILENT:
            self._silent += [tag] if tag in SILENT else []
        elif tag in VOID:
            self._out.append(f"<{tag}>")
        elif tag == "img":
            self._out.append(_picture(dict(attrs)))
        elif tag == "a" and not _RELATIVE.fullmatch(dict(attrs).get("href") or ""):
            return
        elif tag in ALLOWED:
            self._open.append(tag)
            self._out.append(f"<{tag}{self._attributes(tag, dict(attrs))}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            if tag in self._silent:
                del self._silent[len(self._silent) - 1 - self._silent[::-1].index(tag) :]
        elif tag in self._open:
            while (last := self._open.pop()) != tag:
                self._out.append(f"</{last}>")
            self._out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            within = self._open[-1] if self._open else ""
            is_filling = within in TABLE_TAGS - {"th", "td", "caption"} and not data.strip()
            self._out.append("" if is_filling else escape(data))

    def _attributes(self, tag: str, given: dict[str, str | None]) -> str:
        kept: dict[str, str] = {}
        if wanted := [name for name in (given.get("class") or "").split() if name in CLASSES]:
            kept["class"] = " ".join(wanted)
        for span in ("colspan", "rowspan"):
            if tag in ("th", "td") and (given.get(span) or "1").isdigit() and given.get(span, "1") != "1":
                kept[span] = given[span] or "1"
        if tag == "th":
            is_group = "group-name" in kept.get("class", "")
            kept["scope"] = "colgroup" if is_group else "row" if "tbody" in self._open else "col"
        if tag == "a":
            kept["href"] = given["href"] or ""
        return "".join(f' {name}="{escape(value)}"' for name, value in kept.items())
