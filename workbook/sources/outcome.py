"""An opportunity's status and its dates, from whatever the CRM carries: status, flags, dates, stage, probability.

On an open opportunity the close date is the expected one; on a closed one it is the day of the close.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from workbook.sources.ledger import Ledger
from workbook.sources.mapping import StageNote
from workbook.sources.names import normalise
from workbook.sources.record import StageRecord
from workbook.sources.vocabulary import status_of


def with_outcome(data: pd.DataFrame, stages: Mapping[str, StageNote], ledger: Ledger) -> pd.DataFrame:
    """Return opportunities with `status`, `closed_on`, `expected_close_on`; helpers are used up. Pure but for the notes.

    stages: the firm's own stages → status, as the mapping states them.
    """
    data = data.copy()
    own = {normalise(stage): note.status for stage, note in stages.items() if not note.assumed}
    explicit = _meaning(data, "status", own)
    reason = _meaning(data, "status_reason", {})
    by_stage = _stage_status(data, own, ledger)
    status = _combine(data, explicit, by_stage)
    status = status.mask((status == "lost") & ((reason == "no_decision") | (by_stage == "no_decision")), "no_decision")
    if "stage" not in data and "status" in data:
        data["stage"] = data["status"]
    data["status"] = status
    return _amounts(_dates(data))


def with_conversion(leads: pd.DataFrame) -> pd.DataFrame:
    """Return leads whose conversion counts as acceptance by sales where the CRM keeps no date of its own for that."""
    if "converted_on" not in leads:
        return leads
    if "sql_at" not in leads or leads["sql_at"].isna().all():
        return leads.assign(sql_at=leads["converted_on"])
    return leads


def _text(data: pd.DataFrame, column: str) -> pd.Series[Any]:
    return data[column] if column in data else pd.Series(pd.NA, index=data.index, dtype="str")


def _meaning(data: pd.DataFrame, column: str, own: Mapping[str, str]) -> pd.Series[Any]:
    return _text(data, column).map(lambda cell: own.get(normalise(cell)) or status_of(cell), na_action="ignore").astype("str")


def _stage_status(data: pd.DataFrame, own: Mapping[str, str], ledger: Ledger) -> pd.Series[Any]:
    """Return the status of each row's stage; an unknown stage is open unless its probability is always 100 or 0 %."""
    column = "stage" if "stage" in data else "status"
    stage = _text(data, column)
    meaning: dict[str, str] = {}
    counts = stage.value_counts()
    probability = data["probability"] if "probability" in data else pd.Series(float("nan"), index=data.index)
    for name, count in counts.items():
        known = own.get(normalise(str(name))) or status_of(str(name))
        found = known or stage_meaning(_only(probability[stage == name]))
        meaning[str(name)] = found or "open"
        ledger.stages.append(StageRecord(stage=str(name), status=found or "open", count=int(count), is_known=known is not None))
    return stage.map(meaning, na_action="ignore").astype("str")


def _only(probability: pd.Series[Any]) -> float | None:
    """Return the one probability that there is, or None."""
    filled = probability.dropna()
    return float(filled.iloc[0]) if filled.nunique() == 1 else None


def stage_meaning(probability: float | None) -> str | None:
    """Return what a stage means whose deals all have one probability (None: several or none), or None where that says nothing."""
    return None if probability is None else {1.0: "won", 0.0: "lost"}.get(probability)


def _combine(data: pd.DataFrame, explicit: pd.Series[Any], by_stage: pd.Series[Any]) -> pd.Series[Any]:
    """Take the strongest evidence: a status column, then won and lost flags and dates, then the stage."""
    status = explicit.copy()
    empty = pd.Series(pd.NA, index=data.index, dtype="boolean")
    is_won = data.get("is_won", empty)
    is_closed = data.get("is_closed", empty)
    evidence = [
        (is_won.fillna(False).astype(bool), "won"),
        ((is_closed.fillna(False).astype(bool) & ~is_won.fillna(True).astype(bool)), None),
        ((~is_closed.fillna(True).astype(bool)), "open"),
    ]
    closed_as = by_stage.where(by_stage.isin(["lost", "no_decision"]), "lost")
    for hit, value in evidence:
        status = status.mask(status.isna() & hit, closed_as if value is None else value)
    status = status.where(status.notna(), by_stage)
    for column, value in (("won_on", "won"), ("lost_on", "lost")):
        if column in data and not explicit.notna().any():
            status = status.mask(data[column].notna() & (status.isna() | (status == "open")), value)
    has_only_dates = "stage" not in data and "status" not in data and not is_won.notna().any()
    if has_only_dates and {"won_on", "lost_on"} & set(data.columns):
        status = status.fillna("open")
    if is_won.notna().any() and "stage" not in data:
        status = status.fillna("open")
    return status


def _dates(data: pd.DataFrame) -> pd.DataFrame:
    """Split the one close date by status."""
    never = pd.Series(pd.NaT, index=data.index, dtype="datetime64[us]")
    is_open = data["status"].eq("open").fillna(False).astype(bool)
    close = data.get("close_on", never)
    by_outcome = pd.Series(never)
    if "won_on" in data:
        by_outcome = by_outcome.where(~data["status"].eq("won").fillna(False).astype(bool), data["won_on"])
    if "lost_on" in data:
        is_lost = data["status"].isin(["lost", "no_decision"])
        by_outcome = by_outcome.where(~is_lost, data["lost_on"])
    closed = by_outcome.where(by_outcome.notna(), data.get("closed_on", never))
    expected = data.get("expected_close_on", never)
    data["closed_on"] = closed.where(closed.notna(), close.where(~is_open))
    data["expected_close_on"] = expected.where(expected.notna(), close.where(is_open))
    return data


def _amounts(data: pd.DataFrame) -> pd.DataFrame:
    """Take the actual revenue of a won opportunity where the CRM carries it beside the estimate."""
    if "actual_amount" in data:
        is_won = data["status"].eq("won").fillna(False).astype(bool)
        actual = data["actual_amount"].where(is_won & data["actual_amount"].notna() & (data["actual_amount"] != 0))
        estimate = data["amount"] if "amount" in data else pd.Series(float("nan"), index=data.index)
        data["amount"] = actual.where(actual.notna(), estimate)
    return data
