"""The same thing in two CRMs: an opportunity by company, title and day or amount, a lead by its e-mail address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from workbook.frames import FRAMES
from workbook.sources.assemble import Frames
from workbook.sources.ledger import Ledger
from workbook.sources.merge import fill_from, note_merged
from workbook.sources.names import normalise
from workbook.sources.references import apply_alias
from workbook.text import Message, msg

Pairs = list[tuple[Any, Any]]


def merge_twins(frames: Frames, newness: Mapping[str, Any], ledger: Ledger) -> None:
    """Merge opportunities and leads that two CRMs carry; what one lacks the other fills. References follow."""
    if "opportunities" in frames and frames.data["opportunities"]["crm"].nunique() > 1:
        pairs = _deal_pairs(frames.data["opportunities"], newness)
        message = msg("{n} opportunities stood in two CRMs and were merged", n=len(pairs))
        _merge(frames, "opportunities", (pairs, message), ledger)
    if "leads" in frames and frames.data["leads"]["crm"].nunique() > 1:
        leads = frames.data["leads"]
        pairs = _pairs(leads, leads["email"].str.strip().str.lower(), newness)
        message = msg("{n} leads stood in two CRMs and were merged", n=len(pairs))
        _merge(frames, "leads", (pairs, message), ledger)


def _merge(frames: Frames, name: str, what: tuple[Pairs, Message], ledger: Ledger) -> None:
    pairs, message = what
    if not pairs:
        return
    data, key = frames.data[name], FRAMES[name].key[0]
    reason = msg("the same {frame} in another CRM", frame=name)
    note_merged(data, pairs, (name, key, reason), ledger)
    fill_from(data, pairs, [column for column in (*FRAMES[name].names, *frames.attributes[name]) if column != key])
    gone, kept = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    alias = dict(zip(data.loc[gone, key].astype(str), data.loc[kept, key].astype(str), strict=True))
    frames.data[name] = data.drop(index=gone).reset_index(drop=True)
    apply_alias(frames, name, alias)
    ledger.flag(f"{name} in two CRMs", f"{name}.{key}", message, count=len(pairs))


def _deal_pairs(data: pd.DataFrame, newness: Mapping[str, Any]) -> Pairs:
    """Return twins by the day of creation, then, among what is left, by the amount."""
    title = data["name"].map(normalise, na_action="ignore").astype("str")
    base = data["account_id"].astype("str").str.cat(title, sep="\x1f")
    day = data["created_on"].dt.strftime("%Y-%m-%d").astype("str")
    pairs = _pairs(data, base.str.cat(day, sep="\x1f"), newness)
    used = {index for pair in pairs for index in pair}
    rest = data[~data.index.isin(list(used))]
    amount = rest["amount"].map(lambda value: f"{value:.2f}", na_action="ignore").astype("str")
    return pairs + _pairs(rest, base[rest.index].str.cat(amount, sep="\x1f"), newness)


def _pairs(data: pd.DataFrame, key: pd.Series[Any], newness: Mapping[str, Any]) -> Pairs:
    """Return (index that goes, index that stays) of rows of different CRMs with the same key; the newest file's stays.

    The n-th row of a key in one CRM is the twin of the n-th in the other; rows of one CRM are never merged.
    """
    some = pd.DataFrame({"key": key, "crm": data["crm"]}).dropna()
    if some.empty:
        return []
    order = data["source_file"].map({file: rank for rank, file in enumerate(sorted(newness, key=lambda f: newness[f]))})
    some["order"] = -order[some.index]
    some["nth"] = some.groupby(["key", "crm"]).cumcount()
    some = some.sort_values("order", kind="stable")
    some["stays"] = some.index
    first = some.groupby(["key", "nth"])["stays"].transform("first")
    goes = some.index[first != some["stays"]]
    return list(zip(goes, first[goes], strict=True))
