"""Tables of the alignment chapter. None where there is nothing to show."""

from __future__ import annotations

from typing import Any

from workbook.analyses.alignment_impact.detectable import DetectableResult
from workbook.analyses.alignment_impact.effect import EffectResult
from workbook.analyses.alignment_impact.evidence import EvidenceResult
from workbook.analyses.alignment_impact.tables_cooperation import observed as observed
from workbook.analyses.alignment_impact.tables_cooperation import rating_index as rating_index
from workbook.analyses.alignment_impact.tables_cooperation import self_rating as self_rating
from workbook.analyses.alignment_impact.tables_money import money_steps as money_steps
from workbook.analyses.alignment_impact.verdict import OUTCOMES, VERDICTS, in_words
from workbook.show import Col, TableView, table
from workbook.text import days, points, render, share, t


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
    if row["kpi"] == "won_amount":
        return share(value, 0, signed=True).text()
    return t("{points} points", points=points(100 * value, signed=True)) if value == value else points(None).text()


def _size(row: dict[Any, Any]) -> str:
    """Write the smallest effect that could be shown, in either direction."""
    value = abs(float(row.get("detectable", float("nan"))))
    if row["kpi"] == "cycle_length":
        return days(value, 0).text()
    if row["kpi"] == "won_amount":
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


def grades(result: EvidenceResult) -> TableView | None:
    """How many figures have which grade."""
    if result.grades is None:
        return None
    meaning = {
        "A": t("experiment or quasi-experiment"), "B": t("peer-reviewed study, observed"), "C": t("survey with sample and method"),
        "D": t("vendor survey, groups formed by the outcome, or no method found"), "E": t("anecdote"),
    }  # fmt: skip
    data = result.grades.assign(meaning=result.grades["grade"].map(meaning))
    columns = (
        Col("grade", t("Grade")), Col("meaning", t("What it is")), Col("claims_count", t("Figures"), "count"),
        Col("traced_count", t("Original found"), "count"), Col("selected_count", t("Groups formed by the outcome"), "count"),
    )  # fmt: skip
    return table("evidence_grades", data, columns, t("How good the published evidence is"))


def evidence(result: EvidenceResult) -> TableView | None:
    """The register: each figure with its origin, sample and what it implies."""
    if result.claims is None:
        return None
    columns = (
        Col("claim", t("Published figure")), Col("grade", t("Grade")), Col("traced", t("What a search found")),
        Col("sample", t("Sample")), Col("formed", t("Groups formed by the result")), Col("implied", t("What it implies")),
        Col("ref", t("Source no."), "year"),
    )  # fmt: skip
    note = t("“Source no.” is the number in the list of references from which the figures were taken; figures without one were found beside it.")
    words = {name: [render(value) for value in result.claims[name]] for name in ("claim", "traced", "sample", "implied")}
    formed = [t("yes") if chosen else t("not known") for chosen in result.claims["selected_on_outcome"]]
    return table("evidence_register", result.claims.assign(formed=formed, **words), columns, t("The register of published figures"), note=note)
