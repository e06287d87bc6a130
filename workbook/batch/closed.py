"""Does a chapter meet the world through `run` alone? Only then its notes tell all that it looked at."""

from __future__ import annotations

import ast

from workbook.batch.notebooks import NotebookNode

DOORS = ("workbook.analyses", "workbook.notebook")
OPENERS = {"__import__", "compile", "eval", "exec", "get_ipython", "getattr", "globals", "locals", "open", "vars"}


def is_closed(notebook: NotebookNode) -> bool:
    """Tell whether a notebook imports nothing but questions and the door, opens nothing, and uses nothing private.

    Files, networks, clocks and chance need an import or one of `OPENERS`. In doubt – a magic, a shell command – it is not closed.
    """
    try:
        trees = [ast.parse(cell.source) for cell in notebook.cells if cell.cell_type == "code"]
    except (SyntaxError, ValueError):
        return False
    return not any(_opens(node) for tree in trees for node in ast.walk(tree))


def _opens(node: ast.AST) -> bool:
    match node:
        case ast.Import(names=names):
            return not all(_is_door(name.name) for name in names)
        case ast.ImportFrom(module=module, level=level):
            return level > 0 or not _is_door(module or "")
        case ast.Name(id=name):
            return name in OPENERS
        case ast.Attribute(attr=name):
            return name.startswith("_")
    return False


def _is_door(module: str) -> bool:
    return any(module == door or module.startswith(door + ".") for door in DOORS)
