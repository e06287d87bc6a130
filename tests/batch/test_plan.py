"""Everything is checked before anything runs."""

import shutil
from pathlib import Path

import pytest

from tests.batch.notebook_for_tests import imported
from workbook.analyses import NOTEBOOKS
from workbook.batch.keys import code_hash, data_key, quick_key, run_key
from workbook.batch.plan import check_questions, check_settings, notebook_paths
from workbook.errors import ParamsError
from workbook.params import RunParams

NOTEBOOK_DIR = Path(__file__).resolve().parents[2] / "notebooks"


@pytest.mark.parametrize(("typo", "near"), [("markt", "market"), ("competitor", "competitors"), ("dat", "data")])
def test_an_unknown_topic_names_the_nearest(typo, near):
    with pytest.raises(ParamsError, match=f"did you mean {near}"):
        notebook_paths((typo,))


def test_topics_run_in_the_order_of_the_report_whatever_is_asked():
    assert list(notebook_paths(("market", "data"))) == ["data", "market"]


@pytest.mark.parametrize(
    ("analyses", "words"),
    [
        ({"dta": {}}, "did you mean data"),
        ({"data": {"win_rates": {}}}, "did you mean win_rate"),
        ({"data": {"win_rate": {"confidenc": 0.9}}}, "did you mean confidence"),
        ({"data": {"win_rate": {"confidence": "high"}}}, "confidence"),
    ],
)
def test_settings_of_questions(analyses, words):
    with pytest.raises(ParamsError, match=words) as caught:
        check_questions(RunParams(analyses=analyses), "run.yaml")
    assert "run.yaml" in caught.value.where


def test_good_settings_pass():
    check_questions(RunParams(analyses={"data": {"win_rate": {"confidence": 0.9}}}), "run.yaml")


@pytest.fixture
def small_project(tmp_path, monkeypatch):
    for name in ("notebooks", "params"):
        (tmp_path / name).mkdir()
    shutil.copy(NOTEBOOK_DIR / NOTEBOOKS["data"], tmp_path / "notebooks")
    (tmp_path / "crm").mkdir()
    (tmp_path / "crm" / "deals.csv").write_text("Deal ID,Stage\n1,Won\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WORKBOOK_HOME", str(tmp_path / "home"))
    return tmp_path


def test_absent_notebooks_are_named(small_project):
    with pytest.raises(ParamsError, match=NOTEBOOKS["market"]):
        notebook_paths(("market",))


def test_the_code_hash_sees_code_prose_pictures_and_tags_but_not_outputs(small_project):
    from workbook.batch import notebooks

    path = small_project / "notebooks" / NOTEBOOKS["data"]
    chapter = notebooks.read(path)
    seen = [code_hash()]
    for cell in chapter.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    notebooks.write(chapter, path)
    assert code_hash() == seen[0]
    changes = [lambda c: c.update(source=c.source + " "), lambda c: c.metadata.update(tags=["needs:leads"])]
    changes += [lambda c, picture=picture: c.update(attachments={"a.png": {"image/png": picture}}) for picture in ("aGk=", "aGo=")]
    for change in changes:
        change(next(cell for cell in chapter.cells[5:] if cell.cell_type == "markdown"))
        notebooks.write(chapter, path)
        seen.append(code_hash())
    assert len(set(seen)) == 5


def test_keys_change_with_what_they_depend_on(small_project):
    params = RunParams(data=small_project / "crm")
    record = imported(opportunities=("status",))
    keys = {run_key(params, record, "c", "files"), run_key(params, record, "other code", "files"), run_key(params, record, "c", "other files")}
    keys |= {run_key(params.model_copy(update=change), record, "c", "files") for change in ({"seed": 8}, {"language": "de"}, {"confidence": 0.9})}
    assert len(keys) == 6
    for how in ({"run_timeout_seconds": 60}, {"stale_after_days": 7}, {"slow_frames": ("invoices",)}):
        assert run_key(params.model_copy(update=how), record, "c", "files") in keys, "no result depends on how a run is watched"
    assert run_key(params.model_copy(update={"chapters": ("data",)}), record, "c", "files") in keys
    before = quick_key(params, "c", data_key(params))
    (small_project / "crm" / "deals.csv").write_text("Deal ID,Stage\n1,Lost\n")
    assert quick_key(params, "c", data_key(params)) != before


def test_a_slow_frame_that_is_none_names_the_nearest(small_project):
    with pytest.raises(ParamsError, match="did you mean invoices"):
        check_settings(RunParams(chapters=("data",), slow_frames=("invoice",)), "run.yaml")
