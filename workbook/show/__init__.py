"""How results look: theme, charts, tables, escaping. The one place that draws."""

from workbook.show.card import Card
from workbook.show.chart import Chart, canvas, png
from workbook.show.curves import line_band, survival_steps
from workbook.show.escape import escape_html, escape_spreadsheet
from workbook.show.labels import number_axis, short_name
from workbook.show.marks import bars, dot_interval
from workbook.show.points import draw_ellipse, equal_scale, name_points
from workbook.show.table import Col, TableView, table
from workbook.show.theme import PALETTE, apply_theme

__all__ = [
    "PALETTE",
    "Card",
    "Chart",
    "Col",
    "TableView",
    "apply_theme",
    "bars",
    "canvas",
    "dot_interval",
    "draw_ellipse",
    "equal_scale",
    "escape_html",
    "escape_spreadsheet",
    "line_band",
    "name_points",
    "number_axis",
    "png",
    "short_name",
    "survival_steps",
    "table",
]
