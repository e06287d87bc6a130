"""The value of a customer: counted by hand, chosen by the nature of the data, refused where it cannot be told."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from tests.analyses.data.frames import AS_OF, ask, frame
from tests.analyses.icp_segmentation.companies import ask_about, deal, ids
from workbook.analyses import icp_segmentation as icp
from workbook.analyses.icp_segmentation import customer_ranking
from workbook.text import render

START = AS_OF.replace(year=AS_OF.year - 5)


def line(account, day, amount=100.0, margin=40.0, recurring=None):
    return {"invoice_id": f"R{account}{day}{amount}", "account_id": account, "invoiced_on": day, "amount": round(amount, 2), "margin": None if margin is None else round(margin, 2), "currency": "EUR",
            "is_recurring": recurring}  # fmt: skip


def ask_value(invoices=(), rows=(), accounts=(), **settings):
    return ask(icp.value, frame("invoices", list(invoices)), frame("opportunities", ids(rows)), frame("accounts", list(accounts)), **settings)


def contracts(recurring=True, margin=40.0):
    """A first contract long ago; then 60 that begin four years before the end: 12 end after a year, 6 after two, 3 after three."""
    lines = [line("old", START + timedelta(days=91 * q), recurring=recurring) for q in range(20)]
    begin = AS_OF - timedelta(days=1643)
    for i in range(60):
        quarters = 4 if i < 12 else 8 if i < 18 else 12 if i < 21 else 18
        lines += [line(f"A{i:02d}", begin + timedelta(days=round(91.3 * q)), recurring=recurring, margin=margin) for q in range(quarters)]
    return lines


def buyers(seed=3, n=150):
    rng = np.random.default_rng(seed)
    lines = []
    for i in range(n):
        day, rate, stop, scale = AS_OF - timedelta(days=int(rng.integers(700, 1800))), rng.gamma(2, 1.5), rng.beta(1, 5), rng.lognormal(4, 0.5)
        while day <= AS_OF:
            lines.append(line(f"B{i:03d}", day, 3 * scale, scale * rng.gamma(4, 0.25)))
            if rng.random() < stop:
                break
            day += timedelta(days=1 + int(rng.exponential(365 / rate)))
    return lines


def test_contracts_by_hand():
    """Shares staying: 48 of 60, 42 of 48, 39 of 42. Each pays four times 40 a year, so a year brings 160."""
    result = ask_value(contracts())
    assert result.main == "contract"
    head = result.headline("clv")
    stays = np.cumprod([1, 48 / 60, 42 / 48, 39 / 42, 39 / 42])  # the fifth year goes on like the fourth, or a little better
    assert head.n == 60
    assert head.value == pytest.approx((160 * stays / 1.1 ** np.arange(5)).sum(), rel=0.05)
    assert head.low < head.value < head.high
    assert [a.watch_kpi for a in result.actions] == ["clv"]


def test_even_intervals_stand_for_contracts_where_lines_do_not_say():
    said, guessed = ask_value(contracts()), ask_value(contracts(recurring=None))
    assert guessed.main == "contract"
    assert guessed.headline("clv").value == pytest.approx(said.headline("clv").value)


def test_irregular_purchases_are_valued_by_how_often_and_how_much():
    result = ask_value(buyers())
    assert result.main == "purchases"
    assert "without a contract" in render(result.finding)
    assert result.headline("clv").low < result.headline("clv").value < result.headline("clv").high
    assert {c.key for c in result.checks} >= {"two_models_expect_alike", "money_does_not_go_with_frequency"}


def test_money_units_scale_and_order_does_not_matter():
    one = ask_value(buyers()).headline("clv")
    other = ask_value([row | {"amount": round(1000 * row["amount"], 2), "margin": round(1000 * row["margin"], 2), "account_id": row["account_id"][::-1]} for row in buyers()][::-1]).headline("clv")
    assert other.value == pytest.approx(1000 * one.value, rel=1e-3)
    assert other.low == pytest.approx(1000 * one.low, rel=0.05)


def test_without_margin_it_says_revenue_and_gives_no_value():
    result = ask_value(contracts(margin=None))
    assert result.headline("clv").value is None
    assert "in revenue" in render(result.headline("clv").reason)
    assert "revenue, not margin" in render(result.limits)
    assert result.actions == () and result.no_action is not None
    set_by_hand = ask_value(contracts(margin=None), margin_share=0.4)
    assert set_by_hand.headline("clv").value == pytest.approx(ask_value(contracts()).headline("clv").value)


def test_won_deals_stand_in_for_invoices():
    rng = np.random.default_rng(2)
    rows = [deal(f"C{i:02d}", "won", days_ago=int(rng.integers(5, 1400))) for i in range(80) for j in range(1 + i % 5)]
    result = ask_value(rows=rows)
    assert (result.basis, result.main) == ("revenue", "purchases")


@pytest.mark.parametrize("lines", [[], contracts()[:20], [line("A", AS_OF)], [line(f"A{i}", AS_OF) for i in range(100)],
                                   [row | {"currency": "USD" if i % 2 else "EUR"} for i, row in enumerate(contracts())]])  # fmt: skip
def test_it_refuses_what_it_cannot_tell(lines):
    result = ask_value(lines)
    assert result.refused is not None
    assert icp.figures.value(result) is None and icp.tables.value(result) is None and icp.figures.value_held_out(result) is None


def test_a_mark_found_early_is_seen_again_later():
    """Eighty companies; “North” wins 4 of 5 early and late. It is found in the earlier deals and holds in the later ones."""
    accounts = [{"account_id": f"A{i}", "industry": "North" if i % 2 else "South"} for i in range(80)]
    rows = [deal(f"A{i}", "won" if (i // 2 + k) % 5 < (4 if i % 2 else 1) else "lost", days_ago=1000 - 300 * k) for i in range(80) for k in range(3)]
    result = ask_about(icp.customer_marks, accounts, rows)
    later = result.later.set_index("value")
    assert later.loc["North", "holds"] and later.loc["South", "holds"]
    assert later.loc["North", "later_lift"] > 1.2
    assert [a.key for a in result.actions] == ["work_on_fitting_companies_first"]


def test_a_field_filled_on_won_deals_is_marked_and_bounded():
    """Every won company states its region, of the lost ones a third: among those who state it, North wins 20 of 30."""
    accounts = [{"account_id": f"A{i}", "region": None if i >= 40 and i % 3 else ("North" if i % 2 else "South")} for i in range(100)]
    rows = [deal(f"A{i}", "won" if i < 40 else "lost") for i in range(100)]
    result = ask_about(icp.customer_marks, accounts, rows)
    assert result.fill.set_index("attribute").loc["region", "depends"]
    row = result.marks.set_index("value").loc["North"]
    assert row["bound_low"] < row["rate"] and row["bound_high"] >= row["rate"]
    assert next(c for c in result.checks if c.key == "fields_are_filled_alike_for_won_and_lost").status == "review"


def test_ranks_do_not_hang_on_the_last_figures_of_a_fit(monkeypatch):
    """Another processor ends a fit elsewhere in the eighth figure."""
    rng = np.random.default_rng(3)
    rows = [deal(f"C{i:03d}", "won", days_ago=int(d), amount=round(float(a), 2)) for i in range(300) for d, a in zip(rng.integers(5, 900, 1 + i % 6), rng.gamma(2, 50, 1 + i % 6), strict=True)]
    asked = (icp.best_customers, frame("opportunities", ids(rows)), frame("accounts", []), frame("invoices", []))
    before = ask(*asked).customers
    fits = {name: getattr(customer_ranking, name) for name in ("fit_gamma_poisson", "fit_gamma_gamma")}
    monkeypatch.setattr(customer_ranking, "fit_gamma_poisson", lambda *given: tuple(x * (1 + 3e-8) for x in fits["fit_gamma_poisson"](*given)))
    monkeypatch.setattr(customer_ranking, "fit_gamma_gamma", lambda *given: replace(fits["fit_gamma_gamma"](*given), p=fits["fit_gamma_gamma"](*given).p * (1 - 3e-8)))
    assert ask(*asked).customers.equals(before) and before["top_probability"].notna().all()


def test_a_customer_who_grows_and_buys_often_is_surely_best_and_a_newcomer_is_not():
    rows = [deal(f"C{i:02d}", "won", days_ago=int(d), amount=100.0 + i) for i in range(40) for d in np.linspace(10, 900, 3 + (20 if i == 39 else 0))]
    rows += [deal("new", "won", days_ago=5, amount=150.5)]
    best = icp.best_customers
    result = ask(best, frame("opportunities", ids(rows)), frame("accounts", []), frame("invoices", []))
    table = result.customers.set_index("account_id")
    assert table.loc["C39", "top_probability"] > 0.9
    assert table.loc["new", "top_probability"] < 0.9
    assert table.loc["new", "rank_high"] - table.loc["new", "rank_low"] > 5
    assert not table.loc["new", "is_best"]
