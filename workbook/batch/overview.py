"""From the reports of a matrix to the page over them, and the table beside it."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from workbook.batch.compare import results_of
from workbook.batch.folder import ReportFolder
from workbook.batch.ours import COMBINATIONS
from workbook.batch.record import CombinationRecord, RunRecord
from workbook.comparison import Measure, compare
from workbook.params import RunParams
from workbook.report.overview import OverviewFacts, PartFact, render_overview
from workbook.results import ResultsFile
from workbook.show.escape import escape_spreadsheet

if TYPE_CHECKING:
    from datetime import date

TABLE = "tables/overview.csv"
COLUMNS = ("kpi", "part", "n", "value", "low", "high", "pulled", "pulled_low", "pulled_high", "rest", "q", "differs")


def write_overview(folder: ReportFolder, staging: Path, record: RunRecord, params: RunParams, as_of: date) -> str:
    """Write index.html and the table into staging; return the page for the top of the report folder."""
    measures = compare([_results(folder, entry) for entry in record.combinations], level=params.confidence, false_discovery_rate=params.false_discovery_rate)
    (staging / "tables").mkdir(exist_ok=True)
    with (staging / TABLE).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *_lines(measures, [name_of(entry) for entry in record.combinations])])

    def written(to_top: str, to_run: str) -> str:
        facts = OverviewFacts(
            company=params.title,
            columns=tuple(params.matrix),
            as_of=as_of,
            language=params.language,
            confidence=params.confidence,
            parts=tuple(_part(entry, to_top) for entry in record.combinations),
            elsewhere=record.elsewhere,
            degraded=tuple(record.degraded),
            table=to_run + TABLE,
        )
        return render_overview(facts, measures)

    (staging / "index.html").write_text(written("../../", ""), encoding="utf-8", newline="\n")
    return written("", f"runs/{record.started_at}/")


def name_of(entry: CombinationRecord) -> str:
    """Return how a combination is called: its values."""
    return ", ".join(entry.part.values())


def _results(folder: ReportFolder, entry: CombinationRecord) -> list[ResultsFile]:
    """Return the results of a combination's report; none of one that failed: its last good report speaks of other data."""
    if entry.status == "failed":
        return []
    run = folder.combination(entry.folder).path / "runs" / entry.run
    found = (results_of(run, path.stem) for path in sorted((run / "results").glob("*.json")))
    return [results for results in found if results is not None]


def _part(entry: CombinationRecord, to_top: str) -> PartFact:
    assert entry.status != "waiting"
    href = f"{to_top}{COMBINATIONS}/{entry.folder}/runs/{entry.run}/index.html" if entry.run else ""
    return PartFact(name=name_of(entry), deals=entry.deals, status=entry.status, href=href, run=entry.run[:10], cause=entry.cause, skipped=entry.skipped)


def _lines(measures: Iterable[Measure], names: list[str]) -> Iterable[tuple[object, ...]]:
    """Yield a line for each part and KPI, numbers in the KPI's unit with ten digits."""
    for measure in measures:
        for f in measure.figures:
            numbers = (f.value, f.low, f.high, f.pulled, f.pulled_low, f.pulled_high, f.rest, f.q)
            yield (measure.key, escape_spreadsheet(names[f.part]), f.n, *map(_number, numbers), f.differs)


def _number(x: float | None) -> str:
    return "" if x is None else format(x, ".10g")
