"""Tables on lost deals. None where there is nothing to show."""

from __future__ import annotations

from workbook.analyses.competitors.loss_reasons import LossReasonsResult
from workbook.show import Col, TableView, table
from workbook.text import t


def loss_reasons(result: LossReasonsResult) -> TableView | None:
    """Lost deals and lost money by reason."""
    if result.by_reason is None:
        return None
    columns = (
        Col("reason", t("Reason")), Col("lost_count", t("Lost deals"), "count"), Col("lost_share", t("Share"), "share"),
        Col("low", t("from"), "share"), Col("high", t("to"), "share"), Col("lost_amount", t("Amount lost"), "money"),
        Col("amount_share", t("Share of the money"), "share"), Col("amount_low", t("money from"), "share"), Col("amount_high", t("money to"), "share"),
    )  # fmt: skip
    return table("loss_reasons", result.by_reason, columns, t("Why deals are lost"), currency=result.currency)


def reasons_by_competitor(result: LossReasonsResult) -> TableView | None:
    """Reasons named more often against one competitor than against the others: only what survives."""
    if result.by_competitor is None:
        return None
    rows = result.by_competitor
    data = rows[rows["is_reliable"] & (rows["lost_share"] > rows["others_share"])].reset_index(drop=True)
    if data.empty:
        return None
    columns = (
        Col("competitor", t("Competitor")), Col("reason", t("Reason")), Col("lost_count", t("Lost deals"), "count"),
        Col("lost_share", t("Share"), "share"), Col("low", t("from"), "share"), Col("high", t("to"), "share"),
        Col("others_share", t("Share against the others"), "share"),
    )  # fmt: skip
    return table("reasons_by_competitor", data, columns, t("Reasons named reliably more often against a competitor"), is_grouped=True)
