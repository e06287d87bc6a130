"""Tables of the effects, their units, tests and benchmarks. None where there is nothing to show."""

from __future__ import annotations

from typing import Any

import pandas as pd

from workbook.analyses.alignment_impact.battery import METHODS, BatteryResult
from workbook.analyses.alignment_impact.design import DESIGNS
from workbook.analyses.alignment_impact.detectable import DetectableResult
from workbook.analyses.alignment_impact.effect import EffectResult
from workbook.analyses.alignment_impact.estimate import Estimate
from workbook.analyses.alignment_impact.verdict import OUTCOMES, RELATIVE, VERDICTS, in_words
from workbook.show import Col, TableView, table
from workbook.text import days, msg, points, render, share, t


def effects(result: EffectResult) -> TableView | None:
    """Every outcome: effect, range, verdict, and what the design could have seen."""
    if result.estimates is None or result.refused is not None:
        return None
    data = result.estimates.assign(
        outcome=[render(OUTCOMES[kpi]) for kpi in result.estimates["kpi"]],
        shown=[_amount(row, "value") for row in result.estimates.to_dict("records")],
        range=[_range(row) for row in result.estimates.to_dict("records")],
        smallest=[_size(row) for row in result.estimates.to_dict("records")],
        judged=[render(VERDICTS[v]) if v is not None else render(why) for v, why in zip(result.estimates["verdict"], result.estimates["reason"], strict=True)],
    )  # fmt: skip
    columns = (
        Col("outcome", t("What was measured")), Col("shown", t("Effect")), Col("range", t("Range")), Col("cases_count", t("Cases"), "count"),
        Col("horizon_days", t("Watched for"), "days", 0), Col("judged", t("Verdict")), Col("smallest", t("Smallest effect it could show")),
    )  # fmt: skip
    note = t("“Smallest effect it could show”: found four times in five if it were true.")
    return table("effects", data, columns, t("What changed, and what could have been seen"), note=note)


def _amount(row: dict[Any, Any], name: str) -> str:
    value = float(row.get(name, float("nan")))
    if row["kpi"] == "cycle_length":
        return days(value, 0).text()
    if row["kpi"] in RELATIVE:
        return share(value, 0, signed=True).text()
    return t("{points} points", points=points(100 * value, signed=True)) if value == value else points(None).text()


def _size(row: dict[Any, Any]) -> str:
    """Write the smallest effect that could be shown, in either direction."""
    value = abs(float(row.get("detectable", float("nan"))))
    if row["kpi"] == "cycle_length":
        return days(value, 0).text()
    if row["kpi"] in RELATIVE:
        return share(value, 0).text()
    return t("{points} points", points=points(100 * value)) if value == value else points(None).text()


def _range(row: dict[Any, Any]) -> str:
    low, high = float(row["low"]), float(row["high"])
    return render(in_words(str(row["kpi"]), low, high)) if low == low else points(None).text()


def units(result: EffectResult) -> TableView | None:
    """When each unit adopted the programme, and its cases."""
    if result.units is None or result.units.empty:
        return None
    data = result.units.assign(adopted=result.units["adopted_on"].where(result.units["adopted_on"].notna(), None))
    columns = (Col("unit", t("Unit")), Col("adopted", t("Adopted on"), "date"), Col("deals_count", t("Deals"), "count"),
               Col("leads_count", t("Leads"), "count"))  # fmt: skip
    return table("units", data, columns, t("Who adopted the programme, and when"), note=t("A unit without a date never adopted it."))


def benchmarks(result: DetectableResult) -> TableView | None:
    """Published promises beside what the own design can see."""
    if result.benchmarks is None:
        return None
    rows = result.benchmarks.to_dict("records")
    data = result.benchmarks.assign(
        promise=[_amount(row, "promised") for row in rows], smallest=[_size(row) for row in rows],
        range=[_range(row) for row in rows],
    )  # fmt: skip
    columns = (
        Col("claim", t("Published figure")), Col("promise", t("It would mean here")), Col("smallest", t("Smallest effect it could show")),
        Col("range", t("Range found")), Col("could_show", t("Could be seen")), Col("is_compatible", t("Fits what was found")),
    )  # fmt: skip
    return table("benchmarks_beside_own_data", data, columns, t("Promises beside what these data can show"))


def designs(result: EffectResult) -> TableView | None:
    """By which comparison each outcome was judged, and what another estimator says."""
    if not result.fits:
        return None
    rows = [
        {
            "outcome": render(OUTCOMES[kpi]), "design": render(DESIGNS[fit.design]), "period": render(PERIOD_NAMES[fit.period]),
            "treated_count": fit.treated_count, "control_count": fit.control_count, "straddling_count": fit.outcome.straddling_count,
            "left_out_count": fit.left_out_count, "other": _other(kpi, fit),
        }
        for kpi, fit in result.fits.items()
    ]  # fmt: skip
    columns = (
        Col("outcome", t("What was measured")), Col("design", t("Comparison")), Col("period", t("By")), Col("treated_count", t("Adopted"), "count"),
        Col("control_count", t("Never"), "count"), Col("straddling_count", t("Straddle adoption"), "count"),
        Col("left_out_count", t("Left out"), "count"), Col("other", t("Another estimator")),
    )  # fmt: skip
    note = t("“Straddle adoption”: created before and ended after their unit's adoption; they count as untreated. “Left out”: created before adoption, in the period of adoption.")
    return table("designs", pd.DataFrame(rows), columns, t("How each effect was measured"), note=note)


def _other(kpi: str, fit: Estimate) -> str:
    if fit.second is None:
        return points(None).text()
    row = {"kpi": kpi, "value": fit.second.value, "low": fit.second.low, "high": fit.second.high}
    return f"{_range(row) if fit.second.low == fit.second.low else _amount(row, 'value')} ({render(METHODS[fit.second.method])})"


def battery(result: BatteryResult) -> TableView | None:
    """Every test with what it found."""
    if result.tests is None:
        return None
    words = {"pass": t("holds"), "review": t("open"), "fail": t("does not hold"), "not_applicable": t("not testable")}
    order = {"fail": 0, "review": 1, "pass": 2, "not_applicable": 3}
    data = result.tests.assign(outcome=[render(OUTCOMES[kpi]) if kpi in OUTCOMES else t("all") for kpi in result.tests["kpi"]],
                               claim=[render(CLAIMS[key]) for key in result.tests["test"]], found=[words[s] for s in result.tests["status"]],
                               said=[render(reason) for reason in result.tests["reason"]], place=result.tests["status"].map(order))  # fmt: skip
    data = data.sort_values("place", kind="stable")[["claim", "outcome", "found", "said", "status"]]
    columns = (Col("claim", t("Claim")), Col("outcome", t("What was measured")), Col("found", t("Result")), Col("said", t("What the test found")))
    testable = int((data["status"] != "not_applicable").sum())
    note = t("Tests that these units and periods do not allow come last in the table’s file.") if 0 < testable < len(data) else ""
    return table("battery", data, columns, t("What the effects withstand"), note=note, max_rows=min(testable or 60, 60))


CLAIMS = {
    "no_drift_before_adoption": msg("no drift before adoption"),
    "no_effect_at_a_false_date": msg("no effect at a false date"),
    "chance_alone_is_unlikely": msg("chance alone is unlikely"),
    "no_single_unit_decides": msg("no single unit decides"),
    "effect_withstands_drift": msg("withstands a drift after adoption"),
    "another_estimator_agrees": msg("another estimator agrees"),
    "units_do_not_share_people": msg("units do not share people"),
}
PERIOD_NAMES = {"quarter": msg("quarter"), "half-year": msg("half-year"), "year": msg("year")}
