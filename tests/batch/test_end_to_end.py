"""A small run through the real command line: the report folder as designed, the same bytes twice, and in German."""

import json
import subprocess

import pytest

from tests.faults.project import Project
from workbook.batch import notebooks
from workbook.text import translate

HEAVY = {"pandas", "numpy", "scipy", "ibis", "duckdb", "pyarrow", "matplotlib", "nbformat", "papermill", "jupyter_client", "jinja2"}
TITLE = "# Data and starting position"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("project"), is_fresh=True)
    project.notebook(notebooks.markdown(TITLE, id="named"), "from workbook.analyses import data\nresult = run.answer(data.win_rate, run.load('opportunities'))\nrun.say(result)")
    return project


@pytest.fixture(scope="module")
def quick(project):
    """The same project, its commands forked where that can be: what a fresh interpreter shows, `twice` has shown."""
    return Project.of(project.folder)


@pytest.fixture(scope="module")
def twice(project):
    """Two forced runs in English."""
    summaries = [json.loads(project.run("--force", "--json").out) for _ in range(2)]
    assert [summary["exit_status"] for summary in summaries] == [0, 0]
    return [project.report / "runs" / summary["started_at"] for summary in summaries]


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_report_folder_is_as_designed(project, twice):
    top = {path.name for path in project.report.iterdir()}
    assert {"index.html", "latest.json", "runs"} <= top and top <= {"index.html", "latest", "latest.json", "runs", ".lock", ".workbook-report"}
    assert json.loads((project.report / "latest.json").read_text()) == {"run": twice[1].name}
    found = set(files(twice[1]))
    assert {"index.html", "report.html", "run.json", "html/data.html", "notebooks/data.ipynb", "results/data.json"} <= found
    assert all(name.split("/")[0] in ("index.html", "report.html", "run.json", "html", "notebooks", "results", "tables") for name in found)


def test_same_inputs_same_bytes(twice):
    first, second = (files(folder) for folder in twice)
    assert set(first) == set(second)
    told_apart = {name for name in first if first[name] != second[name]}
    assert told_apart <= {"run.json", "index.html", "report.html"}, "only the time of the run may differ"


def test_the_record_and_the_results_name_the_same_run(twice):
    record = json.loads((twice[0] / "run.json").read_text())
    results = json.loads((twice[0] / "results" / "data.json").read_text())
    assert record["run_key"] == results["run_key"] != "" and record["data_hash"] == results["data_hash"] != ""
    assert results["chapter_key"] and record["chapters"][0]["status"] == "succeeded"
    assert record["inputs"][0]["name"] == "opportunities.csv" and len(record["inputs"][0]["sha256"]) == 64
    (headline,) = [h for h in results["headlines"] if h["key"] == "win_rate"]
    assert (headline["value"], headline["n"]) == (pytest.approx(0.5), 20)


def test_seeing_that_nothing_has_changed_imports_nothing_heavy(project, twice):
    words = project.command("run", "params/run.yaml")
    told = [words[0], "-X", "importtime", *words[1:]]
    done = subprocess.run(told, cwd=project.folder, env=project.environment(), capture_output=True, text=True, check=True)
    assert "Nothing has changed" in done.stdout
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "pydantic" in imported and imported & HEAVY == set()


def test_diff_finds_no_difference_between_them(quick, twice):
    answer = quick.call("diff", twice[0], twice[1], "--json")
    assert answer.status == 0 and {"exit_status": 0, "changes": []}.items() <= json.loads(answer.out).items(), answer.text


def test_in_german_prose_and_findings_are_german(quick, twice):
    answer = quick.run("--lang", "de", "--out", "reports/german")
    assert answer.status == 0, answer.text
    page = (quick.folder / "reports" / "german" / "latest.json").read_text()
    folder = quick.folder / "reports" / "german" / "runs" / json.loads(page)["run"]
    german = translate(TITLE, "de")
    assert german != TITLE
    made = notebooks.read(folder / "notebooks" / "data.ipynb")
    assert german in [cell.source for cell in made.cells]
    html = (folder / "html" / "data.html").read_text(encoding="utf-8")
    assert 'lang="de"' in html and "50,0\N{NO-BREAK SPACE}%" in html and german.lstrip("# ") in html
    english = json.loads((twice[0] / "results" / "data.json").read_text())
    results = json.loads((folder / "results" / "data.json").read_text())
    assert results["findings"][0]["text"] != english["findings"][0]["text"]
    assert [(h["key"], h["value"]) for h in results["headlines"]] == [(h["key"], h["value"]) for h in english["headlines"]]
    assert results["run_key"] != english["run_key"]


def test_importing_writes_what_run_takes(quick):
    answer = quick.call("import", "--from", "crm/opportunities.csv", "--to", "mine")
    assert answer.status == 0 and answer.out.strip().splitlines()[-1] == "Next: workbook run mine/params.yaml", answer.text
    assert "20 kept" in answer.out
    settings = quick.folder / "mine" / "params.yaml"
    settings.write_text(settings.read_text(encoding="utf-8") + "\nchapters: [data]\n", encoding="utf-8")
    made = quick.call("run", "mine/params.yaml", "--out", "reports/mine")
    assert made.status == 0, made.text
    again = quick.call("import", "--from", "crm/opportunities.csv", "--to", "mine")
    assert again.status == 0 and "Your edits" in again.out


@pytest.mark.parametrize(("words", "status"), [(("--from", "none.csv", "--to", "x"), 3), (("--to", "x"), 2), (("--from", "crm/opportunities.csv", "--to", "x", "--crm", "sap"), 2)])
def test_importing_what_is_not_there(quick, words, status):
    answer = quick.call("import", *words)
    assert answer.status == status and "Traceback" not in answer.text, answer.text
