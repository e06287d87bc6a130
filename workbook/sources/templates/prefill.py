"""What is known already, as the first rows of each template: the firm's regions × months, its competitors, its brands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Any

import pandas as pd

from workbook.frames import NO_COMPETITOR, UNNAMED_COMPETITOR
from workbook.frames.statements import STATEMENTS
from workbook.text import Message, msg, render

YEARS, MONTHS, PEOPLE, RESPONDENTS = 10, 36, 5, 10
MOST_REGIONS, MOST_SEGMENTS, MOST_COMPETITORS, MOST_CHANNELS, MOST_BRANDS = 20, 8, 20, 8, 6

BUYERS_LOOK_AT: tuple[Message, ...] = (
    msg("Price"), msg("Quality"), msg("Service"), msg("Innovation"), msg("Reliability"), msg("Delivery time"), msg("Advice"),
)  # fmt: skip
COST_TYPES: dict[str, tuple[Message, ...]] = {
    "sales": (msg("Pay"), msg("Travel"), msg("Software")),
    "marketing": (msg("Pay"), msg("Events"), msg("Advertising"), msg("Content")),
}


@dataclass(frozen=True, slots=True)
class Known:
    """What an import tells about the firm. regions, segments, competitors: the most frequent first, at most a screenful."""

    as_of: date
    own_name: str
    currency: str
    regions: tuple[str, ...]
    segments: tuple[str, ...]
    competitors: tuple[str, ...]
    first_month: date

    @property
    def months(self) -> list[date]:
        """The months the data cover, at most three years, the first day of each."""
        span = pd.period_range(self.first_month, self.as_of, freq="M")[-MONTHS:]
        return [period.start_time.date() for period in span]


def known_from(frames: dict[str, pd.DataFrame], as_of: date, own_name: str, currency: str) -> Known:
    """Read off the frames what the templates can be filled with."""
    deals = frames.get("opportunities", pd.DataFrame())
    accounts = frames.get("accounts", pd.DataFrame())
    begun = pd.to_datetime(deals["created_on"]).min() if "created_on" in deals and len(deals) else pd.NaT
    first = begun.date() if not pd.isna(begun) else date(as_of.year - 2, 1, 1)
    return Known(
        as_of=as_of,
        own_name=own_name or render(msg("Own firm")),
        currency=currency or _first(_frequent(deals, "currency")) or "EUR",
        regions=_frequent(deals, "region")[:MOST_REGIONS] or _frequent(accounts, "region", "country")[:MOST_REGIONS],
        segments=_frequent(deals, "segment")[:MOST_SEGMENTS],
        competitors=_competitors(deals)[:MOST_COMPETITORS],
        first_month=min(first, as_of).replace(day=1),
    )


def _first(values: tuple[str, ...]) -> str:
    return values[0] if values else ""


def _frequent(frame: pd.DataFrame, *columns: str) -> tuple[str, ...]:
    """Return the values of the first of the columns that holds any, the most frequent first, ties by name."""
    for column in columns:
        if column in frame and frame[column].notna().any():
            counts = frame[column].dropna().astype(str).value_counts()
            return tuple(sorted(counts.index, key=lambda value: (-int(counts[value]), value)))
    return ()


def _competitors(deals: pd.DataFrame) -> tuple[str, ...]:
    if "competitor" not in deals:
        return ()
    names = deals["competitor"].dropna().astype(str).str.split(";").explode().str.strip()
    return _frequent(pd.DataFrame({"name": names[(names != "") & ~names.str.casefold().isin([NO_COMPETITOR, UNNAMED_COMPETITOR])]}), "name")


def _market(known: Known) -> Iterable[dict[str, Any]]:
    years = range(known.as_of.year - YEARS, known.as_of.year)
    for year, region, segment in product(years, known.regions or ("",), ("", *known.segments)):
        yield {"year": year, "region": region, "segment": segment, "measure": render(msg("turnover")), "unit": f"m {known.currency}",
               "currency": known.currency}  # fmt: skip


def _competitor_rows(known: Known) -> Iterable[dict[str, Any]]:
    for year in (known.as_of.year - 2, known.as_of.year - 1):
        yield {"competitor": known.own_name, "year": year, "currency": known.currency, "price_index": "", "is_self": render(msg("yes"))}
        for name in known.competitors:
            yield {"competitor": name, "year": year, "currency": known.currency}


def _ratings(known: Known) -> Iterable[dict[str, Any]]:
    brands = (known.own_name, *known.competitors[: MOST_BRANDS - 1])
    for number, brand, attribute in product(range(1, RESPONDENTS + 1), brands, BUYERS_LOOK_AT):
        yield {"respondent_id": f"B{number:03d}", "brand": brand, "attribute": render(attribute)}


def _units(known: Known) -> Iterable[dict[str, Any]]:
    for region, month in product(known.regions or (render(msg("whole firm")),), known.months):
        yield {"unit": region, "month_on": month, "currency": known.currency}


def _survey(known: Known) -> Iterable[dict[str, Any]]:
    for function, number, statement in product(("sales", "marketing"), range(1, PEOPLE + 1), STATEMENTS):
        yield {"respondent_id": f"{function[0].upper()}{number:02d}", "function": function, "item": render(statement.text)}


def _spend(known: Known) -> Iterable[dict[str, Any]]:
    kinds = [(function, render(kind)) for function, types in COST_TYPES.items() for kind in types]
    for month, (function, kind), region in product(known.months, kinds, known.regions[:MOST_CHANNELS] or ("",)):
        yield {"month_on": month, "function": function, "channel": kind, "region": region, "currency": known.currency}


PREFILL: dict[str, Callable[[Known], Iterable[dict[str, Any]]]] = {
    "market": _market, "competitors": _competitor_rows, "ratings": _ratings, "units": _units, "survey": _survey, "spend": _spend,
}  # fmt: skip


def prefilled(frame: str, columns: tuple[str, ...], known: Known) -> pd.DataFrame:
    """Return a template's rows: one column per template column, what people must fill in empty."""
    rows = pd.DataFrame(list(PREFILL[frame](known)), dtype=object)
    return rows.reindex(columns=list(columns)).astype(object).where(lambda cells: cells.notna(), "")
