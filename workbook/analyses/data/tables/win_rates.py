"""How many decided deals are won, by interval, year, quarter and group, as tables."""

from __future__ import annotations

import pandas as pd

from workbook.analyses.data.labels import STATUS_LABELS, label
from workbook.analyses.data.opposite_groups import OppositeGroupsResult
from workbook.analyses.data.tables.some import some
from workbook.analyses.data.win_rate import WinRateResult
from workbook.analyses.data.win_rate_by_group import WinRateByGroupResult
from workbook.analyses.data.win_rate_by_quarter import WinRateByQuarterResult
from workbook.analyses.data.win_rate_last_year import WinRateLastYearResult
from workbook.frames.names import value_name
from workbook.show import Col, TableView
from workbook.text import number, quarter, render, t


def outcomes(result: WinRateResult) -> TableView | None:
    """Deals by outcome."""
    if result.by_status is None:
        return None
    data = result.by_status.sort_values("status", key=lambda status: status.map({name: i for i, name in enumerate(STATUS_LABELS)}), ignore_index=True)
    data = data.assign(outcome=[render(STATUS_LABELS.get(s, s)) for s in data["status"]])
    data["part"] = data["deals_count"] / data["deals_count"].sum()
    columns = (
        Col("outcome", t("Outcome")),
        Col("deals_count", t("Deals"), "count"),
        Col("part", t("Share"), "share"),
    )
    return some("outcomes", data, columns, t("All deals by outcome"))


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
    return some("win_rate_intervals", data, columns, t("The win rate's range under three assumptions"))


def years(result: WinRateLastYearResult) -> TableView | None:
    """The last twelve months and the twelve before."""
    if result.periods is None:
        return None
    columns = (
        Col("from_on", t("From"), "date"), Col("to_on", t("To"), "date"), Col("closed_count", t("Decided"), "count"),
        Col("won_count", t("Won"), "count"), Col("rate", t("Win rate"), "share"), Col("low", t("Range from"), "share"),
        Col("high", t("to"), "share"), *_effects(),
    )  # fmt: skip
    return some("win_rate_years", result.periods, columns, t("The last twelve months and the twelve before"))


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
        *_effects(), Col("state", t("Not in the trend")),
    )  # fmt: skip
    return some("win_rate_quarters", data, columns, t("Win rate by quarter of closing"))


def groups(result: WinRateByGroupResult) -> TableView | None:
    """Win rate by group, attributes with the clearest differences first; "not stated" is a row, small groups too."""
    if result.groups is None or result.tests is None:
        return None
    data = result.groups.assign(order=result.groups["attribute"].map({a: i for i, a in enumerate(result.tests["attribute"])}))
    data = data.assign(is_missing=data["value"].isna()).sort_values(["order", "is_missing", "value"], ignore_index=True)
    data = data.assign(
        name=[render(label(a)) for a in data["attribute"]],
        group=[t("not stated") if missing else render(value_name(a, value)) for missing, a, value in zip(data["is_missing"], data["attribute"], data["value"], strict=True)],
        note=[t("too few") if small else "" for small in data["is_small"]],
    )
    columns = (
        Col("name", t("Attribute")), Col("group", t("Group")), Col("closed_count", t("Decided"), "count"),
        Col("rate", t("Win rate"), "share"), Col("low", t("Range from"), "share"), Col("high", t("to"), "share"),
        Col("shrunken_rate", t("Pulled to the mean"), "share"), Col("worst_rate", t("Worst case"), "share"),
        Col("best_rate", t("Best case"), "share"), *_effects(), Col("note", t("Note")),
    )  # fmt: skip
    is_empty = {name: data[name].isna().all() or (data[name] == "").all() for name in ("worst_rate", "best_rate", "note")}
    columns = tuple(col for col in columns if not is_empty.get(col.name, False))
    return some("win_rate_groups", data.drop(columns=["order", "is_missing"]), columns, t("Win rate by group"))


def group_tests(result: WinRateByGroupResult) -> TableView | None:
    """Whether the groups of an attribute differ, one row per attribute."""
    if result.tests is None:
        return None
    data = result.tests.assign(
        name=[render(label(a)) for a in result.tests["attribute"]],
        verdict=[t("differs reliably") if d else t("no reliable difference") for d in result.tests["differs"]],
        p_shown=["" if pd.isna(p) else "< " + number(0.001, 3).text() if p < 0.0005 else number(float(p), 3).text() for p in result.tests["adjusted_p"]],
        gaps=[t("follow the outcome") if d else "" for d in result.tests["missing_differs"]],
    )
    columns = (
        Col("name", t("Attribute")), Col("groups_count", t("Groups"), "count"), Col("closed_count", t("Decided"), "count"),
        Col("p_shown", t("Adjusted p"), "written"), Col("verdict", t("Win rate")), Col("gaps", t("Missing values")),
    )  # fmt: skip
    return some("win_rate_tests", data, columns, t("Do the groups differ at all?"))


def contrasts(result: OppositeGroupsResult) -> TableView | None:
    """Each group against the rest, in the whole and within the other attribute."""
    if result.contrasts is None:
        return None
    points = {name: 100 * result.contrasts[name].astype(float) for name in ("crude_difference", "within_difference", "low", "high")}
    data = result.contrasts.assign(
        **{f"{name}_points": values for name, values in points.items()},
        group=[render(value_name(a, v)) for a, v in zip(result.contrasts["attribute"], result.contrasts["value"].astype(str), strict=True)],
        name=[render(label(a)) for a in result.contrasts["attribute"]],
        verdict=[t("turned round") if r else "" for r in result.contrasts["is_reversed"]],
    )
    columns = (
        Col("name", t("Attribute")), Col("group", t("Group")), Col("closed_count", t("Decided"), "count"),
        Col("crude_difference_points", t("Against the rest (points)"), "points"),
        Col("within_difference_points", t("Within the other (points)"), "points"), Col("low_points", t("Range from"), "points"),
        Col("high_points", t("to"), "points"), Col("verdict", t("Verdict")),
    )  # fmt: skip
    used = columns if (data["verdict"] != "").any() else columns[:-1]
    return some("opposite_groups", data, used, t("Each group against the rest: in the whole and in the parts"))


def _effects() -> tuple[Col, ...]:
    """Design effects beside a rate: how much less its deals tell than independent ones."""
    return (
        Col("effect_owner", t("Design effect by owner"), "number", 1),
        Col("effect_account", t("by customer"), "number", 1),
    )
