"""Ticks: all with the same digits, as few as keep them exact and apart."""

import pytest

from workbook.show.ticks import QuantityFormatter, tick_texts
from workbook.text.catalogue import use_language


@pytest.mark.parametrize(
    ("ticks", "unit", "currency", "texts"),
    [
        ([0.0, 0.25, 0.5], "share", None, ["0%", "25%", "50%"]),
        ([0.0, 0.025, 0.05], "share", None, ["0.0%", "2.5%", "5.0%"]),
        ([0.0, 0.5, 1.0], "number", None, ["0.0", "0.5", "1.0"]),
        ([0.0, 2e6, 4e6], "money", "EUR", ["€0", "€2m", "€4m"]),
        ([0.0, 2.5e6, 5e6], "money", "EUR", ["€0", "€2.5m", "€5.0m"]),
        ([0.0, 5e8, 1e9], "money", "EUR", ["€0", "€500m", "€1bn"]),
        ([0.0, 1e9, 2.5e9], "money", "EUR", ["€0", "€1.0bn", "€2.5bn"]),
        ([1.0e9, 1.02e9, 1.04e9], "money", "EUR", ["€1,000,000,000", "€1,020,000,000", "€1,040,000,000"]),
    ],
)
def test_ticks_share_their_digits(ticks, unit, currency, texts):
    assert tick_texts(ticks, unit, currency) == texts
    assert QuantityFormatter(unit, currency).format_ticks(ticks) == texts


def test_ticks_follow_the_language():
    with use_language("de"):
        assert tick_texts([0.0, 0.025], "share") == ["0,0\N{NO-BREAK SPACE}%", "2,5\N{NO-BREAK SPACE}%"]
    assert tick_texts([0.0, 0.025], "share") == ["0.0%", "2.5%"]
