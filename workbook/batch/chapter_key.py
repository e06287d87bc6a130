"""The key of a chapter: as long as it is the same, running the chapter again would give the same pages and results.

Two halves. What every chapter is told: the notebook as it will run, the sections left out, the general settings, the day, the
language, the package's source and the installed versions. And what this one looked at when it last ran, by its own notes
(`workbook.chapter`): frames, the account of the import, the settings of its questions. Nothing else reaches a closed chapter
(`closed`): as long as what it has looked at is the same it goes the same way, and what it looks at next is noted too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbook.chapter import IMPORT, SETTINGS
from workbook.params import RunParams
from workbook.results import SkippedRecord

if TYPE_CHECKING:
    from workbook.batch.plan import RunPlan

# Settings that a chapter meets only where it looks at them all: they say what to read (then the frames tell), how to watch a
# run, or what single questions are asked with.
_ELSEWHERE = {
    "analyses", "as_of", "cell_timeout_seconds", "chapters", "crm", "data", "exchange_rates", "mapping", "matrix", "rejected_lines_max_share",
    "run_timeout_seconds", "slow_frames", "sources", "stale_after_days", "templates",
}  # fmt: skip


def told_key(notebook: str, skipped: Iterable[SkippedRecord], params: RunParams, around: dict[str, str]) -> str:
    """Hash what a chapter is told. notebook: its text as it will run; around: day, source and versions, by name."""
    settings = params.model_dump(mode="json", exclude=_ELSEWHERE)
    return _hash([notebook, [entry.model_dump(mode="json") for entry in skipped], settings, around])


def chapter_key(told: str, notes: Iterable[str], plan: RunPlan) -> str:
    """Return the key of a chapter that was told `told` and looked at what its notes say, as things stand in this plan."""
    return _hash([told, {note: _state(note, plan) for note in notes}])


def _state(note: str, plan: RunPlan) -> Any:
    """Return what a noted thing is like now; a note that is not understood stands for everything."""
    kind, _, name = note.partition(" ")
    if kind == "frame" and name:
        return _frame_state(name, plan)
    if kind == SETTINGS:
        return plan.params.analyses.get(name, {}) if name else plan.params.model_dump(mode="json")
    return plan.imported.text() if note == IMPORT else plan.run_key


def _frame_state(frame: str, plan: RunPlan) -> list[Any]:
    """Return the hash of a frame's file and what the import says of it; both None where there is no such frame."""
    if frame not in plan.fingerprints:
        path = plan.frames_dir / f"{frame}.parquet"
        plan.fingerprints[frame] = _digest(path) if path.is_file() else None
    record = plan.imported.frames.get(frame)
    return [plan.fingerprints[frame], None if record is None else record.model_dump(mode="json")]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _hash(parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]
