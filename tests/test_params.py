"""Settings: typed, frozen, and a typo is answered with the nearest valid name."""

from datetime import date

import pytest

from workbook.errors import ParamsError
from workbook.params import load_params, reveal


def write(tmp_path, text, name="run.yaml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_defaults_and_name_from_the_file(tmp_path):
    params = load_params(write(tmp_path, "as_of: 2026-09-30\n"))
    assert (params.name, params.as_of, params.confidence) == ("run", date(2026, 9, 30), 0.95)


def test_an_empty_file_is_all_defaults(tmp_path):
    assert load_params(write(tmp_path, "")).language == "en"


def test_paths_are_relative_to_the_file(tmp_path):
    assert load_params(write(tmp_path, "data: crm\n")).data == tmp_path / "crm"


def test_overrides_win_and_none_does_not_count(tmp_path):
    path = write(tmp_path, "language: en\nas_of: 2026-01-01\n")
    params = load_params(path, language="de", as_of=None)
    assert (params.language, params.as_of) == ("de", date(2026, 1, 1))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("curency: EUR", "did you mean currency"),
        ("sources:\n  - file: [a.csv]", "did you mean files"),
        ("company:\n  nam: X", "did you mean name"),
        ("as_of: yesterday", "as_of"),
        ("confidence: 2", "confidence"),
        ("- a\n- b", "holds no keys"),
        ("a: [1", "not valid YAML"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_guessed(tmp_path, text, said):
    with pytest.raises(ParamsError) as caught:
        load_params(write(tmp_path, text))
    assert said in str(caught.value.what)
    assert caught.value.status == 2
    assert caught.value.mend


def test_a_path_that_is_not_utf_8_is_refused(tmp_path):
    with pytest.raises(ParamsError, match="not in UTF-8") as caught:
        load_params(write(tmp_path, ""), data=tmp_path / "Gesch\udcfcfte")
    assert "Gesch\\udcfcfte" in str(caught.value) and caught.value.mend


def test_a_missing_file(tmp_path):
    with pytest.raises(ParamsError, match="no settings file"):
        load_params(tmp_path / "none.yaml")


def test_params_are_frozen(tmp_path):
    from pydantic import ValidationError

    with pytest.raises(ValidationError):
        load_params(write(tmp_path, "")).seed = 1


def test_secrets_come_from_the_environment_only(monkeypatch):
    monkeypatch.setenv("CRM_PASSWORD", "s3")
    assert reveal("postgres://u:${CRM_PASSWORD}@h/db") == "postgres://u:s3@h/db"
    monkeypatch.delenv("CRM_PASSWORD")
    with pytest.raises(ParamsError, match="CRM_PASSWORD"):
        reveal("${CRM_PASSWORD}")


@pytest.mark.parametrize("axis", ["al", "{atleast: 3}", "{at_least: 0}", "[]", "3", ""])
def test_a_column_of_a_matrix_says_in_one_sentence_what_it_may_be(tmp_path, axis):
    path = tmp_path / "run.yaml"
    path.write_text(f"matrix:\n  region: {axis}\n", encoding="utf-8")
    with pytest.raises(ParamsError) as caught:
        load_params(path)
    assert str(caught.value.what).startswith("matrix.region: ") and "write all, a list of values, or {at_least: N}" in str(caught.value.what)


def test_a_matrix_takes_values_as_they_are_written(tmp_path):
    path = tmp_path / "run.yaml"
    path.write_text("matrix:\n  region: [DACH, 7]\n  segment: all\n  accounts.country: {at_least: 30}\npart: {cohort: 2024}\n", encoding="utf-8")
    params = load_params(path)
    assert params.matrix["region"] == ("DACH", "7") and params.matrix["segment"] == "all" and params.matrix["accounts.country"].at_least == 30
    assert params.part == {"cohort": "2024"} and params.title.endswith("– 2024")
