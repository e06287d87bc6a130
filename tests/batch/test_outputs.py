"""What a cell puts out is kept within bounds; the notebook is at hand when it is done, and when it breaks."""

from contextlib import nullcontext
from datetime import timedelta

import papermill
import pytest
from nbclient.exceptions import CellTimeoutError

from tests.batch.notebook_for_tests import code, notebook
from workbook.batch import notebooks, outputs
from workbook.batch.outputs import ENGINE, MOST_SHOWN, SAVE_SECONDS, BoundedClient, bounded_data, bounded_text, register
from workbook.batch.worker import late


@pytest.mark.parametrize(("text", "room", "kept"), [("abc", 3, "abc"), ("abcd", 3, "abc\n["), ("abc", 0, "\n["), ("abc", -5, "\n["), ("", 0, "")])
def test_text_is_cut_and_says_so(text, room, kept):
    cut = bounded_text(text, room)
    assert cut.startswith(kept) and (cut == text) == (len(text) <= max(room, 0) and room >= 0)
    assert cut == text or "too large to keep" in cut


def test_of_what_is_shown_only_the_large_forms_go():
    large = "x" * (MOST_SHOWN + 1)
    small = {"text/html": "<p>", "text/plain": "p", "application/json": {"a": 1}}
    assert bounded_data(small) == small
    assert bounded_data({"image/png": large, "text/plain": "a chart"}) == {"text/plain": "a chart"}
    assert "too large to keep" in bounded_data({"image/png": large})["text/plain"]


def test_a_cell_whose_output_does_not_arrive_completely_is_told(tmp_path, monkeypatch):
    source = tmp_path / "in.ipynb"
    silent = "kernel = get_ipython().kernel; kernel._publish_status = lambda *_: None"
    notebooks.write(notebook(code("print(1)"), code(silent)), source)
    monkeypatch.setattr(outputs, "OUTPUT_SECONDS", 1)
    register()
    run = {"engine_name": ENGINE, "kernel_name": "python3", "language": "python", "progress_bar": False}
    with pytest.raises(CellTimeoutError) as error:
        papermill.execute_notebook(str(source), None, output=tmp_path / "out.ipynb", begun=[], **run)
    assert late(str(error.value), 600) == "what a cell put out did not arrive completely; the machine may be overloaded"
    assert late("A cell timed out", 600) == "a cell ran longer than 600 seconds"


class Broken(BaseException):
    """Whatever ends an execution before the notebook has."""


@pytest.mark.parametrize("error", [None, Broken("in the middle")])
def test_a_notebook_is_at_hand_however_it_ends_and_is_written_now_and_then(error, tmp_path, monkeypatch):
    source, target, written, begun = tmp_path / "in.ipynb", tmp_path / "out.ipynb", [], []
    notebooks.write(notebook(code("1"), code("2"), code("3")), source)

    def execute(client):
        for index, cell in enumerate(client.nb.cells):
            client.nb_man.cell_start(cell, index)
            cell.outputs = [notebooks.node({"output_type": "stream", "name": "stdout", "text": f"{index}"})]
            if index == 1:
                client.nb_man.last_save_time -= timedelta(seconds=SAVE_SECONDS)
            client.nb_man.cell_complete(cell, index)
            written.append([cell.outputs[0].text for cell in notebooks.read(target).cells if cell.outputs] if target.exists() else None)
            if error and index == 1:
                raise error
        return client.nb

    monkeypatch.setattr(BoundedClient, "execute", execute)
    register()
    run = {"engine_name": ENGINE, "kernel_name": "python3", "language": "python", "progress_bar": False, "output": target, "begun": begun}
    with pytest.raises(Broken) if error else nullcontext():
        papermill.execute_notebook(str(source), None, **run)
    assert [cell.outputs[0].text for cell in begun[0].cells if cell.outputs] == ["0", "1", "2"][: 2 if error else 3]
    assert written == [None, ["0", "1"], ["0", "1"]][: 2 if error else 3]
