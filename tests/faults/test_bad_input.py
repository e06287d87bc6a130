"""Bad input gets one clear message – what, where, how to mend – the documented status, and no half-written report."""

import json
import os
import sys

import pytest

from tests.faults.project import DEALS


def check(project, answer, status, *said):
    assert answer.status == status, answer.text
    for words in said:
        assert words.lower() in answer.text.lower(), answer.text
    assert "Traceback" not in answer.text
    assert "internal error" not in answer.text
    assert len(answer.err.strip().splitlines()) <= 12, answer.err
    assert not (project.report / "index.html").exists()
    assert not (project.report / "runs").exists()
    assert not list(project.report.glob(".staging-*"))


def test_a_missing_data_folder(project):
    check(project, project.run("--data", "nowhere"), 3, "nowhere")


def test_an_empty_data_folder(project):
    (project.folder / "empty").mkdir()
    check(project, project.run("--data", "empty"), 3, "empty")


def test_a_missing_file(project):
    project.write("params/run.yaml", "data: ../crm\nsources: [{files: [deals-*.csv]}]\nchapters: [data]\n")
    check(project, project.run(), 3, "deals-*.csv")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (DEALS.splitlines()[0].encode() + b"\n", "header"),
        (bytes(range(256)) * 40, "opportunities.csv"),
        (b"\x89PNG\r\n\x1a\n" + bytes(2000), "opportunities.csv"),
        (b"%PDF-1.4 x", "document (PDF)"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "document (PDF)"),
        (b"{\\rtf1\\ansi Deals}\nmore\n", "document (RTF)"),
    ],
    ids=["empty", "only-a-header", "binary", "picture", "a-small-pdf", "a-pdf", "a-word-document"],
)
def test_a_file_that_holds_no_deals(project, content, said):
    project.write("crm/opportunities.csv", content)
    check(project, project.run(), 3, said, "opportunities.csv")


def test_more_rejected_lines_than_allowed(project):
    rows = DEALS.splitlines()
    broken = [rows[0], *rows[1:11], *(f",,{n},,,,," for n in range(10))]
    project.write("crm/opportunities.csv", "\n".join(broken) + "\n")
    answer = project.run()
    check(project, answer, 3, "rejected")
    assert "rejected_lines_max_share" in answer.text


def test_nothing_that_we_recognise(project):
    project.write("crm/opportunities.csv", "colour,shape\nred,round\nblue,square\n")
    check(project, project.run(), 3, "colour")


def test_a_missing_settings_file(project):
    check(project, project.call("run", "params/none.yaml"), 2, "params/none.yaml")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("curency: EUR", "did you mean currency"),
        ("analyses: {dta: {}}", "did you mean"),
        ("analyses: {data: {win_rat: {}}}", "win_rate"),
        ("analyses: {data: {win_rate: {confidense: 0.9}}}", "confidence"),
        ("as_of: tomorrow", "as_of"),
    ],
)
def test_a_typo_in_the_settings(project, line, said):
    project.write("params/run.yaml", f"data: ../crm\nchapters: [data]\n{line}\n")
    check(project, project.run(), 2, said, "run.yaml")


def test_an_unknown_topic(project):
    check(project, project.run("--only", "markets"), 2, "market")


def test_an_unknown_language(project):
    check(project, project.run("--lang", "fr"), 2, "fr")


def test_an_output_folder_that_is_somebody_elses(project):
    project.write("reports/run/holiday.jpg", b"x")
    check(project, project.run(), 2, "holiday.jpg", "--out")
    assert (project.report / "holiday.jpg").read_bytes() == b"x"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other places")
@pytest.mark.parametrize(
    ("out", "status", "said"),
    [
        ("/dev/null", 2, "not a folder"),
        ("/dev/null/report", 5, "part of the path is a file"),
        ("/proc/report", 5, "no folder can be made"),
        ("round", 5, "back to itself"),
        ("round/report", 5, "back to itself"),
        ("x" * 300, 5, "too long"),
    ],
)
def test_a_place_where_no_report_can_be(project, out, status, said):
    (project.folder / "round").symlink_to("trip")
    (project.folder / "trip").symlink_to("round")
    check(project, project.run("--out", out), status, said, "--out")


@pytest.mark.skipif(sys.platform != "linux", reason="only here a file's name is any bytes")
def test_names_that_are_not_utf_8(project):
    odd = os.fsdecode(b"\xfc")
    check(project, project.run("--out", f"reports/{odd}"), 2, "not in utf-8", "--out")
    (project.folder / "crm" / "opportunities.csv").rename(project.folder / "crm" / f"deals {odd}.csv")
    project.write(f"crm/note {odd}.txt", "call again")
    answer = project.run("--json")
    assert answer.status == 0 and [file["name"] for file in json.loads(answer.out)["inputs"]] == ["deals \\udcfc.csv"], answer.text


def test_an_output_path_that_is_a_file(project):
    project.write("reports/run", b"x")
    answer = project.run()
    assert answer.status == 2, answer.text
    assert "Traceback" not in answer.text
