"""Public data sets: known figures must come out of the import. Skipped only where the data are not on this machine."""

import os
from datetime import date
from functools import cache
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from workbook.params import load_params
from workbook.sources import import_frames
from workbook.sources.record import unbalanced

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("WORKBOOK_SHARED", ROOT.parent / "shared")) / "data"
FOLDERS = {"maven_crm": "maven_crm", "salvirt_b2b": "salvirt_b2b", "olist_funnel": "olist_funnel", "konstanz": "konstanz_cc0"}

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the public data sets are not on this machine")


@pytest.fixture(scope="module")
def imports(tmp_path_factory):
    @cache
    def run(name):
        folder = tmp_path_factory.mktemp(name)
        record = import_frames(load_params(ROOT / "params" / f"{name}.yaml", data=SHARED / FOLDERS[name]), folder)
        return record, lambda frame: pq.read_table(folder / f"{frame}.parquet").to_pandas()

    return run


@pytest.mark.parametrize("name", FOLDERS)
def test_every_line_is_accounted_for(imports, name):
    record, _ = imports(name)
    assert not unbalanced(record.files)
    assert record.total("rejected") == 0 and record.total("merged") == 0
    assert sum(1 for file in record.files if file.frame is None and file.ignored is None) == 0


def test_maven(imports):
    record, frame = imports("maven_crm")
    deals = frame("opportunities")
    assert deals["status"].value_counts().to_dict() == {"won": 4238, "lost": 2473, "open": 2089}
    assert (deals["stage"] == "Engaging").sum() == 1589
    assert float(deals.loc[deals["status"] == "won", "amount"].sum()) == 10_005_534 and set(deals["currency"].dropna()) == {"USD"}
    assert record.repaired("spelling of references") == 1480 and (deals["product_id"] == "GTX Pro").sum() == 1480
    assert record.as_of == date(2017, 12, 31)
    assert deals["closed_on"].notna().sum() == 6711 and deals["created_on"].notna().sum() == 8300
    assert deals["region"].value_counts().index.tolist() and deals["region"].nunique() == 3 and deals["region"].notna().all()
    engaged = deals[deals["stage"] == "Engaging"]
    closed = deals[deals["closed_on"].notna()]
    longest = (pd.to_datetime(closed["closed_on"]) - pd.to_datetime(closed["created_on"])).max()
    assert ((pd.Timestamp(record.as_of) - pd.to_datetime(engaged["created_on"])) > longest).sum() == 1291
    assert frame("accounts").set_index("account_id").loc["Acme Corporation", "revenue"] == 1_100_040_000
    assert record.files[0].kept == 85


def test_salvirt(imports):
    record, frame = imports("salvirt_b2b")
    deals = frame("opportunities")
    assert deals["status"].value_counts().to_dict() == {"won": 227, "lost": 221}
    missing = deals[deals["budget"].isna()]["status"].value_counts().to_dict()
    assert missing == {"lost": 31, "won": 5}
    own = record.frames["opportunities"].attributes
    assert {"authority", "budget", "need", "competitor_presence", "company_size", "purchasing_department"} <= set(own)
    assert not any((deals[name] == "Unknown").any() for name in own)
    assert deals["owner_id"].nunique() == 18 and set(record.frames) == {"opportunities"}


def test_olist(imports):
    record, frame = imports("olist_funnel")
    leads, deals, accounts = frame("leads"), frame("opportunities"), frame("accounts")
    assert (len(leads), len(deals), len(accounts)) == (8000, 842, 842)
    assert set(deals["status"]) == {"won"} and deals["lead_id"].isin(leads["lead_id"]).all()
    assert accounts["declared_monthly_revenue"].isna().sum() == 797
    assert record.flagged("implausible values")[0].column == "declared_monthly_revenue"
    assert record.flagged("implausible values")[0].count == 1
    assert record.flagged("closed before the first contact")[0].count == 1
    assert leads["created_at"].notna().all() and (leads["created_at"] == leads["mql_at"]).all()
    assert leads["origin"].nunique() == 9


def test_konstanz(imports):
    record, frame = imports("konstanz")
    market = frame("market")
    turnover = market[market["measure"] == "turnover"].set_index("year")
    assert list(turnover.index) == list(range(2006, 2025)) and turnover.loc[2024, "volume"] == 6646.65
    assert set(turnover["unit"]) == {"m EUR"} and turnover["segment"].isna().all()
    assert bool(turnover.loc[2024, "is_break"]) and turnover.loc[2024, "break_measure"] == "employees"
    assert turnover["is_break"].fillna(False).sum() == 1 and "jobs" in turnover.loc[2024, "note"]
    sectors = market[(market["measure"] == "establishments") & (market["year"] == 2023)]
    assert sectors["segment"].isna().sum() == 1 and sectors.dropna(subset=["segment"])["volume"].sum() == 4689
    (flag,) = record.flagged("segments against the stated total")
    assert "4,689" in str(flag.message) and "4,496" in str(flag.message)


def test_maven_without_any_settings_of_its_own(tmp_path):
    """The generic path on unknown headings: the folder is recognised without a mapping."""
    from workbook.params import RunParams

    record = import_frames(RunParams(data=SHARED / "maven_crm", currency="USD"), tmp_path)
    assert record.frames["opportunities"].rows == 8800 and not unbalanced(record.files)
