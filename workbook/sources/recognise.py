"""Which frames a table fills, and through which mapping: guessed from its headings, helped by its file's name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch

from workbook.frames import FRAMES
from workbook.sources import dates, numbers
from workbook.sources.convert import flag
from workbook.sources.mapping import HELPERS, Block, DateStyle, Mapping, kind_of
from workbook.sources.money import are_currencies
from workbook.sources.names import normalise, without_unit
from workbook.sources.presets import GENERIC, overlaid, preset, preset_names
from workbook.sources.table import RawTable

_STATUS_SOURCES = ("status", "stage", "is_won", "is_lost", "is_closed", "won_on", "lost_on")
_NAME_HINTS = {
    "opportunities": "opportunit|deal|pipeline|chance|angebot",
    "accounts": "account|compan|kunde|customer|firm|unternehm|seller",
    "leads": "lead",
    "products": "produ|artikel",
    "invoices": "invoice|rechnung",
    "activities": "activit|aktivit",
    "stage_entries": "stage|histor|phase",
    "contacts": "contact|kontakt",
}


@dataclass
class Headings:
    """A table's headings by normalised name, looked at once: filled and empty ones, and what their cells can be."""

    filled: dict[str, str]
    empty: dict[str, str]
    fits: dict[tuple[str, str], bool] = field(default_factory=dict)


def headings_of(table: RawTable) -> Headings:
    """Return a table's headings; a unit behind a heading may be left away."""
    has_values = table.cells.notna().any()
    filled = [header for header in reversed(table.header) if has_values[header]]
    named = {normalise(without_unit(header)): header for header in filled} | {normalise(header): header for header in filled}
    return Headings(named, {normalise(header): header for header in table.header if not has_values[header]})


@dataclass(frozen=True, slots=True)
class Assignment:
    """One table fills one frame. found: our column → heading. lacking: mapped explicitly but not in the file."""

    table: RawTable
    frame: str
    block: Block
    mapping: Mapping
    found: dict[str, str] = field(default_factory=dict)
    lacking: tuple[str, ...] = ()

    @property
    def crm(self) -> str:
        """The mapping's name."""
        return self.mapping.name

    def with_dates(self, style: DateStyle | None) -> Assignment:
        """Return it with a style of dates, unless its mapping states one."""
        stated = self.mapping.date_style or style
        return replace(self, mapping=self.mapping.model_copy(update={"date_style": stated}))


def recognise(table: RawTable, crm: str = "auto", frame: str | None = None) -> list[Assignment]:
    """Return what a table fills by the ready mappings; empty where nothing fits."""
    names = preset_names() if crm == "auto" else tuple(dict.fromkeys((crm, GENERIC)))
    if crm == "auto" and (canonical := _canonical(table, frame)) is not None:
        return [canonical]
    best: tuple[float, Assignment] | None = None
    headings = headings_of(table)
    for name in names:
        for candidate in _candidates(table, headings, preset(name), frame):
            score = _score(candidate, name)
            if score > 0 and (best is None or score > best[0]):
                best = (score, candidate)
    if best is None:
        return []
    return [_with_currency(best[1]), *_melted(table, best[1])]


def _canonical(table: RawTable, frame: str | None) -> Assignment | None:
    """Return the plain case at once: a file with the name of a frame and most headings named as its columns."""
    stem = normalise(table.path.stem)
    name = next((name for name in FRAMES if normalise(name) == stem and frame in (None, name)), None)
    if name is None or sum(header in FRAMES[name].names for header in table.header) < 0.8 * len(table.header):
        return None
    mapping = preset(GENERIC)
    (block,) = mapping.frames[name]
    candidate = Assignment(table, name, block, mapping, _take(table, headings_of(table), block, (name, block)))
    return _with_currency(candidate) if is_feasible(candidate) else None


def _with_currency(assignment: Assignment) -> Assignment:
    """Take a column whose cells are all currencies for the amounts' currency where no heading tells which it is."""
    table, found, frame = assignment.table, assignment.found, FRAMES[assignment.frame]
    has_money = any(column.kind == "money" and column.name in found for column in frame.columns)
    if "currency" not in frame.names or "currency" in found or not has_money:
        return assignment
    unknown = {token.lower() for token in (*preset(GENERIC).missing, *assignment.mapping.missing)}
    for header in table.header:
        cells = [str(cell) for cell in table.cells[header].dropna().unique()[:200] if str(cell).lower() not in unknown]
        if header not in found.values() and are_currencies(cells):
            return replace(assignment, found=found | {"currency": header})
    return assignment


def assigned(table: RawTable, mapping: Mapping, frame: str | None = None) -> list[Assignment]:
    """Return what a table fills by a mapping file: blocks that name the file, else blocks whose columns it has."""
    named, open_blocks = [], []
    for name, blocks in mapping.frames.items():
        for block in blocks:
            if frame not in (None, name):
                continue
            if any(matches(table, pattern) for pattern in block.file):
                named.append((name, block))
            elif not block.file:
                open_blocks.append((name, block))
    if named:
        return [_assign(table, name, block, mapping) for name, block in named]
    fitting = [_assign(table, name, block, mapping) for name, block in open_blocks]
    fitting = [item for item in fitting if len(item.found) >= 2 and len(item.found) >= len(item.lacking)]
    return [item for item in fitting if is_feasible(item)]


def matches(table: RawTable, pattern: str) -> bool:
    """Tell whether a table's file (or sheet) has a name of that pattern, whatever the case."""
    names = (table.path.name, table.file, str(table.path))
    return any(fnmatch(name.lower(), pattern.lower()) or fnmatch(name.lower(), f"*/{pattern.lower()}") for name in names)


def _assign(table: RawTable, frame: str, block: Block, mapping: Mapping) -> Assignment:
    """Apply a block of a mapping file as it stands: a heading may serve several columns."""
    headings = {normalise(without_unit(header)): header for header in reversed(table.header)}
    headings |= {normalise(header): header for header in reversed(table.header)}
    found: dict[str, str] = {}
    lacking: list[str] = []
    for ours, column in block.columns.items():
        their = [headings[normalise(name)] for name in column.from_ if normalise(name) in headings]
        filled = [name for name in their if table.cells[name].notna().any()]
        if their:
            found[ours] = (filled or their)[0]
        elif column.from_:
            lacking.extend(column.from_)
    return Assignment(table, frame, block, mapping, found, tuple(lacking))


def _candidates(table: RawTable, headings: Headings, mapping: Mapping, frame: str | None) -> list[Assignment]:
    found = []
    for name, blocks in mapping.frames.items():
        for block in blocks:
            if frame in (None, name) and not block.melt:
                full = overlaid(block, name)
                candidate = Assignment(table, name, full, mapping, _take(table, headings, block, (name, full)))
                if is_feasible(candidate):
                    found.append(candidate)
    return found


def _take(table: RawTable, headings: Headings, own: Block, full_of: tuple[str, Block]) -> dict[str, str]:
    """Give each heading to one column: the mapping's own names first, then canonical names, then synonyms.

    full_of: the frame and the block with all synonyms.
    """
    frame, full = full_of
    found: dict[str, str] = {}
    canonical = {name: (name,) for name in full.columns}
    for names in ({k: c.from_ for k, c in own.columns.items()}, canonical, {k: c.from_ for k, c in full.columns.items()}):
        for ours, their in names.items():
            for name in their:
                if ours in found:
                    break
                header = headings.filled.get(normalise(name))
                if header and header not in found.values() and _fits(table, headings, header, kind_of(frame, ours)):
                    found[ours] = header
    for ours, column in full.columns.items():
        keys = (normalise(name) for name in column.from_)
        header = next((headings.empty[key] for key in keys if key in headings.empty), None)
        if ours not in found and header and header not in found.values():
            found[ours] = header
    return found


def _fits(table: RawTable, headings: Headings, header: str, kind: str) -> bool:
    """Tell whether at least half of a sample of a column's values can be of that kind."""
    if kind not in ("date", "instant", "flag", "whole", "year", "number", "share", "money"):
        return True
    if (header, kind) not in headings.fits:
        headings.fits[header, kind] = _looks_like(table, header, kind)
    return headings.fits[header, kind]


def _looks_like(table: RawTable, header: str, kind: str) -> bool:
    sample = [str(value) for value in table.cells[header].dropna().unique()[:200]]
    if kind == "flag":
        hits = sum(flag(value) is not None for value in sample)
    elif kind in ("date", "instant"):
        hits = sum(dates.style_of(value) is not None for value in sample)
    else:
        hits = sum(numbers.is_number(value) for value in sample)
    return 2 * hits >= len(sample)


def is_feasible(candidate: Assignment) -> bool:
    """Tell whether the columns that a row of the frame needs can be had."""
    found = {*candidate.found, *(name for name, column in candidate.block.columns.items() if column.constant is not None)}
    frame = FRAMES[candidate.frame]
    if candidate.frame == "opportunities":
        return any(name in found for name in _STATUS_SOURCES)
    if candidate.frame == "accounts":
        return bool({"account_id", "name"} & found)
    made = frame.key[0] if len(frame.key) == 1 and frame.key[0].endswith("_id") else ""
    if "account_name" in HELPERS.get(candidate.frame, {}) and "account_name" in found:
        found = found | {"account_id"}
    return all(column.name in found or column.name == made for column in frame.columns if column.is_required)


def _score(candidate: Assignment, name: str) -> float:
    """Return how well a mapping fits: the share of headings it takes, own names counting full; 0: not at all."""
    table, found = candidate.table, candidate.found
    width = len(table.header)
    own_block = next((block for block in candidate.mapping.frames[candidate.frame] if not block.melt), None)
    own_names = {normalise(their) for column in (own_block.columns.values() if own_block else ()) for their in column.from_}
    canonical = {normalise(column) for column in FRAMES[candidate.frame].names}
    taken = [normalise(header) for header in found.values()]
    own = sum(1 for header in taken if (header in canonical if name == GENERIC else header in own_names))
    named = _name_bonus(table, candidate.frame)
    if len(found) < (1 if width < 2 else 2) or (len(found) < 0.25 * width and not named and len(found) < 4):
        return 0.0
    if name != GENERIC and (own < 3 or own < 0.3 * width):
        return 0.0
    return own / width + 0.5 * (len(found) - own) / width + named


def _name_bonus(table: RawTable, frame: str) -> float:
    stem = normalise(table.path.stem if "›" not in table.file else table.file.rpartition("›")[2])
    if stem == normalise(frame):
        return 2.0
    if normalise(frame) in stem:
        return 0.3
    return 0.15 if re.search(_NAME_HINTS.get(frame, "$^"), stem) else 0.0


def _melted(table: RawTable, main: Assignment) -> list[Assignment]:
    """Return the further frames that headings such as `Date entered "<stage>"` fill."""
    found = []
    for frame, blocks in main.mapping.frames.items():
        for block in blocks:
            if block.melt is None or not block.melt.pattern:
                continue
            pattern = re.compile(block.melt.pattern, re.I)
            if any(pattern.match(header) for header in table.header):
                taken = {k: v for k, v in main.found.items() if k in FRAMES[frame].names and k in block.columns}
                found.append(Assignment(table, frame, block, main.mapping, taken))
    return found
