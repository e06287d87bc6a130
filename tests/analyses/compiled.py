"""A question whose first step is compiled once and asked many times: most of the time of a small case goes into compiling."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import ibis
import pyarrow as pa

from tests.analyses.contract import table
from tests.analyses.data.frames import AS_OF
from workbook.analyses import params_class
from workbook.notebook import to_frame


class Compiled:
    """A question over tables of given names in a database of its own."""

    def __init__(self, question: ModuleType, frames: tuple[str, ...]) -> None:
        self.question, self.frames, self.params = question, frames, params_class(question)()
        self.database = ibis.duckdb.connect()
        self._fill({})
        asked = question.aggregate(*(self.database.table(name) for name in frames), self.params, as_of=AS_OF)
        self.is_one = not isinstance(asked, dict)
        steps = {"": asked} if self.is_one else asked
        self.steps = {key: (self.database.compile(step), step.schema().to_pyarrow()) for key, step in steps.items()}

    def answer(self, rows: dict[str, list[dict[str, Any]]]) -> Any:
        """Ask it of these rows."""
        self._fill(rows)
        small = {key: to_frame(_Fetched(self.database.con.sql(sql).to_arrow_table().cast(schema))) for key, (sql, schema) in self.steps.items()}
        return self.question.analyse(small[""] if self.is_one else small, self.params, as_of=AS_OF)

    def _fill(self, rows: dict[str, list[dict[str, Any]]]) -> None:
        for name in self.frames:
            self.database.create_table(name, table(name, rows.get(name, [])).to_pyarrow(), overwrite=True)


class _Fetched:
    """What `to_frame` asks of an expression."""

    def __init__(self, rows: pa.Table) -> None:
        self.rows = rows

    def to_pyarrow(self) -> pa.Table:
        return self.rows
