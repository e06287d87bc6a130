"""run.json holds what a result depends on, and no secret."""

import pytest

from workbook.batch.record import personal_files, public_parameters, versions
from workbook.params import RunParams, SourceParams


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("postgres://reader:hunter2@db.example/crm", "postgres://reader:***@db.example/crm"),
        ("postgres://reader:${CRM_PASSWORD}@db.example/crm", "postgres://reader:${CRM_PASSWORD}@db.example/crm"),
        ("duckdb:///crm.duckdb", "duckdb:///crm.duckdb"),
    ],
)
def test_passwords_are_not_kept(url, kept):
    shown = public_parameters(RunParams(sources=(SourceParams(database=url),)))
    assert shown["sources"][0]["database"] == kept


def test_paths_lose_the_machine(tmp_path):
    source = SourceParams(files=(str(tmp_path / "deals.csv"), "crm/*.csv"), mapping=str(tmp_path / "map.yaml"))
    shown = public_parameters(RunParams(data=tmp_path / "crm", mapping=tmp_path / "m.yaml", sources=(source,)))
    assert (shown["data"], shown["mapping"]) == ("crm", "m.yaml")
    assert shown["sources"][0]["files"] == ["deals.csv", "crm/*.csv"] and shown["sources"][0]["mapping"] == "map.yaml"
    assert str(tmp_path) not in str(shown)


def test_files_about_persons_are_named(tmp_path):
    for name in ("tables/data/rejected_lines.csv", "html/data.html"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert personal_files(tmp_path, RunParams()) == ["tables/data/rejected_lines.csv"]
    assert personal_files(tmp_path, RunParams(show_people=True)) == ["html/data.html", "tables/data/rejected_lines.csv"]


def test_versions_are_known():
    assert "absent" not in versions().values()
