"""Run the data chapter's notebook cells in this process, sections with unmet needs left out, on imported data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat

from workbook import notebook as door
from workbook.batch.needs import sections, unmet
from workbook.chapter import ChapterPlan
from workbook.params import RunParams
from workbook.sources import import_frames
from workbook.sources.record import ImportRecord

ROOT = Path(__file__).resolve().parents[3]


def run_chapter(params: RunParams, folder: Path, monkeypatch: Any) -> tuple[Any, ImportRecord, list[str]]:
    """Import, run, close. Returns the results file, the import's record and every text that was shown."""
    frames = folder / "frames"
    frames.mkdir()
    record = import_frames(params, frames)
    plan = ChapterPlan(topic="data", params=params, frames_dir=frames, as_of=record.as_of, language=params.language)
    plan_path = folder / "plan.json"
    plan_path.write_text(plan.model_dump_json(), encoding="utf-8")
    shown: list[str] = []
    monkeypatch.setattr(door.output, "publish", lambda bundle, metadata: shown.append(str(bundle.get("text/plain", ""))))
    book = nbformat.read(ROOT / "notebooks" / "00_data.ipynb", as_version=4)
    left_out = {i for s in sections(book) if unmet(s.needs, record) for i in s.cells}
    space: dict[str, Any] = {}
    for i, cell in enumerate(book.cells):
        if cell.cell_type == "code" and i not in left_out:
            source = cell.source.replace('settings = ""', f"settings = {str(plan_path)!r}")
            exec(compile(source, cell.id, "exec"), space)
    return space["run"].results(), record, shown
