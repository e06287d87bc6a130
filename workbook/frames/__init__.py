"""The canonical frames: what one row is, which columns there are, in which unit, and the rules between them."""

from workbook.frames.catalogue import FRAMES, NO_COMPETITOR, UNNAMED_COMPETITOR, frame
from workbook.frames.column import Column, Frame, Kind

__all__ = ["FRAMES", "NO_COMPETITOR", "UNNAMED_COMPETITOR", "Column", "Frame", "Kind", "frame"]
