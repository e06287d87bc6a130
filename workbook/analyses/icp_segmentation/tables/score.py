"""Tables on scores of leads and deals. None where there is nothing to show."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbook.analyses.icp_segmentation.score import ScoreResult
from workbook.analyses.icp_segmentation.score_fields import field_name, value_name
from workbook.frames import names
from workbook.show import Col, TableView, table
from workbook.text import Message, render, t


def _titled(result: ScoreResult, lead: str, deal: str) -> str:
    return lead if result.subject == "lead" else deal


def scorecard(result: ScoreResult) -> TableView | None:
    """Points per value, the weightiest field first: what sales adds up. None where the points would rank no better than chance."""
    if result.card is None or (result.validation is not None and not result.is_better_than_chance):
        return None
    spread = result.card.points.groupby("field")["points"].max()
    data = result.card.points.assign(spread=result.card.points["field"].map(spread))
    data = data.sort_values(["spread", "field", "points", "value"], ascending=[False, True, False, True], ignore_index=True)
    data = data.assign(
        field_name=[render(field_name(name)) for name in data["field"]], shown=[_shown(str(field), value) for field, value in zip(data["field"], data["value"], strict=True)],
        rate=data["events"] / data["n"],
    )  # fmt: skip
    columns = (
        Col("field_name", t("Field")), Col("shown", t("Value")), Col("points", t("Points"), "count"), Col("n", t("Cases"), "count"),
        Col("rate", t("Successes"), "share"),
    )  # fmt: skip
    note = t("Add up the points. Twenty points more double the odds; a value not listed counts {averages} points.",
             averages=", ".join(f"{round(value)} ({render(field_name(name))})" for name, value in sorted(result.card.average.items())))  # fmt: skip
    if not result.is_validated:
        note = t("Unvalidated.") + " " + note
    title = _titled(result, t("Scorecard for leads"), t("Scorecard for deals"))
    return table(f"{result.subject}_scorecard", data, columns, title, note=note, max_rows=25, is_grouped=True)


def _shown(field: str, value: object) -> str:
    """Return a value as shown, our own words translated."""
    ours = names.value_name(field, value)
    return render(ours) if isinstance(ours, Message) else value_name(value)


def score_bands(result: ScoreResult) -> TableView | None:
    """Observed rate and lift per score band, on later cases."""
    if result.validation is None:
        return None
    bands = result.validation.bands
    ends = np.append(np.inf, bands["points_from"].to_numpy(float)[:-1])
    texts = [
        t("{points} and more", points=round(start)) if np.isinf(end) else t("below {points}", points=round(end)) if i == len(bands) - 1
        else t("{points} to {end}", points=round(start), end=round(end) - 1)
        for i, (start, end) in enumerate(zip(bands["points_from"], ends, strict=True))
    ]  # fmt: skip
    data = bands.assign(points_text=texts if len(bands) > 1 else [t("all")])
    columns = (
        Col("band", t("Band")), Col("points_text", t("Points")), Col("n", t("Cases"), "count"), Col("hits", t("Successes"), "count"),
        Col("rate", t("Share"), "share"), Col("low", t("Range from"), "share"), Col("high", t("to"), "share"), Col("lift", t("Lift"), "ratio"),
        Col("hits_share", t("Share of all successes"), "share"),
    )  # fmt: skip
    title = _titled(result, t("Score bands, as later leads turned out"), t("Score bands, as later deals turned out"))
    return table(f"{result.subject}_score_bands", data, columns, title)


def score_fields(result: ScoreResult) -> TableView | None:
    """Which fields the score uses, and why the others are out: one row per reason."""
    if result.chosen is None:
        return None
    fields = result.chosen.table
    data = pd.DataFrame({
        "use": [t("in the score") if used else t("left out: gives the outcome away") if leak else t("left out")
                for used, leak in zip(fields["is_used"], fields["is_leak"], strict=True)],
        "why": ["" if reason is None else render(reason) for reason in fields["reason"]],
        "field": [render(field_name(name)) for name in fields["field"]],
    })  # fmt: skip
    data = data.groupby(["use", "why"], sort=False)["field"].agg(", ".join).reset_index()
    columns = (Col("use", t("Use")), Col("why", t("Why")), Col("field", t("Fields")))
    title = _titled(result, t("Fields of the lead score"), t("Fields of the deal score"))
    return table(f"{result.subject}_score_fields", data, columns, title)
