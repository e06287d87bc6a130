"""How large the market is, how it grows, who holds it, and where our growth comes from."""

from workbook.analyses import by_name

__getattr__ = by_name(__name__)
