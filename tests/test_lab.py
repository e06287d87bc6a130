"""The working copy: the analyst's language and data, edits kept, originals left alone and brought back on request."""

import hashlib
from pathlib import Path

import pytest

from workbook.analyses import NOTEBOOKS
from workbook.batch import notebooks
from workbook.errors import ParamsError
from workbook.lab import prepare_copy, start_lab
from workbook.notebook import project_root


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBOOK_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def fingerprint():
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (project_root() / "notebooks").glob("*.ipynb")}


def test_a_copy_has_every_chapter_without_outputs(home):
    before = fingerprint()
    copy = prepare_copy("demo", None)
    assert home in copy.folder.parents and copy.settings == project_root() / "params" / "demo.yaml"
    assert sorted(path.name for path in copy.folder.glob("*.ipynb")) == sorted(NOTEBOOKS.values())
    for path in copy.folder.glob("*.ipynb"):
        assert all(not cell.get("outputs") for cell in notebooks.read(path).cells)
    assert fingerprint() == before


def test_edits_are_kept_until_reset_and_then_kept_aside(home):
    name = NOTEBOOKS["data"]
    path = prepare_copy("demo", "en").folder / name
    original = path.read_bytes()
    path.write_bytes(original.replace(b"# Data", b"# My data"))
    assert b"# My data" in (prepare_copy("demo", "en").folder / name).read_bytes()
    for n in (1, 2):
        assert (prepare_copy("demo", "en", reset=True).folder / name).read_bytes() == original
        assert len(list((home / "lab").iterdir())) == 1 + n
    aside = [folder for folder in (home / "lab").iterdir() if b"# My data" in (folder / name).read_bytes()]
    assert len(aside) == 1 and aside[0].name.startswith("demo-en-20")


def test_each_language_has_its_copy(home):
    assert prepare_copy("demo", "de").folder != prepare_copy("demo", "en").folder


def test_jupyter_is_told_settings_language_and_data(home, tmp_path, monkeypatch):
    told = {}

    def run(command, *, env, cwd, check):
        told.update(command=command, env=env, cwd=cwd)
        return type("Done", (), {"returncode": 0})

    monkeypatch.setattr("workbook.lab.subprocess.run", run)
    copy = prepare_copy(str(project_root() / "params" / "own_export.yaml"), "de", data=tmp_path)
    assert start_lab(copy, open_browser=False) == 0
    assert told["cwd"] == copy.folder and "--no-browser" in told["command"]
    assert told["env"]["WORKBOOK_SETTINGS"].endswith("own_export.yaml")
    assert (told["env"]["WORKBOOK_LANGUAGE"], told["env"]["WORKBOOK_DATA"]) == ("de", str(tmp_path))


def test_unknown_settings_are_refused(home):
    with pytest.raises(ParamsError, match="demmo"):
        prepare_copy("demmo", None)
    assert not (Path(home) / "lab").exists()
