"""Figures on lost deals. None where there is nothing to show."""

from __future__ import annotations

from workbook.analyses.competitors.loss_reasons import LossReasonsResult
from workbook.show import Chart, canvas, dot_interval
from workbook.text import t


def loss_reasons(result: LossReasonsResult) -> Chart | None:
    """Share of the lost deals per reason, with intervals."""
    if result.by_reason is None:
        return None
    data = result.by_reason[["reason", "lost_share", "low", "high", "lost_count"]]
    figure, ax = canvas()
    dot_interval(ax, data, label="reason", value="lost_share", low="low", high="high", n="lost_count", quantity=t("Share of the lost deals with a reason"))
    alt = t("Share of the lost deals with a recorded reason, per reason, with interval.")
    return Chart(key="loss_reasons", figure=figure, title=_reasons_title(result), alt=alt, data=data)


def _reasons_title(result: LossReasonsResult) -> str:
    assert result.by_reason is not None
    first = str(result.by_reason["reason"].iloc[0])
    if result.is_first_reliable:
        return t("Named most as the reason of a loss: {reason}.", reason=first)
    return t("No reason of a loss is reliably ahead of the others.")
