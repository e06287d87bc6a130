"""Is this installation sound? Facts that explain most faults, each with what to do."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workbook.analyses import NOTEBOOKS
from workbook.batch.folder import ReportFolder
from workbook.batch.kernels import can_fork
from workbook.batch.kernels.provisioner import is_registered
from workbook.console import environment_language
from workbook.errors import OutputError
from workbook.notebook import project_root
from workbook.text import Message, msg

PACKAGES = ("pandas", "ibis", "duckdb", "matplotlib", "papermill", "nbconvert", "jupyterlab", "statsmodels", "jinja2", "babel")
MINIMUM_FREE_MB = 200


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact about the installation."""

    name: str
    is_fine: bool
    text: Message


def findings() -> Iterator[Finding]:
    """Yield the facts, the ones that break most first."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("Python", sys.version_info >= (3, 11), msg("{version} (3.11 or newer is needed)", version=version))
    absent = tuple(name for name in PACKAGES if importlib.util.find_spec(name) is None)
    packages = msg("absent: {names}; install again as the README says", names=absent) if absent else msg("all present")
    yield Finding("packages", not absent, packages)
    yield _notebooks()
    yield _kernel()
    yield _writing("temporary files", Path(tempfile.gettempdir()))
    yield _writing("working folder", Path.cwd())
    yield _locking()
    yield Finding("language", True, msg("{language}, text in {encoding}", language=environment_language(), encoding=sys.getfilesystemencoding()))
    yield _processes()


def _processes() -> Finding:
    if not can_fork():
        return Finding("processes", True, msg("no `fork` here: ordinary kernels, which start more slowly"))
    if not is_registered():
        return Finding("processes", False, msg("chapters could start by `fork` and do not: install again as the README says"))
    return Finding("processes", True, msg("chapters start by `fork` from one process that has imported everything"))


def _notebooks() -> Finding:
    folder = project_root() / "notebooks"
    absent = tuple(name for name in NOTEBOOKS.values() if not (folder / name).exists())
    if absent:
        return Finding("notebooks", False, msg("absent: {names}; run inside the project's folder", names=absent))
    return Finding("notebooks", True, msg("{n} in {folder}", n=len(NOTEBOOKS), folder=str(folder)))


def _kernel() -> Finding:
    try:
        from jupyter_client.kernelspec import KernelSpecManager

        spec = KernelSpecManager().get_kernel_spec("python3")
    except Exception as error:
        return Finding("kernel", False, msg("no kernel python3: {why}", why=str(error)))
    program = spec.argv[0] if spec.argv else ""
    found = sys.executable if Path(program).name.startswith("python") and not Path(program).is_absolute() else program
    if Path(found).parent != Path(sys.executable).parent:
        return Finding("kernel", False, msg("python3 runs {program}, which is not this environment; remove that kernel", program=found))
    return Finding("kernel", True, msg("python3 runs {program}", program=found))


def _locking() -> Finding:
    """Two runs into one folder must see each other: some network drives do not lock."""
    with tempfile.TemporaryDirectory(dir=Path.cwd() if os.access(Path.cwd(), os.W_OK) else None) as name:
        folder = ReportFolder(Path(name))
        try:
            with folder.locked(), folder.locked():
                return Finding("locks", False, msg("this drive does not lock: never start two runs into one folder"))
        except OutputError:
            return Finding("locks", True, msg("files can be locked"))


def _writing(name: str, folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free // 1_000_000
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return Finding(name, False, msg("cannot be written: {why}", why=error.strerror or str(error)))
    if free < MINIMUM_FREE_MB:
        return Finding(name, False, msg("only {free} MB free", free=free))
    return Finding(name, True, msg("{free} MB free", free=free))
