"""Why data cannot pass through: they go the way through text cells then, as far as the machine's memory reaches."""

from __future__ import annotations

from workbook.text import Message, render


class Unfit(Exception):
    """These data cannot pass through. why: what stands in the way; where: file and column."""

    def __init__(self, why: Message, where: str) -> None:
        super().__init__(render(why, "en"))
        self.why, self.where = why, where
