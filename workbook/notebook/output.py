"""What a notebook shows: paragraphs of a result's words, figures and tables, each with a plain-text twin."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd

from workbook.kpis import KPIS
from workbook.results import Action, Result
from workbook.show import Card, Chart, TableView, escape_html, png
from workbook.text import Span, day, estimated, render, sentence, t


def publish(bundle: dict[str, Any], metadata: dict[str, Any]) -> None:
    """Send one output to the notebook. bundle: MIME type → content."""
    from IPython.display import display

    display(bundle, metadata=metadata, raw=True)


def say_html(html: str) -> None:
    """Show HTML, and its words as plain text."""
    import re
    from html import unescape

    publish({"text/html": html, "text/plain": unescape(re.sub(r"<[^>]+>", "", html))}, {})


def say(words: str, style: str) -> None:
    """Show one paragraph. style: its CSS classes."""
    say_html(f'<p class="{style}">{escape_html(words)}</p>')


def say_result(result: Result) -> None:
    """Say the finding in words, or why there is none; what it does not show; what to do, or why nothing follows."""
    if result.refused is not None:
        say(t("Cannot be answered with these data: {why}", why=result.refused), "refused")
    if result.finding is not None:
        say(render(result.finding), f"finding {result.certainty}")
    if result.limits:
        items = "".join(f"<li>{escape_html(render(limit))}</li>" for limit in result.limits)
        say_html(f'<ul class="limits">{items}</ul>')
    for check in result.checks:
        if check.status in ("review", "fail") and check.reason != result.finding:
            say(sentence(render(check.reason)), f"check {check.status}")
    for action in result.actions:
        say(action_in_words(action), "action")
    if not result.actions and result.no_action is not None:
        say(sentence(t("Nothing to do follows from this: {why}", why=result.no_action)), "action none")


def show_cards(cards: tuple[Card, ...]) -> None:
    """Show cards side by side."""
    for card in cards:
        publish({"text/html": card.html(), "text/plain": card.text()}, {})


def show_chart(chart: Chart) -> None:
    """Show a figure below its title, with what it draws as text, and its small print."""
    title = chart.title.rstrip(".")  # a heading, though it is a sentence
    say(title, "figure-title")
    plain = f"{title}\n{_round(chart.data).to_string(index=False, max_rows=60)}"
    image = png(chart.figure)
    width = int(chart.figure.get_figwidth() * 100)
    metadata = {"image/png": {"alt": f"{title}. {chart.alt}", "width": width}}
    publish({"image/png": image, "text/plain": plain}, metadata)
    if chart.note:
        say(chart.note, "note")


def show_table(view: TableView) -> None:
    """Show a table below its title, and how many rows its file holds beyond it."""
    say(view.title, "table-title")
    publish({"text/html": view.html(), "text/plain": view.text()}, {})
    hidden = len(view.data) - view.max_rows
    note = view.note + (" " + t("{n} more rows are in the table's file.", n=hidden) if hidden > 0 else "")
    if note:
        say(note.strip(), "note")


def action_in_words(action: Action) -> str:
    """Return what to do, who does it by when, the KPI that shows whether it worked, and what it is worth, where known."""
    what = render(action.what).rstrip(".")
    parts: dict[str, Any] = {"what": what, "who": action.owner_role, "due": day(action.due_on), "kpi": KPIS[action.watch_kpi].name}
    if action.value is None:
        return t("{what} – {who}, by {due}; watch: {kpi}; not valued in money: the data do not tell what it would change.", **parts)
    amount = estimated(action.value, action.currency)
    between = Span(estimated(action.low, action.currency), estimated(action.high, action.currency))
    return t("{what} – {who}, by {due}; watch: {kpi}; at stake per year: {worth} (range {between}).", worth=amount, between=between, **parts)


def _round(data: pd.DataFrame) -> pd.DataFrame:
    """Round for the text twin of a figure: four significant digits are what an eye reads off a chart."""

    def short(value: object) -> object:
        if isinstance(value, float):
            return f"{value:.4g}"
        return value.date() if isinstance(value, datetime) else value

    return data.map(short)
