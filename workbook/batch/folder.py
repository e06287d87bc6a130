"""A report folder: one lock, staging inside it, publishing by renaming, the last good report never touched.

    index.html, latest, latest.json     pointers, replaced one by one, atomically
    runs/<started-at>/                  immutable once published
    failed/<started-at>/                what went wrong
    .staging-<started-at>/              being made; of a dead run: cleaned by the next one
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from workbook.errors import OutputError, ParamsError
from workbook.text import msg

MARKER = ".workbook-report"
LOCK = ".lock"
STAGING = ".staging-"
OURS = {MARKER, LOCK, "runs", "failed", "index.html", "latest", "latest.json"}


class ReportFolder:
    """The folder of one run's reports."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def staging(self, started_at: str) -> Path:
        """Return the staging folder of a run."""
        return self.path / f"{STAGING}{started_at}"

    def latest(self) -> Path | None:
        """Return the folder of the last good run."""
        try:
            name = json.loads((self.path / "latest.json").read_text(encoding="utf-8"))["run"]
        except (OSError, ValueError, KeyError):
            return None
        folder = self.path / "runs" / name
        return folder if folder.is_dir() else None

    def claim(self) -> None:
        """Make the folder, or make sure that it is one of ours. Raises `ParamsError` and `OutputError`."""
        if self.path.is_file():
            raise ParamsError(msg("{path} is a file, not a folder", path=str(self.path)), mend=msg("Choose another folder with --out."))
        if self.path.is_dir() and not (self.path / MARKER).exists():
            strangers = sorted(p.name for p in self.path.iterdir() if p.name not in OURS and not p.name.startswith(STAGING))
            if strangers:
                raise ParamsError(
                    msg("the output folder holds files that are not a report's: {names}", names=tuple(strangers[:3])),
                    where=str(self.path),
                    mend=msg("Choose an empty or new folder with --out; nothing was changed."),
                )
        with guarded(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            (self.path / MARKER).touch()

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder for one run. Raises `OutputError` where another run holds it. Ends with the process."""
        with guarded(self.path):
            handle = (self.path / LOCK).open("a+", encoding="utf-8")
        try:
            if not _try_lock(handle.fileno()):
                handle.seek(0)
                raise OutputError(
                    msg("another run is writing to this folder ({holder})", holder=handle.read().strip() or "?"),
                    where=str(self.path),
                    mend=msg("Wait for it to finish, or choose another folder with --out."),
                )
            handle.seek(0)
            handle.truncate()
            handle.write(f"process {os.getpid()}\n")
            handle.flush()
            yield
        finally:
            handle.close()

    def clean(self) -> None:
        """Remove what dead runs left; call it only while holding the lock."""
        for left in self.path.glob(f"{STAGING}*"):
            shutil.rmtree(left, ignore_errors=True)
        for left in self.path.glob(".new-*"):
            left.unlink(missing_ok=True)

    def publish(self, staging: Path, started_at: str, index: str) -> Path:
        """Move a finished staging folder into place, then turn the pointers to it. Raises `OutputError`.

        index: the management page for the top of the folder, whose links lead into runs/<started-at>/.
        """
        target = self.path / "runs" / started_at
        with guarded(self.path):
            sync(staging)
            target.parent.mkdir(exist_ok=True)
            staging.rename(target)
        with guarded(self.path):
            self._point("index.html", index)
            self._point("latest.json", json.dumps({"run": started_at}) + "\n")
            self._link(started_at)
        return target

    def keep_failed(self, staging: Path, started_at: str) -> Path:
        """Move what a failed run made to failed/; where even that cannot be done, leave it to the next run's cleaning."""
        target = self.path / "failed" / started_at
        try:
            target.parent.mkdir(exist_ok=True)
            staging.rename(target)
        except OSError:
            return staging
        return target

    def _point(self, name: str, text: str) -> None:
        new = self.path / f".new-{name}"
        with new.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, self.path / name)

    def _link(self, started_at: str) -> None:
        """Replace the link `latest`; systems without links do without, latest.json says the same."""
        new = self.path / ".new-latest"
        with contextlib.suppress(OSError, NotImplementedError):
            new.unlink(missing_ok=True)
            new.symlink_to(Path("runs") / started_at, target_is_directory=True)
            os.replace(new, self.path / "latest")


def sync(folder: Path) -> None:
    """Bring a folder's files to the disk: what is published survives a power cut, and a full disk shows itself here."""
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                os.fsync(file.fileno())


@contextlib.contextmanager
def guarded(path: Path) -> Iterator[None]:
    """Turn the operating system's refusals to write into `OutputError`s that say how to mend them."""
    try:
        yield
    except OSError as error:
        known = {
            errno.ENOSPC: msg("the disk is full"),
            errno.EDQUOT: msg("the disk quota is used up"),
            errno.EROFS: msg("the disk is read-only"),
            errno.EACCES: msg("writing is not permitted"),
            errno.EPERM: msg("writing is not permitted"),
        }
        what = known.get(error.errno or 0, msg("output cannot be written: {why}", why=error.strerror or str(error)))
        mend = msg("Make room or choose another folder with --out; the last good report is untouched.")
        raise OutputError(what, where=str(path), mend=mend) from None


def _try_lock(descriptor: int) -> bool:
    """Take an advisory lock that the operating system drops when the process ends, however it ends."""
    try:
        import fcntl
    except ImportError:
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return False
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
