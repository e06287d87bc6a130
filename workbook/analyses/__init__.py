"""The questions the workbook answers: `analyses/<topic>/<question>.py`. Topics never import one another."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
from collections.abc import Callable
from types import ModuleType

from workbook.params import Params

TOPICS = ("data", "market", "icp_segmentation", "competitors", "alignment_impact")
NOTEBOOKS = {topic: f"{number:02d}_{topic}.ipynb" for number, topic in enumerate(TOPICS)}


def by_name(package: str) -> Callable[[str], ModuleType]:
    """Return a topic's `__getattr__`: `market.growth` imports that question when it is asked. Nothing to register."""

    def module(name: str) -> ModuleType:
        if name.startswith("_") or importlib.util.find_spec(f"{package}.{name}") is None:
            raise AttributeError(f"{package} has no question {name}")
        return importlib.import_module(f"{package}.{name}")

    return module


def questions(topic: str) -> dict[str, ModuleType]:
    """Return the question modules of a topic by name: those that have an `analyse`."""
    import pkgutil

    package = importlib.import_module(f"workbook.analyses.{topic}")
    modules = {name: importlib.import_module(f"{package.__name__}.{name}") for _, name, _ in pkgutil.iter_modules(package.__path__)}
    return {name: module for name, module in modules.items() if hasattr(module, "analyse")}


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
