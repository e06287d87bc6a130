"""A card is one page about one thing: a lead, parts with a few sentences each, a small table."""

from __future__ import annotations

from dataclasses import dataclass

from workbook.show.escape import escape_html
from workbook.show.table import TableView


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A card ready to show; all texts in the reader's language, not yet escaped. parts: heading and sentences of each."""

    title: str
    lead: str
    parts: tuple[tuple[str, tuple[str, ...]], ...]
    table: TableView | None = None
    note: str = ""

    def html(self) -> str:
        """Return the card as HTML; the report makes a page of its own of it."""
        parts = "".join(
            f"<section><h4>{escape_html(heading)}</h4><ul>{''.join(f'<li>{escape_html(line)}</li>' for line in lines)}</ul></section>"
            for heading, lines in self.parts
        )
        table = "" if self.table is None else f"<h4>{escape_html(self.table.title)}</h4>{self.table.html()}"
        note = f'<p class="note">{escape_html(self.note)}</p>' if self.note else ""
        return f'<article class="battlecard"><h3>{escape_html(self.title)}</h3><p>{escape_html(self.lead)}</p>{parts}{table}{note}</article>'

    def text(self) -> str:
        """Return the card as plain text."""
        lines = [self.title, self.lead]
        for heading, sentences in self.parts:
            lines += [f"{heading}:", *(f"- {sentence}" for sentence in sentences)]
        return "\n".join([*lines, *([self.table.text()] if self.table is not None else []), *([self.note] if self.note else [])])
