"""Figures on needs, the buying centre and the journey. None where there is nothing to show."""

from __future__ import annotations

from workbook.analyses.icp_segmentation.buying_centre import BuyingCentreResult
from workbook.analyses.icp_segmentation.journey import JourneyResult, trait_words
from workbook.analyses.icp_segmentation.needs import NeedsResult, better
from workbook.show import Chart, canvas, dot_interval
from workbook.text import render, t

SHOWN = 12


def needs(result: NeedsResult) -> Chart | None:
    """Win rate by need; strong colour where a need is won reliably more or less often than the others."""
    if result.needs is None:
        return None
    data = result.needs[~result.needs["is_small"].astype(bool)]
    data = data.sort_values(["rate", "value"], ascending=[False, True], ignore_index=True)
    if data.empty:
        return None
    figure, ax = canvas()
    dot_interval(ax, data, label="value", value="rate", low="low", high="high", n="closed_count", emphasis="is_reliable", quantity=t("Win rate"))
    best, worse = better(result.needs), data[data["direction"] < 0]
    title = (
        t("Won most reliably: {need}", need=str(best["value"].iloc[0])) if len(best)
        else t("Won reliably less often: {need}", need=str(worse["value"].iloc[-1])) if len(worse)
        else t("No need is met demonstrably better than the others")
    )  # fmt: skip
    return Chart(
        key="needs", figure=figure, title=title, data=data[["value", "rate", "low", "high", "closed_count", "is_reliable"]],
        alt=t("One point per need with the win rate of deals that state it and its range."),
        note=t("Strong colour: differs reliably from deals with other needs, also within segments. n: decided deals."),
    )  # fmt: skip


def roles(result: BuyingCentreResult) -> Chart | None:
    """Difference in win rate with and without each role among like deals."""
    if result.roles is None:
        return None
    data = result.roles[~result.roles["is_small"].astype(bool)]
    data = data.sort_values(["adjusted", "value"], ascending=[False, True], ignore_index=True)
    if data.empty:
        return None
    data = data.assign(points=data["adjusted"] * 100, points_low=data["adjusted_low"] * 100, points_high=data["adjusted_high"] * 100)
    figure, ax = canvas()
    dot_interval(ax, data, label="value", value="points", low="points_low", high="points_high", n="closed_count", unit="points", reference=0.0,
                 reference_label=t("dashed: no difference"), emphasis="is_reliable",
                 quantity=t("Difference of the win rate, percentage points"))  # fmt: skip
    wanted = data[data["direction"] > 0]
    title = t("Goes with winning: {role}", role=str(wanted["value"].iloc[0])) if len(wanted) else t("No single role goes reliably with winning")
    return Chart(
        key="roles", figure=figure, title=title, data=data[["value", "points", "points_low", "points_high", "closed_count", "is_reliable"]],
        alt=t("One point per role: difference in win rate with and without it, in percentage points, with its range."),
        note=t("Deals of one segment, open about equally long, with as many roles seen. n: decided deals with the role."),
    )  # fmt: skip


def journey(result: JourneyResult) -> Chart | None:
    """Win rate by number of early touches and by their kinds."""
    if result.traits is None or result.landmark_days is None:
        return None
    data = result.traits[result.traits["dimension"].isin(["touches", "kind"]) & ~result.traits["is_small"].astype(bool)]
    if data.empty:
        return None
    data = data.sort_values(["dimension", "value"], ascending=[False, True], ignore_index=True).head(SHOWN)
    data = data.assign(name=[render(trait_words(d, v)) for d, v in zip(data["dimension"], data["value"], strict=True)])
    figure, ax = canvas()
    dot_interval(ax, data, label="name", value="rate", low="low", high="high", n="closed_count", emphasis="is_reliable", quantity=t("Win rate"))
    title = (
        t("Early touches go with winning; why is open") if (data["direction"] != 0).any() else t("No early touch goes reliably with winning")
    )
    return Chart(
        key="journey", figure=figure, title=title, data=data[["name", "rate", "low", "high", "closed_count", "is_reliable"]],
        alt=t("One point per number and kind of early touches with the later win rate and its range."),
        note=t("Touches of the first {n} days, deals undecided then. Strong colour: differs reliably from the others. n: decided deals.",
               n=result.landmark_days),
    )  # fmt: skip
