"""Whatever company is drawn, the engine counts and cuts it as plain Python does: rows, order, types, record, and what is said."""

import tempfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from tests.sources.parts import COLUMNS, NUMBERS, VALUES, Told, as_stored, frames, schema_of, told_of, words
from workbook.errors import ParamsError
from workbook.sources.part import part_of
from workbook.sources.write import load_import

DRAWN = settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
WANTED = (*VALUES, *map(words, NUMBERS[:-1]), "Nrod")


def _columns(told):
    """Draw a column: mostly one that there is."""
    there = [column for column in COLUMNS if told.home(column)]
    return st.one_of(*[st.sampled_from(there)] * bool(there), *[st.sampled_from(there)] * bool(there), st.sampled_from(COLUMNS))


def _values(told, column):
    """Draw a value: mostly one that a deal has, else one like it or none at all."""
    there = [value for (value,) in told.deals_by((column,))] if told.home(column) else []
    return st.one_of(*[st.sampled_from(there)] * bool(there), *[st.sampled_from(there)] * bool(there), st.sampled_from(WANTED))


@DRAWN
@given(frames(), st.data())
def test_a_part_is_what_plain_python_says(company, data):
    told = Told({name: table.to_pylist() for name, table in company.items()})
    columns = data.draw(st.lists(_columns(told), min_size=1, max_size=2, unique=True))
    chosen = {column: data.draw(_values(told, column)) for column in columns}
    with tempfile.TemporaryDirectory() as name:
        everything, to = as_stored(company, Path(name) / "whole"), Path(name) / "part"
        for column, value in chosen.items():
            if told.home(column) is None:
                event("no such column")
                with pytest.raises(ParamsError, match="the data have no column"):
                    part_of(everything, chosen, to)
                return
            smaller = told.of(column, value)
            if not smaller.rows or ("opportunities" in told.rows and "opportunities" not in smaller.rows):
                event("nothing in it")
                with pytest.raises(ParamsError) as raised:
                    part_of(everything, chosen, to)
                near, known = told.nearest(column, value), sorted({cell[0] for cell in told.deals_by((column,))})[:12]
                assert str(raised.value.what) == f"no opportunity has {column} = {value}" + (f"; did you mean {near[0]}?" if near else "")
                assert raised.value.mend.args["known"] == tuple(known)
                return
            told = smaller
        event("a part")
        part = part_of(everything, chosen, to)
        assert {path.name for path in to.iterdir()} == {"import.json", *(f"{name}.parquet" for name in told.rows)}
        assert load_import(to) == part.record and list(part.record.frames) == list(told.rows)
        assert [str(line) for line in part.record.assumptions] == told.said
        for frame, rows in told.rows.items():
            table = pq.read_table(to / f"{frame}.parquet")
            assert table.to_pylist() == rows and table.schema.equals(schema_of(frame)), frame
            assert part.record.frames[frame] == told_of(frame, rows, everything.record.frames[frame].present)


@DRAWN
@given(frames(), st.data())
def test_deals_are_counted_as_plain_python_counts_them(company, data):
    told = Told({name: table.to_pylist() for name, table in company.items()})
    columns = data.draw(st.lists(_columns(told), min_size=1, max_size=3, unique=True))
    homes = [told.home(column) for column in columns]
    with tempfile.TemporaryDirectory() as name:
        everything = as_stored(company, Path(name))
        if None in homes or ("opportunities" not in company and len({home for home, _ in homes}) > 1):
            event("no such column" if None in homes else "nothing joins them")
            with pytest.raises(ParamsError, match="the data have no column" if None in homes else "nothing joins the columns"):
                dict(everything.deals_by(tuple(columns)))
            return
        event("counted")
        assert dict(everything.deals_by(tuple(columns))) == told.deals_by(tuple(columns))
        assert {path.suffix for path in Path(name).iterdir()} == {".parquet"}
