"""How a matrix's report folders are called: a combination keeps its own, whatever else comes and goes."""

import re

import pytest

from workbook.batch.folder import ReportFolder
from workbook.batch.folder_names import folder_names
from workbook.batch.record import CombinationRecord, RunRecord


def published(folder, name, **told):
    """Lay down a report that was published, as far as it tells whose it is."""
    run = folder.path / "runs" / name
    run.mkdir(parents=True)
    record = RunRecord(name="x", status="succeeded", started_at=name, **told)
    (run / "run.json").write_text(record.text())
    (folder.path / "index.html").write_text(f"<!-- run: {name} -->\n")


class History:
    """A report folder through exports with changing values."""

    def __init__(self, path):
        self.top, self.n = ReportFolder(path), 0

    def export(self, *values, column="region", is_finished=True):
        """Name and publish the reports of an export's values, and their overview unless the matrix was stopped before it."""
        self.n += 1
        parts = [{column: value} for value in values]
        names = folder_names(parts, self.top)
        assert len(set(names)) == len(names)
        for part, name in zip(parts, names, strict=True):
            published(self.top.combination(name), f"r{self.n}", parameters={"part": {"status": "won", **part}})
        entries = [CombinationRecord(part=part, folder=name, deals=1) for part, name in zip(parts, names, strict=True)]
        if is_finished:
            published(self.top, f"r{self.n}", combinations=entries)
        return dict(zip(values, names, strict=True))


@pytest.fixture
def history(tmp_path):
    return History(tmp_path / "report")


@pytest.mark.parametrize("is_finished", [True, False], ids=["overview", "stopped-before-the-overview"])
@pytest.mark.parametrize(("old", "new"), [("DACH", "Dach"), ("A/B", "A B"), ("Köln", "Koeln"), ("Nord", "NORD ")])
def test_a_value_keeps_its_folder_beside_one_that_is_written_alike(history, old, new, is_finished):
    first = history.export(old, "Nordics", is_finished=is_finished)
    assert re.fullmatch(r"[a-z-]+", first[old]) and first["Nordics"] == "nordics"
    for values in ([new, old, "Nordics"], [new], [old], [new, "Nordics"]):
        names = history.export(*values, is_finished=is_finished)
        assert names.get(old, first[old]) == first[old] and names.get("Nordics", "nordics") == "nordics"
        assert re.fullmatch(first[old] + r"-[0-9a-f]{6}", names.get(new, f"{first[old]}-000000"))


def test_two_new_ones_of_one_name_both_carry_a_hash_and_keep_it(history):
    both = history.export("Dach", "DACH")
    assert both == {"Dach": "dach-8baeba", "DACH": "dach-aa6773"}
    assert history.export("DACH") == {"DACH": "dach-aa6773"} and history.export("Dach") == {"Dach": "dach-8baeba"}


def test_the_same_value_of_another_column_is_another_report(history):
    names = [history.export("DACH", column=column)["DACH"] for column in ("region", "country", "sector", "region", "country")]
    assert names[0] == "dach" and len(set(names)) == 3 and names[3:] == names[:2]


@pytest.mark.parametrize("value", ["Con", "NUL", "aux", "prn", "COM1", "Lpt9"])
def test_names_of_devices_are_no_folders(history, value):
    assert re.fullmatch(value.lower() + r"-[0-9a-f]{6}", history.export(value)[value])


def test_a_device_s_name_that_was_given_stays(history):
    published(history.top.combination("aux"), "r0", parameters={"part": {"region": "AUX"}})
    assert history.export("AUX") == {"AUX": "aux"}
