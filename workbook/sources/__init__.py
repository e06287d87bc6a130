"""From a CRM's export, files or a database to the canonical frames, with an account of every line."""

from workbook.sources.draft import ImportSummary, import_to
from workbook.sources.key import import_key
from workbook.sources.pipeline import import_frames
from workbook.sources.record import ImportRecord
from workbook.sources.write import load_import

__all__ = ["ImportRecord", "ImportSummary", "import_frames", "import_key", "import_to", "load_import"]
