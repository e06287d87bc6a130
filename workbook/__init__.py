"""The B2B Sales Strategy Workbook: from a CRM export to a sales strategy."""

__version__ = "0.1.0"
