"""Stored notebooks keep their outputs and lose what changes from run to run."""

from tests.batch.notebook_for_tests import code, markdown, notebook
from workbook.batch.store import METADATA, strip


def test_stripping_keeps_outputs_tags_and_counts():
    output = {"output_type": "stream", "name": "stdout", "text": "1\n"}
    made = notebook(markdown("# A", "needs:leads"), code("1", outputs=[output], metadata={"execution": {"x": "now"}, "tags": ["parameters"], "scrolled": True}))
    made.metadata["language_info"] = {"version": "3.99"}
    kept = strip(made)
    assert kept.metadata == METADATA
    assert kept.cells[0].metadata == {"tags": ["needs:leads"]} and kept.cells[1].metadata == {"tags": ["parameters"]}
    assert kept.cells[1].outputs[0].text == "1\n" and kept.cells[1].execution_count == 1
    assert strip(kept) == kept
