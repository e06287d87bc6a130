"""Schemas are generated from the declarations; all violations at once."""

import pytest

from workbook.frames import FRAMES
from workbook.frames.schemas import schema, violations


@pytest.mark.parametrize("name", FRAMES)
def test_every_frame_has_a_schema_with_its_columns_and_grain(name):
    generated = schema(FRAMES[name])
    assert list(generated.columns) == list(FRAMES[name].names)
    assert generated.description == FRAMES[name].grain


def test_good_rows_break_nothing(rows):
    assert violations(rows("opportunities", {"opportunity_id": "1", "status": "won"}), FRAMES["opportunities"]) == []


def test_all_violations_come_at_once(rows):
    data = rows(
        "opportunities",
        {"opportunity_id": "1", "status": "won", "discount_share": 1.5},
        {"opportunity_id": "1", "status": "sold", "probability": -0.1},
        {"opportunity_id": "2", "status": None, "business_type": "old"},
    )
    found = {(v.column, v.broken): v.rows for v in violations(data, FRAMES["opportunities"])}
    assert found == {
        ("opportunity_id", "not unique"): (0, 1),
        ("status", "not allowed"): (1,),
        ("status", "missing"): (2,),
        ("discount_share", "out of range"): (0,),
        ("probability", "out of range"): (1,),
        ("business_type", "not allowed"): (2,),
    }
