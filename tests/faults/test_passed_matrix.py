"""A matrix on canonical Parquet, which passes through the import: what is unchanged is seen, what changed is found, what would be the same is taken over."""

import hashlib
import io
import json
import sys
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.faults.project import Project
from tests.faults.test_matrix import LINK_BACK, RATE, record, runs, statuses, timeless
from workbook.params import load_params
from workbook.sources.known import INDEX_NAME
from workbook.sources.passing.pass_through import pass_through

if sys.platform != "linux":
    pytest.skip("needs fork", allow_module_level=True)

SETTINGS = "data: ../crm\nas_of: 2026-09-30\nchapters: [data]\ncurrency: EUR\nmatrix:\n  accounts.country: all\n"
COUNTRIES = ("Austria", "France", "Germany")
FOLDERS = ["austria", "france", "germany"]


def parquet(**columns):
    """Return a Parquet file; money and days get their canonical types."""
    kinds = {"amount": pa.decimal128(18, 2), "created_on": pa.date32(), "closed_on": pa.date32()}
    buffer = io.BytesIO()
    pq.write_table(pa.table({name: pa.array(cells, kinds.get(name)) for name, cells in columns.items()}), buffer, compression="none", use_dictionary=False)
    return buffer.getvalue()


def deals(status=None):
    """Return sixty deals of nine companies in three countries; the last deals have no company. status: of the first deal."""
    n = range(60)
    ended = [("won", "lost", "won", "no_decision")[at % 4] for at in n]
    ended[0] = status or ended[0]
    return parquet(
        opportunity_id=[f"O{at:02d}" for at in n], status=ended, account_id=[f"A{at % 9}" if at < 57 else None for at in n], owner_id=[f"P{at % 4}" for at in n],
        created_on=[date(2026, 1, 1 + at % 28) for at in n], closed_on=[date(2026, 3, 1 + at % 28) for at in n], amount=[Decimal(100 + at) for at in n], currency=["EUR"] * 60,
    )  # fmt: skip


ACCOUNTS = parquet(account_id=[f"A{at}" for at in range(9)], name=[f"Firm {at}" for at in range(9)], country=[COUNTRIES[at % 3] for at in range(9)])


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A project with its first reports, for the tests to copy."""
    project = Project(tmp_path_factory.mktemp("project"))
    (project.folder / "crm" / "opportunities.csv").unlink()
    project.write("params/run.yaml", SETTINGS)
    project.notebook(RATE)
    project.write("crm/opportunities.parquet", deals())
    project.write("crm/accounts.parquet", ACCOUNTS)
    answer = project.run("--json")
    assert answer.status == 0, answer.text
    assert statuses(project.report / "latest") == dict.fromkeys(FOLDERS, "succeeded")
    return project


@pytest.fixture
def project(first, tmp_path):
    return first.copied(tmp_path / "project")


def summary(project, *words):
    answer = project.run("--json", *words)
    assert answer.status == 0, answer.text
    return json.loads(answer.out)


def wins(project):
    """Return the number of won deals that each report tells."""
    paths = {folder: project.report / "combinations" / folder / "latest" / "results" / "data.json" for folder in FOLDERS}
    heads = {folder: json.loads(path.read_text())["headlines"][0] for folder, path in paths.items()}
    return {folder: round(head["value"] * head["n"]) for folder, head in heads.items()}


def test_each_report_is_a_run_of_that_part(project):
    reports = record(project.report / "latest")
    assert [entry["deals"] for entry in reports["combinations"]] == [19, 19, 19] and reports["elsewhere"] == 3
    assert {file["name"] for file in reports["inputs"]} == {"accounts.parquet", "opportunities.parquet"}
    project.write("params/part.yaml", SETTINGS.replace("matrix:\n  accounts.country: all", "name: run\npart:\n  accounts.country: France"))
    answer = project.call("run", "params/part.yaml", "--out", "reports/part")
    assert answer.status == 0, answer.text
    alone, among = project.folder / "reports" / "part" / "latest", project.report / "combinations" / "france" / "latest"
    assert timeless(alone) == {name: LINK_BACK.sub("", page) for name, page in timeless(among).items()}
    assert json.loads((alone / "results" / "data.json").read_text())["headlines"][0]["n"] == 14, "of 19, five without a decision"


def test_these_data_pass(project, tmp_path):
    """None of them goes the way through text, which would raise `Unfit` here."""
    record = pass_through(load_params(project.folder / "params" / "run.yaml"), tmp_path / "passed")
    assert {name: held.rows for name, held in record.frames.items()} == {"accounts": 9, "opportunities": 60}


def test_what_changed_in_one_part_is_run_there_and_taken_over_elsewhere(project):
    """The first deal is of a company in Austria: France and Germany have the same frames as before."""
    before = runs(project)
    project.write("crm/opportunities.parquet", deals(status="lost"))
    assert not summary(project)["unchanged"]
    after = runs(project)
    assert all(after[folder] != before[folder] for folder in FOLDERS), "the data have another hash, so each report is made anew"
    chapters = {folder: record(project.report / "combinations" / folder / "latest")["chapters"][0] for folder in FOLDERS}
    assert {folder: chapter["status"] for folder, chapter in chapters.items()} == {"austria": "succeeded", "france": "taken_over", "germany": "taken_over"}
    assert chapters["france"]["taken_over_from"] == before["france"]
    taken = timeless(project.report / "combinations" / "france" / "latest")
    assert summary(project, "--force")["status"] == "succeeded"
    made = timeless(project.report / "combinations" / "france" / "latest")
    assert record(project.report / "combinations" / "france" / "latest")["chapters"][0]["status"] == "succeeded"
    assert taken["results/data.json"] == made["results/data.json"] and taken["notebooks/data.ipynb"] == made["notebooks/data.ipynb"]


def test_verifying_reads_what_looks_unchanged(project):
    """What is remembered of a file is taken for true while it looks the same, unless it is to be verified."""
    assert summary(project)["unchanged"] and summary(project, "--verify")["unchanged"]
    before = wins(project)
    path = project.write("crm/opportunities.parquet", deals(status="lost"))
    look = path.stat()
    index = project.folder / "home" / INDEX_NAME
    as_before = [look.st_size, look.st_mtime_ns, look.st_ctime_ns, look.st_ino, look.st_dev, hashlib.sha256(deals()).hexdigest()]
    index.write_text(json.dumps({str(path): as_before}))
    assert summary(project)["unchanged"] and wins(project) == before, "it looks like the file that was read"
    assert not summary(project, "--verify")["unchanged"]
    assert wins(project) == before | {"austria": before["austria"] - 1}
    assert summary(project)["unchanged"], "what was verified is remembered as it is"
