"""Small canonical sets of Parquet, drawn clean and dirty, and the two ways that they are imported."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from workbook.errors import DataError
from workbook.frames import FRAMES
from workbook.frames.column import ARROW_TYPES, Column
from workbook.params import RunParams
from workbook.sources import pipeline
from workbook.sources.fragments import NO_VALUE
from workbook.sources.mapping import HELPERS
from workbook.sources.passing.pass_through import pass_through

TYPES = {
    "string": pa.string(), "int64": pa.int64(), "float64": pa.float64(), "decimal128(18, 2)": pa.decimal128(18, 2), "date32": pa.date32(),
    "timestamp[us]": pa.timestamp("us"), "bool": pa.bool_(),
}  # fmt: skip
ALSO = {
    "string": (pa.dictionary(pa.int32(), pa.string()), pa.large_string(), pa.string_view()), "float64": (pa.float32(),), "date32": (pa.timestamp("ms", "UTC"),),
    "timestamp[us]": (pa.timestamp("us", "UTC"), pa.timestamp("us", "Europe/Berlin")), "int64": (pa.float64(), pa.int16()), "bool": (),
    "decimal128(18, 2)": (pa.decimal128(38, 9),),
}  # fmt: skip
LISTS = ("rejected_lines.csv", "merged_lines.csv", "flagged_rows.csv")
WORDS = {
    "opportunities.status": ("open", "won", "lost", "no_decision", "Gewonnen", "open ", "frozen", None),
    "opportunities.stage": ("Discovery", "Closed won", "Closed lost", "keine Entscheidung", "Pilot phase", "odd", "n/a", None),
    "opportunities.status_reason": ("no decision", "Keine Entscheidung", "Preis", "n/a", None),
    "opportunities.account_name": ("Acme GmbH", None),
    "opportunities.business_type": ("new", "expansion", "Neukunde", "whatever", None),
    "opportunities.competitor": ("Pendrix", "none", "kein", "Velmont; Pendrix", "-", None),
    "activities.direction": ("inbound", "outbound", "eingehend", "sideways", None),
    "accounts.name": ("Acme GmbH", "ACME gmbh", "Müller AG", "Mueller AG", "Zürn", "unknown", "§§", None),
    "accounts.country": ("Germany", "Germny", "France", "Deutschland", None),
    "accounts.industry": ("technology", "technolgy", "Machinery", " Machinery", "", None),
    "leads.source": ("Trade fair", "Unbekannt", "Webinar", None),
    "market.region": ("North", "South"),
    "market.segment": ("Small", "Large", None),
    "market.measure": ("turnover", "establishments"),
    "market.unit": ("EUR", "m EUR"),
    "market.grade": ("A", "B", "F", None),
}
HEADINGS = {"amount": ("Amount (USD)", "Betrag (T€)", "Betrag in Mio. EUR"), "probability": ("Probability (%)",), "close_on": ("Close Date", "Schlusstermin"), "is_won": ("Won",)}
STATED = {"is_won", "is_lost", "is_closed", "won_on", "lost_on"}  # what tells the status beside its own column
TEXTS = ("alpha", "Alpha", "beta", " beta", "be-ta", "be ta", "A\u0308rger", "gamma\u00a0", "", "   ", "NULL", "Ärger", "5-20", None)
CURRENCIES = ("EUR", "EUR", "EUR", "EUR", "€", "usd", None)
DAYS = (*(date(2026, 1, 1) + timedelta(days=step) for step in (-900, -30, 0, 1, 7, 40, 400)), None)
AMOUNTS = (Decimal("0.00"), Decimal("10.00"), Decimal("1234.56"), Decimal("1.10"), Decimal("-5.00"), Decimal("99999999.99"), None)
NUMBERS = (0.0, 1.5, 2.345, 3.0, 10.0, 1234.5, 6_000_000.0, -1.0, None)
SHARES = (0.0, 0.25, 1.0, 0.333, None)
YEARS = (2023, 2024, 2025, 1400, None)
DAY, AT = date(2026, 3, 2), datetime(2026, 3, 2, 9, 15)


def table(**columns: list[Any]) -> pa.Table:
    """Return a table; money, days and instants get their canonical types."""
    kinds = {"amount": pa.decimal128(18, 2), "margin": pa.decimal128(18, 2), "founded_year": pa.int64(), "employees": pa.float64()}
    kinds |= dict.fromkeys(("created_on", "closed_on", "invoiced_on"), pa.date32())
    return pa.table({name: pa.array(cells, kinds.get(name)) for name, cells in columns.items()})


def company() -> dict[str, pa.Table]:
    """Return twenty deals of five accounts, with their stages and invoices, all clean."""
    n = range(20)
    status = [("open", "won", "lost", "no_decision")[i % 4] for i in n]
    deals = table(
        opportunity_id=[f"O{i}" for i in n], status=status, account_id=[f"A{i % 5}" for i in n], stage=[f"Closed {s}" if s != "open" else "Discovery" for s in status],
        created_on=[DAY] * 20, closed_on=[None if s == "open" else DAY for s in status], amount=[Decimal("100.50") + i for i in n], currency=["EUR"] * 20,
        probability=[0.5] * 20,
    )  # fmt: skip
    accounts = table(
        account_id=[f"A{i}" for i in range(5)], name=["Acme", "Bolt", "Cero", "Dyne", "Eins"], country=["Germany"] * 5, employees=[10.0] * 5, founded_year=[1990] * 5
    )
    entries = table(opportunity_id=[f"O{i}" for i in n], stage=["Discovery"] * 20, entered_at=[AT] * 20)
    invoices = table(
        invoice_id=[f"R{i}" for i in n], account_id=[f"A{i % 5}" for i in n], invoiced_on=[DAY] * 20, amount=[Decimal("10.10") + i for i in n], currency=["EUR"] * 20
    )
    return {"opportunities": deals, "accounts": accounts, "stage_entries": entries, "invoices": invoices}


def dirty() -> dict[str, pa.Table]:
    """Return a company with missing ids, an unknown account, blanks, a deal twice, and a currency here and there."""
    tables = company()
    deals = tables["opportunities"].to_pylist()
    deals[4]["opportunity_id"] = None
    deals[7]["account_id"], deals[11]["stage"] = "A99", "  Discovery "
    deals[13]["opportunity_id"] = deals[2]["opportunity_id"]
    deals[17]["created_on"] = date(1900, 1, 1)
    tables["opportunities"] = pa.Table.from_pylist(deals, tables["opportunities"].schema)
    return tables


def ids_of(frame: str) -> tuple[str, ...]:
    """Return the ids that rows of a frame may have; the last one is spelled otherwise wherever it is referred to."""
    return tuple(f"{frame[:3].upper()}-{number}" for number in range(1, 7))


def cells(frame: str, column: Column) -> st.SearchStrategy[Any]:
    """Draw a cell of a column: mostly plain, sometimes odd."""
    place = f"{frame}.{column.name}"
    if place in WORDS:
        return st.sampled_from(WORDS[place])
    if column.references:
        target = column.references.partition(".")[0]
        known = ids_of(target)
        return st.sampled_from((*known, *known, known[0].lower(), known[1].replace("-", ""), "nowhere", "Acme GmbH", None))
    if column.kind == "id" and column.name == FRAMES[frame].key[0]:
        return st.sampled_from((*ids_of(frame), f" {ids_of(frame)[0]}", None))
    drawn = {
        "id": ids_of("person"), "text": TEXTS, "category": TEXTS, "currency": CURRENCIES, "date": DAYS, "money": AMOUNTS, "number": NUMBERS, "share": SHARES,
        "year": YEARS, "whole": YEARS, "flag": (True, False, None), "instant": tuple(d and datetime(d.year, d.month, d.day, 7, 30) for d in DAYS),
    }  # fmt: skip
    return st.sampled_from(drawn[column.kind])


@st.composite
def tables(draw: st.DrawFn, frame: str) -> pa.Table:
    """Draw a table of a frame: all its columns or some, a column of the firm's own now and then."""
    n = draw(st.integers(1, 12))
    columns: dict[str, pa.Array] = {}
    needed = {*FRAMES[frame].key, *(column.name for column in FRAMES[frame].columns if column.is_required)}
    for column in FRAMES[frame].columns:
        how = draw(st.sampled_from(("odd", "odd", "full", "empty", "absent")))
        if how == "absent" and column.name not in needed:
            continue
        values = draw(st.lists(cells(frame, column), min_size=n, max_size=n))
        if how == "full":
            filled = [value for value in values if value is not None] or [None]
            values = [filled[at % len(filled)] for at in range(n)]
        if how == "empty" and column.name not in needed:
            values = [None] * n
        kind = TYPES[ARROW_TYPES[column.kind]]
        if column.kind == "money" and draw(st.booleans()):
            kind, values = pa.float64(), [None if value is None else float(value) + draw(st.sampled_from((0.0, 0.005, 0.125))) for value in values]
        columns[column.name] = pa.array(values, kind)
        if kind == TYPES[ARROW_TYPES[column.kind]]:
            columns[column.name] = columns[column.name].cast(draw(st.sampled_from((kind, kind, *ALSO[ARROW_TYPES[column.kind]]))))
    columns |= draw(helpers(frame, n))
    if STATED & set(columns) and draw(st.booleans()):
        del columns["status"]
    if draw(st.booleans()):
        columns["lead_type"] = pa.array(draw(st.lists(st.sampled_from(("A", "B", "a", "k.A.", None)), min_size=n, max_size=n)), pa.string())
        columns["Created by"] = pa.array(draw(st.lists(st.sampled_from(("K. Adam", "L. Opel", None)), min_size=n, max_size=n)), pa.string())
        columns["desk"] = pa.array(draw(st.lists(st.sampled_from((*ids_of("person")[:2], "L. Opel", None)), min_size=n, max_size=n)), pa.string())
        columns["points"] = pa.array(draw(st.lists(st.sampled_from((1, 2, None)), min_size=n, max_size=n)), pa.int64())
    if draw(st.booleans()):
        columns["source_file"] = pa.array(["old.csv"] * n, pa.string())
        columns["source_line"] = pa.array(range(n), pa.int64())
    headings = {name: draw(st.sampled_from((name, name, *HEADINGS[name]))) for name in HEADINGS if name in columns}
    return pa.table({headings.get(name, name): cells for name, cells in columns.items()})


@st.composite
def helpers(draw: st.DrawFn, frame: str, n: int) -> dict[str, pa.Array]:
    """Draw some of the columns of a frame that a CRM has and that are read into others; the names of accounts seldom."""
    found = {}
    for name, kind in HELPERS.get(frame, {}).items():
        if draw(st.sampled_from((True, *[False] * (30 if name == "account_name" else 3)))):
            values = draw(st.lists(cells(frame, Column(name, kind, "")), min_size=n, max_size=n))
            found[name] = pa.array(values, TYPES[ARROW_TYPES[kind]])
    return found


@st.composite
def companies(draw: st.DrawFn) -> dict[str, pa.Table]:
    """Draw some frames of a company, by the name of their file; some in two files."""
    common = ("accounts", "opportunities", "stage_entries", "leads", "activities", "contacts", "invoices", "feedback")
    names = draw(st.lists(st.sampled_from((*common, *common, *FRAMES)), min_size=1, max_size=6, unique=True))
    found = {name: draw(tables(name)) for name in names}
    return found | {f"{name}_{more}": draw(tables(name)) for name in names if (more := draw(st.sampled_from(("", "", "more", "2025-12-31"))))}


def write(company: dict[str, pa.Table], folder: Path, as_csv: Collection[str] = (), cut: int = 0) -> Path:
    """Write a company as a folder of Parquet files, some tables as CSV. cut: Parquet in fragments of as many rows."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in company.items():
        if name in as_csv:
            table.to_pandas().to_csv(folder / f"{name}.csv", index=False)
        elif cut:
            fragments(table, folder / f"{name}.parquet", cut)
        else:
            pq.write_table(table, folder / f"{name}.parquet")
    return folder


def fragments(table: pa.Table, folder: Path, size: int) -> None:
    """Write a table as fragments of some rows each; single ones below folders of its last text where there is one."""
    texts = [name for name in table.column_names if table.schema.field(name).type == pa.string()][-1:]
    for start in range(0, table.num_rows, size):
        part, place = table.slice(start, size), folder
        for name in texts if start and size == 1 else ():
            (value,) = part[name].to_pylist()
            part, place = part.drop_columns(name), folder / f"{name}={quote(value, safe='') if value else NO_VALUE}"
        place.mkdir(parents=True, exist_ok=True)
        pq.write_table(part, place / f"{start}.parquet")


@dataclass
class Import:
    """What an import left behind, or the error that it ended with."""

    record: str = ""
    lists: tuple[bytes, ...] = ()
    frames: dict[str, pa.Table] | None = None
    error: str = ""


def through_text(params: RunParams, to: Path) -> Import:
    """Import through text cells."""
    return _done(pipeline.import_text, params, to)


def passing(params: RunParams, to: Path) -> Import:
    """Import by passing. Raises `Unfit`."""
    return _done(pass_through, params, to)


def _done(way: Any, params: RunParams, to: Path) -> Import:
    try:
        way(params, to)
    except DataError as error:
        return Import(error=str(error))
    frames = {path.stem: pq.read_table(path) for path in sorted(to.glob("*.parquet"))}
    return Import((to / "import.json").read_text(encoding="utf-8"), tuple((to / name).read_bytes() for name in LISTS), frames)


def difference(one: Import, other: Import) -> str:
    """Say where two imports differ; empty where they do not."""
    if one.error or other.error:
        return "" if one.error == other.error else f"error: {one.error!r} and {other.error!r}"
    if one.record != other.record:
        pairs = zip(one.record.splitlines(), other.record.splitlines(), strict=False)
        return "record: " + next((f"{mine} | {theirs}" for mine, theirs in pairs if mine != theirs), "length")
    for name, mine, theirs in zip(LISTS, one.lists, other.lists, strict=True):
        if mine != theirs:
            return f"{name}:\n{mine.decode()}\n{theirs.decode()}"
    assert one.frames is not None and other.frames is not None
    if list(one.frames) != list(other.frames):
        return f"frames: {list(one.frames)} and {list(other.frames)}"
    for name, table in one.frames.items():
        if table.schema != other.frames[name].schema:
            return f"types of {name}: {table.schema} and {other.frames[name].schema}"
        for column in table.column_names:
            if not table[column].equals(other.frames[name][column]):
                return f"{name}.{column}: {table[column].to_pylist()} and {other.frames[name][column].to_pylist()}"
    return ""
