"""A feature counts as an advantage only where buyers' decisions show it."""

from tests.analyses.data.frames import ask, deals, frame
from tests.analyses.market.rows import firms
from workbook.analyses.competitors import usp
from workbook.text import render

ACCOUNTS = [{"account_id": f"A{i}", "name": f"A{i}", "needs": "Speed" if i % 2 else "Safety"} for i in range(100)]
SELF = firms({"competitor": "us", "is_self": True}, {"competitor": "X"})


def sold(speed, safety):
    """Win rates in deals of accounts that declare one or the other; one deal per account."""
    return [{"competitor": "X", "account_id": f"A{i}", "status": "won" if (i // 2) < 50 * (speed if i % 2 else safety) else "lost", "loss_reason": "speed"} for i in range(100)]


def verdicts(result):
    return {row["feature"]: row["verdict"] for row in result.features.to_dict("records")}


def asked(rows, ratings=(), **settings):
    return ask(usp, deals(*rows), frame("accounts", ACCOUNTS), frame("products", []), frame("ratings", list(ratings)), SELF, **settings)


def test_decisions_prove_and_disprove():
    result = asked(sold(0.8, 0.2), declared_features=("Speed", "Made in Germany"))
    assert verdicts(result) == {"Speed": "advantage", "Safety": "disadvantage", "Made in Germany": "unproven"}
    top = result.features.iloc[0]
    assert top["n"] == 50 and round(top["difference"]) == 60 and "lost deals" in render(top["evidence"])
    assert result.checks[0].status == "review" and "Made in Germany" in render(result.checks[0].reason)
    assert {action.key for action in result.actions} == {"lead_with_proven_features", "test_unproven_features"}


def test_a_rating_alone_is_no_advantage():
    rated = [{"respondent_id": f"R{i}", "brand": b, "attribute": "Design", "score": s} for i in range(20) for b, s in (("us", 6 + i % 2), ("X", 4))]
    assert verdicts(asked(sold(0.5, 0.5), rated)) == {"Design": "rated", "Speed": "unproven", "Safety": "unproven"}


def test_deals_that_name_several_competitors_count_once():
    rows = [row | {"competitor": "X; Y; Z"} for row in sold(0.8, 0.2)]
    assert asked(rows).features.iloc[0]["n"] == 50


def test_nothing_to_judge_is_a_refusal():
    assert asked([]).refused is not None
    assert verdicts(asked([], declared_features=("Quality",))) == {"Quality": "unproven"}


def test_a_need_declared_twice_counts_once():
    rows, accounts = sold(0.8, 0.2), [row | {"needs": f"{row['needs']}; {row['needs']} ;"} for row in ACCOUNTS]
    result = ask(usp, deals(*rows), frame("accounts", accounts), frame("products", []), frame("ratings", []), SELF)
    assert result.features.set_index("feature")["n"].to_dict() == {"Speed": 50, "Safety": 50}
