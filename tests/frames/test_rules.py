"""Rules across columns and frames."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from workbook.frames.outliers import implausible
from workbook.frames.rules import broken_rules

AS_OF = date(2026, 9, 30)
D = pd.Timestamp


def rules(**frames):
    return {finding.rule: finding for finding in broken_rules(frames, AS_OF)}


def test_closed_before_created(rows):
    deals = rows(
        "opportunities", {"opportunity_id": "1", "status": "won", "created_on": D("2026-02-01"), "closed_on": D("2026-01-31")}
    )
    assert rules(opportunities=deals)["close before creation"].rows == (0,)


@pytest.mark.parametrize(("day", "breaks"), [("2026-09-30 23:59", False), ("2026-10-01 00:00", True)])
def test_nothing_happens_after_the_export(rows, day, breaks):
    entries = rows("stage_entries", {"opportunity_id": "1", "stage": "A", "entered_at": D(day)})
    assert ("dates after the export" in rules(stage_entries=entries)) is breaks


def test_closed_before_the_first_contact(rows):
    deals = rows("opportunities", {"opportunity_id": "1", "status": "won", "lead_id": "L", "closed_on": D("2026-01-01")})
    leads = rows("leads", {"lead_id": "L", "created_at": D("2026-01-02 10:00")})
    assert rules(opportunities=deals, leads=leads)["closed before the first contact"].rows == (0,)


def test_references_resolve(rows):
    deals = rows(
        "opportunities",
        {"opportunity_id": "1", "status": "won", "account_id": "A"},
        {"opportunity_id": "2", "status": "won", "account_id": "B"},
    )
    accounts = rows("accounts", {"account_id": "A"})
    assert rules(opportunities=deals, accounts=accounts)["references that do not resolve"].rows == (1,)


def test_segments_add_to_the_stated_total(rows):
    def year(number, *volumes):
        return [
            {"year": number, "measure": "turnover", "volume": v, "segment": s}
            for s, v in zip((None, "a", "b"), volumes, strict=True)
        ]

    market = rows("market", *year(2022, 10.0, 4.0, 6.0), *year(2023, 10.0, 4.0, 9.0))
    (finding,) = [f for f in broken_rules({"market": market}, AS_OF) if f.rule.startswith("segments")]
    assert finding.rows == (3,) and "13" in str(finding.message) and "10" in str(finding.message)


def test_closed_needs_a_date_and_open_has_none(rows):
    deals = rows(
        "opportunities",
        {"opportunity_id": "1", "status": "won"},
        {"opportunity_id": "2", "status": "open", "closed_on": D("2026-01-01")},
    )
    assert {"closed without a date", "open with a close date"} <= set(rules(opportunities=deals))


def test_a_value_far_above_all_others_is_implausible_and_a_heavy_tail_is_not():
    values = pd.Series(np.random.default_rng(7).lognormal(10, 1.6, 5000))
    assert not implausible(values).any()
    assert list(implausible(pd.concat([values, pd.Series([1e12])], ignore_index=True)).to_numpy().nonzero()[0]) == [5000]


def test_few_values_prove_nothing():
    assert not implausible(pd.Series([1.0, 2.0, 1e9])).any()
