"""The notebooks' one door: `run = open_run("market")`.

A notebook loads frames, asks questions, shows tables and figures, says the finding and closes. It runs alike in
JupyterLab, under bare papermill, under nbval and in a batch, from any working directory.
"""

from __future__ import annotations

import importlib
import os
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from workbook.analyses import Opening, families, opening, params_class
from workbook.chapter import ChapterPlan
from workbook.errors import NeedsError
from workbook.kpis import KPIS
from workbook.params import Params, RunParams, load_params
from workbook.results import (
    Action,
    FindingRecord,
    Result,
    ResultsFile,
    record_action,
    record_check,
    record_headline,
)
from workbook.show import Card, Chart, TableView, escape_html, escape_spreadsheet, png
from workbook.text import Span, day, estimated, msg, render, sentence, t
from workbook.text.catalogue import set_language

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from workbook.sources import ImportRecord

SETTINGS_VARIABLE = "WORKBOOK_SETTINGS"
LANGUAGE_VARIABLE = "WORKBOOK_LANGUAGE"
DATA_VARIABLE = "WORKBOOK_DATA"
MOST_SENTENCES = 3


def project_root() -> Path:
    """Return the folder that holds notebooks/ and params/: above the working directory, else beside the package."""
    for folder in (Path.cwd(), *Path.cwd().parents, Path(__file__).resolve().parents[1]):
        if (folder / "notebooks").is_dir() and (folder / "params").is_dir():
            return folder
    return Path(__file__).resolve().parents[1]


def open_run(topic: str, settings: str = "") -> Run:
    """Open a chapter. settings: a settings file, the name of one in params/, or a chapter plan; empty: the demo company.

    The environment variable WORKBOOK_SETTINGS stands in where `settings` is empty, WORKBOOK_LANGUAGE and WORKBOOK_DATA for
    the file's language and data folder (JupyterLab on own data).
    Raises `ParamsError` and `DataError`.
    """
    settings = settings or os.environ.get(SETTINGS_VARIABLE, "")
    if settings.endswith(".json"):
        plan = ChapterPlan.model_validate_json(Path(settings).read_text(encoding="utf-8"))
    else:
        plan = _interactive_plan(topic, settings or "demo")
    set_language(plan.language)
    return Run(plan)


def _interactive_plan(topic: str, settings: str) -> ChapterPlan:
    from workbook.sources.cache import cached_import

    path = Path(settings)
    if not path.suffix:
        path = project_root() / "params" / f"{settings}.yaml"
    params = load_params(path, language=os.environ.get(LANGUAGE_VARIABLE), data=os.environ.get(DATA_VARIABLE))
    folder, record = cached_import(params)
    return ChapterPlan(topic=topic, params=params, frames_dir=folder, as_of=record.as_of, language=params.language, data_hash=record.data_hash)


class Run:
    """One open chapter: what it may load, and what it has answered so far."""

    def __init__(self, plan: ChapterPlan) -> None:
        self.plan = plan
        self._answers: list[tuple[str, Result]] = []
        self._tables: dict[str, TableView] = {}
        self._asked: dict[str, tuple[tuple[Any, ...], Result]] = {}
        self._empty: dict[str, Table] = {}
        self._lead: str | None = None

    def __repr__(self) -> str:
        return t("Chapter {topic} of {company}, as of {as_of}", topic=self.plan.topic, company=self.company, as_of=self.as_of)

    @property
    def params(self) -> RunParams:
        """The run's settings."""
        return self.plan.params

    @property
    def as_of(self) -> date:
        """The day the data speak of."""
        return self.plan.as_of

    @property
    def company(self) -> str:
        """The company's name, or the run's."""
        return self.params.title

    @cached_property
    def imported(self) -> ImportRecord:
        """What was read, kept, merged, rejected and repaired."""
        from workbook.sources import load_import

        return load_import(self.plan.frames_dir)

    @cached_property
    def _engine(self) -> Any:
        import ibis

        ibis.options.sql.fuse_selects = False  # DuckDB merges them itself, in far less time
        return ibis.duckdb.connect(threads=1)

    def has(self, frame: str) -> bool:
        """Tell whether the data carry a frame."""
        return (self.plan.frames_dir / f"{frame}.parquet").exists()

    def load(self, frame: str, *columns: str) -> Table:
        """Return a canonical frame as an Ibis table; it shows its first rows in Lab. Raises `NeedsError`.

        columns: the ones that must hold at least one value.
        """
        present = self.imported.frames[frame].present if frame in self.imported.frames else ()
        lacking = [frame] if frame not in self.imported.frames else [f"{frame}.{name}" for name in columns if name not in present]
        if lacking:
            raise NeedsError(
                msg("this section needs {needs}, which the data do not carry", needs=tuple(lacking)),
                mend=msg("Export it from the CRM and import again; the rest of the chapter runs without it."),
            )
        return self._engine.read_parquet(self.plan.frames_dir / f"{frame}.parquet", table_name=frame)

    def load_or_empty(self, frame: str) -> Table:
        """Return a frame, or an empty one with the same columns: for optional additions to a question."""
        if self.has(frame):
            return self.load(frame)
        import ibis

        if frame not in self._empty:
            self._empty[frame] = ibis.memtable(_schema(frame).to_pyarrow().empty_table())
        return self._empty[frame]

    def rows(self, expression: Table, limit: int = 200_000) -> pd.DataFrame:
        """Return an expression's rows as a DataFrame; above `limit` a seeded sample, and a line that says so."""
        total = int(expression.count().execute())
        if total > limit:
            expression = expression.sample(limit / total, seed=self.params.seed)
            self._say_html(f"<p>{escape_html(t('Sampled {limit} of {total} rows.', limit=limit, total=total))}</p>")
        return to_frame(expression)

    def params_for(self, question: ModuleType) -> Params:
        """Return a question's settings: the run's own, then the run's general ones, then the defaults."""
        return question_params(question, self.params)

    def opening(self) -> None:
        """Open the chapter with its answer: up to three sentences and one figure, from the topic's `OPENING`.

        Questions the data cannot answer make room for the next ones. What is asked here is not computed again when its
        section asks it.
        """
        topic = importlib.import_module(f"workbook.analyses.{self.plan.topic}")
        answered: list[tuple[Opening, Result]] = []
        for entry in opening(self.plan.topic):
            if len(answered) == MOST_SENTENCES or not all(self._holds(need) for need in entry.needs):
                continue
            result = self._ask(getattr(topic, entry.question), *(self.load_or_empty(frame) for frame in entry.frames), *entry.inputs())
            if result.refused is None and (result.brief or result.finding):
                answered.append((entry, result))
        for _, result in answered:
            words = escape_html(render(result.brief or result.finding))
            self._say_html(f'<p class="opening {result.certainty}">{words}</p>')
        if not answered:
            self._say_html(f'<p class="opening open">{escape_html(t("The data at hand answer none of the main questions of this chapter; what they lack is said below."))}</p>')
        charts = (getattr(topic.figures, entry.figure)(result) for entry, result in answered if entry.figure)
        lead = next((chart for chart in charts if chart is not None), None)
        self.show(lead)
        self._lead = None if lead is None else lead.key

    def _holds(self, need: str) -> bool:
        frame, _, column = need.partition(".")
        return frame in self.imported.frames and (not column or column in self.imported.frames[frame].present)

    def answer(self, question: ModuleType, *tables: Any) -> Any:
        """Ask a question: aggregate where the data are, analyse the small result, keep what it says."""
        result = self._ask(question, *tables)
        self._answers.append((question.__name__.rpartition(".")[2], result))
        return result

    def _ask(self, question: ModuleType, *tables: Any) -> Any:
        """Return the answer; the same question on the same tables is computed once."""
        asked = self._asked.get(question.__name__)
        if asked is not None and len(asked[0]) == len(tables) and all(map(_is_same, asked[0], tables)):
            return asked[1]
        result = self._compute(question, *tables)
        self._asked[question.__name__] = (tables, result)
        return result

    def _compute(self, question: ModuleType, *tables: Any) -> Result:
        """Compute an answer. Frames go to `aggregate`; results of other questions go to `analyse`, behind the small tables."""
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

        params = self.params_for(question)
        with threadpool_limits(1):  # on matrices of this size threads wait for one another several times as long as they compute
            result = self._computed(question, params, *tables)
        return with_section(result, question.SECTION)

    def _computed(self, question: ModuleType, params: Params, *tables: Any) -> Result:
        if hasattr(question, "aggregate"):
            given = [table for table in tables if isinstance(table, Result)]
            asked = question.aggregate(*(table for table in tables if not isinstance(table, Result)), params, as_of=self.as_of)
            small: Any = {name: to_frame(table) for name, table in asked.items()} if isinstance(asked, dict) else to_frame(asked)
            return cast(Result, question.analyse(small, *given, params, as_of=self.as_of))
        return cast(Result, question.analyse(*tables, params, as_of=self.as_of))

    def show(self, shown: Chart | TableView | tuple[Card, ...] | None) -> None:
        """Show a chart, a table or cards (None: there is nothing to show, and the finding says why)."""
        if isinstance(shown, tuple):
            for card in shown:
                _publish({"text/html": card.html(), "text/plain": card.text()}, {})
        elif isinstance(shown, Chart) and shown.key == self._lead:
            self._lead = None
            self._say_html(f'<p class="note">{escape_html(t("The figure “{title}” opens the chapter.", title=shown.title.rstrip(".")))}</p>')
        elif isinstance(shown, Chart):
            self._show_chart(shown)
        elif isinstance(shown, TableView):
            self._show_table(shown)

    def say(self, result: Result) -> None:
        """Say the finding in words, or why there is none; what it does not show; what to do, or why nothing follows."""
        if result.refused is not None:
            self._say_html(f'<p class="refused">{escape_html(t("Cannot be answered with these data: {why}", why=result.refused))}</p>')
        if result.finding is not None:
            self._say_html(f'<p class="finding {result.certainty}">{escape_html(render(result.finding))}</p>')
        if result.limits:
            items = "".join(f"<li>{escape_html(render(limit))}</li>" for limit in result.limits)
            self._say_html(f'<ul class="limits">{items}</ul>')
        for check in result.checks:
            if check.status in ("review", "fail") and check.reason != result.finding:
                self._say_html(f'<p class="check {check.status}">{escape_html(sentence(render(check.reason)))}</p>')
        for action in result.actions:
            self._say_html(f'<p class="action">{escape_html(_action_in_words(action))}</p>')
        if not result.actions and result.no_action is not None:
            why = sentence(t("Nothing to do follows from this: {why}", why=result.no_action))
            self._say_html(f'<p class="action none">{escape_html(why)}</p>')

    def close(self) -> None:
        """Write results/<topic>.json and the tables where the run has a folder; say what the chapter holds."""
        results = self.results()
        if self.plan.output_dir is not None:
            self._write_tables()
            path = self.plan.output_dir / "results" / f"{self.plan.topic}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(results.text(), encoding="utf-8", newline="\n")
        self._say_html(
            '<p class="closing">'
            + escape_html(
                t(
                    "{headlines} headlines, {checks} checks, {actions} actions, {tables} tables.",
                    headlines=len(results.headlines),
                    checks=len(results.checks),
                    actions=len(results.actions),
                    tables=len(results.tables),
                )
            )
            + "</p>"
        )

    def results(self) -> ResultsFile:
        """Return the chapter's results so far, as they will be written. Raises ValueError on a key used twice."""
        headlines = [record_headline(h, name) for name, result in self._answers for h in result.headlines]
        _refuse_duplicates([h.key for h in headlines])
        return ResultsFile(
            topic=self.plan.topic,
            as_of=self.as_of,
            language=self.plan.language,
            run_key=self.plan.run_key,
            chapter_key=self.plan.chapter_key,
            data_hash=self.plan.data_hash,
            findings=[_record_finding(name, result) for name, result in self._answers],
            headlines=headlines,
            checks=[record_check(c, name) for name, result in self._answers for c in result.checks],
            actions=[record_action(a) for _, result in self._answers for a in result.actions],
            tables={key: f"tables/{self.plan.topic}/{key}.csv" for key in sorted(self._tables)},
            skipped=list(self.plan.skipped),
        )

    def _write_tables(self) -> None:
        assert self.plan.output_dir is not None
        folder = self.plan.output_dir / "tables" / self.plan.topic
        folder.mkdir(parents=True, exist_ok=True)
        for key, view in self._tables.items():
            safe = view.data.map(lambda cell: escape_spreadsheet(cell) if isinstance(cell, str) else cell)
            safe.columns = pd.Index([escape_spreadsheet(str(name)) for name in safe.columns])
            safe.to_csv(folder / f"{key}.csv", index=False, encoding="utf-8", lineterminator="\n")

    def _show_chart(self, chart: Chart) -> None:
        title = chart.title.rstrip(".")  # a heading, though it is a sentence
        self._say_html(f'<p class="figure-title">{escape_html(title)}</p>')
        plain = f"{title}\n{_round(chart.data).to_string(index=False, max_rows=60)}"
        image = png(chart.figure)
        width = int(chart.figure.get_figwidth() * 100)
        metadata = {"image/png": {"alt": f"{title}. {chart.alt}", "width": width}}
        _publish({"image/png": image, "text/plain": plain}, metadata)
        if chart.note:
            self._say_html(f'<p class="note">{escape_html(chart.note)}</p>')

    def _show_table(self, view: TableView) -> None:
        if view.key in self._tables:
            raise ValueError(f"table key {view.key!r} is used twice in {self.plan.topic}")
        self._tables[view.key] = view
        self._say_html(f'<p class="table-title">{escape_html(view.title)}</p>')
        _publish({"text/html": view.html(), "text/plain": view.text()}, {})
        hidden = len(view.data) - view.max_rows
        note = view.note + (" " + t("{n} more rows are in the table's file.", n=hidden) if hidden > 0 else "")
        if note:
            self._say_html(f'<p class="note">{escape_html(note.strip())}</p>')

    def _say_html(self, html: str) -> None:
        import re
        from html import unescape

        _publish({"text/html": html, "text/plain": unescape(re.sub(r"<[^>]+>", "", html))}, {})


def question_params(question: ModuleType, run: RunParams) -> Params:
    """Return a question's settings, filled from the run's: `confidence`, `seed`, `draws`, `currency` come from above.

    So does `false_discovery_rate`: the chapter's rate in equal parts for its questions that test hypotheses.
    """
    cls = params_class(question)
    _, topic, name = question.__name__.rsplit(".", 2)
    own = dict(run.analyses.get(topic, {}).get(name, {}))
    for shared in ("confidence", "seed", "draws", "currency"):
        if shared in cls.model_fields and shared not in own:
            own[shared] = getattr(run, shared)
    if "false_discovery_rate" in cls.model_fields and "false_discovery_rate" not in own:
        own["false_discovery_rate"] = run.false_discovery_rate / max(families(topic), 1)
    return cls.model_validate(own)


def with_section(result: Result, section: str) -> Result:
    """Return the result with its section's id on every headline, check and action that carries none."""

    def named(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(item if item.section else replace(item, section=section) for item in items)

    return replace(result, headlines=named(result.headlines), checks=named(result.checks), actions=named(result.actions))


def to_frame(expression: Table) -> pd.DataFrame:
    """Execute an expression; decimals become floats, dates datetime64; rows in a fixed order whatever the engine does."""
    arrow = expression.to_pyarrow()
    frame: pd.DataFrame = arrow.to_pandas(date_as_object=False)
    for field in arrow.schema:
        if str(field.type).startswith("decimal"):
            frame[field.name] = frame[field.name].map(lambda v: float(v) if isinstance(v, Decimal) else float("nan")).astype(float)
    sortable = [name for name in frame.columns if not any(isinstance(value, list | dict) for value in frame[name].head(50))]
    return frame.sort_values(sortable, kind="stable", na_position="last").reset_index(drop=True) if sortable else frame


def _schema(frame: str) -> Any:
    import ibis

    from workbook.frames import FRAMES

    types = {"whole": "int64", "year": "int64", "number": "float64", "share": "float64", "money": "decimal(18, 2)"}
    types |= {"date": "date", "instant": "timestamp", "flag": "boolean"}
    return ibis.schema({c.name: types.get(c.kind, "string") for c in FRAMES[frame].columns})


def _record_finding(name: str, result: Result) -> FindingRecord:
    marks = [*(headline.section for headline in result.headlines), *(check.section for check in result.checks)]
    section = next((mark for mark in marks if mark), "")
    text = result.refused if result.finding is None else result.finding
    return FindingRecord(
        question=name,
        section=section,
        text=render(text),
        certainty=result.certainty,
        refused=result.refused is not None,
        no_action=None if result.no_action is None or result.actions else render(result.no_action),
    )


def _is_same(first: Any, second: Any) -> bool:
    """Tell whether two inputs of a question are the same: one object, or the same Ibis expression."""
    return first is second or (hasattr(first, "equals") and type(first) is type(second) and bool(first.equals(second)))


def _action_in_words(action: Action) -> str:
    """Return what to do, who does it by when, the KPI that shows whether it worked, and what it is worth, where known."""
    what = render(action.what).rstrip(".")
    parts: dict[str, Any] = {"what": what, "who": action.owner_role, "due": day(action.due_on), "kpi": KPIS[action.watch_kpi].name}
    if action.value is None:
        return t("{what} – {who}, by {due}; watch: {kpi}; not valued in money.", **parts)
    amount = estimated(action.value, action.currency)
    between = Span(estimated(action.low, action.currency), estimated(action.high, action.currency))
    return t("{what} – {who}, by {due}; watch: {kpi}; at stake per year: {worth} (range {between}).", worth=amount, between=between, **parts)


def _refuse_duplicates(keys: list[str]) -> None:
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise ValueError(f"headline keys used twice in one chapter: {', '.join(twice)}")


def _round(data: pd.DataFrame) -> pd.DataFrame:
    """Round for the text twin of a figure: four significant digits are what an eye reads off a chart."""

    def short(value: object) -> object:
        if isinstance(value, float):
            return f"{value:.4g}"
        return value.date() if isinstance(value, datetime) else value

    return data.map(short)


def _publish(bundle: dict[str, Any], metadata: dict[str, Any]) -> None:
    from IPython.display import display

    display(bundle, metadata=metadata, raw=True)
