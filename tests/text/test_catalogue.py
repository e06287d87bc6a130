"""The German catalogue is complete, and true to the sources."""

import re
import string

import polib
import pytest

from workbook.text.catalogue import LOCALE_DIR
from workbook.text.extract import PACKAGE, collect, messages_of_notebook, messages_of_python

GERMAN = LOCALE_DIR / "de" / "LC_MESSAGES" / "workbook.po"
FOUND = collect(PACKAGE, PACKAGE.parent / "notebooks")


@pytest.fixture(scope="module")
def german():
    return polib.pofile(str(GERMAN))


def test_german_is_complete(german):
    said = {(e.msgid, e.msgid_plural) if e.msgid_plural else e.msgid for e in german if not e.obsolete}
    assert said == set(FOUND), "run `make messages`"
    assert [e.msgid for e in german.untranslated_entries()] == []


def test_nothing_is_fuzzy_or_obsolete(german):
    assert [e.msgid for e in german.fuzzy_entries()] == []
    assert [e.msgid for e in german.obsolete_entries()] == []


def places(text):
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def test_places_are_the_same_in_both_languages(german):
    for entry in german:
        if "python-brace-format" not in entry.flags:
            continue
        if not entry.msgid_plural:
            assert set(places(entry.msgid)) == set(places(entry.msgstr)), entry.msgid
            continue
        known = set(places(entry.msgid)) | set(places(entry.msgid_plural))
        assert set(places(entry.msgstr_plural[1])) == set(places(entry.msgid_plural)), entry.msgid
        assert set(places(entry.msgstr_plural[0])) <= known, entry.msgid  # a singular may write "one" instead of {n}


def test_german_durations_stand_where_they_need_no_dative(german):
    """A duration is written “68 Tage”, whatever stands before it: “nach 68 Tage” is no German."""
    dative = re.compile(r"\b(?:nach|von|in|mit|seit|binnen|innerhalb von)(?: \w+)? \{(?:median|horizon|limit|age)\}")
    found = [text for entry in german for text in (entry.msgstr, *entry.msgstr_plural.values()) if dative.search(text)]
    assert found == []


def test_notebook_markdown_keeps_its_structure(german):
    for entry in german:
        for mark in ("# ", "## ", "- ", "| "):
            assert entry.msgid.startswith(mark) == entry.msgstr.startswith(mark) or entry.msgid_plural, entry.msgid


def test_extraction_counts_by_hand():
    source = 'msg("a {n}", n=1)\nt("b")\nnmsg("c", "cs", 2)\nother("d")\n'
    assert list(messages_of_python(source)) == ["a {n}", "b", ("c", "cs")]


def test_a_message_that_cannot_be_translated_is_an_error():
    with pytest.raises(ValueError, match="plain literal"):
        list(messages_of_python('msg(f"a {n}")'))


def test_markdown_cells_are_messages():
    text = '{"cells": [{"cell_type": "markdown", "source": ["# A\\n", "b"]}, {"cell_type": "code", "source": ["x"]}]}'
    assert list(messages_of_notebook(text)) == ["# A\nb"]
