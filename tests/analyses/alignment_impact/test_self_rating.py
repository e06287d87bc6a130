"""How both functions rate their alignment."""

import random

import pytest

from tests.analyses.data.frames import ask, frame
from workbook.analyses.alignment_impact import figures, self_rating, tables
from workbook.text import render


def survey(**scores):
    """Return answers: item → (scores of sales, scores of marketing)."""
    rows = []
    for item, sides in scores.items():
        for side, given in zip(("sales", "marketing"), sides, strict=True):
            rows += [{"respondent_id": f"{side}{i}", "function": side, "item": item, "score": s} for i, s in enumerate(given)]
    return rows


def answer(rows, **settings):
    return ask(self_rating, frame("survey", rows), **settings)


def test_means_gap_and_index_on_paper():
    found = answer(survey(one=([1, 2, 3, 2, 2], [4, 5, 4, 4, 3])))
    row = found.items.iloc[0]
    assert (row["sales"], row["marketing"], row["gap"]) == pytest.approx((2.0, 4.0, -2.0))
    assert dict(zip(found.index["function"], found.index["value"], strict=True)) == pytest.approx({"sales": 40.0, "marketing": 80.0})
    assert list(found.index["state"]) == [1, 3]
    assert row["gap_low"] < -2 < row["gap_high"] < 0
    assert "see 1 of 1 statements differently" in render(found.finding)


def test_opposite_gaps_are_not_averaged_away():
    high, low = [5, 4, 5, 4, 5, 4], [1, 2, 1, 2, 1, 2]
    found = answer(survey(one=(high, low), two=(low, high)))
    assert found.items["is_reliable"].all()
    assert found.index["value"].nunique() == 1


def test_equal_answers_show_no_gap():
    found = answer(survey(one=([3, 4, 3, 4, 3], [4, 3, 4, 3, 3]), two=([2] * 5, [2] * 5)))
    assert not found.items["is_reliable"].any()
    assert found.actions == ()
    assert "none of the 2 statements" in render(found.finding)


@pytest.mark.parametrize("rows", [[], survey(one=([3], [4])), survey(one=([3] * 9, [])), survey(one=([3] * 9, [4] * 2))])
def test_too_few_people_are_refused(rows):
    found = answer(rows)
    assert found.refused is not None
    assert tables.self_rating(found) is None
    assert tables.rating_index(found) is None
    assert figures.perception_gap(found) is None


def test_scores_off_the_scale_and_other_functions_stay_out():
    rows = survey(one=([1, 2, 3, 2, 2], [4, 5, 4, 4, 3]))
    extra = [{"respondent_id": f"x{i}", "function": "service", "item": "one", "score": 5} for i in range(9)]
    assert answer([*rows, *extra]).items.equals(answer(rows).items)


def test_order_does_not_matter():
    rows = survey(one=([1, 2, 3, 2, 2], [4, 5, 4, 4, 3]), two=([2, 2, 3, 4, 5], [1, 1, 2, 2, 1]))
    mixed = rows.copy()
    random.Random(1).shuffle(mixed)
    assert answer(mixed).items.round(9).equals(answer(rows).items.round(9))


def test_tables_and_figure_show_every_statement():
    found = answer(survey(one=([1, 2, 3, 2, 2], [4, 5, 4, 4, 3]), two=([2, 2, 3, 4, 5], [1, 1, 2, 2, 1])))
    assert len(tables.self_rating(found).data) == len(figures.perception_gap(found).data) == 2
    assert len(tables.rating_index(found).data) == 2


def test_areas_of_our_statements_in_either_language_and_none_of_the_firms_own():
    from workbook.frames.statements import STATEMENTS

    german = render(STATEMENTS[0].text, "de")
    given = {STATEMENTS[0].key: ([1, 2, 3, 2, 2], [4, 5, 4, 4, 3])}
    rows = survey(**given)
    for row in rows:
        row["item"] = german if row["item"] == STATEMENTS[0].key else row["item"]
    found = answer([*rows, *survey(own=([5] * 5, [5] * 5))])
    assert dict(zip(found.areas["function"], found.areas["value"], strict=True)) == pytest.approx({"sales": 40.0, "marketing": 80.0})
    assert set(found.areas["area"]) == {"goals"} and figures.area_index(found) is not None
    assert answer(survey(own=([5, 4, 5, 5, 5], [5, 4, 5, 5, 4]))).areas.empty
