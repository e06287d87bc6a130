"""Which leads deserve the first call? A scorecard from what is known when a lead is created, tested on later leads.

Success and the horizon H are those of `lead_conversion`; only leads at least H days old count. Fields: `score_fields`;
test: `score_validation`.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from workbook.analyses.icp_segmentation.lead_outcomes import LeadParams, usable, with_customer_days, with_horizon
from workbook.analyses.icp_segmentation.score import ScoreParams, ScoreResult, Subject, answer
from workbook.analyses.icp_segmentation.score_fields import scoring_rows
from workbook.text import msg

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "I4"
LEADS = Subject(
    key="lead", frame="leads", kpi="lead_to_customer", cases=msg("leads"), did=msg("became customers"), owner_role=msg("head of inside sales"),
    what=msg("Write the points into the CRM for every new lead; answer band A the same day, leave band D to automatic mails, and compare the bands each quarter."),
)  # fmt: skip


class LeadScoreParams(ScoreParams, LeadParams):
    """See `ScoreParams` and `LeadParams`."""


def aggregate(leads: Table, opportunities: Table, accounts: Table, params: LeadScoreParams, *, as_of: date) -> Table:
    """Return the mature leads with what was known of them. One row per lead; lazy."""
    kept = with_horizon(usable(with_customer_days(leads, opportunities, as_of)), params)
    mature = kept.filter(kept.is_mature)
    cases = mature.mutate(case_id=mature.lead_id, created_on=mature.created_at.cast("date"))
    return scoring_rows(cases, accounts, "leads", params.rows_max)


def analyse(small: pd.DataFrame, params: LeadScoreParams, *, as_of: date) -> ScoreResult:
    """Fit on earlier leads, test on later ones. Pure."""
    if len(small) and not small["is_hit"].any():
        reason = msg("of none of the {n} leads that are old enough to be judged is it known that it became a customer", n=len(small))
        return ScoreResult(refused=reason, certainty="open", subject=LEADS.key)
    return answer(small, LEADS, params, as_of)
