"""The command line: starts fast, speaks the reader's language, never shows a traceback."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from workbook import console
from workbook.batch.stop import Interrupted
from workbook.errors import DataError
from workbook.sources.record import ImportRecord, StageRecord, sentence
from workbook.telling import tell_import
from workbook.text import LANGUAGES, msg, use_language

ROOT = Path(__file__).resolve().parents[1]
HEAVY = ("pandas", "numpy", "ibis", "matplotlib", "nbformat", "pydantic", "babel.numbers")


def call(*words, cwd=ROOT, **environment):
    told = os.environ | {"PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", "COLUMNS": "120"} | environment
    done = subprocess.run([sys.executable, "-m", "workbook.cli", *words], cwd=cwd, env=told, capture_output=True, text=True, timeout=240, check=False)
    assert "Traceback" not in done.stdout + done.stderr
    return done


def test_help_imports_nothing_heavy():
    code = "import sys, workbook.cli; print([name for name in sys.argv[1].split(',') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code, ",".join(HEAVY)], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_names_every_command_and_status():
    out = call("--help").stdout
    for word in ("run", "check", "import", "lab", "demo", "list", "doctor", "diff", "new-analysis", "130", "143"):
        assert word in out


@pytest.mark.parametrize("words", [("run",), ("run", "--colour", "x"), ("fly",), ("run", "a.yaml", "--as-of", "tomorrow"), ("demo", "--to", "x", "--as", "sap")])
def test_wrong_usage_is_status_2(words):
    assert call(*words).returncode == 2


WRONG = {
    ("run", "a.yaml", "--jobs", "abc"): "--jobs", ("run", "a.yaml", "--keep", "-1"): "--keep", ("run", "a.yaml", "--as-of", "2026-13-01"): "2026-13-01",
    ("run", "a.yaml", "--executor", "foo"): "foo", ("run",): "PARAMS.yaml", ("fly",): "fly", ("--fly",): "--fly", ("run", "none.yaml"): "none.yaml",
    ("check", "none.yaml", "--lang", "xx"): "xx", ("diff", "a", "b", "--lang", "xx"): "xx", ("run", "none.yaml", "--scheduler", "tcp://x:1"): "none.yaml",
}  # fmt: skip


@pytest.mark.parametrize(("words", "named"), WRONG.items(), ids=map(" ".join, WRONG))
def test_wrong_usage_is_told_to_machines_once(words, named):
    done = call(*words, "--json")
    told = json.loads(done.stdout)
    assert told["exit_status"] == done.returncode == 2 and named in told["error"]["what"] and set(told["error"]) == {"what", "where", "mend"}
    assert named in done.stderr and not call(*words).stdout


def test_it_can_be_called_as_a_module():
    done = subprocess.run([sys.executable, "-m", "workbook", "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "python -m workbook" in done.stdout and "internal" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize(("raised", "status"), [("", 5), ("raise DataError(msg('no data'))", 3)], ids=["done", "a fault"])
def test_a_summary_that_cannot_be_kept_is_told(raised, status):
    code = f"""if True:
        from workbook import cli, console
        from workbook.errors import DataError
        from workbook.text import msg

        @cli.app.command("tell")
        def tell():
            with console.for_machines(True):
                {raised or "pass"}
            console.say_json({{"exit_status": 0}})

        cli.main()
    """
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([sys.executable, "-c", code, "tell"], cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == status and ("summary could not be written" in done.stderr) == (status == 5), done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a folder in use cannot be removed there")
@pytest.mark.parametrize("words", [("list",), ("run", "a.yaml"), ("run", "a.yaml", "--json"), ("demo", "--to", "x"), ("doctor",)], ids=" ".join)
def test_a_working_folder_that_is_gone_is_told(tmp_path, words):
    code = "import os, sys\nos.rmdir(os.getcwd())\nos.execv(sys.executable, [sys.executable, '-m', 'workbook.cli', *sys.argv[1:]])"
    told = os.environ | {"PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
    done = subprocess.run([sys.executable, "-c", code, *words], cwd=tmp_path, env=told, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "was started in cannot be found" in done.stderr and "internal error" not in done.stderr
    assert (json.loads(done.stdout)["exit_status"] == 2) if "--json" in words else not done.stdout


def test_the_environment_sets_the_language(tmp_path):
    german = call("run", "none.yaml", cwd=tmp_path, LC_ALL="de_DE.UTF-8")
    assert german.returncode == 2 and "none.yaml" in german.stderr


@pytest.mark.parametrize(
    ("variables", "language"),
    [({"LC_ALL": "de_AT.UTF-8"}, "de"), ({"LANG": "de_DE@euro"}, "de"), ({"LANG": "fr_FR"}, "en"), ({"LC_ALL": "C", "LANG": "de_DE"}, "en"), ({}, "en")],
)
def test_language_of_an_environment(monkeypatch, variables, language):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert console.environment_language() == language and language in LANGUAGES


@pytest.mark.parametrize(("raised", "told"), [(Interrupted(143), {"exit_status": 143, "status": "interrupted"}), (ValueError("no"), {"exit_status": 1, "error": {"what": "ValueError: no"}})])
def test_whatever_ends_a_command_is_told_to_machines(capsys, raised, told):
    with pytest.raises(type(raised)), console.for_machines(True):
        raise raised
    assert json.loads(capsys.readouterr().out) == told


def test_a_fault_is_told_to_machines_too(capsys):
    with pytest.raises(DataError), console.for_machines(True):
        raise DataError(msg("no data"), where="there", mend=msg("bring some"))
    assert json.loads(capsys.readouterr().out) == {"exit_status": 3, "error": {"what": "no data", "where": "there", "mend": "bring some"}}


@pytest.mark.parametrize(("where", "german"), [
    ("a/b.csv, line 12", "a/b.csv, Zeile 12"), ("x.csv, line 12345, column Betrag, netto", "x.csv, Zeile 12345, Spalte Betrag, netto"),
    ("folder", "folder"),
])
def test_a_place_in_a_file_is_told_in_the_language(where, german):
    error = DataError(msg("no data"), where=where)
    assert error.lines()[1] == where
    with use_language("de"):
        assert error.lines()[1] == german


@pytest.mark.parametrize(("status", "german"), [("won", "gewonnen"), ("lost", "verloren"), ("no_decision", "nicht entschieden"), ("open", "offen")])
def test_what_an_unknown_stage_counts_as_is_told_in_the_language(capsys, status, german):
    record = ImportRecord(data_hash="x", as_of=date(2026, 1, 1), as_of_reason=sentence(msg("set in the settings")),
                          stages=[StageRecord(stage="Tanz", status=status, count=4, is_known=False)])  # fmt: skip
    with use_language("de"):
        tell_import(SimpleNamespace(record=record, kept_edits=False, suggestions=None, templates=(), mapping="m.yaml", params="p.yaml"))
    assert f"„Tanz“ (4 Deals) ist unbekannt und zählt als {german}" in capsys.readouterr().out


def test_an_internal_error_is_kept_in_a_file(capsys):
    try:
        raise KeyError("secret corner")
    except KeyError:
        assert console.internal_error() == 1
    lines = capsys.readouterr().err.splitlines()
    assert "internal error" in lines[0] and not any("secret corner" in line for line in lines)
    log = Path(lines[1])
    assert "secret corner" in log.read_text(encoding="utf-8")
    log.unlink()


def test_list_and_doctor():
    listed = call("list").stdout
    assert "data: " in listed and "win_rate" in listed and "params/demo.yaml" in listed
    doctor = call("doctor")
    assert doctor.returncode == 0, doctor.stdout
    assert "locks: files can be locked" in doctor.stdout and "kernel" in doctor.stdout


def test_a_reader_who_goes_away_does_not_stop_a_run():
    code = "import os, sys\nfrom workbook.console import say\nos.close(1)\nsay('into the void')\nsys.stderr.write('still here')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr.startswith("still here")


@pytest.mark.skipif(sys.platform == "win32", reason="closes its streams as a shell does")
@pytest.mark.parametrize("closed", [(1,), (2,), (0, 1, 2)], ids=["output", "errors", "all"])
@pytest.mark.parametrize(("words", "status"), [(("list",), 0), (("diff", "a", "b"), 2), (("diff", "a", "b", "--json"), 2), (("run", "none.yaml", "--json"), 2), (("--help",), 0)])
def test_a_stream_that_is_closed_changes_nothing(tmp_path, closed, words, status):
    """A number that is free would go to the next file that is opened, and what is said would be written into that."""
    code = "import os, sys\nfor number in map(int, sys.argv[1].split(',')): os.close(number)\nos.execv(sys.executable, [sys.executable, '-m', 'workbook.cli', *sys.argv[2:]])"
    told = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code, ",".join(map(str, closed)), *words], cwd=ROOT, env=told, capture_output=True, text=True, check=False)
    assert (done.returncode, list(tmp_path.iterdir())) == (status, []), done.stdout + done.stderr
    assert 2 in closed or (not done.stderr if status == 0 else "internal error" not in done.stderr)


def test_on_a_terminal_a_bar_moves_and_lines_stay_as_they_are(capsys, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    with console.Speaker() as speaker:
        speaker.show(("market", "data"), 1, 5)
        speaker.say("[1/5] market: done [red]")
    assert "[1/5] market: done [red]" in capsys.readouterr().out


def test_plain_lines_elsewhere_and_nothing_for_machines(capsys):
    for is_quiet in (False, True):
        with console.Speaker(is_quiet=is_quiet) as speaker:
            speaker.show(("market",), 0, 5)
            speaker.say("one line")
    assert capsys.readouterr().out == "one line\n"
