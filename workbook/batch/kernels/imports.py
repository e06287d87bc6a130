"""Imports: what notebooks import, which a zygote imports first; and what others import without need."""

from __future__ import annotations

import ast
import contextlib
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

# Packages that do nothing but define when they are imported. Another may open a connection, which kernels must not share.
HARMLESS = (
    "duckdb", "ibis", "matplotlib", "numpy", "pandas", "pyarrow", "scipy", "seaborn", "sklearn", "statsmodels", "workbook",
)  # fmt: skip


def imported_modules(notebooks: Iterable[Path]) -> tuple[str, ...]:
    """Return the modules that notebooks import in their cells, of harmless packages, in order; `from a import b` may name two."""
    names = (name for path in notebooks for source in _sources(path) for name in _names(source))
    return tuple(dict.fromkeys(name for name in names if name.partition(".")[0] in HARMLESS))


def _sources(path: Path) -> Iterator[str]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


def _names(source: str) -> Iterator[str]:
    try:
        tree = ast.parse(source)
    except SyntaxError:  # IPython's own, such as %matplotlib, or a mistake that the run will tell
        return
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@contextlib.contextmanager
def without(*names: str) -> Iterator[None]:
    """Hide optional packages from an import inside the block."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None makes an import fail, as documented
    try:
        yield
    finally:
        for name in hidden:
            sys.modules.pop(name, None)
