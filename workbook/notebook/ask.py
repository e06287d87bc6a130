"""Asking a question: its settings, the work where the data are, the answer with its section on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from workbook.analyses import families, params_class
from workbook.analyses.sampling import KEY, Sample, draw, only_drawn, sample_check, small_table
from workbook.notebook.engine import execute
from workbook.params import Params, RunParams
from workbook.results import Check, Result

if TYPE_CHECKING:
    from ibis.expr.types import Table

MOST_KEPT_ROWS = 100_000


class SmallTables:
    """The small tables of one chapter: what several questions ask for is fetched once. Longer ones are not held."""

    def __init__(self) -> None:
        self._kept: dict[Any, pd.DataFrame] = {}

    def fetch(self, expression: Table) -> pd.DataFrame:
        """Return an expression's rows, as `to_frame` does; whoever gets them may write on them."""
        asked = expression.op()
        frame = self._kept[asked] if asked in self._kept else to_frame(expression)
        if len(frame) <= MOST_KEPT_ROWS:
            self._kept[asked] = frame
        return frame.copy(deep=False)


def compute(
    question: ModuleType, params: Params, tables: tuple[Any, ...], as_of: date, fetch: Callable[[Table], pd.DataFrame]
) -> Result:
    """Return the answer. Frames go to `aggregate`; results of other questions go to `analyse`, behind the small tables.

    fetch: runs an expression and returns its rows.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with threadpool_limits(1):  # on matrices of this size threads wait for one another several times as long as they compute
        if not hasattr(question, "aggregate"):
            result = cast(Result, question.analyse(*tables, params, as_of=as_of))
        else:
            results = [table for table in tables if isinstance(table, Result)]
            small, checks = small_tables(question, params, [table for table in tables if not isinstance(table, Result)], as_of, fetch)
            result = cast(Result, question.analyse(small[""] if list(small) == [""] else small, *results, params, as_of=as_of))
            result = replace(result, checks=(*result.checks, *checks))
    return with_section(result, question.SECTION)


def small_tables(
    question: ModuleType, params: Any, frames: list[Any], as_of: date, fetch: Callable[[Table], pd.DataFrame]
) -> tuple[dict[str, Any], tuple[Check, ...]]:
    """Return the small tables by name ("" for a single one), and what to say where some of them hold a sample."""
    asked = _by_name(question.aggregate(*frames, params, as_of=as_of))
    sample: Sample | None = getattr(question, "SAMPLE", None)
    drawn = None if sample is None else draw(sample, frames, params)
    if sample is None or drawn is None:
        return {name: fetch(table) for name, table in asked.items()}, ()
    of_drawn = _by_name(question.aggregate(*(only_drawn(frame, drawn, sample) for frame in frames), params, as_of=as_of))
    told = {} if list(asked) == [""] else {KEY: small_table(drawn)}
    small = {name: fetch((of_drawn if name in sample.tables else asked)[name]) for name in asked}
    return small | told, (sample_check(drawn, sample),)


def _by_name(asked: Any) -> dict[str, Any]:
    return asked if isinstance(asked, dict) else {"": asked}


def question_params(question: ModuleType, run: RunParams) -> Params:
    """Return a question's settings, filled from the run's: `confidence`, `seed`, `draws`, `currency` come from above.

    So does `false_discovery_rate`: the chapter's rate in equal parts for its questions that test hypotheses.
    """
    cls = params_class(question)
    _, topic, name = question.__name__.rsplit(".", 2)
    own = dict(run.analyses.get(topic, {}).get(name, {}))
    for shared in ("confidence", "seed", "draws", "currency"):
        if shared in cls.model_fields and shared not in own:
            own[shared] = getattr(run, shared)
    if "false_discovery_rate" in cls.model_fields and "false_discovery_rate" not in own:
        own["false_discovery_rate"] = run.false_discovery_rate / max(families(topic), 1)
    return cls.model_validate(own)


def with_section(result: Result, section: str) -> Result:
    """Return the result with its section's id on every headline, check and action that carries none."""

    def named(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(item if item.section else replace(item, section=section) for item in items)

    return replace(result, headlines=named(result.headlines), checks=named(result.checks), actions=named(result.actions))


def to_frame(expression: Table) -> pd.DataFrame:
    """Execute an expression; decimals become floats, dates datetime64; rows in a fixed order whatever the engine does."""
    arrow = execute(expression)
    for place, field in enumerate(arrow.schema):
        if str(field.type).startswith("decimal"):  # by way of text, which rounds once; a cast from decimal rounds twice
            arrow = arrow.set_column(place, field.name, arrow.column(place).cast("string").cast("float64"))
    frame: pd.DataFrame = arrow.to_pandas(date_as_object=False)
    del arrow  # a large one need not stay while its rows are sorted
    sortable = [name for name in frame.columns if not any(isinstance(value, list | dict) for value in frame[name].head(50))]
    return frame.sort_values(sortable, kind="stable", na_position="last").reset_index(drop=True) if sortable else frame


def empty_table(frame: str) -> Table:
    """Return a frame without rows, with the columns it would have."""
    import ibis

    from workbook.frames import FRAMES

    types = {"whole": "int64", "year": "int64", "number": "float64", "share": "float64", "money": "decimal(18, 2)"}
    types |= {"date": "date", "instant": "timestamp", "flag": "boolean"}
    schema = ibis.schema({c.name: types.get(c.kind, "string") for c in FRAMES[frame].columns})
    return ibis.memtable(schema.to_pyarrow().empty_table())


def is_same(first: Any, second: Any) -> bool:
    """Tell whether two inputs of a question are the same: one object, or the same Ibis expression."""
    return first is second or (hasattr(first, "equals") and type(first) is type(second) and bool(first.equals(second)))
