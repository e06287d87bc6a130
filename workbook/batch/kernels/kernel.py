"""What a kernel is made of: ipykernel's own parts, which do the same with fewer steps."""

from __future__ import annotations

import threading
from typing import Any

import zmq
from ipykernel.iostream import OutStream
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from ipykernel.zmqshell import ZMQInteractiveShell
from traitlets import Type

END_SECONDS = 1.0


class PromptStream(OutStream):  # type: ignore[misc]
    """Flushes only where something was written. What is shown keeps its order: it goes through the same thread.

    Every flush is a visit to another thread and back, and ipykernel flushes both streams twelve times per cell.
    """

    _is_written = False

    def write(self, string: str) -> int | None:
        """Write as usual. Returns the number of characters."""
        written: int | None = super().write(string)
        self._is_written = True  # afterwards: a flush by this thread sees it
        return written

    def flush(self) -> None:
        """Send what was written since the last flush."""
        if self._is_written:
            self._is_written = False
            super().flush()


class PromptShell(ZMQInteractiveShell):  # type: ignore[misc]
    """Turns the text of a cell into Python once: the kernel asks for it to see whether the cell awaits, then the shell to run it."""

    _turned: tuple[int, str, str] | None = None

    def transform_cell(self, raw_cell: str) -> str:
        """Return a cell without IPython's own syntax. What a cell changes about that holds from the next one on, as ever."""
        if self._turned is None or self._turned[:2] != (self.execution_count, raw_cell):
            self._turned = self.execution_count, raw_cell, super().transform_cell(raw_cell)
        return self._turned[2]


class NoSubshells:
    """Stands where an application has its thread for cells that run beside one another, which nobody asks of a batch."""

    parent_thread = threading.main_thread()  # ipykernel asks for it when a cell awaits, without looking whether there is a thread

    def __bool__(self) -> bool:
        return False


class PromptKernel(IPythonKernel):  # type: ignore[misc]
    """A kernel with that shell; what it is asked need not pass through a thread for subshells where there is none."""

    shell_class: Any = Type(PromptShell)

    @property
    def _supports_kernel_subshells(self) -> bool:
        return bool(self.shell_channel_thread)


class PromptApp(IPKernelApp):  # type: ignore[misc]
    """The application of a forked kernel."""

    def init_control(self, context: zmq.Context[Any]) -> None:
        """Make the control channel, and no thread for subshells."""
        super().init_control(context)
        self.shell_channel_thread = NoSubshells()

    def start(self) -> None:
        """Run the kernel until it is asked to end."""
        super().start()
        # Its control thread still says that it is idle, by way of a thread that ipykernel ends first: one in a hundred waited for ever.
        self.control_thread.stop()
        self.control_thread.join(END_SECONDS)
