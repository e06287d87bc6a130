"""Groups of companies: found where there are some, refused or denied where there are none."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from tests.analyses.icp_segmentation.companies import ask_about, deal, two_kinds
from workbook.analyses import icp_segmentation as icp
from workbook.analyses.icp_segmentation.segment_features import features
from workbook.text import render


def ask_segments(accounts, rows=(), **settings):
    return ask_about(icp.segments, accounts, rows, segments_max=4, resamples=10, **settings)


@pytest.fixture(scope="module")
def found():
    accounts = two_kinds()
    rows = [deal(a["account_id"], "won" if (i % 10 < 8) == (a["kind"] == 1) else "lost") for i, a in enumerate(accounts) for _ in range(3)]
    return accounts, ask_segments(accounts, rows)


def test_two_kinds_are_found(found):
    accounts, result = found
    assert result.segment_count == 2
    truth = {a["account_id"]: a["kind"] for a in accounts}
    assert adjusted_rand_score(result.members["account_id"].map(truth), result.members["segment"]) > 0.85


def test_the_parts_add_up(found):
    accounts, result = found
    assert result.segments["accounts_count"].sum() == len(accounts)
    assert result.segments["closed_count"].sum() == 3 * len(accounts)
    assert result.segments["value_share"].sum() == pytest.approx(1)
    assert result.segments["name"].nunique() == 2
    assert [h.n for h in result.headlines] == result.segments["closed_count"].tolist()


def test_a_difference_between_groups_is_claimed_only_where_there_is_one(found):
    accounts, result = found
    assert result.rates_differ
    assert "differ reliably, from" in str(result.finding)
    even = ask_segments(accounts, [deal(a["account_id"], s) for a in accounts for s in ("won", "lost")])
    assert not even.rates_differ
    assert icp.figures.segments(even).title == "The groups' win rates do not differ reliably"


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_attributes_that_do_not_go_together_are_not_segmented(seed):
    """Each attribute has two clear values, but they are independent of one another."""
    result = ask_segments(two_kinds(n=200, seed=seed, clear=False))
    assert result.segment_count == 1
    assert str(result.finding).startswith("Do not segment")
    assert icp.tables.cards(result) is None


def test_order_of_rows_does_not_matter(found):
    accounts, first = found
    second = ask_segments([accounts[i] for i in np.random.default_rng(2).permutation(len(accounts))])
    assert first.members.equals(second.members)


def test_a_sample_is_stated_and_everyone_joins_a_group():
    accounts = two_kinds(n=160)
    result = ask_segments(accounts, sample_max=80)
    assert len(result.members) == 160
    assert "sample of 80 of 160" in render(result.limits)
    assert adjusted_rand_score([a["kind"] for a in accounts], result.members.sort_values("account_id")["segment"]) > 0.85


@pytest.mark.parametrize("accounts", [[], two_kinds(1), two_kinds(2), two_kinds(49), [{"account_id": f"A{i}"} for i in range(80)]])
def test_too_little_is_refused(accounts):
    assert ask_segments(accounts).refused is not None


def test_a_range_beside_its_number_counts_once():
    accounts = [a | {"fleet": "big" if a["employees"] > 100 else "small"} for a in two_kinds()]
    rows = pd.DataFrame(accounts).assign(revenue=np.nan, country=None, region=None, price_sensitivity=None, values=None)
    assert "employees" in features(rows.drop(columns="kind"), 0.6, 30).used
    assert "fleet" not in features(rows.drop(columns="kind"), 0.6, 30).used
