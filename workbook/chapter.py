"""What one chapter is told before it runs. Written by the runner, read by the notebook's `open_run`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from workbook.params import RunParams
from workbook.results import SkippedRecord


class ChapterPlan(BaseModel):
    """One chapter of one run: settings, data, language, and the sections left out with the reason."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    topic: str
    params: RunParams
    frames_dir: Path
    as_of: date
    output_dir: Path | None = None
    language: str = "en"
    run_key: str = ""
    chapter_key: str = ""
    data_hash: str = ""
    skipped: tuple[SkippedRecord, ...] = ()
