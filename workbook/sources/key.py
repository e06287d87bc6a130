"""What an import depends on, as one hash: settings, file contents, mapping, and the code that imports."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from workbook.params import RunParams
from workbook.sources.files import Found, locate, mapping_path
from workbook.sources.known import KnownFiles

if TYPE_CHECKING:
    import pandas as pd

    from workbook.sources.files import Located
    from workbook.sources.table import RawTable

_SETTINGS = ("as_of", "crm", "sources", "currency", "exchange_rates", "rejected_lines_max_share", "part")


def import_key(params: RunParams, *, with_databases: bool = True, known: KnownFiles | None = None) -> str:
    """Return a hash that changes exactly when an import could give something else. Raises `DataError`.

    with_databases: read the tables of databases for it; without them the hash speaks of files alone. known: files hashed
    before; without it every file is hashed.
    """
    known = known or KnownFiles()
    parts = [_code(), json.dumps(params.model_dump(mode="json", include=set(_SETTINGS)), sort_keys=True)]
    found = locate(params)
    parts.append(files_hash(found, known, with_databases=with_databases))
    named = [source.mapping for source in params.sources if source.mapping.endswith((".yaml", ".yml"))]
    mappings = [params.mapping, *(mapping_path(name, params) for name in named)]
    parts.extend(known.digest(path) for path in mappings if path is not None and path.is_file())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def files_hash(found: Found, known: KnownFiles, *, with_databases: bool = True) -> str:
    """Return a hash of the files' names and contents; a table of a database is read for it."""
    parts = []
    for item in found.located:
        if item.path is None:
            parts.append(f"{item.source.table} {_table_hash(item) if with_databases else ''}")
        else:
            parts.append(f"{item.path.name} {known.digest(item.path)}")
    parts.extend(f"ignored {path.name} {known.digest(path)}" for path in (*found.ignored, *found.twins))
    return hashlib.sha256(os.fsencode("\n".join(parts))).hexdigest()


def _table_hash(item: Located) -> str:
    from workbook.sources.columnar import database_texts

    return _hash_of(database_texts(item.source))


def cells_hash(table: RawTable) -> str:
    """Return a hash of a table's cells, whatever it was read from."""
    return _hash_of([table.cells])


def _hash_of(parts: Iterable[pd.DataFrame]) -> str:
    """Return a hash of text cells, whatever the order of the rows and however many are looked at together."""
    import numpy as np
    import pandas as pd

    rows = np.concatenate([np.empty(0, np.uint64), *(pd.util.hash_pandas_object(part, index=False).to_numpy() for part in parts)])
    return hashlib.sha256(np.sort(rows).tobytes()).hexdigest()


@cache
def _code() -> str:
    """Hash the source code of the importing packages and the ready mappings."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    for folder in (here, here.parent / "frames"):
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".py", ".yaml"):
                digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()
