"""Find the published cases, outside the repository: `WORKBOOK_SHARED` or `../shared` beside it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]


def folder() -> Path:
    """Folder with `expected/` and `data/`; may not exist."""
    shared = os.environ.get("WORKBOOK_SHARED")
    return (Path(shared) if shared else REPOSITORY.parent / "shared") / "reference" / "published"


def is_present() -> bool:
    """Tell whether there is anything to compare with."""
    return (folder() / "expected").is_dir()


def cases() -> dict[str, dict[str, Any]]:
    """All cases by name; empty if the folder is absent."""
    files = sorted((folder() / "expected").glob("*.json")) if is_present() else []
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in files}


def data(name: str) -> Path:
    """Path of one data file."""
    return folder() / "data" / name
