"""Write the demo company as files."""

from __future__ import annotations

import json
from pathlib import Path

from workbook.demo.cells import csv_text, table_rows, write_bytes
from workbook.demo.dirt import as_json, lines, soil
from workbook.demo.simulate import simulate


def write_demo(to: Path, seed: int = 7) -> None:
    """Write `<frame>.csv` for every canonical frame, with dirt in counted places, and `truth.json`. UTF-8,
    `\\n`.

    `truth.json` is the company's truth with `dirt` (each kind, its place and count) and `lines` (the
    accounting per file).
    """
    company = simulate(seed)
    tables, dirt = soil(company.frames, seed)
    for name, table in tables.items():
        write_bytes(to / f"{name}.csv", csv_text(table_rows(table)))
    truth = company.truth | {"lines": lines(company.frames, tables, dirt), "dirt": as_json(dirt)}
    write_bytes(to / "truth.json", json.dumps(truth, indent=1, ensure_ascii=False) + "\n")
