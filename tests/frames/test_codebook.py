"""The codebook says what the declarations say."""

from pathlib import Path

from workbook.frames import FRAMES
from workbook.frames.codebook import codebook

ROOT = Path(__file__).resolve().parents[2]


def test_the_codebook_in_the_docs_is_the_generated_one():
    assert (ROOT / "docs" / "codebook.md").read_text(encoding="utf-8") == codebook(), "run python -m workbook.frames.codebook"


def test_every_frame_and_column_is_in_it_with_its_grain():
    text = codebook()
    for frame in FRAMES.values():
        assert f"## {frame.name}" in text and frame.grain in text
        assert all(f"`{column.name}`" in text for column in frame.columns)
