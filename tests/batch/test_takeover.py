"""Unchanged chapters are taken over, visibly; the report is the one that a fresh run makes; what was touched is run again."""

import json
from types import SimpleNamespace

import pytest

from tests.batch.test_end_to_end import files
from tests.faults.project import Project
from workbook.analyses import NOTEBOOKS
from workbook.batch.record import ChapterRecord
from workbook.batch.takeover import settle, strangers, take_over
from workbook.results import ResultsFile

SETTINGS = "data: ../crm\nas_of: 2026-09-30\nchapters: [data, market]\ncurrency: EUR\n"
WIN_RATE = "from workbook.analyses import data\nresult = run.answer(data.win_rate, run.load('opportunities'))\nrun.say(result)"
PRODUCTS = "product_id,name,family\nP1,Pump,Pumps\n"


def test_a_report_of_chapters_taken_over_is_the_report_of_a_fresh_run(tmp_path):
    project = Project(tmp_path)
    project.write("params/run.yaml", SETTINGS)
    project.write("crm/products.csv", PRODUCTS)
    project.notebook(WIN_RATE)

    def market(cell):
        project.notebook(cell, "run.load_or_empty('products')", file=NOTEBOOKS["market"])

    def run(*words, status=0):
        answer = project.run(*words)
        assert answer.status == status, answer.text
        folder = project.report / "runs" / json.loads((project.report / "latest.json").read_text())["run"]
        record = json.loads((folder / "run.json").read_text())
        return answer.out, folder, {chapter["topic"]: chapter for chapter in record["chapters"]}

    market("x = 1")
    _, first, chapters = run()
    assert [chapter["status"] for chapter in chapters.values()] == ["succeeded"] * 2
    assert chapters["data"]["looked_at"] == ["frame opportunities", "settings data"]
    assert chapters["market"]["looked_at"] == ["frame products"]

    (project.folder / "crm" / "products.csv").unlink()
    said, second, chapters = run(status=4)
    assert f"[1/2] data: unchanged, taken over from {first.name}" in said and "[2/2] market: done" in said
    assert (chapters["data"]["status"], chapters["data"]["taken_over_from"]) == ("taken_over", first.name)
    assert (chapters["market"]["status"], chapters["market"]["taken_over_from"]) == ("succeeded", None)
    page = (second / "index.html").read_text(encoding="utf-8")
    assert f"unchanged: taken over from the run {first.name}" in page and "The data no longer hold products" in page

    said, fresh, chapters = run("--force")
    assert "taken over" not in said and {chapter["status"] for chapter in chapters.values()} == {"succeeded"}
    taken, made = files(second), files(fresh)
    assert set(taken) == set(made)
    assert {name for name in made if made[name] != taken[name]} == {"run.json", "index.html", "report.html"}
    named = json.loads(taken["results/data.json"]), json.loads(taken["run.json"])
    assert named[0]["run_key"] == named[1]["run_key"] and named[0]["chapter_key"] == chapters["data"]["key"] != ""

    (fresh / "results" / "data.json").write_text("{")
    market("x = 2")
    said, mended, chapters = run()
    assert f"data is run again: its files in {fresh.name} are not as they were written" in said
    assert chapters["data"]["status"] == "succeeded" and files(mended)["notebooks/data.ipynb"] == made["notebooks/data.ipynb"]


RUNNER_MAKES_A_PAGE = ["workbook.batch.pages", "write_chapter_pages", "before", 1, "kill"]


def test_the_process_that_ran_a_chapter_makes_its_page_and_the_runner_those_of_what_is_taken_over(tmp_path):
    project = Project(tmp_path)
    project.write("params/run.yaml", SETTINGS.replace(", market", ""))
    project.write("crm/products.csv", PRODUCTS)
    project.notebook(WIN_RATE)
    answer = project.run(at=RUNNER_MAKES_A_PAGE)
    assert answer.status == 0, answer.text
    folder = (project.report / "latest").resolve()
    assert (folder / "html" / "data.html").is_file() and not (folder / ".work").exists()
    project.write("crm/products.csv", PRODUCTS + "P2,Valve,Valves\n")
    assert project.run(at=RUNNER_MAKES_A_PAGE).status == -9


JOB = SimpleNamespace(topic="data", told="t", frames=(), is_closed=True, has_nothing_to_compute=False)


def plan(run_key="r1"):
    return SimpleNamespace(run_key=run_key, imported=SimpleNamespace(data_hash="d"))


@pytest.fixture
def last(tmp_path):
    """A run in which the data chapter succeeded, and the chapter's record."""
    folder = tmp_path / "runs" / "then"
    for name, text in {
        "notebooks/data.ipynb": "{}",
        "results/data.json": ResultsFile(topic="data", as_of="2026-09-30").text(),
        "tables/data/deals.csv": "n\n1\n",
        "tables/data/rejected_lines.csv": "the import's, not the chapter's",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (tmp_path / "data.notes").write_text("plan\n")
    record = ChapterRecord(topic="data", status="succeeded", seconds=3.5, retries=["the kernel died"])
    settle(record, JOB, plan(), folder, tmp_path / "data.notes")
    assert record.key and record.content
    return SimpleNamespace(folder=folder, record=record, staging=tmp_path / "staging")


def test_what_is_taken_over_names_the_new_run(last):
    taken = take_over(last.record, JOB, plan("r2"), last.folder, last.staging)
    assert (taken.status, taken.taken_over_from, taken.seconds, taken.retries) == ("taken_over", "then", 0, [])
    assert json.loads((last.staging / "results" / "data.json").read_text())["run_key"] == "r2"
    assert set(files(last.staging)) == set(files(last.folder)) - {"tables/data/rejected_lines.csv"}
    assert json.loads((last.folder / "results" / "data.json").read_text())["run_key"] == "r1", "a published run stays as it is"
    again = take_over(taken, JOB, plan("r3"), last.staging, last.staging.with_name("later"))
    assert again.taken_over_from == "then", "the run that computed it, not the one in between"
    nothing = SimpleNamespace(**{**vars(JOB), "has_nothing_to_compute": True})
    assert take_over(last.record, nothing, plan(), last.folder, last.staging).status == "skipped"


@pytest.mark.parametrize(
    "tamper",
    [
        lambda folder: (folder / "results/data.json").write_text("{"),
        lambda folder: (folder / "results/data.json").write_bytes(b"\xff"),
        lambda folder: (folder / "results/data.json").unlink(),
        lambda folder: (folder / "notebooks/data.ipynb").unlink(),
        lambda folder: (folder / "tables/data/deals.csv").write_text("n\n2\n"),
        lambda folder: (folder / "tables/data/more.csv").write_text("n\n"),
    ],
)
def test_what_was_touched_is_not_taken_over(last, tamper):
    tamper(last.folder)
    assert take_over(last.record, JOB, plan(), last.folder, last.staging) is None
    assert not last.staging.exists()


def test_what_cannot_be_known_has_no_key(last, tmp_path):
    """A chapter that reads past the door; one that opened no run and has left no notes; one without readable results."""
    path = last.folder / "results" / "data.json"
    good, is_open = path.read_text(), SimpleNamespace(**{**vars(JOB), "is_closed": False})
    for job, notes, results in ((is_open, "data.notes", good), (JOB, "none", good), (JOB, "data.notes", "{")):
        path.write_text(results)
        record = ChapterRecord(topic="data", status="succeeded")
        settle(record, job, plan(), last.folder, tmp_path / notes)
        assert (record.key, record.content) == ("", "")


def test_a_file_of_no_chapter_is_noticed(last):
    assert strangers(last.folder, ["data"]) == []
    (last.folder / "notebooks" / "extra.csv").write_text("a cell wrote this beside its notebook")
    assert strangers(last.folder, ["data"]) == ["notebooks/extra.csv"]
