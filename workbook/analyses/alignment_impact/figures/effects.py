"""Figures of the effects: all on one scale, by period, the synthetic twin, placebos. Titles state the finding; None where there is nothing to draw."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbook.analyses.alignment_impact.effect import EffectResult
from workbook.analyses.alignment_impact.estimate import PERIODS
from workbook.analyses.alignment_impact.verdict import OUTCOMES, RELATIVE
from workbook.show import PALETTE, Chart, canvas, dot_interval, line_band, number_axis
from workbook.text import render, share, t

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MIN_UNITS = 3


def effects(result: EffectResult) -> Chart | None:
    """All effects on one scale: relative to the level of the adopting units before they adopted."""
    if result.estimates is None or result.refused is not None:
        return None
    rows = result.estimates[result.estimates["verdict"].notna()]
    scale = rows["baseline"].where(rows["baseline"].notna(), 1.0)
    rows = rows[scale > 0]
    if rows.empty:
        return None
    data = pd.DataFrame({"outcome": [render(OUTCOMES[kpi]) for kpi in rows["kpi"]], "n": rows["cases_count"], "is_shown": rows["verdict"].isin(["shown", "indicated"])})
    for name in ("value", "low", "high"):
        data[name] = (rows[name] / scale[rows.index]).to_numpy()
    figure, axes = canvas()
    dot_interval(axes, data, label="outcome", value="value", low="low", high="high", n="n", reference=0.0, emphasis="is_shown",
                 reference_label=t("Change in per cent of the level before adoption; the dashed line is no change. Blue: an effect is shown or indicated."))  # fmt: skip
    return Chart(key="effects", figure=figure, title=_effects_title(rows), data=data, alt=t("One dot with its range per outcome, against a line at no change."))


def _effects_title(rows: pd.DataFrame) -> str:
    shown = [render(OUTCOMES[kpi]) for kpi in rows.loc[rows["verdict"] == "shown", "kpi"]]
    indicated = [render(OUTCOMES[kpi]) for kpi in rows.loc[rows["verdict"] == "indicated", "kpi"]]
    if not shown and not indicated:
        return t("No effect of the programme can be shown")
    if not shown:
        return t("An effect of the programme is indicated, with reservations, on: {outcomes}", outcomes=", ".join(indicated))
    if indicated:
        return t("An effect of the programme is shown on: {outcomes}; with reservations on: {indicated}", outcomes=", ".join(shown), indicated=", ".join(indicated))
    return t("An effect of the programme is shown on: {outcomes}", outcomes=", ".join(shown))


def event_study(result: EffectResult, kpi: str = "win_rate") -> Chart | None:
    """Effects by period before and after adoption, for one outcome."""
    if result.event_study is None or result.estimates is None:
        return None
    data = result.event_study[result.event_study["kpi"] == kpi].dropna(subset=["low", "high"])
    data = data[data["cells_count"] >= MIN_UNITS]
    row = result.estimates[result.estimates["kpi"] == kpi]
    if data.empty or row.empty or row["verdict"].iloc[0] is None:
        return None
    figure, axes = canvas(3.6)
    in_points = kpi not in (*RELATIVE, "cycle_length")
    _draw_events(axes, data.assign(**{c: 100 * data[c] for c in ("estimate", "low", "high")}) if in_points else data)
    number_axis(axes.yaxis, "index" if in_points else "days" if kpi == "cycle_length" else "share")
    number_axis(axes.xaxis, "count")
    axes.set_ylabel(t("percentage points") if in_points else "")
    axes.set_xlabel(_period_words(str(row["period"].iloc[0])))
    return Chart(
        key=f"event_study_{kpi}", figure=figure, title=_event_title(row.iloc[0]), data=data,
        alt=t("One dot with its range per period before and after adoption; the line at zero is no difference to the others."),
        note=t("Left of the dashed line: how far adopting units were from what their other quarters and the other units let expect, which should be near zero. Periods seen in fewer than three units are left out; cut whiskers reach further."),
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
        return t("The {outcome} changed, but not demonstrably because of the programme", outcome=outcome)
    if row["verdict"] == "indicated":
        return t("After adoption the {outcome} stands out from the other units, with reservations", outcome=outcome)
    if row["verdict"] == "shown":
        return t("After adoption the {outcome} stands out from the other units; no drift shows before", outcome=outcome)
    return t("No reliable change of the {outcome} after adoption", outcome=outcome)


def placebos(result: EffectResult, kpi: str | None = None) -> Chart | None:
    """The effect among those that chance alone would give: adoption dates dealt out anew, or every other unit in its place."""
    name = kpi or _most_telling(result, lambda key: result.tests[key].placebos is not None)
    if name is None or (dealt := result.tests[name].placebos) is None or len(dealt) < MIN_UNITS:
        return None
    fit, tests = result.fits[name], result.tests[name]
    scale = 1.0 if name == "cycle_length" else 100.0
    data = pd.DataFrame({"placebo_effect": fit.in_unit(dealt)})
    figure, axes = canvas(3.2)
    axes.hist(scale * data["placebo_effect"], bins=min(25, max(6, len(data) // 6)), color=PALETTE["muted"], alpha=0.55)
    axes.axvline(scale * fit.value, color=PALETTE["main"], lw=2.5)
    axes.annotate(t("found here"), (scale * fit.value, 0.96), xycoords=("data", "axes fraction"), va="top", color=PALETTE["main"], fontsize=9.5,
                  xytext=(-6 if fit.value > float(data["placebo_effect"].median()) else 6, 0), textcoords="offset points",
                  ha="right" if fit.value > float(data["placebo_effect"].median()) else "left",
                  bbox={"facecolor": PALETTE["paper"], "edgecolor": "none", "pad": 1.0})  # fmt: skip
    number_axis(axes.xaxis, "days" if name == "cycle_length" else "index")
    number_axis(axes.yaxis, "count")
    axes.set_xlabel(_effect_axis(name))
    axes.set_ylabel(t("other units") if fit.design == "one_unit" else t("random dates"))
    axes.grid(False, axis="x")
    outcome = render(OUTCOMES[name])
    rare = tests.placebo_p <= 0.1
    said = {"outcome": outcome, "share": share(tests.placebo_p, 1).text()}
    if fit.design == "one_unit":
        title = t("{share} of all units, put in the place of the adopting one, show as large a change of the {outcome}", **said)
    else:
        title = t("Chance alone gives an effect as large on the {outcome} in {share} of the cases", **said) if rare else t(
            "Chance alone would often give as large a change of the {outcome}: in {share} of the cases", **said)  # fmt: skip
    return Chart(key=f"placebos_{name}", figure=figure, title=title, data=data, alt=t("Bars: effects with the adoption dates dealt out at random; a line at the effect found."),
                 note=t("Each bar counts the effects that the other units would show in the place of the one that adopted.") if fit.design == "one_unit" else t("Each bar counts effects that come out when the adoption dates are dealt out at random among the units. With a true effect the bars are wider than chance, as treated cells then stand among the untreated."))  # fmt: skip


def _effect_axis(kpi: str) -> str:
    if kpi == "cycle_length":
        return t("effect in days")
    return t("effect in per cent") if kpi in RELATIVE else t("effect in percentage points")


def twin(result: EffectResult, kpi: str | None = None) -> Chart | None:
    """The one adopting unit beside its synthetic twin."""
    name = kpi or _most_telling(result, lambda key: result.fits[key].twin is not None)
    if name is None or (found := result.fits[name].twin) is None:
        return None
    from matplotlib.dates import date2num

    fit = result.fits[name]
    months, start = PERIODS[fit.period], float(fit.panel.cohort[np.isfinite(fit.panel.cohort)][0])
    path = found.path.assign(on=[_day(time, months) for time in found.path["time"]])
    if name in RELATIVE:
        path = path.assign(treated=np.exp(path["treated"]), synthetic=np.exp(path["synthetic"]))
    lines = {"treated": t("adopted"), "synthetic": t("twin")}
    data = pd.concat([path[["on", c]].rename(columns={c: "value"}).assign(line=label) for c, label in lines.items()], ignore_index=True)
    figure, axes = canvas(3.6)
    unit = "days" if name == "cycle_length" else "number" if name in RELATIVE else "share"
    line_band(axes, data, x="on", value="value", group="line", unit=unit)
    axes.axvline(date2num(_day(start, months)), color=PALETTE["muted"], lw=1, ls=(0, (4, 3)))
    outcome = render(OUTCOMES[name])
    row = result.estimates[result.estimates["kpi"] == name].iloc[0] if result.estimates is not None else None
    stands = row is not None and row["verdict"] in ("shown", "indicated")
    title = t("After adoption the {outcome} parts from its synthetic twin", outcome=outcome) if stands else t(
        "The {outcome} does not reliably part from its synthetic twin", outcome=outcome)  # fmt: skip
    return Chart(key=f"twin_{name}", figure=figure, title=title, data=data, alt=t("Two lines: the unit that adopted, and the weighted mix of the others that resembled it most before."),
                 note=t("The dashed line is the day of adoption. The twin is the mix of the other units that came closest before it."))  # fmt: skip


def _day(time: float, months: int) -> pd.Timestamp:
    first = int(time) * months
    return pd.Timestamp(first // 12, first % 12 + 1, 1)


def _most_telling(result: EffectResult, has: Callable[[str], bool]) -> str | None:
    """Return the outcome with the smallest p-value among those that have what is to be drawn."""
    if result.refused is not None:
        return None
    known = {kpi: fit.p_value for kpi, fit in result.fits.items() if has(kpi) and np.isfinite(fit.value)}
    return min(known, key=lambda kpi: (np.nan_to_num(known[kpi], nan=2.0), kpi)) if known else None
