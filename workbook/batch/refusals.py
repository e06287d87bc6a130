"""The operating system's refusals to write, as errors that say how to mend them."""

from __future__ import annotations

import contextlib
import errno
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from workbook.errors import OutputError
from workbook.text import Message, msg

NOTHING_LEFT_BYTES = 200_000
KNOWN = {
    errno.ENOSPC: msg("the disk is full"),
    errno.EDQUOT: msg("the disk quota is used up"),
    errno.EROFS: msg("the disk is read-only"),
    errno.EACCES: msg("writing is not permitted"),
    errno.EPERM: msg("writing is not permitted"),
    errno.ENOTDIR: msg("a part of the path is a file"),
    errno.ENAMETOOLONG: msg("the path is too long"),
    errno.ELOOP: msg("a link in the path leads back to itself"),
    errno.EFBIG: msg("no file may become as large as one has to be here"),
    errno.EIO: msg("the disk reports an error"),
}
NO_FOLDER = msg("no folder can be made here")
_MEND = msg("Make room or choose another folder with --out; the last good report is untouched.")


@contextlib.contextmanager
def guarded(path: Path, otherwise: Message | None = None) -> Iterator[None]:
    """Turn the operating system's refusals to write into `OutputError`s that say how to mend them.

    otherwise: what is told of a fault that is none of the known refusals; without it such a fault is left as it is.
    """
    try:
        yield
    except OSError as error:
        told = KNOWN.get(error.errno or 0, otherwise)
        if told is None:
            raise
        raise OutputError(told, where=str(path), mend=_MEND) from None


def resolved(out: Path) -> Path:
    """Return the whole path of a report folder. Raises `OutputError` where its links lead nowhere."""
    try:
        with guarded(out, NO_FOLDER):
            return out.resolve()
    except RuntimeError:  # a loop, as `resolve` tells it
        raise OutputError(KNOWN[errno.ELOOP], where=str(out), mend=_MEND) from None


def refuse_without_temporary_folder() -> None:
    """Raise `OutputError` where nothing temporary can be written anywhere: every chapter would fail, each in its own words."""
    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        what = msg("no folder for temporary files can be written to")
        raise OutputError(what, mend=msg("Make room, or name another folder in the environment variable TMPDIR; nothing was changed.")) from None


def full(path: Path) -> OutputError:
    """Return the error of a full disk."""
    return OutputError(KNOWN[errno.ENOSPC], where=str(path), mend=_MEND)


def is_full(path: Path) -> bool:
    """Tell whether a disk has no room left: libraries hide that under errors of their own."""
    existing = next(folder for folder in (path, *path.parents) if folder.exists())
    return shutil.disk_usage(existing).free < NOTHING_LEFT_BYTES
