"""How each opportunity ends: won, lost or no decision, after how long, or still open on the day of the
export.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbook.demo.accounts import Accounts
from workbook.demo.company import AS_OF, CompanyConfig
from workbook.demo.draw import Array, logistic, stream, to_workday
from workbook.demo.people import People, quarters_since, ramp_at

QUARTER_END_SHARE = 0.25


def decide(config: CompanyConfig, deals: pd.DataFrame, accounts: Accounts, people: People, seed: int) -> pd.DataFrame:
    """Add outcome and time to the deals.

    is_expansion; win_odds: log-odds; p_win, p_win_without: chance given a decision, with and without the
    programme; decision: how it ends in the end; cycle_days, cycle_days_without; closed: day of the decision;
    is_abandoned: decided but never closed in the CRM; status: as the CRM shows it at `AS_OF`; ramp,
    event_quarter: state of the programme.
    """
    rng = stream(seed, "outcomes")
    decided = deals.assign(
        ramp=ramp_at(config, deals["region"].to_numpy(), deals["created"].to_numpy()),
        event_quarter=_event_quarter(config, deals["region"], deals["created"]),
        base=_log_odds(config, deals, accounts, people),
    )
    draws = pd.DataFrame(rng.random((len(deals), 4)), columns=["no_decision", "win", "quarter_end", "abandoned"])
    decided["never"] = draws["abandoned"] < config.never_closed
    waits = rng.weibull(config.cycle_shape, len(deals))
    _walk(config, decided, accounts, draws, waits)
    is_done = (decided["closed"] <= np.datetime64(AS_OF)) & ~decided["is_abandoned"]
    decided["status"] = decided["decision"].where(is_done, "open")
    return decided


def _event_quarter(config: CompanyConfig, region: pd.Series[int], day: pd.Series[pd.Timestamp]) -> Array:
    adopted = np.array([np.datetime64(r.adopted_on or "NaT", "D") for r in config.regions])[region]
    return quarters_since(adopted, day.to_numpy())


def _log_odds(config: CompanyConfig, deals: pd.DataFrame, accounts: Accounts, people: People) -> Array:
    """Log-odds of winning without programme and without the bonus of an expansion."""
    effects = {c.name: c.effect for c in config.competitors}
    segment = deals["segment"].to_numpy()
    trained = people.trained[deals["owner"]]
    odds = np.array([config.segments[s].win for s in segment]) + np.array([config.regions[r].win for r in deals["region"]])
    odds += deals["created"].dt.year.map(dict(config.years)).to_numpy(float)
    odds += people.effect[deals["owner"]] + accounts.effect[deals["account"]]
    odds += np.array([min((effects[r] for r in rivals), default=0.0) for rivals in deals["rivals"]])
    odds -= np.array([config.segments[s].price for s in segment]) * deals["price"].to_numpy()
    odds += config.need_fit * deals["need"] + config.budget * (deals["budget"] - 0.62)
    odds += config.champion * (deals["champion"] - 0.5)
    odds += config.training * (~np.isnat(trained) & (trained <= deals["created"].to_numpy("datetime64[D]")))
    return np.asarray(odds)


def _walk(config: CompanyConfig, deals: pd.DataFrame, accounts: Accounts, draws: pd.DataFrame, waits: Array) -> None:
    """Go through the deals by day of creation: a won deal turns the account's later ones into expansions."""
    since = accounts.frame["customer_since_on"].to_numpy("datetime64[D]").copy()
    created = deals["created"].to_numpy("datetime64[D]")
    account, base, ramp = deals["account"].to_numpy(), deals["base"].to_numpy(), deals["ramp"].to_numpy()
    ending = {"won": 1.0, "lost": config.cycle_lost, "no_decision": config.cycle_no_decision}
    is_expansion, closed = np.zeros(len(deals), bool), created.copy()
    decision = np.empty(len(deals), dtype=object)
    refuse = _no_decision_chance(config, deals)
    luck, hesitation, pull = (draws[c].to_numpy(float) for c in ("win", "no_decision", "quarter_end"))
    usual = _usual_days(config, deals) * waits
    for i in range(len(deals)):
        is_expansion[i] = not np.isnat(since[account[i]]) and since[account[i]] < created[i]
        odds = base[i] + config.expansion * is_expansion[i] + config.programme.win * ramp[i]
        won = luck[i] < 1 / (1 + np.exp(-odds))
        decision[i] = "no_decision" if hesitation[i] < refuse[i] else "won" if won else "lost"
        days = float(np.clip(usual[i] * ending[decision[i]], 4, config.cycle_max_days))
        closed[i] = _close_day(created[i], days, bool(decision[i] == "won" and pull[i] < QUARTER_END_SHARE))
        if decision[i] == "won" and (np.isnat(since[account[i]]) or closed[i] < since[account[i]]):
            since[account[i]] = closed[i]
    deals["is_expansion"], deals["closed"], deals["decision"] = is_expansion, closed, decision
    deals["win_odds"] = base + config.expansion * is_expansion + config.programme.win * ramp
    deals["p_win"] = logistic(deals["win_odds"].to_numpy())
    deals["p_win_without"] = logistic(deals["win_odds"].to_numpy() - config.programme.win * ramp)
    deals["cycle_days"] = (closed - created).astype(int)
    deals["cycle_days_without"] = deals["cycle_days"] / np.exp(config.programme.cycle * ramp)
    deals["is_abandoned"] = deals["never"] & (deals["decision"] != "won")


def _no_decision_chance(config: CompanyConfig, deals: pd.DataFrame) -> Array:
    """Chance of ending without a decision: by segment, more where need and budget are weak."""
    base = np.array([config.segments[s].no_decision for s in deals["segment"]])
    odds = np.log(base / (1 - base)) - 0.35 * deals["need"] - 0.7 * (deals["budget"] - 0.62)
    return logistic(odds.to_numpy())


def _usual_days(config: CompanyConfig, deals: pd.DataFrame) -> Array:
    """Scale of the cycle in days if won: by segment, longer for big deals, shorter with the programme."""
    days = np.array([config.segments[s].cycle_days for s in deals["segment"]])
    amount = np.array([config.segments[s].amount for s in deals["segment"]])
    size = (deals["amount"].to_numpy(float) / amount) ** config.cycle_amount
    return np.asarray(days * size * np.exp(config.programme.cycle * deals["ramp"].to_numpy(float)))


def _close_day(created: np.datetime64, days: float, is_pulled: bool) -> np.datetime64:
    """The day of the decision: a working day; some wins are booked in the last days of their quarter."""
    day = created + np.timedelta64(int(days), "D")
    if is_pulled:
        month = day.astype("datetime64[M]")
        end = (month + (3 - month.astype(int) % 3)).astype("datetime64[D]")
        day = min(max(end - np.timedelta64(1 + int(days) % 6, "D"), day), day + np.timedelta64(60, "D"))
        return np.datetime64(np.busday_offset(day, 0, roll="backward"))
    return np.datetime64(to_workday(np.asarray(day)).item())
