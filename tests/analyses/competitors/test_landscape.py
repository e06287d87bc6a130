"""Who is met, and who is listed."""

import pytest

from tests.analyses.data.frames import ask, deals, many
from tests.analyses.market.rows import firms, market
from workbook.analyses.competitors import encounters, landscape


def test_encounters_are_counted_on_recorded_deals():
    rows = [*many(6, status="won", competitor="Acme"), *many(3, status="open", competitor="Beta; Acme"), *many(1, status="lost", competitor="none"),
            *many(10, status="won")]  # fmt: skip
    result = ask(encounters, deals(*rows), deals_min_count=3)
    assert result.by_competitor.set_index("competitor")["encounter_share"].to_dict() == pytest.approx({"Acme": 0.9, "Beta": 0.3})
    assert (result.recorded_count, result.deals_count, result.any_share) == (10, 20, 0.9)
    assert result.checks[0].status == "review"
    assert ask(encounters, deals(*many(9, status="won", competitor="none"))).refused is not None


RIVALS = [
    {"competitor": "us", "is_self": True, "market_share": 0.2, "price_index": 100, "revenue": 20},
    {"competitor": "Acme", "segment": None, "kind": "direct", "reach": "local", "market_share": 0.3, "price_index": 120, "channels": "Web; Field", "revenue": 30},
    {"competitor": "Acme", "year": 2024, "kind": "direct", "market_share": 0.1, "price_index": 90},
    {"competitor": "Home", "kind": "indirect"},
]


def test_the_latest_year_side_by_side_with_deals():
    result = ask(landscape, firms(*RIVALS), market(), deals(*many(4, status="won", competitor="ACME; Newcomer")))
    table = result.competitors.set_index("competitor")
    assert table.index.tolist() == ["Acme", "us", "Home"]
    assert table.loc["Acme", ["market_share", "price_index", "deals_count"]].tolist() == [0.3, 120, 4]
    assert table.loc["Acme", "channels"] == "Field; Web"
    assert table.loc["Acme", "share_change"] == pytest.approx(0.2)
    assert result.unlisted == ("Newcomer",)
    assert "2 competitors are listed, 1 direct and 1 indirect" in str(result.finding)
    assert "1 are dearer" in str(result.finding)


def test_prices_are_weighted_by_revenue():
    rows = [{"competitor": "A", "segment": s, "price_index": p, "revenue": r} for s, p, r in (("x", 80, 10), ("y", 120, 30))]
    assert ask(landscape, firms(*rows), market(), deals()).competitors["price_index"].tolist() == [110]


def test_an_empty_list_is_a_refusal():
    assert ask(landscape, firms(), market(), deals()).refused is not None
