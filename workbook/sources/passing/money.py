"""What the opportunities' money carries, and currencies assumed and converted: what `workbook/sources/amounts` does, counted by the engine."""

from __future__ import annotations

from workbook.params import RunParams
from workbook.sources.amounts import mixed_currencies
from workbook.sources.passing.cells import EXACT
from workbook.sources.passing.engine import literal
from workbook.sources.passing.frame import HERE, PLACE, Frames, PassingFrame
from workbook.sources.passing.unfit import Unfit
from workbook.sources.record import MoneyRecord
from workbook.text import msg


def settle_money(frames: Frames, params: RunParams) -> MoneyRecord:
    """Give every amount its currency, convert where rates are given, and say what the opportunities carry. Raises `Unfit`."""
    if "opportunities" in frames:
        _drop_zeros(frames["opportunities"], frames)
    for frame in frames.held.values():
        amounts = [column.name for column in frame.columns if column.kind == "money"]
        if amounts and "currency" in frame.filled:
            _assume(frame, amounts, params.currency, frames)
            _convert(frame, amounts, params, frames)
    return _currencies(frames["opportunities"], frames) if "opportunities" in frames else MoneyRecord()


def _drop_zeros(deals: PassingFrame, frames: Frames) -> None:
    """Treat the amount 0 of a won deal as not known, and of a lost one where only won deals ever carry amounts."""
    won_zero, lost_zero, lost_filled, open_filled, won_filled, lost = deals.engine.row(
        "SELECT count(*) FILTER (amount = 0 AND status = 'won'), count(*) FILTER (amount = 0 AND status IN ('lost', 'no_decision')), "
        "count(amount) FILTER (status IN ('lost', 'no_decision')), count(amount) FILTER (status = 'open'), "
        f"count(amount) FILTER (status = 'won'), count(*) FILTER (status IN ('lost', 'no_decision')) FROM {deals.view}"
    )
    has_no_lost = 0 < lost_zero == lost_filled
    frames.ledger.repair("amount 0 of won deals taken as missing", "opportunities.amount", won_zero, example=("0", ""))
    frames.ledger.repair("amount 0 of lost deals taken as missing", "opportunities.amount", lost_zero if has_no_lost else 0, example=("0", ""))
    dropped = ["won"] * bool(won_zero) + ["lost", "no_decision"] * has_no_lost
    if dropped:
        deals.replace("amount", f"CASE WHEN amount = 0 AND status IN ({', '.join(map(literal, dropped))}) THEN NULL ELSE amount END")
    if won_filled > won_zero and not open_filled and (has_no_lost or not lost_filled) and lost:
        message = msg("only won opportunities carry an amount, so nothing can be said about the value of open and lost ones")
        missing = deals.count("amount IS NULL AND status <> 'won'")
        frames.ledger.flag("amounts only on won deals", "opportunities.amount", message, count=missing)


def _assume(frame: PassingFrame, amounts: list[str], currency: str | None, frames: Frames) -> None:
    """Fill the currency from the settings where the file carries none."""
    lacks = f"currency IS NULL AND coalesce({', '.join(amounts)}) IS NOT NULL"
    n = frame.count(lacks)
    if not n:
        return
    if currency is None:
        message = msg("{n} amounts of {frame} carry no currency and the settings assume none", n=n, frame=frame.name)
        frames.ledger.flag("amounts without currency", f"{frame.name}.currency", message, count=n)
        return
    frame.replace("currency", f"CASE WHEN {lacks} THEN {literal(currency)} ELSE currency END")
    frames.ledger.assume(msg("{n} amounts of {frame} carry no currency; {currency} is assumed", n=n, frame=frame.name, currency=currency))


def _convert(frame: PassingFrame, amounts: list[str], params: RunParams, frames: Frames) -> None:
    """Convert amounts to the settings' currency where a rate is given."""
    for code, rate in params.exchange_rates.items():
        here = f"currency = {literal(code)}"
        if params.currency is None or code == params.currency or not frame.count(here):
            continue
        for column in amounts:
            n, first, largest = frame.engine.row(
                f"SELECT count(*), arg_min({column}, {PLACE}), max(abs({column})) FROM {frame.view} WHERE {here} AND {column} IS NOT NULL"
            )
            if n and largest * rate > EXACT / 100:
                raise Unfit(msg("amounts of {frame} are too large when converted", frame=frame.name), f"{frame.name}, column {column}")
            example = (f"{first:.2f} {code}", f"{first * rate:.2f} {params.currency}") if n else ("", "")
            frames.ledger.repair("currency converted", f"{frame.name}.{column}", n, example=example)
            if n:
                frame.replace(column, f"CASE WHEN {here} THEN {column} * '{rate!r}'::DOUBLE ELSE {column} END")
        frame.replace("currency", f"CASE WHEN {here} THEN {literal(params.currency)} ELSE currency END")


def _currencies(deals: PassingFrame, frames: Frames) -> MoneyRecord:
    counts = dict(
        deals.engine.rows(f"SELECT currency, count(*) FROM {deals.view} WHERE amount IS NOT NULL AND currency IS NOT NULL GROUP BY 1 ORDER BY 1")
    )
    if len(counts) > 1:
        usual = max(counts, key=lambda code: counts[code])
        others = f"SELECT {HERE}, opportunity_id AS id, currency AS value FROM {deals.view} WHERE currency <> {literal(usual)}"
        rule, place = "mixed currencies", ("opportunities", "currency")
        frames.flag(rule, place, others, lambda _n, _: mixed_currencies(counts), count=sum(counts.values()))
    return MoneyRecord(currencies=counts, is_mixed=len(counts) > 1)
