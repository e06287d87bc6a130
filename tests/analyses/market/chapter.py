"""Run a chapter's notebook cells in this process, sections with unmet needs left out, on imported data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat

from workbook import notebook as door
from workbook.analyses import NOTEBOOKS
from workbook.batch.needs import sections, unmet
from workbook.chapter import ChapterPlan
from workbook.results import ResultsFile
from workbook.sources.record import ImportRecord

ROOT = Path(__file__).resolve().parents[3]


def run_chapter(topic: str, params: Any, imported: tuple[Path, ImportRecord], monkeypatch: Any) -> tuple[ResultsFile, list[str], list[str]]:
    """Run and close. Returns the results, every text shown, and the titles of the sections left out."""
    frames, record = imported
    plan = ChapterPlan(topic=topic, params=params, frames_dir=frames, as_of=record.as_of, language=params.language)
    path = frames.parent / f"plan_{topic}.json"
    path.write_text(plan.model_dump_json(), encoding="utf-8")
    shown: list[str] = []
    monkeypatch.setattr(door.output, "publish", lambda bundle, metadata: shown.append(str(bundle.get("text/plain", ""))))
    book = nbformat.read(ROOT / "notebooks" / NOTEBOOKS[topic], as_version=4)
    lacking = [s for s in sections(book) if unmet(s.needs, record)]
    left_out = {i for s in lacking for i in s.cells}
    space: dict[str, Any] = {}
    for i, cell in enumerate(book.cells):
        if cell.cell_type == "code" and i not in left_out:
            exec(compile(cell.source.replace('settings = ""', f"settings = {str(path)!r}"), cell.id, "exec"), space)
    return space["run"].results(), shown, [s.title for s in lacking]
