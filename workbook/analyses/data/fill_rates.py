"""How completely are the opportunities filled in, and does that depend on how the deal ended?

Fill rate: share of deals that carry a value, by outcome; an amount of zero or less is not a value. A field filled in more
often for one outcome looks like a cause of it without being one. Tested per field on won against lost deals: chi-square
(Fisher's exact test where cases are few), and with errors by owner, as some fill in everything and win much without the one
being due to the other; the larger p-value counts, under false-discovery control. Fields that belong to one outcome by their nature,
such as the loss reason or the lead it came from, are shown and not tested.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
from pydantic import Field

from workbook.analyses.data.attributes import own_attributes
from workbook.analyses.data.labels import label
from workbook.frames import FRAMES
from workbook.params import Params, Share
from workbook.results import Action, Check, Result
from workbook.stats.heterogeneity import association_2x2, clustered_association
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.text import Message, msg, nmsg, share

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "T1"
STATUSES = ("won", "lost", "no_decision", "open")
ONE_SIDED = ("closed_on", "expected_close_on", "loss_reason", "probability", "stage", "lead_id")
NOT_FIELDS = ("opportunity_id", "status", "currency")


class FillRatesParams(Params):
    """complete_min_share: below it a recorded field is incomplete. action_days: given for the actions."""

    complete_min_share: Share = 0.9
    reasons_min_share: Share = Field(default=0.8, description="of lost deals that should name a reason and a competitor")
    false_discovery_rate: Share = 0.05
    action_days: int = Field(default=90, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class FillRatesResult(Result):
    """fields: one row per column of the opportunities, in the frame's order: column, filled_share, won, lost, no_decision,
    open (fill rates, null without such deals), missing_won, missing_lost, p_value, adjusted_p, differs, is_suspect (the plain test alone), is_recorded.
    deals: status → deals.
    """

    fields: pd.DataFrame | None = None
    deals: pd.DataFrame | None = None


def aggregate(opportunities: Table, params: FillRatesParams, *, as_of: date) -> Table:
    """Count filled cells of every column. One row per owner × status; lazy."""
    import ibis

    t = opportunities
    columns = [n for n in FRAMES["opportunities"].names if n not in NOT_FIELDS] + list(own_attributes(t))
    filled = {f"filled.{name}": t[name].count() for name in columns}
    filled["filled.amount"] = ibis.ifelse(t.amount > 0, 1, 0).sum()
    return t.group_by(["owner_id", "status"]).agg(deals_count=t.count(), **filled)


def analyse(small: pd.DataFrame, params: FillRatesParams, *, as_of: date) -> FillRatesResult:
    """Turn counts into fill rates and tests. Pure."""
    counts = small.drop(columns="owner_id").groupby("status").sum().reindex(STATUSES).fillna(0).astype("int64")
    total = int(counts["deals_count"].to_numpy().sum())
    if total == 0:
        return FillRatesResult(refused=msg("there is no opportunity"), certainty="open")
    names = [name.removeprefix("filled.") for name in counts.columns if name.startswith("filled.")]
    fields = pd.DataFrame([_row(name, counts, small) for name in names])
    fields["adjusted_p"] = benjamini_hochberg(fields["p_value"])
    fields["differs"] = fields["adjusted_p"] < params.false_discovery_rate
    fields["is_suspect"] = benjamini_hochberg(fields.pop("plain_p")) < params.false_discovery_rate
    fields["is_recorded"] = fields["filled_share"] > 0
    lost = int(counts["deals_count"]["lost"])
    return FillRatesResult(
        checks=(_complete_check(fields, params), _outcome_check(fields), *_field_checks(fields)),
        actions=_actions(fields, lost, params, as_of),
        finding=_finding(fields),
        no_action=msg("the fields that matter are filled in alike on won and lost deals"),
        limits=(msg("A filled field is not yet a true one; only completeness is measured here."),),
        certainty="firm",
        fields=fields,
        deals=counts["deals_count"].rename_axis("status").reset_index(),
    )


def _row(name: str, counts: pd.DataFrame, small: pd.DataFrame) -> dict[str, Any]:
    filled, deals = counts[f"filled.{name}"], counts["deals_count"]
    missing = deals - filled
    rates = {status: filled[status] / deals[status] if deals[status] else float("nan") for status in STATUSES}
    tested = name not in ONE_SIDED and filled.sum() > 0
    p_value, plain_p = _p_values(f"filled.{name}", small) if tested else (float("nan"), float("nan"))
    return {
        "column": name, "filled_share": filled.sum() / deals.sum(), **rates, "missing_won": int(missing["won"]),
        "missing_lost": int(missing["lost"]), "p_value": p_value, "plain_p": plain_p,
    }  # fmt: skip


def _p_values(column: str, small: pd.DataFrame) -> tuple[float, float]:
    """Of equal fill rates on won and lost deals: the harder of two tests, deals independent or alike by owner; and the first alone.

    A difference is stated by the harder one. The plain one is enough for a warning, which costs less than a missed trap.
    """
    parts = [small[small["status"] == status].groupby("owner_id", dropna=False)[[column, "deals_count"]].sum() for status in ("won", "lost")]
    won, lost = (part.sum() for part in parts)
    plain = association_2x2([[part["deals_count"] - part[column], part[column]] for part in (won, lost)]).p_value
    by_owner = clustered_association(pd.concat(parts, axis=1).fillna(0.0)).p_value
    return (plain if by_owner != by_owner else max(plain, by_owner)), plain


def _complete_check(fields: pd.DataFrame, params: FillRatesParams) -> Check:
    recorded = fields[fields["is_recorded"] & ~fields["column"].isin(ONE_SIDED)]
    gaps = recorded[recorded["filled_share"] < params.complete_min_share]
    key = "recorded_fields_are_complete"
    if gaps.empty:
        return Check(key=key, status="pass", reason=msg("Every field in use is filled in on nearly all deals."))
    reason = msg(
        "Filled in on less than {least} of the deals: {columns}.",
        least=share(params.complete_min_share, 0),
        columns=tuple(label(name) for name in gaps["column"]),
    )
    return Check(key=key, status="review", reason=reason)


def _outcome_check(fields: pd.DataFrame) -> Check:
    key, tested = "fields_are_filled_alike_for_won_and_lost", int(fields["p_value"].notna().sum())
    if tested == 0:
        reason = msg("No field has gaps on won and lost deals that could be compared.")
        return Check(key=key, status="not_applicable", reason=reason)
    n = int(fields["differs"].sum())
    reason = _alike_or_not(n, tested)
    return Check(key=key, status="review" if n else "pass", reason=reason)


def _alike_or_not(n: int, tested: int) -> Message:
    if tested == 1 and n:
        return msg("The one field with gaps is filled in more often for one outcome than chance explains.")
    if tested == 1:
        return msg("The one field with gaps is filled in alike for both outcomes, as far as chance lets one tell.")
    return nmsg(
        "{n} of {tested} fields with gaps is filled in more often for one outcome than chance explains.",
        "{n} of {tested} fields with gaps are filled in more often for one outcome than chance explains.",
        n,
        tested=tested,
    )


def _field_checks(fields: pd.DataFrame) -> tuple[Check, ...]:
    return tuple(
        Check(
            key=f"filled_alike_for_won_and_lost.{row['column']}",
            status="review",
            reason=msg(
                "{column} is filled in on {won} of the won and {lost} of the lost deals; a win rate by it may mislead.",
                column=label(row["column"]),
                won=share(row["won"]),
                lost=share(row["lost"]),
            ),
        )
        for row in fields[fields["differs"] | fields["is_suspect"]].to_dict("records")
    )


def _actions(fields: pd.DataFrame, lost: int, params: FillRatesParams, as_of: date) -> tuple[Action, ...]:
    """Ask for the loss reason and the competitor at close where lost deals lack them."""
    filled = fields.set_index("column")["lost"].fillna(1.0)
    due = as_of + timedelta(days=params.action_days)
    wanted = (
        ("loss_reason", "record_loss_reason_at_close", msg(
            "Make the loss reason a required field when a deal is closed as lost; today {share} of the lost deals name one.",
            share=share(float(filled["loss_reason"]), 0),
        )),
        ("competitor", "record_competitor_at_close", msg(
            "Make the competitor (or “none”) a required field when a deal is closed; today {share} of the lost deals name one.",
            share=share(float(filled["competitor"]), 0),
        )),
    )  # fmt: skip
    missing = tuple((key, what) for column, key, what in wanted if lost and filled[column] < params.reasons_min_share)
    return tuple(
        Action(key=key, what=what, owner_role=msg("sales operations"), due_on=due, watch_kpi="win_rate", evidence=("win_rate",))
        for key, what in (*missing, *_earlier(fields))
    )


def _earlier(fields: pd.DataFrame) -> tuple[tuple[str, Message], ...]:
    """Ask for fields whose filling follows the outcome to be filled in before there is one."""
    names = tuple(label(name) for name in fields.loc[fields["differs"] & (fields["column"] != "competitor"), "column"])
    if not names:
        return ()
    what = msg("Have {fields} filled in when a deal is created, not when it ends; until then they are in no score and no comparison.", fields=names)
    return (("fill_in_at_creation", what),)


def _finding(fields: pd.DataFrame) -> Message:
    used, all_ = int(fields["is_recorded"].sum()), len(fields)
    differing = tuple(label(name) for name in fields.loc[fields["differs"], "column"])
    if not differing:
        return msg(
            "{used} of {all} fields are in use; none is filled in reliably more often for one outcome.",
            used=used,
            all=all_,
        )
    return msg(
        "{used} of {all} fields are in use; filled in more often for one outcome: {fields}.",
        used=used,
        all=all_,
        fields=differing,
    )
