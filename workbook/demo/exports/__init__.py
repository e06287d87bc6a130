"""Write the demo company as a CRM would export it: its own columns, words, numbers, dates and encoding."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal, get_args

from workbook.demo.exports import hubspot, salesforce
from workbook.demo.simulate import Company, simulate

Crm = Literal["salesforce-de", "salesforce-en", "hubspot"]
CRMS: tuple[Crm, ...] = get_args(Crm)

_WRITERS: dict[Crm, Callable[[Company, Path, bool], list[Path]]] = {
    "salesforce-de": salesforce.write_german,
    "salesforce-en": salesforce.write_english,
    "hubspot": hubspot.write,
}
# Keys of `truth["clean_headlines"]` that an export is able to give.
_DEALS = (
    "opportunity_count",
    "won_count",
    "lost_count",
    "no_decision_count",
    "open_count",
    "win_rate",
    "win_rate_amount",
    "won_amount",
    "won_amount_by_year",
    "open_pipeline",
    "open_amount_missing_count",
    "won_amount_missing_count",
    "overdue_count",
    "overdue_amount",
    "longest_cycle_days",
    "stale_open_count",
    "win_rate_if_stale_lost",
    "won_cycle_mean_days",
    "won_cycle_median_days",
    "velocity",
)
CARRIED: dict[Crm, tuple[str, ...]] = {
    "salesforce-de": (*_DEALS, "account_count", "lead_count", "sql_count"),
    "salesforce-en": (*_DEALS, "account_count", "lead_count", "sql_count"),
    "hubspot": (*_DEALS, "account_count", "lead_count", "mql_count", "sql_count", "lead_customer_count"),
}
CARRIED_BY_OPPORTUNITIES_ALONE = _DEALS


def write_export(to: Path, crm: Crm, seed: int = 7, *, only: Literal["opportunities"] | None = None) -> list[Path]:
    """Write a CRM's export files into a folder and return their paths.

    only: the opportunity file alone, without competitor and loss reason – the usual first export. The same
    deal has the same title, company name and day of creation in every CRM. Nothing in an export is dirty
    beyond its CRM's habits.
    """
    return _WRITERS[crm](simulate(seed), to, only == "opportunities")
