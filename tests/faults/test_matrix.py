"""A matrix: a report for each combination, and whatever happens to one of them, the others and every last good one stand."""

import json
import re
import signal
import subprocess
import sys

import pytest

from tests.batch.test_end_to_end import HEAVY
from tests.faults.project import DEALS, Project, until
from workbook.batch.folder import ReportFolder

if sys.platform != "linux":
    pytest.skip("needs fork", allow_module_level=True)

MATRIX = "data: ../crm\nas_of: 2026-09-30\nchapters: [data]\ncurrency: EUR\nmatrix:\n  accounts.name: all\n"
RATE = "from workbook.analyses import data\nresult = run.answer(data.win_rate, run.load('opportunities'))\nrun.say(result)"
LINK_BACK = re.compile(r'<p class="back"><a href="([^"]+)"><span aria-hidden="true">←</span> All reports compared</a></p>\n')
RUN_NAME = re.compile(r"\d{4}-\d\d-\d\dT[\d-]+Z(-\d+)?")
FIRMS = ["firm-0", "firm-1", "firm-2"]


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A project with its first reports, for the tests to copy."""
    project = Project(tmp_path_factory.mktemp("project"))
    project.write("params/run.yaml", MATRIX)
    project.notebook(RATE)
    answer = project.run("--json")
    assert answer.status == 0, answer.text
    return project


@pytest.fixture(scope="module")
def made(first, tmp_path_factory):
    return first.copied(tmp_path_factory.mktemp("made") / "project")


@pytest.fixture
def reported(first, tmp_path):
    return first.copied(tmp_path / "project")


@pytest.fixture
def project(tmp_path):
    project = Project(tmp_path)
    project.write("params/run.yaml", MATRIX)
    project.notebook(RATE)
    return project


def record(folder):
    return json.loads((folder / "run.json").read_text(encoding="utf-8"))


def timeless(folder):
    """Return the files of a run but its record, without the names of runs."""
    paths = [path for path in folder.resolve().rglob("*") if path.is_file() and path.name != "run.json"]
    return {str(path.relative_to(folder.resolve())): RUN_NAME.sub("RUN", path.read_text(encoding="utf-8")) for path in paths}


def statuses(folder):
    return {entry["folder"]: entry["status"] for entry in record(folder)["combinations"]}


def runs(project):
    """Return the run that each combination's page names."""
    pages = sorted((project.report / "combinations").glob("*/index.html"))
    return {page.parent.name: re.search(r"<!-- run: (\S+) -->", page.read_text(encoding="utf-8"))[1] for page in pages}


def test_every_combination_has_its_report_and_the_overview_leads_there(made):
    overview = made.report / "index.html"
    assert statuses(made.report / "latest") == dict.fromkeys(FIRMS, "succeeded")
    links = re.findall(r'<th scope="row"><a href="([^"]+)"', overview.read_text(encoding="utf-8"))
    assert len(links) == 3 and all((made.report / link).is_file() for link in links)
    inside = re.findall(r'<th scope="row"><a href="([^"]+)"', (made.report / "latest" / "index.html").read_text(encoding="utf-8"))
    assert len(inside) == 3 and all(((made.report / "latest").resolve() / link).is_file() for link in inside)
    assert [entry["deals"] for entry in record(made.report / "latest")["combinations"]] == [7, 7, 6] and record(made.report / "latest")["elsewhere"] == 0


def test_an_unchanged_matrix_is_seen_at_once(made):
    before = runs(made)
    summary = json.loads(made.run("--json").out)
    assert summary["unchanged"] and summary["exit_status"] == 0 and runs(made) == before and not made.leftovers()


def test_an_unchanged_matrix_imports_nothing_heavy(made):
    fresh = [sys.executable, "-X", "importtime", "-m", "workbook.cli", "run", "params/run.yaml"]
    done = subprocess.run(fresh, cwd=made.folder, env=made.environment(), capture_output=True, text=True, check=True)
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "Nothing has changed" in done.stdout and "pydantic" in imported and imported & HEAVY == set()


def test_every_report_leads_back_to_the_overview(made):
    overview = (made.report / "index.html").resolve()
    for folder in ReportFolder(made.report).combinations():
        for page in (folder.path / "index.html", folder.latest() / "index.html"):
            (link,) = LINK_BACK.findall(page.read_text(encoding="utf-8"))
            assert (page.parent / link).resolve() == overview
        assert not LINK_BACK.search((folder.latest() / "report.html").read_text(encoding="utf-8")), "a mailed file leads nowhere"


def test_a_combination_is_a_run_of_that_part(made):
    """Byte for byte, but for the time and the link to the overview, which a report of its own has not."""
    made.write("params/part.yaml", MATRIX.replace("matrix:\n  accounts.name: all", "name: run\npart:\n  accounts.name: Firm 1"))
    answer = made.call("run", "params/part.yaml", "--out", "reports/part")
    assert answer.status == 0, answer.text
    alone, among = made.folder / "reports" / "part" / "latest", made.report / "combinations" / "firm-1" / "latest"
    assert timeless(alone) == {name: LINK_BACK.sub("", page) for name, page in timeless(among).items()} and LINK_BACK.search(timeless(among)["index.html"])
    assert json.loads((alone / "results" / "data.json").read_text())["headlines"][0]["n"] == 7


def test_a_report_that_fails_leaves_the_others_and_its_own_last_one(reported):
    before = runs(reported)
    reported.notebook(RATE + "\nassert run.company != 'Run – Firm 1', 'broken'")
    failed = reported.run("--json")
    summary = json.loads(failed.out)
    assert (failed.status, summary["status"]) == (1, "incomplete") and "Firm 1" in summary["cause"]
    assert statuses(reported.report / "latest") == {"firm-0": "succeeded", "firm-1": "failed", "firm-2": "succeeded"}
    after = runs(reported)
    assert after["firm-1"] == before["firm-1"] and after["firm-0"] != before["firm-0"]
    page = (reported.report / "index.html").read_text(encoding="utf-8")
    assert "chapters failed: data" in page and f"combinations/firm-1/runs/{before['firm-1']}/index.html" in page
    assert record(reported.report / "combinations" / "firm-1" / "failed" / after["firm-0"])["status"] == "failed"
    reported.notebook(RATE)
    again = reported.run("--json")
    assert again.status == 0, again.text
    assert statuses(reported.report / "latest") == dict.fromkeys(FIRMS, "succeeded") | {"firm-1": "unchanged"}, "its last report is of this notebook"


def test_a_report_that_another_run_is_making_is_left_to_it(made):
    """What that run has made so far stays where it is, and its lock is not its end."""
    before, folder = runs(made), ReportFolder(made.report / "combinations" / "firm-1")
    theirs = folder.path / ".staging-2026-01-01T00-00-00Z"
    with folder.locked():
        theirs.mkdir()
        (theirs / "run.json").write_text("{}")
        answer = made.run("--force", "--json")
        assert answer.status == 1 and (theirs / "run.json").is_file()
    assert statuses(made.report / "latest") == {"firm-0": "succeeded", "firm-1": "failed", "firm-2": "succeeded"}
    assert "another run is writing" in json.loads(answer.out)["combinations"][1]["cause"] and runs(made)["firm-1"] == before["firm-1"]
    assert made.run().status == 0 and not made.leftovers()


def test_nothing_is_published_where_no_report_could_be_made(made):
    page = (made.report / "index.html").read_bytes()
    made.notebook("raise ValueError('broken')")
    failed = made.run()
    made.notebook(RATE)
    assert failed.status == 1 and "no report of the matrix could be made" in failed.err and (made.report / "index.html").read_bytes() == page
    assert made.run().status == 0 and not made.leftovers()


def links(project):
    """Return where the overviews that there are lead to."""
    pages = [project.report / "index.html", *project.report.glob("runs/*/index.html")]
    return [page.parent / link for page in pages for link in re.findall(r'<th scope="row"><a href="([^"]+)"', page.read_text(encoding="utf-8"))]


KILLED = {
    "planning the second": ["workbook.batch.matrix", "plan_chapters", "before", 2],
    "after the first was published": ["workbook.batch.folder", "ReportFolder.publish", "after", 1],
    "writing the overview": ["workbook.batch.matrix", "write_overview", "before", 1],
}


@pytest.mark.parametrize("moment", KILLED)
def test_a_killed_matrix_leaves_every_last_good_report(made, moment):
    page, before = (made.report / "index.html").read_bytes(), set((made.report / "failed").glob("*"))
    killed = made.run("--force", "--keep", "1", at=[*KILLED[moment], "kill"])
    assert links(made) and all(link.is_file() for link in links(made)), "the overview that stands leads to reports that stand"
    assert killed.status == -9 and (made.report / "index.html").read_bytes() == page
    for name, run in runs(made).items():
        assert record(made.report / "combinations" / name / "runs" / run)["status"] == "succeeded"
    again = made.run()
    assert again.status == 0 and "Nothing has changed" not in again.err, again.text
    (dead,) = set((made.report / "failed").glob("*")) - before
    assert record(dead)["status"] == "interrupted"
    assert until(lambda: not made.leftovers(), 5), made.leftovers()
    assert not list((made.report / "combinations").glob("*/.staging-*"))


def test_an_interrupted_matrix_is_gone_on_with(reported):
    stopped = reported.run("--force", at=["workbook.batch.folder", "ReportFolder.publish", "after", 2, "kill"])
    assert stopped.status == -9
    at_stop = runs(reported)
    resumed = reported.run("--force", "--resume", "--json")
    assert resumed.status == 0, resumed.text
    found = statuses(reported.report / "latest")
    assert sorted(found.values()) == ["succeeded", "succeeded", "unchanged"], "the first was noted as finished, the second only published"
    (kept,) = [name for name, status in found.items() if status == "unchanged"]
    assert runs(reported)[kept] == at_stop[kept]


def test_resume_without_a_matrix_or_an_interruption(reported):
    assert "No interrupted matrix" in reported.run("--force", "--resume").out
    reported.write("params/run.yaml", MATRIX.split("matrix:")[0])
    refused = reported.run("--resume")
    assert refused.status == 2 and "--resume" in refused.err


def test_a_matrix_makes_again_what_is_gone_of_its_reports(reported):
    gone = reported.report / "combinations" / "firm-1" / "latest" / "html" / "data.html"
    gone.unlink()
    assert reported.run().status == 0 and gone.is_file()
    assert statuses(reported.report / "latest") == dict.fromkeys(FIRMS, "unchanged") | {"firm-1": "succeeded"}


def test_a_stopped_matrix_says_so_for_each_open_report(made):
    page = (made.report / "index.html").read_bytes()
    made.notebook(RATE + "\nimport time\ntime.sleep(60)")
    process = made.start("run", "params/run.yaml")
    assert until(lambda: any((made.report / "combinations").glob("*/.staging-*/notebooks")))
    process.send_signal(signal.SIGINT)
    process.communicate()
    made.notebook(RATE)
    assert process.returncode == 130 and (made.report / "index.html").read_bytes() == page
    newest = sorted((made.report / "failed").glob("*"))[-1]
    assert record(newest)["status"] == "interrupted" and "waiting" in statuses(newest).values()
    assert [path for path in (made.report / "combinations").glob("*/failed/*") if record(path)["status"] == "interrupted"]
    assert made.run().status == 0 and until(lambda: not made.leftovers(), 5)


def test_a_matrix_can_be_stopped_after_its_first_report_was_published(made):
    page, before = (made.report / "index.html").read_bytes(), runs(made)
    made.notebook(RATE + "\nimport time\ntime.sleep(60 if run.company == 'Run – Firm 2' else 0)")
    process = made.start("run", "params/run.yaml")
    assert until(lambda: runs(made)["firm-0"] != before["firm-0"])
    process.send_signal(signal.SIGTERM)
    process.communicate(30)
    made.notebook(RATE)
    assert process.returncode == 143 and (made.report / "index.html").read_bytes() == page
    assert made.run("--force").status == 0 and until(lambda: not made.leftovers(), 5)


def test_a_value_that_is_gone_is_told_as_worse(reported):
    deals = (reported.folder / "crm" / "opportunities.csv").read_text()
    reported.write("crm/opportunities.csv", deals.replace("Firm 2", "Firm 0"))
    before = (reported.report / "latest").resolve()
    answer = reported.run("--json")
    summary = json.loads(answer.out)
    assert answer.status == 4 and summary["degraded"] == ["Firm 2: had a report last time, and none now"]
    told = json.loads(reported.call("diff", before, reported.report, "--json").out)
    assert told["sections_lost"] == ["Firm 2"] and {change["topic"] for change in told["changes"]} == {"Firm 0, data"}
    assert "Firm 2: had a report last time" in (reported.report / "index.html").read_text(encoding="utf-8")


def test_a_value_written_alike_takes_nobody_s_folder(reported):
    deals = (reported.folder / "crm" / "opportunities.csv").read_text()
    reported.write("crm/opportunities.csv", deals + "0100,Deal 100,Firm Ω 0,Closed Won,500,EUR,2026-02-01,2026-03-01\n")
    answer = reported.run("--json")
    found = {", ".join(entry["part"].values()): entry["folder"] for entry in json.loads(answer.out)["combinations"]}
    assert found.pop("Firm Ω 0") not in FIRMS and sorted(found.values()) == FIRMS
    told = json.loads(reported.call("check", "params/run.yaml", "--json").out)
    assert "had a report last time" not in answer.text and {entry["folder"] for entry in told["combinations"]} > set(FIRMS)


def test_a_named_value_without_deals_fails_alone(project):
    project.write("params/run.yaml", MATRIX.replace("all", "[Firm 1, Frim 2]"))
    answer = project.run("--json")
    summary = json.loads(answer.out)
    assert answer.status == 1 and [entry["status"] for entry in summary["combinations"]] == ["succeeded", "failed"]
    assert "did you mean Firm 2" in summary["combinations"][1]["cause"]


def test_a_column_that_is_none_names_the_nearest(project):
    project.write("params/run.yaml", MATRIX.replace("accounts.name", "stag"))
    answer = project.run()
    assert answer.status == 2 and "did you mean stage" in answer.err and not project.report.exists()


def test_a_matrix_of_nothing_says_so(project):
    project.write("params/run.yaml", MATRIX.replace("all", "{at_least: 100}"))
    answer = project.run()
    assert answer.status == 2 and "no combination of its values has enough deals" in answer.err and not project.report.exists()


def test_keep_prunes_in_every_combination(reported):
    for _ in range(2):
        assert reported.run("--force", "--keep", "1").status == 0
    assert all(link.is_file() for link in links(reported))
    assert [len(list(path.iterdir())) for path in (reported.report / "combinations").glob("*/runs")] == [1, 1, 1]
    assert len(list((reported.report / "runs").iterdir())) == 1


def test_a_report_to_which_a_kept_overview_leads_is_kept(reported):
    """A matrix that was killed has left a newer report than the one that the older overview compares."""
    assert reported.run("--force", at=["workbook.batch.folder", "ReportFolder.publish", "after", 1, "kill"]).status == -9
    assert reported.run("--force", "--keep", "2").status == 0
    assert len(list((reported.report / "runs").iterdir())) == 2 and all(link.is_file() for link in links(reported))


def test_ten_thousand_chapters_are_planned_and_nothing_is_run(project):
    lines = "".join(f"00{n},Deal {n},Firm {n:05d} {n % 7}x,Closed Won,{100 + n},EUR,2026-01-01,2026-03-01\n" for n in range(10_000))
    project.write("crm/opportunities.csv", DEALS.splitlines(keepends=True)[0] + lines)
    answer = project.call("check", "params/run.yaml", "--json")
    told = json.loads(answer.out)
    assert answer.status == 0 and len(told["combinations"]) * len(told["chapters"]) == 10_000, answer.err
    assert len({entry["folder"] for entry in told["combinations"]}) == 10_000 and not project.report.exists()
