"""What cannot be run here is translated at least: Snowflake all first steps, BigQuery all but those that need an exact quantile."""

from __future__ import annotations

import ibis
import pytest
from ibis.common.exceptions import OperationNotDefinedError

from tests.backends.asked import QUESTIONS, drawn, first_step

QUANTILES = {"icp_segmentation.fit_score", "icp_segmentation.lead_conversion", "icp_segmentation.lead_conversion_by_attribute", "icp_segmentation.lead_score"}


@pytest.fixture(scope="module")
def frames():
    return {name: ibis.table(ibis.Schema.from_pyarrow(rows.schema), name=name) for name, rows in drawn(0).items()}


@pytest.mark.parametrize(("dialect", "refused"), [("snowflake", set()), ("bigquery", QUANTILES)])
def test_first_steps_translate(dialect, refused, frames):
    found = set()
    for name in QUESTIONS:
        for step in first_step(name, frames).values():
            try:
                assert ibis.to_sql(step, dialect=dialect)
            except OperationNotDefinedError:
                found.add(name)
    assert found == refused
