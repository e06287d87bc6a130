"""Silent decay: what the last good run had and this one lacks, or what stands still though time has passed.

Each finding is one sentence in the current language; any of them makes a run degraded.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from workbook.batch.compare import newly_refused, newly_skipped, read_record, results_of
from workbook.batch.record import ChapterRecord, InputFile, RunRecord
from workbook.params import RunParams
from workbook.text import day, render, t

LIVE_DAYS = 7  # a file whose newest record lay further behind its frame's was history already, such as last quarter's export


def decay(before: Path | None, now: Path, record: RunRecord, params: RunParams) -> list[str]:
    """Return what is worse than in the last good run. before, now: the runs' folders; record: of this run.

    A chapter that the last good run did not have – it made some only – is compared with the last one that had it.
    """
    last = read_record(before)
    if before is None or last is None:
        return []
    lines = [*_lost_answers(_last_with(before, last, record), now, record), *_gone(last, record)]
    if _days_between(last, record, params) >= params.stale_after_days:
        lines += [_stale_line(*pair) for pair in _stale(last.inputs, record.inputs, params.slow_frames)]
    return lines


def stands_still(last: RunRecord, started_at: str, params: RunParams) -> bool:
    """Tell whether the same data, read again so much later, are stale: then even an unchanged run is worth telling."""
    again = last.model_copy(update={"started_at": started_at})
    is_due = params.as_of is None and _days_between(last, again, params) >= params.stale_after_days
    return is_due and any(_stale(last.inputs, last.inputs, params.slow_frames))


def _last_with(before: Path, last: RunRecord, record: RunRecord) -> dict[str, tuple[Path, ChapterRecord]]:
    """Return for each of the run's chapters folder and record of the last good run that had it, where one is kept."""
    wanted = {chapter.topic for chapter in record.chapters}
    found = {chapter.topic: (before, chapter) for chapter in last.chapters}
    for run in sorted(before.parent.glob("*"), reverse=True):
        if wanted <= found.keys():
            break
        told = read_record(run)
        for chapter in told.chapters if told is not None else ():
            found.setdefault(chapter.topic, (run, chapter))
    return found


def _lost_answers(known: dict[str, tuple[Path, ChapterRecord]], now: Path, record: RunRecord) -> Iterator[str]:
    for chapter in record.chapters:
        topic = chapter.topic
        if topic in known:
            before, then = known[topic]
            for entry in newly_skipped(then.skipped, chapter.skipped):
                yield t("{topic}: answered last time, left out now: {what}", topic=topic, what=entry.title)
            for finding in newly_refused(results_of(before, topic), results_of(now, topic)):
                yield t("{topic}: answered last time, refused now: {what}", topic=topic, what=render(finding.text))


def _gone(last: RunRecord, record: RunRecord) -> Iterator[str]:
    """Yield frames and columns that held values last time."""
    for frame, columns in last.columns.items():
        if frame not in record.columns:
            yield t("the data no longer hold {frame}", frame=frame)
        elif lost := tuple(column for column in columns if column not in record.columns[frame]):
            yield t("{frame}: no longer any value in {columns}", frame=frame, columns=lost)


def _days_between(last: RunRecord, record: RunRecord, params: RunParams) -> int:
    """Return how much time has passed: in the data's own day, and by the clock where the settings leave that day to the data.

    A day set in the settings and left there says that the data are meant to stand still.
    """
    passed = [_days(last.as_of, record.as_of)]
    if params.as_of is None:
        passed.append(_days(last.started_at, record.started_at))
    return max(passed)


def _days(then: str, now: str) -> int:
    try:
        return (date.fromisoformat(now[:10]) - date.fromisoformat(then[:10])).days
    except ValueError:
        return 0


def _stale(then: list[InputFile], now: list[InputFile], slow: tuple[str, ...]) -> Iterator[tuple[InputFile, InputFile]]:
    """Yield the sources, then and now, whose newest record is no newer. Files are known by name.

    Where a frame has a file of a new name – exports that carry their date in it, a new quarter's file beside the old one –
    that one carries on, and the frame's newest files are compared.
    """
    for frame in dict.fromkeys(file.frame for file in now if file.frame not in slow):
        old, new = ([file for file in files if file.frame == frame and file.newest_on] for files in (then, now))
        if not old or not new:
            continue
        newest = max(old, key=_newest)
        live = {file.name: file for file in old if (_newest(newest) - _newest(file)).days <= LIVE_DAYS}
        pairs = [(live[file.name], file) for file in new if file.name in live]
        if {file.name for file in new} - {file.name for file in old}:
            pairs = [(newest, max(new, key=_newest))]
        yield from (pair for pair in pairs if _newest(pair[1]) <= _newest(pair[0]))


def _newest(file: InputFile) -> date:
    return file.newest_on or date.min


def _stale_line(then: InputFile, now: InputFile) -> str:
    if then.newest_on == now.newest_on:
        return t("{file}: no record newer than {day}, as last time", file=now.name, day=day(now.newest_on))
    return t("{file}: no record newer than {day}; last time it reached to {then}", file=now.name, day=day(now.newest_on), then=day(then.newest_on))
