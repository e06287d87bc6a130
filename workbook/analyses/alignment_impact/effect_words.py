"""The effects in words: the finding, and the sentence that opens the chapter."""

from __future__ import annotations

import pandas as pd

from workbook.analyses.alignment_impact.design import DESIGNS
from workbook.analyses.alignment_impact.effect_checks import estimated
from workbook.analyses.alignment_impact.estimate import Estimate
from workbook.analyses.alignment_impact.verdict import OUTCOMES, in_words, told
from workbook.text import Message, msg


def effect_finding(rows: pd.DataFrame, fits: dict[str, Estimate]) -> Message:
    """Say what was found: the effects with their ranges, and on which outcomes none can be shown (their ranges are in the table).

    A mere before and after says so first.
    """
    found = _found(rows)
    return msg("{comparison} {found}", comparison=comparison(rows, fits), found=found) if is_before_and_after(rows, fits) else found


def is_before_and_after(rows: pd.DataFrame, fits: dict[str, Estimate]) -> bool:
    """Tell whether the first outcome rests on a mere before and after."""
    return fits[str(estimated(rows).iloc[0]["kpi"])].design == "interrupted"


def _found(rows: pd.DataFrame) -> Message:
    found = estimated(rows)
    silent = found[found["verdict"] == "not_shown"]
    if len(silent) < 2:
        return msg("Found: {effects}.", effects=_listed(tuple(told(row) for row in found.to_dict("records"))))
    parts = tuple(told(row) for row in found[found["verdict"] != "not_shown"].to_dict("records"))
    rest = msg("no effect can be shown on: {outcomes}", outcomes=tuple(OUTCOMES[str(kpi)] for kpi in silent["kpi"]))
    return msg("Found: {effects}.", effects=_listed((*parts, rest)))


def comparison(rows: pd.DataFrame, fits: dict[str, Estimate]) -> Message:
    """Say by which comparison the first outcome was measured, and why by this one."""
    first = str(estimated(rows).iloc[0]["kpi"])
    return msg("Comparison: {design}; {why}.", design=DESIGNS[fits[first].design], why=fits[first].choice.reason)


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
