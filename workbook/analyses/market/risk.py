"""What could hurt: changes of definition, lost shares, substitution, dependence on few customers?

Checks, not estimates. Dependence: share of the won amount held by the largest one, five and ten customers. Share losses:
the own share along
the years of the competitor data, with its range. Substitution: competitors marked as indirect.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import Field

from workbook.analyses.deals import currency_of, with_known_amount
from workbook.analyses.market_series import Series, read_series, select_rows
from workbook.analyses.market_shares import read_shares, select_competitors, share_changes
from workbook.params import Params, Share
from workbook.results import Action, Check, Result, Status
from workbook.text import Message, msg, nmsg, points, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "M7"
TOPS = (1, 5, 10)


class RiskParams(Params):
    """top_max_shares: review where the largest one, five and ten customers hold more of the won amount. loss_min_points: share
    lost (percentage points) from which it counts where too few years give no range. false_discovery_rate: of the one test,
    whether the own share falls.
    """

    top_max_shares: tuple[Share, Share, Share] = (0.15, 0.4, 0.6)
    loss_min_points: float = Field(default=0.5, ge=0)
    confidence: Share = 0.95
    false_discovery_rate: Share = 0.05
    action_days: int = Field(default=90, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskResult(Result):
    """What the checks rest on.

    customers: one row per top 1, 5, 10: top_count, amount, amount_share, limit. customers_count: customers with a won amount.
    changes: share changes per competitor. indirect: competitors marked as indirect.
    """

    customers: pd.DataFrame | None = None
    customers_count: int = 0
    changes: pd.DataFrame | None = None
    indirect: tuple[str, ...] = ()
    currency: str | None = None


def aggregate(
    opportunities: Table, market: Table, competitors: Table, params: RiskParams, *, as_of: date
) -> dict[str, Table]:
    """Add won amounts per customer; select market and competitor rows. Lazy."""
    won = with_known_amount(opportunities.filter((opportunities.status == "won") & opportunities.account_id.notnull()))
    won = won.filter(won.known_amount.notnull())
    return {
        "customers": won.group_by(["account_id", "currency"]).agg(amount=won.known_amount.sum(), deals_count=won.count()).drop("account_id"),
        "market": select_rows(market, as_of),
        "competitors": select_competitors(competitors, as_of),
    }


def analyse(small: dict[str, pd.DataFrame], params: RiskParams, *, as_of: date) -> RiskResult:
    """Turn rows into checks. Pure."""
    currency = currency_of(small["customers"], "deals_count")
    amounts = small["customers"]["amount"].astype(float).sort_values(ascending=False, ignore_index=True)
    customers = _tops(amounts, params) if currency.refused is None else None
    market = read_series(small["market"])[0]
    changes = share_changes(read_shares(small["competitors"], market, as_of).overall, params.confidence)
    indirect = tuple(sorted(set(small["competitors"].loc[small["competitors"]["kind"] == "indirect", "competitor"])))
    checks = (
        _customer_check(customers, currency.refused),
        _own_share_check(changes, params),
        _substitution_check(small["competitors"], indirect),
        _break_check(market),
    )
    if all(check.status == "not_applicable" for check in checks):
        reason = msg("neither won amounts with customers nor market or competitor data are there")
        return RiskResult(refused=reason, checks=checks, certainty="open")
    actions = _actions(checks, params, as_of)
    return RiskResult(
        checks=checks,
        actions=actions,
        no_action=None if actions else _no_action(checks),
        finding=_finding(checks),
        brief=_brief(checks, customers),
        certainty="likely",
        customers=customers,
        customers_count=len(amounts),
        changes=changes,
        indirect=indirect,
        currency=currency.code,
    )


def _tops(amounts: pd.Series, params: RiskParams) -> pd.DataFrame | None:
    total = float(amounts.sum())
    if total <= 0:
        return None
    rows = [
        {"top_count": k, "amount": float(amounts.head(k).sum()), "amount_share": float(amounts.head(k).sum()) / total, "limit": limit}
        for k, limit in zip(TOPS, params.top_max_shares, strict=True)
    ]
    return pd.DataFrame(rows)


def _customer_check(customers: pd.DataFrame | None, refused: Message | None) -> Check:
    key = "revenue_does_not_hang_on_few_customers"
    if customers is None:
        reason = refused or msg("No won deal carries both an amount and an account.")
        return Check(key=key, status="not_applicable", reason=reason)
    one, five, ten = (share(value) for value in customers["amount_share"])
    status: Status = "review" if (customers["amount_share"] > customers["limit"]).any() else "pass"
    reason = msg("The largest customer holds {one} of the won amount, the five largest {five}, the ten largest {ten}.", one=one, five=five, ten=ten)
    return Check(key=key, status=status, reason=reason)


def _own_share_check(changes: pd.DataFrame, params: RiskParams) -> Check:
    key = "we_lose_no_market_share"
    own = changes[changes["is_self"].astype(bool)] if len(changes) else changes
    if own.empty:
        return Check(key=key, status="not_applicable", reason=msg("The own share is not known for two years."))
    row = own.iloc[0]
    change, is_ranged = 100 * float(row["change"]), not math.isnan(float(row["p_value"]))
    said = {
        "first": str(int(row["first_year"])), "last": str(int(row["last_year"])), "change": points(change, signed=True),
        "before": share(float(row["first_share"])), "after": share(float(row["last_share"])),
    }  # fmt: skip
    if not is_ranged:
        reason = msg("The own share went from {before} in {first} to {after} in {last} ({change} percentage points; too few years for a range).", **said)
        return Check(key=key, status="review" if change <= -max(params.loss_min_points, 1e-9) else "pass", reason=reason)
    wide = span(100 * float(row["low"]), 100 * float(row["high"]), "points")
    reason = msg("The own share went from {before} in {first} to {after} in {last} ({change} percentage points, range {range}).", **said, range=wide)
    is_lost = float(row["p_value"]) <= params.false_discovery_rate and change < 0
    return Check(key=key, status="fail" if is_lost else "review" if float(row["low"]) < 0 and change < 0 else "pass", reason=reason)


def _substitution_check(competitors: pd.DataFrame, indirect: tuple[str, ...]) -> Check:
    key = "substitutes_are_watched"
    if competitors["kind"].isna().all():
        return Check(key=key, status="not_applicable", reason=msg("No competitor is marked as direct or indirect."))
    if not indirect:
        return Check(key=key, status="review", reason=msg("All competitors listed are direct ones; what replaces the product altogether is not watched."))
    reason = nmsg("{n} indirect competitor is on the list: {names}.", "{n} indirect competitors are on the list: {names}.", len(indirect), names=indirect)
    return Check(key=key, status="pass", reason=reason)


def _break_check(market: list[Series]) -> Check:
    key = "no_market_figure_spans_a_change_of_definition"
    if not market:
        return Check(key=key, status="not_applicable", reason=msg("There are no market data."))
    broken = [series for series in market if series.breaks]
    if not broken:
        return Check(key=key, status="pass", reason=msg("The market data note no change of definition for the measures they hold."))
    named = tuple(msg("{measure} {years}", measure=s.name, years=tuple(str(y) for y in s.breaks)) for s in broken)
    return Check(key=key, status="review", reason=msg("Changes of definition: {named}; growth is not read across them.", named=named))


def _finding(checks: tuple[Check, ...]) -> Message:
    known = [check for check in checks if check.status != "not_applicable"]
    flagged = [check for check in known if check.status != "pass"]
    if not flagged:
        return nmsg("{n} risk could be checked and gives no cause for concern.", "{n} risks could be checked; none gives cause for concern.", len(known))
    return nmsg("{n} of {total} risks that could be checked needs a look.", "{n} of {total} risks that could be checked need a look.", len(flagged), total=len(known))


def _brief(checks: tuple[Check, ...], customers: pd.DataFrame | None) -> Message:
    flagged = [check for check in checks if check.status in ("review", "fail")]
    if customers is None or checks[0].status != "review":
        return _finding(checks)
    ten = share(float(customers["amount_share"].iloc[-1]), 0)
    return nmsg("{n} risk needs a look; the ten largest customers hold {ten} of the won amount.", "{n} risks need a look; the ten largest customers hold {ten} of the won amount.", len(flagged), ten=ten)


def _no_action(checks: tuple[Check, ...]) -> Message:
    flagged = {check.key for check in checks if check.status == "review"}
    if "we_lose_no_market_share" in flagged:
        return msg("a loss of market share is not certain yet; look again when the next year’s shares are there")
    if flagged:
        return msg("the change of definition is already allowed for: no growth is read across it")
    return msg("none of the risks that could be checked is there")


def _actions(checks: tuple[Check, ...], params: RiskParams, as_of: date) -> tuple[Action, ...]:
    """One per risk that is there."""
    due, actions = as_of + timedelta(days=params.action_days), []
    status = {check.key: check.status for check in checks}
    if status["revenue_does_not_hang_on_few_customers"] == "review":
        what = msg("Draw up a plan for each of the ten largest customers, and a target for new ones: a few carry the sales.")
        actions.append(Action(key="spread_revenue_over_customers", what=what, owner_role=msg("head of sales"), due_on=due, watch_kpi="won_amount"))
    if status["we_lose_no_market_share"] == "fail":
        what = msg("Find out to whom and in which segments market share was lost, and decide where to win it back.")
        actions.append(Action(key="win_back_share", what=what, owner_role=msg("managing director"), due_on=due, watch_kpi="market_share_change"))
    if status["substitutes_are_watched"] == "review":
        what = msg("List what replaces the product altogether – in-house solutions, other technologies – as indirect competitors, and record it in lost deals.")
        actions.append(Action(key="watch_substitutes", what=what, owner_role=msg("product management"), due_on=due, watch_kpi="win_rate"))
    return tuple(actions)
