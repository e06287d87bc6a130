"""Accounting, freshness and joins, from import records made by hand."""

from datetime import date, timedelta

import pytest

from tests.analyses.data.frames import AS_OF
from workbook.analyses.data import accounting, freshness, joins
from workbook.sources.record import (
    FileRecord,
    Flag,
    FrameRecord,
    ImportRecord,
    JoinRecord,
    MoneyRecord,
    Repair,
    StageRecord,
    UnmappedColumn,
    sentence,
)
from workbook.text import msg


def file(name="deals.csv", frame="opportunities", newest=None, **counts):
    lines = {"lines_read": 10, "kept": 9, "not_data": 1} | counts
    return FileRecord(name=name, path=name, sha256="", bytes=1, frame=frame, frames=[frame], newest_on=newest, **lines)


def record(**parts):
    base = {"data_hash": "x", "as_of": AS_OF, "as_of_reason": sentence(msg("set in the settings"))}
    return ImportRecord.model_validate(base | parts)


def account(made, **settings):
    return accounting.analyse(made, accounting.AccountingParams(**settings), as_of=AS_OF)


def statuses(result):
    return {check.key: check.status for check in result.checks}


def test_every_line_is_accounted_for():
    files = [file(), file("more.csv", lines_read=12, kept=7, merged=2, rejected=2, not_data=1)]
    result = account(record(files=files))
    assert statuses(result)["every_line_is_accounted_for"] == "pass"
    assert str(result.finding) == "22 lines were read from 2 files: 16 kept, 2 merged into others, 2 rejected, 2 no data."
    totals = result.files[["kept", "merged", "rejected", "not_data"]].sum(axis=1)
    assert (totals == result.files["lines_read"]).all()


def test_a_lost_line_fails_and_is_named():
    result = account(record(files=[file(kept=8)]))
    assert statuses(result)["every_line_is_accounted_for"] == "fail"
    assert "deals.csv" in str(result.checks[0].reason)


def test_many_rejected_lines_ask_for_review():
    result = account(record(files=[file(lines_read=100, kept=97, rejected=2, not_data=1)]))
    assert statuses(result)["few_lines_are_rejected"] == "review"
    assert statuses(account(record(files=[file()])))["few_lines_are_rejected"] == "pass"


def test_repairs_flags_stages_and_assumptions_are_shown():
    result = account(
        record(
            files=[file()],
            repairs=[Repair(rule="dates", frame="opportunities", column="closed_on", count=3, example_before="1.2.26")],
            flags=[Flag(rule="odd", frame="opportunities", column="amount", count=1, message=sentence(msg("look")), first_line=7)],
            stages=[StageRecord(stage="Tanz", status="open", count=4, is_known=False)],
            unmapped_columns=[UnmappedColumn(file="deals.csv", column="Farbe", filled=3, distinct=2, suggestion="")],
            assumptions=[sentence(msg("the currency is EUR"))],
            money=MoneyRecord(currencies={"EUR": 1, "USD": 2}, is_mixed=True),
        )
    )
    assert (result.repairs["count"].tolist(), result.flags["line"].tolist()) == ([3], [7])
    assert (result.stages["stage"].tolist(), result.unmapped["column"].tolist()) == (["Tanz"], ["Farbe"])
    assert result.assumptions["assumption"].tolist() == ["the currency is EUR"]
    assert statuses(result)["stages_are_understood"] == statuses(result)["nothing_odd_was_found"] == "review"
    assert any("EUR, USD" in str(limit) for limit in result.limits)


def test_nothing_read_is_no_error():
    result = account(record())
    assert statuses(result)["every_line_is_accounted_for"] == "pass"
    assert result.files.empty


def fresh(frames, files=(), **settings):
    made = record(frames={name: FrameRecord(rows=1, present=[], newest_on=day) for name, day in frames.items()}, files=list(files))
    return freshness.analyse(made, freshness.FreshnessParams(**settings), as_of=AS_OF)


@pytest.mark.parametrize(("age", "stale"), [(0, False), (92, False), (93, True)])
def test_age_against_the_limit(age, stale):
    result = fresh({"leads": AS_OF - timedelta(days=age)})
    assert result.sources["age_days"].tolist() == [age]
    assert result.sources["is_stale"].tolist() == [stale]
    assert result.checks[0].status == ("review" if stale else "pass")
    assert len(result.actions) == int(stale)


@pytest.mark.parametrize(("ages", "said"), [
    ((0,), "The one dated table, Deals, is not older than it should be"), ((200,), "The one dated table, Deals, is older than it should be"),
    ((0, 0), "None of the 2 dated tables is older"), ((200, 0), "1 of 2 dated tables is older than it should be"),
    ((200, 200), "2 of 2 dated tables are older than they should be"),
])
def test_ages_are_told_of_one_table_as_of_many(ages, said):
    result = fresh({name: AS_OF - timedelta(days=age) for name, age in zip(("opportunities", "leads"), ages, strict=False)})
    assert str(result.finding).startswith(said)


def test_yearly_and_master_data_have_their_own_limits():
    result = fresh({"market": date(2024, 12, 31), "products": date(2010, 1, 1), "opportunities": AS_OF})
    assert not result.sources["is_stale"].any()


def test_dates_ahead_are_said():
    row = fresh({"opportunities": AS_OF + timedelta(days=9)}).sources.iloc[0]
    assert (row["age_days"], row["is_ahead"]) == (0, True)


def test_tables_without_dates_cannot_be_dated():
    result = fresh({"ratings": None})
    assert result.checks[0].status == "not_applicable"


def test_files_are_listed_where_several_fill_a_table():
    files = [file("a.csv", "leads", AS_OF), file("b.csv", "leads", AS_OF - timedelta(days=400)), file()]
    names = fresh({"leads": AS_OF, "opportunities": AS_OF}, files).sources["name"].tolist()
    assert names == ["leads", "opportunities", "a.csv", "b.csv"]


def joined(found, frames, derived=()):
    """frames: by name, or with the columns present. derived: frames that no file fills."""
    columns = frames if isinstance(frames, dict) else {name: [] for name in frames}
    made = record(
        files=[file(f"{name}.csv", name) for name in columns],
        frames={name: FrameRecord(rows=1, present=present) for name, present in (columns | {name: [] for name in derived}).items()},
        joins=[JoinRecord(frame=f, column=c, references=r, matched=m, total=n) for f, c, r, m, n in found],
    )
    return joins.analyse(made, joins.JoinsParams(), as_of=AS_OF)


DEALS_TO_ACCOUNTS = ("opportunities", "account_id", "accounts.account_id")


def test_shares_by_hand():
    result = joined([(*DEALS_TO_ACCOUNTS, 90, 100)], ["opportunities", "accounts"])
    row = result.joins.iloc[0]
    assert row["matched_share"] == 0.9
    assert row["low"] < 0.9 < row["high"]
    assert statuses(result)["references_find_their_row"] == "review"
    assert "90.0%" in str(result.finding)


def test_silos():
    result = joined([(*DEALS_TO_ACCOUNTS, 100, 100), ("leads", "account_id", "accounts.account_id", 0, 50)],
                    ["opportunities", "accounts", "leads", "market"])  # fmt: skip
    assert result.silos == ("leads",)
    assert statuses(result)["tables_are_joined"] == "review"


@pytest.mark.parametrize("derived", [(), ("accounts",)])
def test_one_table_joins_with_nothing(derived):
    """Companies made of the deals' own names are no second table that somebody should have joined."""
    result = joined([], ["opportunities"], derived)
    assert set(statuses(result).values()) == {"not_applicable"}
    assert "one table" in str(result.finding)
    assert (result.silos, result.actions) == ((), ())


@pytest.mark.parametrize(("frames", "silos", "said"), [
    ({"opportunities": ["account_id"], "leads": ["account_id"]}, (), "Leads, Deals find one another by the names of companies alone"),
    ({"opportunities": ["account_id"], "leads": ["account_id"], "invoices": []}, ("invoices",), "joined with no other: Invoices"),
    ({"opportunities": ["account_id"], "leads": []}, ("leads", "opportunities"), "The 2 tables are not joined"),
])  # fmt: skip
def test_tables_may_have_companies_in_common_that_no_file_lists(frames, silos, said):
    result = joined([], frames, derived=("accounts",))
    assert result.silos == silos
    assert said in str(result.finding)
    assert len(result.actions) == bool(silos)
