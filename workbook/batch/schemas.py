"""JSON Schemas of the settings, the results and run.json, for editors and for whoever reads a report's files.

    python -m workbook.batch.schemas            writes docs/schemas/*.schema.json
"""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel

from workbook.batch.record import RunRecord
from workbook.notebook import project_root
from workbook.params import RunParams
from workbook.results import ResultsFile

FOLDER = Path("docs") / "schemas"


def schemas() -> dict[str, str]:
    """Return file name → JSON Schema as text."""
    models: dict[str, type[BaseModel]] = {"params": RunParams, "results": ResultsFile, "run": RunRecord}
    return {f"{name}.schema.json": json.dumps(model.model_json_schema(), indent=2) + "\n" for name, model in models.items()}


def main() -> int:
    """Write the schemas."""
    folder = project_root() / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schemas().items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
