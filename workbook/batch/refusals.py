"""The operating system's refusals to write, as errors that say how to mend them."""

from __future__ import annotations

import contextlib
import errno
import shutil
from collections.abc import Iterator
from pathlib import Path

from workbook.errors import OutputError
from workbook.text import msg

NOTHING_LEFT_BYTES = 200_000
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
