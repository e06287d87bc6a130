"""How large the market is, how it grows, who holds it, and where our growth comes from."""

from workbook.analyses import Opening, by_name

__getattr__ = by_name(__name__)

OPENING = (
    Opening("growth", ("market",), ("market",), "market"),
    Opening("sizing", ("market", "opportunities", "accounts", "products", "competitors"), ("market", "opportunities"), "sizing"),
    Opening("concentration", ("competitors", "market"), ("competitors",), "shares"),
    Opening("ansoff", ("opportunities", "accounts", "products"), ("opportunities",), "ansoff"),
    Opening("risk", ("opportunities", "market", "competitors"), ("opportunities",)),
    Opening("outlook", ("market",), ("market",), "outlook"),
)
