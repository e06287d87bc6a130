"""A new question works as written, and nothing is overwritten."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from workbook.errors import OutputError, ParamsError
from workbook.scaffold import next_steps, write_question
from workbook.text.extract import messages_of_python


def test_the_template_answers_and_its_test_passes(tmp_path, monkeypatch):
    module, test = write_question("data", "deals_of_mine", tmp_path)
    for name, path in (("workbook.analyses.data.deals_of_mine", module), ("made_test", test)):
        spec = importlib.util.spec_from_file_location(name, path)
        loaded = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, name, loaded)
        if name != "made_test":
            monkeypatch.setattr("workbook.analyses.data.deals_of_mine", loaded, raising=False)
        spec.loader.exec_module(loaded)
    loaded.test_counted_by_hand()
    loaded.test_nothing_decided_is_refused([])
    loaded.test_the_order_of_rows_is_irrelevant()
    assert len(list(messages_of_python(module.read_text(encoding="utf-8")))) >= 3
    assert "@" not in module.read_text(encoding="utf-8").replace("@dataclass", "")


def test_it_is_as_clean_as_the_rest(tmp_path):
    paths = write_question("data", "deals_of_mine", tmp_path)
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run([sys.executable, "-m", "ruff", "check", "--config", f"{root}/pyproject.toml", *map(str, paths)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("topic", "name"), [("markt", "x"), ("market", "Big-Name"), ("market", "../x"), ("market", "")])
def test_wrong_names_are_refused(tmp_path, topic, name):
    with pytest.raises(ParamsError):
        write_question(topic, name, tmp_path)


def test_nothing_is_overwritten(tmp_path):
    write_question("market", "mine", tmp_path)
    with pytest.raises(OutputError, match="already"):
        write_question("market", "mine", tmp_path)


def test_what_is_left_names_the_notebook():
    assert any("01_market.ipynb" in str(step) for step in next_steps("market"))
