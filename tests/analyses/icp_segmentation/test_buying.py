"""Needs, roles, touches and moves, on cases small enough to count on paper, and where a difference is really there."""

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from tests.analyses.data.frames import AS_OF, ask, frame
from workbook.analyses import icp_segmentation as icp
from workbook.text import render


def deal(i, status, account="A", days_open=60, **more):
    closed = AS_OF - timedelta(days=30 + i)
    return {
        "opportunity_id": f"O{i:04d}", "status": status, "account_id": f"{account}{i}", "owner_id": f"P{i % 15}", "segment": "S",
        "created_on": closed - timedelta(days=days_open), "closed_on": None if status == "open" else closed, "amount": 100.0, "currency": "EUR", **more,
    }  # fmt: skip


def half(n, first_won, second_won, **more):
    """n deals of each of two kinds, the given numbers of them won; the kinds take turns."""
    won = {0: first_won, 1: second_won}
    return [deal(i, "won" if i // 2 < won[i % 2] else "lost", **more) for i in range(2 * n)]


def ask_needs(deals, **settings):
    accounts = [{"account_id": d["account_id"], "needs": ["Speed", "Price"][i % 2], "name": f"Firm {i}"} for i, d in enumerate(deals)]
    return ask(icp.needs, frame("opportunities", deals), frame("accounts", accounts), **settings)


def test_needs_are_counted():
    """40 deals with each need; 24 won with Speed, 12 with Price: 60 % against 30 %."""
    result = ask_needs(half(40, 24, 12))
    rows = result.needs.set_index("value")
    assert rows.loc[["Speed", "Price"], ["won_count", "closed_count", "without_won_count"]].to_numpy().tolist() == [[24, 40, 12], [12, 40, 24]]
    assert rows.loc["Speed", "rate"] == pytest.approx(0.6)
    assert rows.loc["Speed", "adjusted"] == pytest.approx(0.3)  # one stratum: within it as over all
    assert rows.loc["Speed", "recent_amount"] == 40 * 100
    assert result.cases.groupby(["need", "status"]).size().eq(3).all()


def test_a_need_met_better_is_said_and_none_is_an_answer():
    clear, even = ask_needs(half(120, 84, 36)), ask_needs(half(120, 60, 60))
    assert render(clear.brief).startswith("“Speed” is the need we win with most reliably: 70.0% of 120 deals")
    assert {a.key for a in clear.actions} == {'lead_with_need.need="Speed"', 'mend_need.need="Price"'}
    assert render(even.finding).startswith("None demonstrably") and even.no_action is not None


def test_against_competitors_is_said_only_where_it_is_shown():
    """The same difference, once with a rival on every deal, once with a rival on none."""
    assert "also where a competitor was named" in render(ask_needs(half(120, 84, 36, competitor="Acme")).brief)
    assert "not shown" in render(ask_needs(half(120, 84, 36, competitor="none")).brief)


def test_a_need_that_only_comes_with_an_easy_segment_is_no_need_met_better():
    """Speed is asked for in the easy segment (80 % won), Price in the hard one (20 %); within each, both are won alike."""
    deals = []
    for i in range(400):
        easy = (i // 2) % 10 < (9 if i % 2 == 0 else 1)
        deals.append(deal(i, "won" if (i // 20) % 5 < (4 if easy else 1) else "lost") | {"segment": "easy" if easy else "hard"})
    result = ask_needs(deals)
    assert result.needs["p_value"].max() < 0.001
    assert not result.needs["is_reliable"].any()


def test_the_deals_own_field_goes_before_the_companys():
    import pyarrow as pa

    deals = [d | {"pain_point": "Own"} for d in half(30, 20, 10)]
    result = ask(icp.needs, frame("opportunities", deals, pain_point=pa.string()), frame("accounts", [{"account_id": "A0", "needs": "Other"}]))
    assert result.source == "deals" or result.refused is not None


def ask_roles(deals, roles):
    contacts = [{"contact_id": f"K{i}{r}", "opportunity_id": d["opportunity_id"], "role": r} for i, d in enumerate(deals) for r in roles(i)]
    return ask(icp.buying_centre, frame("opportunities", deals), frame("contacts", contacts))


def test_roles_are_counted_and_who_is_missing():
    """Even deals know the champion, odd ones the user: 24 of 40 and 12 of 40 won; three open deals know only the user."""
    deals = [*half(40, 24, 12), *(deal(i, "open") for i in (81, 83, 85))]
    result = ask_roles(deals, lambda i: ["Champion"] if i % 2 == 0 and i < 80 else ["User"])
    rows = result.roles.set_index("value")
    assert rows.loc["Champion", ["won_count", "closed_count", "without_won_count", "open_without_count"]].tolist() == [24, 40, 12, 3]
    assert rows.loc["User", "open_without_count"] == 0
    assert result.sizes["roles_mean"].tolist() == [1, 1]


def test_a_role_that_wins_is_found_with_the_deals_that_lack_it():
    deals = [*half(120, 84, 36), *(deal(i, "open") for i in (241, 243))]
    result = ask_roles(deals, lambda i: ["Champion"] if i % 2 == 0 and i < 240 else ["User"])
    action = result.actions[0]
    assert action.key == 'find_role.role="Champion"' and "2 open deals" in render(action.what)
    assert action.low == 0 < action.value < action.high


def test_roles_noted_more_often_on_won_deals_do_not_make_any_role_win():
    """Won deals know two to four roles, lost ones one to three, drawn alike: every role is seen more often on won deals, none stands out."""
    rng = np.random.default_rng(4)
    deals = [deal(i, "won" if i % 2 else "lost") for i in range(600)]
    result = ask_roles(deals, lambda i: rng.choice(["A", "B", "C", "D"], (2 if i % 2 else 1) + rng.integers(3), replace=False))
    assert (result.roles["difference_low"] > 0).all()
    assert not result.roles["is_reliable"].any() and result.more_roles
    assert "no single role decides" in render(result.brief)


def ask_journey(deals, touches):
    rows = []
    for i, d in enumerate(deals):
        for j, (kind, day) in enumerate(touches(i)):
            at = datetime.combine(d["created_on"], datetime.min.time()) + timedelta(days=day, hours=9 + j)
            rows.append({"activity_id": f"T{i}-{j}", "opportunity_id": d["opportunity_id"], "occurred_at": at, "kind": kind})
    return ask(icp.journey, frame("activities", rows), frame("opportunities", deals))


def test_touches_are_counted_up_to_the_landmark():
    """Even deals: a call on day 3 and a meeting on day 10. Odd ones: an e-mail on day 40, after the landmark."""
    result = ask_journey(half(40, 24, 12), lambda i: [("call", 3), ("meeting", 10)] if i % 2 == 0 else [("e-mail", 40)])
    rows = result.traits.set_index(["dimension", "value"])
    assert rows.loc[("touches", "2"), ["won_count", "closed_count"]].tolist() == [24, 40]
    assert rows.loc[("touches", "0"), ["won_count", "closed_count"]].tolist() == [12, 40]
    assert ("path", "call → meeting") in rows.index and ("kind", "e-mail") not in rows.index
    assert result.lives.set_index("outcome")["early_mean"].tolist() == pytest.approx([48 / 36, 32 / 44])


def test_long_lives_alone_make_no_touch_win():
    """Won deals live longer and are touched every ten days; up to the landmark all are touched alike."""
    deals = [deal(i, "won" if i % 2 else "lost", days_open=200 if i % 2 else 50) for i in range(200)]
    result = ask_journey(deals, lambda i: [("call", day) for day in range(5, 200 if i % 2 else 50, 10)])
    lives = result.lives.set_index("outcome")
    assert lives.loc["won", "life_mean"] == 20 and lives.loc["lost", "life_mean"] == 5
    assert not result.traits["is_reliable"].any() and result.no_action is not None


def test_deals_decided_before_the_landmark_are_left_out_and_counted():
    quick = [deal(i + 100, "won", days_open=10) for i in range(5)]
    result = ask_journey([*half(30, 15, 15), *quick], lambda i: [("call", 2)])
    assert "5 deals decided within" in render(result.limits)


def invoice(account, days_ago, amount):
    return {"invoice_id": f"{account}-{days_ago}", "account_id": account, "invoiced_on": AS_OF - timedelta(days=days_ago), "amount": amount, "currency": "EUR"}


def moved():
    """30 customers bought 1 … 30 the year before last year's date; the upper ten stop, the lower ten buy 100, ten are new."""
    rows = [invoice("old", 800, 1.0)]
    rows += [invoice(f"C{i:02d}", 500, float(i)) for i in range(1, 31)]
    rows += [invoice(f"C{i:02d}", 100, 100.0 if i <= 10 else float(i)) for i in range(1, 21)]
    return [*rows, *(invoice(f"N{i}", 50, 5.0) for i in range(10))]


def test_moves_are_counted():
    members = pd.DataFrame({"account_id": [f"C{i:02d}" for i in range(1, 31)], "name": ["low"] * 10 + ["mid"] * 10 + ["top"] * 10})
    result = ask(icp.migration, frame("invoices", moved()), frame("opportunities", []), members)
    found = result.moves.set_index(["from_class", "to_class"])["customers_count"].to_dict()
    assert found == {("high", "none"): 10, ("middle", "middle"): 10, ("low", "high"): 10, ("none", "low"): 10}
    assert (result.again.successes, result.again.n) == (20, 30)
    assert result.up_differs  # ten up, none down
    action = result.actions[0]
    assert "the 10 customers of the upper third" in render(action.what) and render(action.what).endswith("it was €255.")
    assert (action.value, action.low, action.high) == (None, None, None), "what they bought is told, not promised"
    assert result.groups.set_index("name")["again_count"].to_dict() == {"low": 10, "mid": 10, "top": 0}


def test_a_short_history_is_refused():
    rows = [row for row in moved() if row["account_id"] != "old" and not row["invoice_id"].endswith("-500")]
    refused = ask(icp.migration, frame("invoices", rows), frame("opportunities", []), None).refused
    assert "two full years" in render(refused)
