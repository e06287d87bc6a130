"""Figures on scores of leads and deals. None where there is nothing to draw."""

from __future__ import annotations

from workbook.analyses.icp_segmentation.score import ScoreResult
from workbook.show import PALETTE, Chart, canvas, dot_interval, number_axis
from workbook.text import ratio, share, t


def score_bands(result: ScoreResult) -> Chart | None:
    """Share of successes among later cases by score band, with its range."""
    if result.validation is None:
        return None
    found, is_lead = result.validation, result.subject == "lead"
    data = found.bands[found.bands["n"] > 0].reset_index(drop=True)
    data = data.assign(name=[t("Band {band}", band=band) for band in data["band"]], stands_out=(data["low"] > found.base.value) | (data["high"] < found.base.value))
    figure, ax = canvas()
    dot_interval(ax, data, label="name", value="rate", low="low", high="high", n="n", reference=found.base.value, emphasis="stands_out",
                 quantity=t("Share that became customers") if is_lead else t("Win rate"),
                 reference_label=t("dashed: all together, {share}", share=share(found.base.value)))  # fmt: skip
    if not result.is_better_than_chance:
        title = t("The score does not tell later successes from failures (AUC {auc})", auc=ratio(found.auc.value))
    elif is_lead:
        title = t("In band A {best} of the later leads became customers, {base} of all", best=share(float(data["rate"].iloc[0])), base=share(found.base.value))
    else:
        title = t("In band A {best} of the later deals were won, {base} of all", best=share(float(data["rate"].iloc[0])), base=share(found.base.value))
    if result.is_better_than_chance and not result.is_validated:
        title = t("Unvalidated:") + " " + title[:1].lower() + title[1:]
    return Chart(
        key=f"{result.subject}_score_bands", figure=figure, title=title, data=data[["band", "n", "rate", "low", "high"]],
        alt=t("One point per score band with its range, best band first."),
        note=t("Bands were cut on the earlier cases: best fifth, next 30%, next 30%, rest. Strong colour: the range leaves out the rate of all."),
    )  # fmt: skip


def score_calibration(result: ScoreResult) -> Chart | None:
    """Observed against predicted shares of later cases, by fifths of the prediction."""
    if result.validation is None or len(result.validation.curve) < 2:
        return None
    data, own = result.validation.curve, result.validation.calibration
    figure, ax = canvas(3.4)
    top = float(data[["predicted", "high"]].to_numpy(float).max()) * 1.05
    ax.plot([0, top], [0, top], color=PALETTE["muted"], lw=1, ls=(0, (3, 3)))
    at, middle = data["predicted"].to_numpy(float), data["observed"].to_numpy(float)
    ax.vlines(at, data["low"], data["high"], color=PALETTE["main"], alpha=0.45, lw=2.8)
    ax.plot(at, middle, "o-", color=PALETTE["main"], lw=1)
    ax.set_xlim(0, top)
    ax.set_ylim(0, top)
    number_axis(ax.xaxis, "share")
    number_axis(ax.yaxis, "share")
    ax.set_xlabel(t("predicted"))
    ax.set_ylabel(t("observed"))
    good = own.reason is None and own.slope_interval.contains(1.0) and own.gap_interval.contains(0.0)
    shares = {"predicted": share(own.predicted), "observed": share(own.observed)}
    title = t("Predictions came true: {predicted} predicted, {observed} observed", **shares) if good else t("Take the bands, not the probabilities: {predicted} predicted, {observed} observed", **shares)
    return Chart(
        key=f"{result.subject}_score_calibration", figure=figure, title=title, data=data,
        alt=t("Points of observed against predicted shares beside the diagonal."), note=t("Dashed: prediction and observation are equal. One point per fifth of the later cases."),
    )  # fmt: skip
