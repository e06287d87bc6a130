"""The notebooks' one door: `run = open_run("market")`.

A notebook loads frames, asks questions, shows tables and figures, says the finding and closes. It runs alike in
JupyterLab, under bare papermill, under nbval and in a batch, from any working directory.
"""

from __future__ import annotations

import os
from pathlib import Path

from workbook.chapter import ChapterPlan
from workbook.notebook.ask import question_params, to_frame
from workbook.notebook.run import Run
from workbook.params import load_params, project_root
from workbook.text.catalogue import set_language

SETTINGS_VARIABLE = "WORKBOOK_SETTINGS"
LANGUAGE_VARIABLE = "WORKBOOK_LANGUAGE"
DATA_VARIABLE = "WORKBOOK_DATA"

__all__ = ["Run", "open_run", "project_root", "question_params", "to_frame"]


def open_run(topic: str, settings: str = "") -> Run:
    """Open a chapter. settings: a settings file, the name of one in params/, or a chapter plan; empty: the demo company.

    The environment variable WORKBOOK_SETTINGS stands in where `settings` is empty, WORKBOOK_LANGUAGE and WORKBOOK_DATA for
    the file's language and data folder (JupyterLab on own data).
    Raises `ParamsError` and `DataError`.
    """
    settings = settings or os.environ.get(SETTINGS_VARIABLE, "")
    if settings.endswith(".json"):
        plan = ChapterPlan.model_validate_json(Path(settings).read_text(encoding="utf-8"))
    else:
        plan = _interactive_plan(topic, settings or "demo")
    set_language(plan.language)
    return Run(plan)


def _interactive_plan(topic: str, settings: str) -> ChapterPlan:
    from workbook.sources.cache import cached_import

    path = Path(settings)
    if not path.suffix:
        path = project_root() / "params" / f"{settings}.yaml"
    params = load_params(path, language=os.environ.get(LANGUAGE_VARIABLE), data=os.environ.get(DATA_VARIABLE))
    folder, record = cached_import(params)
    return ChapterPlan(topic=topic, params=params, frames_dir=folder, as_of=record.as_of, language=params.language, data_hash=record.data_hash)
