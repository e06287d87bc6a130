"""Numbers are written the way each language writes them."""

from datetime import date

import pytest

from workbook.text import day, days, index, money, money_per_day, number, quarter, render, share, span, use_language

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("quantity", "english", "german"),
    [
        (share(0.6322), "63.2%", f"63,2{NBSP}%"),
        (share(1 / 3, 0), "33%", f"33{NBSP}%"),
        (share(0.05, signed=True), "+5.0%", f"+5,0{NBSP}%"),
        (share(-0.0001), "0.0%", f"0,0{NBSP}%"),
        (money(10_005_534, "USD"), "$10.0m", f"10,0{NBSP}Mio.{NBSP}$"),
        (money(999_400_000, "EUR"), "€999m", f"999{NBSP}Mio.{NBSP}€"),
        (money(999_500_000, "EUR"), "€1.0bn", f"1,0{NBSP}Mrd.{NBSP}€"),
        (money(-145_087_000_000, "EUR"), "-€145bn", f"-145{NBSP}Mrd.{NBSP}€"),
        (money(1234, "EUR"), "€1,234", f"1.234{NBSP}€"),
        (money(-1234, "EUR"), "-€1,234", f"-1.234{NBSP}€"),
        (money(1234, "CHF"), f"CHF{NBSP}1,234", f"1.234{NBSP}CHF"),
        (money(9.5, "EUR"), "€9.50", f"9,50{NBSP}€"),
        (money(0, "EUR"), "€0", f"0{NBSP}€"),
        (money(5, None), "5.00", "5,00"),
        (money_per_day(1234.5, "EUR"), "€1,234 per day", None),
        (days(45.2), "45 days", None),
        (days(1), "1.0 days", None),
        (index(2600), "2,600", "2.600"),
        (number(2.5), "2.50", "2,50"),
        (day(date(2026, 9, 3)), "3 Sep 2026", "03.09.2026"),
        (quarter(date(2026, 9, 3)), "Q3 2026", "Q3 2026"),
        (share(None), "–", "–"),
        (share(float("nan")), "–", "–"),
        (share(float("inf")), "–", "–"),
    ],
)
def test_written_in_both_languages(quantity, english, german):
    assert render(quantity, "en") == english
    if german is not None:
        assert render(quantity, "de") == german


def test_span_is_two_quantities():
    assert render(span(0.62, 0.643, "share")) == "62.0% to 64.3%"


def test_language_is_restored_after_an_error():
    with pytest.raises(RuntimeError), use_language("de"):
        raise RuntimeError
    assert render(share(0.5)) == "50.0%"
