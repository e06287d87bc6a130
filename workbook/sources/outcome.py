"""An opportunity's status and its dates, from whatever the CRM carries: status, flags, dates, stage, probability.

On an open opportunity the close date is the expected one; on a closed one it is the day of the close.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from workbook.sources.as_of import newest_of
from workbook.sources.ledger import Ledger
from workbook.sources.names import normalise
from workbook.sources.recognise import Assignment
from workbook.sources.record import StageRecord
from workbook.sources.vocabulary import status_of
from workbook.sources.yes_or_no import TOLD_BY, Marks, read_marks


def with_outcome(data: pd.DataFrame, assignment: Assignment, ledger: Ledger) -> pd.DataFrame:
    """Return opportunities with `status`, `closed_on`, `expected_close_on`; helpers are used up. Pure but for the notes.

    assignment: its mapping states the firm's own stages → status.
    """
    data = data.copy()
    own = {normalise(stage): note.status for stage, note in assignment.mapping.stages.items() if not note.assumed}
    explicit = _meaning(data, "status", own)
    reason = _meaning(data, "status_reason", {})
    column = "stage" if "stage" in data else "status"
    known = _meaning(data, column, own)
    by_stage = _stage_status(data, column, known)
    said = _said(data, explicit, by_stage)
    said = _read_no(data, (said, by_stage, known), assignment, ledger)
    status = _combine(data, bool(explicit.notna().any()), said, by_stage)
    _note_stages(_text(data, column), known, by_stage.where(said.isna() & (status == by_stage)), ledger)
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


def _stage_status(data: pd.DataFrame, column: str, known: pd.Series[Any]) -> pd.Series[Any]:
    """Return the status of each row's stage; an unknown stage is open unless its probability is always 100 or 0 %."""
    stage = _text(data, column)
    probability = data["probability"] if "probability" in data else pd.Series(float("nan"), index=data.index)
    unknown = stage[known.isna()].dropna().unique()
    found = {str(name): stage_meaning(_only(probability[stage == name])) or "open" for name in unknown}
    return known.where(known.notna(), stage.map(found, na_action="ignore")).astype("str")


def _note_stages(stage: pd.Series[Any], known: pd.Series[Any], decided: pd.Series[Any], ledger: Ledger) -> None:
    """Note what stages mean, the commonest first; of unknown ones only those that decided what their deals are, and on how many.

    decided: the status that the stage gave the row; missing where something else did.
    """
    for name, count in stage.value_counts().items():
        rows = stage == name
        meaning, given = known[rows].iloc[0], decided[rows].dropna()
        if pd.notna(meaning):
            ledger.stages.append(StageRecord(stage=str(name), status=str(meaning), count=int(count), is_known=True))
        elif len(given):
            ledger.stages.append(StageRecord(stage=str(name), status=str(given.iloc[0]), count=len(given), is_known=False))


def _only(probability: pd.Series[Any]) -> float | None:
    """Return the one probability that there is, or None."""
    filled = probability.dropna()
    return float(filled.iloc[0]) if filled.nunique() == 1 else None


def stage_meaning(probability: float | None) -> str | None:
    """Return what a stage means whose deals all have one probability (None: several or none), or None where that says nothing."""
    return None if probability is None else {1.0: "won", 0.0: "lost"}.get(probability)


def _flag(data: pd.DataFrame, column: str) -> pd.Series[Any]:
    return data[column] if column in data else pd.Series(pd.NA, index=data.index, dtype="boolean")


def _said(data: pd.DataFrame, explicit: pd.Series[Any], by_stage: pd.Series[Any]) -> pd.Series[Any]:
    """Return what a status column and flags say of each row, the strongest evidence first; missing where they say nothing."""
    is_won, is_lost, is_closed = (_flag(data, column) for column in ("is_won", "is_lost", "is_closed"))
    status = explicit.copy()
    evidence = [
        (is_won & ~is_lost.fillna(False), "won"),
        (is_lost & ~is_won.fillna(False), None),
        (is_closed & ~is_won, None),
        (~is_closed, "open"),
    ]
    closed_as = _closed_as(by_stage)
    for hit, value in evidence:
        status = status.mask(status.isna() & hit.fillna(False).astype(bool), closed_as if value is None else value)
    return status


def _closed_as(by_stage: pd.Series[Any]) -> pd.Series[Any]:
    return by_stage.where(by_stage.isin(["lost", "no_decision"]), "lost")


def _read_no(data: pd.DataFrame, found: tuple[pd.Series[Any], ...], assignment: Assignment, ledger: Ledger) -> pd.Series[Any]:
    """Return what is said of each row with No under “Won” read, and note how. found: what is said, by stage, and by known stages."""
    said, by_stage, known = found
    is_won = _flag(data, "is_won")
    if not is_won.notna().any():
        return said
    is_no = (~is_won).fillna(False).astype(bool) & said.isna() & (by_stage != "won").fillna(True).astype(bool)
    is_past = _is_past(data, is_won)
    marks = Marks(
        yes=int(is_won.sum()),
        no=int(is_no.sum()),
        empty=int(is_won.isna().sum()),
        open_no=int((is_no & (known == "open")).sum()),
        lost_no=int((is_no & known.isin(["lost", "no_decision"])).sum()),
        is_told=any(column in data and data[column].notna().any() for column in TOLD_BY),
        is_staged="stage" in data or "status" in data,
        is_dated=bool((is_no & is_past.notna()).any()),
    )
    reading = read_marks(marks, assignment.table.file, assignment.found.get("is_won", "is_won"), ledger)
    if reading in ("lost", "lost if past"):
        hit = is_no if reading == "lost" else is_no & is_past.fillna(False).astype(bool)
        said = said.mask(hit, _closed_as(by_stage))
    return said


def _is_past(data: pd.DataFrame, is_won: pd.Series[Any]) -> pd.Series[Any]:
    """Tell whether a row's close has passed by the newest day of which the file speaks; missing where it has no date."""
    never = pd.Series(pd.NaT, index=data.index, dtype="datetime64[us]")
    close, closed = data.get("close_on", never), data.get("closed_on", never)
    happened = [data.get("created_on", never), closed, data.get("won_on", never), close[is_won.fillna(False).astype(bool)]]
    days = pd.concat(happened).dropna()
    if days.empty:
        return pd.Series(pd.NA, index=data.index, dtype="boolean")
    newest = pd.Timestamp(newest_of(days.value_counts().sort_index()))
    past = (closed.notna() | (close <= newest)).astype("boolean")
    return past.mask(closed.isna() & close.isna())


def _combine(data: pd.DataFrame, has_status: bool, said: pd.Series[Any], by_stage: pd.Series[Any]) -> pd.Series[Any]:
    """Take the strongest evidence: what a status column and flags say, then the stage, then the dates of outcomes."""
    is_won, is_lost = _flag(data, "is_won"), _flag(data, "is_lost")
    status = said.where(said.notna(), by_stage)
    for column, value in (("won_on", "won"), ("lost_on", "lost")):
        if column in data and not has_status:
            status = status.mask(data[column].notna() & (status.isna() | (status == "open")), value)
    is_flagged = bool(is_won.notna().any() or is_lost.notna().any())
    has_only_dates = "stage" not in data and "status" not in data and bool({"won_on", "lost_on"} & set(data.columns))
    if has_only_dates or (is_flagged and "stage" not in data):
        is_both = (is_won & is_lost).fillna(False).astype(bool)
        status = status.mask(status.isna() & ~is_both, "open")
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
