"""What was read, how old it is, what joins, how completely it is filled in, as tables."""

from __future__ import annotations

from workbook.analyses.data.accounting import AccountingResult
from workbook.analyses.data.fill_rates import FillRatesResult
from workbook.analyses.data.freshness import FreshnessResult
from workbook.analyses.data.joins import JoinsResult
from workbook.analyses.data.labels import STATUS_LABELS, label
from workbook.analyses.data.tables.some import some
from workbook.frames.names import frame_name
from workbook.show import Col, TableView
from workbook.sources.rule_names import repair_name
from workbook.text import render, t


def files(result: AccountingResult) -> TableView | None:
    """Where every line went, one row per file."""
    columns = (
        Col("file", t("File")), Col("tables", t("Gives")), Col("lines_read", t("Lines read"), "count"),
        Col("kept", t("Kept"), "count"), Col("merged", t("Merged"), "count"), Col("rejected", t("Rejected"), "count"),
        Col("not_data", t("No data"), "count"), Col("note", t("Note")),
    )  # fmt: skip
    data = result.files.assign(tables=[", ".join(frame_name(name) for name in str(names).split(", ")) for names in result.files["frames"]])
    return some("files", data, columns, t("Where every line went"))


def frames(result: AccountingResult) -> TableView | None:
    """What the data now hold, one row per table."""
    columns = (
        Col("table", t("Table")), Col("rows", t("Rows"), "count"), Col("columns_count", t("Columns in use"), "count"),
        Col("attributes", t("Own attributes")),
    )  # fmt: skip
    data = result.frames.assign(table=[frame_name(str(name)) for name in result.frames["frame"]])
    return some("frames", data, columns, t("What the data hold"))


def repairs(result: AccountingResult) -> TableView | None:
    """What was repaired, one row per rule and column."""
    columns = (
        Col("name", t("Rule")), Col("table", t("Table")), Col("column", t("Column")), Col("count", t("Cells"), "count"),
        Col("before", t("For example")), Col("after", t("Became")),
    )  # fmt: skip
    named = result.repairs.assign(table=[frame_name(str(name)) for name in result.repairs["frame"]], name=[render(repair_name(str(rule))) for rule in result.repairs["rule"]])
    return some("repairs", named, columns, t("What was repaired on import"))


def flags(result: AccountingResult) -> TableView | None:
    """What looks odd and was left as it is."""
    columns = (
        Col("message", t("What to look at")),
        Col("count", t("Cases"), "count"),
        Col("file", t("File")),
    )
    return some("flags", result.flags, columns, t("What looks odd and was left alone"))


def assumptions(result: AccountingResult) -> TableView | None:
    """What had to be assumed."""
    return some("assumptions", result.assumptions, (Col("assumption", t("Assumption")),), t("What had to be assumed"))


def unmapped(result: AccountingResult) -> TableView | None:
    """Columns of the files that no question uses."""
    reason = (Col("reason", t("Why it was not kept")),) if result.unmapped["reason"].any() else ()
    columns = (
        Col("file", t("File")), Col("column", t("Column")), Col("filled", t("Filled cells"), "count"),
        Col("suggestion", t("Kept or suggested as")), *reason,
    )  # fmt: skip
    return some("unmapped_columns", result.unmapped, columns, t("Columns without a place of their own"))


def stages(result: AccountingResult) -> TableView | None:
    """Stage names whose meaning is not known."""
    columns = (Col("stage", t("Stage")), Col("shown", t("Read as")), Col("count", t("Deals"), "count"))
    data = result.stages.assign(shown=[render(STATUS_LABELS.get(str(status), status)) for status in result.stages["status"]])
    return some("unknown_stages", data, columns, t("Stage names that are not understood"))


def sources(result: FreshnessResult) -> TableView | None:
    """Age of every table and file."""
    states = zip(result.sources["is_stale"], result.sources["is_ahead"], strict=True)
    data = result.sources.assign(
        shown=[frame_name(str(name)) for name in result.sources["name"]],
        state=[t("too old") if stale else t("dates after the reporting date") if ahead else "" for stale, ahead in states]
    )
    columns = (
        Col("shown", t("Source")), Col("newest_on", t("Newest date"), "date"), Col("age_days", t("Age"), "days", 0),
        Col("limit_days", t("Limit"), "days", 0), Col("state", t("State")),
    )  # fmt: skip
    return some("sources", data, columns, t("How old the sources are"))


def joins(result: JoinsResult) -> TableView | None:
    """Share of references that find their row."""
    columns = (
        Col("table", t("Table")), Col("column", t("Column")), Col("target", t("Refers to")),
        Col("matched", t("Found"), "count"), Col("total", t("Of"), "count"), Col("matched_share", t("Share"), "share"),
        Col("low", t("Range from"), "share"), Col("high", t("to"), "share"),
    )  # fmt: skip
    data = result.joins.assign(table=[frame_name(str(name)) for name in result.joins["frame"]], target=[frame_name(str(name).split(".")[0]) for name in result.joins["references"]])
    return some("joins", data, columns, t("Which tables find one another"))


def fill_rates(result: FillRatesResult) -> TableView | None:
    """Fill rate of every field in use, by outcome."""
    if result.fields is None:
        return None
    data = result.fields[result.fields["is_recorded"]]
    data = data.assign(
        field=[render(label(name)) for name in data["column"]],
        verdict=[t("differs") if d else "" for d in data["differs"]],
    )
    statuses = tuple(Col(status, render(name), "share") for status, name in STATUS_LABELS.items())
    columns = (
        Col("field", t("Field")),
        Col("filled_share", t("All"), "share"),
        *statuses,
        Col("verdict", t("Won and lost")),
    )
    return some("fill_rates", data, columns, t("How completely the fields are filled in, by outcome"))
