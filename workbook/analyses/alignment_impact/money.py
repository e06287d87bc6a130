"""What is the programme worth in money, and what may it cost?

Gain per year in the units that adopted = effect on the win rate × deals decided there in the last twelve months × mean won amount ×
gross margin (from invoices; without margins the gain is revenue, and is called so). The interval puts the errors of the effect and of
the mean amount together by simulation. Beside it what the programme cost in the last twelve months, the months of gain that pay for
all that was spent so far, and the share of the simulated gains that exceed the yearly cost: the probability that it pays, as far as the
effect's interval holds. What it may cost at most is the lower end of the gain.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pydantic import Field

from workbook.analyses.alignment_impact.cells import adoption, with_unit
from workbook.analyses.alignment_impact.effect import EffectResult
from workbook.analyses.alignment_impact.effect_actions import effect_key
from workbook.analyses.deals import CLOSED, one_currency, with_known_amount
from workbook.analyses.sampling import Sample, SampledParams
from workbook.params import Share
from workbook.results import Action, Check, Headline, Result
from workbook.stats.arrays import FloatArray, normal_quantile
from workbook.stats.mean import mean
from workbook.text import Message, money, msg, number, share, span

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "X5"
SAMPLE = Sample(unit="account_id", words=msg("companies"), tables=("won",))  # the mean amount of a deal, and how alike a company's deals are
MARGIN_LINES_MIN = 0.9  # a margin known on fewer of the lines would be the margin of those lines only


class MoneyParams(SampledParams):
    """margin: gross margin of a sale, where invoices do not tell it. pays_likely, pays_hardly: probabilities that decide the action."""

    confidence: Share = 0.95
    draws: int = Field(default=2000, ge=100)
    margin: Share | None = None
    pays_likely: Share = 0.9
    pays_hardly: Share = 0.5
    action_days: int = Field(default=60, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyResult(Result):
    """Value and cost of the programme, money per year in `currency`.

    gain, low, high: gain per year in the units that adopted. margin: gross margin used, None where the gain is revenue. cost_year:
    cost of the last twelve months, cost_total: since it began; None where none is recorded. pays: share of simulated gains above the
    yearly cost. payback_months, payback_low, payback_high: months of gain that pay for cost_total; inf where the gain is not positive.
    steps: how the gain is made up, one row per factor: factor, value, low, high, unit, n.
    """

    gain: float = math.nan
    low: float = math.nan
    high: float = math.nan
    currency: str | None = None
    margin: float | None = None
    cost_year: float | None = None
    cost_total: float | None = None
    pays: float | None = None
    payback_months: float | None = None
    payback_low: float | None = None
    payback_high: float | None = None
    units_count: int = 0
    steps: pd.DataFrame | None = None


def aggregate(
    units: Table, opportunities: Table, accounts: Table, invoices: Table, params: MoneyParams, *, as_of: date
) -> dict[str, Table]:
    """Count decided deals and won amounts of adopting units, costs per month, invoiced amount and margin. Lazy."""
    import ibis

    today = ibis.date(as_of)
    began = adoption(units).filter(lambda t: t.adopted_on <= today).select(adopter="unit", began_on="adopted_on")
    located = with_unit(with_known_amount(opportunities), accounts).filter(lambda t: t.unit.notnull())
    deals = located.join(began, located.unit == began.adopter)
    closed = deals.filter(deals.status.isin(CLOSED) & (deals.closed_on > today - ibis.interval(years=1)) & (deals.closed_on <= today))
    won = deals.filter((deals.status == "won") & deals.known_amount.notnull() & (deals.closed_on <= today))
    cost = units.filter(units.programme_cost.notnull() & (units.month_on.isnull() | (units.month_on <= today)))
    known = invoices.filter(invoices.invoiced_on.isnull() | (invoices.invoiced_on <= today))
    return {
        "decided": closed.group_by("unit").agg(deals_count=closed.count()),
        "won": won.select("account_id", "currency", amount=won.known_amount.cast("float64")),
        "cost": cost.group_by(["unit", "month_on", "currency"]).agg(amount=cost.programme_cost.cast("float64").sum()),
        "invoices": known.group_by("currency").agg(
            lines_count=known.count(), margin_count=known.margin.count(), margin=known.margin.cast("float64").sum(),
            amount=ibis.ifelse(known.margin.notnull(), known.amount.cast("float64"), 0.0).sum(),
        ),
        "adopters": began,
    }  # fmt: skip


def analyse(small: dict[str, pd.DataFrame], effect: EffectResult, params: MoneyParams, *, as_of: date) -> MoneyResult:
    """Turn the effect on the win rate into money, and set the cost beside it. Pure."""
    row = _win_rate_row(effect)
    if isinstance(row, Message):
        return MoneyResult(refused=row, certainty="open")
    won, cost, decided = small["won"], small["cost"], int(small["decided"]["deals_count"].sum())
    currency = one_currency(pd.concat([won, cost])["currency"].value_counts().to_dict())
    reason = currency.refused or _lacking(won, decided)
    if reason is not None:
        return MoneyResult(refused=reason, certainty="open")
    worth = mean(won["amount"], params.confidence, _known(won["account_id"]))
    margin = _margin(small["invoices"], params)
    gains = _gains(row, worth, params) * decided * (1.0 if margin is None else margin)
    gain = float(row["value"]) * worth.value * decided * (1.0 if margin is None else margin)
    low, high = (float(q) for q in np.quantile(gains, [0.5 - params.confidence / 2, 0.5 + params.confidence / 2]))
    costs = _costs(cost, as_of)
    paid = _payback(gain, gains, costs, params.confidence)
    found = MoneyResult(
        gain=gain, low=min(low, gain), high=max(high, gain), currency=currency.code, margin=margin, cost_year=costs[0], cost_total=costs[1],
        pays=None if costs[0] is None else float((gains > costs[0]).mean()), payback_months=paid[0], payback_low=paid[1], payback_high=paid[2],
        units_count=len(small["adopters"]), steps=_steps(row, worth, decided, margin),
    )  # fmt: skip
    return _told(found, row, decided, params, as_of)


def _win_rate_row(effect: EffectResult) -> dict[Any, Any] | Message:
    if effect.estimates is None or effect.refused is not None:
        return effect.refused or msg("no effect was estimated")
    rows = effect.estimates[(effect.estimates["kpi"] == "win_rate") & effect.estimates["low"].notna()]
    if rows.empty:
        return msg("no effect on the win rate could be estimated, so there is nothing to value")
    if rows["design"].iloc[0] == "interrupted":
        return msg("before and after alone do not tell what the programme did, so there is nothing to value")
    return rows.iloc[0].to_dict()


def _lacking(won: pd.DataFrame, decided: int) -> Message | None:
    if len(won) < 2:
        return msg("fewer than two won deals of the units that adopted carry an amount")
    return None if decided else msg("no deal was decided in the units that adopted within the last twelve months")


def _known(labels: pd.Series) -> pd.Series | None:
    """Cluster labels; a deal without an account is a cluster of its own. None where no account is known."""
    if labels.isna().all():
        return None
    own = pd.Series(np.arange(len(labels)), index=labels.index).astype(str).radd("row ")
    return labels.astype(object).where(labels.notna(), own)


def _margin(invoices: pd.DataFrame, params: MoneyParams) -> float | None:
    lines, known, base = (float(invoices[name].sum()) for name in ("lines_count", "margin_count", "amount"))
    if lines and known >= MARGIN_LINES_MIN * lines and base > 0:
        return float(np.clip(invoices["margin"].sum() / base, 0.0, 1.0))
    return params.margin


def _gains(row: dict[Any, Any], worth: Any, params: MoneyParams) -> FloatArray:
    """Draws of effect × mean won amount. The effect's interval may be lopsided: each side has its own spread."""
    rng = np.random.default_rng(params.seed)
    critical = normal_quantile(0.5 + params.confidence / 2)
    z, amount = rng.standard_normal((2, params.draws))
    value, low, high = (float(row[name]) for name in ("value", "low", "high"))
    effect = value + z * np.where(z > 0, high - value, value - low) / critical
    error = worth.standard_error if math.isfinite(worth.standard_error) else 0.0
    return np.asarray(effect * np.maximum(worth.value + amount * error, 0.0), dtype=np.float64)


def _costs(cost: pd.DataFrame, as_of: date) -> tuple[float | None, float | None]:
    """Cost of the last twelve months and in all; None where none is recorded."""
    total = float(cost["amount"].sum())
    if total <= 0:
        return None, None
    recent = pd.to_datetime(cost["month_on"]) > pd.Timestamp(as_of) - pd.DateOffset(years=1)
    return float(cost.loc[recent, "amount"].sum()), total


def _payback(gain: float, gains: FloatArray, costs: tuple[float | None, float | None], level: float) -> tuple[float | None, ...]:
    """Months of gain that pay for all that was spent: value, low, high; inf: never, as things stand."""
    if costs[1] is None:
        return None, None, None
    months = 12 * costs[1] / np.where(gains > 0, gains, np.nan)
    ends = np.quantile(np.where(np.isnan(months), np.inf, months), [0.5 - level / 2, 0.5 + level / 2], method="inverted_cdf")
    return (12 * costs[1] / gain if gain > 0 else math.inf, float(ends[0]), float(ends[1]))


def _steps(row: dict[Any, Any], worth: Any, decided: int, margin: float | None) -> pd.DataFrame:
    rows = [
        ("effect", float(row["value"]), float(row["low"]), float(row["high"]), "share", int(row["cases_count"])),
        ("decided", float(decided), math.nan, math.nan, "count", decided),
        ("amount", worth.value, worth.low, worth.high, "money", worth.n),
    ]
    if margin is not None:
        rows.append(("margin", margin, math.nan, math.nan, "share", 0))
    return pd.DataFrame(rows, columns=["factor", "value", "low", "high", "unit", "n"])


def _told(found: MoneyResult, row: dict[Any, Any], decided: int, params: MoneyParams, as_of: date) -> MoneyResult:
    from dataclasses import replace

    is_shown = row["verdict"] == "shown"
    head = Headline(
        key="programme_value", kpi="programme_value", value=found.gain, low=found.low, high=found.high, level=params.confidence, unit="money",
        currency=found.currency, n=decided,
    )  # fmt: skip
    limits = [msg("Only the way through the win rate is valued; leads, speed and retention come on top or against it.")]
    if found.margin is None:
        limits.append(msg("No margin is known: the gain is revenue, not profit, and the cost must be compared with the margin in it."))
    if not is_shown:
        limits.insert(0, msg("The effect on the win rate is not shown beyond doubt; the money is what it would be worth if the estimate held."))
    return replace(
        found, headlines=(head,), checks=(_check(found),), actions=_actions(found, params, as_of), finding=_finding(found, decided),
        brief=_brief(found), limits=tuple(limits), certainty="likely" if is_shown else "open",
    )  # fmt: skip


def _amount(value: float | None, found: MoneyResult) -> Any:
    return money(value, found.currency)


def _finding(found: MoneyResult, decided: int) -> Message:
    said: dict[str, object] = {
        "gain": _amount(found.gain, found), "range": span(found.low, found.high, "money", found.currency), "n": decided, "units": found.units_count,
        "kind": msg("margin") if found.margin is not None else msg("revenue"),
    }  # fmt: skip
    if found.cost_year is None:
        return msg("If the estimate holds, the programme brings {gain} of {kind} a year in {units} units (range {range}; {n} deals decided a year). "
                   "What it costs is not recorded.", **said)  # fmt: skip
    return msg(
        "If the estimate holds, the programme brings {gain} of {kind} a year in {units} units (range {range}; {n} deals decided a year) and costs "
        "{cost}. The chance that it pays is {pays}; {payback}.",
        cost=_amount(found.cost_year, found), pays=share(found.pays, 0), payback=_payback_words(found), **said,
    )  # fmt: skip


def _payback_words(found: MoneyResult) -> Message:
    months, late = found.payback_months or math.inf, found.payback_high or math.inf
    if math.isinf(months):
        return msg("as things stand it never pays back what was spent")
    if math.isinf(late):
        return msg("all that was spent is paid back by {months} months of gain, or never at the lower end", months=number(months, 0))
    return msg("all that was spent is paid back by {months} months of gain (range {low} to {high})", months=number(months, 0),
               low=number(found.payback_low, 0), high=number(late, 0))  # fmt: skip


def _brief(found: MoneyResult) -> Message:
    said: dict[str, object] = {"gain": _amount(found.gain, found), "range": span(found.low, found.high, "money", found.currency)}
    if found.pays is None:
        return msg("The programme is worth {gain} a year if the estimate holds (range {range}).", **said)
    return msg("The programme is worth {gain} a year if the estimate holds (range {range}); it pays with a chance of {pays}.", pays=share(found.pays, 0), **said)


def _check(found: MoneyResult) -> Check:
    key = "programme_pays"
    if found.pays is None or found.cost_year is None:
        return Check(key=key, status="not_applicable", reason=msg("No cost of the programme is recorded."))
    reason = msg("The lower end of the yearly gain is {low}, the yearly cost {cost}.", low=_amount(found.low, found), cost=_amount(found.cost_year, found))
    return Check(key=key, status="pass" if found.low > found.cost_year else "review", reason=reason)


def _actions(found: MoneyResult, params: MoneyParams, as_of: date) -> tuple[Action, ...]:
    """Decide the budget by the chance that it pays; without costs, by what it may cost."""
    due, net = as_of + timedelta(days=params.action_days), found.cost_year or 0.0
    worth = [None if found.cost_year is None else part - net for part in (found.gain, found.low, found.high)]
    most = _amount(max(found.low, 0.0) / max(found.units_count, 1), found)
    if found.pays is None:
        what = msg("Record what the programme costs per unit and month; at the lower end of its gain it may cost {most} per unit and year.", most=most)
    elif found.pays >= params.pays_likely:
        what = msg("Keep the programme in next year's budget; it still pays at up to {most} per unit and year.", most=most)
    elif found.pays >= params.pays_hardly:
        what = msg("Hold the programme's budget at today's level until another half-year of deals narrows the range of its gain.")
    else:
        what = msg("Cut the programme's cost or stop it, unless the next half-year of deals shows a gain above {cost} a year.", cost=_amount(net, found))
    value, low, high = worth
    return (
        Action(key="decide_the_programme_budget", what=what, owner_role=msg("managing director"), due_on=due, watch_kpi="effect", value=value,
               low=low, high=high, currency=found.currency if value is not None else None, evidence=("programme_value", effect_key("win_rate"))),
    )  # fmt: skip
