"""Why we lose, counted on paper."""

import pytest

from tests.analyses.data.frames import ask, deals, many
from workbook.analyses.competitors import loss_reasons


def lost(reason, n, **row):
    return many(n, status="lost", loss_reason=reason, **row)


def test_shares_money_and_what_is_missing():
    rows = [*lost("Price", 6, amount=10, currency="EUR"), *lost("Function", 2, amount=100, currency="EUR"), *lost(None, 4, amount=7, currency="EUR")]
    rows += [*many(5, status="won"), *many(3, status="no_decision", loss_reason="Price")]
    result = ask(loss_reasons, deals(*rows))
    table = result.by_reason.set_index("reason")
    assert table["lost_share"].to_dict() == {"Price": 0.75, "Function": 0.25}
    assert table["lost_amount"].to_dict() == {"Price": 60, "Function": 200}
    assert table["amount_share"].to_dict() == pytest.approx({"Price": 60 / 260, "Function": 200 / 260})
    assert (result.lost_count, result.missing_count, result.missing_amount) == (12, 4, 28)
    assert result.missing_share == pytest.approx(1 / 3)
    assert result.checks[0].status == "review"


def test_spelling_does_not_split_a_reason():
    rows = [*lost("Price", 3), *lost("price ", 2), *lost(" ", 1)]
    result = ask(loss_reasons, deals(*rows))
    assert result.by_reason[["reason", "lost_count"]].values.tolist() == [["Price", 5]]
    assert result.missing_count == 1


def test_the_first_reason_is_called_first_only_when_it_is_ahead():
    clear = ask(loss_reasons, deals(*lost("Price", 60), *lost("Function", 20)))
    assert clear.is_first_reliable and "named most is Price" in str(clear.finding)
    close = ask(loss_reasons, deals(*lost("Price", 22), *lost("Function", 20)))
    assert not close.is_first_reliable and "not reliably ahead of Function" in str(close.finding)
    assert [a.key for a in close.actions] == []


def test_deals_of_one_hand_do_not_make_a_reason():
    rows = [*lost("Price", 40, owner_id="P1"), *[r | {"owner_id": f"Q{i}"} for i, r in enumerate(lost("Function", 20))]]
    assert not ask(loss_reasons, deals(*rows)).is_first_reliable


def test_reasons_stand_out_against_one_competitor():
    rows = [*lost("Price", 40, competitor="Cheap"), *lost("Function", 10, competitor="Cheap"), *lost("Price", 10, competitor="Good"),
            *lost("Function", 40, competitor="Good")]  # fmt: skip
    table = ask(loss_reasons, deals(*rows)).by_competitor.set_index(["competitor", "reason"])
    row = table.loc[("Cheap", "Price")]
    assert (row["lost_share"], row["others_share"], row["named_count"]) == (0.8, 0.2, 50)
    assert row["is_reliable"]
    even = [r | {"competitor": c} for c in ("X", "Y") for r in [*lost("Price", 10), *lost("Function", 10)]]
    assert not ask(loss_reasons, deals(*even)).by_competitor["is_reliable"].any()


def test_refusals():
    assert "no deal has been lost" in str(ask(loss_reasons, deals(*many(3, status="won"))).refused)
    assert ask(loss_reasons, deals(*lost(None, 3))).refused is not None


def test_mixed_currencies_leave_counts():
    result = ask(loss_reasons, deals(*lost("Price", 3, amount=1, currency="EUR"), *lost("Price", 3, amount=1, currency="USD")))
    assert result.by_reason["lost_amount"].isna().all()
    assert result.by_reason["lost_count"].tolist() == [6]
