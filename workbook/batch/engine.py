"""A run from a settings file to a report: the old one where nothing has changed, which takes nothing heavy to see, or a new one."""

from __future__ import annotations

from pathlib import Path

from workbook.batch.compare import is_unchanged, read_record
from workbook.batch.decay import stands_still
from workbook.batch.folder import ReportFolder
from workbook.batch.keys import code_hash, data_key, quick_key
from workbook.batch.leftovers import killed_cause
from workbook.batch.record import RunRecord, public_parameters, versions
from workbook.batch.request import Outcome, Request, check_cluster, exit_status, late, skipped_count
from workbook.batch.stop import Interrupted, OutOfTime, limited, stoppable
from workbook.errors import ParamsError, RunError
from workbook.params import writable
from workbook.text import msg
from workbook.text.catalogue import set_language


def run(request: Request) -> Outcome:
    """Make a report. Raises `WorkbookError` for what stops a run before its chapters, `Interrupted` when asked to stop."""
    set_language(request.params.language)
    if request.resumes and not request.params.matrix:
        raise ParamsError(msg("--resume goes on with a matrix, and these settings have none"), mend=msg("Leave --resume out."))
    check_cluster(request)
    folder, code = ReportFolder(writable(request.out.resolve())), code_hash()
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
            folder.prune(request.keep, spared=outcome.folder)
    return outcome


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
    """Tell whether every report of a matrix is still the one that its record names."""
    if record is None:
        return False
    there = (folder.combination(entry.folder).latest() for entry in record.combinations)
    return all(last is not None and last.name == entry.run for entry, last in zip(record.combinations, there, strict=True))


def _same(request: Request, folder: ReportFolder, last: Path, record: RunRecord) -> Outcome:
    """Return the last run as the outcome; whether a skipped section matters is this call's to say."""
    told = record.model_copy(update={"exit_status": exit_status(record, request)})
    index = folder.path / "index.html"
    return Outcome(record=told, folder=last, index=index, is_unchanged=True, skipped_count=skipped_count(record))


__all__ = ["Interrupted", "Outcome", "Request", "run"]
