"""The engine of the passing import says in words when its bound is too narrow, and leaves nothing behind."""

import pytest

from workbook.errors import DataError, RunError
from workbook.sources.passing.engine import Engine

MORE_THAN_A_MEGABYTE = "SELECT list(range) FROM range(1000000)"


def test_too_little_memory_is_told_with_what_to_do(tmp_path):
    with pytest.raises(DataError) as told, Engine("1 MB", tmp_path) as engine:
        engine.rows(MORE_THAN_A_MEGABYTE)
    assert told.value.where == "memory_limit" and "1 MB" in str(told.value) and "1 GiB" in told.value.lines()[-1]
    assert not list(tmp_path.iterdir())


def test_any_other_error_passes_through(tmp_path):
    with pytest.raises(RunError), Engine("1 GiB", tmp_path):
        raise RunError("something else")
