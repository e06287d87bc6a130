"""Small market and competitor frames."""

from __future__ import annotations

from typing import Any

from tests.analyses.data.frames import frame


def market(*rows: dict[str, Any]) -> Any:
    """Return a market frame; measure turnover in m EUR where nothing else is said."""
    return frame("market", [{"measure": "turnover", "unit": "m EUR", "source": "Office", "grade": "A"} | row for row in rows])


def yearly(values: list[float], first: int = 2010, **row: Any) -> list[dict[str, Any]]:
    """Return one stated total per year."""
    return [{"year": first + i, "volume": value} | row for i, value in enumerate(values)]


def firms(*rows: dict[str, Any]) -> Any:
    """Return a competitor frame, year 2025 where nothing else is said."""
    return frame("competitors", [{"year": 2025} | row for row in rows])
