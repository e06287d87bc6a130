"""Whom we meet in the market, against whom we win, and why we lose."""

from workbook.analyses import by_name

__getattr__ = by_name(__name__)
