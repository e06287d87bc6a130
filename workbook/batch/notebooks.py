"""Notebooks as files: the one place that imports nbformat, and keeps that light."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from workbook.batch.kernels.imports import without

# jsonschema builds a grammar of web addresses when it is imported, for a format that no notebook uses: 1.5 s each time.
with without("rfc3987_syntax", "isoduration"):
    import nbformat

NotebookNode: TypeAlias = nbformat.NotebookNode  # type: ignore[name-defined,valid-type,unused-ignore]


def read(path: Path) -> NotebookNode:
    """Read a notebook."""
    return nbformat.read(path, as_version=4)


def write(notebook: NotebookNode, path: Path) -> None:
    """Write a notebook."""
    path.write_text(text(notebook), encoding="utf-8", newline="\n")


def text(notebook: NotebookNode) -> str:
    """Return a notebook as it is written."""
    return str(nbformat.writes(notebook)) + "\n"


def markdown(source: str, *, id: str, tags: tuple[str, ...] = ()) -> NotebookNode:
    """Return a Markdown cell."""
    return nbformat.v4.new_markdown_cell(source, id=id, metadata={"tags": list(tags)})


def node(values: Mapping[str, Any]) -> NotebookNode:
    """Return a part of a notebook from plain values."""
    return nbformat.from_dict(values)
