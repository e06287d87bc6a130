"""The values that a correct import must give, computed from the clean frames in the plainest way."""

from __future__ import annotations

from typing import Any

import pandas as pd

from workbook.demo.company import AS_OF

HORIZON_DAYS = 90


def clean_headlines(frames: dict[str, pd.DataFrame]) -> dict[str, Any]:
    """Return counts, rates and sums by name.

    Dates that dirt destroyed for good touch only `*_days` and `velocity`.
    """
    return {
        "row_count": {name: len(frame) for name, frame in frames.items()},
        **_deals(frames["opportunities"]),
        **_leads(frames["leads"]),
        **_money(frames),
        "win_rate_by": {
            column: _win_rate_by(frames["opportunities"], column) for column in ("region", "segment", "business_type", "product_id")
        },
    }


def _deals(deals: pd.DataFrame) -> dict[str, Any]:
    count = deals["status"].value_counts()
    won, lost, is_open = (deals[deals["status"] == s] for s in ("won", "lost", "open"))
    as_of = pd.Timestamp(AS_OF)
    days = (deals["closed_on"] - deals["created_on"]).dt.days
    stale = int(((as_of - is_open["created_on"]).dt.days > days.max()).sum())
    rate, cycle = len(won) / (len(won) + len(lost)), days[deals["status"] == "won"].mean()
    return {
        "opportunity_count": len(deals),
        "won_count": int(count["won"]),
        "lost_count": int(count["lost"]),
        "no_decision_count": int(count["no_decision"]),
        "open_count": int(count["open"]),
        "win_rate": round(rate, 6),
        "win_rate_amount": round(won["amount"].sum() / (won["amount"].sum() + lost["amount"].sum()), 6),
        "won_amount": round(float(won["amount"].sum()), 2),
        "won_amount_by_year": _sum_by(won["amount"], won["closed_on"].dt.year),
        "open_pipeline": round(float(is_open["amount"].sum()), 2),
        "open_amount_missing_count": int(is_open["amount"].isna().sum()),
        "won_amount_missing_count": int(won["amount"].isna().sum()),
        "overdue_count": int((is_open["expected_close_on"] < as_of).sum()),
        "overdue_amount": round(float(is_open.loc[is_open["expected_close_on"] < as_of, "amount"].sum()), 2),
        "longest_cycle_days": int(days.max()),
        "stale_open_count": stale,
        "win_rate_if_stale_lost": round(len(won) / (len(won) + len(lost) + stale), 6),
        "won_cycle_mean_days": round(float(cycle), 3),
        "won_cycle_median_days": float(days[deals["status"] == "won"].median()),
        "velocity": round(len(is_open) * rate * float(won["amount"].mean()) / float(cycle), 2),
    }


def _leads(leads: pd.DataFrame) -> dict[str, Any]:
    """Old enough: qualified at least 90 days before the end of the day of the export."""
    end = pd.Timestamp(AS_OF) + pd.Timedelta(days=1)
    horizon = pd.Timedelta(days=HORIZON_DAYS)
    old = leads[leads["mql_at"] <= end - horizon]
    return {
        "lead_count": len(leads),
        "mql_count": int(leads["mql_at"].notna().sum()),
        "sql_count": int(leads["sql_at"].notna().sum()),
        "lead_customer_count": int(leads["customer_at"].notna().sum()),
        "linked_lead_count": int(leads["opportunity_id"].notna().sum()),
        f"mql_{HORIZON_DAYS}d_count": len(old),
        f"mql_to_sql_{HORIZON_DAYS}d": round(float((old["sql_at"] - old["mql_at"] <= horizon).mean()), 6),
    }


def _money(frames: dict[str, pd.DataFrame]) -> dict[str, Any]:
    invoices, market = frames["invoices"], frames["market"]
    turnover = market[(market["measure"] == "turnover") & market["segment"].isna()]
    scores = frames["feedback"].loc[frames["feedback"]["instrument"] == "NPS", "score"]
    return {
        "account_count": len(frames["accounts"]),
        "customer_count": int(frames["accounts"]["customer_since_on"].notna().sum()),
        "invoiced_amount": round(float(invoices["amount"].sum()), 2),
        "invoiced_margin": round(float(invoices["margin"].sum()), 2),
        "invoiced_by_year": _sum_by(invoices["amount"], invoices["invoiced_on"].dt.year),
        "nps": round(100 * float((scores >= 9).mean() - (scores <= 6).mean()), 4),
        "nps_count": len(scores),
        "market_turnover_by_year_m_eur": _sum_by(turnover["volume"], turnover["year"]),
        "spend_amount": round(float(frames["spend"]["amount"].sum()), 2),
    }


def _win_rate_by(deals: pd.DataFrame, column: str) -> dict[str, dict[str, float]]:
    decided = deals[deals["status"].isin(["won", "lost"])]
    rates = (decided["status"] == "won").groupby(decided[column]).agg(["sum", "size"])
    return {
        str(value): {
            "won": int(row["sum"]),
            "decided": int(row["size"]),
            "win_rate": round(row["sum"] / row["size"], 6),
        }
        for value, row in rates.iterrows()
    }


def _sum_by(amount: pd.Series[float], group: pd.Series[Any]) -> dict[str, float]:
    totals = amount.groupby(group).sum()
    return {f"{int(key)}": round(float(total), 2) for key, total in zip(totals.index.to_numpy(), totals, strict=True)}
