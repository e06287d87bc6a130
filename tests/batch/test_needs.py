"""What a section needs, what is unmet, and which export would meet it."""

from pathlib import Path

import nbformat
import pytest

from tests.batch.notebook_for_tests import CHAPTER, imported, markdown, notebook
from workbook.batch.needs import HINTS, computed_titles, faulty_tags, hint, sections, skipped, unmet
from workbook.frames import FRAMES
from workbook.text import render

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
FULL = {"opportunities": ("status", "competitor", "loss_reason"), "leads": ("lead_id",)}


def test_sections_run_from_heading_to_heading():
    found = sections(CHAPTER)
    assert [section.title for section in found] == ["Who takes deals from us? (W2)", "Why do we lose? (W2, W3)", "What next?"]
    assert [section.ids for section in found] == [("W2",), ("W2", "W3"), ()]
    assert [section.cells for section in found] == [(2, 3, 4, 5), (6, 7), (8, 9, 10)]
    assert found[1].needs == ("opportunities.loss_reason", "leads")


@pytest.mark.parametrize(
    ("frames", "lacking"),
    [
        (FULL, ()),
        ({}, ("opportunities.competitor", "leads")),
        ({"opportunities": ("status",), "leads": ("lead_id",)}, ("opportunities.competitor",)),
        ({"opportunities": (), "leads": ("lead_id",)}, ("opportunities.competitor",)),
        ({"opportunities": ("competitor",)}, ("leads",)),
    ],
    ids=["all-there", "nothing", "column-without-a-value", "frame-without-a-row", "frame-absent"],
)
def test_unmet_needs(frames, lacking):
    assert unmet(("opportunities.competitor", "leads"), imported(**frames)) == lacking


def test_titles_of_what_can_be_computed():
    assert computed_titles(CHAPTER, imported(opportunities=("competitor",))) == ("Who takes deals from us? (W2)", "What next?")


def test_a_skipped_section_says_how_to_mend_it():
    entry = skipped(sections(CHAPTER)[1], ("opportunities.loss_reason", "leads"))
    assert entry.section == "W2 W3" and entry.needs == ["opportunities.loss_reason", "leads"]
    assert "Closed Lost Reason" in entry.mend and "export the leads" in entry.mend


def test_an_absent_frame_is_not_asked_for_twice():
    entry = skipped(sections(CHAPTER)[0], ("stage_entries", "stage_entries.entered_at"))
    assert entry.mend == render(HINTS["stage_entries"])


@pytest.mark.parametrize("need", [*FRAMES, *(f"{name}.{column.name}" for name, frame in FRAMES.items() for column in frame.columns)])
def test_every_need_has_advice(need):
    assert len(render(hint(need))) > 10


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_what_chapters_need_is_asked_for_in_words_of_its_own(path):
    """The general advice names the column and what it means as the codebook does, in English whatever the page's language."""
    asked = {need for section in sections(nbformat.read(path, as_version=4)) for need in section.needs}
    assert asked <= set(HINTS)


def test_hints_speak_of_canonical_columns_only():
    asked = notebook(*(markdown("## x", f"needs:{need}") for need in HINTS))
    assert list(faulty_tags(asked)) == []
    assert list(faulty_tags(notebook(markdown("## x", "needs:opportunitys", "needs:leads.colour")))) == ["opportunitys", "leads.colour"]
