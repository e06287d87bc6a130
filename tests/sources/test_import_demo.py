"""The demo company's dirt lies in known places: the import finds all of it, and the clean figures come out."""

import json
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from workbook.params import load_params
from workbook.sources import import_frames, import_key
from workbook.sources.record import unbalanced

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "data" / "demo"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    record = import_frames(load_params(ROOT / "params" / "demo.yaml"), folder)
    truth = json.loads((DEMO / "truth.json").read_text(encoding="utf-8"))
    return record, truth, lambda frame: pq.read_table(folder / f"{frame}.parquet").to_pandas()


def dirt(truth, rule, frame, column=None):
    return sum(
        item["count"]
        for item in truth["dirt"]
        if (item["rule"], item["frame"]) == (rule, frame) and column in (None, item["column"])
    )


def test_every_line_is_accounted_for(demo):
    record, _, _ = demo
    assert not unbalanced(record.files) and record.total("rejected") == 0


def test_the_clean_rows_come_out(demo):
    _, truth, frame = demo
    clean = truth["clean_headlines"]
    deals = frame("opportunities")
    status = Counter(deals["status"])
    assert len(deals) == clean["opportunity_count"]
    assert (status["won"], status["lost"], status["no_decision"], status["open"]) == tuple(
        clean[f"{key}_count"] for key in ("won", "lost", "no_decision", "open")
    )
    assert float(deals.loc[deals["status"] == "won", "amount"].sum()) == pytest.approx(clean["won_amount"])
    assert (len(frame("leads")), len(frame("accounts"))) == (clean["lead_count"], clean["account_count"])
    assert float(frame("invoices")["amount"].sum()) == pytest.approx(clean["invoiced_amount"])


@pytest.mark.parametrize("frame", ["accounts", "opportunities", "stage_entries", "leads", "invoices"])
def test_duplicates_are_merged_as_often_as_they_were_made(demo, frame):
    record, truth, _ = demo
    assert sum(file.merged for file in record.files if file.frame == frame) == dirt(truth, "duplicate_row", frame)


def test_repairs_are_counted_as_the_dirt_was_put_in(demo):
    record, truth, _ = demo

    def repaired(rule, frame, column):
        return sum(item.count for item in record.repairs if (item.rule, item.frame, item.column) == (rule, frame, column))

    assert repaired("ranges that Excel made dates", "accounts", "employee_range") == dirt(truth, "excel_range", "accounts")
    assert repaired("amount 0 of won deals taken as missing", "opportunities", "amount") == dirt(
        truth, "zero_amount", "opportunities"
    )
    assert repaired("spelling of references", "opportunities", "product_id") == dirt(truth, "product_spelling", "opportunities")
    spelled = repaired("spelling of references", "opportunities", "account_id") + repaired(
        "blanks around cells", "opportunities", "account_id"
    )
    assert spelled == dirt(truth, "account_spelling", "opportunities")


def test_what_cannot_be_restored_is_flagged(demo):
    record, truth, _ = demo
    flagged = {(flag.rule, flag.column): flag.count for flag in record.flags}
    assert flagged["close before creation", "closed_on"] == dirt(truth, "closed_before_created", "opportunities")
    assert flagged["dates after the export", "created_on"] == dirt(truth, "created_after_export", "opportunities")
    assert flagged["references that do not resolve", "account_id"] == dirt(truth, "unresolved_account", "opportunities")
    assert flagged["closed before the first contact", "customer_at"] == dirt(truth, "won_before_contact", "leads")
    assert not record.flagged("stated total differs") and not record.flagged("unreadable cells")


@pytest.mark.parametrize("crms", [("salesforce-de",), ("salesforce-en",), ("hubspot",), ("salesforce-de", "hubspot")], ids="+".join)
def test_the_exports_give_the_headlines_of_the_clean_company(tmp_path, crms):
    from workbook.demo import write_export

    for crm in crms:
        write_export(tmp_path / "export", crm)
    record = import_frames(load_params(ROOT / "params" / "own_export.yaml", data=tmp_path / "export"), tmp_path / "out")
    clean = json.loads((DEMO / "truth.json").read_text(encoding="utf-8"))["clean_headlines"]
    deals = pq.read_table(tmp_path / "out" / "opportunities.parquet").to_pandas()
    assert not unbalanced(record.files) and record.total("rejected") == 0
    assert record.frames["leads"].rows == clean["lead_count"] and record.frames["accounts"].rows == clean["account_count"]
    assert Counter(deals["status"])["won"] == clean["won_count"] and len(deals) == clean["opportunity_count"]
    assert float(deals.loc[deals["status"] == "won", "amount"].sum()) == pytest.approx(clean["won_amount"])
    assert ("stage_entries" in record.frames) is ("hubspot" in crms)


def test_the_key_changes_with_settings_and_files_and_only_then(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "deals.csv").write_text("Deal ID,Stage\n1,Won\n")
    params = load_params(ROOT / "params" / "own_export.yaml", data=folder)
    key = import_key(params)
    assert import_key(params) == key and import_key(params.model_copy(update={"seed": 8})) == key
    assert import_key(params.model_copy(update={"currency": "USD"})) != key
    (folder / "deals.csv").write_text("Deal ID,Stage\n1,Lost\n")
    assert import_key(params) != key


def test_the_same_files_give_the_same_bytes(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "deals.csv").write_text(
        "Deal ID,Account Name,Stage,Amount (EUR)\n1,A,Won,5\n2,B,Lost,6\n2,B,Lost,6\n,C,Won,1\n3,C,Won,\n4,D,Won,1\n"
    )
    params = load_params(ROOT / "params" / "own_export.yaml", data=tmp_path / "data")
    for name in ("a", "b"):
        import_frames(params, tmp_path / name)
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert {"opportunities.parquet", "import.json", "rejected_lines.csv", "merged_lines.csv", "flagged_rows.csv"} <= set(names)
    assert all(
        (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes() for name in names if name != "import.json"
    )
    assert (tmp_path / "a" / "import.json").read_bytes() == (tmp_path / "b" / "import.json").read_bytes()
