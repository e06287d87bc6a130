"""A run beside the last good one: answers, columns and newest records that got lost."""

from datetime import date

import pytest

from workbook.batch.decay import decay, stands_still
from workbook.batch.record import ChapterRecord, InputFile, RunRecord
from workbook.params import RunParams
from workbook.results import FindingRecord, ResultsFile, SkippedRecord

LEFT_OUT, REFUSED = "data: answered last time, left out now: ", "data: answered last time, refused now: "


def skip(section, title="a title"):
    return SkippedRecord(section=section, title=title, needs=["leads"], reason="needs leads")


def finding(question, refused):
    return FindingRecord(question=question, section="D1", text=f"about {question}", certainty="open", refused=refused)


def file(name, newest, frame="opportunities"):
    return InputFile(name=name, sha256="s", bytes=1, frame=frame, rows=3, newest_on=newest and date.fromisoformat(newest))


def made(folder, *skipped, findings=(), started="2026-11-02T06-00-00Z", topic="data", **record):
    chapter = ChapterRecord(topic=topic, status="succeeded", skipped=list(skipped))
    told = RunRecord(name="x", status="succeeded", started_at=started, chapters=[chapter], **record)
    (folder / "results").mkdir(parents=True)
    (folder / "run.json").write_text(told.text())
    (folder / "results" / f"{topic}.json").write_text(ResultsFile(topic=topic, as_of=date(2026, 1, 1), findings=list(findings)).text())
    return folder, told


def lines(before, after, params=None):
    return decay(before[0], *after, params or RunParams())


@pytest.mark.parametrize(
    ("then", "now", "lost"),
    [
        ([], [], []),
        ([], [skip("W2")], [f"{LEFT_OUT}a title"]),
        ([skip("W2")], [skip("W2", "anderer Titel")], []),
        ([skip("W2")], [], []),
        ([skip("W2")], [skip("W2"), skip("W3", "new")], [f"{LEFT_OUT}new"]),
        ([skip("", "one")], [skip("", "two")], [f"{LEFT_OUT}two"]),
    ],
)
def test_sections_answered_last_time_and_left_out_now(tmp_path, then, now, lost):
    assert lines(made(tmp_path / "a", *then), made(tmp_path / "b", *now)) == lost


def test_a_refusal_that_was_an_answer_is_a_loss(tmp_path):
    before = made(tmp_path / "a", findings=[finding("cycle", False), finding("velocity", True)])
    after = made(tmp_path / "b", findings=[finding("cycle", True), finding("velocity", True), finding("new", True)])
    assert lines(before, after) == [f"{REFUSED}about cycle"]


def test_a_chapter_is_compared_with_the_last_run_that_had_it(tmp_path):
    """In between only another chapter was made, twice; what a run before lacked already is old news."""
    runs = tmp_path / "runs"
    made(runs / "2026-01", findings=[finding("cycle", False), finding("velocity", False)])
    made(runs / "2026-02", skip("W2"), findings=[finding("cycle", False), finding("velocity", True)])
    made(runs / "2026-03", topic="market")
    last = made(runs / "2026-04", topic="market")
    (runs / "mine").mkdir()
    after = made(tmp_path / ".staging-2026-05", skip("W2"), skip("W3", "new"), findings=[finding("cycle", True), finding("velocity", True)])
    assert lines(last, after) == [f"{LEFT_OUT}new", f"{REFUSED}about cycle"]


def test_the_first_run_loses_nothing(tmp_path):
    after = made(tmp_path / "b", skip("W2"))
    assert decay(None, *after, RunParams()) == decay(tmp_path / "nowhere", *after, RunParams()) == []


def test_columns_and_frames_that_are_gone(tmp_path):
    before = made(tmp_path / "a", columns={"opportunities": ["status", "amount", "Own field"], "leads": ["lead_id"]})
    after = made(tmp_path / "b", columns={"opportunities": ["status", "product_id"], "accounts": ["name"]})
    assert lines(before, after) == ["opportunities: no longer any value in amount, Own field", "the data no longer hold leads"]
    assert lines(made(tmp_path / "c"), after) == [], "a record of an earlier version names no columns"


NEXT_WEEK = "2026-11-09T06-00-00Z"


@pytest.mark.parametrize(
    ("then", "now", "stale"),
    [
        ([file("a.csv", "2026-10-30")], [file("a.csv", "2026-10-30")], ["a.csv: no record newer than 30 Oct 2026, as last time"]),
        ([file("a.csv", "2026-10-30")], [file("a.csv", "2026-10-02")], ["a.csv: no record newer than 2 Oct 2026; last time it reached to 30 Oct 2026"]),
        ([file("a.csv", "2026-10-30")], [file("a.csv", "2026-11-06")], []),
        ([file("a.csv", None)], [file("a.csv", None)], []),
        ([file("m.csv", "2026-10-30", "market")], [file("m.csv", "2026-10-30", "market")], []),
        ([file("north.csv", "2026-10-30"), file("south.csv", "2026-10-29")], [file("north.csv", "2026-11-06"), file("south.csv", "2026-10-29")], ["south.csv: no record newer than 29 Oct 2026, as last time"]),
        ([file("Q3.csv", "2026-09-30"), file("Q4.csv", "2026-10-30")], [file("Q3.csv", "2026-09-30"), file("Q4.csv", "2026-11-06")], []),
        ([file("deals-1101.csv", "2026-10-30")], [file("deals-1108.csv", "2026-10-30")], ["deals-1108.csv: no record newer than 30 Oct 2026, as last time"]),
        ([file("deals-1101.csv", "2026-10-30")], [file("deals-1108.csv", "2026-11-06")], []),
        ([file("Q3.csv", "2026-09-30")], [file("Q3.csv", "2026-09-30"), file("Q4.csv", "2026-10-30")], []),
        ([], [file("new.csv", "2026-10-30")], []),
    ],
    ids=["same", "older", "newer", "no-dates", "slow-frame", "one-of-two", "history-beside", "date-in-name", "date-in-name-newer", "a-new-quarter", "new"],
)
def test_sources_without_a_newer_record(tmp_path, then, now, stale):
    before, after = made(tmp_path / "a", inputs=then), made(tmp_path / "b", inputs=now, started=NEXT_WEEK)
    assert lines(before, after) == stale


@pytest.mark.parametrize(
    ("started", "as_of", "settings", "is_told"),
    [
        (NEXT_WEEK, ("2026-11-01", "2026-11-01"), {}, True),
        ("2026-11-02T23-00-00Z", ("2026-11-01", "2026-11-01"), {}, False),
        ("2026-11-02T23-00-00Z", ("2026-11-01", "2026-11-08"), {}, True),
        (NEXT_WEEK, ("2026-11-01", "2026-11-01"), {"as_of": date(2026, 11, 1)}, False),
        (NEXT_WEEK, ("2026-11-01", "2026-11-08"), {"as_of": date(2026, 11, 8)}, True),
        (NEXT_WEEK, ("2026-11-01", "2026-11-01"), {"stale_after_days": 8}, False),
        (NEXT_WEEK, ("2026-11-01", "2026-11-01"), {"slow_frames": ("opportunities",)}, False),
        ("2020-01-01T00-00-00Z", ("2026-11-01", "2026-11-01"), {}, False),
    ],
    ids=["a-week-later", "the-same-day", "later-by-the-data", "a-day-that-is-set", "another-day-that-is-set", "not-yet", "slow", "clock-set-back"],
)
def test_when_a_source_should_have_grown(tmp_path, started, as_of, settings, is_told):
    source = [file("a.csv", "2026-10-30")]
    before = made(tmp_path / "a", inputs=source, as_of=as_of[0])
    after = made(tmp_path / "b", inputs=source, as_of=as_of[1], started=started)
    params = RunParams(**settings)
    assert bool(lines(before, after, params)) == is_told
    if as_of[0] == as_of[1]:
        assert stands_still(before[1], started, params) == is_told
