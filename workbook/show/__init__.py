"""How results look: theme, charts, tables, escaping. The one place that draws."""

from workbook.show.chart import Chart, canvas, png
from workbook.show.escape import escape_html, escape_spreadsheet
from workbook.show.table import Col, TableView, table
from workbook.show.theme import PALETTE, apply_theme

__all__ = [
    "PALETTE",
    "Chart",
    "Col",
    "TableView",
    "apply_theme",
    "canvas",
    "escape_html",
    "escape_spreadsheet",
    "png",
    "table",
]
