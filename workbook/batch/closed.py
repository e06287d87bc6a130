"""Does a chapter meet the world through `run` alone? Only then its notes tell all that it looked at."""

from __future__ import annotations

import ast

from workbook.batch.notebooks import NotebookNode

DOORS = ("workbook.analyses", "workbook.notebook")
OPENERS = {"compile", "eval", "exec", "get_ipython", "getattr", "globals", "locals", "open", "vars"}
# Behind the doors stand modules that have imported others: whoever reaches these by name may read what he likes. A test holds the list to the code.
OTHERS = {
    "_thread", "ast", "asyncio", "atexit", "codecs", "collections", "contextlib", "copy", "csv", "ctypes", "difflib", "distributed", "duckdb",
    "errno", "fcntl", "fsspec", "gc", "gettext", "hashlib", "heapq", "holidays", "html", "ibis", "importlib", "inspect", "io", "itertools", "json",
    "locale", "logging", "math", "mpl", "msvcrt", "nbformat", "np", "npt", "os", "pa", "papermill", "pc", "pd", "pkgutil", "platform", "platformdirs",
    "pq", "psutil", "python_calamine", "re", "select", "shutil", "signal", "sklearn", "socket", "subprocess", "sys", "tempfile", "textwrap",
    "threading", "time", "traceback", "typer", "unicodedata", "uuid", "warnings", "weakref", "xlsxwriter", "yaml", "zipfile", "zlib", "zmq",
}  # fmt: skip
REACHING = OTHERS | {"Backend", "Path", "con", "date", "datetime", "get_backend", "now", "raw_sql", "sample", "sql", "today", "url_to_fs", "utcnow"}


def is_closed(notebook: NotebookNode) -> bool:
    """Tell whether a notebook imports nothing but questions and the door, opens nothing, and uses nothing private.

    Files, networks, clocks and chance need an import, one of `OPENERS`, or a name that is `REACHING`. In doubt – a magic, a shell
    command – it is not closed.
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
        case ast.ImportFrom(module=module, names=names, level=level):
            return level > 0 or not _is_door(module or "") or any(name.name == "*" or _reaches(name.name) for name in names)
        case ast.Name(id=name):
            return name in OPENERS or name.startswith("__")
        case ast.Attribute(attr=name):
            return _reaches(name)
    return False


def _reaches(name: str) -> bool:
    return name.startswith(("_", "read_")) or name in OPENERS or name in REACHING


def _is_door(module: str) -> bool:
    return any(module == door or module.startswith(door + ".") for door in DOORS)
