"""Text from a CRM is never trusted: escaped for pages and for spreadsheets."""

from __future__ import annotations

import html

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def escape_html(text: object) -> str:
    """Return text safe inside HTML elements and quoted attributes."""
    return html.escape(str(text), quote=True)


def escape_spreadsheet(text: str) -> str:
    """Return text that a spreadsheet shows instead of running: a leading formula sign gets an apostrophe."""
    if text.startswith(_FORMULA_STARTS) and not _is_number(text):
        return "'" + text
    return text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
