"""The numbers of an axis: all its ticks are written at once, since they share their digits."""

from __future__ import annotations

import re
from collections.abc import Sequence

from matplotlib.ticker import Formatter

from workbook.text import Quantity
from workbook.text.quantity import short_unit

_WHOLE = {"share": 0, "days": 0, "points": 0, "ratio": 1, "index": 0, "count": 0, "number": 0}


class QuantityFormatter(Formatter):
    """Write ticks as quantities in the current language."""

    def __init__(self, unit: str, currency: str | None = None) -> None:
        self._unit, self._currency = unit, currency

    def __call__(self, value: float, pos: int | None = None) -> str:
        """Write one number on its own."""
        return tick_texts([value], self._unit, self._currency)[0]

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """Write all ticks of an axis."""
        return tick_texts([float(value) for value in values], self._unit, self._currency)


def tick_texts(ticks: list[float], unit: str, currency: str | None = None) -> list[str]:
    """Write ticks: more digits only where whole ones would make two of them read alike."""
    first = _WHOLE.get(unit)
    texts: list[str] = []
    for digits in (None,) if first is None else range(first, 4):
        texts = [Quantity(tick, unit, currency, digits).text() for tick in ticks]
        if len(set(texts)) == len(texts) and (digits is None or _is_exact(ticks, unit, digits)):
            break
    if unit != "money":
        return texts
    if len(set(texts)) < len(texts):
        return [Quantity(tick, unit, currency, 0).text() for tick in ticks]
    units = [short_unit(abs(tick)) for tick in ticks]
    is_whole = all(each > 1 or not tick for tick, each in zip(ticks, units, strict=True)) and _is_exact(
        [tick / each for tick, each in zip(ticks, units, strict=True)], unit, 0
    )
    return [re.sub(r"[.,]0(?=m|bn|\N{NO-BREAK SPACE}M)", "", text) for text in texts] if is_whole else texts


def _is_exact(ticks: list[float], unit: str, digits: int) -> bool:
    """Tell whether ticks lose nothing by so many digits: 2.5 % must not read 2 %."""
    scale = 100.0 if unit == "share" else 1.0
    room = 1e-6 * max((abs(tick * scale) for tick in ticks), default=1.0)
    return all(abs(round(tick * scale, digits) - tick * scale) <= room for tick in ticks)
