"""The kinds of dirt, by file, in the order in which they are put on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pandas as pd

from workbook.demo.dirt import Table, german_date, german_money

Rule = Callable[[Table], None]
SPELLINGS: tuple[Callable[[str], str], ...] = (
    str.lower,
    lambda i: f"{i} ",
    lambda i: f" {i}",
    lambda i: f"{i[0]} {i[1:]}",
)
DAMAGED = {"5-20": "May-20", "1-5": "01-May"}
OLD_PRODUCT, OLD_SPELLING = "NW-Control X", "NW Control X"
UNKNOWN = ("Unknown", "unknown", "n/a")


def _spelling_of_accounts(table: Table) -> None:
    rows = table.take(table.cells["account_id"] != "", 40)
    values = [SPELLINGS[i % 4](v) for i, v in enumerate(table.read("account_id", rows))]
    table.write("account_spelling", "account_id", rows, values, "same account, other case or blanks")


def _spelling_of_products(table: Table) -> None:
    rows = table.take((table.cells["product_id"] == OLD_PRODUCT) & (table.cells["created_on"] < "2024"))
    table.write("product_spelling", "product_id", rows, [OLD_SPELLING] * len(rows), f"stands for {OLD_PRODUCT}")


def _german_dates(column: str, count: int) -> Rule:
    def rule(table: Table) -> None:
        rows = table.take(table.cells[column].str[8:10] > "12", count)
        values = [german_date(v) for v in table.read(column, rows)]
        table.write("german_date", column, rows, values, "dd.mm.yyyy in an ISO column, day above 12")

    return rule


def _german_amounts(column: str, count: int) -> Rule:
    def rule(table: Table) -> None:
        rows = table.take(~table.cells[column].isin(["", "0.00"]), count)
        values = [german_money(v) for v in table.read(column, rows)]
        table.write("german_amount", column, rows, values, "German decimals and € in a column with decimal points")

    return rule


def _zero_for_missing(table: Table) -> None:
    rows = table.take((table.cells["status"] == "won") & (table.cells["amount"] == ""))
    table.write("zero_amount", "amount", rows, ["0.00"] * len(rows), "won, amount never entered: no amount, not zero")


def _unknown(column: str, where: str = "") -> Rule:
    """Words for nothing in two thirds of a column's empty cells (of the rows in which `where` is filled)."""

    def rule(table: Table) -> None:
        empty = (table.cells[column] == "") & (table.cells[where or table.cells.columns[0]] != "")
        rows = table.take(empty, int((empty & table.free).sum()) * 2 // 3)
        table.write("unknown_token", column, rows, [UNKNOWN[i % 3] for i in range(len(rows))], "stands for missing")

    return rule


def _closed_before_created(table: Table) -> None:
    rows = table.take(table.cells["status"] == "lost", 4)
    values = [str(date.fromisoformat(v) - timedelta(days=9 + i)) for i, v in enumerate(table.read("created_on", rows))]
    table.write(
        "closed_before_created",
        "closed_on",
        rows,
        values,
        "true day of the close is lost",
        is_restorable=False,
    )


def _created_after_export(table: Table) -> None:
    rows = table.take((table.cells["status"] == "open") & (table.cells["created_on"] > "2026-06"), 2)
    table.write(
        "created_after_export",
        "created_on",
        rows,
        ["2026-10-19", "2027-01-04"],
        "true day of creation is lost",
        is_restorable=False,
    )


def _unresolved_account(table: Table) -> None:
    rows = table.take(table.cells["status"] == "lost", 1)
    table.write("unresolved_account", "account_id", rows, ["A9999"], "no such account", is_restorable=False)


def _won_before_contact(table: Table) -> None:
    rows = table.take((table.cells["customer_at"] != "") & (table.cells["created_at"] > "2023"), 1)
    values = [f"{date.fromisoformat(v[:10]) - timedelta(days=23)} 15:00" for v in table.read("created_at", rows)]
    table.write(
        "won_before_contact",
        "customer_at",
        rows,
        values,
        "customer before the first contact",
        is_restorable=False,
    )


def _damaged_ranges(table: Table) -> None:
    rows = table.take(table.cells["employee_range"].isin(list(DAMAGED)), 24)
    values = [DAMAGED[v] for v in table.read("employee_range", rows)]
    table.write("excel_range", "employee_range", rows, values, "a range that Excel took for a date")


def _duplicates(count: int, gap: int) -> Rule:
    """Copies of untouched rows, `gap` rows further down, as overlapping exports leave them."""

    def rule(table: Table) -> None:
        rows = table.take(table.free, count)
        copies = table.cells.iloc[rows]
        order = pd.Series(range(len(table.cells)), dtype=float)
        places = pd.Series([min(r + gap, len(table.cells)) + 0.5 for r in rows])
        both = pd.concat([table.cells, copies], ignore_index=True)
        both = both.iloc[pd.concat([order, places], ignore_index=True).argsort(kind="stable").to_numpy()]
        table.cells = both.reset_index(drop=True)
        ids = [str(i) for i in copies.iloc[:, 0]]
        table.note("duplicate_row", "", ids, "exact copy of a row above")

    return rule


def _repeated_header(table: Table) -> None:
    middle = len(table.cells) // 2
    header = pd.DataFrame([list(table.cells.columns)], columns=table.cells.columns)
    table.cells = pd.concat([table.cells.iloc[:middle], header, table.cells.iloc[middle:]], ignore_index=True)
    table.note("repeated_header", "", ["header"], f"line {middle + 2} of the file")


def _total_row(column: str) -> Rule:
    def rule(table: Table) -> None:
        cents = [_cents(v) for v in table.cells.drop_duplicates()[column]]
        total = dict.fromkeys(table.cells.columns, "") | {table.cells.columns[0]: "Total"}
        total[column] = f"{sum(cents) / 100:.2f}"
        table.cells = pd.concat([table.cells, pd.DataFrame([total])], ignore_index=True)
        table.note("total_row", "", ["Total"], "last line of the file")

    return rule


def _cents(amount: str) -> int:
    """Cents in an amount cell of either style; 0 where there is none (and in the repeated header)."""
    digits = "".join(c for c in amount if c.isdigit())
    return int(digits) if digits else 0


RULES: dict[str, tuple[Rule, ...]] = {
    "accounts": (_damaged_ranges, _unknown("industry"), _duplicates(6, 200)),
    "opportunities": (
        _zero_for_missing,
        _spelling_of_products,
        _spelling_of_accounts,
        _german_dates("created_on", 30),
        _german_dates("closed_on", 20),
        _german_amounts("amount", 25),
        _unknown("source"),
        _closed_before_created,
        _created_after_export,
        _unresolved_account,
        _duplicates(25, 1_500),
        _repeated_header,
        _total_row("amount"),
    ),
    "leads": (
        _won_before_contact,
        _german_dates("created_at", 25),
        _unknown("rejection_reason", "rejected_at"),
        _duplicates(40, 3_000),
    ),
    "stage_entries": (_duplicates(30, 5_000),),
    "invoices": (_german_amounts("amount", 20), _duplicates(10, 900), _total_row("amount")),
}
