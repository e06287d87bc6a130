"""The benchmark of large data compares like with like: pandas answers what the first steps answer, on a company that is the same each time."""

import json
import subprocess
import sys

import ibis
import pandas as pd
import pyarrow.parquet as pq
import pytest

from tests.backends.compare import difference
from tests.bench.company import AS_OF, ENTRIES_PER_DEAL, write_company
from tests.bench.first_steps import RUN, first_steps
from tests.bench.in_pandas import QUESTIONS, TABLES, owner_groups
from workbook.analyses import questions
from workbook.analyses.data.cycle import CycleParams
from workbook.analyses.sampling import grouped_owners
from workbook.frames import FRAMES
from workbook.notebook import question_params
from workbook.notebook.ask import small_tables, to_frame


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("company")
    write_company(made, 20_000)
    return made


def test_a_company_has_all_frames_with_their_columns(folder):
    assert {path.stem for path in folder.glob("*.parquet")} == set(FRAMES)
    for path in folder.glob("*.parquet"):
        assert pq.read_schema(path).names[: len(FRAMES[path.stem].names)] == list(FRAMES[path.stem].names)
    assert pq.read_metadata(folder / "stage_entries.parquet").num_rows == 20_000
    assert pq.read_metadata(folder / "opportunities.parquet").num_rows == 20_000 // ENTRIES_PER_DEAL


def test_a_company_is_the_same_each_time(folder, tmp_path):
    write_company(tmp_path, 20_000)
    for name in ("opportunities", "activities", "leads"):
        one, other = (pd.read_parquet(where / f"{name}.parquet").drop(columns="source_line") for where in (folder, tmp_path))
        key = list(FRAMES[name].key)
        pd.testing.assert_frame_equal(one.sort_values(key, ignore_index=True), other.sort_values(key, ignore_index=True))


def test_a_chapter_measures_both_steps_of_all_its_questions(folder):
    done = subprocess.run([sys.executable, "-m", "tests.bench.whole_chapters", str(folder), "market"], check=True, stdout=subprocess.PIPE)
    told = json.loads(done.stdout)
    assert not told["failed"]
    assert {asked["name"] for asked in told["asked"]} == {f"market.{name}" for name in questions("market")}
    assert all(asked["first"] > 0 and asked["second"] > 0 and asked["rows"] > 0 for asked in told["asked"])
    assert sum(asked["cpu"] for asked in told["asked"]) < told["cpu"] and told["peak_mib"] > 50


@pytest.mark.parametrize("name", QUESTIONS)
def test_pandas_gives_the_same_small_tables(name, folder):
    question, frames = first_steps()[name], {path.stem: ibis.read_parquet(path) for path in folder.glob("*.parquet")}
    given = {"data.win_rate": ("opportunities",), "data.cycle": ("opportunities",), "data.won_amount": ("opportunities",)}.get(name, ("opportunities", "accounts"))
    small, _ = small_tables(question, question_params(question, RUN), [frames[each] for each in given], AS_OF, to_frame)
    found = QUESTIONS[name](folder)
    assert set(found) == set(TABLES.get(name, small))
    assert not {key: text for key, each in found.items() if (text := difference(small[key], each[list(small[key].columns)].astype(small[key].dtypes)))}


def test_pandas_groups_many_owners_as_the_first_step_does():
    ids = [f"P{i:04d}" for i in range(250)] + [None]
    asked = to_frame(grouped_owners(ibis.memtable(pd.DataFrame({"owner_id": ids})), CycleParams().owners_max))
    assert owner_groups(pd.Series(ids)) == asked.set_index("member_id")["owner_group"].to_dict()
    assert asked["owner_group"].nunique() == CycleParams().owners_max
