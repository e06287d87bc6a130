"""The statements by which sales and marketing rate their alignment, in our own words, and the area each belongs to.

Each is rated 1 (does not apply) to 5 (applies fully). Four areas, five statements each, so that every area counts alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from workbook.text import Message, msg, render
from workbook.text.catalogue import LANGUAGES

Area = Literal["goals", "handover", "cooperation", "foundation"]

AREAS: dict[Area, Message] = {
    "goals": msg("Goals and figures"),
    "handover": msg("Hand-over of leads"),
    "cooperation": msg("Working together"),
    "foundation": msg("Data, customers and content"),
}


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of the self-rating. key: what the answers carry in any language."""

    key: str
    area: Area
    text: Message


STATEMENTS = (
    Statement("same_goals", "goals", msg("We pursue the same goals.")),
    Statement("same_figures", "goals", msg("We measure success by the same figures.")),
    Statement("joint_plan", "goals", msg("Our yearly plans are made together.")),
    Statement("shared_revenue", "goals", msg("Both functions answer for revenue.")),
    Statement("known_contribution", "goals", msg("We know what each function contributes to revenue.")),
    Statement("same_lead", "handover", msg("We mean the same by a qualified lead.")),
    Statement("good_leads", "handover", msg("The leads handed over are good.")),
    Statement("quick_work", "handover", msg("Leads are worked on quickly.")),
    Statement("lead_feedback", "handover", msg("We get feedback on what became of leads.")),
    Statement("kept_agreement", "handover", msg("What was agreed on the hand-over is kept.")),
    Statement("enough_meetings", "cooperation", msg("We meet often enough.")),
    Statement("joint_campaigns", "cooperation", msg("We plan campaigns together.")),
    Statement("respect", "cooperation", msg("We respect each other's work.")),
    Statement("open_conflict", "cooperation", msg("We settle disagreements openly and soon.")),
    Statement("joint_customers", "cooperation", msg("We visit customers together.")),
    Statement("same_data", "foundation", msg("Our systems show both functions the same data.")),
    Statement("same_customer", "foundation", msg("We know the same ideal customer.")),
    Statement("fitting_content", "foundation", msg("Content fits the customers' questions.")),
    Statement("used_content", "foundation", msg("Sales uses the content that marketing makes.")),
    Statement("heard_customers", "foundation", msg("What sales hears from customers reaches marketing.")),
)


def statement_of(text: str) -> Statement | None:
    """Return the statement with that key or text, in any language the workbook speaks; None: a firm's own statement."""
    wanted = _plain(text)
    for statement in STATEMENTS:
        if wanted in (statement.key, *(_plain(render(statement.text, language)) for language in LANGUAGES)):
            return statement
    return None


def statement_name(text: str) -> Message | str:
    """Return one of our statements as a message, whatever language it was asked in; a firm's own as it is."""
    statement = statement_of(text)
    return text if statement is None else statement.text


def _plain(words: str) -> str:
    return words.strip().rstrip(".").casefold()
