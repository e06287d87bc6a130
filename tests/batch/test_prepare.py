"""The notebook that runs: translated, unmet sections replaced by a notice, still linear."""

import copy

from tests.batch.notebook_for_tests import CHAPTER, code, imported, markdown, notebook
from workbook.batch.prepare import prepare, title_of, translated
from workbook.text import use_language
from workbook.text.catalogue import translations


def sources(prepared):
    return [cell.source for cell in prepared.cells]


def test_nothing_is_left_out_where_everything_is_there():
    prepared, skipped = prepare(CHAPTER, imported(opportunities=("competitor", "loss_reason"), leads=("lead_id",)))
    assert skipped == () and sources(prepared) == sources(CHAPTER)


def test_an_unmet_section_keeps_its_heading_and_gets_a_notice():
    prepared, skipped = prepare(CHAPTER, imported(opportunities=("competitor",)))
    assert [entry.needs for entry in skipped] == [["opportunities.loss_reason", "leads"]]
    found = sources(prepared)
    assert found[:7] == sources(CHAPTER)[:7]
    assert "`opportunities.loss_reason`, `leads`" in found[7] and found[7].startswith("*Not computed")
    assert found[8:] == sources(CHAPTER)[8:]
    assert "run.answer(2)" not in found


def test_every_section_may_be_left_out_and_the_chapter_still_closes():
    chapter = notebook(markdown("# T"), markdown("## A", "needs:leads"), code("run.answer(1)"), markdown("## B", "needs:market"), code("run.close()"))
    prepared, skipped = prepare(chapter, imported())
    assert len(skipped) == 2
    assert [cell.source for cell in prepared.cells if cell.cell_type == "code"] == ["run.close()"]
    headings = [n for n, cell in enumerate(prepared.cells) if cell.source.startswith("##")]
    assert all(prepared.cells[n + 1].source.startswith("*Not computed") for n in headings)
    assert len({cell.id for cell in prepared.cells}) == len(prepared.cells)


def test_the_original_is_left_alone():
    before = copy.deepcopy(CHAPTER)
    prepare(CHAPTER, imported())
    assert before == CHAPTER


def test_markdown_is_translated_code_is_not(monkeypatch):
    monkeypatch.setattr(translations("de"), "gettext", lambda text: {"# Title": "# Titel"}.get(text, text))
    chapter = notebook(markdown("# Title\n"), code("# Title"))
    with use_language("de"):
        assert sources(translated(chapter)) == ["# Titel", "# Title"]
    assert title_of(translated(chapter)) == "Title"


def test_advice_cannot_become_markup():
    prepared, _ = prepare(CHAPTER, imported(opportunities=("competitor",)))
    assert "<" not in prepared.cells[7].source.replace("\\<", "")
