"""One error root, a tree by phase. Every error says what is wrong, where, and how to mend it.

The command line prints these three lines and exits with the class's status; a traceback is shown for none of them.
"""

from __future__ import annotations

import re
from typing import ClassVar

from workbook.text import Message, render, t

_PLACE = re.compile(r"(?P<path>.+), line (?P<line>\d+)(?:, column (?P<column>.+))?", re.DOTALL)


class WorkbookError(Exception):
    """Something a user can mend.

    what: the fault in one sentence; where: file, line, column or setting (may be empty); mend: what to do about it.
    `status` is the process's exit status (see `workbook run --help`).
    """

    status: ClassVar[int] = 1

    def __init__(self, what: Message | str, *, where: str = "", mend: Message | str = "") -> None:
        self.what, self.where, self.mend = what, where, mend
        super().__init__(render(what))

    def lines(self) -> list[str]:
        """Return the message as one to three lines in the current language."""
        return [line for line in (render(self.what), _in_words(self.where), render(self.mend)) if line]


def _in_words(where: str) -> str:
    """Write a place in a file in the current language; any other place stays as it is."""
    found = _PLACE.fullmatch(where)
    if found is None:
        return where
    if found["column"] is None:
        return t("{path}, line {line}", path=found["path"], line=found["line"])
    return t("{path}, line {line}, column {column}", path=found["path"], line=found["line"], column=found["column"])


class ParamsError(WorkbookError):
    """The settings or the call's words are wrong."""

    status = 2


class DataError(WorkbookError):
    """Data are missing or unusable."""

    status = 3


class OutputError(WorkbookError):
    """Output cannot be written or is in use."""

    status = 5


class ChapterError(WorkbookError):
    """A chapter failed while it ran."""

    status = 1


class RunError(WorkbookError):
    """A run did not come to its end."""

    status = 1


class ClusterLost(RunError):
    """A cluster, or what runner and workers share, went away while a run lasted."""


class NeedsError(WorkbookError):
    """A section was run although the data lack what it needs."""

    status = 3
