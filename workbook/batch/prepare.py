"""The notebook as it will run: Markdown in the run's language, sections without data replaced by a notice."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import TYPE_CHECKING

from workbook.batch import notebooks
from workbook.batch.needs import Section, sections, skipped, unmet
from workbook.batch.notebooks import NotebookNode
from workbook.results import SkippedRecord
from workbook.text import t, translate

if TYPE_CHECKING:
    from workbook.sources import ImportRecord


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook without its outputs."""
    notebook = notebooks.read(path)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def translated(notebook: NotebookNode) -> NotebookNode:
    """Return a copy whose Markdown is in the current language."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = translate(cell.source.strip())
    return notebook


def prepare(notebook: NotebookNode, record: ImportRecord) -> tuple[NotebookNode, tuple[SkippedRecord, ...]]:
    """Return the notebook to run and the sections left out. Sections are found before translating: ids stay stable."""
    left_out: list[SkippedRecord] = []
    dropped: set[int] = set()
    notices: dict[int, str] = {}
    for section in sections(notebook):
        if lacking := unmet(section.needs, record):
            entry = skipped(section, lacking)
            left_out.append(entry)
            dropped.update(section.cells[1:])
            notices[section.cells[0]] = notice(entry)
    shown = translated(notebook)
    shown.cells = [cell for i, cell in enumerate(shown.cells) if i not in dropped or _closes(cell)]
    for position, text in sorted(notices.items(), reverse=True):
        at = position - sum(1 for i in dropped if i < position and not _closes(notebook.cells[i]))
        cell = notebooks.markdown(text, id=f"not-computed-{position}", tags=("not-computed",))
        shown.cells.insert(at + 1, cell)
    return shown, tuple(left_out)


def _closes(cell: NotebookNode) -> bool:
    """Tell whether a cell closes the chapter: it stays, whichever section it stands in."""
    return bool(cell.cell_type == "code" and cell.source.strip().endswith("run.close()"))


def notice(entry: SkippedRecord) -> str:
    """Return the notice that stands in a section's place; its words are ours, column names go in as code."""
    needs = ", ".join(f"`{need}`" for need in entry.needs)
    return t("*Not computed: the data lack {needs}.* To get it: {mend}.", needs=needs, mend=_plain(entry.mend))


def _plain(text: str) -> str:
    return re.sub(r"([*_<>\[\]`])", r"\\\1", text)


def title_of(notebook: NotebookNode) -> str:
    """Return the text of the first level-1 heading."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.lstrip().startswith("# "):
            return str(cell.source.strip().splitlines()[0].lstrip("# ").strip())
    return ""


__all__ = ["Section", "notice", "prepare", "read_notebook", "title_of", "translated"]
