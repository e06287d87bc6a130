"""One open chapter: what it may load, what it has answered, and what it leaves behind."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbook.chapter import IMPORT, PLAN, SETTINGS, ChapterPlan, frame_note, settings_note
from workbook.errors import NeedsError
from workbook.notebook.ask import SmallTables, compute, empty_table, is_same, question_params, to_frame
from workbook.notebook.engine import connect
from workbook.notebook.opening import open_chapter
from workbook.notebook.output import say, say_result, show_cards, show_chart, show_table
from workbook.params import Params, RunParams
from workbook.results import FindingRecord, Result, ResultsFile, record_action, record_check, record_headline
from workbook.show import Card, Chart, TableView, escape_spreadsheet
from workbook.text import msg, render, t

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from workbook.sources import ImportRecord


class Run:
    """One open chapter: what it may load, and what it has answered so far."""

    def __init__(self, plan: ChapterPlan) -> None:
        self._plan = plan
        self._noted: set[str] = set()
        self._answers: list[tuple[str, Result]] = []
        self._tables: dict[str, TableView] = {}
        self._asked: dict[str, tuple[tuple[Any, ...], Result]] = {}
        self._loaded: dict[str, Table] = {}
        self._empty: dict[str, Table] = {}
        self._small = SmallTables()
        self._lead: str | None = None

    def __repr__(self) -> str:
        return t("Chapter {topic} of {company}, as of {as_of}", topic=self._plan.topic, company=self.company, as_of=self.as_of)

    def _note(self, what: str) -> None:
        """Note that the chapter looks at something: should it change, the chapter is run again."""
        if what not in self._noted and self._plan.notes is not None:
            with self._plan.notes.open("a", encoding="utf-8") as file:
                file.write(what + "\n")
        self._noted.add(what)

    @property
    def plan(self) -> ChapterPlan:
        """What the chapter was told. Where it is looked at, the chapter is run again whatever changes."""
        self._note(PLAN)
        return self._plan

    @property
    def topic(self) -> str:
        """The chapter's topic."""
        return self._plan.topic

    @property
    def params(self) -> RunParams:
        """The run's settings, all of them; for those of one question ask `params_for`."""
        self._note(SETTINGS)
        return self._plan.params

    @property
    def as_of(self) -> date:
        """The day the data speak of."""
        return self._plan.as_of

    @property
    def company(self) -> str:
        """The company's name, or the run's."""
        return self._plan.params.title

    @property
    def imported(self) -> ImportRecord:
        """What was read, kept, merged, rejected and repaired."""
        self._note(IMPORT)
        return self._imported

    @cached_property
    def _imported(self) -> ImportRecord:
        from workbook.sources import load_import

        return load_import(self._plan.frames_dir)

    @cached_property
    def _engine(self) -> Any:
        return connect(self._plan.params.memory_limit)

    def has(self, frame: str) -> bool:
        """Tell whether the data carry a frame."""
        self._note(frame_note(frame))
        return (self._plan.frames_dir / f"{frame}.parquet").exists()

    def load(self, frame: str, *columns: str) -> Table:
        """Return a canonical frame as an Ibis table; it shows its first rows in Lab. Raises `NeedsError`.

        columns: the ones that must hold at least one value.
        """
        self._note(frame_note(frame))
        present = self._imported.frames[frame].present if frame in self._imported.frames else ()
        lacking = [frame] if frame not in self._imported.frames else [f"{frame}.{name}" for name in columns if name not in present]
        if lacking:
            raise NeedsError(
                msg("this section needs {needs}, which the data do not carry", needs=tuple(lacking)),
                mend=msg("Export it from the CRM and import again; the rest of the chapter runs without it."),
            )
        if frame not in self._loaded:
            self._loaded[frame] = self._engine.read_parquet(self._plan.frames_dir / f"{frame}.parquet", table_name=frame)
        return self._loaded[frame]

    def load_or_empty(self, frame: str) -> Table:
        """Return a frame, or an empty one with the same columns: for optional additions to a question."""
        if self.has(frame):
            return self.load(frame)
        if frame not in self._empty:
            self._empty[frame] = empty_table(frame)
        return self._empty[frame]

    def rows(self, expression: Table, limit: int = 200_000) -> pd.DataFrame:
        """Return an expression's rows as a DataFrame; above `limit` a seeded sample, and a line that says so."""
        total = int(expression.count().execute())
        if total > limit:
            expression = expression.sample(limit / total, seed=self._plan.params.seed)
            say(t("Sampled {limit} of {total} rows.", limit=limit, total=total), "note")
        return to_frame(expression)

    def params_for(self, question: ModuleType) -> Params:
        """Return a question's settings: the run's own, then the run's general ones, then the defaults."""
        self._note(settings_note(question.__name__.split(".")[-2]))
        return question_params(question, self._plan.params)

    def opening(self) -> None:
        """Open the chapter with its answer: up to three sentences and one figure, from the topic's `OPENING`.

        What is asked here is not computed again when its section asks it.
        """
        lead = open_chapter(self)
        self.show(lead)
        self._lead = None if lead is None else lead.key

    def holds(self, need: str) -> bool:
        """Tell whether the data carry a frame, or a column of it (`frame.column`) with at least one value."""
        frame, _, column = need.partition(".")
        self._note(frame_note(frame))
        return frame in self._imported.frames and (not column or column in self._imported.frames[frame].present)

    def answer(self, question: ModuleType, *tables: Any) -> Any:
        """Ask a question: aggregate where the data are, analyse the small result, keep what it says."""
        result = self.ask(question, *tables)
        self._answers.append((question.__name__.rpartition(".")[2], result))
        return result

    def ask(self, question: ModuleType, *tables: Any) -> Any:
        """Return the answer without keeping it; the same question on the same tables is computed once."""
        asked = self._asked.get(question.__name__)
        if asked is not None and len(asked[0]) == len(tables) and all(map(is_same, asked[0], tables)):
            return asked[1]
        result = compute(question, self.params_for(question), tables, self.as_of, self._small.fetch)
        self._asked[question.__name__] = (tables, result)
        return result

    def show(self, shown: Chart | TableView | tuple[Card, ...] | None) -> None:
        """Show a chart, a table or cards (None: there is nothing to show, and the finding says why)."""
        if isinstance(shown, tuple):
            show_cards(shown)
        elif isinstance(shown, Chart) and shown.key == self._lead:
            self._lead = None
            say(t("The figure “{title}” opens the chapter.", title=shown.title.rstrip(".")), "note")
        elif isinstance(shown, Chart):
            show_chart(shown)
        elif isinstance(shown, TableView):
            if shown.key in self._tables:
                raise ValueError(f"table key {shown.key!r} is used twice in {self._plan.topic}")
            self._tables[shown.key] = shown
            show_table(shown)

    def say(self, result: Result) -> None:
        """Say the finding in words, or why there is none; what it does not show; what to do, or why nothing follows."""
        say_result(result)

    def close(self) -> None:
        """Write results/<topic>.json and the tables where the run has a folder; say what the chapter holds."""
        results = self.results()
        if self._plan.output_dir is not None:
            self._write_tables()
            path = self._plan.output_dir / "results" / f"{self._plan.topic}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(results.text(), encoding="utf-8", newline="\n")
        counts = {name: len(getattr(results, name)) for name in ("headlines", "checks", "actions", "tables")}
        say(t("{headlines} headlines, {checks} checks, {actions} actions, {tables} tables.", **counts), "closing")

    def results(self) -> ResultsFile:
        """Return the chapter's results so far, as they will be written. Raises ValueError on a key used twice."""
        headlines = [record_headline(h, name) for name, result in self._answers for h in result.headlines]
        _refuse_duplicates([h.key for h in headlines])
        return ResultsFile(
            topic=self._plan.topic,
            as_of=self.as_of,
            language=self._plan.language,
            run_key=self._plan.run_key,
            chapter_key=self._plan.chapter_key,
            data_hash=self._plan.data_hash,
            findings=[_record_finding(name, result) for name, result in self._answers],
            headlines=headlines,
            checks=[record_check(c, name) for name, result in self._answers for c in result.checks],
            actions=[record_action(a) for _, result in self._answers for a in result.actions],
            tables={key: f"tables/{self._plan.topic}/{key}.csv" for key in sorted(self._tables)},
            table_titles={key: self._tables[key].title for key in sorted(self._tables)},
            skipped=list(self._plan.skipped),
        )

    def _write_tables(self) -> None:
        assert self._plan.output_dir is not None
        folder = self._plan.output_dir / "tables" / self._plan.topic
        folder.mkdir(parents=True, exist_ok=True)
        for key, view in self._tables.items():
            safe = view.data.map(lambda cell: escape_spreadsheet(cell) if isinstance(cell, str) else cell)
            safe.columns = pd.Index([escape_spreadsheet(str(name)) for name in safe.columns])
            safe.to_csv(folder / f"{key}.csv", index=False, encoding="utf-8", lineterminator="\n")


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


def _refuse_duplicates(keys: list[str]) -> None:
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise ValueError(f"headline keys used twice in one chapter: {', '.join(twice)}")
