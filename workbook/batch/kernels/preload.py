"""What a zygote imports, and when: at once, before several kernels are forked, and while nobody asks."""

from __future__ import annotations

import contextlib
import gc
import importlib
import sys
from collections.abc import Iterable, Iterator, Sequence

from workbook.batch.kernels.imports import without
from workbook.batch.kernels.provisioner import OPTIONS

MACHINERY = {
    "worker": (
        "workbook.batch.worker", "workbook.batch.outputs", "IPython", "tornado.platform.asyncio", "zmq.utils.garbage", "babel.dates", "babel.numbers",
        "nbconvert.exporters.templateexporter",
    ),
    "kernel": (
        "ipykernel.kernelapp", "workbook.batch.kernels.kernel", "IPython.core.completerlib", "IPython.core.debugger", "IPython.core.logger",
        "IPython.core.oinspect", "IPython.extensions.storemagic", "sqlite3", "tornado.platform.asyncio", "zmq.utils.garbage",
    ),
}  # fmt: skip
CHAPTERS = "workbook.notebook"  # what notebooks import that are chapters of ours
# What a package imports only when it is used.
COMPANIONS = {
    CHAPTERS: ("ibis.backends.duckdb", "duckdb", "matplotlib.figure", "jinja2", "babel.numbers", "babel.dates"),
    "pandas": ("pandas.io.formats.html", "pandas.io.formats.string", "pyarrow.pandas_compat", "pyarrow.vendored.version"),
    "matplotlib": (
        "matplotlib.backends.backend_agg", "PIL.Image", "PIL.BmpImagePlugin", "PIL.GifImagePlugin", "PIL.JpegImagePlugin", "PIL.PpmImagePlugin",
    ),
}  # fmt: skip
# Of chapters. Imported while nobody asks for a copy, at the latest before a kernel is forked that is not alone: several would each
# import these beside one another. The kernel of a single chapter starts at once: it need not wait for what it may not use.
MODELS = ("scipy.stats", "scipy.optimize")
# Imported afterwards, at the latest before a third kernel is forked: less than a chapter would wait for.
LATER = (
    "workbook.sources.write", "ibis.backends.duckdb.converter", "ibis.expr.types.groupby", "ibis.formats.pandas", "pandas.core.reshape.reshape",
    "pandas.core.methods.to_dict", "pandas.io.formats.csvs", "workbook.show.ticks", "pyarrow.dataset", "sklearn.ensemble", "sklearn.cluster",
    "statsmodels.duration.hazard_regression",
)  # fmt: skip


def preload(kind: str, modules: Sequence[str]) -> None:
    """Import, and let libraries make what they would make once per process. Copies switch the garbage collector on again."""
    gc.disable()  # what is imported stays
    if kind == "worker":
        _import(MACHINERY[kind])
        from jupyter_client.provisioning import KernelProvisionerFactory

        from workbook.batch import notebooks

        notebooks.text(notebooks.node({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))  # compiles the schema
        KernelProvisionerFactory.instance()  # reads the entry points of all that is installed
    else:
        with without("debugpy"):  # half of a kernel's start; nobody debugs a copy
            importlib.import_module("ipykernel.debugger")
        _import(MACHINERY[kind])
        _read_options()
        _turn_a_cell()
        _import(modules)
        _import(name for package, names in COMPANIONS.items() if package in sys.modules for name in names)
    gc.freeze()  # a collection in a child must not touch, and so copy, every page


def _read_options() -> None:
    """Let the kernel's application read the options that every kernel has: it looks through all its classes for each time."""
    from workbook.batch.kernels.kernel import PromptApp

    app = PromptApp.instance()
    app.parse_command_line(list(OPTIONS))
    app.log.setLevel(app.log_level)  # what nobody hears need not be put together


def _turn_a_cell() -> None:
    """Turn a cell into Python, so that the patterns by which it is cut into words are compiled."""
    from IPython.core.inputtransformer2 import TransformerManager

    TransformerManager().transform_cell("0")


def _import(modules: Iterable[str]) -> None:
    for name in modules:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def import_models() -> Iterator[bool]:
    """Import step by step what most chapters compute with, as they would import it themselves; yields True after each step."""
    for name in MODELS:
        _import([name])
        yield True
    gc.freeze()


def import_rest() -> Iterator[bool]:
    """Import step by step the rest of what chapters import; yields True after each step."""
    from workbook.analyses import TOPICS, questions
    from workbook.text.catalogue import LANGUAGES, translations

    for name in LATER:
        _import([name])
        yield True
    for language in LANGUAGES:  # names of measures are known by their words in both, whatever the report's language
        translations(language)
        yield True
    for topic in TOPICS:
        questions(topic)
        yield True
    gc.freeze()
