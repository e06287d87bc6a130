"""Our own rule of success: no exception, and a reply to every code cell."""

import pytest

from tests.batch.notebook_for_tests import code, markdown, notebook
from workbook.batch.worker import INSERTED, judge, told, without_machine

REPLIED = {"execution": {"shell.execute_reply": "2026-01-01T00:00:00Z"}, "papermill": {"exception": None, "status": "completed"}}
BROKEN = {"output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": []}
EXITED = {"output_type": "error", "ename": "SystemExit", "evalue": "0", "traceback": []}


def answered(source="x = 1", **more):
    return code(source, metadata=dict(REPLIED), **more)


@pytest.mark.parametrize(
    ("last", "cause", "status", "cell"),
    [
        (answered(), "", "succeeded", None),
        (code("  \n"), "", "succeeded", None),
        (code("x = 1", metadata={"papermill": {"status": "completed", "exception": None}}), "", "failed", 3),
        (answered(outputs=[BROKEN]), "", "failed", 3),
        (answered(outputs=[EXITED]), "", "failed", 3),
        (answered(), "the kernel died", "failed", None),
    ],
    ids=["answered", "empty-cell", "no-reply", "exception", "sys-exit-0", "told-by-papermill"],
)
def test_judging(last, cause, status, cell):
    record = judge("data", notebook(markdown("# A"), answered(), last), cause)
    assert record.status == status
    assert (record.failing_cell.number if record.failing_cell else None) == cell
    assert bool(record.cause) == (status == "failed") == (record.failure is not None)


@pytest.mark.parametrize(
    ("last", "failure", "kind"),
    [
        (code("x = 1"), None, "kernel_died"),
        (code("x = 1"), "kernel_died", "kernel_died"),
        (answered(outputs=[BROKEN]), "cell", "cell"),
        (answered(outputs=[BROKEN]), "cell_time_out", "cell_time_out"),
        (answered(outputs=[EXITED]), None, "cell"),
    ],
)
def test_the_kind_of_failure(last, failure, kind):
    assert judge("data", notebook(answered(), last), "told" if failure else "", failure).failure == kind


def test_the_first_failing_cell_is_told_with_error_and_source():
    long = "\n".join(f"line_{n} = {n}" for n in range(20))
    record = judge("data", notebook(answered(), answered(long, outputs=[BROKEN]), code("later")), "")
    assert record.failing_cell.number == 2 and (record.failing_cell.error, record.failing_cell.message) == ("ValueError", "no")
    assert record.failing_cell.source.splitlines()[0] == "line_0 = 0" and len(record.failing_cell.source.splitlines()) == 6


def test_no_notebook_is_a_failure():
    assert (judge("data", None, "").status, judge("data", None, "").failure) == ("failed", "start")


def test_nothing_of_the_machine_stays():
    made = notebook(answered("x"), markdown("# A"))
    made.metadata["papermill"] = {"input_path": "/somewhere"}
    made.cells[0].metadata["tags"] = ["kept"]
    kept = without_machine(made)
    assert "papermill" not in kept.metadata
    assert dict(kept.cells[0].metadata) == {"tags": ["kept"]}


def test_inserted_cells_are_those_of_papermill():
    from papermill.execute import ERROR_MARKER_TAG

    assert {"injected-parameters", ERROR_MARKER_TAG} == INSERTED


def test_an_error_is_told_by_name_and_message():
    assert told("ValueError", "no such column") == "ValueError: no such column"
    assert told("KeyboardInterrupt", "") == "KeyboardInterrupt"
    assert "could not say why" in told("", "") and told("", "") == told("CellExecutionError", "")


@pytest.mark.parametrize(
    ("name", "message", "end"),
    [("MemoryError", "", "(MemoryError)"), ("_ArrayMemoryError", "Unable to allocate 8.00 GiB", "(_ArrayMemoryError: Unable to allocate 8.00 GiB)"), ("ArrowMemoryError", "malloc of size 64 failed", "64 failed)")],
)
def test_too_little_memory_for_a_process_is_told_with_what_to_do(name, message, end):
    text = told(name, message)
    assert "more memory" in text and "--jobs" in text and text.endswith(end)
    assert judge("data", notebook(answered(), answered(outputs=[BROKEN | {"ename": name, "evalue": "bad"}])), "").cause == told(name, "bad")


def test_too_little_memory_for_a_query_is_told_with_what_to_do_and_without_the_engine_s_own_advice():
    text = told("OutOfMemoryException", "Out of Memory Error: could not allocate (57 MiB used)\n\nPossible solutions:\n* SET memory_limit")
    assert "memory_limit" in text and "(57 MiB used)" in text and "SET" not in text
