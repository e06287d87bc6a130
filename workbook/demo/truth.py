"""The truth behind the company: every effect that was put in and what it comes to in this population.

`put_in` holds the parameters, `came_out` what they amount to among the simulated deals, leads and customers.
Tests and workshops compare analyses with it; notebooks never read it.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from workbook.demo import buying, goals, market, pipeline, voice
from workbook.demo.company import AS_OF, CURRENCY, NAME, START
from workbook.demo.effects import alignment_truth
from workbook.demo.headlines import clean_headlines
from workbook.demo.latent import Latent

SPEC = "Effects on winning and on acceptance are log-odds; shares 0-1; durations in days; money in EUR."


def tell_truth(latent: Latent, frames: dict[str, pd.DataFrame], seed: int) -> dict[str, Any]:
    """Return the truth as plain JSON values. `write_demo` adds the dirt."""
    return {
        "company": NAME,
        "currency": CURRENCY,
        "history_from": START.isoformat(),
        "as_of": AS_OF.isoformat(),
        "seed": seed,
        "units": SPEC,
        "clean_headlines": clean_headlines(frames),
        "put_in": {
            "win": _win(latent),
            "segments": _segments(latent),
            "missing": _missing(),
            "market": _market(),
            "survey_means": {item: list(means) for item, means in voice.ITEMS.items()},
            "brand_means": {brand: list(means) for brand, means in voice.BRANDS.items()},
        },
        "alignment": alignment_truth(latent),
        "came_out": {
            "segments": _segments_came_out(latent),
            "competitors": _competitors_came_out(latent),
            "design_effect": _design_effects(latent),
            "abandoned_open": _abandoned(latent),
        },
        "goal_flaws": goals.FLAWS,
        "segment_of_account": _segment_of_account(latent),
    }


def _win(latent: Latent) -> dict[str, Any]:
    """Everything on the log-odds of winning, given that there is a decision."""
    config = latent.config
    owners = {f"P{i + 1:03d}": round(float(effect), 4) for i, effect in enumerate(latent.people.effect)}
    return {
        "segment": {s.name: s.win for s in config.segments},
        "price_elasticity": {s.name: -s.price for s in config.segments},
        "price_is": "log of own price after discount over the cheapest rival's price index (100 if none)",
        "competitor": {c.name: {"log_odds": c.effect, "price_index": c.price_index} for c in config.competitors},
        "two_competitors": "the lower of the two effects counts",
        "region": {r.name: r.win for r in config.regions},
        "year_of_creation": dict(config.years),
        "expansion": config.expansion,
        "training": config.training,
        "need_per_sd": config.need_fit,
        "budget": config.budget,
        "champion": config.champion,
        "owner_sd": config.owner_sd,
        "account_sd": config.account_sd,
        "owner": owners,
        "discount_per_cheaper_rival": 0.28,
    }


def _segments(latent: Latent) -> dict[str, Any]:
    """The latent segments as configured; retention, margin, cycle and amount are among their fields."""
    return {s.name: {k: v for k, v in asdict(s).items() if k != "name"} for s in latent.config.segments}


def _missing() -> dict[str, Any]:
    return {
        "share_filled_by_status": pipeline.FILLED,
        "budget_answer_missing_by_status": buying.BUDGET_MISSING,
        "other_answers_missing": buying.OTHER_MISSING,
        "meaning": "competitor and loss reason: filled more often on lost deals; budget answers: less often",
    }


def _market() -> dict[str, Any]:
    return {
        "growth_of_the_log_per_year": market.GROWTH,
        "shocks_of_the_log": {str(y): v for y, v in market.SHOCKS.items()},
        "break": {"year": market.BREAK_YEAR, "measure": "establishments", "factor": market.BREAK_FACTOR},
        "stated_total_below_sum": {
            "year": market.UNSTATED_YEAR,
            "region": market.UNSTATED_REGION,
            "gap_m_eur": market.UNSTATED_GAP,
        },
    }


def _decided(latent: Latent) -> pd.DataFrame:
    """Deals won or lost in the CRM, with `won` as 0 or 1."""
    deals = latent.deals[latent.deals["status"].isin(["won", "lost"])]
    return deals.assign(won=(deals["status"] == "won").astype(float))


def _segments_came_out(latent: Latent) -> dict[str, Any]:
    """Per latent segment: accounts, decided deals, realised win rate, mean chance, renewals kept."""
    decided, renewals = _decided(latent), latent.billing.renewals
    told = {}
    for position, segment in enumerate(latent.config.segments):
        mine, kept = (
            decided[decided["segment"] == position],
            renewals[renewals["segment"] == position]["is_kept"],
        )
        told[segment.name] = {
            "account_count": int((latent.accounts.segment == position).sum()),
            "decided_count": len(mine),
            "win_rate": _round(mine["won"].mean()),
            "win_probability": _round(mine["p_win"].mean()),
            "renewal_count": len(kept),
            "retention": _round(kept.mean()),
            "won_amount_mean": _round(mine.loc[mine["won"] == 1, "amount"].mean(), 0),
            "cycle_days_median": _round(mine["cycle_days"].median(), 0),
        }
    return told


def _competitors_came_out(latent: Latent) -> dict[str, Any]:
    """Per competitor, over all deals where it truly was at the table (known or not): n, win rate, mean
    chance.
    """
    decided = _decided(latent)
    told = {}
    for name in ("none", *(c.name for c in latent.config.competitors)):
        there = decided["rivals"].map(lambda rivals, n=name: n in rivals if n != "none" else not rivals)
        mine = decided[there]
        told[name] = {
            "decided_count": len(mine),
            "win_rate": _round(mine["won"].mean()),
            "win_probability": _round(mine["p_win"].mean()),
        }
    return told


def _design_effects(latent: Latent) -> dict[str, float]:
    """Variance of the win rate with clusters over the binomial one."""
    decided = _decided(latent)
    rate = decided["won"].mean()
    told = {}
    for cluster in ("owner", "account"):
        sums = (decided["won"] - rate).groupby(decided[cluster]).sum()
        told[cluster] = _round(float((sums**2).sum() / (len(decided) * rate * (1 - rate))), 2)
    return told


def _abandoned(latent: Latent) -> dict[str, int]:
    """Open deals that in truth ended long ago, and those of them decided before the export."""
    dead = latent.deals["is_abandoned"]
    return {
        "count": int((dead & (latent.deals["closed"] <= np.datetime64(AS_OF))).sum()),
        "of_open": int((latent.deals["status"] == "open").sum()),
    }


def _segment_of_account(latent: Latent) -> dict[str, str]:
    names = [s.name for s in latent.config.segments]
    accounts = latent.accounts
    return dict(zip(accounts.frame["account_id"], (names[s] for s in accounts.segment), strict=True))


def _round(value: float, digits: int = 4) -> float:
    return round(float(value), digits)
