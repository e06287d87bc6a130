"""What a cell prints and shows, kept within bounds: a report that no browser can open is lost as well.

A papermill engine of our own, found by its name; papermill and nbclient stay as they are.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbook.batch import notebooks
from workbook.batch.kernels.imports import without
from workbook.batch.kernels.prompt import PromptClient
from workbook.chapter import TEMPORARY_VARIABLE
from workbook.text import msg, render

with without("pyarrow"):  # papermill would read notebooks from Hadoop with it
    from papermill.clientwrap import PapermillNotebookClient
    from papermill.engines import NBClientEngine, papermill_engines

ENGINE = "workbook"
SAVE_SECONDS = 30.0
OUTPUT_SECONDS = 60  # from the reply to a cell to the last of what it puts out; nbclient waits for 4, too short for a machine that swaps
MOST_TEXT = 1_000_000  # characters that one cell may print; far above any table shown as text
MOST_SHOWN = 20_000_000  # characters of one picture or page, encoded as it is kept


class BoundedClient(PapermillNotebookClient):  # type: ignore[misc]
    """Executes cells as papermill does, and cuts what they put out."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._printed: dict[int, int] = {}

    def create_kernel_manager(self) -> Any:
        """Return what starts the kernel, and talks to it by a client that is ready when the kernel is."""
        manager = super().create_kernel_manager()
        manager.client_factory = PromptClient
        if folder := os.environ.get(TEMPORARY_VARIABLE):  # what a dead run leaves there is found and put away
            manager.connection_file = str(Path(folder) / "kernel.json")
            if takes_sockets(Path(folder)):
                manager.transport = "ipc"  # nobody else on this machine can listen, as to a port
        return manager

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        """Process a message of the kernel, cut to what is kept."""
        kind, content = msg["msg_type"], msg["content"]
        if kind == "stream":
            before = self._printed.get(cell_index, 0)
            self._printed[cell_index] = before + len(content["text"])
            if before > MOST_TEXT:
                return None
            content["text"] = bounded_text(content["text"], MOST_TEXT - before)
        elif "data" in content and kind in ("display_data", "execute_result", "update_display_data"):
            content["data"] = bounded_data(content["data"])
        elif kind == "error":
            content["evalue"] = bounded_text(str(content["evalue"]), MOST_TEXT)
            content["traceback"] = [bounded_text(line, MOST_TEXT) for line in content["traceback"]]
        return super().process_message(msg, cell, cell_index)


class BoundedEngine(NBClientEngine):  # type: ignore[misc]
    """papermill's own engine with our client."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
        """Execute a notebook. Its options are those that `execute` in the worker gives; output: where it is saved; begun: takes the notebook."""
        options["begun"].append(nb_man.nb)
        client = BoundedClient(
            nb_man,
            kernel_name=kernel_name,
            timeout=options.get("execution_timeout"),
            iopub_timeout=OUTPUT_SECONDS,
            startup_timeout=options.get("start_timeout", 60),
            log_output=False,
        )
        nb_man.save = sparing(nb_man, options["output"])
        return client.execute()


def takes_sockets(folder: Path) -> bool:
    """Tell whether a kernel's sockets can lie in a folder: not where its path is too long for the system, or its disk knows none."""
    place = folder / "kernel-ipc-99"
    try:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.bind(str(place))
        place.unlink()
    except (AttributeError, OSError):  # Windows has none at all
        return False
    return True


def sparing(nb_man: Any, output: Path) -> Callable[..., None]:
    """Return a `save` that writes the notebook now and then, for whoever kills the worker: papermill's writes the whole file twice per cell."""

    def saved(**_: Any) -> None:
        if (nb_man.now() - nb_man.last_save_time).total_seconds() >= SAVE_SECONDS:
            notebooks.write(nb_man.nb, output)
            nb_man.last_save_time = nb_man.now()

    return saved


def register() -> None:
    """Make the engine known to papermill."""
    papermill_engines.register(ENGINE, BoundedEngine)


def bounded_text(text: str, room: int) -> str:
    """Return a text cut to `room` characters, with a line that says so."""
    if len(text) <= room:
        return text
    return f"{text[: max(room, 0)]}\n{_cut()}\n"


def bounded_data(data: dict[str, Any]) -> dict[str, Any]:
    """Return what is shown without the forms of it that are too large; a sentence stands for what is left out."""
    kept = {form: value for form, value in data.items() if len(value if isinstance(value, str) else str(value)) <= MOST_SHOWN}
    return kept if len(kept) == len(data) else {"text/plain": _cut()} | kept


def _cut() -> str:
    return "[" + render(msg("what this cell puts out is too large to keep, and is cut here")) + "]"
