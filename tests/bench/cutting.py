"""Measure how the parts of a matrix are counted and cut out of large data, for `tests.bench.large`.

    python -m tests.bench.cutting FOLDER

The folder's frames are imported by another process; this one counts the combinations and cuts each, so that its peak is that of a
matrix's runner beside the import. Prints what it took as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.first_steps import peak_mib
from workbook.params import RunParams
from workbook.sources import load_import
from workbook.sources.part import Part, part_of

MILLION = 1_000_000
COLUMN = "accounts.country"


def main(folder: str) -> int:
    """Cut all parts of a column, one after the other; print how many there are, seconds of one core and the peak."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        imported = Path(name) / "imported"
        subprocess.run([sys.executable, "-m", "tests.bench.importing", folder, str(imported)], check=True, stdout=subprocess.DEVNULL)
        everything = Part(imported, load_import(imported), RunParams().memory_limit)
        began = time.process_time()
        values = sorted(value for (value,), _ in everything.deals_by((COLUMN,)))
        counted = time.process_time()
        for value in values:
            with tempfile.TemporaryDirectory(prefix="part-", dir=name) as part:
                part_of(everything, {COLUMN: value}, Path(part))
        told = {"parts": len(values), "count": counted - began, "cut": time.process_time() - counted, "peak_mib": peak_mib()}
        print(json.dumps(told))
    return 0


def table(cut: dict[str, dict[str, Any]]) -> str:
    """Return the rows of the page's table of parts. cut: by stage entries."""
    rows = sorted((int(entries), one) for entries, one in cut.items())
    return "\n".join(
        f"| {entries // MILLION} | {one['parts']} | {one['count']:.1f} | {one['cut'] / one['parts']:.1f} | {one['peak_mib']:.0f} |" for entries, one in rows
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
