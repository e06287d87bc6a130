"""Which outcomes the data bear, and why not the others."""

from __future__ import annotations

from datetime import date

import pandas as pd

from workbook.analyses.alignment_impact import outcomes
from workbook.analyses.alignment_impact.outcomes import Outcome
from workbook.analyses.deals import currency_of
from workbook.text import Message, msg

ORDER = ("win_rate", "mql_to_sql", "cycle_length", "won_amount", "cac", "retention")


def outcomes_of(small: dict[str, pd.DataFrame], share: float, as_of: date) -> tuple[list[Outcome], dict[str, Message]]:
    """Return the outcomes for which there is any ended case, and why others cannot be had; money only in one currency."""
    deals, leads = small["deals"], small["leads"]
    found: list[Outcome | None] = []
    impossible: dict[str, Message] = {}
    if len(deals) and deals["days"].notna().any():
        found += [outcomes.win_rate(deals, share, as_of), outcomes.cycle_length(deals, share, as_of)]
        won = deals[deals["status"] == "won"]
        currency = currency_of(won, "amount_count")
        if currency.refused is not None:
            impossible["won_amount"] = currency.refused
        elif won["amount_count"].sum():
            found.append(outcomes.won_amount(deals, share, as_of))
        found.append(_cac(deals, small["spend"], (share, as_of), impossible))
    if len(leads) and leads["days"].notna().any():
        found.append(outcomes.mql_to_sql(leads, share, as_of))
    if len(small["buyers"]):
        found.append(outcomes.retention(small["buyers"], as_of))
        if found[-1] is None:
            impossible["retention"] = msg("customers buy too irregularly for a share who buy again in the next quarter, half-year or year")
    kept = {outcome.kpi: outcome for outcome in found if outcome is not None}
    return [kept[kpi] for kpi in ORDER if kpi in kept], impossible


def _cac(deals: pd.DataFrame, spend: pd.DataFrame, when: tuple[float, date], impossible: dict[str, Message]) -> Outcome | None:
    if spend.empty:
        return None
    listed = spend[spend["is_listed"].astype(bool)]
    if listed.empty:
        impossible["cac"] = msg("the spending is not split by unit; enter the unit in the column region")
        return None
    currency = currency_of(listed, "rows_count")
    if currency.refused is not None:
        impossible["cac"] = currency.refused
        return None
    return outcomes.cac(deals, spend, *when) if deals["customers_count"].sum() else None
