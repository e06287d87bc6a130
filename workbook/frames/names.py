"""What the canonical words of the data are called in the report: tables, market measures, kinds of business.

Own words of a firm keep their name.
"""

from __future__ import annotations

from workbook.frames.catalogue import NO_COMPETITOR, UNNAMED_COMPETITOR
from workbook.text import Message, msg, render
from workbook.text.catalogue import LANGUAGES

FRAME_NAMES: dict[str, Message] = {
    "accounts": msg("Companies"),
    "opportunities": msg("Deals"),
    "products": msg("Products"),
    "stage_entries": msg("Stage history of the opportunities"),
    "leads": msg("Leads"),
    "activities": msg("Activities"),
    "contacts": msg("Contacts in deals"),
    "qualification": msg("Qualification answers"),
    "invoices": msg("Invoices"),
    "feedback": msg("Customer feedback"),
    "market": msg("Market figures"),
    "competitors": msg("Competitors"),
    "ratings": msg("Brand ratings"),
    "spend": msg("Sales and marketing spend"),
    "goals": msg("Goals"),
    "staff": msg("Sales staff"),
    "trainings": msg("Trainings"),
    "content": msg("Sales content"),
    "units": msg("Rollout of the alignment programme"),
    "survey": msg("Survey of both functions"),
}
MEASURES = (
    msg("turnover"), msg("revenue"), msg("establishments"), msg("companies"), msg("customers"), msg("units"), msg("orders"),
    msg("first purchases"), msg("employees"),
)  # fmt: skip
VALUES: dict[tuple[str, str], Message] = {
    ("business_type", "new"): msg("new customer"),
    ("business_type", "expansion"): msg("existing customer"),
    ("status", "won"): msg("won"),
    ("status", "lost"): msg("lost"),
    ("status", "no_decision"): msg("not decided"),
    ("status", "open"): msg("open"),
    ("competitor", NO_COMPETITOR): msg("no competitor"),
    ("competitor", UNNAMED_COMPETITOR): msg("competitor not named"),
}


def frame_name(frame: str) -> str:
    """Return what a frame is called in the report, in the current language."""
    return render(FRAME_NAMES[frame]) if frame in FRAME_NAMES else frame


def measure_name(measure: str) -> Message | str:
    """Return a market measure of the usual ones as a message, in whichever language the source names it; others as they are."""
    wanted = measure.strip().casefold()
    known = (name for name in MEASURES if wanted in {render(name, language).casefold() for language in LANGUAGES})
    return next(known, measure)


def value_name(column: str, value: object) -> Message | str:
    """Return a value of ours in words; the firm's own values as they are."""
    return VALUES.get((column, str(value)), str(value))
