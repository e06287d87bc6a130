"""The part of the data that a run is about, small enough to count: what belongs to it stays, by the nearest that a row points to."""

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tests.analyses.data.frames import frame
from tests.bench.company import AS_OF, write_company
from tests.sources.parts import as_stored
from workbook.errors import ParamsError
from workbook.frames import FRAMES
from workbook.params import RunParams
from workbook.sources import import_frames
from workbook.sources.part import Part, part_of

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


TABLES = {name: frame(name, rows).to_pyarrow() for name, rows in ROWS.items()}


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    return as_stored(TABLES, tmp_path_factory.mktemp("whole"))


def table(part, name):
    return pq.read_table(part.folder / f"{name}.parquet")


def kept(part, name, column):
    return table(part, name)[column].to_pylist() if name in part.record.frames else []


def test_a_part_by_a_column_of_the_deals(everything, tmp_path):
    part = part_of(everything, {"region": "North"}, tmp_path)
    assert kept(part, "opportunities", "opportunity_id") == ["1", "3"]
    assert kept(part, "accounts", "account_id") == ["A", "B", "C"], "the companies of these deals and leads"
    assert kept(part, "leads", "lead_id") == ["L1", "L2", "L3"], "by the deal, else by its own region, else by its company"
    assert kept(part, "stage_entries", "opportunity_id") == ["1"]
    assert kept(part, "activities", "activity_id") == ["x", "z"]
    assert kept(part, "invoices", "account_id") == ["A"], "an invoice of a deal elsewhere is not in it, one without a deal goes with its company"
    assert kept(part, "market", "region") == ["North"] and kept(part, "units", "unit") == ["North"]
    assert kept(part, "spend", "channel") == ["fair"] and kept(part, "products", "product_id") == ["P"], "nothing says whose they are"


def test_a_part_by_a_column_of_the_companies(everything, tmp_path):
    part = part_of(everything, {"accounts.country": "CH"}, tmp_path)
    assert kept(part, "accounts", "account_id") == ["B", "C"]
    assert kept(part, "opportunities", "opportunity_id") == ["3", "4"]
    assert kept(part, "leads", "lead_id") == ["L2", "L3"]
    assert "invoices" not in part.record.frames and not (tmp_path / "invoices.parquet").exists(), "an empty frame is none"
    assert len(kept(part, "market", "year")) == 3


def test_parts_of_parts_and_the_account_of_it(everything, tmp_path):
    part = part_of(everything, {"region": "North", "segment": "S"}, tmp_path)
    assert kept(part, "opportunities", "opportunity_id") == ["1"] and kept(part, "accounts", "account_id") == ["A"]
    assert [str(said) for said in part.record.assumptions] == ["Only region = North: 2 of 4 (Deals).", "Only segment = S: 1 of 2 (Deals)."]
    assert part.record.frames["opportunities"].rows == 1 and "region" in part.record.frames["opportunities"].present


def test_the_parts_of_a_column_share_the_deals_among_them(everything, tmp_path):
    for column in ("region", "segment", "accounts.country"):
        counts = dict(everything.deals_by((column,)))
        parts = {value: part_of(everything, {column: value}, tmp_path / value).record.frames["opportunities"].rows for (value,) in counts}
        assert parts == {value: n for (value,), n in counts.items()}
    assert dict(everything.deals_by(("region", "segment"))) == {("North", "S"): 1, ("South", "S"): 1, ("North", "M"): 1}


def test_row_order_and_types_stay(everything, tmp_path):
    part = part_of(everything, {"region": "North"}, tmp_path / "part")
    for name in part.record.frames:
        assert table(part, name).schema.equals(TABLES[name].schema), name
    backwards = {name: held.take(pa.array(range(held.num_rows - 1, -1, -1))) for name, held in TABLES.items()}
    turned = part_of(as_stored(backwards, tmp_path / "turned"), {"region": "North"}, tmp_path / "turned_part")
    for name in part.record.frames:
        assert table(turned, name).to_pylist() == table(part, name).to_pylist()[::-1], name


def test_columns_of_two_homes_need_deals_to_join_them(tmp_path):
    folder = as_stored({name: TABLES[name] for name in ("accounts", "leads")}, tmp_path)
    assert dict(folder.deals_by(("region",))) == {("North",): 1, ("South",): 1}, "without deals, leads"
    with pytest.raises(ParamsError, match=r"nothing joins the columns accounts\.country, leads\.region"):
        dict(folder.deals_by(("accounts.country", "leads.region")))


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """A drawn company as it is imported: frames of several row groups, ids as text."""
    folder, to = (tmp_path_factory.mktemp(name) for name in ("company", "imported"))
    write_company(folder, 400_000)
    return Part(to, import_frames(RunParams(data=folder, as_of=AS_OF), to), "1GiB")


def test_memory_that_spills_changes_no_byte(company, tmp_path):
    """With little more than the engine needs to begin with: what it sorts does not fit."""
    roomy, tight = (part_of(Part(company.folder, company.record, limit), {"pipeline": "Sales"}, tmp_path / limit) for limit in ("1GiB", "40MiB"))
    assert roomy.record == tight.record and roomy.record.frames["stage_entries"].rows == 400_000
    for name in roomy.record.frames:
        assert (roomy.folder / f"{name}.parquet").read_bytes() == (tight.folder / f"{name}.parquet").read_bytes(), name


def test_a_part_is_the_same_file_whatever_lies_beside_it(company, tmp_path):
    """A chapter of a part is taken over by the hash of its frames: rows of other parts must leave no trace in them."""
    everything = {name: table(company, name) for name in ("opportunities", "accounts", "stage_entries")}
    deals = everything["opportunities"]
    elsewhere = deals.filter(pc.not_equal(deals["region"], "Italy"))
    strangers = elsewhere.slice(0, 30_000).set_column(0, "opportunity_id", pa.array([f"X{at}" for at in range(30_000)]))
    more = everything | {"opportunities": pa.concat_tables([strangers, deals])}
    one, other = (part_of(as_stored(held, tmp_path / name), {"region": "Italy"}, tmp_path / f"{name}_part") for name, held in (("one", everything), ("other", more)))
    for name in ("opportunities", "stage_entries"):
        assert (one.folder / f"{name}.parquet").read_bytes() == (other.folder / f"{name}.parquet").read_bytes(), name


@pytest.mark.parametrize(("chosen", "said"), [({"regoin": "North"}, "did you mean region"), ({"region": "Nroth"}, "did you mean North"), ({"stage": "x"}, "no column stage"), ({"accounts.region": "North"}, "no column accounts.region")])  # fmt: skip
def test_a_column_or_value_that_is_none_names_the_nearest(everything, chosen, said, tmp_path):
    with pytest.raises(ParamsError, match=said):
        part_of(everything, chosen, tmp_path)


def test_every_frame_that_points_somewhere_is_cut(everything, tmp_path):
    pointing = {name for name, frame in FRAMES.items() if {"opportunity_id", "lead_id", "account_id"} & set(frame.names)}
    assert pointing == {"accounts", "opportunities", "leads", "stage_entries", "activities", "contacts", "qualification", "invoices", "feedback"}
