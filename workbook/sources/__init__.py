"""From a CRM's export, files or a database to the canonical frames, with an account of every line.

What is named here is imported when it is asked for: to see that files are unchanged takes none of what reads them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbook.sources.draft import ImportSummary, import_to
    from workbook.sources.key import import_key
    from workbook.sources.pipeline import import_frames
    from workbook.sources.record import ImportRecord
    from workbook.sources.write import load_import

__all__ = ["ImportRecord", "ImportSummary", "import_frames", "import_key", "import_to", "load_import"]
_HOMES = {
    "ImportRecord": "record",
    "ImportSummary": "draft",
    "import_frames": "pipeline",
    "import_key": "key",
    "import_to": "draft",
    "load_import": "write",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"{__name__} has no {name}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
