"""A programme small enough to count on paper: regions, adoption dates, deals and leads created at will."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.analyses.data.frames import ask, deals, frame
from workbook.analyses.alignment_impact import effect

AS_OF = date(2025, 12, 31)


def quarter_start(year: int, quarter: int) -> date:
    return date(year, 3 * quarter - 2, 1)


def quarters(first: int = 2023, years: int = 2) -> list[date]:
    return [quarter_start(year, q) for year in range(first, first + years) for q in (1, 2, 3, 4)]


def decided(region: str, day: date, won: int, lost: int, days: int = 30, **more: Any) -> list[dict[str, Any]]:
    """Return deals of one region created on a day and decided after some days."""
    row = {"region": region, "created_on": day, "closed_on": day + timedelta(days=days)} | more
    return [row | {"status": "won"} for _ in range(won)] + [row | {"status": "lost"} for _ in range(lost)]


def units(**adopted: date | None) -> Any:
    return frame("units", [{"unit": name, "adopted_on": day} for name, day in adopted.items()])


def leads(*rows: dict[str, Any]) -> Any:
    return frame("leads", [{"lead_id": f"L{i:05d}"} | row for i, row in enumerate(rows)])


def answer(rows: list[dict[str, Any]], programme: Any, lead_rows: list[dict[str, Any]] | None = None, **settings: Any) -> Any:
    more = [frame(name, settings.pop(name, [])) for name in ("accounts", "invoices", "spend")]
    tables = (programme, deals(*rows), leads(*(lead_rows or [])), *more)
    return ask(effect, *tables, as_of=settings.pop("as_of", AS_OF), **settings)


def row_of(result: Any, kpi: str) -> Any:
    return result.estimates.set_index("kpi").loc[kpi]
