"""Counting deals with and without a thing adds up to counting them one by one."""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd
import pytest

from workbook.analyses.deals import SPLIT, deals_with, hits_within
from workbook.notebook import to_frame

THINGS = {"kind": ["x", "y", "z"], "place": ["x", "w"]}


@pytest.fixture(scope="module")
def deals():
    """Deals of few owners and many accounts, some of neither; each names some things of some dimensions."""
    rng = np.random.default_rng(3)
    n = 300
    table = pd.DataFrame({
        "opportunity_id": [f"O{i}" for i in range(n)], "owner_id": rng.choice(["P1", "P2", "P3", None], n), "account_id": rng.choice([*(f"A{i}" for i in range(80)), None], n),
        "is_hit": rng.random(n) < 0.4,
    })  # fmt: skip
    pairs = [(name, dimension, thing) for name in table["opportunity_id"] for dimension, things in THINGS.items() for thing in things if rng.random() < 0.3]
    return table, pd.DataFrame(pairs, columns=["opportunity_id", "dimension", "thing"]).merge(table)


def one_by_one(table, having, asked):
    """Return the counts of `SPLIT` of every cluster, counted in plain words."""
    rows = []
    for dimension, thing in asked:
        known = table[table["opportunity_id"].isin(having.loc[having["dimension"] == dimension, "opportunity_id"])]
        there = known["opportunity_id"].isin(having.loc[(having["dimension"] == dimension) & (having["thing"] == thing), "opportunity_id"])
        for clustering in ("owner", "account"):
            label = known[f"{clustering}_id"].fillna(known["opportunity_id"])
            for _, part in known.groupby([label, known[f"{clustering}_id"].notna()]):
                has = there[part.index]
                counts = (part["is_hit"] & has).sum(), has.sum(), (part["is_hit"] & ~has).sum(), (~has).sum()
                rows.append((dimension, thing, clustering, bool(part[f"{clustering}_id"].notna().all()), *map(int, counts)))
    columns = ["dimension", "thing", "clustering", "is_known", *SPLIT]
    return pd.DataFrame(rows, columns=columns).groupby(columns, as_index=False).size().rename(columns={"size": "cluster_count"})


def test_with_and_without_within_a_dimension(deals):
    table, having = deals
    asked = having[["dimension", "thing"]].drop_duplicates().iloc[1:]
    once, rows, things = map(ibis.memtable, (having.drop_duplicates(["opportunity_id", "dimension"]), having, asked))
    found = to_frame(hits_within(once, rows, ("dimension", "thing"), ("dimension",), lambda _: things))
    pd.testing.assert_frame_equal(found, one_by_one(table, having, asked.itertuples(index=False)), check_dtype=False)


def test_deals_with_a_thing_of_all_deals(deals):
    table, having = deals
    kinds = having[having["dimension"] == "kind"].drop(columns="dimension")
    asked = kinds[["thing"]].drop_duplicates()
    found = to_frame(deals_with(*map(ibis.memtable, (table, kinds, asked))))
    assert set(found["thing"]) == set(THINGS["kind"])
    for thing, part in found.groupby("thing"):
        owners = part[part["clustering"] == "owner"]
        assert (owners["hit_count"] * owners["cluster_count"]).sum() == (kinds["thing"] == thing).sum()
        assert (owners["deals_count"] * owners["cluster_count"]).sum() == len(table)
        assert owners.loc[owners["is_known"], "cluster_count"].sum() == table["owner_id"].nunique()
