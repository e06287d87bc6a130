"""Ideal customer profile and segmentation: which leads and companies to win, who the best customers are, who is alike."""

from workbook.analyses import by_name

__getattr__ = by_name(__name__)
