"""Accounts of one name, as `resolve_accounts` takes them: perhaps the same in one file, the same company in two files."""

from __future__ import annotations

import pandas as pd

from workbook.sources.accounts import CARRIERS, Directory, read_listed
from workbook.sources.assemble import Frames as TextFrames
from workbook.sources.passing.engine import quoted
from workbook.sources.passing.frame import FILE, HERE, PLACE, Frames, PassingFrame, give, located
from workbook.sources.passing.links import rename
from workbook.sources.passing.parquet import LINE
from workbook.sources.passing.rows import MOST_ROWS, letters_of
from workbook.sources.passing.unfit import Unfit
from workbook.text import msg


def settle_names(frames: Frames) -> None:
    """Flag accounts that have the name of one before them in their file, and merge those of another file. Raises `Unfit` where these are too many."""
    accounts = frames["accounts"]
    letters = letters_of("name")
    doubled = f"SELECT {letters} FROM {accounts.view} WHERE {letters} <> '' GROUP BY {letters} HAVING count(*) > 1"
    if not accounts.engine.rows(f"{doubled} LIMIT 1"):
        return
    if accounts.engine.rows(f"{doubled} AND count(DISTINCT {FILE}) > 1 LIMIT 1"):
        _merge_names(accounts, frames, f"{letters} IN ({doubled})")
        return
    later = f"row_number() OVER (PARTITION BY {letters} ORDER BY {PLACE}) > 1"
    places = located(accounts, "name", f"{letters} <> '' QUALIFY {later}")
    frames.flag(
        "accounts of the same name", ("accounts", "name"), places,
        lambda n, _: msg("{n} accounts have the name of another account, perhaps the same company twice", n=n),
    )  # fmt: skip


def _merge_names(accounts: PassingFrame, frames: Frames, condition: str) -> None:
    """Look at the accounts of doubled names one by one; what refers to one that went refers to the one that stays."""
    n = accounts.count(condition)
    if n > MOST_ROWS:
        raise Unfit(msg("{n} accounts have the name of another account", n=n), "accounts")
    alone = TextFrames({"accounts": accounts.pulled(condition)}, {"accounts": list(accounts.attributes)})
    directory = Directory()
    before = ", ".join(map(str, alone.data["accounts"][PLACE]))
    read_listed(alone, directory, frames.ledger)
    rows = _given(accounts, alone.data["accounts"])
    columns = ", ".join(map(quoted, accounts.names))
    accounts.lay(f"SELECT {columns}, {HERE} FROM {accounts.view} WHERE {PLACE} NOT IN ({before}) UNION ALL SELECT {columns}, {HERE} FROM {rows}")
    accounts.is_joined = True
    for name in CARRIERS:
        if name in frames:
            rename(frames[name], "account_id", directory.alias)


def _given(accounts: PassingFrame, data: pd.DataFrame) -> str:
    """Hand accounts to the engine; return the query that has them as on their way."""
    given = give(accounts, data.rename(columns={"source_file": FILE, "source_line": LINE}), "accounts_named")
    return f"(SELECT {given}, {HERE} FROM accounts_named)"
