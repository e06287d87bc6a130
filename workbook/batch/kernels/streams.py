"""What a kernel prints to. Every flush is a visit to another thread and back, and ipykernel flushes both streams twelve times per cell."""

from __future__ import annotations

from ipykernel.iostream import OutStream


class PromptStream(OutStream):  # type: ignore[misc]
    """Flushes only where something was written. What is shown keeps its order: it goes through the same thread."""

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
