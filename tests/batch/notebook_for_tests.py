"""Small notebooks and import records, made by hand."""

from datetime import date

from workbook.batch import notebooks
from workbook.sources.record import FrameRecord, ImportRecord, Sentence


def markdown(source, *tags, id="m"):
    return notebooks.markdown(source, id=id, tags=tags)


def code(source, *, id="c", outputs=(), metadata=None):
    cell = {"cell_type": "code", "id": id, "source": source, "outputs": list(outputs), "execution_count": 1, "metadata": metadata or {}}
    return notebooks.node(cell)


def notebook(*cells):
    for n, cell in enumerate(cells):
        cell["id"] = f"cell-{n}"
    return notebooks.node({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def imported(**frames):
    """frames: name → the columns that hold values."""
    held = {name: FrameRecord(rows=3 if present else 0, present=list(present)) for name, present in frames.items()}
    return ImportRecord(data_hash="d", as_of=date(2026, 9, 30), as_of_reason=Sentence(id="x"), frames=held)


CHAPTER = notebook(
    markdown("# Competitors"),
    code('settings = ""'),
    markdown("## Who takes deals from us? (W2)", "needs:opportunities.competitor"),
    markdown("Before."),
    code("run.answer(1)"),
    markdown("After."),
    markdown("## Why do we lose? (W2, W3)", "needs:opportunities.loss_reason", "needs:leads"),
    code("run.answer(2)"),
    markdown("## What next?"),
    code("run.answer(3)"),
    code("run.close()"),
)
