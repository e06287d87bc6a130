"""Chapters run side by side; what died without its own fault is tried once more, last and alone."""

import time

import pytest

from workbook.batch.processes import Running, Task, run_all
from workbook.batch.record import ChapterRecord


class Two:
    """An executor with room for two; whoever waits looks again at once."""

    def room(self):
        return 2

    def wait(self, running):
        time.sleep(0.005)


TWO = Two()


class Ended:
    """A process that has ended at once, having written its outcome."""

    pid, returncode = 0, 1

    def poll(self):
        return self.returncode


def outcomes(tmp_path, endings):
    """endings: topic → how its attempts end, in order. Returns the records in the order they came, and who was told again."""
    left = {topic: list(kinds) for topic, kinds in endings.items()}
    began, again, finished = [], [], []

    def begin(topic):
        def start(executor, own):
            assert own.is_dir()
            began.append(topic)
            kind = left[topic].pop(0)
            outcome = tmp_path / f"{topic}.json"
            outcome.unlink(missing_ok=True)
            if kind != "no outcome":
                record = ChapterRecord(topic=topic, status="failed" if kind else "succeeded", failure=kind, cause=kind or "")
                outcome.write_text(record.model_dump_json())
            return Running(topic, Ended(), outcome, tmp_path / f"{topic}.log", time.monotonic())

        return start

    tasks = (Task(topic, begin(topic), again.append, finished.append) for topic in endings)
    run_all(tasks, TWO, "workbook-test-", lambda names: None)
    return finished, again, began


@pytest.mark.parametrize("kind", ["cell", "cell_time_out"])
def test_what_would_fail_again_is_not_tried_again(tmp_path, kind):
    (record,), again, began = outcomes(tmp_path, {"data": [kind]})
    assert record.failure == kind and record.retries == [] and not again and began == ["data"]


@pytest.mark.parametrize(("kind", "told"), [("kernel_died", "kernel_died"), ("start", "start"), ("no outcome", "the chapter's process ended with status 1")])
def test_a_death_is_tried_once_more_last(tmp_path, kind, told):
    finished, again, began = outcomes(tmp_path, {"data": [kind, None], "market": [None], "competitors": [None]})
    assert began == ["data", "market", "competitors", "data"]
    (record,) = [record for record in finished if record.topic == "data"]
    assert record.status == "succeeded" and record.retries == [told] and [entry.cause for entry in again] == [told]
    assert all(other.retries == [] for other in finished if other is not record)


def test_dying_twice_is_a_failure_that_names_both(tmp_path):
    (record,), again, _ = outcomes(tmp_path, {"data": ["start", "kernel_died"]})
    assert (record.status, record.failure, record.retries) == ("failed", "kernel_died", ["start"]) and len(again) == 1


def test_a_retry_runs_alone(tmp_path):
    running = []

    class Slow(Ended):
        def __init__(self, topic, seconds):
            self.until, self.topic = time.monotonic() + seconds, topic

        def poll(self):
            return None if time.monotonic() < self.until else 1

    def begin(topic, endings):
        def start(executor, own):
            kind = endings.pop(0)
            (tmp_path / f"{topic}.json").write_text(ChapterRecord(topic=topic, status="failed" if kind else "succeeded", failure=kind).model_dump_json())
            return Running(topic, Slow(topic, 0.02 if topic == "data" else 0.3), tmp_path / f"{topic}.json", tmp_path / "log", time.monotonic())

        return start

    started = {"data": begin("data", ["kernel_died", None]), "market": begin("market", [None])}
    tasks = [Task(name, start, lambda record: None, lambda record: None) for name, start in started.items()]
    run_all(tasks, TWO, "workbook-test-", running.append)
    assert running.index(("data", "market")) < running.index(("market",)) < running.index(("data",), running.index(("market",)))


def test_a_task_is_taken_when_there_is_room_for_it(tmp_path):
    taken, ended = [], []

    def coming():
        for n in range(4):
            taken.append((n, len(ended)))
            outcome = tmp_path / f"{n}.json"
            outcome.write_text(ChapterRecord(topic=str(n), status="succeeded").model_dump_json())
            yield Task(str(n), lambda executor, own, n=n, outcome=outcome: Running(str(n), Ended(), outcome, tmp_path / "log", time.monotonic()), None, ended.append)

    run_all(coming(), TWO, "workbook-test-", lambda names: None)
    assert [before for _, before in taken] == [0, 0, 2, 2] and len(ended) == 4
