"""Encoding, delimiter, header, and the lines that are no rows."""

from pathlib import Path

import pytest

from workbook.errors import DataError
from workbook.sources.delimited import find_delimiter, split
from workbook.sources.encoding import decode
from workbook.sources.layout import Place, lay_out
from workbook.sources.presets import known_headers


def lay(text):
    return lay_out(split(text), Place("file.csv", Path("file.csv")), known_headers())


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("Müller;1".encode(), "utf-8"),
        ("Müller;1".encode("utf-8-sig"), "utf-8-sig"),
        ("Müller;1".encode("utf-16"), "utf-16"),
        ("Müller;1\nabc;2".encode("utf-16-le"), "utf-16-le"),
        ("Müller;1".encode("cp1252"), "cp1252"),
        ("Größe 5 €".encode("cp1252"), "cp1252"),
    ],
)
def test_the_encoding_is_found(data, encoding):
    decoded = decode(data, "x.csv")
    assert decoded.encoding == encoding
    assert "ü" in decoded.text or "ö" in decoded.text


def test_mixed_encodings_are_repaired_line_by_line():
    decoded = decode("Müller\nGröße\n".encode() + "Jäger €\n".encode("cp1252"), "x.csv")
    assert decoded.text.splitlines() == ["Müller", "Größe", "Jäger €"]
    assert (decoded.encoding, decoded.repaired_lines) == ("utf-8 + cp1252", 1)


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\x00\x00", b"%PDF-1.7\xe2\xe3", b"abc\x00def" * 50, bytes(range(1, 32)) * 40])
def test_binary_is_refused(data):
    with pytest.raises(DataError, match=r"binary|document"):
        decode(data, "x.csv")


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a;b;c\n1.234,56;2,5;x\n1,5;2;y, z\n", ";"),
        ('a,b\n"1;2;3",4\n', ","),
        ("a\tb\n1,2\t3\n", "\t"),
        ("a|b|c\n1|2|3\n", "|"),
        ("Stand: 01.10.2026\n\na;b;c\n1;2;3\n4;5;6\n", ";"),
        ("only\none\n", ","),
    ],
)
def test_the_delimiter_is_found(text, delimiter):
    assert find_delimiter(text) == delimiter


def test_excels_own_first_line_names_the_delimiter():
    records = split("sep=;\na;b\n1;2\n")
    assert records.rows == [(2, ["a", "b"]), (3, ["1", "2"])]


def test_a_quoted_cell_over_several_lines_is_one_record_at_its_first_line():
    records = split('a,b\n1,"x\ny\nz"\n2,w\n')
    assert records.rows == [(1, ["a", "b"]), (2, ["1", "x\ny\nz"]), (5, ["2", "w"])]


def test_an_unclosed_quote_costs_its_own_line_only():
    records = split('a,b,c\n1,2,3\n4,"5,6\n7,8,9\n10,11,12\n')
    assert [cells for _, cells in records.rows] == [["a", "b", "c"], ["1", "2", "3"], ["7", "8", "9"], ["10", "11", "12"]]
    assert [line for line, _ in records.rows] == [1, 2, 4, 5]
    assert records.broken[0][0] == 3


def test_two_unclosed_quotes_do_not_hide_the_lines_between_them():
    records = split('a,b,c\n1,"2,3\n4,5,6\n7,"8,9\n10,11,12\n')
    assert [cells for _, cells in records.rows] == [["a", "b", "c"], ["4", "5", "6"], ["10", "11", "12"]]
    assert [line for line, _, _ in records.broken] == [2, 4]


def test_a_wide_line_above_does_not_hide_an_unclosed_quote():
    records = split('a,b,c\n0,0,0\n1,2,3,4,5\n7,"8,9\n10,11,12\n13,14,15\n')
    assert [line for line, _ in records.rows] == [1, 2, 3, 5, 6] and [line for line, _, _ in records.broken] == [4]


def test_prose_with_line_breaks_and_delimiters_is_one_cell():
    records = split('a,b,c\n1,2,"Hello, we, talk\nabout, this, and that"\n4,5,6\n')
    assert records.rows[1] == (2, ["1", "2", "Hello, we, talk\nabout, this, and that"]) and not records.broken


def test_preamble_blank_lines_total_and_repeated_header_are_no_data():
    table = lay(
        "Opportunity-Bericht\nStand: 01.10.2026 14:03\n\nOpportunity-ID;Accountname;Phase;Betrag\n"
        "1;A;Angebot;10\n\n2;B;Angebot;20\nOpportunity-ID;Accountname;Phase;Betrag\n3;C;Angebot;30\n;;Summe;60\n"
    )
    assert table.header == ("Opportunity-ID", "Accountname", "Phase", "Betrag")
    assert (table.header_line, list(table.lines)) == (4, [5, 7, 9])
    assert table.preamble[1] == "Stand: 01.10.2026 14:03"
    assert [line for line, _ in table.totals] == [10]
    assert table.lines_read == 10 and table.not_data == 7


def test_an_account_called_total_is_no_total_row():
    table = lay("Opportunity ID,Account Name,Stage,Amount\n1,Total,Open,5\n2,Gesamt GmbH,Open,6\n")
    assert len(table.lines) == 2 and not table.totals


def test_remarks_below_the_rows_are_no_data():
    table = lay(
        "Opportunity ID,Account Name,Stage,Amount\n1,A,Open,5\nConfidential Information - Do Not Distribute\nCopyright 2026\n"
    )
    assert len(table.lines) == 1 and table.not_data == 3


def test_a_pivot_table_beside_the_data_is_left_out_and_counted():
    table = lay("Deal ID,Stage,Amount,,Row Labels,Sum\n1,Won,5,,Won,8\n2,Lost,6,,Lost,6\n3,Won,3,,,\n4,Won,1,,,\n5,Won,1,,,\n")
    assert table.header == ("Deal ID", "Stage", "Amount")
    assert table.ignored_cells == 4


def test_an_empty_column_between_full_ones_stays_a_gap():
    table = lay("Deal ID,Stage,,Amount\n1,Won,,5\n2,Lost,,6\n")
    assert table.header == ("Deal ID", "Stage", "Amount")


def test_rows_with_too_many_cells_and_fragments_are_given_up():
    table = lay("Deal ID,Stage,Amount,Owner\n1,Won,5,x\n2,Müller, Schmidt,Won,5\n3,Won,5,x\nfragment\n4,Won,5,x\n")
    assert list(table.lines) == [2, 4, 6]
    assert [line for line, _, _ in table.broken] == [3, 5]
    assert table.lines_read == len(table.lines) + len(table.broken) + table.not_data


def test_the_header_is_found_by_its_look_where_no_name_is_known():
    table = lay("Report X\n\nfoo,bar,baz\n1,2,3\n4,5,6\n")
    assert table.header == ("foo", "bar", "baz")


def test_headings_that_repeat_are_told_apart():
    assert lay("Deal ID,Stage,Stage\n1,a,b\n").header == ("Deal ID", "Stage", "Stage (2)")


@pytest.mark.parametrize(("text", "words"), [("a,b\n", "no rows"), ("\n\n", "empty")])
def test_a_table_without_rows_is_refused(text, words):
    with pytest.raises(DataError, match=words):
        lay(text)
