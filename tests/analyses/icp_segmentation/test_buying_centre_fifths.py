"""The fifths of the time that deals were open are those of `ntile(5)`, found without putting all deals in order."""

import ibis
import numpy as np
import pandas as pd
import pytest

from workbook.analyses.icp_segmentation.time_open import with_fifths
from workbook.notebook import to_frame


@pytest.fixture
def drawn(request):
    """Few lengths, so that fifths begin within a day; some deals open, some without a date, in any order."""
    rng = np.random.default_rng(request.param)
    size = int(rng.integers(1, 40))
    created = pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 9, size), "D")
    days = rng.integers(0, rng.choice([1, 3, 20]) + 1, size)
    deals = pd.DataFrame({
        "opportunity_id": [f"O{i:02d}" for i in rng.permutation(size)], "status": rng.choice(["won", "lost", "open"], size), "segment": rng.choice(["Small", None], size),
        "created_on": created, "closed_on": created + pd.to_timedelta(days, "D"),
    })  # fmt: skip
    for name in ("created_on", "closed_on"):
        deals[name] = deals[name].where(rng.random(size) > 0.15).dt.date
    return ibis.memtable(deals, schema={**dict.fromkeys(("opportunity_id", "status", "segment"), "string"), "created_on": "date", "closed_on": "date"})


def by_ntile(deals):
    timed = deals.mutate(days_open=deals.closed_on.delta(deals.created_on, unit="day"))
    is_closed = timed.status.isin(["won", "lost"]) & timed.days_open.notnull()
    fifth = ibis.ntile(5).over(ibis.window(group_by=is_closed, order_by=[timed.days_open, timed.opportunity_id]))
    return timed.mutate(stratum=timed.segment.fill_null("?") + " | " + ibis.ifelse(is_closed, fifth.cast("string"), "?"))


@pytest.mark.parametrize("drawn", range(60), indirect=True)
def test_fifths_are_those_of_ntile(drawn):
    found, asked = (to_frame(table.select("opportunity_id", "days_open", "stratum")) for table in (with_fifths(drawn), by_ntile(drawn)))
    pd.testing.assert_frame_equal(found, asked)
