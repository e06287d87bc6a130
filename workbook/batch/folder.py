"""A report folder: one lock, staging inside it, publishing by renaming, the last good report never touched.

    index.html                          the one pointer that counts: its last line names the run; replaced atomically
    latest, latest.json                 say the same for programs; set right by the next run should one die in between
    runs/<started-at>/                  immutable once published
    combinations/<part>/                of a matrix: a report folder for each of its reports
    failed/<started-at>/                what went wrong
    .staging-<started-at>/              being made; of a dead run: the next one puts it away
    .new-index.html                     about to be published; where its run stands in runs/, the next run finishes that
    .gone-<started-at>/                 being pruned
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from workbook.batch.leftovers import end_dead, keep_dead, temporary_prefix
from workbook.batch.ours import COMBINATIONS, LOCK, MARKER, is_run_name, named_by, signed, strangers
from workbook.batch.refusals import NO_FOLDER, guarded
from workbook.batch.stop import shielded
from workbook.errors import OutputError, ParamsError
from workbook.text import msg

STAGING = ".staging-"
NEW, GONE = ".new-", ".gone-"
TO_OVERVIEW = "../../index.html"  # from the folder of one of a matrix's reports
SYNCED_AT_ONCE = 8
POINTERS = ("index.html", "latest.json", "latest")


class ReportFolder:
    """The folder of one run's reports."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def staging(self, started_at: str) -> Path:
        """Return the staging folder of a run."""
        return self.path / f"{STAGING}{started_at}"

    def combination(self, name: str) -> ReportFolder:
        """Return the report folder of one of a matrix's reports."""
        return ReportFolder(self.path / COMBINATIONS / name)

    def combinations(self) -> list[ReportFolder]:
        """Return the report folders of a matrix that have been made, also those of combinations that are no more."""
        return [ReportFolder(path) for path in sorted((self.path / COMBINATIONS).glob("*")) if (path / MARKER).is_file()]

    def free_name(self, wanted: str) -> str:
        """Return a name that no run here has: two runs in one second, or a clock set back, must not meet."""
        name, n = wanted, 1
        while any((self.path / kind / name).exists() for kind in ("runs", "failed")):
            n += 1
            name = f"{wanted}-{n}"
        return name

    @property
    def temporary_prefix(self) -> str:
        """How the temporary folders of a run into this folder begin."""
        return temporary_prefix(self.path)

    def latest(self) -> Path | None:
        """Return the folder of the last good run: the one that index.html names."""
        for name in (named_by(self.path / "index.html"), self._named_for_programs()):
            if name and (self.path / "runs" / name).is_dir():
                return self.path / "runs" / name
        return None

    def _named_for_programs(self) -> str:
        try:
            return str(json.loads((self.path / "latest.json").read_text(encoding="utf-8"))["run"])
        except (OSError, ValueError, KeyError, TypeError):
            return ""

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
        with guarded(self.path, NO_FOLDER):
            if self.path.exists() and not self.path.is_dir():
                raise ParamsError(msg("{path} is a file, not a folder", path=str(self.path)), mend=msg("Choose another folder with --out."))
            if foreign := strangers(self.path):
                raise ParamsError(
                    msg("the output folder holds files that are not a report's: {names}", names=tuple(foreign[:3])),
                    where=str(self.path),
                    mend=msg("Choose an empty or new folder with --out; nothing was changed."),
                )
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
        self._mark(handle)
        with contextlib.suppress(OSError):  # who holds it is a courtesy: a full disk is reported where it matters
            os.lseek(handle, 0, os.SEEK_SET)
            os.ftruncate(handle, 0)
            os.write(handle, f"process {os.getpid()}, {platform.node()}".encode())
        return handle

    def _mark(self, handle: int) -> None:
        """Mark the folder again where a run that came to nothing took the marker away with the lock."""
        if not (self.path / MARKER).exists():
            try:
                (self.path / MARKER).touch()
            except OSError:
                os.close(handle)
                raise

    def clean(self) -> None:
        """Put away what dead runs left, and finish what they had all but published; call it only while holding the lock."""
        new = self.path / f"{NEW}index.html"
        if (name := named_by(new)) and (self.path / "runs" / name).is_dir():
            os.replace(new, self.path / "index.html")
        for left in self._left(STAGING):
            keep_dead(left, self.path / "failed" / left.name.removeprefix(STAGING))
        for left in self._left(GONE):
            shutil.rmtree(left, ignore_errors=True)
        for name in POINTERS:
            (self.path / f"{NEW}{name}").unlink(missing_ok=True)
        if (last := self.latest()) is not None:
            self._point(last.name)
        end_dead(self.temporary_prefix)
        for folder in self.combinations():
            with contextlib.suppress(OutputError), folder.locked():
                folder.clean()

    def _left(self, prefix: str) -> list[Path]:
        """Return the folders that runs of ours left under names with that prefix; what else begins so is the user's."""
        return [path for path in self.path.glob(f"{prefix}*") if is_run_name(path.name.removeprefix(prefix))]

    def publish(self, staging: Path, started_at: str, index: str) -> Path:
        """Move a finished staging folder into place, then turn the pointers to it. Raises `OutputError`.

        index: the management page for the top of the folder, whose links lead into runs/<started-at>/. Its replacement is
        the instant of publishing: before it nothing has happened, after it all has.
        """
        target = self.path / "runs" / started_at
        with guarded(self.path):
            sync(staging)
            self._write_new("index.html", signed(index, started_at))
            target.parent.mkdir(exist_ok=True)
            with shielded():
                staging.rename(target)
                try:
                    os.replace(self.path / f"{NEW}index.html", self.path / "index.html")
                except OSError:
                    target.rename(staging)
                    raise
                self._point(started_at)
                for folder in (target.parent, self.path):
                    _sync_folder(folder)
        return target

    def prune(self, keep: int, spared: Iterable[Path] = ()) -> None:
        """Remove all but the newest `keep` runs, and of the failed ones as many. Never the last good one, never those `spared`.

        A folder is renamed before it is removed: nobody finds half of a run. What is not called as runs are stays.
        """
        never = {self.latest(), *spared}
        for kind in ("runs", "failed"):
            there = sorted(path for path in (self.path / kind).glob("*") if is_run_name(path.name))
            others = [folder for folder in there if folder not in never]
            excess = len(there) - keep
            for old in others[: max(excess, 0)]:
                gone = self.path / f"{GONE}{old.name}"
                with contextlib.suppress(OSError):
                    old.rename(gone)
                    shutil.rmtree(gone)

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
        with (self.path / f"{NEW}{name}").open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())

    def _point(self, name: str) -> None:
        """Make latest.json and the link `latest` say what index.html says; a fault here is mended by the next run."""
        with contextlib.suppress(OSError):
            if self._named_for_programs() != name:
                self._write_new("latest.json", json.dumps({"run": name}) + "\n")
                os.replace(self.path / f"{NEW}latest.json", self.path / "latest.json")
        with contextlib.suppress(OSError, NotImplementedError):  # systems without links do without
            link, new = self.path / "latest", self.path / f"{NEW}latest"
            if not (link.is_symlink() and link.readlink() == Path("runs") / name):
                new.unlink(missing_ok=True)
                new.symlink_to(Path("runs") / name, target_is_directory=True)
                os.replace(new, link)


def _sync_folder(folder: Path) -> None:
    """Bring a folder's own entries to the disk, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sync(folder: Path) -> None:
    """Bring a folder's files to the disk: what is published survives a power cut, and a full disk shows itself here.

    Several are asked for at once: a file system writes them in one go, which takes a tenth of the time.
    """
    with ThreadPoolExecutor(SYNCED_AT_ONCE) as pool:
        for _ in pool.map(_sync_file, [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]):
            pass


def _sync_file(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())


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
