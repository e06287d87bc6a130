"""The same opportunity in two CRMs: same company, same title, and same day of creation or same amount."""

from __future__ import annotations

from typing import Any

import pandas as pd

from workbook.frames import FRAMES
from workbook.sources.assemble import Frames
from workbook.sources.ledger import Ledger
from workbook.sources.merge import note_merged
from workbook.sources.names import normalise
from workbook.sources.references import apply_alias
from workbook.text import msg


def merge_twins(frames: Frames, newness: dict[str, Any], ledger: Ledger) -> None:
    """Merge opportunities that two CRMs carry; what one lacks the other fills. References follow."""
    if "opportunities" not in frames:
        return
    data = frames.data["opportunities"]
    if data["crm"].nunique() < 2:
        return
    pairs = _pairs(data, newness)
    if not pairs:
        return
    declared = [column for column in FRAMES["opportunities"].names if column != "opportunity_id"]
    filled = [*declared, *frames.attributes["opportunities"]]
    alias: dict[str, str] = {}
    for gone, kept in pairs:
        alias[str(data.at[gone, "opportunity_id"])] = str(data.at[kept, "opportunity_id"])
        name = str(data.at[kept, "name"])
        note_merged(data, (gone, kept), ("opportunities", name, msg("the same opportunity in another CRM")), ledger)
    lost, stay = [gone for gone, _ in pairs], [kept for _, kept in pairs]
    for column in filled:
        before = data.loc[stay, column]
        after = before.where(before.notna(), data.loc[lost, column].set_axis(stay))
        data.loc[stay, column] = after
    frames.data["opportunities"] = data.drop(index=lost).reset_index(drop=True)
    apply_alias(frames, "opportunities", alias)
    message = msg("{n} opportunities stood in two CRMs and were merged", n=len(pairs))
    ledger.flag("opportunities in two CRMs", "opportunities.opportunity_id", message, count=len(pairs))


def _pairs(data: pd.DataFrame, newness: dict[str, Any]) -> list[tuple[Any, Any]]:
    """Return (index that goes, index that stays); each row is in one pair at most."""
    title = data["name"].map(normalise, na_action="ignore")
    day = data["created_on"].dt.strftime("%Y-%m-%d")
    amount = data["amount"].map(lambda v: f"{v:.2f}", na_action="ignore")
    pairs: list[tuple[Any, Any]] = []
    used: set[Any] = set()
    for third in (day, amount):
        key = data["account_id"].astype("str").str.cat([title.astype("str"), third.astype("str")], sep="\x1f")
        groups = data.assign(_key=key).dropna(subset=["_key"])
        groups = groups[groups["_key"].duplicated(keep=False) & ~groups.index.isin(list(used))]
        for _, group in groups.groupby("_key", sort=False):
            by_crm = [part for _, part in group.groupby("crm", sort=False)]
            if len(by_crm) < 2:
                continue
            first, *others = sorted(by_crm, key=lambda part: newness.get(part["source_file"].iloc[0], ()), reverse=True)
            for other in others:
                for kept, gone in zip(first.index, other.index, strict=False):
                    pairs.append((gone, kept))
                    used |= {gone, kept}
    return pairs
