"""The notebooks' door: loads, answers, refuses kindly, and writes what the contract asks for."""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import ModuleType

import pandas as pd
import pytest

from workbook.chapter import ChapterPlan
from workbook.errors import NeedsError
from workbook.notebook import Run, question_params, to_frame
from workbook.params import Params, RunParams
from workbook.results import Headline, Result, read_results
from workbook.show import Col, table
from workbook.text import msg


def question(name="workbook.analyses.data.deals", counted=True):
    """A question module made on the spot: how many rows are there?"""
    module = ModuleType(name)

    class DealsParams(Params):
        confidence: float = 0.5
        minimum: int = 1

    DealsParams.__module__ = name

    @dataclass(frozen=True, slots=True, kw_only=True)
    class DealsResult(Result):
        counts: pd.DataFrame

    def aggregate(opportunities, params, *, as_of):
        return opportunities.group_by("status").agg(deals_count=opportunities.count())

    def analyse(small, params, *, as_of):
        n = int(small["deals_count"].sum())
        head = Headline(key="deals", kpi="deals", value=n, unit="count", n=n, level=params.confidence)
        return DealsResult(counts=small, headlines=(head,), finding=msg("{n} deals", n=n))

    module.SECTION = "D1"
    module.DealsParams = DealsParams
    module.analyse = analyse
    if counted:
        module.aggregate = aggregate
    return module


@pytest.fixture
def run(tmp_path, monkeypatch):
    shown = []
    monkeypatch.setattr("workbook.notebook.output.publish", lambda bundle, metadata: shown.append(bundle))
    frames = tmp_path / "frames"
    frames.mkdir()
    pd.DataFrame({"opportunity_id": ["1", "2", "3"], "status": ["won", "open", "won"]}).to_parquet(frames / "opportunities.parquet")
    plan = ChapterPlan(
        topic="data", params=RunParams(name="x"), frames_dir=frames, as_of=date(2026, 9, 30), output_dir=tmp_path / "out"
    )
    opened = Run(plan)
    opened.shown = shown
    frames_record = {"opportunities": type("F", (), {"present": ("opportunity_id", "status")})()}
    opened.__dict__["_imported"] = type("R", (), {"frames": frames_record})()
    return opened


def test_a_question_is_aggregated_analysed_and_kept(run):
    result = run.answer(question(), run.load("opportunities"))
    assert result.counts.to_dict("list") == {"status": ["open", "won"], "deals_count": [1, 2]}
    assert result.headlines[0].section == "D1"
    run.say(result)
    assert "3 deals" in run.shown[-1]["text/plain"]


def test_what_the_data_lack_is_said_and_not_guessed(run, tmp_path):
    run._plan = run._plan.model_copy(update={"notes": tmp_path / "notes"})
    with pytest.raises(NeedsError, match="leads"):
        run.load("leads")
    with pytest.raises(NeedsError, match=r"opportunities\.amount"):
        run.load("opportunities", "status", "amount")
    assert (tmp_path / "notes").read_text() == "frame leads\nframe opportunities\n", "what is missing was looked for"


def test_a_missing_frame_can_be_loaded_empty(run):
    assert to_frame(run.load_or_empty("leads")).empty


def test_close_writes_results_and_tables(run, tmp_path):
    run.answer(question(), run.load("opportunities"))
    data = pd.DataFrame({"account": ["=1+1", "b"], "n": [1, 2]})
    run.show(table("accounts", data, (Col("account", "Account"), Col("n", "Deals", "count")), "Deals by account"))
    run.close()
    results = read_results((tmp_path / "out/results/data.json").read_text(encoding="utf-8"))
    assert [h.key for h in results.headlines] == ["deals"]
    assert results.tables == {"accounts": "tables/data/accounts.csv"}
    assert results.table_titles == {"accounts": "Deals by account"}
    assert "'=1+1" in (tmp_path / "out/tables/data/accounts.csv").read_text(encoding="utf-8")


def test_the_same_key_twice_is_an_error(run):
    for _ in range(2):
        run.answer(question(), run.load("opportunities"))
    with pytest.raises(ValueError, match="deals"):
        run.results()


def test_settings_come_from_the_question_then_the_run_then_the_default():
    run_params = RunParams(confidence=0.9, analyses={"data": {"deals": {"minimum": 5}}})
    assert question_params(question(), run_params).model_dump() == {"confidence": 0.9, "minimum": 5}
    own = RunParams(analyses={"data": {"deals": {"confidence": 0.8}}})
    assert question_params(question(), own).confidence == 0.8


def test_hostile_names_are_escaped_when_shown(run):
    data = pd.DataFrame({"account": ["<script>alert(1)</script>"], "n": [1]})
    run.show(table("hostile", data, (Col("account", "<b>Account</b>"), Col("n", "Deals", "count")), "T"))
    html = "".join(bundle.get("text/html", "") for bundle in run.shown)
    assert "<script>" not in html
    assert "<b>Account" not in html
    assert "&lt;script&gt;" in html


def test_results_are_json_without_nan(run):
    assert "NaN" not in json.dumps(json.loads(run.results().text()))


def test_a_question_is_computed_once_for_opening_and_section(run, monkeypatch):
    asked = []
    made = question()
    plain = made.analyse
    made.analyse = lambda small, params, *, as_of: asked.append(1) or plain(small, params, as_of=as_of)
    first = run.ask(made, run.load("opportunities"))
    assert run.answer(made, run.load("opportunities")) is first and asked == [1]
    deals = run.load("opportunities")
    assert run.answer(made, deals.filter(deals.status == "won")) is not first and asked == [1, 1]


def test_what_two_questions_ask_for_is_fetched_once_and_neither_writes_on_the_other_s(run, monkeypatch):
    fetched = []
    monkeypatch.setattr("workbook.notebook.ask.to_frame", lambda expression: fetched.append(1) or to_frame(expression))
    first, second = question(), question("workbook.analyses.data.others")
    plain = first.analyse

    def spoil(small, params, *, as_of):
        small["deals_count"] = 0
        small.loc[0, "status"] = "spoilt"
        return plain(small, params, as_of=as_of)

    first.analyse = spoil
    assert run.ask(first, run.load("opportunities")).headlines[0].value == 0
    assert run.ask(second, run.load("opportunities")).headlines[0].value == 3 and fetched == [1]
    monkeypatch.setattr("workbook.notebook.ask.MOST_KEPT_ROWS", 1)
    deals = run.load("opportunities").filter(lambda table: table.status != "lost")
    assert run.ask(first, deals) and run.ask(second, deals) and fetched == [1, 1, 1]


def test_money_becomes_the_nearest_float_and_unknown_money_stays_unknown():
    import ibis
    import pyarrow as pa

    amounts = pa.array([Decimal("0.07"), Decimal("83121.43"), Decimal("-9007199254740.57"), None], pa.decimal128(18, 2))
    found = to_frame(ibis.memtable(pa.table({"place": [0, 1, 2, 3], "amount": amounts})))
    assert found["amount"].tolist()[:3] == [0.07, 83121.43, -9007199254740.57] and found["amount"].isna().tolist() == [False] * 3 + [True]


def test_the_questions_of_a_chapter_share_its_false_discovery_rate():
    from workbook.analyses import families, questions

    found = {name: question_params(module, RunParams()) for name, module in questions("data").items()}
    rates = [params.false_discovery_rate for params in found.values() if hasattr(params, "false_discovery_rate")]
    assert len(rates) == families("data") > 1 and sum(rates) == pytest.approx(RunParams().false_discovery_rate)


@pytest.mark.parametrize(
    ("look", "noted"),
    [
        (lambda run: run.load("opportunities"), ["frame opportunities"]),
        (lambda run: run.load_or_empty("leads"), ["frame leads"]),
        (lambda run: (run.has("leads"), run.has("leads")), ["frame leads"]),
        (lambda run: run.holds("opportunities.amount"), ["frame opportunities"]),
        (lambda run: run.imported, ["import"]),
        (lambda run: run.answer(question(), run.load("opportunities")), ["frame opportunities", "settings data"]),
        (lambda run: run.params, ["settings"]),
        (lambda run: run.plan, ["plan"]),
        (lambda run: (run.topic, run.as_of, run.company, repr(run), run.close()), None),
    ],
)
def test_a_chapter_notes_what_it_looks_at_before_it_has_it(run, tmp_path, look, noted):
    run._plan = run._plan.model_copy(update={"notes": tmp_path / "notes"})
    look(run)
    assert noted == ((tmp_path / "notes").read_text().splitlines() if noted else None)
