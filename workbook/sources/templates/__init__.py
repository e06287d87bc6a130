"""Templates of the frames that no CRM exports: written pre-filled with what is known, filled in by people, read back."""

from workbook.sources.templates.declare import TEMPLATES, Template
from workbook.sources.templates.read import filled_in, is_template, without_blank_rows
from workbook.sources.templates.write import write_templates

__all__ = ["TEMPLATES", "Template", "filled_in", "is_template", "without_blank_rows", "write_templates"]
