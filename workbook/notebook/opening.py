"""The opening of a chapter: its answer in up to three sentences and one figure, before the evidence."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from workbook.analyses import Opening, opening
from workbook.notebook.output import say
from workbook.results import Result
from workbook.text import render, t

if TYPE_CHECKING:
    from workbook.notebook.run import Run
    from workbook.show import Chart

MOST_SENTENCES = 3


def open_chapter(run: Run) -> Chart | None:
    """Say the chapter's answer and return the figure that goes with it. What the data cannot answer makes room for the next."""
    topic = importlib.import_module(f"workbook.analyses.{run.topic}")
    answered: list[tuple[Opening, Result]] = []
    for entry in opening(run.topic):
        if len(answered) == MOST_SENTENCES or not all(run.holds(need) for need in entry.needs):
            continue
        result = run.ask(getattr(topic, entry.question), *(run.load_or_empty(frame) for frame in entry.frames), *entry.inputs())
        if result.refused is None and (result.brief or result.finding):
            answered.append((entry, result))
    for _, result in answered:
        say(render(result.brief or result.finding), f"opening {result.certainty}")
    if not answered:
        say(t("The data at hand answer none of the main questions of this chapter; what they lack is said below."), "opening open")
    charts = (getattr(topic.figures, entry.figure)(result) for entry, result in answered if entry.figure)
    return next((chart for chart in charts if chart is not None), None)
