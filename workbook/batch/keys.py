"""What a whole run depends on, as hashes; imports nothing heavy, so that an unchanged run is seen at once."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbook.batch.record import installed
from workbook.params import RunParams, project_root

if TYPE_CHECKING:
    from workbook.sources import ImportRecord

_HOW = ("run_timeout_seconds", "stale_after_days", "slow_frames")  # how a run is watched: no result depends on it
PACKAGE = Path(__file__).resolve().parents[1]


def run_key(params: RunParams, record: ImportRecord, code: str, files: str) -> str:
    """Name settings, data, date and language: equal in all chapters of a run. Folder names do not count. files: from `data_key`."""
    settings = params.model_dump(mode="json", exclude={"data", "mapping", "sources", "templates", "chapters", "matrix", *_HOW})
    data = [record.data_hash, files]
    parts: dict[str, Any] = {"settings": settings, "data": data, "as_of": str(record.as_of), "code": code}
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def package_hash() -> str:
    """Hash the package's source, its catalogues and templates."""
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:32]


def code_hash() -> str:
    """Hash the package and the notebooks' code, Markdown, pasted pictures and tags."""
    digest = hashlib.sha256(package_hash().encode())
    for path in sorted((project_root() / "notebooks").glob("*.ipynb")):
        digest.update(json.dumps([path.name, _cells(path.read_bytes())]).encode())
    return digest.hexdigest()[:32]


def _cells(notebook: bytes) -> Any:
    """Return the cells of a notebook without their outputs; all of it where that is not known how to do."""
    try:
        cells = json.loads(notebook)["cells"]
        return [[cell["cell_type"], "".join(cell["source"]), cell.get("metadata", {}).get("tags", []), cell.get("attachments", {})] for cell in cells]
    except (ValueError, KeyError, TypeError, AttributeError):
        return hashlib.sha256(notebook).hexdigest()


def quick_key(params: RunParams, code: str, data: str) -> str:
    """Hash what a run depends on without importing anything: to see that nothing has changed. data: from `data_key`."""
    settings = params.model_dump_json(exclude={"data", "mapping"})
    return hashlib.sha256(f"{settings} {data} {code} {installed()}".encode()).hexdigest()[:32]


def data_key(params: RunParams, *, verifies: bool = False) -> str:
    """Hash the files that a run reads, and how they are read. Databases are left out: their contents may change at any time.

    The part that the run is about does not count: all reports of a matrix read the same.

    verifies: read every file for it, also those that look as they did when they were last read.
    """
    from workbook.sources import import_key
    from workbook.sources.cache import known_files_index
    from workbook.sources.known import known_files

    with known_files(known_files_index(), verifies=verifies) as known:
        return import_key(params.model_copy(update={"part": {}}), with_databases=False, known=known)
