"""Two runs side by side: what was read, which sections and questions came and went, which headlines moved beyond their interval."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from workbook.batch.compare import newly_skipped, read_record, results_of
from workbook.batch.folder import ReportFolder
from workbook.batch.record import InputFile, RunRecord
from workbook.errors import ParamsError
from workbook.results import HeadlineRecord
from workbook.text import count, day, msg, nmsg, quantity, render, t

Kind = Literal["beyond_interval", "within_interval", "new", "gone"]
KINDS = {
    "beyond_interval": msg("moved beyond its interval"),
    "within_interval": msg("moved within its interval"),
    "new": msg("new"),
    "gone": msg("gone"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One headline that is not the same in both runs.

    beyond_interval: the new value lies outside the interval that the old run gave; that is no test of a difference.
    """

    topic: str
    key: str
    kind: Kind
    before: HeadlineRecord | None
    after: HeadlineRecord | None

    def text(self) -> str:
        """Write the change as one line in the current language."""
        return f"{self.topic}, {self.key}: {_value(self.before)} → {_value(self.after)} ({render(KINDS[self.kind])})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What is not the same in two runs. reasons, read, gained, lost: sentences in the current language.

    reasons: what the runs do not share; read: files that came, went or changed; gained, lost: sections and questions that
    only one of the runs answers; changes: headlines, those beyond their interval first.
    """

    before: str
    after: str
    reasons: list[str]
    read: list[str]
    gained: list[str]
    lost: list[str]
    changes: list[Change]

    def lines(self) -> list[str]:
        """Return everything as lines, the count of headlines last."""
        named = [(self.read, t("What was read")), (self.gained, t("Answered only now")), (self.lost, t("Answered no more"))]
        beyond = sum(change.kind == "beyond_interval" for change in self.changes)
        n = len(self.changes)
        total = nmsg("{n} headline differs, {beyond} beyond its interval.", "{n} headlines differ, {beyond} beyond their interval.", n, beyond=beyond)
        blocks = [line for lines, title in named if lines for line in (f"{title}:", *(f"  {entry}" for entry in lines))]
        return [*self.reasons, *blocks, *(change.text() for change in self.changes), render(total)]

    def as_json(self) -> dict[str, Any]:
        """Return everything for machines."""
        changes = [
            {"topic": c.topic, "key": c.key, "kind": c.kind, "before": c.before and c.before.value, "after": c.after and c.after.value}
            for c in self.changes
        ]
        told = {"before": self.before, "after": self.after, "differ_in": self.reasons, "read": self.read}
        return told | {"sections_gained": self.gained, "sections_lost": self.lost, "changes": changes}


def run_folder(path: Path) -> Path:
    """Return a run's folder from itself or from the report folder it is the latest of. Raises `ParamsError`."""
    for folder in (path, ReportFolder(path).latest()):
        if folder is not None and read_record(folder) is not None:
            return folder
    raise ParamsError(
        msg("{path} holds no run", path=str(path)),
        mend=msg("Name a report folder, or one of the folders in its runs/."),
    )


def difference(before: Path, after: Path) -> Difference:
    """Compare two runs' folders, as `run_folder` returns them; of a matrix each report with its own."""
    then, now = read_record(before), read_record(after)
    assert then is not None and now is not None
    whole = Difference(
        before=before.name,
        after=after.name,
        reasons=why_different(then, now),
        read=_read(then.inputs, now.inputs),
        gained=_more((before, then), (after, now)),
        lost=_more((after, now), (before, then)),
        changes=changes(before, after),
    )
    return _with_reports(whole, _reports(before, then), _reports(after, now))


def _reports(folder: Path, record: RunRecord) -> dict[str, Path]:
    """Return the reports of a matrix that can be read: the part's name → the run's folder."""
    top = ReportFolder(folder.resolve().parents[1])
    there = {", ".join(entry.part.values()): top.combination(entry.folder).path / "runs" / entry.run for entry in record.combinations}
    return {name: run for name, run in there.items() if read_record(run) is not None}


def _with_reports(whole: Difference, then: dict[str, Path], now: dict[str, Path]) -> Difference:
    """Return the difference with that of every report which both runs have, under the part's name; others are gained or lost."""
    both = {name: difference(then[name], run) for name, run in now.items() if name in then}
    gained = [f"{name}, {line}" for name, found in both.items() for line in found.gained]
    lost = [f"{name}, {line}" for name, found in both.items() for line in found.lost]
    moved = [replace(change, topic=f"{name}, {change.topic}") for name, found in both.items() for change in found.changes]
    return replace(
        whole,
        gained=[*whole.gained, *(name for name in now if name not in then), *gained],
        lost=[*whole.lost, *(name for name in then if name not in now), *lost],
        changes=[*whole.changes, *sorted(moved, key=lambda change: list(KINDS).index(change.kind))],
    )


def changes(before: Path, after: Path) -> list[Change]:
    """Return the headlines that differ between two runs: beyond their interval, within it, new, gone; each in the later run's order."""
    then, now = _headlines(before), _headlines(after)
    found = [_change(key, then.get(key), headline) for key, headline in now.items()]
    found += [_change(key, headline, None) for key, headline in then.items() if key not in now]
    return sorted((change for change in found if change is not None), key=lambda change: list(KINDS).index(change.kind))


def why_different(then: RunRecord, now: RunRecord) -> list[str]:
    """Return what two runs do not share, in the current language: data, date, settings, code, language."""
    told = [
        (then.data_hash != now.data_hash, t("other data")),
        (then.as_of != now.as_of, t("other day: {then}, {now}", then=then.as_of, now=now.as_of)),
        (_settings(then) != _settings(now), t("other settings")),
        (then.code_hash != now.code_hash, t("other version of the workbook")),
        (then.language != now.language, t("other language")),
    ]
    return [line for is_different, line in told if is_different]


def _settings(record: RunRecord) -> dict[str, object]:
    return {key: value for key, value in record.parameters.items() if key not in ("language", "as_of", "data")}


def _read(then: list[InputFile], now: list[InputFile]) -> list[str]:
    """Say which files came, went or changed, with rows kept and newest day."""
    old, new = ({file.name: file for file in files} for files in (then, now))
    lines = []
    for name in [*new, *(name for name in old if name not in new)]:
        if name not in old:
            lines.append(t("{file}: new, {rows} rows{newest}", file=name, rows=count(new[name].rows), newest=_reach(new[name])))
        elif name not in new:
            lines.append(t("{file}: no longer read", file=name))
        elif old[name].sha256 != new[name].sha256:
            line = t("{file}: changed, {then} → {now} rows{newest}", file=name, then=count(old[name].rows), now=count(new[name].rows), newest=_reach(new[name]))
            lines.append(line)
    return lines


def _reach(file: InputFile) -> str:
    return "" if file.newest_on is None else t(", newest record {day}", day=day(file.newest_on))


def _more(one: tuple[Path, RunRecord], other: tuple[Path, RunRecord]) -> list[str]:
    """Return the sections and questions that the other run answers and the one does not, each with its chapter.

    A section counts where the one run left it out; a question where its section does not say it already.
    """
    skipped = {chapter.topic: chapter.skipped for chapter in other[1].chapters}
    sections = [
        (chapter.topic, entry)
        for chapter in one[1].chapters
        if chapter.topic in skipped
        for entry in newly_skipped(skipped[chapter.topic], chapter.skipped)
    ]
    told = {(topic, id) for topic, entry in sections for id in entry.section.split()}
    had, has = _answered(*one), _answered(*other)
    questions = [key for key, section in has.items() if key not in had and (key[0], section) not in told]
    return [f"{topic}: {entry.title}" for topic, entry in sections] + [f"{topic}: {name.replace('_', ' ')}" for topic, name in questions]


def _answered(folder: Path, record: RunRecord) -> dict[tuple[str, str], str]:
    """Return topic and question → the section's id, for every question with an answer."""
    files = [(chapter.topic, results_of(folder, chapter.topic)) for chapter in record.chapters]
    return {
        (topic, finding.question): finding.section
        for topic, file in files
        if file is not None
        for finding in file.findings
        if not finding.refused
    }


def _headlines(folder: Path) -> dict[tuple[str, str], HeadlineRecord]:
    record = read_record(folder)
    topics = [chapter.topic for chapter in record.chapters] if record else []
    results = [(topic, results_of(folder, topic)) for topic in topics]
    return {(topic, headline.key): headline for topic, file in results if file is not None for headline in file.headlines}


def _change(key: tuple[str, str], before: HeadlineRecord | None, after: HeadlineRecord | None) -> Change | None:
    kind: Kind
    if before is None or after is None:
        kind = "new" if before is None else "gone"
    elif (before.value, before.n, before.currency) == (after.value, after.n, after.currency):
        return None
    else:
        kind = "within_interval" if _is_within(before, after.value) else "beyond_interval"
    return Change(topic=key[0], key=key[1], kind=kind, before=before, after=after)


def _is_within(headline: HeadlineRecord, value: float | None) -> bool:
    if value is None or headline.value is None:
        return value is headline.value
    low = headline.value if headline.low is None else headline.low
    high = headline.value if headline.high is None else headline.high
    return low <= value <= high


def _value(headline: HeadlineRecord | None) -> str:
    return "–" if headline is None else render(quantity(headline.value, headline.unit, headline.currency))
