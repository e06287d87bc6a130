"""Collect every message of the package and the notebooks, and merge them into the catalogues.

    python -m workbook.text.extract            updates de/LC_MESSAGES/workbook.po
    python -m workbook.text.extract --check    exits 1 where a catalogue is not what the sources say

Messages are the first literals of `msg`, `t` and `nmsg`, and each Markdown cell of a notebook as a whole. The files carry
no dates and no line numbers: the same sources give the same bytes.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from workbook.text.catalogue import LANGUAGES, LOCALE_DIR

PACKAGE = Path(__file__).resolve().parents[1]
CATALOGUES = {language: LOCALE_DIR / language / "LC_MESSAGES" / "workbook.po" for language in LANGUAGES[1:]}

REGISTER_FIELDS = ("claim", "traced", "population")

MessageId = str | tuple[str, str]


def messages_of_python(source: str, name: str = "<source>") -> Iterator[MessageId]:
    """Yield the ids in a Python source. Raises ValueError where a first argument is not one plain literal."""
    for node in ast.walk(ast.parse(source, name)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
            continue
        if node.func.id in ("msg", "t"):
            yield _literal(node.args[0], name)
        elif node.func.id == "nmsg":
            yield _literal(node.args[0], name), _literal(node.args[1], name)


def _literal(node: ast.expr, name: str) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    raise ValueError(f"{name}, line {node.lineno}: a message must be one plain literal, so that it can be translated")


def messages_of_notebook(text: str) -> Iterator[str]:
    """Yield each Markdown cell of a notebook, stripped."""
    for cell in json.loads(text)["cells"]:
        source = "".join(cell["source"]).strip()
        if cell["cell_type"] == "markdown" and source:
            yield source


def messages_of_register(text: str) -> Iterator[str]:
    """Yield the wording of a register of data (a YAML list of rows): the fields that are shown."""
    import yaml

    for row in yaml.safe_load(text):
        yield from (row[name] for name in REGISTER_FIELDS if row.get(name))


def collect(package: Path, notebooks: Path) -> dict[MessageId, str]:
    """Return every message and the file that says it first, in the order of the files."""
    found: dict[MessageId, str] = {}
    for path in sorted(package.rglob("*.py")):
        if path == Path(__file__) or path.parent.name == "text":
            continue
        place = path.relative_to(package.parent).as_posix()
        for message in messages_of_python(path.read_text(encoding="utf-8"), place):
            found.setdefault(message, place)
    for path in sorted((package / "text").glob("*.py")):
        found.update(dict.fromkeys(_own_words(path), path.relative_to(package.parent).as_posix()))
    for path in sorted((package / "analyses").rglob("*.yaml")):
        found.update(dict.fromkeys(messages_of_register(path.read_text(encoding="utf-8")), path.relative_to(package.parent).as_posix()))
    for path in sorted(notebooks.rglob("*.ipynb")):
        if ".ipynb_checkpoints" not in path.parts:
            for message in messages_of_notebook(path.read_text(encoding="utf-8")):
                found.setdefault(message, path.relative_to(notebooks.parent).as_posix())
    found.pop("", None)
    return found


def _own_words(path: Path) -> Iterator[MessageId]:
    """Yield the words of this package itself, which asks its catalogue directly."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        literals = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in ("gettext", "msg") and literals:
            yield literals[0]
        elif name == "ngettext" and len(literals) >= 2:
            yield literals[0], literals[1]


def template(found: dict[MessageId, str]) -> Catalog:
    """Return the messages as a catalogue without translations."""
    catalogue = Catalog(project="workbook", charset="utf-8", fuzzy=False)
    for message, place in found.items():
        catalogue.add(message, locations=[(place, 0)])
    return catalogue


def write(catalogue: Catalog, path: Path) -> None:
    """Write a catalogue without dates, line numbers and obsolete entries."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=118, omit_header=False, sort_by_file=False, include_lineno=False, ignore_obsolete=True)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    volatile = ('"POT-Creation-Date', '"PO-Revision-Date', '"Generated-By', '"Last-Translator', '"Language-Team', '"Report-Msgid')
    kept = [line for line in lines if not line.startswith((*volatile, "# "))]
    path.write_text("".join(kept), encoding="utf-8", newline="\n")


def update(fresh: Catalog) -> None:
    """Merge the messages into each language, keeping every translation that still has its message."""
    for language, path in CATALOGUES.items():
        known = _read(path, language)
        known.fuzzy = False
        known.update(fresh, no_fuzzy_matching=True)
        write(known, path)


def _read(path: Path, language: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def main() -> int:
    """Update the catalogues, or check them."""
    fresh = template(collect(PACKAGE, PACKAGE.parent / "notebooks"))
    if "--check" not in sys.argv[1:]:
        update(fresh)
        return 0
    wanted = {message.id for message in fresh}
    missing = {str(id) for language, path in CATALOGUES.items() for id in wanted ^ {m.id for m in _read(path, language)}}
    for message in sorted(missing):
        print(f"not in step: {message[:100]}")
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main())
