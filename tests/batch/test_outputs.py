"""What a cell puts out is kept within bounds."""

import pytest

from workbook.batch.outputs import MOST_SHOWN, bounded_data, bounded_text


@pytest.mark.parametrize(("text", "room", "kept"), [("abc", 3, "abc"), ("abcd", 3, "abc\n["), ("abc", 0, "\n["), ("abc", -5, "\n["), ("", 0, "")])
def test_text_is_cut_and_says_so(text, room, kept):
    cut = bounded_text(text, room)
    assert cut.startswith(kept) and (cut == text) == (len(text) <= max(room, 0) and room >= 0)
    assert cut == text or "too large to keep" in cut


def test_of_what_is_shown_only_the_large_forms_go():
    large = "x" * (MOST_SHOWN + 1)
    small = {"text/html": "<p>", "text/plain": "p", "application/json": {"a": 1}}
    assert bounded_data(small) == small
    assert bounded_data({"image/png": large, "text/plain": "a chart"}) == {"text/plain": "a chart"}
    assert "too large to keep" in bounded_data({"image/png": large})["text/plain"]
