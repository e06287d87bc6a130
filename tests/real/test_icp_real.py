"""Known facts of public data in the chapter on the ideal customer profile."""

import os
from functools import cache
from pathlib import Path

import ibis
import pandas as pd
import pytest

from tests.analyses.data.frames import ask, frame
from workbook.analyses import icp_segmentation as icp
from workbook.params import load_params
from workbook.sources import import_frames

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("WORKBOOK_SHARED", ROOT.parent / "shared")) / "data"

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the public data sets are not on this machine")


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    @cache
    def imported(name):
        folder = tmp_path_factory.mktemp(name)
        return import_frames(load_params(ROOT / "params" / f"{name}.yaml", data=SHARED / name), folder), folder, ibis.duckdb.connect()

    def answer(name, question, *frames):
        record, folder, engine = imported(name)
        paths = [(f, folder / f"{f}.parquet") for f in frames]
        tables = [engine.read_parquet(path) if path.exists() else frame(f, []) for f, path in paths]
        return ask(question, *tables, as_of=record.as_of)

    return answer


def test_olist_leads(answered):
    result = answered("olist_funnel", icp.lead_conversion, "leads", "opportunities")
    assert (result.leads_count, result.customers_count) == (8000, 842)
    assert next(str(c.reason) for c in result.checks if c.key == "customers_come_after_first_contact").startswith("1 lead ")


def test_olist_conversion_recounted_from_the_raw_files(answered):
    leads = pd.read_csv(SHARED / "olist_funnel" / "olist_marketing_qualified_leads_dataset.csv", parse_dates=["first_contact_date"])
    deals = pd.read_csv(SHARED / "olist_funnel" / "olist_closed_deals_dataset.csv", parse_dates=["won_date"])
    both = leads.merge(deals[["mql_id", "won_date"]], on="mql_id", how="left")
    both["days"] = (both["won_date"].dt.normalize() - both["first_contact_date"]).dt.days
    result = answered("olist_funnel", icp.lead_conversion, "leads", "opportunities")
    head, usable = result.headline("lead_to_customer"), both[~(both["days"] < 0)]
    assert head.n <= len(usable)
    assert head.value * head.n == pytest.approx(int((usable["days"] <= result.horizon_days).sum()), abs=0.5)


def test_maven_customers(answered):
    result = answered("maven_crm", icp.best_customers, "opportunities", "accounts", "invoices")
    assert (result.headline("repeat_purchase").n, result.customers["value"].sum()) == (85, 10_005_534)
    assert result.customers["won_count"].sum() == 4238


def test_maven_is_not_segmented_and_has_no_marks(answered):
    assert answered("maven_crm", icp.segments, "accounts", "opportunities", "invoices").segment_count == 1
    assert not answered("maven_crm", icp.customer_marks, "accounts", "opportunities", "invoices").marks["differs"].any()


def test_olist_lead_score_is_better_than_chance_but_unvalidated(answered):
    """No field history: what the export says of the leads may have been completed after the sale."""
    result = answered("olist_funnel", icp.lead_score, "leads", "opportunities", "accounts")
    assert result.is_better_than_chance
    assert not result.is_validated
    assert not result.actions
    assert not any(field.startswith("account__") for field in result.chosen.used)  # companies are known of sellers only


def test_maven_deals_cannot_be_told_apart_at_creation(answered):
    result = answered("maven_crm", icp.fit_score, "opportunities", "accounts")
    assert not result.is_better_than_chance
    assert icp.tables.scorecard(result) is None


def test_salvirt_has_no_dates_so_nothing_is_tested(answered):
    result = answered("salvirt_b2b", icp.fit_score, "opportunities", "accounts")
    assert (result.validation, result.is_validated) == (None, False)
    assert result.card is not None
