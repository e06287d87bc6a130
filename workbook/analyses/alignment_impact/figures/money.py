"""Figure of what the programme is worth. None where there is nothing to draw."""

from __future__ import annotations

import pandas as pd

from workbook.analyses.alignment_impact.money import MoneyResult
from workbook.show import Chart, canvas, dot_interval
from workbook.text import share, t


def gain_and_cost(result: MoneyResult) -> Chart | None:
    """The yearly gain with its range beside the yearly cost."""
    if result.refused is not None or result.steps is None:
        return None
    kind = t("Gain in margin") if result.margin is not None else t("Gain in revenue")
    rows = [{"name": kind, "value": result.gain, "low": result.low, "high": result.high, "is_gain": True}]
    if result.cost_year is not None:
        rows.append({"name": t("Cost"), "value": result.cost_year, "low": result.cost_year, "high": result.cost_year, "is_gain": False})
    data = pd.DataFrame(rows)
    figure, axes = canvas()
    dot_interval(axes, data, label="name", value="value", low="low", high="high", unit="money", currency=result.currency, reference=0.0,
                 reference_label=t("money per year; line: nothing"), emphasis="is_gain")  # fmt: skip
    title = t("What the programme brings a year, if the estimate holds")
    if result.pays is not None:
        title = t("The programme pays with a chance of {pays}, if the estimate holds", pays=share(result.pays, 0))
    return Chart(key="gain_and_cost", figure=figure, title=title, data=data, alt=t("A dot with its range for the gain per year, and a dot for the cost."),
                 note=t("Only the way through the win rate is valued."))  # fmt: skip
