"""What to do about the programme, and what that is worth."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from workbook.analyses.deals import currency_of
from workbook.results import Action
from workbook.text import Message, msg, points

WATCHED = {"mql_to_sql": "mql_to_sql", "cycle_length": "cycle_length", "won_amount": "won_amount", "retention": "repeat_purchase"}
Worth = tuple[float | None, float | None, float | None, str | None]


def effect_key(kpi: object) -> str:
    """Return the headline key of the effect on a KPI."""
    return f"effect.{kpi}"


def effect_actions(
    rows: pd.DataFrame, deals: pd.DataFrame, units: pd.DataFrame, as_of: date, action_days: int
) -> tuple[Action, ...]:
    """Extend the programme where a good effect is shown, with what that is worth; else say what could show one."""
    due = as_of + timedelta(days=action_days)
    waiting = tuple(units.loc[units["adopted_on"].isna() | (pd.to_datetime(units["adopted_on"]) > pd.Timestamp(as_of)), "unit"])
    good = rows[rows["verdict"].isin(["shown", "indicated"]) & is_better(rows)]
    if len(good) and waiting:
        return (_extend(good, deals, waiting, (as_of, due)),)
    if rows["verdict"].isin(["shown", "indicated"]).any():
        return ()
    if waiting:
        what = msg("Let the units that have not adopted the programme start at different dates, drawn by lot ({units}): then the next "
                   "report can tell the programme from everything else.", units=waiting)  # fmt: skip
        return (Action(key="start_the_others_by_lot", what=what, owner_role=msg("head of sales"), due_on=due, watch_kpi="win_rate"),)
    silent = rows[(rows["verdict"] == "not_shown") & (rows["kpi"] == "win_rate")]
    if silent.empty:
        return ()
    what = msg(
        "Before deciding on the programme, agree what effect would matter: these units can show one on the win rate only from "
        "about {size} percentage points on.",
        size=points(100 * float(silent["detectable"].iloc[0])),
    )
    return (
        Action(key="agree_what_effect_would_matter", what=what, owner_role=msg("head of sales"), due_on=due, watch_kpi="win_rate",
               evidence=(effect_key("win_rate"),)),
    )  # fmt: skip


def is_better(rows: pd.DataFrame) -> pd.Series:
    """Tell which effects are in the wanted direction: shorter, cheaper, else more."""
    return (rows["value"] < 0) == rows["kpi"].isin(["cycle_length", "cac"])


def nothing_follows(rows: pd.DataFrame) -> Message:
    """Say why there is nothing to do."""
    if rows["verdict"].isin(["shown", "indicated"]).any():
        return msg("every unit has adopted the programme already; keep watching whether the effect lasts")
    return msg("no effect is shown, and every unit has adopted, so that no comparison is left to be made")


def _extend(good: pd.DataFrame, deals: pd.DataFrame, waiting: tuple[str, ...], when: tuple[date, date]) -> Action:
    asked = good[good["kpi"] == "win_rate"]
    value, low, high, code = _worth(asked.iloc[0], deals, list(waiting), when[0]) if len(asked) else (None, None, None, None)
    what = msg("Extend the alignment programme to the units that have not adopted it: {units}.", units=waiting)
    watched = "win_rate" if len(asked) else WATCHED.get(str(good.iloc[0]["kpi"]), "won_amount")
    return Action(key="extend_the_programme", what=what, owner_role=msg("head of sales"), due_on=when[1], watch_kpi=watched,
                  value=value, low=low, high=high, currency=code, evidence=tuple(effect_key(kpi) for kpi in good["kpi"]))  # fmt: skip


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
