"""Which company a row belongs to: by id, else by name; companies that no file lists are derived from their names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from workbook.frames import FRAMES
from workbook.frames.lookup import is_among
from workbook.sources.assemble import Frames, empty_column, place_rows
from workbook.sources.ledger import Ledger
from workbook.sources.mapping import HELPERS
from workbook.sources.merge import fill_from, note_merged
from workbook.sources.names import normalise
from workbook.text import msg

CARRIERS = ("opportunities", "leads", "contacts", "invoices", "feedback")


@dataclass
class Directory:
    """Companies by name as written and normalised. alias: ids that mean the same company as another id."""

    by_name: dict[str, str] = field(default_factory=dict)
    by_spelling: dict[str, str] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)
    alias: dict[str, str] = field(default_factory=dict)

    def find(self, name: str) -> str:
        """Return the id of a name: as spelled, else by its letters and digits, else made of them."""
        key = normalise(name)
        return self.by_spelling.get(name) or self.by_name.get(key, key)


def resolve_accounts(frames: Frames, ledger: Ledger) -> set[str]:
    """Fill `account_id` everywhere and derive the accounts that no file lists; returns the derived ids."""
    directory = Directory()
    if "accounts" in frames:
        read_listed(frames, directory, ledger)
    carriers = [name for name in CARRIERS if name in frames and "account_name" in HELPERS.get(name, {})]
    for name in carriers:
        _learn(frames.data[name], directory)
    for name in carriers:
        _fill(frames.data[name], name, directory, ledger)
    return _derive(frames, carriers, directory, ledger)


def read_listed(frames: Frames, directory: Directory, ledger: Ledger) -> None:
    """Read the accounts' names; the same name in exports of two files is one company."""
    accounts = frames.data["accounts"]
    first: dict[str, Any] = {}
    spelled: dict[str, Any] = {}
    pairs: list[tuple[Any, Any]] = []
    twins: list[Any] = []
    columns = (accounts.index, accounts["account_id"], accounts["name"], accounts["source_file"])
    for index, id_, name, file in zip(*columns, strict=True):
        directory.listed.add(str(id_))
        key = normalise(name) if isinstance(name, str) else ""
        if not key:
            continue
        if key not in first:
            first[key] = (index, file)
            spelled[name] = index
            directory.by_name[key] = directory.by_spelling[name] = str(id_)
        elif file != first[key][1]:
            stays = spelled.get(name, first[key][0])
            directory.alias[str(id_)] = directory.by_spelling.get(name, directory.by_name[key])
            pairs.append((index, stays))
        else:
            directory.by_spelling.setdefault(name, str(id_))
            spelled.setdefault(name, index)
            twins.append(index)
    if twins:
        rows = place_rows(accounts.loc[twins], "account_id", "name")
        message = msg("{n} accounts have the name of another account, perhaps the same company twice", n=len(twins))
        ledger.flag("accounts of the same name", "accounts.name", message, rows)
    if pairs:
        note_merged(accounts, pairs, ("accounts", "name", msg("the same company in another file")), ledger)
        names = [column for column in FRAMES["accounts"].names if column != "account_id"]
        fill_from(accounts, pairs, [*names, *frames.attributes["accounts"]])
    frames.data["accounts"] = accounts.drop(index=[gone for gone, _ in pairs]).reset_index(drop=True)


def _learn(data: pd.DataFrame, directory: Directory) -> None:
    """Read pairs of id and name where a file carries both."""
    both = data[data["account_id"].notna() & data["account_name"].notna()].drop_duplicates(["account_id", "account_name"])
    for id_, name in zip(both["account_id"], both["account_name"], strict=True):
        key = normalise(str(name))
        known = directory.by_name.setdefault(key, str(id_)) if key else str(id_)
        if known != id_ and id_ not in directory.listed:
            directory.alias[str(id_)] = known


def _fill(data: pd.DataFrame, name: str, directory: Directory, ledger: Ledger) -> None:
    by_name = data["account_id"].isna() & data["account_name"].notna()
    found = data["account_name"].map(directory.find, na_action="ignore")
    filled = data["account_id"].where(~by_name, found.astype("str"))
    data["account_id"] = filled.map(lambda id_: directory.alias.get(id_, id_), na_action="ignore").astype("str")
    names = data.loc[by_name & (found != ""), ["account_name"]].assign(_id=found)
    spellings = names.drop_duplicates().groupby("_id")["account_name"].agg(list)
    several = spellings[spellings.map(len) > 1]
    if len(several):
        usual = names["account_name"].value_counts()
        rarer = [s for group in several for s in group if s != max(group, key=lambda item: usual[item])]
        example = (rarer[0], max(spellings[directory.find(rarer[0])], key=lambda item: usual[item]))
        count = int(names["account_name"].isin(rarer).sum())
        ledger.repair("spelling of account names", f"{name}.account_name", count, example=example)


def _derive(frames: Frames, carriers: list[str], directory: Directory, ledger: Ledger) -> set[str]:
    """Add a row for every company that only its name (or, without any accounts file, its id) tells of."""
    has_file = "accounts" in frames
    parts = []
    for name in carriers:
        data = frames.data[name]
        wanted = data["account_id"].notna() & (data["account_name"].notna() | (not has_file))
        columns = ["account_id", "account_name", "source_file", "source_line", "crm"]
        extra = [c for c in ("account_industry", "account_country", "account_employees") if c in data]
        parts.append(data.loc[wanted, [*columns, *extra]])
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"account_id": []})
    rows = rows[(rows["account_id"] != "") & ~is_among(rows["account_id"], directory.listed)]
    if rows.empty:
        return set()
    first = rows.groupby("account_id", sort=False).first().reset_index()
    source = rows.drop_duplicates("account_id").set_index("account_id")[["source_file", "source_line", "crm"]]
    derived = _account_rows(first.drop(columns=["source_file", "source_line", "crm"]).join(source, on="account_id"), frames)
    if has_file:
        listed = place_rows(derived, "account_id", "name")
        message = msg("{n} account names are not among the accounts' files; accounts were derived from them", n=len(listed))
        ledger.flag("accounts derived from names", "accounts.name", message, listed)
        frames.data["accounts"] = pd.concat([frames.data["accounts"], derived], ignore_index=True)
    else:
        ledger.assume(msg("{n} accounts were derived from the account names of other files", n=len(derived)))
        frames.data["accounts"] = derived
        frames.attributes["accounts"] = []
    return set(derived["account_id"].astype(str))


def _account_rows(first: pd.DataFrame, frames: Frames) -> pd.DataFrame:
    taken = {
        "account_id": "account_id", "name": "account_name", "industry": "account_industry", "country": "account_country",
        "employees": "account_employees",
    }  # fmt: skip
    columns: dict[str, Any] = {}
    for column in (*FRAMES["accounts"].names, *HELPERS["accounts"]):
        source = taken.get(column)
        columns[column] = first[source] if source in first else empty_column("accounts", column, first.index)
    for name in frames.attributes.get("accounts", []):
        is_number = pd.api.types.is_float_dtype(frames.data["accounts"][name])
        columns[name] = pd.Series(None, index=first.index, dtype="float64" if is_number else "str")
    columns |= {name: first[name] for name in ("source_file", "source_line", "crm")}
    return pd.DataFrame(columns | {"is_made": True}, index=first.index)
