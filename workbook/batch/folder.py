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
import platform
import shutil
from collections.abc import Iterator
from pathlib import Path

from workbook.errors import OutputError, ParamsError
from workbook.text import msg

MARKER = ".workbook-report"
LOCK = ".lock"
STAGING = ".staging-"
NOTHING_LEFT_BYTES = 200_000
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

    def withdraw(self, staging: Path) -> None:
        """Take back what a run that came to nothing left; call it only while holding the lock.

        A folder that holds nothing but our own marks goes too.
        """
        shutil.rmtree(staging, ignore_errors=True)
        self.clean()
        if {path.name for path in self.path.iterdir()} <= {MARKER, LOCK}:
            with contextlib.suppress(OSError):
                (self.path / MARKER).unlink(missing_ok=True)
                (self.path / LOCK).unlink(missing_ok=True)
                self.path.rmdir()

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
            handle = self._take()
        try:
            yield
        finally:
            os.close(handle)

    def _take(self) -> int:
        path = self.path / LOCK
        while True:
            self.path.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
            if not _try_lock(handle):
                os.close(handle)
                raise OutputError(
                    msg("another run is writing to this folder ({holder})", holder=_holder(path)),
                    where=str(self.path),
                    mend=msg("Wait for it to finish, or choose another folder with --out."),
                )
            if path.exists() and os.path.samestat(os.fstat(handle), path.stat()):
                break
            os.close(handle)  # a run that came to nothing took the file away: lock the new one
        with contextlib.suppress(OSError):  # who holds it is a courtesy: a full disk is reported where it matters
            os.lseek(handle, 0, os.SEEK_SET)
            os.ftruncate(handle, 0)
            os.write(handle, f"process {os.getpid()}, {platform.node()}".encode())
        return handle

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
            for name, text in (("index.html", index), ("latest.json", json.dumps({"run": started_at}) + "\n")):
                self._write_new(name, text)
            target.parent.mkdir(exist_ok=True)
            staging.rename(target)
            for name in ("index.html", "latest.json"):
                os.replace(self.path / f".new-{name}", self.path / name)
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

    def _write_new(self, name: str, text: str) -> None:
        """Write a pointer beside its place: a full disk shows itself before anything is turned."""
        with (self.path / f".new-{name}").open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())

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
            with path.open("r+b") as file:
                os.fsync(file.fileno())


KNOWN = {
    errno.ENOSPC: msg("the disk is full"),
    errno.EDQUOT: msg("the disk quota is used up"),
    errno.EROFS: msg("the disk is read-only"),
    errno.EACCES: msg("writing is not permitted"),
    errno.EPERM: msg("writing is not permitted"),
    errno.ENOTDIR: msg("a part of the path is a file"),
    errno.ENAMETOOLONG: msg("the path is too long"),
    errno.EIO: msg("the disk reports an error"),
}
_MEND = msg("Make room or choose another folder with --out; the last good report is untouched.")


@contextlib.contextmanager
def guarded(path: Path) -> Iterator[None]:
    """Turn the operating system's refusals to write into `OutputError`s that say how to mend them."""
    try:
        yield
    except OSError as error:
        if error.errno not in KNOWN:
            raise
        raise OutputError(KNOWN[error.errno], where=str(path), mend=_MEND) from None


def full(path: Path) -> OutputError:
    """Return the error of a full disk."""
    return OutputError(KNOWN[errno.ENOSPC], where=str(path), mend=_MEND)


def is_full(path: Path) -> bool:
    """Tell whether a disk has no room left: libraries hide that under errors of their own."""
    existing = next(folder for folder in (path, *path.parents) if folder.exists())
    return shutil.disk_usage(existing).free < NOTHING_LEFT_BYTES


def _holder(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip() or "?"
    except OSError:
        return "?"


def _try_lock(descriptor: int) -> bool:
    """Take an advisory lock that the operating system drops when the process ends, however it ends."""
    try:
        import fcntl
    except ImportError:
        import msvcrt

        os.lseek(descriptor, 1 << 20, os.SEEK_SET)  # far behind the text, which others must be able to read
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
