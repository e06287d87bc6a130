"""Whether an estimated effect can be trusted: units, dates, drift before adoption; and what it does not show."""

from __future__ import annotations

import pandas as pd

from workbook.analyses.alignment_impact.verdict import OUTCOMES
from workbook.results import Check
from workbook.text import Message, days, msg, nmsg

FEW_UNITS = 10
UNLISTED_MAX = 0.1


def estimated(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the outcomes that have an estimate."""
    return rows[rows["verdict"].notna()]


def effect_checks(rows: pd.DataFrame, units: pd.DataFrame) -> tuple[Check, ...]:
    """Return the checks of units and dates; those of each effect are the battery's. units: one row per unit with dates_count."""
    found = estimated(rows)
    few = found[["treated_count", "control_count"]].min(axis=1).min()
    first = found.iloc[0]
    units_check = Check(
        key="effect_rests_on_enough_units", status="pass" if few >= FEW_UNITS else "review",
        reason=msg("Units that adopted: {treated}, that never did in the period: {control}; with fewer than ten on a side the ranges are wide and "
                   "rest on few degrees of freedom.", treated=int(first["treated_count"]), control=int(first["control_count"])),
    )  # fmt: skip
    twice = int((units["dates_count"] > 1).sum())
    dates_check = Check(
        key="adoption_dates_are_unique", status="review" if twice else "pass",
        reason=nmsg("{n} unit has more than one adoption date; the earliest counts.",
                    "{n} units have more than one adoption date; the earliest counts.", twice),
    )  # fmt: skip
    return (units_check, dates_check, _listed_check(first))


def _listed_check(row: pd.Series) -> Check:
    outside = int(row["unlisted_count"])
    known = outside + int(row["cases_count"]) + int(row["young_count"])
    reason = nmsg("{n} case lies in no unit of the table, or its unit is not known; it is left out.",
                  "{n} cases lie in no unit of the table, or their unit is not known; they are left out.", outside)  # fmt: skip
    return Check(key="cases_lie_in_listed_units", status="review" if outside > UNLISTED_MAX * known else "pass", reason=reason)


def effect_limits(rows: pd.DataFrame) -> tuple[Message, ...]:
    """Say what was left out, what the comparison assumes, and which outcomes have no estimate."""
    first = estimated(rows).iloc[0]
    limits = [
        msg(
            "Cases count as treated if they were created after their unit adopted; {straddling} created before and ended after it count "
            "as untreated. Each case is watched for {days} after its creation, and {young} are too young for that.",
            straddling=int(first["straddling_count"]), days=days(float(first["horizon_days"]), 0), young=int(first["young_count"]),
        ),
        msg("The comparison assumes that the units would have moved alike without the programme, and that it did not spill over to the others."),
    ]  # fmt: skip
    missing = rows[rows["verdict"].isna()]
    limits.extend(msg("{outcome}: {why}.", outcome=OUTCOMES[row["kpi"]], why=row["reason"]) for row in missing.to_dict("records"))
    return tuple(limits)
