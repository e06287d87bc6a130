"""Salesforce reports, from a German and from an English organisation.

Both carry opportunities (with two custom fields, competitor and loss reason), leads and accounts: counts by
status, win rates, amounts, pipeline, cycle, accounts, leads, accepted leads. Absent: stage history, products,
discounts, regions, marketing qualification and response of leads, activities, invoices, and every frame that
no CRM has.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from workbook.demo.cells import csv_text, write_bytes
from workbook.demo.company import NAME
from workbook.demo.dirt import german_money
from workbook.demo.exports import words, words_english
from workbook.demo.exports.reports import account_report, lead_report, opportunity_report
from workbook.demo.simulate import Company

MONEY = ("amount", "lead_amount", "revenue")
DAYS = ("close", "created", "activity", "lead_created", "converted")
CUSTOM = ("competitor", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How an organisation writes: words by column, money, days, percents, and the file around the table."""

    headers: dict[str, str]
    words: dict[str, dict[str, str]]
    money: Callable[[float], str]
    day: Callable[[pd.Timestamp], str]
    percent: Callable[[float], str]
    delimiter: str
    end: str
    encoding: str
    has_frame: bool


GERMAN = Style(
    headers=words.HEADERS,
    words={
        "stage": words.STAGES,
        "source": words.SOURCES,
        "lead_source": words.SOURCES,
        "reason": words.REASONS,
        "competitor": words.COMPETITORS,
        "industry": words.INDUSTRIES,
        "country": words.COUNTRIES,
        "type": words.TYPES,
        "state": words.LEAD_STATES,
    },
    money=lambda amount: german_money(str(amount)),
    day=lambda day: f"{day:%d.%m.%Y}",
    percent=lambda share: f"{share:.0%}".replace("%", ""),
    delimiter=";",
    end="\r\n",
    encoding="cp1252",
    has_frame=True,
)
ENGLISH = Style(
    headers=words_english.HEADERS,
    words={"stage": words_english.STAGES, "type": words_english.TYPES, "state": words_english.LEAD_STATES},
    money=lambda amount: f"EUR {amount:,.2f}",
    day=lambda day: f"{day.month}/{day.day}/{day.year}",
    percent=lambda share: f"{share:.0%}",
    delimiter=",",
    end="\n",
    encoding="utf-8",
    has_frame=False,
)


def write_german(company: Company, to: Path, alone: bool) -> list[Path]:
    """Windows-1252, `;`, three lines above the header, a line `Summe` below, `1.234,56 €`, dd.mm.yyyy, CRLF.

    No currency column: the sign stands in the amounts. Windows-1252 has no emoji; the one name that holds it
    gets `?` (that account has no deals).
    """
    return _write(company, to, GERMAN, ("Opportunities", "Leads", "Accounts"), "Bericht_{}_2026-09-30.csv", alone)


def write_english(company: Company, to: Path, alone: bool) -> list[Path]:
    """UTF-8, comma, `EUR 1,234.56` and a currency column, month/day/year without leading zeros, `75%`."""
    return _write(company, to, ENGLISH, ("Opportunities", "Leads", "Accounts"), "report_{}_2026-09-30.csv", alone)


def _write(company: Company, to: Path, style: Style, names: tuple[str, str, str], pattern: str, alone: bool) -> list[Path]:
    reports = (opportunity_report(company), lead_report(company), account_report(company))
    if alone:
        reports = (reports[0].drop(columns=list(CUSTOM)), *reports[1:])
    written = []
    for name, report in list(zip(names, reports, strict=True))[: 1 if alone else 3]:
        path = to / pattern.format(name.lower())
        rows = _rows(report, style, name)
        write_bytes(path, csv_text(rows, style.delimiter, style.end), style.encoding)
        written.append(path)
    return written


def _rows(report: pd.DataFrame, style: Style, name: str) -> list[list[str]]:
    """Lines of a file: the report's head, header, rows and total, in the organisation's style."""
    shown = report[[column for column in report.columns if column in style.headers]]
    cells = pd.DataFrame({column: _cells(column, shown[column], style) for column in shown.columns}, dtype=object)
    rows = [[style.headers[c] for c in shown.columns], *cells.to_numpy().tolist()]
    if not style.has_frame:
        return rows
    head = [[f"Bericht: {name}"], [NAME], ["Stand: 30.09.2026 08:15"], []]
    return [*head, *rows, _total(shown, style)]


def _cells(column: str, values: pd.Series, style: Style) -> list[str]:
    """Write a column; missing is empty."""
    known = style.words.get(column, {})
    if column in MONEY:
        write: Callable[..., str] = style.money
    elif column in DAYS:
        write = style.day
    elif column == "probability":
        write = style.percent
    elif column == "competitor":

        def write(value: str) -> str:
            return "; ".join(known.get(part, part) for part in value.split("; "))
    else:

        def write(value: str) -> str:
            return _encodable(known.get(value, value), style.encoding)

    return ["" if pd.isna(value) else write(value) for value in values]


def _encodable(text: str, encoding: str) -> str:
    return text.encode(encoding, errors="replace").decode(encoding)


def _total(report: pd.DataFrame, style: Style) -> list[str]:
    """The line below: `Summe`, the first column of money summed."""
    line = dict.fromkeys(report.columns, "") | {report.columns[0]: "Summe"}
    column = next(c for c in report.columns if c in MONEY)
    line[column] = style.money(float(report[column].sum()))
    return list(line.values())
