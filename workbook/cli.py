"""The command line. Every fault a user can mend is told in three lines: what, where, how to mend it; never a traceback."""

from __future__ import annotations

import json
import locale
import os
import sys
import traceback
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbook.errors import ParamsError, WorkbookError
from workbook.text import LANGUAGES, count, msg, render
from workbook.text.catalogue import set_language

if TYPE_CHECKING:
    from workbook.params import RunParams

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Turns a company's CRM export into a sales strategy it can act on.",
    epilog="Exit status: 0 done · 1 a chapter failed · 2 wrong settings or usage · 3 data missing or unusable · "
    "4 degraded · 5 output cannot be written or is in use · 130 interrupted · 143 terminated.",
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


@app.command("run")
def run_command(
    settings: Settings,
    data: Data = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="report folder; default reports/<name>")] = None,
    jobs: Annotated[int, typer.Option("--jobs", min=0, help="chapters at once; 0: one per core")] = 0,
    lang: Language = None,
    as_of: AsOf = None,
    only: Only = None,
    force: Annotated[bool, typer.Option("--force", help="run although nothing has changed")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="exit with 4 where a section was skipped")] = False,
    as_json: Json = False,
) -> None:
    """Make the report: read the data, run the chapters, publish."""
    params = _params(settings, data, lang, as_of, only)
    from workbook.batch.engine import Interrupted, Request, run

    say = _quiet if as_json else _say
    request = Request(
        params=params, out=out or Path("reports") / params.name, where=str(settings), jobs=jobs, force=force, say=say
    )
    try:
        outcome = run(request)
    except Interrupted as stop:
        _complain(render(msg("stopped; the last good report is untouched")))
        raise typer.Exit(stop.status) from None
    status = outcome.record.exit_status
    if status == 0 and strict and outcome.skipped_count:
        status = 4
    if as_json:
        typer.echo(json.dumps(_summary(outcome, status), ensure_ascii=False, indent=2))
    else:
        _tell(outcome)
    raise typer.Exit(status)


def _tell(outcome: Any) -> None:
    """Say how a run ended; the last line says where the report is."""
    for chapter in outcome.record.chapters:
        if chapter.status == "failed":
            _complain(render(msg("{topic} failed: {cause}", topic=chapter.topic, cause=chapter.cause)))
            if chapter.failing_cell is not None:
                _complain(render(msg("in cell {n}:", n=chapter.failing_cell.number)) + "\n    " + chapter.failing_cell.source)
    if outcome.index is None:
        _complain(render(msg("The failed run is kept in {folder}; the last good report is untouched.", folder=str(outcome.folder))))
        return
    if outcome.skipped_count:
        line = msg("{n} sections could not be answered with these data; the report says which export would change that.",
                   n=outcome.skipped_count)  # fmt: skip
        _say(render(line))
    if outcome.is_unchanged:
        _say(render(msg("Nothing has changed since {when}; --force runs it anyway.", when=outcome.record.started_at)))
    _say(render(msg("Report: {path}", path=str(outcome.index))))


def _summary(outcome: Any, status: int) -> dict[str, Any]:
    record = outcome.record
    return {
        "exit_status": status,
        "status": record.status,
        "unchanged": outcome.is_unchanged,
        "report": None if outcome.index is None else str(outcome.index),
        "folder": str(outcome.folder),
        "started_at": record.started_at,
        "seconds": record.seconds,
        "chapters": [chapter.model_dump(mode="json") for chapter in record.chapters],
    }


@app.command("check")
def check_command(
    settings: Settings, data: Data = None, lang: Language = None, as_of: AsOf = None, only: Only = None, as_json: Json = False
) -> None:
    """Say what the data can answer, what not, and why; nothing is run."""
    params = _params(settings, data, lang, as_of, only)
    import tempfile

    from workbook.batch.plan import make_plan

    with tempfile.TemporaryDirectory() as folder:
        plan = make_plan(params, Path(folder), where=str(settings))
    if as_json:
        chapters = [{"topic": c.topic, "skipped": [s.model_dump(mode="json") for s in c.skipped]} for c in plan.chapters]
        typer.echo(json.dumps({"as_of": str(plan.imported.as_of), "chapters": chapters}, ensure_ascii=False, indent=2))
        return
    for name, frame in plan.imported.frames.items():
        typer.echo(f"{name}: {render(count(frame.rows))}")
    for chapter in plan.chapters:
        typer.echo(render(msg("{topic}: {n} sections cannot be computed", topic=chapter.topic, n=len(chapter.skipped))))
        for entry in chapter.skipped:
            typer.echo(f"  {entry.title}: {entry.reason}\n    → {entry.mend}")


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
    _use_language(lang)
    from workbook.sources import import_to

    day = as_of.date() if as_of else None
    summary = import_to([*sources, *(more or [])], to, crm=crm, currency=currency, as_of=day)
    _tell_import(summary)


def _tell_import(summary: Any) -> None:
    """Say what an import read, what it did not understand, and which file to edit next."""
    record = summary.record
    for file in record.files:
        if file.frame is None:
            _say(f"{file.name}: {file.ignored or render(msg('ignored'))}")
            continue
        line = msg("{name}: {read} lines read as {frame} ({mapping}): {kept} kept, {merged} merged, {rejected} rejected, {other} not data",
                   name=file.name, read=file.lines_read, frame=file.frame, mapping=file.mapping, kept=file.kept,
                   merged=file.merged, rejected=file.rejected, other=file.not_data)  # fmt: skip
        _say(render(line))
    for stage in record.unknown_stages:
        line = msg("stage “{stage}” ({n} deals) is not known to us and counts as {status}",
                   stage=stage.stage, n=stage.count, status=stage.status)  # fmt: skip
        _say(render(line))
    for column in record.unmapped_columns:
        if not column.attribute:
            _say(render(msg("column “{column}” of {file} is not used", column=column.column, file=column.file)))
    for assumption in record.assumptions:
        _say(str(assumption))
    if summary.kept_edits:
        _say(render(msg("Your edits of {path} were kept.", path=str(summary.mapping))))
    if summary.suggestions is not None:
        _say(render(msg("What the mapping does not explain yet: {path}", path=str(summary.suggestions))))
    _say(render(msg("Mapping: {path}", path=str(summary.mapping))))
    _say(render(msg("Next: workbook run {path}", path=str(summary.params))))


@app.command("demo")
def demo_command(
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="folder to write to")],
    seed: Annotated[int, typer.Option("--seed", help="the same seed gives the same bytes")] = 7,
    crm: Annotated[Crm | None, typer.Option("--as", help="write it as this CRM would export it")] = None,
    lang: Language = None,
) -> None:
    """Write the demo company's data."""
    _use_language(lang)
    from workbook.demo import write_demo, write_export

    if crm is None:
        write_demo(to, seed=seed)
    else:
        write_export(to, crm.value, seed=seed)
    _say(render(msg("The demo company is in {folder}", folder=str(to))))


@app.command("lab")
def lab_command(
    settings: Annotated[str, typer.Argument(metavar="[PARAMS]", help="settings file, or the name of one in params/")] = "demo",
    lang: Language = None,
    reset: Annotated[bool, typer.Option("--reset", help="bring the original notebooks back; edited ones are kept aside")] = False,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="print the address instead of opening a browser")] = False,
    only_prepare: Annotated[bool, typer.Option("--print", help="make the working copy, say where it is, start nothing")] = False,
) -> None:
    """Open JupyterLab on a working copy of the notebooks, with your data and in your language."""
    _use_language(lang)
    from workbook.lab import prepare_copy, start_lab

    copy = prepare_copy(settings, lang, reset=reset)
    _say(render(msg("Working copy: {folder}", folder=str(copy.folder))))
    if not only_prepare:
        raise typer.Exit(start_lab(copy, open_browser=not no_browser))


@app.command("list")
def list_command() -> None:
    """List chapters, their questions, and the settings at hand."""
    from workbook.analyses import TOPICS, questions
    from workbook.notebook import project_root

    for topic in TOPICS:
        typer.echo(f"{topic}: {', '.join(questions(topic))}")
    for path in sorted((project_root() / "params").glob("*.yaml")):
        typer.echo(f"params/{path.name}")


@app.command("doctor")
def doctor_command() -> None:
    """Say whether this installation is sound."""
    from workbook.doctor import findings

    faults = 0
    for finding in findings():
        faults += not finding.is_fine
        typer.echo(f"{'ok ' if finding.is_fine else 'BAD'}  {finding.name}: {render(finding.text)}")
    raise typer.Exit(1 if faults else 0)


def _params(settings: Path, data: Path | None, lang: str | None, as_of: datetime | None, only: str | None) -> RunParams:
    from workbook.params import load_params

    _use_language(lang)
    day: date | None = as_of.date() if as_of else None
    chapters = tuple(part.strip() for part in only.split(",") if part.strip()) if only else None
    folder = data.resolve() if data else None
    params = load_params(settings, data=folder, language=lang, as_of=day, chapters=chapters)
    set_language(params.language)
    return params


def _use_language(lang: str | None) -> None:
    """Speak the language asked for, else the one of the environment."""
    if lang is not None and lang not in LANGUAGES:
        raise ParamsError(msg("unknown language {lang}", lang=lang), mend=msg("Known languages: {known}.", known=LANGUAGES))
    set_language(lang or _environment_language())


def _environment_language() -> str:
    stated = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    if not stated and sys.platform == "win32":
        stated = locale.getlocale()[0] or ""
    return "de" if stated.lower().startswith(("de", "german")) else "en"


def _say(line: str) -> None:
    typer.echo(line)


def _quiet(line: str) -> None:
    del line


def _complain(line: str) -> None:
    typer.echo(line, err=True)


def main() -> None:
    """Run the command line; the console script."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        app()
    except WorkbookError as error:
        for line in error.lines():
            _complain(line)
        raise SystemExit(error.status) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except Exception:
        raise SystemExit(_internal_error()) from None


def _internal_error() -> int:
    """Keep the traceback in a file and say where: a user can do nothing with it, a developer everything."""
    import tempfile

    with tempfile.NamedTemporaryFile("w", prefix="workbook-", suffix=".log", delete=False, encoding="utf-8") as file:
        traceback.print_exc(file=file)
    _complain(render(msg("internal error: this is our fault, not yours")))
    _complain(render(msg("Please open an issue and attach {path}; it may name files and columns of yours.", path=file.name)))
    return 1


if __name__ == "__main__":
    main()
