"""Two runs side by side: which headlines moved beyond their interval, what is new, what is gone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from workbook.batch.compare import read_record, results_of
from workbook.batch.folder import ReportFolder
from workbook.batch.record import RunRecord
from workbook.errors import ParamsError
from workbook.results import HeadlineRecord
from workbook.text import msg, quantity, render, t

Kind = Literal["beyond_interval", "within_interval", "new", "gone"]


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
        words = {
            "beyond_interval": msg("moved beyond its interval"),
            "within_interval": msg("moved within its interval"),
            "new": msg("new"),
            "gone": msg("gone"),
        }
        return f"{self.key}: {_value(self.before)} → {_value(self.after)} ({render(words[self.kind])})"


def run_folder(path: Path) -> Path:
    """Return a run's folder from itself or from the report folder it is the latest of. Raises `ParamsError`."""
    for folder in (path, ReportFolder(path).latest()):
        if folder is not None and read_record(folder) is not None:
            return folder
    raise ParamsError(
        msg("{path} holds no run", path=str(path)),
        mend=msg("Name a report folder, or one of the folders in its runs/."),
    )


def changes(before: Path, after: Path) -> list[Change]:
    """Return the headlines that differ between two runs, in the order of the later one; gone ones last."""
    then, now = _headlines(before), _headlines(after)
    found = [_change(key, then.get(key), headline) for key, headline in now.items()]
    found += [_change(key, headline, None) for key, headline in then.items() if key not in now]
    return [change for change in found if change is not None]


def why_different(before: Path, after: Path) -> list[str]:
    """Return what the runs do not share, in the current language: data, date, settings, code, language."""
    then, now = read_record(before), read_record(after)
    assert then is not None and now is not None
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
