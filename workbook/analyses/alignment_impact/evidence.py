"""What do the published figures on alignment rest on?

A register of the benchmarks that circulate, each with what a search for its original found, a grade, whether the groups were
formed by the outcome, and the arithmetic of what it implies (`plausibility`). Needs no data of the firm.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd
from pydantic import Field

from workbook.analyses.alignment_impact.plausibility import ceiling_of, implied
from workbook.analyses.alignment_impact.register import Claim
from workbook.params import Params, Share
from workbook.results import Action, Check, Result
from workbook.text import Message, msg, nmsg

SECTION = "X4"
GRADES = ("A", "B", "C", "D", "E")
STRONG = ("A", "B")


class EvidenceParams(Params):
    """retention_example: the retention on which a claim about retention is worked out."""

    retention_example: Share = 0.8
    action_days: int = Field(default=30, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceResult(Result):
    """The register, graded.

    claims: one row per published figure, best grade first: key, ref, claim, traced, sample, n, grade, selected_on_outcome, is_traced,
    implied (messages), kpi, change, ceiling (highest starting share of which it can be true). grades: one row per grade: grade,
    claims_count, traced_count, selected_count.
    """

    claims: pd.DataFrame | None = None
    grades: pd.DataFrame | None = None


def analyse(claims: tuple[Claim, ...], params: EvidenceParams, *, as_of: date) -> EvidenceResult:
    """Grade, count and work out the claims. Pure."""
    if not claims:
        return EvidenceResult(refused=msg("the register is empty"), certainty="open")
    table = pd.DataFrame([_row(claim, params) for claim in claims])
    table = table.sort_values("grade", kind="stable", ignore_index=True)
    grades = _grades(table)
    return EvidenceResult(
        checks=(_check(table),),
        actions=_actions(table, params, as_of),
        no_action=msg("every published figure rests on an experiment or a peer-reviewed study"),
        finding=_finding(table),
        brief=_brief(table),
        limits=(
            msg("A low grade does not make a figure false; it means that nobody can tell from it what alignment would do here."),
            msg("“Not traced” means that a search did not find the original; it may exist."),
        ),
        certainty="firm",
        claims=table,
        grades=grades,
    )  # fmt: skip


def _row(claim: Claim, params: EvidenceParams) -> dict[str, object]:
    return {
        "key": claim.key, "ref": claim.ref, "claim": Message(claim.claim), "traced": Message(claim.traced), "n": claim.n,
        "sample": _sample(claim), "grade": claim.grade, "selected_on_outcome": claim.selected_on_outcome,
        "is_traced": claim.is_traced, "implied": implied(claim.arithmetic, params.retention_example), "kpi": claim.kpi,
        "change": claim.change, "ceiling": ceiling_of(claim.arithmetic),
    }  # fmt: skip


def _sample(claim: Claim) -> Message | None:
    if claim.n is None or claim.population is None:
        return None
    return msg("{n} {population}", n=claim.n, population=Message(claim.population))


def _grades(table: pd.DataFrame) -> pd.DataFrame:
    counted = table.groupby("grade").agg(
        claims_count=("key", "size"), traced_count=("is_traced", "sum"), selected_count=("selected_on_outcome", "sum")
    )
    return counted.reindex(list(GRADES), fill_value=0).astype("int64").reset_index()


def _check(table: pd.DataFrame) -> Check:
    strong = int(table["grade"].isin(STRONG).sum())
    if not strong:
        none = msg("No published figure comes from an experiment, a quasi-experiment or a peer-reviewed study.")
        return Check(key="published_benchmarks_rest_on_evidence", status="review", reason=none)
    reason = nmsg(
        "{n} published figure comes from an experiment, a quasi-experiment or a peer-reviewed study.",
        "{n} published figures come from an experiment, a quasi-experiment or a peer-reviewed study.",
        strong,
    )
    return Check(key="published_benchmarks_rest_on_evidence", status="pass", reason=reason)


def _finding(table: pd.DataFrame) -> Message:
    untraced, selected = int((~table["is_traced"]).sum()), int(table["selected_on_outcome"].sum())
    strong, bounded = int(table["grade"].isin(STRONG).sum()), int(table["ceiling"].notna().sum())
    said: dict[str, object] = {"n": len(table), "untraced": untraced, "selected": selected, "bounded": bounded}
    if not strong:
        return msg(
            "None of the {n} figures in circulation rests on an experiment or a peer-reviewed study. For {untraced} no original with a "
            "method could be found, {selected} compare groups that were formed by the result itself, and {bounded} can be true only of "
            "firms that start low enough.", **said,
        )  # fmt: skip
    return msg(
        "{strong} of the {n} figures in circulation rest on an experiment or a peer-reviewed study. For {untraced} no original with a "
        "method could be found, and {selected} compare groups that were formed by the result itself.", strong=strong, **said,
    )  # fmt: skip


def _brief(table: pd.DataFrame) -> Message:
    strong, selected = int(table["grade"].isin(STRONG).sum()), int(table["selected_on_outcome"].sum())
    return msg(
        "Of {n} published figures on alignment {strong} rest on an experiment or a peer-reviewed study; {selected} compare groups that "
        "the result itself formed.", n=len(table), strong=strong, selected=selected,
    )  # fmt: skip


def _actions(table: pd.DataFrame, params: EvidenceParams, as_of: date) -> tuple[Action, ...]:
    weak = int((~table["grade"].isin(STRONG)).sum())
    if not weak:
        return ()
    what = msg(
        "Take the published figures out of targets and business cases, and write down for every unit when it adopts the programme, "
        "so that the effect can be measured here.",
    )
    return (
        Action(key="measure_instead_of_quoting", what=what, owner_role=msg("managing director"),
               due_on=as_of + timedelta(days=params.action_days), watch_kpi="effect"),
    )  # fmt: skip
