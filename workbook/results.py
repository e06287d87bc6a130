"""What an analysis says: headlines, checks, actions, a finding. Frozen; JSON in and out.

The file `results/<topic>.json` is the contract between chapters, the management page and whoever reads it outside.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

from workbook.text import Message, Quantity, Span, quantity, render, span

SCHEMA_VERSION = 1
Status = Literal["pass", "review", "fail", "not_applicable"]
Certainty = Literal["firm", "likely", "open"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """One number of a KPI: an estimate with interval, n and the KPI whose definition it follows.

    key: the KPI's key, with the group behind it where there are several (`win_rate.region="DACH"`).
    value, low, high: in `unit`; None where they cannot be had, and then `reason` says why. n: cases behind it.
    prior: the same figure one year before (value only), None where there is none.
    """

    key: str
    kpi: str
    value: float | None
    unit: str
    n: int
    low: float | None = None
    high: float | None = None
    level: float = 0.95
    currency: str | None = None
    section: str = ""
    reason: Message | str | None = None
    prior: float | None = None

    @property
    def quantity(self) -> Quantity:
        """The value with its unit, ready for a sentence."""
        return quantity(self.value, self.unit, self.currency)

    @property
    def interval(self) -> Span:
        """The interval with its unit, ready for a sentence."""
        return span(self.low, self.high, self.unit, self.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A claim about the data or a finding, and whether it holds. key: the claim (`cohorts_are_mature`)."""

    key: str
    status: Status
    reason: Message | str
    rows: str | None = None
    section: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What to do: who (a role, never a person), by when, watched by which KPI, worth how much.

    value, low, high: money per year in `currency`, None where it cannot be said. evidence: headline keys behind it.
    """

    key: str
    what: Message | str
    owner_role: Message | str
    due_on: date
    watch_kpi: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    currency: str | None = None
    evidence: tuple[str, ...] = ()
    section: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Base of every analysis' answer; a subclass adds its small tables as fields.

    finding: the answer in a sentence with interval and n. brief: the same in one short sentence, for the chapter's opening.
    limits: what it does not show. certainty: `firm`, `likely` or `open`. refused: why the question cannot be answered with
    these data; then finding may be None. no_action: why nothing follows, where `actions` is empty.
    """

    headlines: tuple[Headline, ...] = ()
    checks: tuple[Check, ...] = ()
    actions: tuple[Action, ...] = ()
    finding: Message | None = None
    brief: Message | None = None
    no_action: Message | None = None
    limits: tuple[Message, ...] = ()
    certainty: Certainty = "likely"
    refused: Message | None = None

    def headline(self, key: str) -> Headline:
        """Return the headline of that key; raises KeyError."""
        for headline in self.headlines:
            if headline.key == key:
                return headline
        raise KeyError(key)


def group_key(kpi: str, **group: object) -> str:
    """Return a headline key with its group: `win_rate.region="DACH"`."""
    return ".".join([kpi, *(f"{name}={json.dumps(str(value), ensure_ascii=False)}" for name, value in group.items())])


def clean_float(value: float | None) -> float | None:
    """Return a finite Python float or None: JSON knows no NaN."""
    return None if value is None or not math.isfinite(value) else float(value)


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid")


class HeadlineRecord(_Record):
    """A `Headline` as written."""

    key: str
    kpi: str
    value: float | None
    low: float | None
    high: float | None
    level: float
    unit: str
    currency: str | None
    n: int
    section: str
    reason: str | None = None
    prior: float | None = None
    question: str = ""


class CheckRecord(_Record):
    """A `Check` as written."""

    key: str
    status: Status
    reason: str
    rows: str | None
    section: str
    question: str = ""


class ActionRecord(_Record):
    """An `Action` as written."""

    key: str
    what: str
    owner_role: str
    due_on: date
    watch_kpi: str
    value: float | None
    low: float | None
    high: float | None
    currency: str | None
    evidence: list[str]
    section: str


class FindingRecord(_Record):
    """A question's answer in words; `refused` where it could not be answered. no_action: why nothing follows from it."""

    question: str
    section: str
    text: str
    certainty: Certainty
    refused: bool = False
    no_action: str | None = None


class SkippedRecord(_Record):
    """A section that was not computed, what it needs, and what to export to get it."""

    section: str
    title: str = ""
    needs: list[str]
    reason: str
    mend: str = ""


class ResultsFile(_Record):
    """results/<topic>.json. tables, table_titles: path and title of each table, by its key."""

    schema_version: int = SCHEMA_VERSION
    topic: str
    as_of: date
    language: str = "en"
    run_key: str = ""
    chapter_key: str = ""
    data_hash: str = ""
    findings: list[FindingRecord] = []
    headlines: list[HeadlineRecord] = []
    checks: list[CheckRecord] = []
    actions: list[ActionRecord] = []
    tables: dict[str, str] = {}
    table_titles: dict[str, str] = {}
    skipped: list[SkippedRecord] = []

    def text(self) -> str:
        """Return the file's content: sorted keys, two spaces, one line end; the same results give the same bytes."""
        return json.dumps(self.model_dump(mode="json"), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def record_headline(headline: Headline, question: str = "") -> HeadlineRecord:
    """Return a headline as it is written, in the current language. question: the one it answers."""
    return HeadlineRecord(
        key=headline.key,
        kpi=headline.kpi,
        value=clean_float(headline.value),
        low=clean_float(headline.low),
        high=clean_float(headline.high),
        level=headline.level,
        unit=headline.unit,
        currency=headline.currency,
        n=int(headline.n),
        section=headline.section,
        reason=None if headline.reason is None else render(headline.reason),
        prior=clean_float(headline.prior),
        question=question,
    )


def record_check(check: Check, question: str = "") -> CheckRecord:
    """Return a check as it is written. question: the one it belongs to."""
    reason = render(check.reason)
    return CheckRecord(key=check.key, status=check.status, reason=reason, rows=check.rows, section=check.section, question=question)


def record_action(action: Action) -> ActionRecord:
    """Return an action as it is written."""
    return ActionRecord(
        key=action.key,
        what=render(action.what),
        owner_role=render(action.owner_role),
        due_on=action.due_on,
        watch_kpi=action.watch_kpi,
        value=clean_float(action.value),
        low=clean_float(action.low),
        high=clean_float(action.high),
        currency=action.currency,
        evidence=list(action.evidence),
        section=action.section,
    )


def read_results(text: str) -> ResultsFile:
    """Parse a results file. Raises pydantic's ValidationError where it breaks the contract."""
    return ResultsFile.model_validate_json(text)
