"""run.json: what happened in a run, chapter by chapter, told truthfully whatever happened."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
import re
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict

from workbook import __version__
from workbook.batch.leftovers import RECORD_NAME
from workbook.params import RunParams
from workbook.results import SkippedRecord

if TYPE_CHECKING:
    from workbook.sources import ImportRecord

Outcome = Literal["succeeded", "failed", "skipped", "taken_over"]
Failure = Literal["cell", "cell_time_out", "kernel_died", "start", "run_time_out", "stopped"]
PACKAGES = ("papermill", "nbclient", "nbconvert", "pandas", "numpy", "scipy", "statsmodels", "ibis-framework", "duckdb", "matplotlib")
LINES = ("rejected_lines.csv", "merged_lines.csv", "flagged_rows.csv")
TOP = "../../index.html"  # from a run's folder: the page at the top of the report folder
_PASSWORD = re.compile(r"(://[^/@:]*:)[^$@/][^@/]*(@)")


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FailingCell(_Record):
    """The cell that failed: its number among all cells, its first lines, the error's name and message."""

    number: int
    source: str
    error: str
    message: str


class ChapterRecord(_Record):
    """One chapter. cause: why it failed, in a sentence; seconds: wall time of the chapter's process, of its last attempt.

    failure: what kind of failure it was. retries: why earlier attempts ended, where the chapter was tried again: a kernel
    that died, a process that did not start, a cluster's worker that was lost; never for an error in a cell.
    taken_over_from: the run that computed the chapter, where this one took it over; its seconds are those of the copy.
    key: equal where the chapter would come out the same, empty where that cannot be told; looked_at: the chapter's notes of
    what it loaded (`workbook.chapter`); content: hash of its notebook, results and tables as they were written. reads_more: its
    notebook may have looked at anything; it is run every time.
    """

    topic: str
    status: Outcome
    cause: str = ""
    failure: Failure | None = None
    failing_cell: FailingCell | None = None
    seconds: float = 0.0
    retries: list[str] = []
    skipped: list[SkippedRecord] = []
    taken_over_from: str | None = None
    key: str = ""
    looked_at: list[str] = []
    content: str = ""
    reads_more: bool = False


class InputFile(_Record):
    """A file or table that was read: the frame it mainly fills, the rows kept of it, the newest day in it."""

    name: str
    sha256: str
    bytes: int
    frame: str = ""
    rows: int = 0
    newest_on: date | None = None


class CombinationRecord(_Record):
    """One report of a matrix. part: column → value; folder: below the report folder; deals: how many it is about.

    status: `waiting` until its turn has come; `unchanged` where its last report still holds. run: the run that its report now
    is; key: what it depends on (`quick_key`); cause: why it failed. skipped: sections left out; degraded: as in its own record.
    """

    part: dict[str, str]
    folder: str
    deals: int
    status: Literal["waiting", "succeeded", "unchanged", "failed"] = "waiting"
    run: str = ""
    key: str = ""
    cause: str = ""
    skipped: int = 0
    degraded: list[str] = []


class RunRecord(_Record):
    """run.json. status: succeeded, failed or interrupted, and of a matrix incomplete: some of its reports failed. exit_status: of the command.

    combinations: of a matrix, its reports; each has a run.json of its own, and this one has no chapters. elsewhere: of a
    matrix, the deals that no combination is about.

    degraded: what is worse than in the last good run, one sentence each: sections and questions answered no more, columns
    and frames gone, sources without a newer record. columns: frame → its columns with at least one value. run_key names settings, data, date and language;
    quick_key is what the next run compares to see that nothing has changed. parameters: without secrets and machine paths.
    files: of a published run, path from its folder → bytes, with the page at the top of the report folder and without run.json.
    """

    schema_version: int = 1
    name: str
    status: Literal["succeeded", "incomplete", "failed", "interrupted"]
    exit_status: int = 0
    cause: str = ""
    started_at: str
    finished_at: str = ""
    seconds: float = 0.0
    as_of: str = ""
    language: str = "en"
    run_key: str = ""
    quick_key: str = ""
    code_hash: str = ""
    data_hash: str = ""
    chapters: list[ChapterRecord] = []
    combinations: list[CombinationRecord] = []
    elsewhere: int = 0
    degraded: list[str] = []
    inputs: list[InputFile] = []
    columns: dict[str, list[str]] = {}
    parameters: dict[str, Any] = {}
    versions: dict[str, str] = {}
    personal_data: list[str] = []
    files: dict[str, int] = {}

    @property
    def reads_more(self) -> bool:
        """Tell whether a chapter may have looked at anything: then nobody knows that it would come out the same."""
        return any(chapter.reads_more for chapter in self.chapters)

    def text(self) -> str:
        """Return the file's content."""
        return self.model_dump_json(indent=2) + "\n"


def versions() -> dict[str, str]:
    """Return the versions that a result depends on."""
    found = {"workbook": __version__, "python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "absent"
    return found


def installed() -> str:
    """Hash name and version of everything installed, of Python and the system: any of it may change a result."""
    found = {path.name for folder in sys.path for kind in ("dist", "egg") for path in Path(folder).glob(f"*.{kind}-info")}
    parts = [sys.version, sys.platform, platform.machine(), *sorted(found)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def public_parameters(params: RunParams) -> dict[str, Any]:
    """Return the settings as they may be kept: secrets stay ${NAMES}, paths lose the machine's part."""
    shown: dict[str, Any] = params.model_dump(mode="json")
    for key in ("data", "mapping"):
        if shown.get(key):
            shown[key] = Path(shown[key]).name
    for source in shown["sources"]:
        source["files"] = [Path(name).name if Path(name).is_absolute() else name for name in source["files"]]
        if Path(source["mapping"]).is_absolute():
            source["mapping"] = Path(source["mapping"]).name
        if source["database"]:
            source["database"] = _PASSWORD.sub(r"\1***\2", source["database"])
    return shown


def inputs(record: ImportRecord) -> list[InputFile]:
    """Return the files read, with their hashes."""
    return [
        InputFile(name=file.name, sha256=file.sha256, bytes=file.bytes, frame=file.frame, rows=file.kept, newest_on=file.newest_on)
        for file in record.files
        if file.frame
    ]


def columns(record: ImportRecord) -> dict[str, list[str]]:
    """Return the columns of each frame that hold values, the firm's own ones included."""
    return {name: list(frame.present) for name, frame in record.frames.items()}


def written(run: Path, top: str) -> dict[str, int]:
    """Return the files of a finished run with their sizes. top: the text of the page at the top of the report folder."""
    there = (path for path in run.rglob("*") if path.is_file() and path.name != RECORD_NAME)
    sizes = {path.relative_to(run).as_posix(): path.stat().st_size for path in there}
    return {TOP: len(top.encode()), **dict(sorted(sizes.items()))}


def is_as_written(run: Path, record: RunRecord) -> bool:
    """Tell whether a published run and the page that leads to it are there, whole. Sizes are looked at, which takes no time."""
    try:
        return bool(record.files) and all((run / path).stat().st_size == size for path, size in record.files.items())
    except OSError:
        return False


def personal_files(folder: Path, params: RunParams) -> list[str]:
    """Return the files of a run that hold data about persons: copies of input lines; with names shown, every page and table."""
    found = {f"tables/data/{name}" for name in LINES if (folder / "tables" / "data" / name).exists()}
    if params.show_people:
        found |= {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.suffix in (".html", ".ipynb", ".csv", ".json")}
    return sorted(found)
