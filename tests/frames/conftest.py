"""Small frames written as rows."""

import pandas as pd
import pytest

from workbook.frames import FRAMES
from workbook.frames.column import ARROW_TYPES
from workbook.frames.schemas import PANDAS_TYPES


@pytest.fixture
def rows():
    """Return a function: a frame's name and rows as dicts → the typed frame with all its columns."""

    def build(frame, *given):
        types = {column.name: PANDAS_TYPES[ARROW_TYPES[column.kind]] for column in FRAMES[frame].columns}
        return pd.DataFrame({name: pd.Series([row.get(name) for row in given], dtype=kind) for name, kind in types.items()})

    return build
