"""A handful of first steps as somebody careful would write them in pandas: only the columns needed, no Python objects.

    python -m tests.bench.in_pandas FOLDER data.win_rate
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tests.bench.company import AS_OF
from tests.bench.first_steps import peak_mib
from workbook.analyses.data.cycle import CycleParams

Tables = dict[str, pd.DataFrame]
TODAY = pd.Timestamp(AS_OF)


def main(folder: str, name: str) -> int:
    """Answer one of them; print what it took and the peak."""
    began = time.process_time(), time.perf_counter()
    QUESTIONS[name](Path(folder))
    took = time.process_time() - began[0], time.perf_counter() - began[1]
    print(json.dumps({"cpu": took[0], "seconds": took[1], "peak_mib": peak_mib()}))
    return 0


def _read(folder: Path, frame: str, *columns: str) -> pd.DataFrame:
    """Read some columns; decimals as floats, dates as datetime64."""
    rows = pq.read_table(folder / f"{frame}.parquet", columns=list(columns))
    for place, column in enumerate(rows.schema):
        if pa.types.is_decimal(column.type):
            rows = rows.set_column(place, column.name, rows.column(place).cast(pa.float64()))
    return rows.to_pandas(date_as_object=False)


def _days(later: pd.Series, earlier: pd.Series) -> pd.Series:
    return (later - earlier).dt.days


def _timed(deals: pd.DataFrame) -> pd.DataFrame:
    is_ended = (deals["status"] != "open") & (deals["closed_on"] >= deals["created_on"]) & (deals["closed_on"] <= TODAY)
    is_running = (deals["status"] == "open") & (deals["created_on"] <= TODAY)
    return deals.assign(
        cycle_days=_days(deals["closed_on"], deals["created_on"]).where(is_ended),
        age_days=(TODAY - deals["created_on"]).dt.days.where(is_running),
    )


def _is_closed(deals: pd.DataFrame) -> pd.Series:
    return deals["status"].isin(["won", "lost"])


def win_rate(folder: Path) -> Tables:
    """Deals by status and age; won and closed ones per owner and account."""
    deals = _timed(_read(folder, "opportunities", "opportunity_id", "status", "owner_id", "account_id", "created_on", "closed_on"))
    longest = deals.loc[_is_closed(deals), "cycle_days"].max()
    deals["is_stale"] = (deals["age_days"] > longest).astype(float).where(deals["age_days"].notna())
    groups = deals.groupby("status")
    statuses = groups.agg(deals_count=("status", "size"), engaged_count=("age_days", "count")).assign(stale_count=groups["is_stale"].sum(min_count=1)).reset_index()
    closed = deals[_is_closed(deals)].assign(is_won=lambda t: t["status"] == "won")
    clusters = pd.concat([_clusters(closed, name) for name in ("owner", "account")], ignore_index=True)
    return {"statuses": statuses.assign(longest_days=longest), "clusters": clusters}


def _clusters(closed: pd.DataFrame, name: str) -> pd.DataFrame:
    label = closed[f"{name}_id"]
    keyed = pd.DataFrame({"is_known": label.notna(), "cluster": label.fillna(closed["opportunity_id"]), "is_won": closed["is_won"]})
    each = keyed.groupby(["is_known", "cluster"])["is_won"].agg(hit_count="sum", deals_count="size").reset_index()
    counted = each.groupby(["is_known", "hit_count", "deals_count"]).size().reset_index(name="cluster_count")
    return counted.assign(clustering=name)[["clustering", "is_known", "hit_count", "deals_count", "cluster_count"]]


def cycle(folder: Path) -> Tables:
    """Deals per group of owners (by lot, as many as `owners_max`; single ones where there are no more), outcome and days."""
    deals = _timed(_read(folder, "opportunities", "owner_id", "status", "created_on", "closed_on"))
    deals["duration_days"] = deals["cycle_days"].fillna(deals["age_days"])
    deals["owner_id"] = deals["owner_id"].map(owner_groups(deals["owner_id"]))
    return {"": deals.groupby(["owner_id", "status", "duration_days"], dropna=False).size().reset_index(name="deals_count")}


def owner_groups(owners: pd.Series) -> dict[str, str]:
    """Return the group of each owner, drawn by the hash of its id."""
    named = sorted(owners.dropna().unique(), key=lambda owner: (hashlib.md5(owner.encode()).hexdigest(), owner))
    most = CycleParams().owners_max
    return {owner: owner if len(named) <= most else str(place % most) for place, owner in enumerate(named)}


def won_amount(folder: Path) -> Tables:
    """Won amounts per year, window and currency, and per customer; from when the data are."""
    deals = _timed(_read(folder, "opportunities", "status", "account_id", "created_on", "closed_on", "amount", "currency"))
    first, second = (TODAY - pd.DateOffset(years=years) for years in (1, 2))
    deals["window"] = np.select(
        [(deals["closed_on"] > first) & (deals["closed_on"] <= TODAY), (deals["closed_on"] > second) & (deals["closed_on"] <= first)], ["last", "before"], None
    )
    deals["known"] = deals["amount"].where(deals["amount"] > 0)
    won = deals[deals["status"] == "won"].assign(year=lambda t: t["closed_on"].dt.year)
    periods = won.groupby(["currency", "year", "window"], dropna=False).agg(
        deals_count=("status", "size"), amount_count=("known", "count"), amount=("known", "sum")
    )
    closed = deals[_is_closed(deals)]
    coverage = {"first_created_on": [closed["created_on"].min()], "first_closed_on": [closed["closed_on"].min()], "longest_days": [closed["cycle_days"].max()]}
    customers = won[won["known"].notna()].groupby("account_id")["known"].sum().reset_index(drop=True).rename("amount").to_frame()
    return {"periods": periods.reset_index(), "customers": customers, "coverage": pd.DataFrame(coverage)}


def spread_of_needs(folder: Path) -> pd.DataFrame:
    """Return deals beside the needs of their companies, one row per deal × need."""
    companies = _read(folder, "accounts", "account_id", "needs").dropna()
    split = companies.assign(need=companies["needs"].str.split(";")).explode("need")[["account_id", "need"]]
    split["need"] = split["need"].str.strip()
    deals = _read(folder, "opportunities", "opportunity_id", "account_id", "status", "closed_on", "amount", "currency")
    return deals[_is_closed(deals)].merge(split[split["need"] != ""].drop_duplicates(), on="account_id")


def needs_money(folder: Path) -> Tables:
    """Money decided in the last twelve months per need."""
    rows = spread_of_needs(folder)
    recent = rows[(rows["closed_on"] > TODAY - pd.DateOffset(years=1)) & (rows["closed_on"] <= TODAY)].assign(known=lambda t: t["amount"].where(t["amount"] > 0))
    return {"money": recent.groupby(["need", "currency"]).agg(amount=("known", "sum"), amount_count=("known", "count")).reset_index()}


QUESTIONS: dict[str, Callable[[Path], Tables]] = {
    "data.win_rate": win_rate, "data.cycle": cycle, "data.won_amount": won_amount, "icp_segmentation.needs": needs_money,
}  # fmt: skip
TABLES = {"icp_segmentation.needs": ("money",)}  # of the others all


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
