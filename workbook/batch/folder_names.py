"""How the report folders of a matrix are called: readable, safe on every system, and the same from run to run.

A combination keeps the folder that it had, whatever other values the next export brings. A new one is called by its values, and where that
name is another's, by its values and a hash.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping

from workbook.batch.compare import read_record
from workbook.batch.folder import ReportFolder
from workbook.report.blocks import RESERVED

MOST_SLUG = 48

Part = Mapping[str, str]


def folder_names(parts: list[dict[str, str]], top: ReportFolder) -> list[str]:
    """Return a folder's name for each combination, in their order. top: the matrix's report folder, which may not be there yet."""
    names = _named_last_time(top)
    taken, plain = set(names.values()), Counter(_plain(part) for part in parts if _key(part) not in names)
    for part in (part for part in parts if _key(part) not in names):
        candidates = list(_candidates(part))
        owners = {name: owner for name in candidates if (owner := _owner(top.combination(name))) is not None}
        own = [name for name, owner in owners.items() if part.items() <= owner.items() and name not in taken]
        shared = plain[candidates[0]] > 1 or candidates[0] in RESERVED
        free = [name for name in candidates[1 if shared else 0 :] if name not in taken and name not in owners]
        names[_key(part)] = next(iter(own or free), candidates[-1])
        taken.add(names[_key(part)])
    return [names[_key(part)] for part in parts]


def _key(part: Part) -> frozenset[tuple[str, str]]:
    return frozenset(part.items())


def _named_last_time(top: ReportFolder) -> dict[frozenset[tuple[str, str]], str]:
    last = read_record(top.latest())
    return {_key(entry.part): entry.folder for entry in last.combinations} if last is not None else {}


def _owner(folder: ReportFolder) -> Part | None:
    """Return the combination whose reports a folder holds, also where only failed ones are there; None where there are none."""
    if not folder.path.is_dir():
        return None
    runs = [folder.latest(), *sorted((folder.path / "failed").glob("*"), reverse=True)]
    parts = (record.parameters.get("part") for run in runs if (record := read_record(run)) is not None)
    return next((part for part in parts if isinstance(part, dict)), None)


def _candidates(part: Part) -> Iterator[str]:
    """Yield the names that a combination may have, the nicest first; the last says of which columns the values are."""
    plain = _plain(part)
    yield plain
    yield f"{plain}-{_hash(*part.values())[:6]}"
    yield f"{plain}-{_hash(*part, *part.values())[:12]}"


def _hash(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode()).hexdigest()


def _plain(part: Part) -> str:
    return "_".join(_slug(value) for value in part.values())


def _slug(value: str) -> str:
    for umlaut, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        value = value.lower().replace(umlaut, letters)
    bare = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", bare).strip("-")[:MOST_SLUG] or "value"
