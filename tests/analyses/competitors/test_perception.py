"""Price against rated value and the perceptual map, on answers one can count."""

import pytest

from tests.analyses.data.frames import ask, deals, frame
from tests.analyses.market.rows import firms
from workbook.analyses.competitors import perceptual_map, value_map

PRICES = {"us": 100.0, "Acme": 110.0, "Beta": 120.0, "Gamma": 90.0, "Delta": 80.0}
LISTED = [{"competitor": name, "year": 2025, "price_index": price, "is_self": name == "us"} for name, price in PRICES.items()]


def answers(scores, people=20):
    """Every respondent gives the same scores, shifted by a mood of their own. scores: brand → attribute → score."""
    return [
        {"respondent_id": f"R{p}", "brand": brand, "attribute": attribute, "score": score + (p % 3)}
        for p in range(people)
        for brand, given in scores.items()
        for attribute, score in given.items()
    ]


def rated(values):
    return frame("ratings", answers({brand: {"Service": v, "Speed": v, "Price": 1.0} for brand, v in values.items()}))


def test_prices_on_a_line_and_one_above_it():
    """Value 3, 4, 5, 2, 1 goes with 100, 110, 120, 90, 80: ten points per point. All on the line; price ratings take no part."""
    found = ask(value_map, rated({"us": 3.0, "Acme": 4.0, "Beta": 5.0, "Gamma": 2.0, "Delta": 1.0}), firms(*LISTED), deals())
    assert found.slope == pytest.approx(10.0)
    assert not found.brands["is_reliable"].any() and found.no_action is not None
    assert list(found.weights["attribute"]) == ["Service", "Speed"]


def test_the_latest_price_counts():
    old = [row | {"year": 2020, "price_index": 500.0} for row in LISTED]
    found = ask(value_map, rated({"us": 3.0, "Acme": 4.0, "Beta": 5.0, "Gamma": 2.0, "Delta": 1.0}), firms(*old, *LISTED), deals())
    assert found.slope == pytest.approx(10.0)


def test_without_prices_or_ratings_it_refuses():
    values = {"us": 3.0, "Acme": 4.0, "Beta": 5.0}
    assert ask(value_map, rated(values), firms(), deals()).refused is not None
    assert ask(value_map, frame("ratings", []), firms(*LISTED), deals()).refused is not None


def test_each_brand_stands_for_what_it_is_rated_best_at():
    """Above the respondent's own mean lies only the brand's own attribute: found by 20 of 20, and by none of the others' 40."""
    names = ("Service", "Speed", "Range")
    scores = {brand: {name: 5.0 if i == j else 2.0 for j, name in enumerate(names)} for i, brand in enumerate(("us", "Acme", "Beta"))}
    found = ask(perceptual_map, frame("ratings", answers(scores)), firms(*LISTED))
    marks = found.marks.set_index(["brand", "attribute"])
    assert marks.loc[("us", "Service"), ["share", "others_share"]].tolist() == [1.0, 0.0]
    assert marks.loc[("us", "Speed"), ["share", "others_share"]].tolist() == [0.0, 0.5]
    assert sum(found.axis_share) == pytest.approx(1.0)


def test_two_brands_make_no_map():
    scores = {brand: {"Service": 4.0, "Speed": 2.0, "Range": 3.0} for brand in ("us", "Acme")}
    assert ask(perceptual_map, frame("ratings", answers(scores)), firms(*LISTED)).refused is not None
