"""Figures of the evidence register. None where there is nothing to draw."""

from __future__ import annotations

from workbook.analyses.alignment_impact.evidence import GRADES, EvidenceResult
from workbook.show import Chart, bars, canvas
from workbook.text import render, t


def by_grade(result: EvidenceResult) -> Chart | None:
    """How many published figures have which grade."""
    if result.grades is None:
        return None
    names = {"A": t("A  experiment"), "B": t("B  peer-reviewed"), "C": t("C  survey with method"), "D": t("D  vendor or no method"), "E": t("E  anecdote")}
    data = result.grades.assign(name=result.grades["grade"].map(names), is_weak=result.grades["grade"].isin(["D", "E"]))
    figure, axes = canvas()
    bars(axes, data, label="name", value="claims_count", emphasis="is_weak")
    weak, total = int(data.loc[data["is_weak"], "claims_count"].sum()), int(data["claims_count"].sum())
    title = t("{weak} of {total} published figures are no evidence that would carry a decision", weak=weak, total=total)
    return Chart(key="evidence_by_grade", figure=figure, title=title, data=data[["grade", "claims_count"]], alt=t("One bar per grade, from {first} to {last}.", first=GRADES[0], last=GRADES[-1]))


def ceilings(result: EvidenceResult) -> Chart | None:
    """The highest starting rate of which each claim about a rate can be true."""
    if result.claims is None:
        return None
    data = result.claims.dropna(subset=["ceiling"]).sort_values(["ceiling", "key"])
    if data.empty:
        return None
    data = data.assign(name=[render(claim) for claim in data["claim"]])[["name", "ceiling", "grade"]]
    figure, axes = canvas()
    bars(axes, data, label="name", value="ceiling", unit="share")
    title = t("Above these starting rates the promised rises cannot be true")
    return Chart(key="evidence_ceilings", figure=figure, title=title, data=data, alt=t("One bar per published figure: the highest rate that could rise by the promised share without passing 100%."),
                 note=t("A rate that rises by 36%, say, must have been 73.5% or lower."))  # fmt: skip
