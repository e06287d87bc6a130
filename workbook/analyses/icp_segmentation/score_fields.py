"""Which fields a score may use: those known when a lead or deal is scored, and why the others are out.

Known at creation: where it came from, and what the company is. Fields that people edit later (stage, amount, competitor, …)
and fields on people are never used. The firm's own fields carry no history: they are used only where too little else is
left, and the score is then unvalidated – unless a column `<field>_at` or `<field>_changed_at` says when each value was
entered. A value entered after creation is a leak, and so is a field whose filling, or whose value, gives the outcome away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbook.analyses.icp_segmentation.account_attributes import size_class
from workbook.analyses.icp_segmentation.labels import label
from workbook.frames import FRAMES
from workbook.stats.discrimination import auc
from workbook.stats.heterogeneity import association_2x2
from workbook.text import Message, msg, render, share

if TYPE_CHECKING:
    from ibis.expr.types import Table

AT_CREATION = {
    "leads": ("source", "campaign", "region"),
    "opportunities": ("source", "region", "pipeline", "business_type"),
    "accounts": ("industry", "country", "region", "employees", "founded_year"),
}
UNDATED = {"leads": (), "opportunities": ("segment", "product_id", "is_marketing_sourced"), "accounts": ("segment",)}
LATER = {
    "leads": ("mql_at", "first_response_at", "sql_at", "rejected_at", "rejection_reason"),
    "opportunities": ("stage", "expected_close_on", "amount", "discount_share", "probability", "competitor", "loss_reason"),
    "accounts": ("needs", "values", "channel_preference", "price_sensitivity", "customer_since_on"),
}
STAMPS = ("_at", "_on", "_changed_at", "_changed_on")
COMPANY = "account__"
LATE = "late__"
FILL_GAP, FILL_P = 0.05, 0.01  # a fill rate that differs by five points, hardly by chance
LATE_MAX = 0.01
GIVES_AWAY = 0.95  # an AUC that no honest single field of a sale reaches
NOT_RECORDED = "\x1fnot recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Fields of a score.

    table: one row per field, used ones first: field, is_used, reason (Message or None), is_leak, filled_hits, filled_others.
    used: names; undated: those of them without proof of when they were filled in.
    """

    table: pd.DataFrame
    used: tuple[str, ...]
    undated: tuple[str, ...]


def scoring_rows(cases: Table, accounts: Table, frame: str, limit: int) -> Table:
    """Return what a score may be made from, the latest `limit` cases. Lazy.

    cases: with case_id, created_on and is_hit added. One row per case: created_on, is_hit, owner, account, one column per
    field, and `late__<field>` where a time stamp says whether the value came after the creation.
    """
    import ibis

    fields, late = _columns(cases, frame)
    company = accounts.select(
        account_id="account_id", **{COMPANY + name: accounts[name] for name in (*AT_CREATION["accounts"], *UNDATED["accounts"], *_own(accounts, "accounts"))}
    )
    joined = cases.left_join(company, "account_id")
    named = {name: _plain(joined[name]) for name in (*fields, *(c for c in company.columns if c != "account_id"))}
    chosen = joined.select("case_id", "created_on", "is_hit", owner=joined.owner_id, account=joined.account_id, **named, **{
        LATE + name: (joined[stamp].cast("date") > joined.created_on) for name, stamp in late.items()
    })  # fmt: skip
    return chosen.order_by(ibis.desc("created_on"), "case_id").limit(limit).drop("case_id")


def _columns(cases: Table, frame: str) -> tuple[list[str], dict[str, str]]:
    """Return the fields of a frame that may count, and the time stamp of those that have one."""
    fields = [*AT_CREATION[frame], *UNDATED[frame], *_own(cases, frame)]
    stamps = {name: next((name + end for end in STAMPS if name + end in cases.columns), None) for name in fields}
    return fields, {name: stamp for name, stamp in stamps.items() if stamp and cases[stamp].type().is_temporal()}


def _own(table: Table, frame: str) -> list[str]:
    """Return the firm's own columns that are no identifier and no date."""
    known = {*FRAMES[frame].names, "source_file", "source_line", "case_id", "created_on", "is_hit", "is_mature", "is_customer",
             "is_before_contact", "is_undated", "age_days", "customer_days", "horizon_days"}  # fmt: skip
    kinds = {name: table[name].type() for name in table.columns if name not in known and not name.endswith("_id")}
    return [name for name, kind in kinds.items() if kind.is_string() or kind.is_boolean() or kind.is_numeric()]


def _plain(column: Any) -> Any:
    return column.cast("float64") if column.type().is_numeric() else column.cast("string")


def field_name(field: str) -> Message | str:
    """Return a field's name as shown; those of the company say so."""
    return msg("{field} (company)", field=label(field.removeprefix(COMPANY))) if field.startswith(COMPANY) else label(field)


def choose(rows: pd.DataFrame, earlier: pd.Series, frame: str, params: Any) -> tuple[Chosen, pd.DataFrame]:
    """Choose fields and turn them into values. Pure.

    rows: of `scoring_rows`; earlier: which of them the score is fitted on. Returns the choice and one text column per field
    used (None: unknown), row by row.
    """
    names = [n for n in rows.columns if n not in ("created_on", "is_hit", "owner", "account") and not n.startswith(LATE)]
    found = {name: _judged(rows, name, earlier, frame, params) for name in names if rows[name].notna().any()}
    firm = [name for name, entry in found.items() if entry["reason"] is None and not entry["is_undated"]]
    if len(firm) >= params.firm_fields_min and not params.fields:
        for entry in found.values():
            if entry["reason"] is None and entry["is_undated"]:
                entry["reason"] = msg("nothing says when it was filled in, and enough other fields are known at creation")
    if params.fields:
        for name, entry in found.items():
            if entry["reason"] is None and name not in params.fields:
                entry["reason"] = msg("not among the fields the settings name")
    _drop_twins(found)
    _keep_to_the_budget(found, rows, earlier, params)
    used = tuple(sorted(name for name, entry in found.items() if entry["reason"] is None))
    table = _table(found, frame)
    undated = tuple(name for name in used if found[name]["is_undated"] or found[name]["is_uneven"])
    values = pd.DataFrame({name: found[name]["values"] for name in used}, index=rows.index)
    return Chosen(table=table, used=used, undated=undated), values


def _judged(rows: pd.DataFrame, name: str, earlier: pd.Series, frame: str, params: Any) -> dict[str, Any]:
    """Return a field's values, its fill rate by outcome, and the reason why it is out (None: it may be used)."""
    hit, filled = rows["is_hit"].astype(bool), rows[name].notna()
    known, home = name.removeprefix(COMPANY), "accounts" if name.startswith(COMPANY) else frame
    late = rows[LATE + name].dropna().astype(bool) if LATE + name in rows else pd.Series(dtype=bool)
    is_dated = len(late) > 0 and len(late) >= 0.99 * int(filled.sum())
    is_firm = known in AT_CREATION[home] or is_dated
    cells = [[int((filled & hit).sum()), int((filled & ~hit).sum())], [int((~filled & hit).sum()), int((~filled & ~hit).sum())]]
    shares = [float(filled[group].mean()) if group.any() else float("nan") for group in (hit, ~hit)]
    is_uneven = abs(shares[0] - shares[1]) >= FILL_GAP and float(association_2x2(cells).p_value) <= FILL_P
    needless = home == "accounts" and is_uneven  # a leak whatever its values
    values = _values(rows[name], earlier & ~needless, is_firm and home == frame, params)
    entry = {"values": values, "is_undated": not is_firm, "is_uneven": is_uneven, "filled_hits": shares[0], "filled_others": shares[1],
             "is_leak": False, "reason": None}  # fmt: skip
    if len(late) and float(late.mean()) > LATE_MAX:
        return entry | {"is_leak": True, "reason": msg("entered after the creation in {share} of the cases", share=share(float(late.mean()), 0))}
    if is_uneven and not (is_firm and home == frame):
        reason = msg("filled for {hits} of the successes and {others} of the others: filling depends on the outcome",
                     hits=share(shares[0], 0), others=share(shares[1], 0))  # fmt: skip
        return entry | {"is_leak": True, "reason": reason}
    return entry | _unfit(rows, values, (name, filled, earlier), params)


def _unfit(rows: pd.DataFrame, values: pd.Series, field: tuple[str, pd.Series, pd.Series], params: Any) -> dict[str, Any]:
    """Return why a field that does not leak by time or filling is still out; empty where it may be used."""
    name, filled, earlier = field
    hit = rows["is_hit"].astype(bool)
    if float(filled.mean()) < params.fill_min:
        return {"reason": msg("filled for {share} of the cases only", share=share(float(filled.mean()), 0))}
    people = set(rows["owner"].dropna().unique())
    stated = set(map(str, rows.loc[filled, name].unique()))
    if len(stated & people) > len(stated) / 2:
        return {"reason": msg("names people")}
    if values[earlier].nunique() < 2:
        return {"reason": msg("no two values on enough cases")}
    rate = hit[earlier].groupby(values[earlier], observed=True).mean()
    known = earlier & values.notna()
    alone = auc(hit[known].astype(float), values[known].map(rate).astype(float))
    if alone.value >= GIVES_AWAY and alone.events >= 5:
        return {"is_leak": True, "reason": msg("tells the outcome almost alone, as only a field filled in afterwards can")}
    later = ~earlier & filled
    if later.any() and float(values[later].notna().mean()) < 0.5:
        return {"reason": msg("most of its values do not come back later")}
    return {}


def _values(column: pd.Series, earlier: pd.Series, missing_counts: bool, params: Any) -> pd.Series:
    """Return a field as text values on enough earlier cases: numbers in quarters, rare values unknown."""
    if column.name == COMPANY + "employees":
        text = size_class(column)
    elif pd.api.types.is_numeric_dtype(column):
        edges = np.unique(np.nanquantile(column[earlier], [0.25, 0.5, 0.75])) if column[earlier].notna().any() else np.array([])
        place = np.searchsorted(edges, column.to_numpy(float), side="left")
        names = np.array([_band(edges, i) for i in range(len(edges) + 1)], dtype=object)
        text = pd.Series(names[place], index=column.index, dtype=object).where(column.notna(), None)
    else:
        text = column.astype(object).where(column.notna(), None)
    if missing_counts:
        text = text.where(text.notna(), NOT_RECORDED)
    counts = text[earlier].value_counts()
    kept = sorted(counts.index[counts >= params.value_min_count])
    return pd.Series(pd.Categorical(text.where(text.isin(kept), None), categories=kept), index=column.index, name=column.name)


def _band(edges: np.ndarray, place: int) -> str:
    ends = [f"{edge:.6g}" for edge in edges]
    if not ends:
        return "0"
    return f"≤ {ends[0]}" if place == 0 else f"> {ends[-1]}" if place == len(ends) else f"{ends[place - 1]} – {ends[place]}"


def _drop_twins(found: dict[str, dict[str, Any]]) -> None:
    """Leave out a field that follows from another one already in: points for both would count the same thing twice."""
    kept: list[str] = []
    order = sorted(found, key=lambda n: (found[n]["is_undated"], -found[n]["values"].nunique(), n.startswith(COMPANY), n))
    for name in (n for n in order if found[n]["reason"] is None or (found[n]["is_uneven"] and not n.startswith(COMPANY))):
        source = next((other for other in kept if _follows(found[name]["values"], found[other]["values"])), None)
        if source is not None:
            found[name] |= {"reason": msg("follows from {field}", field=field_name(source)), "is_leak": False}
        elif found[name]["reason"] is None:
            kept.append(name)


def _follows(values: pd.Series, other: pd.Series) -> bool:
    """Tell whether knowing `other` one knows the value in 97 of 100 cases, though it is not the same nearly everywhere."""
    first, second = other.cat.codes.to_numpy("int64"), values.cat.codes.to_numpy("int64")
    both = (first >= 0) & (second >= 0)
    if not both.any():
        return False
    width = len(values.cat.categories)
    cells = np.bincount(first[both] * width + second[both], minlength=len(other.cat.categories) * width).reshape(-1, width)
    return bool(cells.max(axis=1).sum() >= 0.97 * both.sum() and cells.sum(axis=0).max() < 0.9 * both.sum())


def _keep_to_the_budget(found: dict[str, dict[str, Any]], rows: pd.DataFrame, earlier: pd.Series, params: Any) -> None:
    """Leave out the weakest fields until ten cases of the rarer outcome stand behind each value."""
    hit = rows.loc[earlier, "is_hit"].astype(float)
    budget = min(hit.sum(), len(hit) - hit.sum()) / params.events_per_parameter
    open_fields = [name for name in found if found[name]["reason"] is None]
    for name in sorted(open_fields, key=lambda n: (-_strength(hit, found[n]["values"][earlier]), n)):
        budget -= found[name]["values"][earlier].nunique() - 1
        if budget < 0:
            found[name]["reason"] = msg("too few successes to weigh one more field")


def _strength(hit: pd.Series, values: pd.Series) -> float:
    """Return chi-square per degree of freedom of the rates by value."""
    known = hit.groupby(values, observed=True).agg(["mean", "size"])
    rate = float((known["mean"] * known["size"]).sum() / max(known["size"].sum(), 1))
    if len(known) < 2 or not 0 < rate < 1:
        return 0.0
    return float((known["size"] * (known["mean"] - rate) ** 2).sum() / (rate * (1 - rate)) / (len(known) - 1))


def _table(found: dict[str, dict[str, Any]], frame: str) -> pd.DataFrame:
    rows = [
        {"field": name, "is_used": entry["reason"] is None, "reason": entry["reason"], "is_leak": entry["is_leak"],
         "filled_hits": entry["filled_hits"], "filled_others": entry["filled_others"]}
        for name, entry in found.items()
    ]  # fmt: skip
    later = [*LATER[frame], *(COMPANY + name for name in LATER["accounts"])]
    rows += [
        {"field": name, "is_used": False, "is_leak": False, "filled_hits": np.nan, "filled_others": np.nan,
         "reason": msg("known or edited only after the creation")}
        for name in later
    ]  # fmt: skip
    rows.append({"field": "owner_id", "is_used": False, "is_leak": False, "filled_hits": np.nan, "filled_others": np.nan,
                 "reason": msg("a person, never part of a score")})  # fmt: skip
    table = pd.DataFrame(rows, columns=["field", "is_used", "reason", "is_leak", "filled_hits", "filled_others"])
    return table.sort_values(["is_used", "is_leak", "field"], ascending=[False, False, True], ignore_index=True)


def value_name(value: object) -> str:
    """Return a value as shown."""
    return render(msg("not recorded")) if value == NOT_RECORDED else str(value)
