"""The part of the data that a run is about, small enough to count: what belongs to it stays, by the nearest that a row points to."""

import pyarrow as pa
import pytest

from tests.analyses.data.frames import frame
from workbook.errors import ParamsError
from workbook.frames import FRAMES
from workbook.sources.part import Part, part_of
from workbook.sources.record import FrameRecord, ImportRecord

ROWS = {
    "accounts": [
        {"account_id": "A", "country": "DE"},
        {"account_id": "B", "country": "CH"},
        {"account_id": "C", "country": "CH"},
        {"account_id": "D", "country": None},
    ],
    "opportunities": [
        {"opportunity_id": "1", "account_id": "A", "region": "North", "segment": "S", "lead_id": "L1"},
        {"opportunity_id": "2", "account_id": "A", "region": "South", "segment": "S"},
        {"opportunity_id": "3", "account_id": "B", "region": "North", "segment": "M"},
        {"opportunity_id": "4", "account_id": "C", "region": None, "segment": "M"},
    ],
    "leads": [
        {"lead_id": "L1", "opportunity_id": "1", "account_id": "A"},
        {"lead_id": "L2", "account_id": "B"},
        {"lead_id": "L3", "account_id": "C", "region": "North"},
        {"lead_id": "L4", "account_id": "A", "region": "South"},
    ],
    "stage_entries": [{"opportunity_id": "1"}, {"opportunity_id": "2"}, {"opportunity_id": "4"}],
    "activities": [{"activity_id": "x", "lead_id": "L2"}, {"activity_id": "y", "lead_id": "L4"}, {"activity_id": "z", "opportunity_id": "3", "lead_id": "L4"}],
    "invoices": [{"account_id": "A", "opportunity_id": "2"}, {"account_id": "A"}, {"account_id": "D"}],
    "market": [{"year": 2025, "region": "North"}, {"year": 2025, "region": "South"}, {"year": 2025}],
    "spend": [{"channel": "fair"}],
    "units": [{"unit": "North"}, {"unit": "South"}],
    "products": [{"product_id": "P"}],
}  # fmt: skip


@pytest.fixture(scope="module")
def everything():
    tables = {name: frame(name, rows).to_pyarrow() for name, rows in ROWS.items()}
    present = {name: [c for c in table.column_names if table[c].null_count < table.num_rows] for name, table in tables.items()}
    records = {name: FrameRecord(rows=table.num_rows, present=present[name]) for name, table in tables.items()}
    return Part(tables, ImportRecord(data_hash="", as_of="2026-09-30", as_of_reason={"id": ""}, files=[], frames=records))


def kept(part, name, column):
    return part.frames[name][column].to_pylist() if name in part.frames else []


def test_a_part_by_a_column_of_the_deals(everything):
    part = part_of(everything, {"region": "North"})
    assert kept(part, "opportunities", "opportunity_id") == ["1", "3"]
    assert kept(part, "accounts", "account_id") == ["A", "B", "C"], "the companies of these deals and leads"
    assert kept(part, "leads", "lead_id") == ["L1", "L2", "L3"], "by the deal, else by its own region, else by its company"
    assert kept(part, "stage_entries", "opportunity_id") == ["1"]
    assert kept(part, "activities", "activity_id") == ["x", "z"]
    assert kept(part, "invoices", "account_id") == ["A"], "an invoice of a deal elsewhere is not in it, one without a deal goes with its company"
    assert kept(part, "market", "region") == ["North"] and kept(part, "units", "unit") == ["North"]
    assert kept(part, "spend", "channel") == ["fair"] and kept(part, "products", "product_id") == ["P"], "nothing says whose they are"


def test_a_part_by_a_column_of_the_companies(everything):
    part = part_of(everything, {"accounts.country": "CH"})
    assert kept(part, "accounts", "account_id") == ["B", "C"]
    assert kept(part, "opportunities", "opportunity_id") == ["3", "4"]
    assert kept(part, "leads", "lead_id") == ["L2", "L3"]
    assert "invoices" not in part.frames and "invoices" not in part.record.frames, "an empty frame is none"
    assert len(kept(part, "market", "year")) == 3


def test_parts_of_parts_and_the_account_of_it(everything):
    part = part_of(everything, {"region": "North", "segment": "S"})
    assert kept(part, "opportunities", "opportunity_id") == ["1"] and kept(part, "accounts", "account_id") == ["A"]
    assert [str(said) for said in part.record.assumptions] == ["Only region = North: 2 of 4 (Deals).", "Only segment = S: 1 of 2 (Deals)."]
    assert part.record.frames["opportunities"].rows == 1 and "region" in part.record.frames["opportunities"].present


def test_the_parts_of_a_column_share_the_deals_among_them(everything):
    for column in ("region", "segment", "accounts.country"):
        counts = everything.deals_by((column,))
        parts = {value: part_of(everything, {column: value}).frames["opportunities"].num_rows for (value,) in counts}
        assert parts == {value: n for (value,), n in counts.items()}
    assert everything.deals_by(("region", "segment")) == {("North", "S"): 1, ("South", "S"): 1, ("North", "M"): 1}


def test_row_order_and_types_stay(everything):
    part = part_of(everything, {"region": "North"})
    for name, table in part.frames.items():
        assert table.schema.equals(everything.frames[name].schema), name
    backwards = Part({name: table.take(pa.array(range(table.num_rows - 1, -1, -1))) for name, table in everything.frames.items()}, everything.record)
    turned = part_of(backwards, {"region": "North"})
    assert {name: sorted(map(str, table.to_pylist())) for name, table in turned.frames.items()} == {
        name: sorted(map(str, table.to_pylist())) for name, table in part.frames.items()
    }


@pytest.mark.parametrize(("chosen", "said"), [({"regoin": "North"}, "did you mean region"), ({"region": "Nroth"}, "did you mean North"), ({"stage": "x"}, "no column stage"), ({"accounts.region": "North"}, "no column accounts.region")])  # fmt: skip
def test_a_column_or_value_that_is_none_names_the_nearest(everything, chosen, said):
    with pytest.raises(ParamsError, match=said):
        part_of(everything, chosen)


def test_every_frame_that_points_somewhere_is_cut(everything):
    pointing = {name for name, frame in FRAMES.items() if {"opportunity_id", "lead_id", "account_id"} & set(frame.names)}
    assert pointing == {"accounts", "opportunities", "leads", "stage_entries", "activities", "contacts", "qualification", "invoices", "feedback"}
