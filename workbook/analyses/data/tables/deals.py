"""Time, open deals, won amounts and velocity, as tables."""

from __future__ import annotations

import pandas as pd

from workbook.analyses.data.cycle import CycleResult
from workbook.analyses.data.labels import STATUS_LABELS
from workbook.analyses.data.pipeline import PipelineResult
from workbook.analyses.data.tables.some import some
from workbook.analyses.data.velocity import VelocityResult
from workbook.analyses.data.won_amount import WonAmountResult
from workbook.show import Col, TableView
from workbook.text import render, t


def cycle_outcomes(result: CycleResult) -> TableView | None:
    """Days from creation to the end, of ended deals alone."""
    if result.by_outcome is None:
        return None
    data = result.by_outcome.assign(outcome=[render(STATUS_LABELS[s]) for s in result.by_outcome["status"]])
    columns = (
        Col("outcome", t("Outcome")), Col("ended_count", t("Deals"), "count"), Col("mean_days", t("Mean"), "days"),
        Col("low", t("Range from"), "days"), Col("high", t("to"), "days"), Col("median_days", t("Median"), "days"),
    )  # fmt: skip
    return some("cycle_outcomes", data, columns, t("Ended deals alone: days from creation to the end"))


def milestones(result: CycleResult) -> TableView | None:
    """What has become of a deal by a given age."""
    if result.milestones is None:
        return None
    statuses = tuple(Col(status, render(name), "share") for status, name in STATUS_LABELS.items())
    columns = (Col("age_days", t("After"), "days"), *statuses)
    return some("cycle_milestones", result.milestones, columns, t("What has become of a deal by a given age"))


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
    return some("pipeline_states", data, columns, t("How much of the open pipeline is alive"), result.currency)


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
    return some("pipeline_stages", data, columns, t("Open pipeline by stage"), result.currency)


def won_years(result: WonAmountResult) -> TableView | None:
    """Won deals and their amount by year."""
    if result.by_year is None:
        return None
    data = result.by_year.assign(note=[t("year not over") if part else "" for part in result.by_year["is_partial"]])
    columns = (
        Col("year", t("Year"), "year"), Col("deals_count", t("Won deals"), "count"), Col("amount", t("Amount"), "money"),
        Col("without_amount_count", t("Without amount"), "count"), Col("note", t("Note")),
    )  # fmt: skip
    return some("won_years", data, columns, t("Won amount by year of closing"), result.currency)


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
    return some("velocity", data, columns, t("What the funnel earns per day, and from what"), result.currency)
