"""Write the demo company as files."""

from __future__ import annotations

import json
from pathlib import Path

from workbook.demo.cells import csv_text, table_rows, write_bytes
from workbook.demo.dirt import as_json, lines, soil
from workbook.demo.simulate import simulate


def write_demo(to: Path, seed: int = 7) -> list[Path]:
    """Write `<frame>.csv` for every canonical frame, with counted dirt, and `truth.json`; return the paths.

    UTF-8, lines end with a line feed on every system. `truth.json` is the company's truth with `dirt` (each
    kind, its place and count) and `lines` (the accounting per file, lines below the header).
    """
    company = simulate(seed)
    tables, dirt = soil(company.frames, seed)
    written = [to / f"{name}.csv" for name in tables]
    for path, table in zip(written, tables.values(), strict=True):
        write_bytes(path, csv_text(table_rows(table)))
    truth = company.truth | {"lines": lines(company.frames, tables, dirt), "dirt": as_json(dirt)}
    write_bytes(to / "truth.json", json.dumps(truth, indent=1, ensure_ascii=False) + "\n")
    return [*written, to / "truth.json"]
