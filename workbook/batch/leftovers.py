"""What a run that was killed leaves behind, found by the next run into the same folder and put away.

A run's temporary folders carry its report folder in their names: whoever holds that folder's lock knows that all others of
that name belong to the dead.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path

import psutil

from workbook.text import msg, render

RECORD_NAME = "run.json"
WORK = ".work"
KILLED_STATUS = 137


def temporary_prefix(folder: Path) -> str:
    """Return how the temporary folders of a run into `folder` begin."""
    return f"workbook-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]}-"


def end_dead(prefix: str) -> None:
    """Kill the processes that still work in temporary folders of that prefix, and remove the folders."""
    left = [path for path in Path(tempfile.gettempdir()).glob(f"{prefix}*") if path.is_dir() and not path.is_symlink()]
    if not left:
        return
    killed = []
    for process in psutil.process_iter(["cmdline", "environ"]):
        words = [*(process.info["cmdline"] or ()), *(process.info["environ"] or {}).values()]
        if process.pid != os.getpid() and any(str(path) in word for path in left for word in words):
            with contextlib.suppress(psutil.Error):
                process.kill()
                killed.append(process)
    psutil.wait_procs(killed, timeout=5)
    for path in left:
        shutil.rmtree(path, ignore_errors=True)


def keep_dead(staging: Path, target: Path) -> None:
    """Move the staging folder of a dead run to `failed/`, its record saying that it was killed; without a record it goes."""
    try:
        record = json.loads((staging / RECORD_NAME).read_text(encoding="utf-8"))
        shutil.rmtree(staging / WORK, ignore_errors=True)
        told = {"status": "interrupted", "exit_status": KILLED_STATUS, "cause": killed_cause()}
        (staging / RECORD_NAME).write_text(json.dumps(record | told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8", newline="\n")
        target.parent.mkdir(exist_ok=True)
        staging.rename(target)
    except (OSError, ValueError, TypeError):
        shutil.rmtree(staging, ignore_errors=True)


def killed_cause() -> str:
    """Say why a run ended that could not say so itself."""
    return render(msg("the run was killed, or the machine went down"))
