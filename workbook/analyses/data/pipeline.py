"""What is open today, how much of it is overdue, and how much is older than any deal needed to close.

The open pipeline is the sum of the amounts of open deals on the reporting date. Overdue: the expected close lies before
that date. Stale: open for longer than any deal needed to be won or lost. Deals without an amount are counted, not
valued. A total has no interval: nothing is estimated.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import Field

from workbook.analyses.data.timing import with_durations, with_longest_cycle
from workbook.analyses.deals import Currency, currency_of
from workbook.params import Params, Share
from workbook.results import Action, Check, Headline, Result, Status
from workbook.text import Message, msg, nmsg, share

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "D1"
NO_INTERVAL = msg("a total, not an estimate")


class PipelineParams(Params):
    """Shares of the open deals above which a check asks for review, and the days given for the actions."""

    overdue_max_share: Share = 0.1
    stale_max_share: Share = 0.1
    amount_missing_max_share: Share = 0.1
    action_days: int = Field(default=30, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineResult(Result):
    """The open deals.

    by_state: one row per state (all, overdue, stale, without_amount): deals_count, amount. by_stage: one row per stage:
    deals_count, overdue_count, stale_count, overdue_only_count (not stale), without_amount_count, amount. overdue_count, stale_count: None where the dates
    are not recorded. Amounts are null where currencies are mixed.
    """

    by_state: pd.DataFrame | None = None
    by_stage: pd.DataFrame | None = None
    open_count: int = 0
    overdue_count: int | None = None
    stale_count: int | None = None
    currency: str | None = None


def aggregate(opportunities: Table, params: PipelineParams, *, as_of: date) -> Table:
    """Count and add open deals per stage, currency, overdue and stale (null: unknown). Lazy."""
    import ibis

    timed = with_longest_cycle(with_durations(opportunities, as_of))
    marked = timed.filter(timed.status == "open").mutate(
        is_overdue=lambda t: t.expected_close_on < ibis.date(as_of),
        is_stale=lambda t: t.age_days > t.longest_days,
    )
    return marked.group_by(["stage", "currency", "is_overdue", "is_stale"]).agg(
        deals_count=marked.count(),
        amount_count=marked.known_amount.count(),
        amount=marked.known_amount.sum(),
    )


def analyse(small: pd.DataFrame, params: PipelineParams, *, as_of: date) -> PipelineResult:
    """Turn the counted open deals into totals, checks and actions. Pure."""
    rows = small.assign(amount=small["amount"].astype(float).fillna(0.0))
    n, valued = int(rows["deals_count"].sum()), int(rows["amount_count"].sum())
    currency = currency_of(rows, "amount_count")
    if currency.refused is not None or not valued:
        rows = rows.assign(amount=float("nan"))
    overdue, stale = _flagged(rows, "is_overdue"), _flagged(rows, "is_stale")
    headline = _headline(rows, n, valued, currency)
    return PipelineResult(
        headlines=(headline,),
        checks=_checks((n, valued, overdue, stale), params),
        actions=_actions((n, valued, overdue, stale), params, as_of),
        finding=_finding(headline, (n, valued, overdue, stale)),
        brief=_brief(headline, n, stale),
        no_action=msg("no deal is open") if n == 0 else msg("overdue deals, stale deals and missing amounts stay within the limits set"),
        limits=_limits(n, valued),
        certainty="firm" if n and valued == n else "likely",
        by_state=_by_state(rows),
        by_stage=_by_stage(rows),
        open_count=n,
        overdue_count=overdue,
        stale_count=stale,
        currency=currency.code,
    )


Counts = tuple[int, int, int | None, int | None]  # open, of which with amount, overdue, stale


def _flagged(rows: pd.DataFrame, flag: str) -> int | None:
    """Deals with the flag set; None where it is unknown for all of them."""
    if rows.empty:
        return 0
    if rows[flag].isna().all():
        return None
    return int(rows.loc[rows[flag].fillna(False).astype(bool), "deals_count"].sum())


def _headline(rows: pd.DataFrame, n: int, valued: int, currency: Currency) -> Headline:
    reason: Message = NO_INTERVAL
    value: float | None = float(rows["amount"].sum())
    if currency.refused is not None:
        value, reason = None, currency.refused
    elif n == 0:
        value, reason = None, msg("no deal is open; the export may hold closed deals only")
    elif not valued:
        value, reason = (
            None,
            nmsg("the open deal carries no amount", "none of the {n} open deals carries an amount", n),
        )
    return Headline(
        key="open_pipeline",
        kpi="open_pipeline",
        value=value,
        unit="money",
        n=valued if value is not None else n,
        currency=currency.code,
        reason=reason,
    )


def _share_check(key: str, part: int | None, n: int, limit: float, reason: tuple[Message, Message]) -> Check:
    """A claim that at most `limit` of the open deals have a fault. reason: where known, where not."""
    if part is None or n == 0:
        unknown = reason[1] if n else msg("No deal is open.")
        return Check(key=key, status="not_applicable", reason=unknown)
    status: Status = "pass" if part <= limit * n else "review"
    return Check(key=key, status=status, reason=reason[0])


def _checks(counts: Counts, params: PipelineParams) -> tuple[Check, ...]:
    n, valued, overdue, stale = counts
    return (
        _share_check("expected_closes_lie_ahead", overdue, n, params.overdue_max_share, (
            msg("{part} of {n} open deals should have closed before the reporting date.", part=overdue, n=n),
            msg("Open deals carry no expected close; what is overdue cannot be seen."),
        )),
        _share_check("pipeline_is_alive", stale, n, params.stale_max_share, (
            msg("{part} of {n} open deals are older than any deal needed to close.", part=stale, n=n),
            msg("Without creation and closing dates nobody can see which open deals are dead."),
        )),
        _share_check("open_deals_carry_an_amount", n - valued, n, params.amount_missing_max_share, (
            msg("{part} of {n} open deals carry no amount.", part=n - valued, n=n), msg("No deal is open."),
        )),
    )  # fmt: skip


def _actions(counts: Counts, params: PipelineParams, as_of: date) -> tuple[Action, ...]:
    """Actions that a check supports. None has a value in money: what dead deals are worth cannot be known."""
    n, valued, overdue, stale = counts
    due = as_of + timedelta(days=params.action_days)
    wanted = (
        (stale, params.stale_max_share, "clear_stale_deals", nmsg(
            "Decide on the one open deal that is older than any deal needed to close: close it, or agree a dated next step.",
            "Decide on the {n} open deals that are older than any deal needed to close: close them, or agree a dated next step.",
            stale or 0,
        ), msg("head of sales")),
        (overdue, params.overdue_max_share, "renew_expected_closes", nmsg(
            "Set a new expected close for the one overdue open deal, or close it.",
            "Set a new expected close for the {n} overdue open deals, or close them.",
            overdue or 0,
        ), msg("sales team leads")),
        (n - valued, params.amount_missing_max_share, "enter_amounts_of_open_deals", nmsg(
            "Enter the amount of the one open deal that has none; make it a required field from proposal on.",
            "Enter the amounts of the {n} open deals that have none; make it a required field from proposal on.",
            n - valued,
        ), msg("sales operations")),
    )  # fmt: skip
    return tuple(
        Action(
            key=key,
            what=what,
            owner_role=role,
            due_on=due,
            watch_kpi="open_pipeline",
            evidence=("open_pipeline",),
        )
        for part, limit, key, what, role in wanted
        if part is not None and part > limit * n
    )


def _finding(headline: Headline, counts: Counts) -> Message:
    n, valued, overdue, stale = counts
    if n == 0:
        return msg("No deal is open; the export may hold closed deals only.")
    beside = _beside(n, overdue, stale)
    if headline.value is None:
        return msg(
            "{n} deals are open{beside}; their value cannot be given: {reason}.",
            n=n,
            beside=beside,
            reason=headline.reason,
        )
    return msg(
        "{n} deals are open, worth {amount} as far as {valued} of them carry an amount{beside}.",
        n=n,
        amount=headline.quantity,
        valued=valued,
        beside=beside,
    )


def _brief(headline: Headline, n: int, stale: int | None) -> Message | None:
    if n == 0 or headline.value is None:
        return None
    if not stale:
        return nmsg("{n} deal worth {amount} is open.", "{n} deals worth {amount} are open.", n, amount=headline.quantity)
    return nmsg(
        "{all} deals worth {amount} are open; {n} of them is older than any deal ever needed to close.",
        "{all} deals worth {amount} are open; {n} of them are older than any deal ever needed to close.",
        stale,
        all=n,
        amount=headline.quantity,
    )


def _beside(n: int, overdue: int | None, stale: int | None) -> Message | str:
    if overdue is not None and stale is not None:
        return msg(
            "; {overdue} are overdue and {stale} stale",
            overdue=share(overdue / n, 0),
            stale=share(stale / n, 0),
        )
    if overdue is not None:
        return msg("; {overdue} are overdue", overdue=share(overdue / n, 0))
    return msg("; {stale} are stale", stale=share(stale / n, 0)) if stale is not None else ""


def _limits(n: int, valued: int) -> tuple[Message, ...]:
    if valued == n:
        return ()
    missing = nmsg(
        "{n} open deal has no amount and adds nothing to the sum.",
        "{n} open deals have no amount and add nothing to the sum.",
        n - valued,
    )
    return (missing,)


def _by_state(rows: pd.DataFrame) -> pd.DataFrame:
    states = {
        "all": rows,
        "overdue": rows[rows["is_overdue"].fillna(False).astype(bool)],
        "stale": rows[rows["is_stale"].fillna(False).astype(bool)],
    }
    table = [
        {
            "state": state,
            "deals_count": int(part["deals_count"].sum()),
            "without_amount_count": int((part["deals_count"] - part["amount_count"]).sum()),
            "amount": part["amount"].sum(skipna=False) if len(part) else float("nan"),
        }
        for state, part in states.items()
    ]
    return pd.DataFrame(table)


def _by_stage(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per stage, most deals first; a missing stage is its own row."""
    is_overdue, is_stale = (rows[flag].fillna(False).astype(bool) for flag in ("is_overdue", "is_stale"))
    flagged = rows.assign(
        overdue_count=rows["deals_count"].where(is_overdue, 0),
        stale_count=rows["deals_count"].where(is_stale, 0),
        overdue_only_count=rows["deals_count"].where(is_overdue & ~is_stale, 0),
        without_amount_count=rows["deals_count"] - rows["amount_count"],
        stage=rows["stage"].astype(object).where(rows["stage"].notna(), None),
    )
    columns = [
        "deals_count",
        "overdue_count",
        "stale_count",
        "overdue_only_count",
        "without_amount_count",
        "amount",
    ]
    stages = flagged.groupby("stage", dropna=False)[columns].sum(min_count=1).reset_index()
    stages["stage"] = stages["stage"].astype(object).where(stages["stage"].notna(), None)
    return stages.sort_values(["deals_count", "stage"], ascending=[False, True], ignore_index=True)
