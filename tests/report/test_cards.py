"""A card has a page of its own: safe names and words, linked from its chapter, part of the mailed report."""

import re
from datetime import date

import nbformat
import pytest

from tests.report import example
from workbook.batch.pages import CARD_LINK
from workbook.report import render_chapter, render_mail
from workbook.show import Card

TITLES = ("Acme", "acme", "<script>alert(1)</script>", "../../etc/passwd", "CON", "Müller & Söhne", "株式会社", "x" * 300)
ABOUT = {"topic": "competitors", "language": "en", "company": "Us", "as_of": date(2026, 9, 30)}


@pytest.fixture(scope="module")
def notebook():
    cards = [Card(title=title, lead=f"Against {title} we win.", parts=(("Where we win", (f"{title} & more",)),), note="n") for title in TITLES]
    outputs = [nbformat.v4.new_output("display_data", {"text/html": card.html(), "text/plain": card.text()}) for card in cards]
    cells = [nbformat.v4.new_markdown_cell("# Competitors"), nbformat.v4.new_markdown_cell("## Cards? (W4)"), nbformat.v4.new_code_cell("", outputs=outputs)]
    return nbformat.v4.new_notebook(cells=cells)


def test_every_card_has_a_safe_file_of_its_own(notebook):
    pages = render_chapter(notebook, **ABOUT).cards
    assert len(pages) == len(TITLES)
    assert all(re.fullmatch(r"[a-z0-9-]{1,50}", stem) for stem in pages)
    assert {"acme", "acme-2", "con-card", "muller-sohne", "competitor"} <= set(pages)
    for html in pages.values():
        assert "<script" not in html and "Content-Security-Policy" in html and 'href="../competitors.html"' in html


def test_the_chapter_links_every_card_and_the_mailed_report_holds_it(notebook):
    pages = render_chapter(notebook, **ABOUT)
    assert CARD_LINK.findall(pages.page) == list(pages.cards)
    mail = render_mail(example.facts(), example.results(), {"competitors": pages})
    for stem in pages.cards:
        assert mail.count(f'id="battlecard-{stem}"') == 1 and f'href="#battlecard-{stem}"' in mail
    assert "battlecards/" not in mail and "<script" not in mail


def test_a_chapter_without_cards_has_no_pages():
    assert render_chapter(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# T")]), **ABOUT).cards == {}
