"""The effects in words: the finding, and the sentence that opens the chapter."""

from __future__ import annotations

import pandas as pd

from workbook.analyses.alignment_impact.design import DESIGNS
from workbook.analyses.alignment_impact.effect_checks import estimated
from workbook.analyses.alignment_impact.estimate import Estimate
from workbook.analyses.alignment_impact.verdict import OUTCOMES, in_words, told
from workbook.text import Message, msg


def effect_finding(rows: pd.DataFrame, fits: dict[str, Estimate]) -> Message:
    """Say by which comparison, why, and what was found for every outcome."""
    found = estimated(rows)
    parts = tuple(told(row) for row in found.to_dict("records"))
    first = str(found.iloc[0]["kpi"])
    return msg("Comparison: {design}; {why}. Found: {effects}.", design=DESIGNS[fits[first].design], why=fits[first].choice.reason, effects=_listed(parts))


def effect_brief(rows: pd.DataFrame) -> Message:
    """Say in one sentence which effects are shown or indicated, with their ranges."""
    said = []
    for verdict, word in (("shown", msg("shown")), ("indicated", msg("probable")), ("doubtful", msg("doubtful"))):
        said += [msg("{outcome} {range} ({verdict})", outcome=OUTCOMES[row["kpi"]], range=in_words(row["kpi"], row["low"], row["high"]), verdict=word)
                 for row in rows[rows["verdict"] == verdict].to_dict("records")]  # fmt: skip
    if not said:
        first = estimated(rows).iloc[0]
        return msg("No effect of the programme can be shown; the {outcome} could have changed by {range} (n = {n}).", outcome=OUTCOMES[first["kpi"]],
                   range=in_words(first["kpi"], first["low"], first["high"]), n=int(first["cases_count"]))  # fmt: skip
    return msg("Since the programme, compared with what would have been expected: {effects}.", effects=_listed(tuple(said)))


def _listed(parts: tuple[Message, ...]) -> Message:
    """Join sentences' halves by semicolons."""
    joined = parts[0]
    for part in parts[1:]:
        joined = msg("{before}; {next}", before=joined, next=part)
    return joined
