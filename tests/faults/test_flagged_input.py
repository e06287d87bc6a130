"""Odd input is flagged, the report is made, and every line is accounted for."""

import json

import pytest

from tests.faults.project import DEALS

HEADER, *ROWS = DEALS.splitlines()


def flags(project):
    run = json.loads((project.report / "latest.json").read_text(encoding="utf-8"))["run"]
    return (project.report / "runs" / run / "tables" / "data" / "flagged_rows.csv").read_text(encoding="utf-8")


def made(project, rows, header=HEADER, encoding="utf-8"):
    project.write("crm/opportunities.csv", "\n".join([header, *rows]) + "\n", encoding)
    answer = project.run()
    assert answer.status == 0, answer.text
    assert "Traceback" not in answer.text
    assert (project.report / "index.html").exists()
    return answer


def test_duplicate_ids(project):
    answer = made(project, [*ROWS, ROWS[0], ROWS[1].replace("101", "999")])
    assert "22 kept" not in answer.text
    assert "2 merged" in answer.text


def test_dates_after_the_export(project):
    future = ROWS[3].replace("2026-01-04", "2027-01-04").replace("2026-03-04", "2027-03-04")
    made(project, [*ROWS[:3], future, *ROWS[4:]])
    assert "003" in flags(project)


def test_stages_of_its_own(project):
    made(project, [*ROWS, "099,Deal,Firm 1,Zauberstufe,5,EUR,2026-02-01,2026-12-01"])


def test_a_formula_as_a_column(project):
    made(project, [f"{row},=1+1" for row in ROWS], HEADER + ",=cmd|' /C calc'!A0")
    run = project.report / "runs" / json.loads((project.report / "latest.json").read_text(encoding="utf-8"))["run"]
    for path in run.rglob("*.csv"):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert not any(cell.lstrip('"').startswith(("=cmd", "=1+1")) for cell in line.split(",")), path


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "{0} {x} {{", "Müller 🚀 & Söhne", "[a](javascript:x) **b**"])
def test_hostile_account_names(project, name):
    made(project, [row.replace("Firm 1", name) for row in ROWS])
    for path in project.report.rglob("*.html"):
        assert "<script" not in path.read_text(encoding="utf-8")


def test_mixed_currencies_without_rates(project):
    made(project, [row.replace("EUR", "USD") if n % 2 else row for n, row in enumerate(ROWS)])
