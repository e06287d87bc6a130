"""Data and starting position: what was read, how good it is, and where sales stand today."""

from workbook.analyses import Opening, by_name

__getattr__ = by_name(__name__)

OPENING = (
    Opening("win_rate", ("opportunities",), ("opportunities",), "standing"),
    Opening("cycle", ("opportunities",), ("opportunities",)),
    Opening("pipeline", ("opportunities",), ("opportunities",)),
    Opening("won_amount", ("opportunities",), ("opportunities",)),
)
