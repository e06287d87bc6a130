"""What to do about the programme, and what that is worth."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from workbook.analyses.deals import currency_of
from workbook.results import Action
from workbook.text import msg, points

Worth = tuple[float | None, float | None, float | None, str | None]


def effect_key(kpi: object) -> str:
    """Return the headline key of the effect on a KPI."""
    return f"effect.{kpi}"


def effect_actions(
    rows: pd.DataFrame, deals: pd.DataFrame, units: pd.DataFrame, as_of: date, action_days: int
) -> tuple[Action, ...]:
    """Extend the programme where a higher win rate is shown, with what that is worth; else say what could show one."""
    due, key = as_of + timedelta(days=action_days), effect_key("win_rate")
    asked = rows[rows["kpi"] == "win_rate"]
    shown = asked[(asked["verdict"] == "shown") & (asked["value"] > 0)]
    waiting = units[units["adopted_on"].isna() | (pd.to_datetime(units["adopted_on"]) > pd.Timestamp(as_of))]
    if len(shown) and len(waiting):
        value, low, high, code = _worth(shown.iloc[0], deals, list(waiting["unit"]), as_of)
        what = msg("Extend the alignment programme to the units that have not adopted it: {units}.", units=tuple(waiting["unit"]))
        return (
            Action(key="extend_the_programme", what=what, owner_role=msg("head of sales"), due_on=due, watch_kpi="win_rate",
                   value=value, low=low, high=high, currency=code, evidence=(key,)),
        )  # fmt: skip
    silent = asked[asked["verdict"] == "not_shown"]
    if silent.empty:
        return ()
    what = msg(
        "Before deciding on the programme, agree what effect would matter: these units can show one on the win rate only from "
        "about {size} percentage points on.",
        size=points(100 * float(silent["detectable"].iloc[0])),
    )
    return (
        Action(key="agree_what_effect_would_matter", what=what, owner_role=msg("head of sales"), due_on=due, watch_kpi="win_rate",
               evidence=(key,)),
    )  # fmt: skip


def _worth(row: pd.Series, deals: pd.DataFrame, units: list[str], as_of: date) -> Worth:
    """Return the yearly value in waiting units: effect × deals decided there in the last year × their mean won amount.

    None without amounts, or with amounts in several currencies.
    """
    mine = deals[deals["unit"].isin(units) & deals["status"].isin(["won", "lost"]) & deals["days"].notna()]
    ended = pd.to_datetime(mine["month_on"]) + pd.to_timedelta(mine["days"], unit="D")
    recent = mine[ended > pd.Timestamp(as_of) - pd.DateOffset(years=1)]
    won = mine[(mine["status"] == "won") & (mine["amount_count"] > 0)]
    currency = currency_of(won, "amount_count")
    if recent.empty or won.empty or currency.refused is not None:
        return None, None, None, None
    scale = float(recent["cases_count"].sum()) * float(won["amount"].sum()) / float(won["amount_count"].sum())
    value, low, high = (scale * float(row[name]) for name in ("value", "low", "high"))
    return value, low, high, currency.code
