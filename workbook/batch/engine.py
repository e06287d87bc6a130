"""A run from a settings file to a report: the old one where nothing has changed, which takes nothing heavy to see, or a new one."""

from __future__ import annotations

import contextlib
from pathlib import Path

from workbook.batch.compare import is_unchanged, read_record
from workbook.batch.decay import stands_still
from workbook.batch.folder import ReportFolder
from workbook.batch.keys import code_hash, data_key, quick_key
from workbook.batch.leftovers import killed_cause
from workbook.batch.record import RunRecord, is_as_written, public_parameters, versions
from workbook.batch.refusals import refuse_without_temporary_folder, resolved
from workbook.batch.request import Outcome, Request, check_cluster, exit_status, late, skipped_count
from workbook.batch.stop import Interrupted, OutOfTime, limited, stoppable
from workbook.errors import OutputError, ParamsError, RunError
from workbook.params import writable
from workbook.text import msg
from workbook.text.catalogue import set_language


def run(request: Request) -> Outcome:
    """Make a report. Raises `WorkbookError` for what stops a run before its chapters, `Interrupted` when asked to stop."""
    set_language(request.params.language)
    if request.resumes and not request.params.matrix:
        raise ParamsError(msg("--resume goes on with a matrix, and these settings have none"), mend=msg("Leave --resume out."))
    check_cluster(request)
    refuse_without_temporary_folder()
    folder, code = ReportFolder(writable(resolved(request.out))), code_hash()
    if not _were_checked(request, code, read_record(folder.latest())):
        from workbook.batch.plan import check_settings

        check_settings(request.params, request.where)
    folder.claim()
    limit = request.params.run_timeout_seconds
    with folder.locked(), stoppable():
        try:
            with limited(limit):
                outcome = _run(request, folder, code)
        except OutOfTime:
            raise RunError(late(limit), mend=msg("Give it more with run_timeout_seconds in the settings.")) from None
        if request.keep:
            _prune(folder, request.keep, outcome)
    return outcome


def _prune(folder: ReportFolder, keep: int, outcome: Outcome) -> None:
    """Remove old runs, of a matrix in all its reports: there, those stay to which an overview leads that stays."""
    folder.prune(keep, spared=[outcome.folder])
    if not outcome.record.combinations:
        return
    overviews = [outcome.record, *filter(None, map(read_record, (folder.path / "runs").glob("*")))]
    named: dict[str, set[str]] = {entry.folder: set() for entry in outcome.record.combinations}
    for entry in (entry for overview in overviews for entry in overview.combinations):
        named.setdefault(entry.folder, set()).add(entry.run)
    for part in folder.combinations():
        if runs := named.get(part.path.name):
            with contextlib.suppress(OutputError), part.locked():
                part.prune(keep, spared=[part.path / "runs" / run for run in runs])


def _were_checked(request: Request, code: str, last: RunRecord | None) -> bool:
    """Tell whether the last good run had these settings and this code: then they have been checked."""
    return last is not None and last.code_hash == code and last.parameters == public_parameters(request.params)


def _run(request: Request, folder: ReportFolder, code: str) -> Outcome:
    folder.clean()
    data = data_key(request.params, verifies=request.verifies)
    key = quick_key(request.params, code, data)
    name = folder.free_name(request.now().strftime("%Y-%m-%dT%H-%M-%SZ"))
    last = folder.latest()
    before = read_record(last)
    is_same = last is not None and not request.force and is_unchanged(last, key, request.params) and _stand(folder, before)
    if is_same and last is not None and before is not None and not stands_still(before, name, request.params):
        return _same(request, folder, last, before)
    record = RunRecord(name=request.params.name, status="interrupted", started_at=name, language=request.params.language, quick_key=key)
    record.parameters, record.versions, record.cause = public_parameters(request.params), versions(), killed_cause()
    from workbook.batch.attempt import Attempt, make

    attempt = Attempt(request, folder, record, data)
    if request.params.matrix:
        from workbook.batch.matrix import make_all

        return make_all(attempt)
    return make(attempt)


def _stand(folder: ReportFolder, record: RunRecord | None) -> bool:
    """Tell whether every report of a matrix is still the one that its record names, as it was published, and reads no more than its run gives it."""
    return record is not None and all(_stands(folder.combination(entry.folder), entry.run) for entry in record.combinations)


def _stands(part: ReportFolder, run: str) -> bool:
    last = part.latest()
    if last is None or last.name != run:
        return False
    record = read_record(last)
    return record is not None and not record.reads_more and is_as_written(last, record)


def _same(request: Request, folder: ReportFolder, last: Path, record: RunRecord) -> Outcome:
    """Return the last run as the outcome; whether a skipped section matters is this call's to say."""
    told = record.model_copy(update={"exit_status": exit_status(record, request)})
    index = folder.path / "index.html"
    return Outcome(record=told, folder=last, index=index, is_unchanged=True, skipped_count=skipped_count(record))


__all__ = ["Interrupted", "Outcome", "Request", "run"]
