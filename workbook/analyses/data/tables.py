"""Tables of the data chapter. None where there is nothing to show."""

from __future__ import annotations

import pandas as pd

from workbook.analyses.data.accounting import AccountingResult
from workbook.analyses.data.cycle import CycleResult
from workbook.analyses.data.fill_rates import FillRatesResult
from workbook.analyses.data.follow_up import FollowUpResult
from workbook.analyses.data.freshness import FreshnessResult
from workbook.analyses.data.joins import JoinsResult
from workbook.analyses.data.labels import STATUS_LABELS, label
from workbook.analyses.data.opposite_groups import OppositeGroupsResult
from workbook.analyses.data.pipeline import PipelineResult
from workbook.analyses.data.velocity import VelocityResult
from workbook.analyses.data.win_rate import WinRateResult
from workbook.analyses.data.win_rate_by_group import WinRateByGroupResult
from workbook.analyses.data.win_rate_by_quarter import WinRateByQuarterResult
from workbook.analyses.data.win_rate_last_year import WinRateLastYearResult
from workbook.analyses.data.won_amount import WonAmountResult
from workbook.kpis import kpi_of
from workbook.results import Headline, Result
from workbook.show import Col, TableView, table
from workbook.sources.rule_names import repair_name
from workbook.text import msg, quantity, quarter, render, t

NAMES = {
    'win_rate.stale_deals="counted as lost"': msg("Win rate if stale open deals were lost"),
    'win_rate.period="last 12 months"': msg("Win rate, last twelve months"),
    'won_amount.period="last 12 months"': msg("Won amount, last twelve months"),
}


def key_numbers(*results: Result) -> TableView | None:
    """The chapter's headlines: name, value, range, cases, the year before, and why a number or its range is missing."""
    rows = [_number(h) for result in results for h in result.headlines if "." not in h.key or h.key in NAMES]
    if not rows:
        return None
    columns = (
        Col("name", t("Key number")),
        Col("shown", t("Value")),
        Col("range", t("Range")),
        Col("n", t("Cases"), "count"),
        Col("prior_shown", t("Year before")),
        Col("note", t("Note")),
    )
    return table("key_numbers", pd.DataFrame(rows), columns, t("Where sales stand"))


def _number(h: Headline) -> dict[str, object]:
    has_range = h.low is not None or h.high is not None
    return {
        "key": h.key, "name": render(NAMES.get(h.key, kpi_of(h.key).name)), "shown": h.quantity.text(),
        "range": h.interval.text() if has_range else "–", "n": h.n,
        "prior_shown": quantity(h.prior, h.unit, h.currency).text(), "note": render(h.reason), "value": h.value, "low": h.low,
        "high": h.high, "prior": h.prior, "unit": h.unit, "currency": h.currency,
    }  # fmt: skip


def files(result: AccountingResult) -> TableView | None:
    """Where every line went, one row per file."""
    columns = (
        Col("file", t("File")), Col("frames", t("Gives")), Col("lines_read", t("Lines read"), "count"),
        Col("kept", t("Kept"), "count"), Col("merged", t("Merged"), "count"), Col("rejected", t("Rejected"), "count"),
        Col("not_data", t("No data"), "count"), Col("note", t("Note")),
    )  # fmt: skip
    return _some("files", result.files, columns, t("Where every line went"))


def frames(result: AccountingResult) -> TableView | None:
    """What the data now hold, one row per table."""
    columns = (
        Col("frame", t("Table")), Col("rows", t("Rows"), "count"), Col("columns_count", t("Columns in use"), "count"),
        Col("attributes", t("Own attributes")),
    )  # fmt: skip
    return _some("frames", result.frames, columns, t("What the data hold"))


def repairs(result: AccountingResult) -> TableView | None:
    """What was repaired, one row per rule and column."""
    columns = (
        Col("name", t("Rule")), Col("frame", t("Table")), Col("column", t("Column")), Col("count", t("Cells"), "count"),
        Col("before", t("For example")), Col("after", t("Became")),
    )  # fmt: skip
    named = result.repairs.assign(name=[render(repair_name(str(rule))) for rule in result.repairs["rule"]])
    return _some("repairs", named, columns, t("What was repaired on import"))


def flags(result: AccountingResult) -> TableView | None:
    """What looks odd and was left as it is."""
    columns = (
        Col("message", t("What to look at")),
        Col("count", t("Cases"), "count"),
        Col("file", t("File")),
    )
    return _some("flags", result.flags, columns, t("What looks odd and was left alone"))


def assumptions(result: AccountingResult) -> TableView | None:
    """What had to be assumed."""
    return _some("assumptions", result.assumptions, (Col("assumption", t("Assumption")),), t("What had to be assumed"))


def unmapped(result: AccountingResult) -> TableView | None:
    """Columns of the files that no question uses."""
    columns = (
        Col("file", t("File")), Col("column", t("Column")), Col("filled", t("Filled cells"), "count"),
        Col("suggestion", t("Kept or suggested as")),
    )  # fmt: skip
    return _some("unmapped_columns", result.unmapped, columns, t("Columns without a place of their own"))


def stages(result: AccountingResult) -> TableView | None:
    """Stage names whose meaning is not known."""
    columns = (Col("stage", t("Stage")), Col("status", t("Read as")), Col("count", t("Deals"), "count"))
    return _some("unknown_stages", result.stages, columns, t("Stage names that are not understood"))


def sources(result: FreshnessResult) -> TableView | None:
    """Age of every table and file."""
    states = zip(result.sources["is_stale"], result.sources["is_ahead"], strict=True)
    data = result.sources.assign(
        state=[t("too old") if stale else t("dates after the reporting date") if ahead else "" for stale, ahead in states]
    )
    columns = (
        Col("name", t("Source")), Col("newest_on", t("Newest date"), "date"), Col("age_days", t("Age"), "days"),
        Col("limit_days", t("Limit"), "days"), Col("state", t("State")),
    )  # fmt: skip
    return _some("sources", data, columns, t("How old the sources are"))


def joins(result: JoinsResult) -> TableView | None:
    """Share of references that find their row."""
    columns = (
        Col("frame", t("Table")), Col("column", t("Column")), Col("references", t("Refers to")),
        Col("matched", t("Found"), "count"), Col("total", t("Of"), "count"), Col("matched_share", t("Share"), "share"),
        Col("low", t("Range from"), "share"), Col("high", t("to"), "share"),
    )  # fmt: skip
    return _some("joins", result.joins, columns, t("Which tables find one another"))


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
    return _some("fill_rates", data, columns, t("How completely the fields are filled in, by outcome"))


def outcomes(result: WinRateResult) -> TableView | None:
    """Deals by outcome."""
    if result.by_status is None:
        return None
    data = result.by_status.assign(outcome=[render(STATUS_LABELS.get(s, s)) for s in result.by_status["status"]])
    data["part"] = data["deals_count"] / data["deals_count"].sum()
    columns = (
        Col("outcome", t("Outcome")),
        Col("deals_count", t("Deals"), "count"),
        Col("part", t("Share"), "share"),
    )
    return _some("outcomes", data, columns, t("All deals by outcome"))


def intervals(result: WinRateResult) -> TableView | None:
    """The win rate's interval by every clustering, the one in use marked."""
    if result.intervals is None:
        return None
    names = {
        "none": t("Deals independent (Wilson)"),
        "owner": t("Deals of one owner alike"),
        "account": t("Deals of one customer alike"),
    }
    data = result.intervals.assign(
        assumption=[names[name] for name in result.intervals["clustering"]],
        used=[t("used") if used else "" for used in result.intervals["is_used"]],
    )
    columns = (
        Col("assumption", t("Assumption")), Col("clusters_count", t("Owners or customers"), "count"),
        Col("design_effect", t("Design effect"), "number", 1), Col("low", t("Range from"), "share"), Col("high", t("to"), "share"),
        Col("used", t("In use")),
    )  # fmt: skip
    return _some("win_rate_intervals", data, columns, t("The win rate's range under three assumptions"))


def years(result: WinRateLastYearResult) -> TableView | None:
    """The last twelve months and the twelve before."""
    if result.periods is None:
        return None
    columns = (
        Col("from_on", t("From"), "date"), Col("to_on", t("To"), "date"), Col("closed_count", t("Decided"), "count"),
        Col("won_count", t("Won"), "count"), Col("rate", t("Win rate"), "share"), Col("low", t("Range from"), "share"),
        Col("high", t("to"), "share"),
    )  # fmt: skip
    return _some("win_rate_years", result.periods, columns, t("The last twelve months and the twelve before"))


def quarters(result: WinRateByQuarterResult) -> TableView | None:
    """Win rate by closing quarter."""
    if result.by_quarter is None:
        return None
    data = result.by_quarter
    states = zip(data["is_truncated"], data["is_running"], strict=True)
    data = data.assign(
        quarter=[quarter(day.date()).text() for day in data["quarter_on"]],
        state=[t("beginning of the data") if early else t("still running") if running else "" for early, running in states],
    )
    columns = (
        Col("quarter", t("Closed in")), Col("closed_count", t("Decided"), "count"), Col("won_count", t("Won"), "count"),
        Col("rate", t("Win rate"), "share"), Col("low", t("Range from"), "share"), Col("high", t("to"), "share"),
        Col("state", t("Not in the trend")),
    )  # fmt: skip
    return _some("win_rate_quarters", data, columns, t("Win rate by quarter of closing"))


def groups(result: WinRateByGroupResult) -> TableView | None:
    """Win rate by group, attributes with the clearest differences first; "not stated" is a row, small groups too."""
    if result.groups is None or result.tests is None:
        return None
    data = result.groups.assign(order=result.groups["attribute"].map({a: i for i, a in enumerate(result.tests["attribute"])}))
    data = data.assign(is_missing=data["value"].isna()).sort_values(["order", "is_missing", "value"], ignore_index=True)
    data = data.assign(
        name=[render(label(a)) for a in data["attribute"]],
        group=[t("not stated") if missing else value for missing, value in zip(data["is_missing"], data["value"], strict=True)],
        note=[t("too few") if small else "" for small in data["is_small"]],
    )
    columns = (
        Col("name", t("Attribute")), Col("group", t("Group")), Col("closed_count", t("Decided"), "count"),
        Col("rate", t("Win rate"), "share"), Col("low", t("Range from"), "share"), Col("high", t("to"), "share"),
        Col("shrunken_rate", t("Pulled to the mean"), "share"), Col("worst_rate", t("Worst case"), "share"),
        Col("best_rate", t("Best case"), "share"), Col("note", t("Note")),
    )  # fmt: skip
    return _some("win_rate_groups", data.drop(columns=["order", "is_missing"]), columns, t("Win rate by group"))


def group_tests(result: WinRateByGroupResult) -> TableView | None:
    """Whether the groups of an attribute differ, one row per attribute."""
    if result.tests is None:
        return None
    data = result.tests.assign(
        name=[render(label(a)) for a in result.tests["attribute"]],
        verdict=[t("differs reliably") if d else t("no reliable difference") for d in result.tests["differs"]],
        gaps=[t("follow the outcome") if d else "" for d in result.tests["missing_differs"]],
    )
    columns = (
        Col("name", t("Attribute")), Col("groups_count", t("Groups"), "count"), Col("closed_count", t("Decided"), "count"),
        Col("adjusted_p", t("Adjusted p"), "number", 3), Col("verdict", t("Win rate")), Col("gaps", t("Missing values")),
    )  # fmt: skip
    return _some("win_rate_tests", data, columns, t("Do the groups differ at all?"))


def cycle_outcomes(result: CycleResult) -> TableView | None:
    """Days from creation to the end, of ended deals alone."""
    if result.by_outcome is None:
        return None
    data = result.by_outcome.assign(outcome=[render(STATUS_LABELS[s]) for s in result.by_outcome["status"]])
    columns = (
        Col("outcome", t("Outcome")), Col("ended_count", t("Deals"), "count"), Col("mean_days", t("Mean"), "days"),
        Col("low", t("Range from"), "days"), Col("high", t("to"), "days"), Col("median_days", t("Median"), "days"),
    )  # fmt: skip
    return _some("cycle_outcomes", data, columns, t("Ended deals alone: days from creation to the end"))


def milestones(result: CycleResult) -> TableView | None:
    """What has become of a deal by a given age."""
    if result.milestones is None:
        return None
    statuses = tuple(Col(status, render(name), "share") for status, name in STATUS_LABELS.items())
    columns = (Col("age_days", t("After"), "days"), *statuses)
    return _some("cycle_milestones", result.milestones, columns, t("What has become of a deal by a given age"))


def pipeline_states(result: PipelineResult) -> TableView | None:
    """All open deals, the overdue and the stale ones; a deal may be both."""
    if result.by_state is None or result.open_count == 0:
        return None
    unknown = {"overdue": result.overdue_count is None, "stale": result.stale_count is None}
    data = result.by_state[[not unknown.get(state, False) for state in result.by_state["state"]]]
    names = {
        "all": t("All open deals"),
        "overdue": t("Expected close has passed"),
        "stale": t("Older than any deal needed to close"),
    }
    data = data.assign(name=[names[state] for state in data["state"]])
    columns = (
        Col("name", t("Open deals")), Col("deals_count", t("Deals"), "count"), Col("amount", t("Amount"), "money"),
        Col("without_amount_count", t("Without amount"), "count"),
    )  # fmt: skip
    return _some("pipeline_states", data, columns, t("How much of the open pipeline is alive"), result.currency)


def pipeline_stages(result: PipelineResult) -> TableView | None:
    """Open deals by stage."""
    if result.by_stage is None:
        return None
    data = result.by_stage.assign(name=[t("not stated") if s is None else s for s in result.by_stage["stage"]])
    columns = (
        Col("name", t("Stage")), Col("deals_count", t("Deals"), "count"), Col("overdue_count", t("Overdue"), "count"),
        Col("stale_count", t("Stale"), "count"), Col("amount", t("Amount"), "money"),
        Col("without_amount_count", t("Without amount"), "count"),
    )  # fmt: skip
    return _some("pipeline_stages", data, columns, t("Open pipeline by stage"), result.currency)


def won_years(result: WonAmountResult) -> TableView | None:
    """Won deals and their amount by year."""
    if result.by_year is None:
        return None
    data = result.by_year.assign(note=[t("year not over") if part else "" for part in result.by_year["is_partial"]])
    columns = (
        Col("year", t("Year"), "year"), Col("deals_count", t("Won deals"), "count"), Col("amount", t("Amount"), "money"),
        Col("without_amount_count", t("Without amount"), "count"), Col("note", t("Note")),
    )  # fmt: skip
    return _some("won_years", data, columns, t("Won amount by year of closing"), result.currency)


def velocity(result: VelocityResult) -> TableView | None:
    """The factors of the velocity, for the whole funnel and per pipeline."""
    if result.factors is None:
        return None
    data = result.factors.assign(funnel=[t("all") if pd.isna(p) else p for p in result.factors["pipeline"]])
    columns = (
        Col("funnel", t("Funnel")), Col("open_count", t("Open deals"), "count"), Col("win_rate", t("Win rate"), "share"),
        Col("mean_amount", t("Mean amount"), "money"), Col("mean_days", t("Mean cycle"), "days"),
        Col("median_days", t("Median cycle"), "days"), Col("velocity", t("Velocity"), "money_per_day"),
        Col("velocity_without_stale", t("Without stale deals"), "money_per_day"),
    )  # fmt: skip
    return _some("velocity", data, columns, t("What the funnel earns per day, and from what"), result.currency)


def contrasts(result: OppositeGroupsResult) -> TableView | None:
    """Each group against the rest, in the whole and within the other attribute."""
    if result.contrasts is None:
        return None
    data = result.contrasts.assign(
        name=[render(label(a)) for a in result.contrasts["attribute"]],
        verdict=[t("turned round") if r else "" for r in result.contrasts["is_reversed"]],
    )
    columns = (
        Col("name", t("Attribute")), Col("value", t("Group")), Col("closed_count", t("Decided"), "count"),
        Col("crude_difference", t("Against the rest"), "share"), Col("within_difference", t("Within the other"), "share"),
        Col("low", t("Range from"), "share"), Col("high", t("to"), "share"), Col("verdict", t("Verdict")),
    )  # fmt: skip
    return _some("opposite_groups", data, columns, t("Each group against the rest: in the whole and in the parts"))


def plan(result: FollowUpResult) -> TableView | None:
    """What to do, who, by when, watched by which KPI."""
    data = result.plan.assign(kpi=[render(kpi_of(key).name) for key in result.plan["watch_kpi"]])
    columns = (
        Col("what", t("What to do")), Col("owner_role", t("Who")), Col("due_on", t("By"), "date"), Col("kpi", t("Watched by")),
    )  # fmt: skip
    return _some("plan", data, columns, t("What follows from the data"))


def _some(key: str, data: pd.DataFrame, columns: tuple[Col, ...], title: str, currency: str | None = None) -> TableView | None:
    return None if data.empty else table(key, data, columns, title, currency=currency)
