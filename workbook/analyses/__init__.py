"""The questions the workbook answers: `analyses/<topic>/<question>.py`. Topics never import one another."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import ModuleType

from workbook.params import Params

TOPICS = ("data", "market", "icp_segmentation", "competitors", "alignment_impact")
NOTEBOOKS = {topic: f"{number:02d}_{topic}.ipynb" for number, topic in enumerate(TOPICS)}


@dataclass(frozen=True, slots=True)
class Opening:
    """One of the questions whose answers open a chapter. A topic's `OPENING` lists them, the most telling first.

    frames: what the question is asked with, in order; all but `needs` may be absent (`frame` or `frame.column`).
    figure: the function in the topic's `figures` that draws its answer; the first one drawn opens the chapter.
    inputs: what the question takes behind the frames, such as a register that comes with the workbook.
    """

    question: str
    frames: tuple[str, ...]
    needs: tuple[str, ...]
    figure: str = ""
    inputs: Callable[[], tuple[object, ...]] = tuple


def opening(topic: str) -> tuple[Opening, ...]:
    """Return the questions whose answers open a topic's chapter."""
    return tuple(getattr(importlib.import_module(f"{__name__}.{topic}"), "OPENING", ()))


def by_name(package: str) -> Callable[[str], ModuleType]:
    """Return a topic's `__getattr__`: `market.growth` imports that question when it is asked. Nothing to register."""

    def module(name: str) -> ModuleType:
        if name.startswith("_") or importlib.util.find_spec(f"{package}.{name}") is None:
            raise AttributeError(f"{package} has no question {name}")
        return importlib.import_module(f"{package}.{name}")

    return module


def questions(topic: str) -> dict[str, ModuleType]:
    """Return the question modules of a topic by name: those that have an `analyse`."""
    package = importlib.import_module(f"workbook.analyses.{topic}")
    modules = {name: importlib.import_module(f"{package.__name__}.{name}") for _, name, _ in pkgutil.iter_modules(package.__path__)}
    return {name: module for name, module in modules.items() if hasattr(module, "analyse")}


@cache
def families(topic: str) -> int:
    """Count the questions of a topic that test hypotheses: they share the chapter's false-discovery rate.

    Each such question holds its own family (Benjamini–Hochberg over all its tests) at the chapter's rate divided by this
    number. The expected share of false differences in the whole chapter then stays below the rate, whichever questions the
    data can answer and in whatever order they are asked: FDR ≤ Σ E[V_k / max(R_k, 1)] ≤ Σ rate / families.
    """
    return sum("false_discovery_rate" in params_class(question).model_fields for question in questions(topic).values())


def params_class(question: ModuleType) -> type[Params]:
    """Return the one settings class that a question module defines."""
    found = [
        value
        for value in vars(question).values()
        if inspect.isclass(value) and issubclass(value, Params) and value.__module__ == question.__name__
    ]
    if len(found) != 1:
        raise TypeError(f"{question.__name__} must define exactly one Params class, it defines {len(found)}")
    return found[0]
