"""The settings of a run: one YAML file, typed, frozen, unknown keys refused.

The bottom of the package: imports nothing of ours but errors and words.
"""

from __future__ import annotations

import difflib
import os
import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from workbook.errors import ParamsError
from workbook.text import msg, printable

Share = Annotated[float, Field(ge=0, le=1)]


class Params(BaseModel):
    """Base of all settings: frozen, extra keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceParams(Params):
    """One source of data: files (paths or globs below the data folder) or a table of a database.

    mapping: the name of a ready mapping (`salesforce-de`, `hubspot`, …), a path to a mapping file, or `auto`.
    """

    files: tuple[str, ...] = ()
    database: str | None = Field(default=None, description="Ibis connection URL, e.g. duckdb://crm.duckdb, or with a whole path duckdb:///data/crm.duckdb")
    table: str | None = None
    frame: str | None = None
    mapping: str = "auto"


class CompanyParams(Params):
    """Who the report is about."""

    name: str = ""
    country: str = "DE"


Value = Annotated[str, Field(coerce_numbers_to_str=True)]


class EveryValue(Params):
    """Every value of a column that has enough opportunities."""

    at_least: int = Field(ge=1, description="opportunities that a value needs for a report of its own")


def _axis(value: Any) -> Any:
    """Let through what a column of a matrix may say; one sentence for all that it may not."""
    least = value.get("at_least") if isinstance(value, dict) and set(value) == {"at_least"} else None
    is_number = isinstance(least, int) and least >= 1
    if value == "all" or isinstance(value, EveryValue) or is_number or (isinstance(value, list | tuple) and value):
        return value
    raise ValueError("write all, a list of values, or {at_least: N}")


Axis = Annotated[Literal["all"] | tuple[Value, ...] | EveryValue, BeforeValidator(_axis)]


class RunParams(Params):
    """All settings of one run. `analyses` holds per topic and question what departs from the defaults."""

    name: str = Field(default="", pattern=r"^[A-Za-z0-9_\-]*$", description="names the report folder; the file's stem if empty")
    as_of: date | None = Field(default=None, description="the day the data speak of; null: the date of the export")
    company: CompanyParams = CompanyParams()
    language: Literal["en", "de"] = "en"
    data: Path | None = Field(default=None, description="folder of the data, relative to this file")
    crm: str = Field(default="auto", description="auto or the name of a ready mapping")
    sources: tuple[SourceParams, ...] = Field(default=(), description="empty: every file of the data folder")
    mapping: Path | None = Field(default=None, description="mapping file, relative to this file")
    templates: Path | None = Field(default=None, description="folder of filled-in templates, relative to this file")
    currency: str | None = Field(default=None, description="assumed where a file carries none")
    exchange_rates: dict[str, float] = Field(default_factory=dict, description="value of one unit of a currency in `currency`")
    rejected_lines_max_share: Share = 0.2
    part: dict[str, Value] = Field(
        default_factory=dict, description="column of opportunities, accounts or leads → the value that the report is about"
    )
    matrix: dict[str, Axis] = Field(
        default_factory=dict, description="column → its values: one report for each combination, and a page that compares them"
    )
    show_people: bool = False
    chapters: tuple[str, ...] = Field(default=(), description="topics to run; empty: all")
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    false_discovery_rate: Annotated[float, Field(gt=0, lt=1)] = Field(
        default=0.1, description="of the differences that a chapter states, the share that may be chance, on average"
    )
    seed: int = 7
    draws: int = Field(default=2000, ge=100, description="simulation and bootstrap draws")
    cell_timeout_seconds: int = Field(default=600, ge=1)
    memory_limit: str = Field(
        default="1 GiB", pattern=r"^\d+(\.\d+)? ?[KMGT]i?B$", description="what the database engine may hold per chapter; above it spills to disk"
    )
    run_timeout_seconds: int | None = Field(default=None, ge=1, description="the whole run, from its first file read; null: no limit")
    stale_after_days: int = Field(
        default=1, ge=1, description="days between two runs after which a source without a newer record makes the run degraded"
    )
    slow_frames: tuple[str, ...] = Field(
        default=("accounts", "products", "market", "competitors", "ratings", "units", "survey", "goals", "staff", "spend", "trainings", "content"),
        description="frames that may stand still between two runs",
    )
    analyses: dict[str, dict[str, dict[str, Any]]] = Field(default_factory=dict)

    @property
    def title(self) -> str:
        """What the report calls the company: its name, or the run's in words; and the part that it is about."""
        company = self.company.name or self.name.replace("_", " ").capitalize()
        return f"{company} – {', '.join(self.part.values())}" if self.part else company


HOME = Path(__file__).resolve().parents[1]


def project_root() -> Path:
    """Return the folder that holds notebooks/ and params/: above the working directory, else beside the package."""
    for folder in (Path.cwd(), *Path.cwd().parents, HOME):
        if (folder / "notebooks").is_dir() and (folder / "params").is_dir():
            return folder
    return HOME


_SECRET = re.compile(r"\$\{([A-Z_][A-Z0-9_]*)\}")


def load_params(path: Path | str, **overrides: Any) -> RunParams:
    """Read a settings file; `overrides` that are not None win. Paths become absolute. Raises `ParamsError`."""
    path = Path(path)
    raw = _read_yaml(path) | {key: value for key, value in overrides.items() if value is not None}
    try:
        params = RunParams.model_validate(raw)
    except ValidationError as error:
        raise _explain(error, path) from None
    updates: dict[str, Any] = {"name": params.name or path.stem}
    for key in ("data", "mapping", "templates"):
        value = getattr(params, key)
        if value is not None:
            updates[key] = writable((path.parent / value).resolve())
    return params.model_copy(update=updates)


def writable(path: Path) -> Path:
    """Return a path that records and databases can be told. Raises `ParamsError` where it is not in UTF-8."""
    if (shown := printable(str(path))) != str(path):
        raise ParamsError(msg("the path {path} is not in UTF-8", path=shown), mend=msg("Rename the folder, or choose another one; a report's with --out, the data's with --data."))
    return path


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, IsADirectoryError):
        raise ParamsError(
            msg("there is no settings file {path}", path=str(path)),
            mend=msg("Name a YAML file, such as params/demo.yaml; `workbook list` shows the ones at hand."),
        ) from None
    except UnicodeDecodeError:
        raise ParamsError(msg("{path} is not a text file", path=str(path)), mend=msg("Save it as UTF-8 text.")) from None
    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}, line {mark.line + 1}, column {mark.column + 1}" if mark else str(path)
        raise ParamsError(
            msg("the settings file is not valid YAML"), where=where, mend=msg("Check indentation, colons and quotes there.")
        ) from None
    if raw is None:
        return {}
    if not isinstance(raw, dict):
        raise ParamsError(msg("the settings file holds no keys"), where=str(path), mend=msg("Write `key: value` lines."))
    return {str(key): value for key, value in raw.items()}


def reveal(text: str) -> str:
    """Replace ${NAME} by the environment variable: for connection URLs, at the moment of use, never stored."""

    def value(match: re.Match[str]) -> str:
        if (found := os.environ.get(match[1])) is None:
            raise ParamsError(msg("the environment variable {name} is not set", name=match[1]), mend=msg("Set it and start again."))
        return found

    return _SECRET.sub(value, text)


def explain_validation(error: ValidationError, known: dict[str, type[BaseModel]], where: str) -> ParamsError:
    """Turn pydantic's report into one `ParamsError` that lists every fault with the nearest valid name.

    known: dotted path of a settings block → its model ("" is the root).
    """
    lines = []
    for fault in error.errors():
        *parents, last = [str(part) for part in fault["loc"]] or [""]
        place = ".".join([*parents, last])
        if fault["type"] == "extra_forbidden":
            model = known.get(".".join(part for part in parents if not part.isdigit()), known[""])
            near = difflib.get_close_matches(last, list(model.model_fields), n=1, cutoff=0.4)
            lines.append(
                msg("unknown setting {place}; did you mean {near}?", place=place, near=near[0])
                if near
                else msg("unknown setting {place}; known here: {known}", place=place, known=tuple(model.model_fields))
            )
        else:
            lines.append(msg("{place}: {fault} (it is {value})", place=place, fault=fault["msg"], value=repr(fault["input"])[:80]))
    return ParamsError("; ".join(str(line) for line in lines), where=where, mend=msg("Correct the settings file; nothing was run."))


def _explain(error: ValidationError, path: Path) -> ParamsError:
    return explain_validation(error, {"": RunParams, "company": CompanyParams, "sources": SourceParams}, str(path))
