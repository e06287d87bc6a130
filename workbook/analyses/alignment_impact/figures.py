"""Figures of the alignment chapter. Titles state the finding; None where there is nothing to draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbook.analyses.alignment_impact.effect import EffectResult
from workbook.analyses.alignment_impact.evidence import GRADES, EvidenceResult
from workbook.analyses.alignment_impact.figures_cooperation import area_index as area_index
from workbook.analyses.alignment_impact.figures_cooperation import observed as observed
from workbook.analyses.alignment_impact.figures_cooperation import perception_gap as perception_gap
from workbook.analyses.alignment_impact.figures_money import gain_and_cost as gain_and_cost
from workbook.analyses.alignment_impact.verdict import OUTCOMES
from workbook.show import PALETTE, Chart, bars, canvas, dot_interval, number_axis
from workbook.text import render, t

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def effects(result: EffectResult) -> Chart | None:
    """All effects on one scale: relative to the level of the adopting units before they adopted."""
    if result.estimates is None or result.refused is not None:
        return None
    rows = result.estimates[result.estimates["verdict"].notna()]
    scale = rows["baseline"].where(rows["baseline"].notna(), 1.0)
    rows = rows[scale > 0]
    if rows.empty:
        return None
    data = pd.DataFrame({"outcome": [render(OUTCOMES[kpi]) for kpi in rows["kpi"]], "n": rows["cases_count"], "is_shown": rows["verdict"] == "shown"})
    for name in ("value", "low", "high"):
        data[name] = (rows[name] / scale[rows.index]).to_numpy()
    figure, axes = canvas()
    dot_interval(axes, data, label="outcome", value="value", low="low", high="high", n="n", reference=0.0, emphasis="is_shown",
                 reference_label=t("Change in per cent of the level before adoption; the dashed line is no change. Blue: an effect is shown."))  # fmt: skip
    return Chart(key="effects", figure=figure, title=_effects_title(rows), data=data, alt=t("One dot with its range per outcome, against a line at no change."))


def _effects_title(rows: pd.DataFrame) -> str:
    shown = [render(OUTCOMES[kpi]) for kpi in rows.loc[rows["verdict"] == "shown", "kpi"]]
    if not shown:
        return t("No effect of the programme can be shown")
    return t("An effect of the programme is shown on: {outcomes}", outcomes=", ".join(shown))


def event_study(result: EffectResult, kpi: str = "win_rate") -> Chart | None:
    """Effects by period before and after adoption, for one outcome."""
    if result.event_study is None or result.estimates is None:
        return None
    data = result.event_study[result.event_study["kpi"] == kpi].dropna(subset=["low", "high"])
    row = result.estimates[result.estimates["kpi"] == kpi]
    if data.empty or row.empty or row["verdict"].iloc[0] is None:
        return None
    figure, axes = canvas(3.6)
    in_points = kpi in ("win_rate", "mql_to_sql")
    _draw_events(axes, data.assign(**{c: 100 * data[c] for c in ("estimate", "low", "high")}) if in_points else data)
    number_axis(axes.yaxis, "index" if in_points else "days" if kpi == "cycle_length" else "share")
    number_axis(axes.xaxis, "count")
    axes.set_ylabel(t("percentage points") if in_points else "")
    axes.set_xlabel(_period_words(str(row["period"].iloc[0])))
    return Chart(
        key=f"event_study_{kpi}", figure=figure, title=_event_title(row.iloc[0]), data=data,
        alt=t("One dot with its range per period before and after adoption; the line at zero is no difference to the others."),
        note=t("Left of the dashed line: change against the others before adoption, which should be near zero. Cut whiskers reach further."),
    )  # fmt: skip


def _draw_events(axes: Axes, data: pd.DataFrame) -> None:
    """Draw dots with whiskers; the axis follows the dots, so that a few endless whiskers do not flatten all others."""
    after = data["event_time"] >= 0
    reach = 1.4 * float(np.nanmax(np.abs(data["estimate"]))) or 1.0
    for rows, colour in ((data[~after], PALETTE["muted"]), (data[after], PALETTE["main"])):
        axes.vlines(rows["event_time"], rows["low"].clip(-reach, reach), rows["high"].clip(-reach, reach), color=colour, alpha=0.4, lw=3)
        axes.plot(rows["event_time"], rows["estimate"], "o", color=colour, ms=6)
    axes.axhline(0, color=PALETTE["muted"], lw=1)
    axes.axvline(-0.5, color=PALETTE["muted"], lw=1, ls=(0, (4, 3)))
    axes.set_ylim(-reach, reach)
    side = -1 if float(data.loc[after, "estimate"].mean()) >= 0 else 1  # where the effect is not
    axes.text(-0.3, 0.97 * side * reach, t("programme adopted"), va="bottom" if side < 0 else "top", fontsize=9.5, color=PALETTE["muted"],
              bbox={"facecolor": PALETTE["paper"], "edgecolor": "none", "pad": 1.5})  # fmt: skip
    axes.grid(False, axis="x")


def _period_words(period: str) -> str:
    words = {"quarter": t("quarters since adoption"), "half-year": t("half-years since adoption"), "year": t("years since adoption")}
    return words[period]


def _event_title(row: pd.Series) -> str:
    outcome = render(OUTCOMES[row["kpi"]])
    if row["verdict"] == "doubtful":
        return t("The {outcome} drifted apart before the programme began", outcome=outcome)
    if row["verdict"] == "shown":
        return t("After adoption the {outcome} stands out from the other units; no drift shows before", outcome=outcome)
    return t("No reliable change of the {outcome} after adoption", outcome=outcome)


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
