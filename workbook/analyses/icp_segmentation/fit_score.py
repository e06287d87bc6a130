"""Which deals fit us? A scorecard from what is known when a deal is created, tested on later deals.

Success: won, of won and lost. A deal created lately and decided already is a quick one, not a typical one: only deals at
least H days old count, H being the time within which nine of ten decided deals were decided, at most half the deals' ages.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from workbook.analyses.deals import CLOSED
from workbook.analyses.icp_segmentation.score import ScoreParams, ScoreResult, Subject, answer
from workbook.analyses.icp_segmentation.score_fields import scoring_rows
from workbook.params import Share
from workbook.text import msg

if TYPE_CHECKING:
    from ibis.expr.types import Table

SECTION = "I4"
DEALS = Subject(
    key="deal", frame="opportunities", kpi="win_rate", cases=msg("deals"), did=msg("were won"), owner_role=msg("head of sales"),
    what=msg("Write the points into the CRM for every new deal; start with band A, ask for a reason before presales hours go into band D, and compare the bands each quarter."),
)  # fmt: skip


class FitScoreParams(ScoreParams):
    """horizon_share: H covers this share of the times to the decision. mature_min_share: and leaves that share of deals."""

    horizon_share: Share = 0.9
    mature_min_share: Share = 0.5


def aggregate(opportunities: Table, accounts: Table, params: FitScoreParams, *, as_of: date) -> Table:
    """Return the decided deals that are old enough, with what was known of them. One row per deal; lazy.

    Where no deal has a creation date, all decided ones are returned, without a date.
    """
    import ibis

    timed = opportunities.mutate(age_days=ibis.date(as_of).delta(opportunities.created_on, unit="day").cast("int64"))
    timed = timed.mutate(cycle_days=timed.closed_on.delta(timed.created_on, unit="day").cast("int64"))
    closed = timed.filter(timed.status.isin(CLOSED))
    bounds = closed.agg(
        reach=closed.cycle_days.quantile(params.horizon_share), cap=closed.age_days.quantile(1 - params.mature_min_share),
        dated_count=closed.created_on.count(),
    )  # fmt: skip
    joined = closed.cross_join(bounds)
    old = joined.age_days >= ibis.least(ibis.coalesce(joined.reach, 0.0), joined.cap)
    kept = joined.filter((joined.dated_count == 0) | old)
    cases = kept.mutate(case_id=kept.opportunity_id, is_hit=kept.status == "won")
    return scoring_rows(cases.drop("age_days", "cycle_days", "reach", "cap", "dated_count"), accounts, "opportunities", params.rows_max)


def analyse(small: pd.DataFrame, params: FitScoreParams, *, as_of: date) -> ScoreResult:
    """Fit on earlier deals, test on later ones. Pure."""
    return answer(small, DEALS, params, as_of)
