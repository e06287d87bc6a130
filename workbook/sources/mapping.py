"""The mapping: our column ← their column(s), declared in YAML, checked before anything is read.

```yaml
name: own
missing: [Unknown, n/a]                 # cells that mean "not known"; missing is missing, never a category
stages: {Angebot: open, Auftrag: won}   # the firm's own stages where their meaning is not plain
frames:
  opportunities:
    file: "deals*.csv"                  # optional; without it the file is recognised by its header
    columns:
      opportunity_id: Deal ID           # short for {from: [Deal ID]}
      amount: {from: [Value, Amount], currency: USD, factor: 1000}
      status: {from: [Outcome], values: {Yes: won, No: lost}}
    attributes: {lead_type: Lead Type}  # the firm's own columns
```

Besides a frame's own columns a mapping may fill helpers (`HELPERS`), which feed the columns but are not written.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from workbook.errors import ParamsError
from workbook.frames import FRAMES
from workbook.frames.column import Kind
from workbook.params import Params, explain_validation
from workbook.sources.names import nearest
from workbook.text import msg

Status = Literal["open", "won", "lost", "no_decision"]
DateStyle = Literal["dmy", "mdy"]

HELPERS: dict[str, dict[str, Kind]] = {
    "opportunities": {
        "account_name": "text",
        "close_on": "date",
        "won_on": "date",
        "lost_on": "date",
        "is_won": "flag",
        "is_lost": "flag",
        "is_closed": "flag",
        "status_reason": "category",
        "actual_amount": "money",
        "account_industry": "category",
        "account_country": "category",
        "account_employees": "number",
        "modified_on": "instant",
    },
    "leads": {"account_name": "text", "email": "text", "is_converted": "flag", "converted_on": "instant", "modified_on": "instant"},
    "accounts": {"modified_on": "instant"},
    "products": {"modified_on": "instant"},
    "contacts": {"account_name": "text", "modified_on": "instant"},
    "invoices": {"account_name": "text", "modified_on": "instant"},
    "feedback": {"account_name": "text", "modified_on": "instant"},
    "activities": {"modified_on": "instant"},
}
_TEXTS = (str, int, float, bool)


def kind_of(frame: str, column: str) -> Kind:
    """Return the kind of a column or helper of a frame; the firm's own columns are text."""
    if column in HELPERS.get(frame, {}):
        return HELPERS[frame][column]
    return FRAMES[frame].column(column).kind if column in FRAMES[frame].names else "text"


class ColumnMap(Params):
    """Where one column comes from. The first of `from` that the file has and that holds values is taken.

    values: their value → ours (null: missing). factor: multiplies numbers. unit: `percent` divides by 100.
    constant: the same value in every row. extract: `year` finds a year in text. date_style: `dmy` or `mdy`.
    """

    from_: tuple[str, ...] = Field(default=(), alias="from")
    type: Kind | None = None
    values: dict[str, str | None] = Field(default_factory=dict)
    missing: tuple[str, ...] = Field(default=(), description="further cells of this column that mean not known")
    unit: Literal["percent"] | None = None
    currency: str | None = None
    factor: float | None = None
    constant: str | int | float | bool | None = None
    extract: Literal["year", "number"] | None = None
    date_style: DateStyle | None = None
    decimal: Literal["comma", "dot"] | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        """Accept a name or a list of names for `{from: […]}`."""
        if isinstance(value, _TEXTS):
            return {"from": (str(value),)}
        if isinstance(value, list | tuple):
            return {"from": tuple(str(item) for item in value)}
        if isinstance(value, dict) and isinstance(value.get("from"), str):
            return value | {"from": (value["from"],)}
        return value

    @field_validator("missing", mode="before")
    @classmethod
    def _tokens(cls, value: Any) -> Any:
        return tuple(_yaml_text(item) for item in value) if isinstance(value, list | tuple) else value

    @field_validator("values", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        """YAML reads Yes, No and 1 as other things than text: `{true: …}` stands for yes."""
        if isinstance(value, dict):
            return {_yaml_text(key): None if item is None else _yaml_text(item) for key, item in value.items()}
        return value


class MeltMap(Params):
    """Columns that are values: one row per column. value: our column that takes the cell.

    into: our column that takes the heading, through `columns` (heading → label; null: the stated total).
    pattern: a regular expression whose named groups fill our columns, e.g. `Date entered "(?P<stage>.+)"`.
    """

    value: str
    into: str = ""
    columns: dict[str, str | None] = Field(default_factory=dict)
    pattern: str = ""


class JoinMap(Params):
    """A look-up in another file: where its column `right` equals our file's column `left`, take our column ← theirs."""

    file: str
    left: str
    right: str
    take: dict[str, str]


class NoteMap(Params):
    """What is known of certain rows beside the file. rows: our column → value that picks them; set: our column ← text."""

    rows: dict[str, str]
    set: dict[str, str]


class Block(Params):
    """How files become rows of one frame."""

    file: tuple[str, ...] = ()
    columns: dict[str, ColumnMap] = Field(default_factory=dict)
    attributes: dict[str, ColumnMap] = Field(default_factory=dict)
    melt: MeltMap | None = None
    join: tuple[JoinMap, ...] = ()
    notes: tuple[NoteMap, ...] = ()
    keep_others: bool = Field(default=True, description="keep further usable columns as attributes")
    when: str | None = Field(default=None, description="our column that must hold a value for a row to be made")

    @field_validator("file", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value


class UnmappedNote(Params):
    """A column that nothing takes, as `workbook import` lists it; move it to `columns` or `attributes` to use it."""

    column: str
    filled: int = 0
    distinct: int = 0
    suggestion: str = ""
    reason: str = ""


class StageNote(Params):
    """What one of the firm's stages means. assumed: nobody has confirmed it; take the word out once it is right."""

    status: Status
    count: int = 0
    assumed: bool = False


class Mapping(Params):
    """A mapping file. ignore: file patterns to leave out. others: what to do with files that no block takes."""

    name: str = ""
    missing: tuple[str, ...] = ()
    stages: dict[str, StageNote] = Field(default_factory=dict)
    frames: dict[str, tuple[Block, ...]] = Field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    others: Literal["recognise", "ignore"] = "recognise"
    decimal: Literal["comma", "dot"] | None = None
    date_style: DateStyle | None = None
    unmapped: dict[str, tuple[UnmappedNote, ...]] = Field(default_factory=dict)

    @field_validator("stages", mode="before")
    @classmethod
    def _stages(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return {_yaml_text(key): {"status": item} if isinstance(item, str) else item for key, item in value.items()}
        return value

    @field_validator("frames", mode="before")
    @classmethod
    def _blocks(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: (item,) if isinstance(item, dict) else item for key, item in value.items()}
        return value

    @field_validator("missing", mode="before")
    @classmethod
    def _tokens(cls, value: Any) -> Any:
        return tuple(_yaml_text(item) for item in value) if isinstance(value, list | tuple) else value


def _yaml_text(value: Any) -> str:
    """Write what YAML made of an unquoted Yes or No as the word again."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return str(value)


def parse_mapping(text: str, where: str) -> Mapping:
    """Read a mapping. Raises `ParamsError` that names every fault and the nearest valid name."""
    try:
        raw = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{where}, line {mark.line + 1}, column {mark.column + 1}" if mark else where
        raise ParamsError(
            msg("the mapping is not valid YAML"), where=place, mend=msg("Check indentation, colons and quotes there.")
        ) from None
    if not isinstance(raw, dict):
        raise ParamsError(msg("the mapping holds no keys"), where=where, mend=msg("Write `key: value` lines."))
    try:
        mapping = Mapping.model_validate(raw)
    except ValidationError as error:
        fault = explain_validation(error, _models(error), where)
        raise ParamsError(str(fault).replace("from_", "from"), where=where, mend=fault.mend) from None
    _check_names(mapping, text, where)
    return mapping


def load_mapping(path: Path) -> Mapping:
    """Read a mapping file. Raises `ParamsError`."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError:
        raise ParamsError(
            msg("there is no mapping file {path}", path=str(path)),
            mend=msg("`workbook import --from FILE --to DIR` writes one."),
        ) from None
    except UnicodeDecodeError:
        raise ParamsError(msg("{path} is not a text file", path=str(path)), mend=msg("Save it as UTF-8 text.")) from None
    mapping = parse_mapping(text, str(path))
    return mapping if mapping.name else mapping.model_copy(update={"name": path.stem})


def _models(error: ValidationError) -> dict[str, Any]:
    """Return the model behind each place of a fault, so that the nearest name is looked for among the right ones."""
    models: dict[str, Any] = {"": Mapping}
    for fault in error.errors():
        parents = [str(part) for part in fault["loc"]][:-1]
        named = [part for part in parents if not part.isdigit()]
        inside = {"columns": ColumnMap, "attributes": ColumnMap}.get(named[-2] if len(named) > 1 else "")
        last = {"melt": MeltMap, "join": JoinMap, "notes": NoteMap}.get(named[-1] if named else "")
        models[".".join(named)] = inside or last or (Block if named[:1] == ["frames"] else Mapping)
    return models


def _check_names(mapping: Mapping, text: str, where: str) -> None:
    """Refuse frames and columns that do not exist."""
    for frame, blocks in mapping.frames.items():
        if frame not in FRAMES:
            _unknown("frame", frame, list(FRAMES), (text, where))
        known = [*FRAMES[frame].names, *HELPERS.get(frame, {})]
        for block in blocks:
            taken = [column for join in block.join for column in join.take]
            melted = [block.melt.value, *([block.melt.into] if block.melt.into else [])] if block.melt else []
            noted = [column for note in block.notes for column in (*note.rows, *note.set)]
            for column in (*block.columns, *melted, *noted):
                if column not in known:
                    _unknown("column", column, known, (text, where))
            for column in taken:
                if column not in known and not column.isidentifier():
                    _unknown("column", column, known, (text, where))


def _unknown(what: str, name: str, known: list[str], source: tuple[str, str]) -> None:
    text, where = source
    line = next((number for number, line in enumerate(text.splitlines(), 1) if line.strip().startswith(f"{name}:")), 0)
    near = nearest(name, known, 0.5)
    raise ParamsError(
        msg("unknown {what} {name}; did you mean {near}?", what=what, name=name, near=near)
        if near
        else msg("unknown {what} {name}; known here: {known}", what=what, name=name, known=tuple(known)),
        where=f"{where}, line {line}" if line else where,
        mend=msg("Correct the mapping; the firm's own columns go under `attributes`."),
    )
