"""Where pages are made: one Jinja environment that escapes everything, one stylesheet, one security policy."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

if TYPE_CHECKING:
    from jinja2 import Environment

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


@lru_cache
def environment() -> Environment:
    """Return the environment of the templates in this package: autoescaping, undefined names are errors."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("workbook.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


@lru_cache
def stylesheet() -> str:
    """Return the one stylesheet, without comments and indentation."""
    text = files("workbook.report").joinpath("templates", "style.css").read_text(encoding="utf-8")
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("/*"))


def page(template: str, **context: Any) -> str:
    """Render a page. Values are escaped unless they are `Markup`."""
    html = environment().get_template(template).render(policy=POLICY, style=Markup(stylesheet()), **context)
    return "\n".join(line.rstrip() for line in html.splitlines() if line.strip()) + "\n"
