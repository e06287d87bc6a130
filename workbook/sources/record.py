"""What an import read, kept, merged, rejected and repaired: `import.json`, read by the data chapter and the runner.

A line is a record of the file: a quoted cell with line breaks in it counts once, under the number of its first physical
line. For every file and for the whole: lines_read = kept + merged + rejected + not_data. Not data are blank lines, lines
above the header, the header and its repetitions, totals and remarks below the rows, rows that the CRM marks as deleted, and all
lines of an ignored file.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from workbook.text import Message, Quantity, printable, render

RECORD_NAME = "import.json"
Named = Annotated[str, BeforeValidator(printable)]  # a file's name need not be UTF-8, what is kept of it must


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Sentence(_Part):
    """A message as it is kept between languages; `str()` and `render()` write it in the current one."""

    id: str
    args: dict[str, Any] = {}
    plural: str | None = None
    number: int = 1

    def __str__(self) -> str:
        return render(self.message())

    def message(self) -> Message:
        """Return the message."""
        return Message(self.id, {key: _thaw(value) for key, value in self.args.items()}, self.plural, self.number)


def sentence(message: Message) -> Sentence:
    """Keep a message so that it can be written in any language later."""
    args = {key: _freeze(value) for key, value in message.args.items()}
    return Sentence(id=message.id, args=args, plural=message.plural, number=message.number)


def _freeze(value: object) -> Any:
    if isinstance(value, Message):
        return {"message": sentence(value).model_dump(mode="json")}
    if isinstance(value, Quantity):
        shown = value.value.isoformat() if isinstance(value.value, date) else value.value
        return {"quantity": [shown, value.unit, value.currency, value.digits]}
    if isinstance(value, date):
        return {"quantity": [value.isoformat(), "date", None, None]}
    if isinstance(value, tuple | list):
        return [_freeze(item) for item in value]
    return printable(value) if isinstance(value, str) else value


def _thaw(value: Any) -> object:
    if isinstance(value, dict) and "message" in value:
        return Sentence.model_validate(value["message"]).message()
    if isinstance(value, dict) and "quantity" in value:
        shown, unit, currency, digits = value["quantity"]
        return Quantity(date.fromisoformat(shown) if isinstance(shown, str) else shown, unit, currency, digits)
    if isinstance(value, list):
        return tuple(_thaw(item) for item in value)
    return value


class FileRecord(_Part):
    """One file, or one sheet of a workbook. frame: the frame that it mainly fills, None where it was ignored."""

    name: Named
    path: Named
    sha256: str
    bytes: int
    frame: str | None = None
    frames: list[str] = []
    mapping: str = ""
    crm: str = ""
    encoding: str = ""
    delimiter: str = ""
    header_line: int = 0
    decimal: str = ""
    date_style: dict[str, str] = {}
    lines_read: int = 0
    kept: int = 0
    merged: int = 0
    rejected: int = 0
    not_data: int = 0
    newest_on: date | None = None
    ignored: Sentence | None = None

    @property
    def is_balanced(self) -> bool:
        """Tell whether every line is accounted for."""
        return self.lines_read == self.kept + self.merged + self.rejected + self.not_data


class FrameRecord(_Part):
    """One frame as written. present: columns with at least one value; attributes: the firm's own columns."""

    rows: int
    present: list[str]
    attributes: list[str] = []
    newest_on: date | None = None
    oldest_on: date | None = None


class Repair(_Part):
    """Cells or lines changed by one rule, with one example."""

    rule: str
    frame: str
    column: str
    count: int
    example_before: str = ""
    example_after: str = ""
    file: str = ""


class Flag(_Part):
    """Something to look at; nothing was changed unless the message says so."""

    rule: str
    frame: str
    column: str
    count: int
    message: Sentence
    file: str = ""
    first_line: int | None = None


class UnmappedColumn(_Part):
    """A column of a file that no canonical column takes. suggestion: the nearest canonical one, or empty.

    attribute: what it is kept as. reason: why it is not kept though its cells would do.
    """

    file: str
    column: str
    filled: int
    distinct: int
    suggestion: str = ""
    attribute: str = ""
    reason: Sentence | None = None


class StageRecord(_Part):
    """A stage name of the CRM and the status read from it. is_known: its meaning is in our vocabulary."""

    stage: str
    status: str
    count: int
    is_known: bool


class JoinRecord(_Part):
    """How many of a column's references find their row."""

    frame: str
    column: str
    references: str
    matched: int
    total: int


class MoneyRecord(_Part):
    """Currencies of the opportunities' amounts, in rows. is_mixed: several, and no exchange rates to convert them."""

    currencies: dict[str, int] = {}
    is_mixed: bool = False


class ImportRecord(_Part):
    """Everything there is to say about one import."""

    data_hash: str
    as_of: date
    as_of_reason: Sentence
    files: list[FileRecord] = []
    frames: dict[str, FrameRecord] = {}
    repairs: list[Repair] = []
    flags: list[Flag] = []
    unmapped_columns: list[UnmappedColumn] = []
    stages: list[StageRecord] = []
    assumptions: list[Sentence] = []
    joins: list[JoinRecord] = []
    money: MoneyRecord = MoneyRecord()

    @property
    def unknown_stages(self) -> list[StageRecord]:
        """Stages whose meaning is not known to us: counted as open unless the probability says otherwise."""
        return [stage for stage in self.stages if not stage.is_known]

    def total(self, what: str) -> int:
        """Return the sum over files of `lines_read`, `kept`, `merged`, `rejected` or `not_data`."""
        return sum(getattr(file, what) for file in self.files)

    def flagged(self, rule: str) -> list[Flag]:
        """Return the flags of one rule."""
        return [flag for flag in self.flags if flag.rule == rule]

    def repaired(self, rule: str) -> int:
        """Return the number of repairs of one rule."""
        return sum(repair.count for repair in self.repairs if repair.rule == rule)

    def text(self) -> str:
        """Return the file's content; the same import gives the same bytes."""
        return self.model_dump_json(indent=2) + "\n"


def unbalanced(files: Iterable[FileRecord]) -> list[FileRecord]:
    """Return the files whose lines are not all accounted for: there must be none."""
    return [file for file in files if not file.is_balanced]
