"""What the repairs of an import are called in tables. The keys are what the record holds; a rule without a name shows its key."""

from __future__ import annotations

from workbook.text import Message, msg

REPAIRS: dict[str, Message] = {
    "amount 0 of lost deals taken as missing": msg("amount 0 of lost deals taken as missing"),
    "amount 0 of won deals taken as missing": msg("amount 0 of won deals taken as missing"),
    "blanks around cells": msg("blanks around cells"),
    "currency converted": msg("currency converted"),
    "encoding of single lines": msg("encoding of single lines"),
    "lines of an invoice numbered": msg("lines of an invoice numbered"),
    "lines marked as deleted": msg("lines marked as deleted, left out"),
    "ranges that Excel made dates": msg("ranges that Excel made dates"),
    "spelling of account names": msg("spelling of account names"),
    "spelling of categories": msg("spelling of categories"),
    "spelling of references": msg("spelling of references"),
    "taken out of text": msg("taken out of text"),
    "words for not known": msg("words for “not known”"),
}


def repair_name(rule: str) -> Message | str:
    """Return a repair rule's name."""
    return REPAIRS.get(rule, rule)
