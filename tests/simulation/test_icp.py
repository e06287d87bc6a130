"""The demo company's true segments, which the analysis never sees, must come back from what is recorded of its customers."""

import json
from pathlib import Path

import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from workbook.analyses import icp_segmentation as icp
from workbook.notebook import open_run

TRUTH = json.loads((Path(__file__).resolve().parents[2] / "data" / "demo" / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def run():
    return open_run("icp_segmentation")


@pytest.fixture(scope="module")
def groups(run):
    return run.answer(icp.segments, run.load("accounts"), run.load("opportunities"), run.load("invoices"))


def test_true_segments_come_back(groups):
    """Measured 0.90; the records overlap (industries shared by two segments, needs missing for a fifth), so 1 cannot be had."""
    true = groups.members["account_id"].map(TRUTH["segment_of_account"])
    known = true.notna()
    assert groups.segment_count == 4
    assert adjusted_rand_score(true[known], groups.members.loc[known, "segment"]) > 0.8


def test_win_rates_of_the_groups_follow_the_true_ones(groups):
    true = groups.members["account_id"].map(TRUTH["segment_of_account"])
    kind = pd.crosstab(groups.members["segment"], true).idxmax(axis=1)
    for row in groups.segments.to_dict("records"):
        assert row["low"] < TRUTH["came_out"]["segments"][kind[row["segment"]]]["win_rate"] < row["high"]


def test_customers_and_margin(run):
    best = run.answer(icp.best_customers, run.load("opportunities"), run.load("accounts"), run.load("invoices"))
    assert best.basis == "margin"
    assert best.customers["value"].sum() == pytest.approx(TRUTH["clean_headlines"]["invoiced_margin"], rel=0.01)
    assert best.headline("repeat_purchase").n == pytest.approx(TRUTH["clean_headlines"]["customer_count"], rel=0.02)


def test_lead_customers(run):
    leads = run.answer(icp.lead_conversion, run.load("leads"), run.load("opportunities"))
    assert leads.leads_count == TRUTH["clean_headlines"]["lead_count"]
