"""Imports kept between sessions: a notebook opened twice reads the CRM export once."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from workbook.params import RunParams
from workbook.sources.known import INDEX_NAME, known_files
from workbook.sources.record import ImportRecord

HOME_VARIABLE = "WORKBOOK_HOME"


def home_folder() -> Path:
    """Return the user's folder for caches and working copies; the environment variable WORKBOOK_HOME moves it."""
    if given := os.environ.get(HOME_VARIABLE):
        return Path(given).expanduser()
    import platformdirs

    return Path(platformdirs.user_data_dir("sales-strategy-workbook", appauthor=False))


def known_files_index() -> Path:
    """Return the file that remembers the hashes of data files, for all reports and notebooks of the user."""
    return home_folder() / INDEX_NAME


def cached_import(params: RunParams) -> tuple[Path, ImportRecord]:
    """Return the folder of the imported frames and the import's record; imports only when data or mapping changed.

    The import is made beside and moved into place, so that two notebooks opening at once never see half of it.
    """
    from workbook.sources import import_frames, import_key, load_import

    with known_files(known_files_index()) as known:
        folder = home_folder() / "imports" / import_key(params, known=known)
    if not (folder / "import.json").exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".making-"))
        try:
            import_frames(params, making)
            making.rename(folder)
        except OSError:
            if not (folder / "import.json").exists():
                raise
        finally:
            shutil.rmtree(making, ignore_errors=True)
    return folder, load_import(folder)
