"""What Excel does to ranges."""

import pandas as pd
import pytest

from workbook.sources.damage import mend_ranges, undamaged


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        ("May-20", "5-20"),
        ("01-May", "1-5"),
        ("Mai 20", "5-20"),
        ("01. Mai", "1-5"),
        ("Dez-50", "12-50"),
        ("May", None),
        ("Mars-1", None),
        ("20-May", None),
    ],
)
def test_a_range_is_seen_behind_a_date(text, fixed):
    assert undamaged(text) == fixed


def test_ranges_are_mended_where_others_stand_beside_them():
    column, damaged, is_mended = mend_ranges(pd.Series(["May-20", "21-50", "51-200", "200+"]))
    assert list(column) == ["5-20", "21-50", "51-200", "200+"] and is_mended and damaged == {"May-20": "5-20"}


def test_months_that_may_be_meant_are_left_alone():
    column, damaged, is_mended = mend_ranges(pd.Series(["May-20", "spring", "autumn"]))
    assert list(column) == ["May-20", "spring", "autumn"] and damaged and not is_mended
