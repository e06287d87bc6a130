"""What of a report folder is a report's: by the marker in it, by the names of runs, by what an older report says of itself."""

from __future__ import annotations

import json
import re
from pathlib import Path

from workbook.batch.leftovers import RECORD_NAME

MARKER = ".workbook-report"
LOCK = ".lock"
COMBINATIONS = "combinations"
NAMES = {MARKER, LOCK, COMBINATIONS, "runs", "failed", "index.html", "latest", "latest.json"}
_NAMED = re.compile(rb"<!-- run: ([\w-]+) -->\s*$")
_RUN = re.compile(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ(-\d+)?")


def is_run_name(name: str) -> bool:
    """Tell whether a folder is called as runs are: nothing else in a report folder is ever moved or removed."""
    return _RUN.fullmatch(name) is not None


def named_by(page: Path) -> str:
    """Return the run that a management page names in its last line, empty where there is none."""
    try:
        with page.open("rb") as file:
            file.seek(max(0, page.stat().st_size - 200))
            found = _NAMED.search(file.read())
    except OSError:
        return ""
    return found[1].decode() if found else ""


def signed(page: str, run: str) -> str:
    """Return a management page with a last line that names the run."""
    return f"{page.rstrip()}\n<!-- run: {run} -->\n"


def strangers(folder: Path) -> list[str]:
    """Return what keeps a folder from being taken for a report's: none where it is marked, empty, or a report that lost its marker.

    A name alone says nothing: `index.html` and `runs` are anybody's.
    """
    if not folder.is_dir() or (folder / MARKER).exists():
        return []
    there = sorted(path.name for path in folder.iterdir() if path.name != LOCK)
    foreign = [name for name in there if name not in NAMES]
    return foreign or ([] if _is_report(folder) else there)


def _is_report(folder: Path) -> bool:
    """Tell whether a folder's page names one of its runs, all of which have records, and nothing lies among them."""
    runs = [path for kind in ("runs", "failed") if (folder / kind).is_dir() for path in (folder / kind).iterdir()]
    name = named_by(folder / "index.html")
    return (folder / "runs" / name) in runs and all(is_run_name(path.name) and _has_record(path) for path in runs)


def _has_record(run: Path) -> bool:
    try:
        record = json.loads((run / RECORD_NAME).read_text(encoding="utf-8"))
        return bool(record["started_at"] == run.name)
    except (OSError, ValueError, KeyError, TypeError):
        return False
