"""Messages are rendered late, in the reader's language, and never trust their values."""

import pytest

from workbook.text import count, msg, nmsg, render, share, use_language


def test_places_are_filled_with_formatted_values():
    assert render(msg("{rate} of {n} deals", rate=share(0.5), n=1200)) == "50.0% of 1,200 deals"


def test_braces_in_a_value_stay_as_they_are():
    assert render(msg("account {name}", name="{0} {evil}")) == "account {0} {evil}"


def test_a_bare_float_is_refused():
    with pytest.raises(TypeError, match="no unit"):
        msg("{rate}", rate=0.5)


@pytest.mark.parametrize(("n", "text"), [(0, "0 deals"), (1, "1 deal"), (2, "2 deals")])
def test_plural(n, text):
    assert render(nmsg("{n} deal", "{n} deals", n)) == text


def test_nested_messages_and_lists():
    inner = msg("open")
    assert render(msg("{items}", items=(inner, "won", count(3)))) == "open, won, 3"


def test_a_language_that_is_not_known_is_an_error():
    with pytest.raises(ValueError, match="unknown language"), use_language("fr"):
        pass
