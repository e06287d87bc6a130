"""What one chapter is told before it runs, and what it notes of what it looks at.

The plan is written by the runner and read by the notebook's `open_run`. The notes go the other way: one line for each thing
outside the notebook that the chapter has looked at, written before it is handed out. A chapter whose notebook, settings,
code and noted things are the same would do the same again, step by step: what it looks at next depends on nothing else.

    frame <name>        a frame, or whether there is one
    import              the account of the import
    settings <topic>    the settings of a topic's questions
    settings            all settings
    plan                the plan itself, and with it everything
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from workbook.params import RunParams
from workbook.results import SkippedRecord

IMPORT, SETTINGS, PLAN = "import", "settings", "plan"
TEMPORARY_VARIABLE = "WORKBOOK_TEMPORARY"  # the run's temporary folder, for what a chapter has to put aside


def frame_note(frame: str) -> str:
    """Return the note that a frame was looked at."""
    return f"frame {frame}"


def settings_note(topic: str) -> str:
    """Return the note that the settings of a topic's questions were looked at."""
    return f"{SETTINGS} {topic}"


class ChapterPlan(BaseModel):
    """One chapter of one run: settings, data, language, and the sections left out with the reason.

    notes: the file for what the chapter looks at, None where nobody asks.
    """

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
    notes: Path | None = None
