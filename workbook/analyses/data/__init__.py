"""Data and starting position: what was read, how good it is, and where sales stand today."""

from workbook.analyses import by_name

__getattr__ = by_name(__name__)
