"""What each section of a notebook needs, and what to export where the data lack it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbook.batch.notebooks import NotebookNode
from workbook.frames import FRAMES
from workbook.results import SkippedRecord
from workbook.text import Message, msg, render, translate

if TYPE_CHECKING:
    from workbook.sources import ImportRecord

TAG = "needs:"
_IDS = re.compile(r"\b([A-Z]\d{1,2})\b")

HINTS: dict[str, Message] = {
    "accounts": msg("export the accounts (companies) from the CRM into the same folder, with industry, country and employees"),
    "opportunities": msg("export the opportunities (deals) from the CRM as CSV or Excel"),
    "opportunities.competitor": msg(
        "add a field for the main competitor to the opportunities (Salesforce: custom field “Main Competitor(s)” or “Wettbewerber”; "
        "HubSpot: deal property “Competitor”), fill it at close, and add it to the export"
    ),
    "opportunities.loss_reason": msg(
        "add the loss reason to the export (Salesforce: custom field “Loss Reason” or “Verlustgrund”; HubSpot: “Closed Lost Reason”; "
        "Pipedrive: “Lost reason”)"
    ),
    "opportunities.amount": msg("add the amount to the export and fill it on open and lost deals too"),
    "opportunities.created_on": msg("add the creation date to the export (Salesforce: “Created Date” / “Erstelldatum”)"),
    "opportunities.closed_on": msg("add the closing date to the export (Salesforce: “Close Date” / “Schlusstermin”)"),
    "opportunities.account_id": msg("add the account name to the export of the opportunities"),
    "opportunities.product_id": msg("add the product to the export of the opportunities"),
    "opportunities.discount_share": msg("add the discount on the list price, in per cent, to the export of the opportunities"),
    "opportunities.region": msg("add the sales region to the opportunities or their accounts"),
    "stage_entries": msg(
        "export the stage history (Salesforce: report type “Opportunity History”; HubSpot: columns “Date entered …”; "
        "Dynamics: business process flow)"
    ),
    "leads": msg(
        "export the leads into the same folder, with creation date, source and the deal that each became (Salesforce: “Converted Opportunity ID”) "
        "or the day it became a customer"
    ),
    "leads.mql_at": msg("add the day on which a lead became marketing-qualified (MQL) to the export of the leads"),
    "invoices": msg("export invoice lines or monthly revenue per account from the accounting system (account, date, amount, margin)"),
    "feedback": msg("export survey answers (NPS, CSAT) with account, date and score"),
    "market": msg("fill in the template market (“workbook import” writes it): year, region, segment, volume, unit, source, grade"),
    "competitors": msg("fill in the template competitors (“workbook import” writes it): kind, reach, share, price level, channels"),
    "units": msg("fill in the template units (“workbook import” writes it): the day each sales region adopted the alignment programme"),
    "survey": msg("let sales and marketing fill in the template survey (“workbook import” writes it): twenty statements, rated 1 to 5"),
    "products": msg("export the product list with families and list prices"),
    "contacts": msg("export the contact roles of the opportunities (Salesforce: “Opportunities with Contact Roles”)"),
    "activities": msg("export the activities with opportunity, type and date"),
    "ratings": msg("ask buyers with the template ratings (“workbook import” writes it): brand, attribute, score"),
    "spend": msg("fill in the template spend (“workbook import” writes it): the cost of sales and marketing per month and channel"),
}


@dataclass(frozen=True, slots=True)
class Section:
    """A level-2 section of a notebook. ids: requirement ids in its heading; cells: positions of its cells, heading first."""

    title: str
    ids: tuple[str, ...]
    needs: tuple[str, ...]
    cells: tuple[int, ...]


def sections(notebook: NotebookNode) -> list[Section]:
    """Return the sections of a notebook in order; what stands before the first level-2 heading belongs to none."""
    starts = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "markdown" and cell.source.lstrip().startswith("## ")]
    ends = [*starts[1:], len(notebook.cells)]
    return [_section(notebook, start, end) for start, end in zip(starts, ends, strict=False)]


def _section(notebook: NotebookNode, start: int, end: int) -> Section:
    heading = notebook.cells[start]
    title = heading.source.strip().splitlines()[0].lstrip("# ").strip()
    tags = heading.metadata.get("tags", [])
    needs = tuple(tag.removeprefix(TAG) for tag in tags if tag.startswith(TAG))
    return Section(title, tuple(_IDS.findall(title)), needs, tuple(range(start, end)))


def faulty_tags(notebook: NotebookNode) -> Iterator[str]:
    """Yield the needs that name no canonical frame or column."""
    for section in sections(notebook):
        for need in section.needs:
            frame, _, column = need.partition(".")
            if frame not in FRAMES or (column and column not in FRAMES[frame].names):
                yield need


def needed_frames(notebook: NotebookNode) -> tuple[str, ...]:
    """Return the frames that any section names as needed."""
    return tuple(sorted({need.partition(".")[0] for section in sections(notebook) for need in section.needs}))


def unmet(needs: tuple[str, ...], record: ImportRecord) -> tuple[str, ...]:
    """Return the needs that the imported data do not meet: frame absent, or column without a single value."""
    return tuple(need for need in needs if not _is_met(need, record))


def _is_met(need: str, record: ImportRecord) -> bool:
    frame, _, column = need.partition(".")
    held = record.frames.get(frame)
    return held is not None and held.rows > 0 and (not column or column in held.present)


def hint(need: str) -> Message:
    """Return what to export to meet a need, the column's own advice before the frame's."""
    frame, _, column = need.partition(".")
    if need in HINTS:
        return HINTS[need]
    if column:
        return msg("add “{column}” ({meaning}) to the {frame}", column=column, meaning=FRAMES[frame].column(column).description, frame=frame)
    return HINTS.get(frame, msg("import the table {frame}: {grain}", frame=frame, grain=FRAMES[frame].grain))


def computed_titles(notebook: NotebookNode, record: ImportRecord) -> tuple[str, ...]:
    """Return the titles of the sections that the data can answer, in the current language."""
    return tuple(title_of(section) for section in sections(notebook) if not unmet(section.needs, record))


def title_of(section: Section) -> str:
    """Return a section's title in the current language."""
    return translate("## " + section.title).lstrip("# ")


def skipped(section: Section, lacking: tuple[str, ...]) -> SkippedRecord:
    """Return the record of a section that cannot be computed, in the current language."""
    frames = tuple(need for need in lacking if "." not in need)
    asked = [need for need in lacking if "." not in need or need.split(".")[0] not in frames]
    return SkippedRecord(
        section=" ".join(section.ids),
        title=title_of(section),
        needs=list(lacking),
        reason=render(msg("needs {needs}", needs=lacking)),
        mend="; ".join(render(hint(need)) for need in asked),
    )
