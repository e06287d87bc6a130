"""Tables of the evidence register. None where there is nothing to show."""

from __future__ import annotations

from workbook.analyses.alignment_impact.evidence import EvidenceResult
from workbook.show import Col, TableView, table
from workbook.text import render, t


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
        Col("sample", t("Sample")), Col("implied", t("What it implies")), Col("ref", t("Source no."), "year"),
    )  # fmt: skip
    note = t("“Source no.” is the number in the list of references from which the figures were taken; figures without one were found beside it.")
    words = {name: [render(value) for value in result.claims[name]] for name in ("claim", "traced", "sample", "implied")}
    return table("evidence_register", result.claims.assign(**words), columns, t("The register of published figures"), note=note)
