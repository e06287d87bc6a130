"""The contents of files as hashes, remembered by size, times and inode: a large export is read for it once, not at every run."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from workbook.sources.fragments import content_of

INDEX_NAME = "known_files.json"
SETTLED_NS = 3_000_000_000  # file systems keep times to between nanoseconds and two seconds: a later write may bear the same ones
MOST_FILES = 10_000
UNREADABLE = "unreadable"


class KnownFiles:
    """Hashes of files by path, each with what the file looked like when it was hashed.

    A hash is believed only while size, mtime, ctime, inode and device are the same, and only if the file had lain still for
    a while when it was hashed. verifies: believe none, hash every file.
    """

    def __init__(self, index: Path | None = None, *, verifies: bool = False) -> None:
        self.verifies = verifies
        self._files = _read(index)
        self._is_changed = False

    def digest(self, path: Path) -> str:
        """Return the SHA-256 of a file's content, `unreadable` where it cannot be read; of a table in fragments one of all."""
        return content_of(path, self._of_file)

    def _of_file(self, path: Path) -> str:
        try:
            with path.open("rb") as file:  # looked at through the open file: a network drive then asks the server
                return self._digest(str(path.resolve()), file.fileno())
        except OSError:
            return UNREADABLE

    def _digest(self, name: str, handle: int) -> str:
        look = _look(handle)
        known = self._files.get(name)
        if not self.verifies and known is not None and known[:-1] == look:
            return str(known[-1])
        began = time.time_ns()
        with os.fdopen(os.dup(handle), "rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        self._files.pop(name, None)
        if look == _look(handle) and max(look[1], look[2]) < began - SETTLED_NS:
            self._files[name] = [*look, found]
        self._is_changed = True
        return found

    def write(self, index: Path) -> None:
        """Keep what is known for the next run; where it cannot be kept, the next run hashes again."""
        if not self._is_changed:
            return
        kept = dict(list(self._files.items())[-MOST_FILES:])
        with contextlib.suppress(OSError):
            index.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=index.parent, prefix=f".{INDEX_NAME}-")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(kept, file)
            os.replace(name, index)


@contextlib.contextmanager
def known_files(index: Path, *, verifies: bool = False) -> Iterator[KnownFiles]:
    """Open the index of known files, and bring it up to date afterwards. A damaged index is an empty one."""
    known = KnownFiles(index, verifies=verifies)
    yield known
    known.write(index)


def _look(handle: int) -> list[int]:
    seen = os.fstat(handle)
    return [seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_ino, seen.st_dev]


def _read(index: Path | None) -> dict[str, list[int | str]]:
    if index is None:
        return {}
    try:
        found = json.loads(index.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and all(map(_is_entry, found.values())) else {}


def _is_entry(value: object) -> bool:
    return isinstance(value, list) and [type(part) for part in value] == [int] * 5 + [str]
