"""The opportunities' money: zeros on won deals, currencies assumed, converted, or mixed; invoices and others likewise."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from workbook.frames import FRAMES
from workbook.params import RunParams
from workbook.sources.assemble import Frames, place_rows
from workbook.sources.ledger import Ledger
from workbook.sources.record import MoneyRecord
from workbook.text import Message, msg


def settle_money(frames: Frames, params: RunParams, ledger: Ledger) -> MoneyRecord:
    """Give every amount its currency, convert where rates are given, and say what the opportunities carry."""
    if "opportunities" in frames:
        _drop_zeros(frames.data["opportunities"], ledger)
    for name, data in frames.data.items():
        amounts = [c.name for c in FRAMES[name].columns if c.kind == "money"]
        if amounts and "currency" in FRAMES[name].names:
            _assume(data, name, (amounts, params.currency), ledger)
            _convert(data, name, (amounts, params), ledger)
    if "opportunities" not in frames:
        return MoneyRecord()
    data = frames.data["opportunities"]
    counts = data.loc[data["amount"].notna(), "currency"].value_counts().sort_index()
    currencies = {str(code): int(count) for code, count in counts.items()}
    if len(currencies) > 1:
        message = mixed_currencies(currencies)
        rows = place_rows(data[data["currency"].notna() & (data["currency"] != counts.idxmax())], "opportunity_id", "currency")
        ledger.flag("mixed currencies", "opportunities.currency", message, rows, count=int(counts.sum()))
    return MoneyRecord(currencies=currencies, is_mixed=len(currencies) > 1)


def mixed_currencies(currencies: Mapping[str, int]) -> Message:
    """Say in which currencies amounts come. currencies: code → rows."""
    listed = tuple(f"{code} ({count})" for code, count in currencies.items())
    return msg("amounts come in several currencies without exchange rates: {listed}; money is not added up", listed=listed)


def _drop_zeros(data: pd.DataFrame, ledger: Ledger) -> None:
    """Treat the amount 0 of a won deal as not known, and of a lost one where only won deals ever carry amounts."""
    is_zero = data["amount"].eq(0)
    won_zero = is_zero & data["status"].eq("won")
    ledger.repair("amount 0 of won deals taken as missing", "opportunities.amount", int(won_zero.sum()), example=("0", ""))
    others = data["status"].isin(["lost", "no_decision"]) & data["amount"].notna()
    lost_zero = is_zero & others if others.any() and is_zero[others].all() else pd.Series(False, index=data.index)
    ledger.repair("amount 0 of lost deals taken as missing", "opportunities.amount", int(lost_zero.sum()), example=("0", ""))
    data["amount"] = data["amount"].mask(won_zero | lost_zero)
    known = data["amount"].notna()
    closed = data["status"].isin(["won", "lost", "no_decision"])
    if known.any() and not (known & ~data["status"].eq("won")).any() and (closed & ~data["status"].eq("won")).any():
        message = msg("only won opportunities carry an amount, so nothing can be said about the value of open and lost ones")
        missing = int((~known & ~data["status"].eq("won")).sum())
        ledger.flag("amounts only on won deals", "opportunities.amount", message, count=missing)


def _assume(data: pd.DataFrame, name: str, what: tuple[list[str], str | None], ledger: Ledger) -> None:
    """Fill the currency from the settings where the file carries none."""
    amounts, currency = what
    lacking = data[amounts].notna().any(axis=1) & data["currency"].isna()
    if not lacking.any():
        return
    if currency is None:
        message = msg("{n} amounts of {frame} carry no currency and the settings assume none", n=int(lacking.sum()), frame=name)
        ledger.flag("amounts without currency", f"{name}.currency", message, count=int(lacking.sum()))
        return
    data["currency"] = data["currency"].mask(lacking, currency)
    ledger.assume(
        msg("{n} amounts of {frame} carry no currency; {currency} is assumed", n=int(lacking.sum()), frame=name, currency=currency)
    )


def _convert(data: pd.DataFrame, name: str, what: tuple[list[str], RunParams], ledger: Ledger) -> None:
    """Convert amounts to the settings' currency where a rate is given."""
    amounts, params = what
    for code, rate in params.exchange_rates.items():
        hit = data["currency"].eq(code)
        if not hit.any() or params.currency is None or code == params.currency:
            continue
        for column in amounts:
            cells = hit & data[column].notna()
            if cells.any():
                before = float(data.loc[cells, column].iloc[0])
                data[column] = data[column].mask(cells, data[column] * rate)
                example = (f"{before:.2f} {code}", f"{before * rate:.2f} {params.currency}")
                ledger.repair("currency converted", f"{name}.{column}", int(cells.sum()), example=example)
        data["currency"] = data["currency"].mask(hit, params.currency)
