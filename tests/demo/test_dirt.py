"""The files are the clean frames plus the dirt that `truth.json` lists, and nothing else."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from workbook.demo import Company
from workbook.demo.cells import as_text
from workbook.demo.dirt_rules import DAMAGED, OLD_PRODUCT, UNKNOWN
from workbook.frames import FRAMES

ROOT = Path(__file__).parents[2]
LOST = {"closed_before_created", "created_after_export", "unresolved_account", "won_before_contact"}


def _digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def _read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)


def test_same_seed_gives_the_same_bytes_in_another_process(written: Path, tmp_path: Path) -> None:
    code = f"from pathlib import Path; from workbook.demo import write_demo; write_demo(Path({str(tmp_path)!r}))"
    environment = {
        "PYTHONHASHSEED": "11",
        "TZ": "Asia/Tokyo",
        "LC_ALL": "C",
        "PYTHONPATH": str(ROOT),
        "PATH": "",
    }
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, cwd=tmp_path)
    assert _digests(tmp_path) == _digests(written)


def test_committed_files_are_the_generated_ones(written: Path) -> None:
    assert _digests(ROOT / "data" / "demo") == _digests(written)


def test_files_are_small_unix_text_in_utf8(written: Path) -> None:
    contents = [path.read_bytes() for path in written.iterdir()]
    assert sum(map(len, contents)) < 9_000_000
    assert all(b"\r" not in content and content.decode("utf-8") for content in contents)


@pytest.mark.parametrize("name", FRAMES)
def test_every_line_is_accounted_for(written: Path, truth: dict[str, Any], company: Company, name: str) -> None:
    lines = truth["lines"][name]
    assert len(_read(written, name)) == lines["read"] == lines["kept"] + lines["merged"] + lines["not_data"]
    assert lines["kept"] == len(company.frames[name]) == truth["clean_headlines"]["row_count"][name]


# How each kind of dirt comes off; None: the clean value cannot be told.
def _iso(cell: str) -> str:
    day = datetime.strptime(cell[:10], "%d.%m.%Y")
    return f"{day:%Y-%m-%d}{cell[10:]}"


def _plain(cell: str) -> str:
    return cell.removesuffix(" €").replace(".", "").replace(",", ".")


CURES: dict[str, Callable[[str], str]] = {
    "german_date": _iso,
    "german_amount": _plain,
    "zero_amount": lambda cell: cell.replace("0.00", ""),
    "unknown_token": lambda cell: "" if cell in UNKNOWN else cell,
    "account_spelling": lambda cell: cell.replace(" ", "").upper(),
    "product_spelling": lambda cell: OLD_PRODUCT if cell.replace(" ", "-", 1) == OLD_PRODUCT else cell,
    "excel_range": lambda cell: next(clean for clean, damaged in DAMAGED.items() if damaged == cell),
}


@pytest.mark.parametrize("name", FRAMES)
def test_taking_the_dirt_off_gives_the_clean_frame(written: Path, truth: dict[str, Any], company: Company, name: str) -> None:
    table, clean = _read(written, name), as_text(name, company.frames[name])
    key = table.columns[0]
    table = table[~table[key].isin([key, "Total"])].drop_duplicates()
    lost = clean.iloc[:0]
    for dirt in (d for d in truth["dirt"] if d["frame"] == name and d["column"]):
        rows = table[key].isin(dirt["ids"])
        assert rows.sum() == dirt["count"] == len(dirt["ids"])
        if dirt["is_restorable"]:
            table.loc[rows, dirt["column"]] = table.loc[rows, dirt["column"]].map(CURES[dirt["rule"]])
        else:
            assert dirt["rule"] in LOST
            lost = pd.concat([lost, clean[clean[key].isin(dirt["ids"])]])
            table.loc[rows, dirt["column"]] = clean.loc[clean[key].isin(dirt["ids"]), dirt["column"]].to_numpy()
    assert table.reset_index(drop=True).astype(object).equals(clean.astype(object))
    assert len(lost) == sum(d["count"] for d in truth["dirt"] if d["frame"] == name and not d["is_restorable"])


def test_counts_and_sums_survive_the_dirt_that_cannot_be_taken_off(written: Path, truth: dict[str, Any]) -> None:
    """Dropping what is no data and copies, and reading both number styles, gives the headlines."""
    table = _read(written, "opportunities")
    table = table[~table["opportunity_id"].isin(["opportunity_id", "Total"])].drop_duplicates()
    amount = pd.to_numeric(table["amount"].map(lambda c: _plain(c) if "€" in c else c)).fillna(0)
    status, told = table["status"], truth["clean_headlines"]
    assert status.value_counts().to_dict() == {s: told[f"{s}_count"] for s in ("won", "lost", "no_decision", "open")}
    assert amount[status == "won"].sum() == pytest.approx(told["won_amount"], abs=0.005)
    assert amount[status == "open"].sum() == pytest.approx(told["open_pipeline"], abs=0.005)


def test_names_are_nasty(company: Company) -> None:
    names, deals = company.frames["accounts"], company.frames["opportunities"]
    for part in ("&", "<b>", "{", '"', "'", "ü", "\N{ROBOT FACE}"):
        assert names["name"].str.contains(part, regex=False).any(), part
    nasty = names.loc[names["name"].str.contains("<b>", regex=False), "account_id"]
    assert deals["account_id"].isin(nasty).any()
