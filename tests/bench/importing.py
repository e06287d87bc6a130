"""Measure the import of large canonical Parquet, for `tests.bench.large`.

    python -m tests.bench.importing FOLDER [TO]

A process of its own, so that its peak is that of an import; prints what it took as JSON. TO: where to leave the imported frames.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.company import AS_OF
from tests.bench.first_steps import peak_mib
from workbook.params import RunParams
from workbook.sources import import_frames

MILLION = 1_000_000


def main(folder: str, to: str = "") -> int:
    """Import a folder of frames, and print lines, seconds of one core and the peak."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        began = time.process_time()
        record = import_frames(RunParams(data=Path(folder), as_of=AS_OF), Path(to or name))
        print(json.dumps({"lines": record.total("lines_read"), "cpu": time.process_time() - began, "peak_mib": peak_mib()}))
    return 0


def table(imports: dict[str, dict[str, Any]]) -> str:
    """Return the rows of the page's table of imports. imports: by stage entries."""
    rows = sorted((int(entries), one) for entries, one in imports.items())
    return "\n".join(
        f"| {entries // MILLION} | {one['lines'] / MILLION:.1f} | {one['cpu']:.0f} | {one['cpu'] / one['lines'] * MILLION:.1f} | {one['peak_mib']:.0f} |"
        for entries, one in rows
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
