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


def load(database: Any, prefix: str, frames: Frames, folder: Path) -> dict[str, Any]:
    """Put the frames into an engine, one table each; return them as Ibis tables. Spark reads them from Parquet, as it would."""
    if database.name != "pyspark":
        return {name: database.create_table(f"{prefix}_{name}", rows) for name, rows in frames.items()}
    for name, rows in frames.items():
        pq.write_table(rows, folder / f"{prefix}_{name}.parquet")
    return {name: database.read_parquet(folder / f"{prefix}_{name}.parquet", table_name=f"{prefix}_{name}") for name in frames}


def steps(name: str, tables: dict[str, Any]) -> dict[str, Any]:
    """Return the lazy first step of a question, by the name of its small table."""
    question = QUESTIONS[name]
    given = [each for each in inspect.signature(question.aggregate).parameters if each not in ("params", "as_of")]
    asked = question.aggregate(
        *(NOT_FRAMES[each]() if each in NOT_FRAMES else tables[each] for each in given), params_class(question)(), as_of=AS_OF
    )
    return asked if isinstance(asked, dict) else {"": asked}


def small_tables(name: str, tables: dict[str, Any]) -> dict[str, pd.DataFrame]:
    """Run the first step of a question where the tables are; return its small tables as `analyse` gets them."""
    return {key: to_frame(step) for key, step in steps(name, tables).items()}
