"""Units as sources write them."""

import pytest

from workbook.analyses.units import read_unit

CASES = {
    ("m EUR", None): (1e6, "EUR", ""),
    ("Mio. €", None): (1e6, "EUR", ""),
    ("in Mio. €", None): (1e6, "EUR", ""),
    ("€m", None): (1e6, "EUR", ""),
    ("EUR million", None): (1e6, "EUR", ""),
    ("MEUR", None): (1e6, "EUR", ""),
    ("k EUR", None): (1e3, "EUR", ""),
    ("T€", None): (1e3, "EUR", ""),
    ("TEUR", None): (1e3, "EUR", ""),
    ("Tsd. €", None): (1e3, "EUR", ""),
    ("1.000 €", None): (1e3, "EUR", ""),
    ("Mrd. €", None): (1e9, "EUR", ""),
    ("US$ bn", None): (1e9, "USD", ""),
    ("EUR", "EUR"): (1, "EUR", ""),
    (None, "EUR"): (1, "EUR", ""),
    ("Mio.", "CHF"): (1e6, "CHF", ""),
    ("m", "EUR"): (1e6, "EUR", ""),
    ("million USD", "EUR"): (1e6, "USD", ""),  # the unit names its own currency
    ("$", "CAD"): (1, "CAD", ""),  # a shared sign does not
    ("establishments", "EUR"): (1, None, "establishments"),  # an assumed currency makes no money of a count
    ("m", None): (1, None, "m"),  # metres, for all we know
    ("Tsd. Stück", None): (1e3, None, "Stück"),
    (None, None): (1, None, ""),
}


@pytest.mark.parametrize(("unit", "currency"), CASES)
def test_a_unit_is_read_as_it_is_meant(unit, currency):
    read = read_unit(unit, currency)
    assert (read.scale, read.currency, read.label) == CASES[(unit, currency)]
    assert read.is_money == (read.currency is not None)
