"""What the alignment programme does in this population: averages over the treated, by quarter since then."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from workbook.demo.company import AS_OF
from workbook.demo.latent import Latent
from workbook.demo.people import quarters_since

Effects = dict[str, Any]


def alignment_truth(latent: Latent) -> Effects:
    """Adoption, full effects and average treatment effects on win rate, lead acceptance, cycle and response.

    A deal or lead is treated by the state of the programme on the day of its creation. `att` averages over
    the treated by creation; `att_by_closed` over decided deals closed in a quarter from adoption on (created
    earlier: no effect).
    """
    programme = latent.config.programme
    return {
        "adopted_on": {r.name: r.adopted_on.isoformat() if r.adopted_on else None for r in latent.config.regions},
        "treated_by": "day of creation of the deal or lead",
        "ramp_by_quarter_since_adoption": list(programme.ramp),
        "full_effect": {
            "win_log_odds": programme.win,
            "sql_log_odds": programme.sql,
            "cycle_log": programme.cycle,
            "response_hours_log": programme.response,
            "answered_log_odds": programme.answered,
            "response_hours_on_sql_log_odds": latent.config.response_effect,
        },
        "win_rate": _win_rate(latent),
        "mql_to_sql": _mql_to_sql(latent),
        "cycle_length": _cycle(latent),
    }


def _win_rate(latent: Latent) -> Effects:
    decided = latent.deals[latent.deals["status"].isin(["won", "lost"])]
    effect = decided["p_win"] - decided["p_win_without"]
    adopted = np.array([np.datetime64(r.adopted_on or "NaT", "D") for r in latent.config.regions])[decided["region"]]
    at_close = pd.Series(quarters_since(adopted, decided["closed"].to_numpy()), index=decided.index).astype(int)
    return {
        "att": _mean(effect[decided["event_quarter"] >= 0]),
        "n_treated": int((decided["event_quarter"] >= 0).sum()),
        "by_quarter": _by_quarter(effect, decided["event_quarter"].astype(int)),
        "att_by_closed": _mean(effect[at_close >= 0]),
        "n_treated_by_closed": int((at_close >= 0).sum()),
        "by_quarter_closed": _by_quarter(effect, at_close),
    }


def _mql_to_sql(latent: Latent) -> Effects:
    """Over marketing-qualified leads of the last day minus 90 or earlier, so that all had time to be
    accepted.
    """
    leads = latent.leads[latent.leads["mql"] < pd.Timestamp(AS_OF) - pd.Timedelta(days=90)]
    effect = leads["p_sql"] - leads["p_sql_without"]
    treated = leads["event_quarter"] >= 0
    hours = leads.loc[treated, "hours"].median() / leads.loc[treated, "hours_without"].median()
    return {
        "att": _mean(effect[treated]),
        "n_treated": int(treated.sum()),
        "response_hours_ratio": round(float(hours), 3),
        "by_quarter": _by_quarter(effect, leads["event_quarter"].astype(int)),
    }


def _cycle(latent: Latent) -> Effects:
    decided = latent.deals[latent.deals["status"].isin(["won", "lost"])]
    treated = decided["event_quarter"] >= 0
    effect = decided["cycle_days"] - decided["cycle_days_without"]
    ratio = decided.loc[treated, "cycle_days"].sum() / decided.loc[treated, "cycle_days_without"].sum()
    return {
        "att_days": round(float(effect[treated].mean()), 2),
        "ratio": round(float(ratio), 4),
        "n_treated": int(treated.sum()),
    }


def _by_quarter(effect: pd.Series[float], quarter: pd.Series[int]) -> list[dict[str, float]]:
    """Mean effect and n from the quarter of adoption (0) on."""
    return [
        {"quarter": int(q), "effect": _mean(values), "n": len(values)}
        for q, values in effect[quarter >= 0].groupby(quarter[quarter >= 0])
    ]


def _mean(values: pd.Series[float]) -> float:
    return round(float(values.mean()), 4)
