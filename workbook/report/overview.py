"""The page over the reports of a matrix: which parts differ, every KPI of every part at a glance, and the way to each report.

Small multiples drawn as SVG in the page. Each row carries its place in every sort order as a style variable, so that choosing
another order takes a radio button and no script.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from workbook.comparison import Figure, Measure
from workbook.kpis import KPIS
from workbook.report import words
from workbook.report.pages import page
from workbook.text import Quantity, count, day, render, t
from workbook.text.catalogue import use_language
from workbook.text.message import nmsg

MOST_ROWS = 80  # parts that a panel shows; all of them are in the table beside the page
MOST_NAMED = 4
WIDTH = 100.0  # of a row's drawing; it is stretched to the panel

PartStatus = Literal["succeeded", "unchanged", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartFact:
    """One report of a matrix. name: its values; href: of its page, empty without one; run: the day of that report.

    cause: why it failed now; then href leads to its last good report. skipped: sections left out.
    """

    name: str
    deals: int
    status: PartStatus
    href: str = ""
    run: str = ""
    cause: str = ""
    skipped: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewFacts:
    """What the page knows besides the comparison. columns: what the parts are by. elsewhere: deals that no part holds."""

    company: str
    columns: tuple[str, ...]
    as_of: date
    language: str
    confidence: float
    parts: tuple[PartFact, ...]
    elsewhere: int = 0
    degraded: tuple[str, ...] = ()
    table: str = ""


def render_overview(facts: OverviewFacts, measures: Sequence[Measure]) -> str:
    """Return the page. measures: figures count their parts by position in `facts.parts`."""
    with use_language(facts.language):
        return page(
            "overview.html.j2",
            language=facts.language,
            kind="index overview",
            title=t("Overview"),
            company=facts.company,
            view=_view(facts, measures),
            words=words.common() | words.overview(facts.confidence),
        )


def _view(facts: OverviewFacts, measures: Sequence[Measure]) -> dict[str, Any]:
    compared = [measure for measure in measures if measure.is_compared]
    return {
        "company": facts.company,
        "columns": " × ".join(words.column_name(column) for column in facts.columns),
        "as_of": render(day(facts.as_of)),
        "n": render(count(len(facts.parts))),
        "failed": [_failure(part) for part in facts.parts if part.status == "failed"],
        "degraded": facts.degraded,
        "differences": [line for measure in compared for line in _differences(measure, facts)],
        "same": ", ".join(words.kpi_name(m.key) for m in compared if not any(f.differs for f in m.figures)),
        "panels": [_panel(measure, facts) for measure in measures],
        "elsewhere": _elsewhere(facts.elsewhere),
        "parts": [_part(part) for part in facts.parts],
        "table": facts.table,
        "too_few": not compared,
    }


def _failure(part: PartFact) -> dict[str, str]:
    return {"name": part.name, "cause": part.cause, "href": part.href, "run": part.run}


def _elsewhere(deals: int) -> str:
    return render(nmsg("{n} deal is in no report: it has no value in these columns, or one without a report.",
                       "{n} deals are in no report: they have no value in these columns, or one without a report.", deals)) if deals else ""  # fmt: skip


def _differences(measure: Measure, facts: OverviewFacts) -> list[str]:
    """Say which parts are reliably above and which below the rest."""
    lines = []
    for side in ("above", "below"):
        found = sorted((f for f in measure.figures if f.differs == side), key=lambda f: f.value, reverse=side == "above")
        if not found:
            continue
        named = [t("{part} ({value}, the others {rest})", part=facts.parts[f.part].name, value=_written(measure, f.value),
                   rest=_written(measure, f.rest)) for f in found[:MOST_NAMED]]  # fmt: skip
        if len(found) > MOST_NAMED:
            named.append(t("and {n} more", n=len(found) - MOST_NAMED))
        listed, kpi = "; ".join(named), words.kpi_name(measure.key)
        lines.append(t("{kpi}: reliably higher in {parts}", kpi=kpi, parts=listed) if side == "above" else t("{kpi}: reliably lower in {parts}", kpi=kpi, parts=listed))  # fmt: skip
    return lines


def _panel(measure: Measure, facts: OverviewFacts) -> dict[str, Any]:
    """Return one KPI's small multiple: a row for each part, with its place in each order."""
    shown = sorted(measure.figures, key=lambda f: (not f.differs, -facts.parts[f.part].deals))[:MOST_ROWS]
    ends = [x for f in shown for x in (f.value, f.low, f.high, f.pulled_low, f.pulled_high) if x is not None]
    low, high = (min(ends, default=0.0), max(ends, default=1.0)) if measure.is_compared else (0.0, max(ends, default=1.0))
    by_deals = _places(shown, lambda f: (-facts.parts[f.part].deals, facts.parts[f.part].name))
    by_name = _places(shown, lambda f: (facts.parts[f.part].name.casefold(), f.part))
    by_value = _places(shown, lambda f: (-(f.value if f.pulled is None else f.pulled), f.part))
    rows = sorted(shown, key=lambda f: by_deals[f.part])

    def at(x: float) -> float:
        return round(WIDTH * (x - low) / (high - low), 2) if high > low else WIDTH / 2

    kpi = KPIS[measure.key]
    return {
        "title": words.kpi_name(measure.key),
        "definition": render(kpi.definition),
        "whole": t("all together {value}", value=_quantity(measure, measure.whole)),
        "whole_at": at(measure.whole) if measure.is_compared else None,
        "is_compared": measure.is_compared,
        "rows": [
            {
                "name": facts.parts[f.part].name,
                "href": facts.parts[f.part].href,
                "orders": f"--deals:{by_deals[f.part]};--name:{by_name[f.part]};--value:{by_value[f.part]}",
                "value": _written(measure, f.value if f.pulled is None else f.pulled),
                "mark": {"above": "▲", "below": "▼", "": ""}[f.differs],
                "differs": f.differs,
                "drawing": _drawing(f, at),
                "told": _told(measure, f),
            }
            for f in rows
        ],
        "left_out": len(measure.figures) - len(shown),
    }


def _places(figures: Sequence[Figure], key: Any) -> dict[int, int]:
    return {figure.part: place for place, figure in enumerate(sorted(figures, key=key))}


def _drawing(figure: Figure, at: Any) -> dict[str, float | None]:
    """Return where a row's marks stand: own value and interval, pulled value and interval, or a bar from zero."""
    ends = {"own": figure.value, "low": figure.low, "high": figure.high, "pulled": figure.pulled,
            "pulled_low": figure.pulled_low, "pulled_high": figure.pulled_high}  # fmt: skip
    return {name: None if x is None else at(x) for name, x in ends.items()}


def _told(measure: Measure, figure: Figure) -> str:
    """Say a row in words, for whoever points at it or has it read aloud."""
    own = t("measured {value}", value=_quantity(measure, figure.value))
    if figure.low is not None and figure.high is not None:
        own = t("{own} ({low} to {high})", own=own, low=_quantity(measure, figure.low), high=_quantity(measure, figure.high))
    cases = words.cases(figure.n, measure.key)
    if figure.pulled is None:
        return f"{own}, {cases}"
    pulled = t("shrunken {value} ({low} to {high})", value=_quantity(measure, figure.pulled), low=_quantity(measure, figure.pulled_low),
               high=_quantity(measure, figure.pulled_high))  # fmt: skip
    return f"{pulled}; {own}, {cases}"


def _quantity(measure: Measure, value: float | None) -> Quantity:
    """Write a number of the KPI; ranges go with estimates, totals are counted."""
    return words.figure(measure.key, value, measure.unit, measure.currency, is_estimated=measure.is_compared)


def _written(measure: Measure, value: float | None) -> str:
    return _quantity(measure, value).text()


def _part(part: PartFact) -> dict[str, str]:
    n = part.skipped
    return {
        "name": part.name,
        "href": part.href,
        "deals": render(count(part.deals)),
        "status": part.status,
        "word": render(words.STATUSES[part.status]),
        "skipped": render(nmsg("{n} section left out", "{n} sections left out", n)) if n else "",
    }

