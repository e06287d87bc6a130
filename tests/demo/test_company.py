"""The simulated company obeys the frames' declarations and its own arithmetic."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from workbook.demo import Company
from workbook.demo.company import AS_OF, FAMILIES, NAME
from workbook.frames import FRAMES

# How pandas holds each kind of column (None: not checked).
DTYPES = {"id": "O", "text": "O", "category": "O", "currency": "O", "date": "M", "instant": "M", "money": "f",
          "number": "fi", "share": "f", "flag": "b", "year": "i"}  # fmt: skip


@pytest.mark.parametrize("name", FRAMES)
def test_columns_are_the_declared_ones_in_order(company: Company, name: str) -> None:
    frame, declared = company.frames[name], FRAMES[name]
    assert tuple(frame.columns[: len(declared.names)]) == declared.names
    for column in declared.columns:
        kind = frame[column.name].dtype.kind
        assert kind in DTYPES[column.kind], f"{name}.{column.name} is {frame[column.name].dtype}"


@pytest.mark.parametrize("name", FRAMES)
def test_keys_are_unique_and_required_cells_filled(company: Company, name: str) -> None:
    frame, declared = company.frames[name], FRAMES[name]
    assert not frame.duplicated(list(declared.key)).any()
    for column in declared.columns:
        if column.is_required:
            assert frame[column.name].notna().all(), column.name


@pytest.mark.parametrize("name", FRAMES)
def test_references_resolve_and_values_are_allowed(company: Company, name: str) -> None:
    frame = company.frames[name]
    for column in FRAMES[name].columns:
        values = frame[column.name].dropna()
        if column.references:
            target, key = column.references.split(".")
            assert values.isin(company.frames[target][key]).all(), column.name
        if column.values:
            assert values.isin(column.values).all(), column.name
        if column.low is not None:
            assert (values >= column.low).all(), column.name
        if column.high is not None:
            assert (values <= column.high).all(), column.name


def test_size_is_as_announced(company: Company) -> None:
    count = {name: len(frame) for name, frame in company.frames.items()}
    assert (count["accounts"], count["opportunities"], count["leads"]) == (1_200, 6_000, 20_000)
    assert count["activities"] < 26_000


def test_deals_are_ordered_in_time(company: Company) -> None:
    deals = company.frames["opportunities"]
    is_open = deals["status"] == "open"
    assert (deals["closed_on"].isna() == is_open).all() and (deals["expected_close_on"].notna() == is_open).all()
    assert (deals.loc[~is_open, "closed_on"] >= deals.loc[~is_open, "created_on"]).all()
    assert deals["created_on"].max() <= pd.Timestamp(AS_OF) and deals["closed_on"].max() <= pd.Timestamp(AS_OF)
    assert deals["name"].is_unique


def test_leads_are_ordered_in_time(company: Company) -> None:
    leads = company.frames["leads"]
    steps = ["created_at", "mql_at", "first_response_at", "sql_at"]
    for before, after in pairwise(steps):
        both = leads[leads[after].notna()]
        assert both[before].notna().all() and (both[after] >= both[before]).all(), after
    assert (leads["sql_at"].isna() | leads["rejected_at"].isna()).all()
    moments = leads.select_dtypes("datetime")
    assert moments.max().max() < pd.Timestamp(AS_OF) + pd.Timedelta(days=1)


def test_stage_history_fits_the_deals(company: Company) -> None:
    deals, entries = company.frames["opportunities"], company.frames["stage_entries"]
    per_deal = entries.groupby("opportunity_id")
    joined = deals.set_index("opportunity_id")
    assert (per_deal["stage"].last() == joined["stage"]).all()
    assert (per_deal["entered_at"].first().dt.normalize() == joined["created_on"]).all()
    closed = joined[joined["status"] != "open"]
    assert (per_deal["entered_at"].last()[closed.index].dt.normalize() == closed["closed_on"]).all()


def test_linked_leads_and_deals_agree(company: Company) -> None:
    leads = company.frames["leads"].dropna(subset="opportunity_id").set_index("opportunity_id")
    deals = company.frames["opportunities"].set_index("opportunity_id").loc[leads.index]
    assert (deals["lead_id"] == leads["lead_id"]).all() and (deals["account_id"] == leads["account_id"]).all()
    assert (leads["customer_at"].notna() == (deals["status"] == "won")).all()
    assert company.frames["opportunities"]["lead_id"].notna().sum() == len(leads)


def test_segments_of_the_market_add_up_but_for_the_stated_exception(company: Company) -> None:
    market = company.frames["market"]
    parts = market[market["segment"].notna()].groupby(["year", "region", "measure"])["volume"].sum()
    total = market[market["segment"].isna()].set_index(["year", "region", "measure"])["volume"]
    gap = (parts - total).round(2)
    assert gap[gap.abs() > 0].to_dict() == {(2023, "Nordics", "turnover"): 3.4}


def test_own_share_is_what_was_invoiced(company: Company) -> None:
    rivals, invoices = company.frames["competitors"], company.frames["invoices"]
    own = rivals[rivals["is_self"]]
    assert set(own["competitor"]) == {NAME} and set(own["segment"]) == set(FAMILIES)
    for year, revenue in own.groupby("year")["revenue"].sum().items():
        billed = invoices.loc[invoices["invoiced_on"].dt.year == year, "amount"].sum()
        assert revenue == pytest.approx(billed, abs=2_500)  # rounded to thousands in four segments
    assert (rivals.groupby(["year", "segment"])["market_share"].sum() < 1).all()


def test_company_is_plausible(company: Company) -> None:
    told = company.truth["clean_headlines"]
    assert 0.30 < told["win_rate"] < 0.45
    assert 60e6 < told["won_amount"] < 120e6
    assert 0.05 < told["stale_open_count"] / told["open_count"] < 0.35
    assert -20 < told["nps"] < 50
    assert np.all(np.diff(list(told["won_amount_by_year"].values())[:4]) > 0)
