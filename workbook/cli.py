"""The command line. Every fault a user can mend is told in three lines: what, where, how to mend it; never a traceback."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbook.batch.stop import Interrupted, stoppable
from workbook.console import Speaker, complain, complain_of, for_machines, internal_error, say, use_language
from workbook.errors import WorkbookError
from workbook.text import count, msg, nmsg, render
from workbook.text.catalogue import set_language

if TYPE_CHECKING:
    from workbook.batch.engine import Outcome
    from workbook.batch.plan import RunPlan
    from workbook.params import RunParams

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Turns a company's CRM export into a sales strategy it can act on.",
    epilog="Exit status: 0 done · 1 a chapter failed or time ran out · 2 wrong settings or usage · 3 data missing or unusable · "
    "4 degraded: worse than last time · 5 output cannot be written or is in use · 130 interrupted · 143 terminated.",
)

Settings = Annotated[Path, typer.Argument(metavar="PARAMS.yaml", help="settings of the run")]
Data = Annotated[Path | None, typer.Option("--data", metavar="DIR", help="folder of the data, instead of the settings' own")]
Language = Annotated[str | None, typer.Option("--lang", metavar="de|en", help="language of the report")]
AsOf = Annotated[datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="the day the data speak of")]
Only = Annotated[str | None, typer.Option("--only", metavar="TOPIC,…", help="chapters to run, such as market,competitors")]
Json = Annotated[bool, typer.Option("--json", help="print a summary for machines")]


class Crm(StrEnum):
    """The CRMs that the demo company can be exported as."""

    SALESFORCE_DE = "salesforce-de"
    SALESFORCE_EN = "salesforce-en"
    HUBSPOT = "hubspot"


class Executor(StrEnum):
    """Where chapters run."""

    LOCAL = "local"
    DASK = "dask"


@app.command("run")
def run_command(
    settings: Settings,
    data: Data = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="report folder; default reports/<name>")] = None,
    jobs: Annotated[int, typer.Option("--jobs", min=0, help="chapters at once; 0: one per core")] = 0,
    lang: Language = None,
    as_of: AsOf = None,
    only: Only = None,
    force: Annotated[bool, typer.Option("--force", help="run every chapter although nothing has changed")] = False,
    verify: Annotated[bool, typer.Option("--verify", help="read every data file to see whether it has changed")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="exit with 4 where a section was skipped")] = False,
    keep: Annotated[int, typer.Option("--keep", min=0, metavar="N", help="keep the newest N runs and N failed ones; 0: all")] = 0,
    executor: Annotated[Executor, typer.Option("--executor", help="where chapters run: on this machine, or on a Dask cluster")] = Executor.LOCAL,
    scheduler: Annotated[str, typer.Option("--scheduler", metavar="tcp://…", help="of the Dask cluster; without one, workers on this machine")] = "",
    shared: Annotated[str, typer.Option("--shared", metavar="URL", help="what runner and workers both reach; default: the report folder")] = "",
    resume: Annotated[bool, typer.Option("--resume", help="go on with an interrupted matrix: what it has finished holds")] = False,
    as_json: Json = False,
) -> None:
    """Make the report, or with `matrix:` one for each combination: read the data, run the chapters, publish."""
    with for_machines(as_json):
        params = _params(settings, data, lang, as_of, only)
        from workbook.batch.engine import Request, run

        with Speaker(is_quiet=as_json) as speaker:
            request = Request(
                params=params,
                out=out or Path("reports") / params.name,
                where=str(settings),
                jobs=jobs,
                force=force,
                verifies=verify,
                resumes=resume,
                executor=executor.value,
                scheduler=scheduler,
                shared=shared,
                is_strict=strict,
                keep=keep,
                say=speaker.say,
                show=speaker.show,
            )
            outcome = run(request)
    if as_json:
        say(json.dumps(_summary(outcome), ensure_ascii=False, indent=2))
    else:
        _tell(outcome)
    raise typer.Exit(outcome.record.exit_status)


def _tell(outcome: Outcome) -> None:
    """Say how a run ended; the last line says where the report is."""
    if outcome.index is None:
        complain(outcome.record.cause)
    for chapter in outcome.record.chapters:
        if chapter.status == "failed":
            complain(render(msg("{topic} failed: {cause}", topic=chapter.topic, cause=chapter.cause)))
            if chapter.failing_cell is not None:
                source = chapter.failing_cell.source.replace("\n", "\n    ")
                complain(render(msg("in cell {n}:", n=chapter.failing_cell.number)) + "\n    " + source)
    if outcome.index is None:
        complain(render(msg("The failed run is kept in {folder}; the last good report is untouched.", folder=str(outcome.folder))))
        return
    if outcome.is_unchanged:
        say(render(msg("Nothing has changed since {when}: that report still holds. --force runs it anyway.", when=outcome.record.started_at)))
    if outcome.skipped_count:
        n = outcome.skipped_count
        say(render(nmsg("{n} section could not be answered with these data; the report says which export would change that.", "{n} sections could not be answered with these data; the report says which exports would change that.", n)))  # fmt: skip
    for line in outcome.record.degraded:
        complain(render(msg("worse than last time: {line}", line=line)))
    say(render(msg("Report: {path}", path=str(outcome.index))))


def _summary(outcome: Outcome) -> dict[str, Any]:
    record = outcome.record
    return {
        "exit_status": record.exit_status,
        "status": record.status,
        "cause": record.cause,
        "unchanged": outcome.is_unchanged,
        "report": None if outcome.index is None else str(outcome.index),
        "folder": str(outcome.folder),
        "started_at": record.started_at,
        "seconds": record.seconds,
        "degraded": record.degraded,
        "skipped_count": outcome.skipped_count,
        "as_of": record.as_of,
        "inputs": [file.model_dump(mode="json") for file in record.inputs],
        "chapters": [chapter.model_dump(mode="json") for chapter in record.chapters],
        "combinations": [entry.model_dump(mode="json") for entry in record.combinations],
    }


@app.command("check")
def check_command(
    settings: Settings, data: Data = None, lang: Language = None, as_of: AsOf = None, only: Only = None, as_json: Json = False
) -> None:
    """Say what the data can answer, what not, and why; nothing is run."""
    import tempfile

    with for_machines(as_json), tempfile.TemporaryDirectory(prefix="workbook-") as folder:
        params = _params(settings, data, lang, as_of, only)
        if params.matrix:
            _check_matrix(params, Path(folder), str(settings), as_json)
            return
        from workbook.batch.plan import make_plan

        plan = make_plan(params, Path(folder), where=str(settings))
    if as_json:
        say(json.dumps(_prospects(plan), ensure_ascii=False, indent=2))
        return
    for name, frame in plan.imported.frames.items():
        say(render(msg("{frame}: {rows} rows", frame=name, rows=count(frame.rows))))
    for chapter in plan.chapters:
        total = len(chapter.computed) + len(chapter.skipped)
        say(render(msg("{topic}: {n} of {total} sections can be answered", topic=chapter.topic, n=len(chapter.computed), total=total)))
        for title in chapter.computed:
            say(f"  + {title}")
        for entry in chapter.skipped:
            say(f"  - {entry.title}: {entry.reason}\n      {entry.mend}")


def _check_matrix(params: RunParams, folder: Path, where: str, as_json: bool) -> None:
    """Say which reports a matrix would make."""
    from workbook.batch.combinations import planned_reports

    chapters, reports, elsewhere = planned_reports(params, folder, where)
    if as_json:
        told = [{"part": entry.part, "deals": entry.deals, "folder": entry.folder} for entry in reports]
        say(json.dumps({"exit_status": 0, "chapters": chapters, "combinations": told, "elsewhere": elsewhere}, ensure_ascii=False, indent=2))
        return
    for entry in reports:
        named = ", ".join(f"{column} = {value}" for column, value in entry.part.items())
        say(render(msg("{part}: {n} deals", part=named, n=count(entry.deals))))
    n = len(reports)
    say(render(nmsg("{n} report of {chapters} chapters, {elsewhere} deals in none", "{n} reports of {chapters} chapters each, {elsewhere} deals in none", n, chapters=len(chapters), elsewhere=count(elsewhere))))  # fmt: skip


def _prospects(plan: RunPlan) -> dict[str, Any]:
    frames = {name: {"rows": frame.rows, "present": frame.present} for name, frame in plan.imported.frames.items()}
    chapters = [
        {"topic": c.topic, "answered": list(c.computed), "skipped": [s.model_dump(mode="json") for s in c.skipped]} for c in plan.chapters
    ]
    return {"exit_status": 0, "as_of": str(plan.imported.as_of), "frames": frames, "chapters": chapters}


@app.command("import")
def import_command(
    sources: Annotated[list[Path], typer.Option("--from", metavar="FILE…", help="exports to read; repeat or list several")],
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="folder for mapping.yaml, params.yaml and the frames")],
    more: Annotated[list[Path] | None, typer.Argument(metavar="[FILE…]", help="further exports")] = None,
    crm: Annotated[str, typer.Option("--crm", help="auto, or the name of a ready mapping")] = "auto",
    currency: Annotated[str | None, typer.Option("--currency", help="assumed where a file carries none")] = None,
    as_of: AsOf = None,
    lang: Language = None,
) -> None:
    """Write the mapping that fits the exports as a file to edit; importing again keeps the edits."""
    use_language(lang)
    from workbook.sources import import_to

    day = as_of.date() if as_of else None
    summary = import_to([*sources, *(more or [])], to, crm=crm, currency=currency, as_of=day)
    _tell_import(summary)


def _tell_import(summary: Any) -> None:
    """Say what an import read, what it did not understand, and which file to edit next."""
    from workbook.sources.competition import RULE

    record = summary.record
    for file in record.files:
        if file.frame is None:
            say(f"{file.name}: {file.ignored or render(msg('ignored'))}")
            continue
        line = msg("{name}: {read} lines read as {frame} ({mapping}): {kept} kept, {merged} merged, {rejected} rejected, {other} not data",
                   name=file.name, read=file.lines_read, frame=file.frame, mapping=file.mapping, kept=file.kept,
                   merged=file.merged, rejected=file.rejected, other=file.not_data)  # fmt: skip
        say(render(line))
    for stage in record.unknown_stages:
        line = msg("stage “{stage}” ({n} deals) is not known to us and counts as {status}",
                   stage=stage.stage, n=stage.count, status=stage.status)  # fmt: skip
        say(render(line))
    for column in record.unmapped_columns:
        if not column.attribute:
            say(render(msg("column “{column}” of {file} is not used", column=column.column, file=column.file)))
    for flag in record.flagged(RULE):
        say(str(flag.message))
    for assumption in record.assumptions:
        say(str(assumption))
    if summary.kept_edits:
        say(render(msg("Your edits of {path} were kept.", path=str(summary.mapping))))
    if summary.suggestions is not None:
        say(render(msg("What the mapping does not explain yet: {path}", path=str(summary.suggestions))))
    if summary.templates:
        names = tuple(sorted({path.stem for path in summary.templates}))
        say(render(msg("Templates to fill in for what no CRM exports ({names}): {folder}", names=names, folder=str(summary.templates[0].parent))))
    say(render(msg("Mapping: {path}", path=str(summary.mapping))))
    say(render(msg("Next: workbook run {path}", path=str(summary.params))))


@app.command("demo")
def demo_command(
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="folder to write to")],
    seed: Annotated[int, typer.Option("--seed", help="the same seed gives the same bytes")] = 7,
    crm: Annotated[Crm | None, typer.Option("--as", help="write it as this CRM would export it")] = None,
    lang: Language = None,
) -> None:
    """Write the demo company's data."""
    use_language(lang)
    from workbook.demo import write_demo, write_export

    if crm is None:
        write_demo(to, seed=seed)
    else:
        write_export(to, crm.value, seed=seed)
    say(render(msg("The demo company is in {folder}", folder=str(to))))


@app.command("lab")
def lab_command(
    settings: Annotated[str, typer.Argument(metavar="[PARAMS]", help="settings file, or the name of one in params/")] = "demo",
    data: Data = None,
    lang: Language = None,
    reset: Annotated[bool, typer.Option("--reset", help="bring the original notebooks back; edited ones are kept aside")] = False,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="print the address instead of opening a browser")] = False,
    only_prepare: Annotated[bool, typer.Option("--print", help="make the working copy, say where it is, start nothing")] = False,
) -> None:
    """Open JupyterLab on a working copy of the notebooks, with your data and in your language."""
    use_language(lang)
    from workbook.lab import prepare_copy, start_lab

    copy = prepare_copy(settings, lang, data=data, reset=reset)
    say(render(msg("Working copy: {folder}", folder=str(copy.folder))))
    if not only_prepare:
        raise typer.Exit(start_lab(copy, open_browser=not no_browser))


@app.command("list")
def list_command() -> None:
    """List chapters, their questions, and the settings at hand."""
    from workbook.analyses import TOPICS, questions
    from workbook.notebook import project_root

    for topic in TOPICS:
        say(f"{topic}: {', '.join(questions(topic))}")
    for path in sorted((project_root() / "params").glob("*.yaml")):
        say(f"params/{path.name}")


@app.command("diff")
def diff_command(
    before: Annotated[Path, typer.Argument(metavar="A", help="a report folder, or a run in it")],
    after: Annotated[Path, typer.Argument(metavar="B", help="the later one")],
    lang: Language = None,
    as_json: Json = False,
) -> None:
    """Say what changed between two runs: what was read, sections gained and lost, headlines beyond their intervals."""
    use_language(lang)
    from workbook.batch.diff import difference, run_folder

    with for_machines(as_json):
        found = difference(run_folder(before), run_folder(after))
    if as_json:
        say(json.dumps(found.as_json(), ensure_ascii=False, indent=2))
        return
    for line in found.lines():
        say(line)


@app.command("new-analysis")
def new_analysis_command(
    topic: Annotated[str, typer.Argument(metavar="TOPIC", help="the chapter it belongs to, such as market")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="the question in a few words, such as deals_by_weekday")],
    lang: Language = None,
) -> None:
    """Write a new question and its test from a template that works, and say what is left to do."""
    use_language(lang)
    from workbook.scaffold import next_steps, write_question

    for path in write_question(topic, name):
        say(str(path))
    for step in next_steps(topic):
        say(render(step))


@app.command("doctor")
def doctor_command() -> None:
    """Say whether this installation is sound."""
    from workbook.doctor import findings

    faults = 0
    for finding in findings():
        faults += not finding.is_fine
        say(f"{'ok ' if finding.is_fine else 'BAD'}  {finding.name}: {render(finding.text)}")
    raise typer.Exit(1 if faults else 0)


def _params(settings: Path, data: Path | None, lang: str | None, as_of: datetime | None, only: str | None) -> RunParams:
    from workbook.params import load_params

    use_language(lang)
    day: date | None = as_of.date() if as_of else None
    chapters = tuple(part.strip() for part in only.split(",") if part.strip()) if only else None
    folder = data.resolve() if data else None
    params = load_params(settings, data=folder, language=lang, as_of=day, chapters=chapters)
    set_language(params.language)
    return params


def main() -> None:
    """Run the command line; the console script."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    with stoppable():  # around the handlers too: a second Ctrl-C while the first is answered changes nothing
        try:
            app()
        except WorkbookError as error:
            complain_of(error)
            raise SystemExit(error.status) from None
        except Interrupted as stop:
            complain(render(msg("stopped; the last good report is untouched")))
            raise SystemExit(stop.status) from None
        except Exception:
            raise SystemExit(internal_error()) from None


if __name__ == "__main__":
    main()
