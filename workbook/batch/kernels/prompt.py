"""A client that is ready as soon as its kernel is: jupyter_client's own waits for silence, a fifth of a second per chapter."""

from __future__ import annotations

import time
from queue import Empty
from typing import Any

import zmq
import zmq.asyncio
from jupyter_client.asynchronous import AsyncKernelClient

ASK_AGAIN_SECONDS, HEAR_SECONDS = 1.0, 0.2
RECONNECT_MS = 10  # a kernel that does not listen yet is tried again after this time


class PromptClient(AsyncKernelClient):  # type: ignore[misc]
    """Talks to one kernel; what it has said about itself when it starts is read before the first cell is sent."""

    def _context_default(self) -> zmq.asyncio.Context:
        context: zmq.asyncio.Context = super()._context_default()
        context.setsockopt(zmq.RECONNECT_IVL, RECONNECT_MS)
        return context

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel answers and is heard on both channels. Raises `RuntimeError` if it dies or takes too long."""
        until = time.monotonic() + (timeout or float("inf"))
        while not await self._answers(self.kernel_info()):
            if not await self.is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            if time.monotonic() > until:
                raise RuntimeError(f"Kernel didn't respond in {timeout} seconds")

    async def _answers(self, asked: str) -> bool:
        """Tell whether a request is answered, and its end was heard: all that was sent before has then come too."""
        try:
            while (await self.get_shell_msg(timeout=ASK_AGAIN_SECONDS))["parent_header"].get("msg_id") != asked:
                pass
            while not _is_idle_after(await self.get_iopub_msg(timeout=HEAR_SECONDS), asked):
                pass
        except Empty:
            return False
        return True


def _is_idle_after(message: dict[str, Any], asked: str) -> bool:
    return (message["content"].get("execution_state"), message["parent_header"].get("msg_id")) == ("idle", asked)
