"""The canonical frames: what one row is, which columns there are, in which unit, and the rules between them."""

from workbook.frames.catalogue import FRAMES, frame
from workbook.frames.column import Column, Frame, Kind

__all__ = ["FRAMES", "Column", "Frame", "Kind", "frame"]
