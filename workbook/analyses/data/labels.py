"""What columns of the opportunities are called in tables and sentences; the firm's own keep theirs."""

from __future__ import annotations

from workbook.text import Message, msg

LABELS: dict[str, Message] = {
    "account_id": msg("Customer"),
    "owner_id": msg("Owner"),
    "product_id": msg("Product"),
    "product": msg("Product"),
    "lead_id": msg("Lead"),
    "name": msg("Title"),
    "region": msg("Region"),
    "segment": msg("Segment"),
    "pipeline": msg("Pipeline"),
    "stage": msg("Stage"),
    "created_on": msg("Created on"),
    "expected_close_on": msg("Expected close"),
    "closed_on": msg("Closed on"),
    "amount": msg("Amount"),
    "currency": msg("Currency"),
    "discount_share": msg("Discount"),
    "probability": msg("Probability"),
    "source": msg("Source"),
    "competitor": msg("Competitor"),
    "loss_reason": msg("Loss reason"),
    "business_type": msg("New business or expansion"),
    "is_marketing_sourced": msg("Marketing-sourced"),
}


def label(column: str) -> Message | str:
    """Return a column's name as shown; the firm's own names lose their underscores."""
    return LABELS.get(column) or column.replace("_", " ").strip().capitalize()


STATUS_LABELS: dict[str, Message] = {
    "won": msg("Won"),
    "lost": msg("Lost"),
    "no_decision": msg("No decision"),
    "open": msg("Open"),
}
