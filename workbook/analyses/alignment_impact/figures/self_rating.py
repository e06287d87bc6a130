"""Figures of the self-rating. None where there is nothing to draw."""

from __future__ import annotations

from workbook.analyses.alignment_impact.self_rating import SelfRatingResult
from workbook.show import Chart, canvas, dot_interval
from workbook.text import t


def perception_gap(result: SelfRatingResult) -> Chart | None:
    """Gaps between sales and marketing by statement, with ranges."""
    if result.items is None:
        return None
    data = result.items.assign(n=result.items["sales_count"] + result.items["marketing_count"])
    figure, axes = canvas()
    dot_interval(axes, data, label="item", value="gap", low="gap_low", high="gap_high", n="n", unit="number", reference=0.0, emphasis="is_reliable",
                 reference_label=t("Right of the line sales agrees more, left of it marketing. Blue: a reliable gap."))  # fmt: skip
    apart = int(data["is_reliable"].sum())
    title = t("Sales and marketing see {apart} of {n} statements differently", apart=apart, n=len(data))
    if not apart:
        title = t("No reliable gap between sales and marketing on any statement")
    return Chart(key="perception_gap", figure=figure, title=title, data=data, alt=t("One dot with its range per statement: the gap between both functions."))
