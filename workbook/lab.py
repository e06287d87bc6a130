"""JupyterLab on a working copy: the analyst's data and language, outside the repository, the originals left alone."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from workbook.batch import notebooks
from workbook.batch.plan import notebook_paths
from workbook.batch.prepare import read_notebook, translated
from workbook.errors import ParamsError, WorkbookError
from workbook.notebook import DATA_VARIABLE, LANGUAGE_VARIABLE, SETTINGS_VARIABLE, project_root
from workbook.params import load_params
from workbook.sources.cache import home_folder
from workbook.text import msg
from workbook.text.catalogue import use_language


@dataclass(frozen=True, slots=True)
class WorkingCopy:
    """Where the notebooks to work in are, the settings file they open, the language, and the data where not the file's own."""

    folder: Path
    settings: Path
    language: str
    data: Path | None = None


def settings_path(settings: str) -> Path:
    """Return a settings file from its path or its name in params/. Raises `ParamsError`."""
    path = Path(settings)
    if not path.suffix and not path.exists():
        path = project_root() / "params" / f"{settings}.yaml"
    if not path.is_file():
        raise ParamsError(
            msg("there is no settings file {path}", path=str(path)),
            mend=msg("Name a YAML file, such as params/demo.yaml; `workbook list` shows the ones at hand."),
        )
    return path.resolve()


def prepare_copy(settings: str, language: str | None, *, data: Path | None = None, reset: bool = False) -> WorkingCopy:
    """Make or keep the working copy for a settings file and language. Raises `ParamsError`.

    A notebook that is there is kept, edited or not; `reset` moves the whole copy aside, under a dated name, and makes a
    new one.
    """
    path = settings_path(settings)
    params = load_params(path, language=language)
    folder = home_folder() / "lab" / f"{params.name}-{params.language}"
    if reset and folder.exists():
        shutil.move(folder, _free(folder.with_name(f"{folder.name}-{datetime.now():%Y-%m-%d}")))
    folder.mkdir(parents=True, exist_ok=True)
    with use_language(params.language):
        for source in notebook_paths(()).values():
            target = folder / source.name
            if not target.exists():
                notebooks.write(translated(read_notebook(source)), target)
    return WorkingCopy(folder, path, params.language, data.resolve() if data else None)


def _free(path: Path) -> Path:
    found, n = path, 1
    while found.exists():
        n += 1
        found = path.with_name(f"{path.name}-{n}")
    return found


def start_lab(copy: WorkingCopy, *, open_browser: bool) -> int:
    """Start JupyterLab in the working copy and wait until it is closed; return its exit status."""
    environment = os.environ | {SETTINGS_VARIABLE: str(copy.settings), LANGUAGE_VARIABLE: copy.language, "JUPYTER_PREFER_ENV_PATH": "1"}
    if copy.data is not None:
        environment[DATA_VARIABLE] = str(copy.data)
    package_home = str(Path(__file__).resolve().parents[1])
    environment["PYTHONPATH"] = os.pathsep.join(p for p in (package_home, os.environ.get("PYTHONPATH", "")) if p)
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={copy.folder}"]
    if not open_browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # in a container there is nobody else to be
    before = signal.signal(signal.SIGINT, lambda number, frame: None)  # Ctrl-C is JupyterLab's: it asks before it closes
    try:
        return subprocess.run(command, env=environment, cwd=copy.folder, check=False).returncode
    except OSError as error:
        raise WorkbookError(msg("JupyterLab cannot be started: {why}", why=str(error))) from None
    finally:
        signal.signal(signal.SIGINT, before)
