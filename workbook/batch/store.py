"""Execute the project's notebooks on the demo company and store their outputs, without what changes from run to run.

    python -m workbook.batch.store                  execute all and store
    python -m workbook.batch.store --strip FILE…    only strip volatile metadata (the pre-commit hook)
"""

from __future__ import annotations

import sys
from pathlib import Path

from workbook.batch import notebooks
from workbook.batch.notebooks import NotebookNode
from workbook.notebook import project_root

KEPT_CELL_METADATA = ("tags",)
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def strip(notebook: NotebookNode) -> NotebookNode:
    """Drop timestamps, versions and paths from a notebook's metadata; outputs and execution counts stay."""
    notebook.metadata = notebooks.node(METADATA)
    for cell in notebook.cells:
        cell.metadata = notebooks.node({key: cell.metadata[key] for key in KEPT_CELL_METADATA if key in cell.metadata})
    return notebook


def execute(path: Path) -> NotebookNode:
    """Execute a notebook where it stands. Raises nbclient's CellExecutionError."""
    from nbclient import NotebookClient

    notebook = notebooks.read(path)
    return NotebookClient(notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}).execute()


def main() -> int:
    """Execute and store, or strip."""
    arguments = sys.argv[1:]
    only_strip = "--strip" in arguments
    named = [Path(a) for a in arguments if a != "--strip"]
    paths = named or sorted((project_root() / "notebooks").glob("*.ipynb"))
    for path in paths:
        notebook = notebooks.read(path) if only_strip else execute(path)
        text = notebooks.text(strip(notebook))
        if text != path.read_text(encoding="utf-8"):
            path.write_text(text, encoding="utf-8", newline="\n")
            print(f"{path.name}: stored")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
