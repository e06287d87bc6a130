"""Canonical Parquet passes: clean sets, each kind of dirt, what is left to the way through text, and what is too large for it."""

from collections import namedtuple
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tests.bench.company import write_company
from tests.sources.passing.sets import AT, DAY, company, difference, passing, through_text, write
from workbook.errors import DataError
from workbook.params import RunParams, load_params
from workbook.sources import import_frames
from workbook.sources.passing.unfit import Unfit
from workbook.text import msg

ROOT = Path(__file__).resolve().parents[3]
SHORT = ("opportunity_id", "status", "account_id", "stage", "created_on", "closed_on", "amount", "currency", "probability")


def put(frame, column, *cells):
    """Return a change: these cells stand at the head of a column."""

    def change(made):
        old = made[frame][column]
        new = pa.array([*cells, *old.to_pylist()[len(cells) :]], old.type)
        made[frame] = made[frame].set_column(made[frame].column_names.index(column), column, new)

    return change


def twice(frame, **other):
    """Return a change: the first row stands at the end too, some of its cells otherwise."""

    def change(made):
        row = made[frame].slice(0, 1).to_pylist()[0] | other
        made[frame] = pa.concat_tables([made[frame], pa.Table.from_pylist([row], made[frame].schema)])

    return change


def add(frame, column, cells):
    return lambda made: made.update({frame: made[frame].append_column(column, pa.array([*cells] * (made[frame].num_rows // len(cells))))})


def drop(frame, *columns):
    return lambda made: made.update({frame: made[frame].drop_columns(list(columns))})


def without(*frames):
    return lambda made: [made.pop(frame) for frame in frames]


def numbered(frame, kind):
    """Return a frame whose accounts have numbers for ids."""
    numbers = pa.array([int(id_[1:]) for id_ in frame["account_id"].to_pylist()], kind)
    return frame.set_column(frame.column_names.index("account_id"), "account_id", numbers)


def typed(frame, column, kind, *cells):
    """Return a change: a column has another type, and these cells at its head."""

    def change(made):
        old = made[frame][column]
        values = [*cells, *old.to_pylist()[len(cells) :]]
        as_kind = Decimal if pa.types.is_decimal(kind) else float if pa.types.is_floating(kind) else lambda value: value
        if pa.types.is_timestamp(kind):
            kept = pa.array([value and datetime(*value.timetuple()[:6], getattr(value, "microsecond", 0)) for value in values], kind)
        else:
            kept = pa.array([None if value is None else as_kind(value) for value in values], kind.value_type if pa.types.is_dictionary(kind) else kind).cast(kind)
        made[frame] = made[frame].set_column(made[frame].column_names.index(column), column, kept)

    return change


def both(*changes):
    return lambda made: [change(made) for change in changes]


def headed(frame, **headings):
    """Return a change: columns have other headings; spaces stand for underscores."""
    return lambda made: made.update({frame: made[frame].rename_columns([headings.get(name, name).replace("_", " ") if name in headings else name for name in made[frame].column_names])})


SALESFORCE = {"account_id": "Account_ID", "name": "Account_Name", "country": "Billing_Country", "employees": "Employees"}
RECHNUNGEN = {"invoice_id": "Rechnungsnummer", "account_id": "Kundennummer", "invoiced_on": "Rechnungsdatum", "amount": "Netto", "currency": "Währung"}


def numbers(kind, *cells):
    """Return a change: amounts, probabilities and the accounts' employees have another type."""
    return both(typed("opportunities", "amount", kind, *cells), typed("opportunities", "probability", kind), typed("accounts", "employees", kind))


Dirt = namedtuple("Dirt", "change, seen", defaults=("",))
DIRT = {
    "nothing": Dirt(lambda made: None),
    "a deal without its id": Dirt(put("opportunities", "opportunity_id", None), "is missing"),
    "invoices without two of their columns": Dirt(lambda made: [put("invoices", c, None)(made) for c in ("amount", "account_id")], "is missing"),
    "deals and invoices marked as deleted": Dirt(both(add("opportunities", "IsDeleted", [True, False, None, False]), add("invoices", "Deleted", ["no", "Yes", None, "x"])), "lines marked as deleted"),
    "accounts that are all marked as deleted": Dirt(add("accounts", "is_deleted", [True])),
    "currencies under a heading that tells nothing": Dirt(both(drop("opportunities", "currency"), add("opportunities", "money", ["EUR", "usd", None, "€"])), "mixed currencies"),
    "letters that are not composed": Dirt(both(put("accounts", "account_id", "Zu\u0308rich"), put("opportunities", "account_id", "Zürich", " Zu\u0308rich"), put("opportunities", "stage", "Demo\u0301")), "Demó"),
    "spellings of a stage here and there": Dirt(both(put("opportunities", "stage", "DISCOVERY", "closed  WON", "Closed-won"), put("stage_entries", "stage", "discovery"), add("opportunities", "tier", ["a b", "A-B", "A-B", "c"])), "spelling of categories"),
    "the same line twice": Dirt(twice("opportunities"), "the same line again"),
    "an id twice, the rest otherwise": Dirt(twice("opportunities", amount=Decimal("7.00"), stage="Closed won"), "duplicate ids"),
    "a stage entered twice at once": Dirt(twice("stage_entries"), "the same line again"),
    "a stage entered at a broken second": Dirt(lambda made: [twice("stage_entries")(made), put("stage_entries", "entered_at", AT, AT.replace(microsecond=5))(made)]),
    "lines of invoices": Dirt(put("invoices", "invoice_id", *["R1"] * 9), "lines of an invoice numbered"),
    "a deal of an account that is not there": Dirt(put("opportunities", "account_id", "nobody"), "references that do not resolve"),
    "accounts by name and by other spelling": Dirt(put("opportunities", "account_id", "Acme", "a-2", "DYNE", "A 2"), "spelling of references"),
    "a misspelt account": Dirt(lambda made: [put("accounts", "account_id", "Aluminium-1")(made), put("opportunities", "account_id", "Aluminum-1")(made)], "possible misspellings"),
    "blanks and empty cells": Dirt(lambda made: [put("opportunities", "account_id", " A1", "\u00a0A2\t")(made), put("accounts", "name", "  ", "")(made)]),
    "words for not known": Dirt(lambda made: [put("opportunities", "stage", "n/a", "Unknown")(made), put("accounts", "name", "k.A.")(made)], "words for not known"),
    "words of the CRM for the status": Dirt(put("opportunities", "status", "Offen", "gewonnen", "closed lost", "abandoned")),
    "a status that nobody knows": Dirt(put("opportunities", "status", "limbo", "limbo"), "Discovery"),
    "stages that only the probability tells": Dirt(lambda made: [drop("opportunities", "status")(made), put("opportunities", "stage", "X", "Y", "Y")(made), put("opportunities", "probability", 1.0, 0.0, 0.0)(made)], '"is_known": false'),
    "stages that decide nothing beside a status": Dirt(put("opportunities", "stage", "X", "Y", "Y")),
    "no and empty cells under won": Dirt(lambda made: [drop("opportunities", "status")(made), drop("opportunities", "stage")(made), add("opportunities", "is_won", [True, False, None, False])(made)], "since other cells are empty"),
    "yes and no under won, with close dates": Dirt(lambda made: [drop("opportunities", "status")(made), drop("opportunities", "stage")(made), add("opportunities", "is_won", [True, False, False, False])(made)], "the close date has passed"),
    "no status at all": Dirt(drop("opportunities", "status")),
    "no stage at all": Dirt(drop("opportunities", "stage")),
    "two currencies": Dirt(put("opportunities", "currency", "USD", "€", "usd"), "mixed currencies"),
    "no currency": Dirt(put("opportunities", "currency", None, None), "is assumed"),
    "won for nothing": Dirt(put("opportunities", "amount", *[Decimal("1.00"), Decimal("0.00")] * 3), "amount 0 of won deals"),
    "amounts of won deals only": Dirt(put("opportunities", "amount", *[Decimal("5.00") if i % 4 == 1 else None for i in range(20)]), "amounts only on won deals"),
    "lost for nothing": Dirt(put("opportunities", "amount", *[Decimal("5.00") if i % 4 == 1 else Decimal("0.00") for i in range(20)]), "amount 0 of lost deals"),
    "a negative amount": Dirt(put("opportunities", "amount", Decimal("-1.00")), "negative amounts"),
    "an implausible amount": Dirt(put("opportunities", "amount", Decimal("99999999.00")), "implausible values"),
    "closed before created, and later than the export": Dirt(lambda made: [put("opportunities", "closed_on", date(2027, 1, 1), date(2020, 1, 1))(made), put("opportunities", "created_on", date(2019, 1, 1))(made)], "close before creation"),
    "no accounts": Dirt(without("accounts"), "were derived"),
    "only one frame": Dirt(without("accounts", "stage_entries", "opportunities")),
    "accounts of one name": Dirt(put("accounts", "name", "Müller AG", "MUELLER ag", "Mueller  AG"), "accounts of the same name"),
    "an account without id": Dirt(put("accounts", "account_id", None)),
    "deals without an id column": Dirt(lambda made: [drop("opportunities", "opportunity_id")(made), made.pop("stage_entries")]),
    "an industry and a country misspelt": Dirt(put("accounts", "country", "Germny"), "possible misspellings"),
    "values out of range": Dirt(lambda made: [put("accounts", "employees", 9e6)(made), put("accounts", "founded_year", 1200)(made)], "out of range"),
    "values that are not allowed": Dirt(add("opportunities", "business_type", ["new", "Bestand", "odd", None]), "not allowed"),
    "competitors in other words": Dirt(add("opportunities", "competitor", ["Pendrix", "kein", "n/a", "Pendrix; Velmont"])),
    "columns of the firm's own": Dirt(lambda made: [add("opportunities", "Lead Type!", ["A", "B"])(made), add("opportunities", "score", [1, 3])(made), add("opportunities", "is_key", [True, False])(made)], "lead_type"),
    "an empty column": Dirt(put("opportunities", "closed_on", *[None] * 20)),
    "shares in per cent": Dirt(put("opportunities", "probability", *range(1, 21))),
    "instants as fine as nanoseconds": Dirt(lambda made: made.update(stage_entries=made["stage_entries"].set_column(2, "entered_at", pa.array([1772442900123456789, -1] * 10, pa.timestamp("ns"))))),
    "ids that are numbers": Dirt(lambda made: [made.update({name: numbered(made[name], pa.int32())}) for name in ("opportunities", "accounts", "invoices")]),
    "days as instants": Dirt(lambda made: made.update(opportunities=made["opportunities"].set_column(4, "created_on", pc.cast(made["opportunities"]["created_on"], pa.timestamp("ms"))))),
}
KINDS = {
    "words as dictionaries": Dirt(both(*(typed("opportunities", c, pa.dictionary(pa.int16(), pa.string()), "n/a", " Gewonnen") for c in ("status", "stage", "account_id", "currency"))), "words for not known"),
    "dictionaries of large texts": Dirt(typed("accounts", "country", pa.dictionary(pa.int32(), pa.large_string()), "Germny"), "possible misspellings"),
    "large texts and views": Dirt(both(typed("accounts", "name", pa.large_string(), " Bolt"), typed("opportunities", "stage", pa.string_view(), "n/a", "")), "words for not known"),
    "columns of nothing": Dirt(both(typed("opportunities", "stage", pa.null(), *[None] * 20), typed("opportunities", "amount", pa.null(), *[None] * 20), typed("opportunities", "closed_on", pa.bool_(), *[None] * 20))),
    "instants of Spark": Dirt(typed("stage_entries", "entered_at", pa.timestamp("us", "UTC"), AT, AT.replace(hour=23, microsecond=7))),
    "instants of a place": Dirt(typed("stage_entries", "entered_at", pa.timestamp("ns", "America/New_York"), AT, datetime(2026, 7, 1, 3, 30), datetime(1969, 12, 31, 23, 59, 59, 999999))),
    "days as instants of a place": Dirt(both(typed("opportunities", "closed_on", pa.timestamp("ms", "Europe/Berlin"), datetime(2026, 3, 2, 23, 30)), put("opportunities", "opportunity_id", None)), "is missing"),
    "instants at a distance": Dirt(both(typed("stage_entries", "entered_at", pa.timestamp("ms", "+05:30"), AT), typed("stage_entries", "opportunity_id", pa.string(), None)), "is missing"),
    "single precision": Dirt(numbers(pa.float32(), 0.1, 1234567.8, 33.33, -0.007), "negative amounts"),
    "numbers that are none": Dirt(numbers(pa.float64(), float("nan"), 2.5, float("nan")), "words for not known"),
    "unsigned numbers": Dirt(both(*(typed("accounts", c, kind) for c, kind in (("founded_year", pa.uint16()), ("employees", pa.uint64()))), typed("opportunities", "probability", pa.uint8(), *range(1, 21)))),
    "long decimals": Dirt(numbers(pa.decimal128(38, 18), Decimal("1.005"), Decimal("0.000000000000000001"), Decimal("99999.123456789012345678"), Decimal(0))),
    "decimals of three digits": Dirt(both(typed("opportunities", "amount", pa.decimal128(20, 3), Decimal("1234.565"), Decimal("7.125")), typed("opportunities", "probability", pa.decimal128(5, 3)))),
    "decimals of four digits": Dirt(numbers(pa.decimal128(18, 4), Decimal("1234.5650"), Decimal("90071992547.4099"), Decimal("0.0050"))),
    "ids and numbers as whole decimals": Dirt(both(typed("accounts", "founded_year", pa.decimal128(38, 0)), lambda made: [made.update({name: numbered(made[name], pa.decimal128(38, 0))}) for name in ("opportunities", "accounts", "invoices")])),
    "years as doubles": Dirt(typed("accounts", "founded_year", pa.float64(), 1200.0, None), "out of range"),
}  # fmt: skip


@pytest.mark.parametrize("name", [*DIRT, *KINDS])
def test_dirt_comes_out_as_through_text(name, tmp_path):
    dirt, made = (DIRT | KINDS)[name], company()
    dirt.change(made)
    params = RunParams(data=write(made, tmp_path / "data"), currency="EUR", rejected_lines_max_share=0.5)
    passed = passing(params, tmp_path / "passed")
    assert not difference(passed, through_text(params, tmp_path / "text"))
    assert dirt.seen in passed.record + "".join(part.decode() for part in passed.lists)


def salesforce_deals(made):
    """Deals without a status but with flags, one date of close, per cent, thousands of euros; leads that say when they were converted."""
    deals = made["opportunities"].drop_columns(["status", "currency"])
    n = range(20)
    deals = deals.set_column(deals.column_names.index("closed_on"), "Close Date", pa.array([DAY] * 20, pa.date32()))
    deals = deals.append_column("Is Won", pa.array([(True, False, None)[i % 3] for i in n])).append_column("Is Closed", pa.array([i % 4 != 0 for i in n]))
    deals = deals.append_column("Last Modified Date", pa.array([AT.replace(hour=i) for i in n])).append_column("Country", pa.array(["Austria", None] * 10))
    made["opportunities"] = pa.concat_tables([deals, deals.slice(3, 1).set_column(deals.column_names.index("stage"), "stage", pa.array(["Closed lost"]))])
    headed("opportunities", amount="Amount_(TEUR)", probability="Probability_(%)")(made)
    made["leads"] = pa.table({"lead_id": ["L1", "L2"], "Converted Date": pa.array([AT, None]), "E-Mail": ["a@b.example", None]})
    del made["accounts"]


HEADED = {
    "deals": Dirt(both(headed("opportunities", opportunity_id="Deal_ID", stage="Deal_Stage", status="Outcome", created_on="Create_Date"), put("opportunities", "Deal Stage", "n/a", "Angebot"), put("opportunities", "Deal ID", None)), "is missing"),
    "accounts of Salesforce": Dirt(both(put("accounts", "country", "Germny"), typed("accounts", "founded_year", pa.float64(), 1200.0), headed("accounts", **SALESFORCE)), '"crm": "salesforce-en"'),
    "invoices in German": Dirt(both(twice("invoices", amount=Decimal("7.00")), headed("invoices", **RECHNUNGEN)), "duplicate ids"),
    "stages in Salesforce's history": Dirt(both(twice("stage_entries"), headed("stage_entries", opportunity_id="Opportunity_ID", stage="To_Stage", entered_at="Edit_Date")), "the same line again"),
    "outcome and conversion as Salesforce keeps them": Dirt(salesforce_deals, "unit in the heading"),
    "a heading of each kind": Dirt(both(add("opportunities", "stage_name", ["Demo", "Offer"]), headed("opportunities", stage_name="Stage_Name")), "Stage Name"),
}  # fmt: skip


@pytest.mark.parametrize("name", HEADED)
def test_headings_of_a_crm_pass_where_they_are_only_renamed(name, tmp_path, monkeypatch):
    monkeypatch.setattr("workbook.sources.passing.room.BYTES_PER_CELL", 10**9)
    made = company()
    HEADED[name].change(made)
    params = RunParams(data=write(made, tmp_path / "data"), currency="EUR", rejected_lines_max_share=1)
    passed = passing(params, tmp_path / "passed")
    assert not difference(passed, through_text(params, tmp_path / "text"))
    assert HEADED[name].seen in passed.record + "".join(part.decode() for part in passed.lists)


RATES = {"USD": 0.9234567, "JPY": 0.006, "GBP": 1.17, "EUR": 1.0}


@pytest.mark.parametrize("kind", [pa.decimal128(18, 2), pa.float64(), pa.decimal128(38, 9)])
@pytest.mark.parametrize("currency", ["EUR", "CHF", None])
def test_amounts_are_converted_as_through_text(currency, kind, tmp_path):
    made = company()
    put("opportunities", "currency", "USD", "GBP", "€", "usd", "SEK", None, "JPY")(made)
    typed("opportunities", "amount", kind, None, Decimal("0.05"), Decimal("12.34"), Decimal("99999.99"), Decimal("5.55"), Decimal("7.77"), Decimal("1234567.89"))(made)
    put("invoices", "currency", *["GBP"] * 20)(made)
    add("invoices", "margin", [1.005, None])(made)
    params = RunParams(data=write(made, tmp_path / "data"), currency=currency, exchange_rates=RATES)
    passed = passing(params, tmp_path / "passed")
    assert not difference(passed, through_text(params, tmp_path / "text"))
    assert ("currency converted" in passed.record) == (currency is not None)


def test_amounts_that_are_too_large_when_converted_are_left_to_the_other_way(tmp_path):
    made = company()
    put("opportunities", "currency", "USD")(made)
    params = RunParams(data=write(made, tmp_path / "data"), currency="EUR", exchange_rates={"USD": 1e13})
    with pytest.raises(Unfit, match="too large"):
        passing(params, tmp_path / "passed")


def halves(made):
    """Return each frame as two files."""
    parts = {}
    for name, frame in made.items():
        middle = frame.num_rows // 2
        parts |= {f"{name}_2025": frame.slice(0, middle), f"{name}_2026": frame.slice(middle)}
    return parts


@pytest.mark.parametrize("name", DIRT)
def test_dirt_in_two_files_comes_out_as_through_text(name, tmp_path):
    made = company()
    DIRT[name].change(made)
    params = RunParams(data=write(halves(made), tmp_path / "data"), currency="EUR", rejected_lines_max_share=0.9)
    assert not difference(passing(params, tmp_path / "passed"), through_text(params, tmp_path / "text"))


def second(frame, *changes):
    """Return a change of files: the second file of a frame is changed."""

    def change(files):
        made = {frame: files[f"{frame}_2026"]}
        for each in changes:
            each(made)
        files[f"{frame}_2026"] = made[frame]

    return change


BETWEEN = {
    "a deal in both files": Dirt(second("opportunities", put("opportunities", "opportunity_id", "O1", "O2")), "duplicate ids"),
    "a deal in both files, the older one last": Dirt(lambda files: [second("opportunities", put("opportunities", "opportunity_id", "O1"))(files), files.update({"opportunities_2025-01-01": files.pop("opportunities_2026"), "opportunities_2025-02-01": files.pop("opportunities_2025")})], "duplicate ids"),
    "a company in both files": Dirt(lambda files: [second("accounts", put("accounts", "name", "BOLT", "Acme", "Acme"))(files), second("accounts", put("accounts", "country", "France"))(files)], "the same company in another file"),
    "a company in both files, with a column of its own": Dirt(lambda files: [second("accounts", put("accounts", "name", "BOLT"), add("accounts", "tier", ["A", "B", "A"]))(files)], "the same company in another file"),
    "ids in the first file only": Dirt(lambda files: [second("opportunities", drop("opportunities", "opportunity_id"), put("opportunities", "amount", None, Decimal("-1.00")))(files), [files.pop(name) for name in list(files) if name.startswith("stage")]], "row-12"),
    "shares in per cent in one file": Dirt(second("opportunities", put("opportunities", "probability", *range(1, 11)))),
    "a number in one file, a word in the other": Dirt(lambda files: [add("opportunities_2025", "score", [1, 3])(files), add("opportunities_2026", "score", ["high", "low"])(files)], "score"),
    "an own column in one file": Dirt(lambda files: [add("opportunities_2025", "score", [1, 3])(files), add("opportunities_2026", "points", [2.5, 3.0])(files)], "points"),
    "an own column beside none": Dirt(lambda files: add("opportunities_2025", "score", [1.5, 300000.0])(files), "score"),
    "a stage that has other probabilities in each file": Dirt(lambda files: [drop("opportunities_2025", "status")(files), drop("opportunities_2026", "status")(files), put("opportunities_2025", "stage", "X")(files), put("opportunities_2025", "probability", 1.0)(files), put("opportunities_2026", "stage", "X")(files), put("opportunities_2026", "probability", 0.0)(files)], '"is_known": false'),
    "other types in each file": Dirt(second("stage_entries", typed("stage_entries", "entered_at", pa.timestamp("us", "UTC")), typed("stage_entries", "stage", pa.dictionary(pa.int8(), pa.string())))),
    "a file whose lines all lack what they need": Dirt(second("invoices", put("invoices", "account_id", *[None] * 10)), "is missing"),
}  # fmt: skip


@pytest.mark.parametrize("name", BETWEEN)
def test_what_stands_between_two_files_comes_out_as_through_text(name, tmp_path):
    files = halves(company())
    BETWEEN[name].change(files)
    params = RunParams(data=write(files, tmp_path / "data"), currency="EUR", rejected_lines_max_share=1)
    passed = passing(params, tmp_path / "passed")
    assert not difference(passed, through_text(params, tmp_path / "text"))
    assert BETWEEN[name].seen in passed.record + "".join(part.decode() for part in passed.lists)


def test_the_demo_company_passes(tmp_path):
    """Its canonical frames, with columns of the firm's own; what was repaired on the first import needs no repair on the second."""
    import_frames(load_params(ROOT / "params" / "demo.yaml"), tmp_path / "demo")
    data = tmp_path / "data"
    data.mkdir()
    for path in (tmp_path / "demo").glob("*.parquet"):
        path.rename(data / path.name)
    params = RunParams(data=data, as_of=date(2026, 9, 30), currency="EUR")
    assert not difference(passing(params, tmp_path / "passed"), through_text(params, tmp_path / "text"))


def test_a_large_company_passes_in_row_groups(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    write_company(data, 125_000)
    passed = passing(RunParams(data=data), tmp_path / "passed")
    written = pq.ParquetFile(tmp_path / "passed" / "stage_entries.parquet")
    assert written.metadata.num_row_groups > 1
    assert passed.frames["stage_entries"]["source_line"].to_pylist() == list(range(1, 125_001))
    assert not difference(passed, through_text(RunParams(data=data), tmp_path / "text"))


def test_the_same_data_give_the_same_bytes(tmp_path):
    params = RunParams(data=write(company(), tmp_path / "data"))
    passing(params, tmp_path / "one")
    passing(params, tmp_path / "other")
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == sorted(path.name for path in (tmp_path / "other").iterdir())
    assert all(path.read_bytes() == (tmp_path / "other" / path.name).read_bytes() for path in (tmp_path / "one").iterdir())


LEFT = {
    "amounts as text": typed("opportunities", "amount", pa.string(), *[f"{n}.5" for n in range(20)]),
    "amounts as people write them": typed("opportunities", "amount", pa.string(), *[f"{n} T€" for n in range(19)], "a lot"),
    "years with fractions": typed("accounts", "founded_year", pa.float64(), 1990.5),
    "decimals that all read both ways": typed("opportunities", "amount", pa.decimal128(18, 3), *[Decimal("1.234")] * 20),
    "binary text": typed("accounts", "name", pa.binary(), *[b"Acme"] * 5),
    "ranges that Excel made dates": add("opportunities", "loss_reason", ["5-20", "20-50", "May-20", None]),
}  # fmt: skip


@pytest.mark.parametrize("name", LEFT)
def test_a_small_file_that_cannot_pass_comes_along(name, tmp_path):
    made = company()
    LEFT[name](made)
    params = RunParams(data=write(made, tmp_path / "data"), currency="EUR")
    assert not difference(passing(params, tmp_path / "passed"), through_text(params, tmp_path / "text"))


@pytest.mark.parametrize("name", LEFT)
def test_a_large_file_that_cannot_pass_leaves_all_to_the_other_way(name, tmp_path, monkeypatch):
    made = company()
    LEFT[name](made)
    params = RunParams(data=write(made, tmp_path / "data"))
    monkeypatch.setattr("workbook.sources.passing.room.BYTES_PER_CELL", 10**9)
    monkeypatch.setattr("psutil.virtual_memory", lambda: namedtuple("Memory", "total")(10**15))
    with pytest.raises(Unfit) as unfit:
        passing(params, tmp_path / "passed")
    assert any(frame in unfit.value.where for frame in made)
    record = import_frames(params, tmp_path / "out")
    assert record.text() == through_text(params, tmp_path / "text").record


def csv(name, text):
    """Return a change of a folder: a text file is put there."""
    return lambda folder: (folder / name).write_text(text, encoding="utf-8")


def replaced(frame, text):
    """Return a change of a folder: a frame is a CSV there."""
    return lambda folder: [(folder / f"{frame}.parquet").unlink(), (folder / f"{frame}.csv").write_text(text, encoding="utf-8")]


def book(folder):
    """Put a table of goals into a folder, as Excel."""
    goals = pa.table({"title": ["Grow", "Win"], "metric": ["won_amount", "win_rate"], "target": ["100000", "30%"], "due_on": ["31.12.2026", "30.06.2026"]})
    goals.to_pandas().to_excel(folder / "goals.xlsx", index=False)


MARKET = "year,region,segment,measure,volume,unit,currency,source,grade,is_break,note\n2025,North,,turnover,100,EUR,EUR,Destatis,A,,\n2025,North,Small,turnover,40,EUR,EUR,,B,yes,\n2024,,,,,,,,,,\n"
BESIDE = {
    "a template": csv("market.csv", MARKET),
    "a template in Excel": book,
    "accounts of a CRM": replaced("accounts", "Account ID;Account Name;Billing Country;Mitarbeiter;Typ\nA0;Acme;Germny;1.000;x\nA1;Bolt;Austria;k.A.;y\nA1;Bolt AG;Austria;7;y\n A2 ;Cero;;12,5;x\n;;;;\nA3;Dyne;Spain;a few;y;z\nTotal;;;;\n"),
    "deals of a CRM, with stages entered": lambda folder: [(folder / "stage_entries.parquet").unlink(), replaced("opportunities", "Deal ID;Deal Name;Deal Stage;Amount;Close Date;Create Date;Date entered \"Demo\";Probability\nO1;One;Closed Won;1.000,50 €;13.02.2026;01.02.2026;05.02.2026;100%\nO2;Two;Offer;2.000;27.12.2026;20.02.2026;;40%\nO3;Three;Mystery;-3.000;;20.02.2026;21.02.2026;0%\nO1;Uno;Closed Lost;7;14.02.2026;01.02.2026;06.02.2026;0%\n;No one;;;;;;\n")(folder)],
    "invoices that name accounts by another spelling": replaced("invoices", "invoice_id,account_id,invoiced_on,amount,currency\nR1,a-1,2026-03-01,10.5,EUR\nR2,Acme,2026-03-02,0.125,usd\nR3,nobody,2026-03-03,1e3,\n,A1,2026-01-01,5,EUR\nTotal,,,99,\n"),
    "a second file of a frame": csv("invoices_old.csv", "invoice_id,account_id,invoiced_on,amount,currency\nR1,A1,2020-03-01,10.5,EUR\nR77,A1,2020-03-01,99.5,EUR\n"),
    "a file that fits nothing, and one that is no table": lambda folder: [csv("colours.csv", "red,green\n1,2\n")(folder), csv("readme.txt", "")(folder), csv("notes.md", "x")(folder)],
    "a file with broken lines and latin letters": lambda folder: (folder / "leads.csv").write_bytes("lead_id;created_at;source;email\nL1;2026-02-01;Müller;x@y.z\nL2;2026-02-02;Messe;a@b.c\nfragment\nL3;2026-02-03;a;b;c;d\n".encode("latin-1")),
    "an empty file": csv("leads.csv", ""),
    "dates that read both ways": csv("leads.csv", "lead_id,created_at,source\nL1,01/02/2026,Web\n"),
    "a day above the header": csv("leads.csv", "Stand: 05.03.2026;;\nlead_id;created_at;source\nL1;2026-02-01;Web\nL2;2026-02-01;Web\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", BESIDE)
def test_a_small_table_beside_parquet_comes_out_as_through_text(name, tmp_path):
    folder = write(company(), tmp_path / "data")
    BESIDE[name](folder)
    params = RunParams(data=folder, currency="EUR", rejected_lines_max_share=1)
    assert not difference(passing(params, tmp_path / "passed"), through_text(params, tmp_path / "text"))


def test_accounts_by_name_are_left_to_the_other_way(tmp_path):
    folder = write(company(), tmp_path / "data")
    csv("leads.csv", "lead_id,created_at,source,Account Name\nL1,2026-02-01,Web,Acme\n")(folder)
    params = RunParams(data=folder, currency="EUR")
    with pytest.raises(Unfit, match="by their name"):
        passing(params, tmp_path / "passed")
    assert import_frames(params, tmp_path / "out").text() == through_text(params, tmp_path / "text").record


def test_what_cannot_pass_and_is_too_large_is_refused_beforehand(tmp_path, monkeypatch):
    made = company()
    LEFT["amounts as text"](made)
    params = RunParams(data=write(made, tmp_path / "data"))
    monkeypatch.setattr("psutil.virtual_memory", lambda: namedtuple("Memory", "total")(10_000))
    monkeypatch.setattr("workbook.sources.passing.room.BYTES_PER_CELL", 10**9)
    with pytest.raises(DataError) as refused:
        import_frames(params, tmp_path / "out")
    assert refused.value.where.endswith("opportunities.parquet, column amount") and "codebook" in str(refused.value.mend)


def test_clean_data_are_never_too_large(tmp_path, monkeypatch):
    monkeypatch.setattr("psutil.virtual_memory", lambda: namedtuple("Memory", "total")(10_000))
    assert import_frames(RunParams(data=write(company(), tmp_path / "data")), tmp_path / "out").frames["opportunities"].rows == 20


def test_a_part_is_the_same_whichever_way_it_was_read(tmp_path, monkeypatch):
    def refused(params, to):
        raise Unfit(msg("not now"), "")

    params = RunParams(data=write(company(), tmp_path / "data"), part={"stage": "Closed won"})
    record = import_frames(params, tmp_path / "passed")
    monkeypatch.setattr("workbook.sources.pipeline.pass_through", refused)
    assert import_frames(params, tmp_path / "text").text() == record.text() and record.frames["opportunities"].rows == 5
    passed, text = ({path.name: path.read_bytes() for path in (tmp_path / way).iterdir()} for way in ("passed", "text"))
    assert passed == text and len(passed) > len(record.frames)


def test_too_many_rejected_lines_stop_it_with_the_same_words(tmp_path):
    made = company()
    put("opportunities", "opportunity_id", *[None] * 10)(made)
    params = RunParams(data=write(made, tmp_path / "data"))
    passed = passing(params, tmp_path / "passed")
    assert "cannot be used" in passed.error and not difference(passed, through_text(params, tmp_path / "text"))


def test_an_empty_file_stops_it_with_the_same_words(tmp_path):
    made = company()
    made["accounts"] = made["accounts"].slice(0, 0)
    params = RunParams(data=write(made, tmp_path / "data"))
    passed = passing(params, tmp_path / "passed")
    assert "no rows" in passed.error and not difference(passed, through_text(params, tmp_path / "text"))


def test_a_large_text_beside_parquet_leaves_all_to_the_other_way(tmp_path, monkeypatch):
    folder = write(company(), tmp_path / "data")
    BESIDE["a template"](folder)
    book(folder)
    params = RunParams(data=folder)
    monkeypatch.setattr("workbook.sources.passing.room.BYTES_PER_TEXT_CELL", 10**8)
    with pytest.raises(Unfit) as unfit:
        passing(params, tmp_path / "passed")
    assert unfit.value.where.endswith((".csv", ".xlsx"))
