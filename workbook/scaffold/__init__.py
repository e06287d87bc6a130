"""A new question by copying a template: the module and its test, ready to run, and what is left to do."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from workbook.analyses import NOTEBOOKS, TOPICS
from workbook.errors import OutputError, ParamsError
from workbook.notebook import project_root
from workbook.text import Message, msg

PARTS = {"question.txt": "workbook/analyses/{topic}/{name}.py", "test.txt": "tests/analyses/{topic}/test_{name}.py"}


def write_question(topic: str, name: str, root: Path | None = None) -> list[Path]:
    """Write a question's module and test; return their paths. Raises `ParamsError` and `OutputError`; overwrites nothing."""
    root = root or project_root()
    if topic not in TOPICS:
        raise ParamsError(msg("unknown topic {topic}", topic=topic), mend=msg("Known topics: {topics}.", topics=TOPICS))
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
        raise ParamsError(msg("{name} cannot name a module", name=name), mend=msg("Use lower-case words joined by underscores: deals_by_weekday."))
    paths = {part: root / place.format(topic=topic, name=name) for part, place in PARTS.items()}
    there = [path for path in paths.values() if path.exists()]
    if there:
        raise OutputError(msg("{path} is there already", path=str(there[0])), mend=msg("Choose another name, or edit that file."))
    for part, path in paths.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_filled(part, topic, name), encoding="utf-8", newline="\n")
    return list(paths.values())


def next_steps(topic: str) -> list[Message]:
    """Return what is left to do by hand."""
    return [
        msg("Turn its result into a table or chart in tables.py or figures.py of that folder."),
        msg("Ask it in notebooks/{notebook}, then call `make notebooks`.", notebook=NOTEBOOKS[topic]),
        msg("Call `make messages` and write the German of its sentences."),
    ]


def _filled(part: str, topic: str, name: str) -> str:
    text = files("workbook.scaffold").joinpath(part).read_text(encoding="utf-8")
    camel = "".join(word.capitalize() for word in name.split("_"))
    return text.replace("@Name@", camel).replace("@name@", name).replace("@topic@", topic)
