"""A matrix: one report for each combination of values, from data read once, and a page that compares them.

Each combination has a report folder of its own below `combinations/`, made as any report is made, so that one that fails
leaves the others alone and its own last report as it was. Chapters of all combinations wait in one line; a combination is cut out of the data
when its turn comes and published when its last chapter has ended. The overview comes last.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from workbook.batch.attempt import (
    Attempt,
    begin,
    conclude,
    keep_record,
    make,
    note_import,
    planned,
    put_away,
    read_line,
    refuse_changed_data,
    set_aside,
)
from workbook.batch.combinations import combinations, deals_elsewhere, read_once
from workbook.batch.compare import is_unchanged, read_record
from workbook.batch.decay import decay, stands_still
from workbook.batch.executor import Executor, kept_executor
from workbook.batch.folder import TO_OVERVIEW, ReportFolder
from workbook.batch.keys import quick_key
from workbook.batch.leftovers import KILLED_STATUS, WORK
from workbook.batch.ours import signed
from workbook.batch.overview import name_of, write_overview
from workbook.batch.plan import Basis, RunPlan, plan_chapters
from workbook.batch.plan import basis as basis_of
from workbook.batch.processes import Task, run_all
from workbook.batch.record import LINES, CombinationRecord, RunRecord, is_as_written, public_parameters, versions, written
from workbook.batch.request import Outcome, Request, exit_status, skipped_count
from workbook.batch.stop import hear_again, raise_if_asked
from workbook.errors import OutputError, WorkbookError
from workbook.params import RunParams
from workbook.text import msg, nmsg, render

if TYPE_CHECKING:
    from workbook.sources.part import Part


def make_all(attempt: Attempt) -> Outcome:
    """Make the reports of a matrix and their overview; whatever happens, staging ends published, in failed/, or removed."""
    return make(attempt, _reports)


def _reports(attempt: Attempt) -> Outcome:
    request, record = attempt.request, attempt.record
    request.say(render(msg("Reading the data …")))
    with kept_executor(request, attempt.folder.temporary_prefix) as executor:
        everything, basis = _read(attempt)
        record.code_hash = basis.code
        record.combinations = combinations(everything, request.params, attempt.folder)
        record.elsewhere = deals_elsewhere(everything, record.combinations)
        n = len(record.combinations)
        request.say(render(nmsg("{n} report to make.", "{n} reports to make.", n)))
        _Reports(attempt, everything, basis).run(executor)
    if all(entry.status == "failed" for entry in record.combinations):
        record.cause = render(msg("no report of the matrix could be made"))
        record.status = "failed"
        return Outcome(record=record, folder=set_aside(attempt, 1), index=None, skipped_count=skipped_count(record))
    return _publish(attempt, everything)


def _read(attempt: Attempt) -> tuple[Part, Basis]:
    """Read data and notebooks once, for all combinations."""
    request = attempt.request
    stored, everything = read_once(request.params, attempt.staging / WORK / "frames", request.where)
    refuse_changed_data(request, attempt.data)
    request.say(read_line(everything.record))
    note_import(attempt.record, everything.record)
    keep_record(attempt, KILLED_STATUS)
    return everything, basis_of(stored, attempt.data)


@dataclass(slots=True)
class _Open:
    """A report whose chapters run: which one, its folder held, and what is known of it."""

    entry: CombinationRecord
    attempt: Attempt
    held: contextlib.ExitStack
    plan: RunPlan | None = None


class _Reports:
    """The reports of a matrix while they are made."""

    def __init__(self, attempt: Attempt, everything: Part, basis: Basis) -> None:
        self.attempt, self.everything, self.basis = attempt, everything, basis
        self.finished = _finished_before(attempt) if attempt.request.resumes else {}
        self.open: list[_Open] = []

    def run(self, executor: Executor) -> None:
        """Make them all, chapters of several at once."""
        try:
            run_all(self._tasks(), executor, self.attempt.folder.temporary_prefix, self._show)
        except BaseException as error:
            for one in list(self.open):
                with contextlib.suppress(OutputError):
                    put_away(one.attempt, error)
                one.held.close()
            raise

    def _show(self, running: tuple[str, ...]) -> None:
        entries = self.attempt.record.combinations
        self.attempt.request.show(running, sum(entry.status != "waiting" for entry in entries), len(entries))

    def _tasks(self) -> Iterator[Task]:
        for entry in self.attempt.record.combinations:
            raise_if_asked()
            yield from self._begin(entry)

    def _begin(self, entry: CombinationRecord) -> list[Task]:
        """Begin a report: nothing where its last one still holds, else its chapters."""
        whole_run = self.attempt
        request = replace(whole_run.request, params=part_params(whole_run.request.params, entry.part))
        folder = whole_run.folder.combination(entry.folder)
        entry.key = quick_key(request.params, self.basis.code, self.basis.data)
        if self._still_holds(folder, entry, request):
            keep_record(self.attempt, KILLED_STATUS)
            return []
        record = RunRecord(name=request.params.name, status="interrupted", started_at=folder.free_name(whole_run.record.started_at),
                           language=request.params.language, quick_key=entry.key)  # fmt: skip
        record.parameters, record.versions, record.cause = public_parameters(request.params), versions(), whole_run.record.cause
        held = contextlib.ExitStack()
        try:
            folder.claim()
            held.enter_context(folder.locked())
        except WorkbookError as error:  # somebody else's folder, or run: nothing in it may be touched
            self._note_failure(entry, folder, render(error.what))
            return []
        one = _Open(entry, Attempt(request, folder, record, whole_run.data, overview=TO_OVERVIEW), held)
        self.open.append(one)
        try:
            begin(one.attempt)
            one.plan = self._plan(one)
            tasks = planned(one.attempt, one.plan, ended=lambda: self._conclude(one)).tasks()
        except WorkbookError as error:
            put_away(one.attempt, error)
            self._failed(one, render(error.what))
            return []
        if not tasks:
            self._conclude(one)
        return tasks

    def _still_holds(self, folder: ReportFolder, entry: CombinationRecord, request: Request) -> bool:
        """Tell whether a combination's last report is what it would be now, or was made by the matrix that is gone on with."""
        last = folder.latest()
        before = read_record(last)
        if last is None or before is None or not is_as_written(last, before):
            return False
        is_same = not request.force and is_unchanged(last, entry.key, request.params)
        is_same = is_same and not stands_still(before, self.attempt.record.started_at, request.params)
        if not is_same and self.finished.get(entry.folder) != (entry.key, last.name):
            return False
        entry.status, entry.run, entry.skipped = "unchanged", last.name, skipped_count(before)
        return True

    def _plan(self, one: _Open) -> RunPlan:
        """Cut the combination out of the data and decide its chapters."""
        from workbook.sources.part import part_of

        frames, shared = (attempt.staging / WORK / "frames" for attempt in (one.attempt, self.attempt))
        part = part_of(self.everything, one.entry.part, frames)
        for name in LINES:
            shutil.copyfile(shared / name, frames / name)
        return plan_chapters(one.attempt.request.params, part.record, frames, self.basis)

    def _conclude(self, one: _Open) -> None:
        """Publish a report whose last chapter has ended, or keep it apart; a fault of its pages is not the others'."""
        assert one.plan is not None
        try:
            outcome = conclude(one.attempt, one.plan)
        except OutputError:
            raise
        except Exception as error:
            put_away(one.attempt, error)
            self._failed(one, f"{type(error).__name__}: {error}")
            return
        if outcome.index is None:
            self._failed(one, outcome.record.cause)
            return
        hear_again()
        entry, record = one.entry, outcome.record
        entry.status, entry.run, entry.skipped, entry.degraded = "succeeded", record.started_at, skipped_count(record), record.degraded
        self._close(one)

    def _failed(self, one: _Open, cause: str) -> None:
        """Note that a report failed, and let go of its folder."""
        self._close(one)
        self._note_failure(one.entry, one.attempt.folder, cause)

    def _note_failure(self, entry: CombinationRecord, folder: ReportFolder, cause: str) -> None:
        """Note that a report could not be made; what its folder still holds is the last good one."""
        last = folder.latest()
        entry.status, entry.cause, entry.run = "failed", cause, last.name if last is not None else ""
        self.attempt.request.say(render(msg("{part} failed: {cause}", part=name_of(entry), cause=cause)))
        keep_record(self.attempt, KILLED_STATUS)

    def _close(self, one: _Open) -> None:
        one.held.close()
        self.open.remove(one)
        keep_record(self.attempt, KILLED_STATUS)



def part_params(params: RunParams, part: Mapping[str, str]) -> RunParams:
    """Return the settings with which a combination is a run like any other."""
    return params.model_copy(update={"matrix": {}, "part": {**params.part, **part}})


def _finished_before(attempt: Attempt) -> dict[str, tuple[str, str]]:
    """Return what the last matrix that did not come to its end has finished: folder → key and run."""
    published = attempt.folder.latest()
    failed = sorted((attempt.folder.path / "failed").glob("*"))
    record = read_record(failed[-1]) if failed else None
    if record is None or (published is not None and published.name > record.started_at):
        attempt.request.say(render(msg("No interrupted matrix to go on with: everything is looked at anew.")))
        return {}
    return {entry.folder: (entry.key, entry.run) for entry in record.combinations if entry.status in ("succeeded", "unchanged")}


def _publish(attempt: Attempt, everything: Part) -> Outcome:
    """Write the overview of the reports that there are, and publish it."""
    request, record, staging = attempt.request, attempt.record, attempt.staging
    request.say(render(msg("Writing the overview …")))
    before = attempt.folder.latest()
    record.degraded = [*decay(before, staging, record, request.params), *_worse(read_record(before), record)]
    failed = tuple(name_of(entry) for entry in record.combinations if entry.status == "failed")
    record.status = "incomplete" if failed else "succeeded"
    record.cause = render(msg("reports failed: {parts}", parts=failed)) if failed else ""
    index = write_overview(attempt.folder, staging, record, request.params, everything.record.as_of)
    shutil.rmtree(staging / WORK)
    record.files = written(staging, signed(index, record.started_at))
    keep_record(attempt, exit_status(record, request))
    raise_if_asked()
    target = attempt.folder.publish(staging, record.started_at, index)
    return Outcome(record=record, folder=target, index=attempt.folder.path / "index.html", skipped_count=skipped_count(record))


def _worse(before: RunRecord | None, record: RunRecord) -> Iterator[str]:
    """Yield what is worse than in the last overview: reports that are no more, and what is worse in those that are."""
    there = [entry.part for entry in record.combinations]
    for entry in before.combinations if before is not None else ():
        if entry.part not in there and entry.status != "failed":
            yield render(msg("{part}: had a report last time, and none now", part=name_of(entry)))
    for entry in record.combinations:
        if entry.degraded:
            n = len(entry.degraded)
            yield render(nmsg("{part}: {n} thing is worse than last time, its page says which", "{part}: {n} things are worse than last time, its page says which", n, part=name_of(entry)))  # fmt: skip
