"""One door for the tests of imports: write files, import them, look at the frames."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from workbook.params import RunParams
from workbook.sources import ImportRecord, import_frames
from workbook.sources.record import unbalanced


@dataclass
class Done:
    """One import of a test."""

    record: ImportRecord
    out: Path

    def __getitem__(self, frame: str) -> pd.DataFrame:
        return pq.read_table(self.out / f"{frame}.parquet").to_pandas()

    @property
    def deals(self) -> pd.DataFrame:
        return self["opportunities"]

    def lines(self, name: str) -> pd.DataFrame:
        return pd.read_csv(self.out / f"{name}.csv", dtype=str, keep_default_na=False)

    def rules(self) -> set[str]:
        return {flag.rule for flag in self.record.flags}


@pytest.fixture
def imported(tmp_path):
    """Return a function: files (name → text or bytes), settings → what the import gave."""

    def run(files: dict[str, str | bytes], **settings) -> Done:
        data = tmp_path / "data"
        data.mkdir(exist_ok=True)
        for name, content in files.items():
            (data / name).write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        if isinstance(mapping := settings.pop("mapping", None), str):
            (tmp_path / "mapping.yaml").write_text(mapping, encoding="utf-8")
            settings["mapping"] = tmp_path / "mapping.yaml"
        record = import_frames(RunParams(data=data, **settings), tmp_path / "out")
        assert not unbalanced(record.files)
        return Done(record, tmp_path / "out")

    return run


@pytest.fixture
def deals():
    """Return a function: rows of an opportunity list → its CSV text."""

    def text(*rows: str, header: str = "Opportunity ID,Account Name,Stage,Amount,Created Date,Close Date", end: str = "\n") -> str:
        return end.join([header, *rows]) + end

    return text
