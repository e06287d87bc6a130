"""The ready mappings beside this file, each laid over the generic one, whose synonyms hold everywhere."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from workbook.errors import ParamsError
from workbook.frames import FRAMES
from workbook.sources.mapping import Block, ColumnMap, Mapping, parse_mapping
from workbook.sources.names import nearest, normalise
from workbook.text import msg

FOLDER = Path(__file__).with_name("mappings")
GENERIC = "generic"


def preset_names() -> tuple[str, ...]:
    """Return the names of the ready mappings, the generic one last."""
    names = sorted(path.stem for path in FOLDER.glob("*.yaml"))
    return (*(name for name in names if name != GENERIC), GENERIC)


@cache
def preset(name: str) -> Mapping:
    """Return a ready mapping. Raises `ParamsError` with the nearest name."""
    if name not in preset_names():
        near = nearest(name, preset_names(), 0.4)
        raise ParamsError(
            msg("there is no ready mapping {name}; did you mean {near}?", name=name, near=near)
            if near
            else msg("there is no ready mapping {name}; there are {known}", name=name, known=preset_names()),
            mend=msg("Set `crm: auto`, or name one of them."),
        )
    path = FOLDER / f"{name}.yaml"
    mapping = parse_mapping(path.read_text(encoding="utf-8"), str(path)).model_copy(update={"name": name})
    return _with_canonical_names(mapping) if name == GENERIC else mapping


def _with_canonical_names(mapping: Mapping) -> Mapping:
    """Return the generic mapping with every column of every frame under its own name too."""
    frames = {}
    for frame, declared in FRAMES.items():
        (block,) = mapping.frames.get(frame, (Block(),))
        own = {name: ColumnMap.model_validate([name]) for name in declared.names}
        for name, column in block.columns.items():
            names = (name, *column.from_) if name in own else column.from_
            own[name] = column.model_copy(update={"from_": names})
        frames[frame] = (block.model_copy(update={"columns": own}),)
    return mapping.model_copy(update={"frames": frames})


def overlaid(block: Block, frame: str) -> Block:
    """Return a block with the generic synonyms behind its own columns."""
    (generic,) = preset(GENERIC).frames[frame]
    columns = dict(block.columns)
    for name, column in generic.columns.items():
        if name not in columns:
            columns[name] = column
        elif columns[name].constant is None:
            columns[name] = columns[name].model_copy(update={"from_": (*columns[name].from_, *column.from_)})
    return block.model_copy(update={"columns": columns, "melt": block.melt or generic.melt})


@cache
def known_headers() -> frozenset[str]:
    """Return every header name that a ready mapping knows, normalised: used to find the header row."""
    found: set[str] = set()
    for name in preset_names():
        for blocks in preset(name).frames.values():
            for block in blocks:
                found.update(normalise(their) for column in block.columns.values() for their in column.from_)
    return frozenset(found)
