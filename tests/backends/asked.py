"""What every engine is asked: all first steps of all questions, on the same frames in each engine."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tests.analyses.contract import table
from tests.analyses.data.frames import AS_OF
from tests.analyses.drawn import company
from workbook.analyses import TOPICS, params_class, questions
from workbook.frames import FRAMES
from workbook.notebook import to_frame

Frames = dict[str, pa.Table]
QUESTIONS: dict[str, ModuleType] = {
    f"{topic}.{name}": question for topic in TOPICS for name, question in questions(topic).items() if hasattr(question, "aggregate")
}
NOT_FRAMES: dict[str, Callable[[], Any]] = {  # what a first step takes that is no frame
    "members": lambda: pd.DataFrame({"account_id": [f"A{i}" for i in range(9)], "name": [("Large", "Größte", "O'Neill")[i % 3] for i in range(9)]}),
}
NAMES = ("Äpfel & Co", "äPFEL & CO ", "Zebra", "acme", "Acme", "O'Neill; acme", "none", "", " ; ", "Ω plc", "ß;SS")
EMPTIED = ("owner_id", "account_id", "region", "amount", "created_on", "closed_on")


def drawn(n: int) -> Frames:
    """Return all frames of a small company with what exports hold: no value, ties, odd names, words with accents."""
    rows = company(5, n)
    for i, deal in enumerate(rows["opportunities"]):
        deal |= {"competitor": NAMES[i % len(NAMES)], "loss_reason": deal["loss_reason"] and (None, "Preis", "preis ", "Zu spät")[i % 4]}
        deal |= {name: None for k, name in enumerate(EMPTIED) if i % 11 == k}
    return {name: table(name, rows.get(name, [])).to_pyarrow() for name in FRAMES}


class Asked:
    """An engine with all sets of frames loaded, one table each, and what it answered so far."""

    def __init__(self, database: Any, data: dict[str, Frames], folder: Path) -> None:
        self.tables = {kind: {name: _load(database, f"{kind}_{name}", rows, folder) for name, rows in frames.items()} for kind, frames in data.items()}
        if database.name == "postgres":
            database.raw_sql("ANALYZE").close()  # as its autovacuum does in time; without it some plans take minutes
        self._small: dict[tuple[str, str], dict[str, pd.DataFrame]] = {}

    def small_tables(self, kind: str, name: str) -> dict[str, pd.DataFrame]:
        """Run the first step of a question where the tables are; return its small tables as `analyse` gets them, by name."""
        if (kind, name) not in self._small:
            self._small[kind, name] = {key: to_frame(step) for key, step in first_step(name, self.tables[kind]).items()}
        return self._small[kind, name]


def answer(name: str, small: dict[str, pd.DataFrame]) -> Any:
    """Return what a question makes of its small tables."""
    question = QUESTIONS[name]
    return question.analyse(small[""] if list(small) == [""] else small, params_class(question)(), as_of=AS_OF)


def _load(database: Any, name: str, rows: pa.Table, folder: Path) -> Any:
    """Put a frame into an engine; return it as an Ibis table. Spark reads it from Parquet, as it would."""
    if database.name != "pyspark":
        return database.create_table(name, rows)
    pq.write_table(rows, folder / f"{name}.parquet")
    return database.read_parquet(folder / f"{name}.parquet", table_name=name)


def first_step(name: str, tables: dict[str, Any]) -> dict[str, Any]:
    """Return the lazy first step of a question by the name of its small table."""
    question = QUESTIONS[name]
    given = [each for each in inspect.signature(question.aggregate).parameters if each not in ("params", "as_of")]
    inputs = [NOT_FRAMES[each]() if each in NOT_FRAMES else tables[each] for each in given]
    asked = question.aggregate(*inputs, params_class(question)(), as_of=AS_OF)
    return asked if isinstance(asked, dict) else {"": asked}
