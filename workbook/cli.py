"""The command line. Every fault a user can mend is told in three lines: what, where, how to mend it; never a traceback."""

from __future__ import annotations

import sys
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from workbook.batch.stop import Interrupted, stoppable
from workbook.console import (
    Commands,
    Speaker,
    complain,
    complain_of,
    for_machines,
    internal_error,
    open_streams,
    say,
    say_json,
    use_language,
)
from workbook.errors import WorkbookError
from workbook.telling import matrix_summary, plan_summary, run_summary, tell_import, tell_matrix, tell_plan, tell_run
from workbook.text import msg, render
from workbook.text.catalogue import set_language

if TYPE_CHECKING:
    from workbook.params import RunParams

app = typer.Typer(
    cls=Commands,
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
        say_json(run_summary(outcome))
    else:
        tell_run(outcome)
    raise typer.Exit(outcome.record.exit_status)


@app.command("check")
def check_command(
    settings: Settings, data: Data = None, lang: Language = None, as_of: AsOf = None, only: Only = None, as_json: Json = False
) -> None:
    """Say what the data can answer, what not, and why; nothing is run."""
    import tempfile

    with for_machines(as_json), tempfile.TemporaryDirectory(prefix="workbook-") as folder:
        params = _params(settings, data, lang, as_of, only)
        if params.matrix:
            from workbook.batch.combinations import planned_reports

            planned = planned_reports(params, Path(folder), str(settings), Path("reports") / params.name)
            if as_json:
                say_json(matrix_summary(planned))
            else:
                tell_matrix(planned)
            return
        from workbook.batch.plan import make_plan

        plan = make_plan(params, Path(folder), where=str(settings))
    if as_json:
        say_json(plan_summary(plan))
    else:
        tell_plan(plan)


@app.command("import")
def import_command(
    sources: Annotated[list[Path], typer.Option("--from", metavar="FILE…", help="exports to read; repeat or list several")],
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="folder for mapping.yaml, params.yaml and the frames")],
    more: Annotated[list[Path] | None, typer.Argument(metavar="[FILE…]", help="further exports")] = None,
    crm: Annotated[str, typer.Option("--crm", help="auto, or the name of a ready mapping")] = "auto",
    currency: Annotated[str | None, typer.Option("--currency", help="assumed where a file carries none")] = None,
    date_style: Annotated[Literal["dmy", "mdy"] | None, typer.Option("--date-style", help="day or month first, where dates read both ways")] = None,
    as_of: AsOf = None,
    lang: Language = None,
) -> None:
    """Write the mapping that fits the exports as a file to edit; importing again keeps the edits."""
    use_language(lang)
    from workbook.sources import import_to

    day = as_of.date() if as_of else None
    summary = import_to([*sources, *(more or [])], to, crm=crm, currency=currency, as_of=day, date_style=date_style)
    tell_import(summary)


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
    from workbook.batch.diff import difference, run_folder

    with for_machines(as_json):
        use_language(lang)
        found = difference(run_folder(before), run_folder(after))
    if as_json:
        say_json({"exit_status": 0} | found.as_json())
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
    open_streams()
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
