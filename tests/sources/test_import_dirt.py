"""Dirt of real exports: what is repaired, merged, rejected or flagged, and that every line is accounted for."""

from datetime import date
from decimal import Decimal

import pandas as pd
import pytest

from workbook.errors import DataError


def test_duplicates_merge_and_conflicts_are_flagged(imported, deals):
    first = deals(
        "1,A,Proposal,10,2026-01-02,2026-09-01", "2,B,Proposal,20,2026-01-03,2026-09-02", "2,B,Proposal,20,2026-01-03,2026-09-02"
    )
    second = deals("2,B,Closed Won,25,2026-01-03,2026-08-02", "3,C,Proposal,30,2026-01-04,2026-09-03")
    done = imported({"deals-2026-07-31.csv": first, "deals-2026-08-31.csv": second})
    frame = done.deals.set_index("opportunity_id")
    assert len(frame) == 3 and frame.loc["2", "status"] == "won"
    assert done.record.total("merged") == 2 and done.record.total("kept") == 3
    (flag,) = done.record.flagged("duplicate ids")
    assert flag.count == 1
    assert len(done.lines("merged_lines")) == 2


def test_of_lines_that_nothing_dates_the_last_is_taken_and_said_so(imported, deals):
    rows = ("2,B,Closed Won,20,2026-01-03,2026-08-02", "2,B,Closed Won,25,2026-01-03,2026-08-02", "3,C,Closed Won,5,2026-01-03,2026-08-02")
    done = imported({"x.csv": deals(*rows)})
    assert list(done.deals["amount"]) == [Decimal("25.00"), Decimal("5.00")]
    (flag,) = done.record.flagged("duplicate ids")
    assert "the last line was taken" in str(flag.message) and "nothing says which is newer" in done.lines("merged_lines")["reason"][0]


def test_the_same_export_twice_merges_without_a_conflict(imported, deals):
    text = deals("1,A,Proposal,10,2026-01-02,2026-09-01", "2,B,Proposal,20,2026-01-03,2026-09-02")
    done = imported({"a.csv": text, "b.csv": text})
    assert len(done.deals) == 2 and done.record.total("merged") == 2 and "duplicate ids" not in done.rules()


def test_rows_without_ids_are_never_merged(imported):
    done = imported({"x.csv": "Seller,Product,Status\n" + "S1,P1,Won\n" * 5 + "S2,P2,Lost\n"})
    assert len(done.deals) == 6 and list(done.deals["opportunity_id"]) == ["1", "2", "3", "4", "5", "6"]


@pytest.mark.parametrize(("name", "typo", "day"), [
    ("x.csv", "2090-01-03", date(2026, 3, 1)),
    ("deals 2091-01-01.csv", "2026-02-01", date(2026, 3, 1)),
    ("deals 2026-03-05.csv", "2090-01-03", date(2026, 3, 5)),
])  # fmt: skip
def test_a_mistyped_year_does_not_move_the_day_of_the_data(name, typo, day, imported, deals):
    rows = [f"{i},A{i},Closed Won,10,{typo if i < 3 else '2026-01-03'},{'2026-03-01' if i % 2 else '2026-02-01'}" for i in range(80)]
    done = imported({name: deals(*rows)})
    assert done.record.as_of == day
    assert ("dates after the export" in done.rules()) == (typo > "2080")


def test_data_that_are_made_up_may_lie_ahead(imported, deals):
    rows = [f"{i},A{i},Closed Won,10,2090-01-03,2090-02-0{i % 9 + 1}" for i in range(40)]
    assert imported({"x.csv": deals(*rows)}).record.as_of == date(2090, 2, 9)
    assert imported({"deals 2090-02-28.csv": deals(*rows)}).record.as_of == date(2090, 2, 28)


def test_deals_without_ids_that_two_exports_tell_alike_are_merged(imported):
    rows = [f"Deal {i // 2},Firm,Won,{100 + i // 2},2026-01-0{i // 2 + 1}\n" for i in range(6)] + ["Alone,Firm,Won,9,2026-01-09\n"]
    header = "Deal Name,Account Name,Stage,Amount,Created Date\n"
    done = imported({"a.csv": header + "".join(rows), "b.csv": header + "".join(rows[2:6:2]) + "New,Firm,Won,9,2026-01-09\n"})
    assert len(done.deals) == 8 and done.record.total("merged") == 2 and done.deals["opportunity_id"].is_unique
    assert set(done.lines("merged_lines")["reason"]) == {"the same line in another file"}
    (flag,) = done.record.flagged("lines alike")
    assert flag.count == 3


def test_missing_words_are_missing(imported):
    done = imported({"x.csv": "Deal ID,Stage,Region\n1,Won,Unknown\n2,Lost,n/a\n3,Won,-\n4,Lost,North\n"})
    assert done.deals["region"].notna().sum() == 1
    assert done.record.repaired("words for not known") == 3


def test_lines_without_what_they_need_are_rejected_with_line_and_reason(imported):
    done = imported(
        {"x.csv": "Deal ID,Stage,Amount,Owner\n1,Won,5,a\n,Won,6,b\n3,,7,c\n" + "".join(f"{i},Won,5,a\n" for i in range(4, 20))}
    )
    lines = done.lines("rejected_lines")
    assert list(lines["line"]) == ["3", "4"]
    assert "opportunity_id is missing" in lines["reason"].iloc[0] and "status is missing" in lines["reason"].iloc[1]
    assert lines["text"].iloc[0] == ",Won,6,b"
    assert done.record.total("rejected") == 2


def test_too_many_rejected_lines_are_fatal_and_the_limit_is_a_parameter(imported):
    text = "Deal ID,Stage,Amount\n1,Won,5\n,Won,6\n,Won,7\n"
    with pytest.raises(DataError) as caught:
        imported({"x.csv": text})
    assert caught.value.status == 3 and "2 of 3 lines" in str(caught.value) and "line 3" in caught.value.where
    assert len(imported({"x.csv": text}, rejected_lines_max_share=0.9).deals) == 1


def test_unreadable_cells_are_missing_and_listed(imported, deals):
    done = imported(
        {
            "x.csv": deals(
                "1,A,Won,ten,2026-01-02,2026-09-01", "2,B,Won,20,2026-13-45,2026-09-01", "3,C,Won,30,2026-01-04,2026-09-01"
            )
        }
    )
    assert pd.isna(done.deals["amount"].iloc[0]) and done.deals["created_on"].iloc[1] is None
    rows = done.lines("flagged_rows").query("rule == 'unreadable cells'")
    assert set(zip(rows["column"], rows["line"], rows["value"], strict=True)) == {
        ("amount", "2", "ten"),
        ("created_on", "3", "2026-13-45"),
    }


def test_an_amount_that_reads_both_ways_is_settled_by_the_other_columns_then_the_delimiter(imported):
    header = "Deal ID;Stage;Amount;Discount (%)\n"
    done = imported({"x.csv": header + "1;Won;1.234;2,5\n2;Lost;12.345;3,5\n"})
    assert list(done.deals["amount"]) == [Decimal("1234.00"), Decimal("12345.00")]
    assert any("reads both ways" in str(said) for said in done.record.assumptions)
    assert list(done.deals["discount_share"]) == pytest.approx([0.025, 0.035])


GERMAN_DAYS = "Deal ID,Stage,Amount,Created Date\n1,Won,1.234,31.01.2026\n2,Lost,12.345,01.02.2026\n"


def test_an_amount_that_reads_both_ways_is_settled_by_days_written_with_dots(imported):
    done = imported({"x.csv": GERMAN_DAYS})
    assert list(done.deals["amount"]) == [Decimal("1234.00"), Decimal("12345.00")]
    assert any("read as 1,234, as its days are written with dots" in str(said) for said in done.record.assumptions)
    assert list(imported({"x.csv": GERMAN_DAYS.replace(".01.", "/01/").replace(".02.", "/02/")}).deals["amount"]) == [Decimal("1.23"), Decimal("12.34")]


@pytest.mark.parametrize(("rows", "first"), [(40, "1234.00"), (8, "1.23")])
def test_many_amounts_in_groups_of_three_are_no_fractions(rows, first, imported):
    amounts = [f"{1 + i % 9}.{234 + i}" for i in range(rows)] + ["950"]
    done = imported({"x.csv": "Deal ID,Stage,Amount\n" + "".join(f"{i},Won,{amount} €\n" for i, amount in enumerate(amounts))})
    assert done.deals["amount"].iloc[0] == Decimal(first) and done.deals["amount"].iloc[-1] == Decimal("950.00")
    mixed = imported({"x.csv": "Deal ID,Stage,Amount\n" + "".join(f"{i},Won,{amount}\n" for i, amount in enumerate([*amounts, "1200"]))})
    assert mixed.deals["amount"].iloc[0] == Decimal("1.23")


def test_a_number_of_a_spreadsheet_never_reads_both_ways(imported, tmp_path):
    rows = {"Deal ID": range(40), "Stage": "Won", "Amount": [1.234 + i for i in range(40)], "Created Date": "31.01.2026"}
    pd.DataFrame(rows).to_excel(tmp_path / "x.xlsx", index=False)
    done = imported({"x.xlsx": (tmp_path / "x.xlsx").read_bytes()})
    assert done.deals["amount"].iloc[0] == Decimal("1.23") and not [said for said in done.record.assumptions if "both ways" in str(said)]


def test_by_the_delimiter_alone(imported):
    done = imported({"x.csv": "Deal ID,Stage,Amount\n1,Won,1.234\n2,Lost,12.345\n"})
    assert [float(amount) for amount in done.deals["amount"]] == pytest.approx([1.234, 12.345], abs=0.006)


def test_indian_grouping_and_brackets(imported):
    done = imported({"x.csv": 'Deal ID,Stage,Amount\n1,Won,"12,19,417"\n2,Lost,"(1,250.50)"\n'})
    assert list(done.deals["amount"]) == [Decimal("1219417.00"), Decimal("-1250.50")]
    assert "negative amounts" in done.rules()


def test_dates_that_read_both_ways_ask_for_the_style(imported):
    text = "Deal ID,Stage,Created Date\n1,Won,03/04/2026\n2,Lost,05/06/2026\n"
    with pytest.raises(DataError) as caught:
        imported({"x.csv": text})
    what, where, mend = caught.value.lines()
    assert "Created Date" in what and "line 2" in where and "date_style" in mend
    mapping = "frames:\n  opportunities:\n    columns:\n      opportunity_id: Deal ID\n      stage: Stage\n      created_on: {from: Created Date, date_style: dmy}\n"
    assert imported({"x.csv": text}, mapping=mapping).deals["created_on"].iloc[0] == date(2026, 4, 3)


@pytest.mark.parametrize(
    ("other", "day"), [("14/04/2026", date(2026, 4, 3)), ("04/14/2026", date(2026, 3, 4)), ("14.04.2026", date(2026, 4, 3))]
)
def test_another_date_column_settles_the_style(imported, other, day):
    done = imported({"x.csv": f"Deal ID,Stage,Created Date,Close Date\n1,Won,03/04/2026,{other}\n2,Lost,05/06/2026,{other}\n"})
    assert done.deals["created_on"].iloc[0] == day


def test_style_comes_from_the_whole_column_not_the_first_row(imported):
    done = imported({"x.csv": "Deal ID,Stage,Created Date\n1,Won,03/04/2026\n2,Lost,05/25/2026\n"})
    assert done.deals["created_on"].iloc[0] == date(2026, 3, 4)


def test_won_deals_with_amount_zero_count_as_missing(imported, deals):
    done = imported(
        {
            "x.csv": deals(
                "1,A,Closed Won,0,2026-01-02,2026-02-01",
                "2,B,Closed Won,20,2026-01-02,2026-02-01",
                "3,C,Closed Lost,30,2026-01-02,2026-02-01",
            )
        }
    )
    assert pd.isna(done.deals["amount"].iloc[0])
    assert done.record.repaired("amount 0 of won deals taken as missing") == 1


def test_amounts_only_on_won_deals_are_flagged(imported, deals):
    done = imported(
        {
            "x.csv": deals(
                "1,A,Closed Won,5,2026-01-02,2026-02-01", "2,B,Closed Lost,0,2026-01-02,2026-02-01", "3,C,Proposal,,2026-01-02,"
            )
        }
    )
    assert "amounts only on won deals" in done.rules()


def test_odd_dates_are_flagged_and_an_expected_close_may_lie_ahead(imported, deals):
    done = imported(
        {
            "x.csv": deals(
                "1,A,Closed Won,5,2026-03-02,2026-02-01",
                "2,B,Proposal,6,2026-01-02,2027-12-01",
                "3,C,Closed Won,7,2026-01-02,2026-12-24",
                "4,D,Proposal,8,2026-11-02,2026-12-24",
            )
        },
        as_of=date(2026, 9, 30),
    )
    assert {flag.column: flag.count for flag in done.record.flagged("dates after the export")} == {"created_on": 1, "closed_on": 1}
    assert done.record.flagged("close before creation")[0].first_line == 2
    assert done.deals["closed_on"].iloc[0] == date(2026, 2, 1)


def test_the_newest_event_dates_the_export_but_a_slip_far_ahead_does_not(imported, deals):
    rows = [f"{i},A{i},Closed Won,5,2026-01-{i:02d},2026-03-{i:02d}" for i in range(1, 28)] + [
        "99,Z,Closed Won,5,2026-01-02,2062-03-01"
    ]
    done = imported({"x.csv": deals(*rows)})
    assert done.record.as_of == date(2026, 3, 27)
    assert "dates after the export" in done.rules()


def test_unknown_stages_are_open_unless_their_probability_tells(imported):
    done = imported(
        {
            "x.csv": "Deal ID,Stage,Probability (%)\n1,Kickoff,20\n2,Kickoff,30\n3,Hurra,100\n4,Hurra,100\n5,Oje,0\n6,Oje,0\n7,Closed Won,100\n"
        }
    )
    assert list(done.deals["status"]) == ["open", "open", "won", "won", "lost", "lost", "won"]
    assert {stage.stage: (stage.status, stage.count) for stage in done.record.unknown_stages} == {
        "Kickoff": ("open", 2),
        "Hurra": ("won", 2),
        "Oje": ("lost", 2),
    }


def test_a_stage_that_decided_nothing_is_not_called_unknown(imported):
    done = imported({"x.csv": "Deal ID,Stage,Won?\n1,Auftrag,Yes\n2,Auftrag,Yes\n3,Absage,No\n4,offen,\n5,Mystery,\n6,Mystery,Yes\n"})
    assert list(done.deals["status"]) == ["won", "won", "lost", "open", "open", "won"]
    assert [(stage.stage, stage.status, stage.count) for stage in done.record.unknown_stages] == [("Mystery", "open", 1)]


PAST, FUTURE = "2026-03-01", "2027-03-01"  # of deals made up to June 2026
MARKED = {
    "no beside empty cells is lost": ("Won\n1,Yes\n2,No\n3,\n4,No\n", "won lost open lost", "since other cells are empty"),
    "in German": ("Gewonnen?\n1,Ja\n2,Nein\n3,\n4,nein\n", "won lost open lost", "column Gewonnen?: No counts as lost"),
    "no on open deals too": (f"Won,Close Date,Created Date\n1,1,{PAST},2026-01-02\n2,0,{PAST},2026-01-03\n3,0,{FUTURE},2026-06-04\n4,0,,2026-01-05\n", "won lost open open", "has passed"),
    "no without any date": ("Won\n1,Yes\n2,No\n3,No\n4,No\n", "won open open open", "without a Yes count as open"),
    "crosses for won only": ("Gewonnen\n1,x\n2,\n3,x\n4,\n", "won open won open", "without a Yes count as open"),
    "crosses for won and for lost": ("Gewonnen,Verloren\n1,x,\n2,,x\n3,,\n4,,x\n", "won lost open lost", ""),
    "no for won and for lost": ("Is Won,Is Lost\n1,true,false\n2,false,true\n3,false,false\n4,,\n", "won lost open open", ""),
    "a flag of closed deals": ("Won,Closed\n1,true,true\n2,false,true\n3,false,false\n4,,false\n", "won lost open open", ""),
    "the last stage reached beside it": ("Won,Stage\n1,Yes,Proposal\n2,No,Negotiation\n3,,Proposal\n4,No,Proposal\n", "won lost open lost", "since other cells are empty"),
    "a CRM's flag beside its stages": ("Won,Stage\n1,true,Closed Won\n2,false,Closed Lost\n3,false,Proposal\n4,,Proposal\n", "won lost open open", ""),
    "a day of loss": (f"Won,Lost Date\n1,Yes,\n2,No,{PAST}\n3,No,\n4,,\n", "won lost open open", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", MARKED)
def test_no_is_lost_only_where_the_file_shows_it_and_the_reading_is_said(imported, case):
    text, status, said = MARKED[case]
    done = imported({"x.csv": f"Deal ID,{text}"})
    assert " ".join(done.deals["status"]) == status
    readings = [str(note) for note in done.record.assumptions if "column" in str(note)]
    assert len(readings) == bool(said) and all(said in reading for reading in readings)


def test_a_deal_marked_won_and_lost_at_once_is_rejected(imported):
    rows = "".join(f"{i},x,\n" for i in range(3, 20))
    done = imported({"x.csv": f"Deal ID,Gewonnen,Verloren\n1,x,x\n2,,x\n{rows}"})
    assert list(done.lines("rejected_lines")["line"]) == ["2"] and list(done.deals["status"])[:2] == ["lost", "won"]


def test_hostile_text_passes_through_untouched_and_lists_are_safe(imported):
    names = ["<script>alert(1)</script>", "{account}", "🏭 Fabrik", "=cmd|' /C calc'!A0", "zwei\nZeilen"]
    rows = "".join(f'{i},"{name}",Won,x{i % 2}\n' for i, name in enumerate(names, 1))
    done = imported(
        {
            "x.csv": f"Deal ID,Account Name,Stage,=cmd|' /C calc'!A0\n{rows}=1+1,B,,y\n"
            + "".join(f"{i},B,Won,y\n" for i in range(10, 20))
        }
    )
    assert set(names) <= set(done["accounts"]["name"])
    assert done.lines("rejected_lines")["text"].iloc[0].startswith("'=1+1")
    assert any("=cmd" in column.column for column in done.record.unmapped_columns)
    assert done.deals["source_line"].to_list()[:6] == [2, 3, 4, 5, 6, 9]


def test_excels_ranges_are_mended_in_own_columns(imported):
    sizes = ["1-4", "May-20", "21-50", "51-200", "May-20", "21-50"] * 10
    done = imported({"accounts.csv": "account_id,name,size\n" + "".join(f"{i:04d},N{i},{size}\n" for i, size in enumerate(sizes))})
    assert set(done["accounts"]["size"]) == {"1-4", "5-20", "21-50", "51-200"}
    assert done.record.repaired("ranges that Excel made dates") == 20
    assert done["accounts"]["account_id"].iloc[1] == "0001"


def test_spellings_of_references_are_mapped_and_slips_only_suggested(imported):
    products = "product_id,name\nGTX Pro,GTX Pro\nMG Special,MG Special\n"
    opps = "Deal ID,Stage,Product\n1,Won,GTXPro\n2,Won,gtx-pro\n3,Lost,MG Specail\n4,Lost,MG Special\n"
    done = imported({"products.csv": products, "deals.csv": opps})
    assert list(done.deals["product_id"]) == ["GTX Pro", "GTX Pro", "MG Specail", "MG Special"]
    assert done.record.repaired("spelling of references") == 2
    assert "MG Special" in str(done.record.flagged("possible misspellings")[0].message)
    (join,) = [join for join in done.record.joins if join.column == "product_id"]
    assert (join.matched, join.total) == (3, 4)


def test_open_deals_without_account_are_flagged(imported, deals):
    done = imported(
        {"x.csv": deals("1,,Proposal,5,2026-01-02,", "2,,Proposal,5,2026-01-02,", "3,C,Closed Won,5,2026-01-02,2026-02-02")}
    )
    assert "open deals without account" in done.rules()


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("Deal ID,Stage,Amount (USD)\n1,Won,5\n2,Lost,6\n", "USD"),
        ("Deal ID,Stage,Betrag (EUR)\n1,Won,5\n2,Lost,6\n", "EUR"),
        ("Deal ID,Stage,Amount\n1,Won,£5\n2,Lost,£6\n", "GBP"),
        ("Deal ID,Stage,Amount,Currency\n1,Won,5,chf\n2,Lost,6,CHF\n", "CHF"),
        ("ID,STAGENAME,AMOUNT,CURRENCYISOCODE\n1,Won,5,CHF\n2,Lost,6,CHF\n", "CHF"),
        ("Deal ID,Stage,Amount,Währungskürzel\n1,Won,5,$\n2,Lost,6,USD\n", "USD"),
        ("Deal ID,Stage,Amount,Country,ISO\n1,Won,5,DE,GBP\n2,Lost,6,AT,£\n", "GBP"),
        ("Deal ID,Stage,Amount,Scope,Priority\n1,Won,5,ALL,TOP\n2,Lost,6,ALL,TRY\n", "assumed"),
        ("Deal ID,Stage,Amount,Note\n1,Won,5,EUR\n2,Lost,6,EUR if signed\n3,Lost,7,later\n", "assumed"),
    ],
)
def test_currency_comes_from_heading_cells_or_column(imported, text, currency):
    done, is_assumed = imported({"x.csv": text}, currency="SEK"), currency == "assumed"
    assert set(done.deals["currency"]) == {"SEK" if is_assumed else currency} and bool(done.record.assumptions) is is_assumed


def test_a_column_of_currencies_is_none_of_ones_own(imported):
    rows = "".join(f"{i},{'Won' if i % 2 else 'Lost'},{i}00,{'USD' if i % 3 else 'EUR'}\n" for i in range(30))
    done = imported({"x.csv": f"Deal ID,Stage,Amount,Money\n{rows}"}, currency="EUR")
    assert done.record.money.is_mixed and not done.record.frames["opportunities"].attributes


@pytest.mark.parametrize(
    ("header", "cells", "left"),
    [
        ("ISDELETED", ("true", "false", "false", "TRUE"), ["2", "3"]), ("Gelöscht", ("ja", "nein", "", "nein"), ["2", "3", "4"]), ("Löschkennzeichen", ("", "X", "", ""), ["1", "3", "4"]),
        ("Is Deleted", ("1", "1", "1", "1"), ["1", "2", "3", "4"]), ("Deleted", ("2026-01-01", "", "", ""), ["1", "2", "3", "4"]), ("Is Closed", ("true", "true", "true", "false"), ["1", "2", "3", "4"]),
    ],
)  # fmt: skip
def test_rows_that_the_crm_marks_as_deleted_are_no_data(imported, header, cells, left):
    done = imported({"x.csv": f"Deal ID,Stage,Amount,{header}\n" + "".join(f"{i},Won,5,{cell}\n" for i, cell in enumerate(cells, 1))})
    assert list(done.deals["opportunity_id"]) == left
    assert done.record.total("not_data") == 5 - len(left) and done.record.repaired("lines marked as deleted") == 4 - len(left)


def test_mixed_currencies_are_flagged_or_converted(imported):
    text = "Deal ID,Stage,Amount,Currency\n1,Won,100,EUR\n2,Lost,200,USD\n"
    done = imported({"x.csv": text}, currency="EUR")
    assert done.record.money.is_mixed and done.record.money.currencies == {"EUR": 1, "USD": 1}
    assert "mixed currencies" in done.rules()
    done = imported({"x.csv": text}, currency="EUR", exchange_rates={"USD": 0.9})
    assert not done.record.money.is_mixed and list(done.deals["amount"]) == [Decimal("100.00"), Decimal("180.00")]
    assert done.record.repaired("currency converted") == 1


def test_thousands_in_the_heading_multiply(imported):
    done = imported({"x.csv": "Deal ID;Stage;Betrag (T€)\n1;Gewonnen;12,5\n2;Verloren;3\n"})
    assert list(done.deals["amount"]) == [Decimal("12500.00"), Decimal("3000.00")] and set(done.deals["currency"]) == {"EUR"}


def test_types_are_the_declared_ones(imported, deals):
    import pyarrow.parquet as pq

    from workbook.frames import FRAMES
    from workbook.frames.column import ARROW_TYPES

    done = imported({"x.csv": deals("1,A,Won,5,2026-01-02,2026-02-02")})
    schema = pq.read_schema(done.out / "opportunities.parquet")
    declared = {c.name: ARROW_TYPES[c.kind] for c in FRAMES["opportunities"].columns}
    found = {name: str(schema.field(name).type).replace("date32[day]", "date32").replace("double", "float64") for name in declared}
    assert found == declared
    assert schema.names[: len(declared)] == list(declared) and schema.names[-2:] == ["source_file", "source_line"]


def test_invoice_numbers_on_several_lines_are_numbered(imported):
    lines = "".join(f"R{i // 3},K1,2026-01-0{i % 9 + 1},{i + 10}\n" for i in range(30))
    done = imported({"rechnungen.csv": "Rechnungsnummer,Kundennummer,Rechnungsdatum,Nettobetrag\n" + lines}, currency="EUR")
    assert len(done["invoices"]) == 30 and done["invoices"]["invoice_id"].is_unique


def test_categories_get_the_spelling_of_most_cells_in_all_frames(imported):
    deals = ("Süd", "Süd", "SÜD", "Su\u0308d", "süd ", "Nord-West", "nord west", "Nord-West", "Nordwest", "A+", "a-", "A-")
    text = "Deal ID,Stage,Name,Region,Grade\n" + "".join(f"d{i},{'Won' if i % 2 else 'lost'},{'Line' if i % 2 else 'LINE'},{value},{('x', 'X', 'X', '-5', '5')[i % 5]}\n" for i, value in enumerate(deals))
    done = imported({"deals.csv": text, "accounts.csv": "Account ID,Account Name,Region\n1,ACME,SÜD\n2,Acme Süd,NORD WEST\n"})
    assert list(done.deals["region"]) == ["Süd"] * 5 + ["Nord-West"] * 3 + ["Nordwest", "A+", "a-", "a-"]
    assert list(done["accounts"]["region"]) == ["Süd", "Nord-West"]
    assert set(done.deals["grade"]) == {"X", "-5", "5"} and set(done.deals["name"]) == {"Line", "LINE"}
    assert {(repair.frame, repair.column, repair.count) for repair in done.record.repairs if repair.rule == "spelling of categories"} == {
        ("opportunities", "region", 4), ("opportunities", "grade", 3), ("accounts", "region", 2),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "spelling"),
    [
        (("SÜD", "Süd"), "Süd"), (("süd", "SÜD"), "süd"), (("süd", "süd", "Süd"), "süd"), (("Strasse", "Straße", "Straße"), "Straße"), (("New_Business", "new business"), "New_Business"),
    ],
)  # fmt: skip
def test_the_commonest_spelling_stays_and_of_two_the_first_in_mixed_case(imported, cells, spelling):
    done = imported({"x.csv": "Deal ID,Stage,Region\n" + "".join(f"{i},Won,{cell}\n" for i, cell in enumerate(cells))})
    assert set(done.deals["region"]) == {spelling}


def test_letters_are_composed_wherever_they_stand(imported):
    files = {"deals.csv": "Deal ID,Stage,Kundennummer,Region\nÄ-1,Won,Mu\u0308ller,Su\u0308d\n", "accounts.csv": "Account ID,Account Name\nMüller,Mu\u0308ller AG\n"}
    done = imported(files)
    assert list(done.deals["account_id"]) == list(done["accounts"]["account_id"]) == ["Müller"] and list(done["accounts"]["name"]) == ["Müller AG"]
    assert list(done.deals["region"]) == ["Süd"] and "references that do not resolve" not in done.rules()
