"""How the command line speaks: lines, progress, faults. Nothing here ever shows a traceback."""

from __future__ import annotations

import contextlib
import json
import locale
import os
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typer.core import TyperGroup

from workbook.batch.stop import Interrupted
from workbook.errors import OutputError, ParamsError, WorkbookError
from workbook.text import LANGUAGES, msg, render
from workbook.text.catalogue import set_language

if TYPE_CHECKING:
    from rich.progress import Progress


def say(line: str) -> None:
    """Print a line; a reader who has gone away does not stop a run."""
    with contextlib.suppress(OSError):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def say_json(value: object) -> None:
    """Print a value for programs. Raises `OutputError` where it cannot be kept: a program must not take nothing for an answer."""
    try:
        sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        pass  # a reader who has gone away
    except OSError as error:
        raise OutputError(msg("the summary could not be written: {why}", why=error.strerror or str(error)),
                          mend=msg("Send the output to where there is room; what the command made stands.")) from None  # fmt: skip


def complain(line: str) -> None:
    """Print a line to the error stream."""
    with contextlib.suppress(OSError):
        sys.stderr.write(line + "\n")
        sys.stderr.flush()


def complain_of(error: WorkbookError) -> None:
    """Print what is wrong, where, and how to mend it."""
    for line in error.lines():
        complain(line)


@contextlib.contextmanager
def for_machines(as_json: bool) -> Iterator[None]:
    """With `--json`, print a fault or an interruption as JSON too; the three lines on the error stream come in any case."""
    try:
        yield
    except (Interrupted, Exception) as error:
        if as_json:
            with contextlib.suppress(OutputError):  # what happened before counts for more
                say_json(_told(error))
        raise


def _told(error: BaseException) -> dict[str, Any]:
    """Return what ended a command, for programs."""
    if isinstance(error, Interrupted):
        return {"exit_status": error.status, "status": "interrupted"}
    if isinstance(error, WorkbookError):
        return {"exit_status": error.status, "error": {"what": render(error.what), "where": error.where, "mend": render(error.mend)}}
    return {"exit_status": 1, "error": {"what": f"{type(error).__name__}: {error}"}}


@contextlib.contextmanager
def usage_for_machines() -> Iterator[None]:
    """With `--json` among the words of the call, print that they are wrong as JSON too."""
    try:
        yield
    except Exception as error:
        wrong: Any = error  # the class that parsers raise has had several homes
        if hasattr(wrong, "format_message") and "--json" in sys.argv:
            usage = "" if wrong.ctx is None else wrong.ctx.get_usage()
            with contextlib.suppress(OutputError):
                say_json({"exit_status": wrong.exit_code, "error": {"what": wrong.format_message(), "where": "", "mend": usage}})
        raise


class Commands(TyperGroup):
    """The commands of the command line; wrong words are told to programs, too."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take the words before the command."""
        with usage_for_machines():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Take the words behind the command, and do what they say. Raises `ParamsError` where that would have no place."""
        with for_machines("--json" in sys.argv):
            _stand_somewhere()
        with usage_for_machines():
            return super().invoke(ctx)


def _stand_somewhere() -> None:
    """Raise `ParamsError` where the folder that a command was started in is gone."""
    try:
        Path.cwd()
    except OSError as error:
        use_language(None)
        raise ParamsError(msg("the folder that this was started in cannot be found: {why}", why=error.strerror or str(error)),
                          mend=msg("Change to a folder that is there, and start again.")) from None  # fmt: skip


def open_streams() -> None:
    """Give a stream that the caller has closed an end where what is said is lost; no file that is opened later takes its number."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            stream = open(os.devnull, mode, encoding="utf-8")  # noqa: PTH123, SIM115 – it stays open as long as the process
            os.set_inheritable(stream.fileno(), True)
            setattr(sys, name, stream)


class Speaker:
    """A run's progress: a bar on a terminal, plain lines elsewhere, nothing where only JSON is wanted."""

    def __init__(self, *, is_quiet: bool = False) -> None:
        self.is_quiet = is_quiet
        self.progress: Progress | None = None

    def __enter__(self) -> Speaker:
        if not self.is_quiet and sys.stdout.isatty():
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

            words = TextColumn("{task.description}", markup=False)
            self.progress = Progress(SpinnerColumn(), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), words, transient=True)
            self.progress.add_task("", total=None)
            self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.progress is not None:
            self.progress.stop()

    def say(self, line: str) -> None:
        """Say one line of progress."""
        if self.progress is not None:
            self.progress.console.print(line, markup=False, highlight=False)
        elif not self.is_quiet:
            say(line)

    def show(self, running: tuple[str, ...], done: int, total: int) -> None:
        """Show which chapters run now."""
        if self.progress is not None:
            self.progress.update(self.progress.task_ids[0], total=total, completed=done, description=", ".join(running))


def use_language(lang: str | None) -> None:
    """Speak the language asked for, else the one of the environment. Raises `ParamsError`."""
    if lang is not None and lang not in LANGUAGES:
        raise ParamsError(msg("unknown language {lang}", lang=lang), mend=msg("Known languages: {known}.", known=LANGUAGES))
    set_language(lang or environment_language())


def environment_language() -> str:
    """Return the language of the environment, English where we do not speak it."""
    stated = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    if not stated and sys.platform == "win32":
        stated = locale.getlocale()[0] or ""
    return "de" if stated.lower().startswith(("de", "german")) else "en"


def internal_error() -> int:
    """Keep the traceback in a file and say where: a user can do nothing with it, a developer everything."""
    import tempfile

    complain(render(msg("internal error: this is our fault, not yours")))
    try:
        with tempfile.NamedTemporaryFile("w", prefix="workbook-", suffix=".log", delete=False, encoding="utf-8") as file:
            traceback.print_exc(file=file)
    except OSError as error:
        complain(render(msg("the details could not be kept: {why}", why=error.strerror or str(error))))
        return 1
    complain(file.name)
    complain(render(msg("Please open an issue and attach that file; it may name files and columns of yours.")))
    return 1
