"""Ideal customer profile and segmentation: which leads and companies to win, who the best customers are, who is alike."""

from workbook.analyses import Opening, by_name

__getattr__ = by_name(__name__)

OPENING = (
    Opening("customer_marks", ("accounts", "opportunities", "invoices"), ("accounts", "opportunities.account_id"), "marks"),
    Opening("value", ("invoices", "opportunities", "accounts"), ("opportunities.account_id",), "value"),
    Opening("lead_score", ("leads", "opportunities", "accounts"), ("leads",), "score_bands"),
    Opening("needs", ("opportunities", "accounts"), ("opportunities.account_id", "accounts.needs"), "needs"),
    Opening("best_customers", ("opportunities", "accounts", "invoices"), ("opportunities.account_id",), "concentration"),
    Opening("lead_conversion", ("leads", "opportunities"), ("leads",), "lead_curve"),
)
