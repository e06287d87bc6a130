"""Numbers as people write them."""

import pytest

from workbook.sources.convert import currency_code
from workbook.sources.numbers import column_style, is_ambiguous, parse_number

CASES = [
    ("1.234,56", "dot", 1234.56),
    ("1,234.56", "comma", 1234.56),
    ("12,19,417", "comma", 1219417),
    ("1 234,56", "comma", 1234.56),
    ("1\u202f234,56", "comma", 1234.56),
    ("1'234.50", "dot", 1234.5),
    ("$1,234,567", "comma", 1234567),
    ("1.234,56 €", "dot", 1234.56),
    ("EUR 1.234.567", "dot", 1234567),
    ("(1,234.50)", "dot", -1234.5),
    ("-3,5", "dot", -3.5),
    ("12.500,00-", "comma", -12500),
    ("75%", "dot", 75),
    ("0.125", "comma", 0.125),
    ("1.234", "comma", 1234),
    ("1.234", "dot", 1.234),
    ("1,5 Mio. €", "comma", 1_500_000),
    ("1e3", "dot", 1000),
    ("1.000,-", "comma", 1000),
    ("", "dot", None),
    ("n/a", "dot", None),
    ("12 Stück", "dot", None),
]


@pytest.mark.parametrize(("text", "style", "value"), CASES)
def test_a_number_is_read(text, style, value):
    assert parse_number(text, style) == (pytest.approx(value) if value is not None else None)


@pytest.mark.parametrize(
    ("values", "style"),
    [
        (["1.234", "12.345", "1.234,5"], "comma"),
        (["1,234", "12,345", "1,234.5"], "dot"),
        (["1.234", "12.345"], None),
        (["1.234.567", "12.345"], "comma"),
        (["12,19,417"], "dot"),
        (["10", "20"], None),
    ],
)
def test_a_column_proves_its_style(values, style):
    assert column_style(values) == style


def test_one_separator_before_three_digits_reads_both_ways():
    assert [is_ambiguous(text) for text in ("1.234", "1,234", "0.123", "1.23", "1234")] == [True, True, False, False, False]


@pytest.mark.parametrize(("text", "code"), [("Fr", "CHF"), ("€", "EUR"), ("x", "x"), ("EUR - Euro", "EUR"), ("usd", "USD"), ("Euros", "EUR")])
def test_a_currency_has_its_code_however_short_it_is(text, code):
    assert currency_code(text) == code
