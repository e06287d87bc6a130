"""The four fields on a case small enough to count, and what does not make a market new."""

from datetime import date

import pytest

from tests.analyses.data.frames import ask, deals, frame
from workbook.analyses.market import ansoff

ACCOUNTS = [{"account_id": "D1", "country": "Germany"}, {"account_id": "F1", "country": "France"}]
PRODUCTS = [{"product_id": "old", "family": "Drives", "launched_on": date(2010, 1, 1)}, {"product_id": "new", "family": "Eyes", "launched_on": date(2024, 6, 1)}]


def deal(account, product, status, created=date(2025, 1, 1), amount=100, **row):
    closed = None if status == "open" else date(created.year, 12, 1)
    return {"account_id": account, "product_id": product, "status": status, "created_on": created, "closed_on": closed, "amount": amount, "currency": "EUR"} | row


def history():
    """Germany sold since 2015, France first won at the end of 2024."""
    return [deal("D1", "old", "won", date(2015, 1, 1)), deal("F1", "old", "won", date(2024, 2, 1))]


def answer(*rows, accounts=ACCOUNTS, products=PRODUCTS, **settings):
    return ask(ansoff, deals(*rows), frame("accounts", accounts), frame("products", products), **settings)


def test_every_deal_has_its_field():
    rows = [
        *history(), deal("D1", "old", "won"), deal("D1", "old", "lost"), deal("D1", "new", "won", amount=300), deal("F1", "old", "lost"),
        deal("F1", "new", "open", amount=70),
    ]  # fmt: skip
    result = answer(*rows)
    fields = result.by_field.set_index("field")
    assert fields["deals_count"].to_dict() == {"penetration": 3, "market development": 2, "product development": 1, "diversification": 1}
    assert fields["won_amount"].to_dict() == {"penetration": 200, "market development": 100, "product development": 300, "diversification": 0}
    assert fields.loc["penetration", "win_rate"] == pytest.approx(2 / 3)
    assert fields.loc["diversification", "pipeline_amount"] == 70
    assert result.headline('win_rate.ansoff="market development"').n == 2
    assert result.headline('won_amount.ansoff="product development"').value == 300
    assert fields["won_share"].sum() == pytest.approx(1)
    assert fields["pipeline_share"].sum() == pytest.approx(1)


def test_a_market_known_before_the_data_begin_is_not_new():
    """All markets look new at the start of an export; and a customer since 2005 shows that France is old."""
    start = [deal("D1", "old", "won", date(2024, 1, 1)), deal("F1", "old", "won", date(2024, 3, 1))]
    assert answer(*start).by_field.set_index("field").loc["penetration", "deals_count"] == 2
    since = [ACCOUNTS[0], ACCOUNTS[1] | {"customer_since_on": date(2005, 1, 1)}]
    fields = answer(*history(), deal("F1", "old", "lost"), accounts=since).by_field.set_index("field")
    assert fields.loc["penetration", "deals_count"] == 3


def test_a_market_stops_being_new():
    later = deal("F1", "old", "lost", date(2026, 6, 1), closed_on=date(2026, 8, 1))
    early = answer(*history(), later, new_months=24).by_field.set_index("field")["deals_count"]
    late = answer(*history(), later, new_months=12).by_field.set_index("field")["deals_count"]
    assert (early["market development"], late["market development"]) == (2, 1)


def test_the_region_stands_in_where_countries_are_unknown():
    rows = [r | {"region": "South"} for r in history()]
    assert answer(*rows, accounts=[]).market_level == "region"
    assert answer(*rows).market_level == "country"


def test_unknown_markets_products_or_dates_are_refused_with_the_reason():
    assert "country or region" in str(answer(*history(), accounts=[]).refused)
    assert "product" in str(answer(*[r | {"product_id": None} for r in history()]).refused)
    assert answer(*[r | {"created_on": None, "closed_on": None} for r in history()]).refused is not None
    assert answer().refused is not None


def test_without_launch_dates_a_family_counts_like_a_market():
    plain = [{k: v for k, v in p.items() if k != "launched_on"} for p in PRODUCTS]
    rows = [deal("D1", "old", "won", date(2015, 1, 1)), deal("D1", "new", "won", date(2024, 2, 1)), deal("D1", "new", "lost")]
    result = answer(*rows, products=plain)
    assert result.by_field.set_index("field").loc["product development", "deals_count"] == 2
    assert not result.is_by_launch


def test_mixed_currencies_leave_counts():
    rows = [*history(), deal("D1", "old", "won", currency="USD")]
    result = answer(*rows)
    assert result.headline('won_amount.ansoff="penetration"').value is None
    assert result.by_field.set_index("field").loc["penetration", "won_count"] == 2
