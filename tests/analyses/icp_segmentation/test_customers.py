"""Best customers, what marks them, RFM: counted by hand, and where the data do not suffice."""

import re
from datetime import timedelta

import pytest

from tests.analyses.data.frames import AS_OF, many
from tests.analyses.icp_segmentation.companies import ask_about, ask_best, ask_rfm, deal
from workbook.analyses import icp_segmentation as icp
from workbook.analyses.icp_segmentation import best_customers
from workbook.stats.proportion import proportion
from workbook.text import render, use_language


def ten_customers():
    """A0 buys three times for 100 each, A1 twice for 50, A2 to A9 once for 25: 600 in all, the top two hold 400."""
    return [
        *many(3, **deal("A0", "won", amount=100)), *many(2, **deal("A1", "won", amount=50)),
        *(deal(f"A{i}", "won", amount=25) for i in range(2, 10)), deal("A0", "lost", amount=999), deal("A99", "lost"),
    ]  # fmt: skip


def test_one_file_of_opportunities_is_enough():
    result = ask_best(ten_customers())
    assert (result.headline("repeat_purchase").value, result.headline("repeat_purchase").n) == (0.2, 10)
    assert result.headline("top_customer_share").value == pytest.approx(400 / 600)
    assert result.customers.loc[result.customers["is_best"], "account_id"].tolist() == ["A0", "A1"]
    assert (result.basis, result.currency) == ("won", "EUR")
    assert result.customers["value"].sum() == 600


@pytest.mark.parametrize(("n", "finding", "action"), [
    (1, "one of them is loyal as well and counts as best", "Give the best customer an account plan"),
    (2, "2 of them are loyal as well and count as best", "Give each of the 2 best customers an account plan"),
])
def test_one_best_customer_is_told_as_one(n, finding, action):
    counts, params = {"n": 10, "best": n, "sure": None}, best_customers.BestCustomersParams()
    known = ask_best(ten_customers())
    top = known.headline("top_customer_share")
    assert finding in render(best_customers._finding(counts, proportion(2, 10), top, "won", params))
    best = known.customers.assign(is_best=[i < n for i in range(len(known.customers))], top_probability=0.9, money_per_year=100.0)
    assert render(best_customers._actions(best, "won", "EUR", 1.0, AS_OF)[0].what).startswith(action)


@pytest.mark.parametrize("power", [0.0, 0.6, 1.2, 3.0])
@pytest.mark.parametrize("language", ["en", "de"])
def test_the_label_of_the_curve_lies_below_the_diagonal(power, language):
    """Alike or dominated by few: the curve is above the diagonal, so below it nothing is written over."""
    result = ask_best([deal(f"A{i:02d}", "won", amount=round(100_000 * (i + 1) ** -power) + 1) for i in range(50)])
    with use_language(language):
        axes = icp.figures.concentration(result).figure.axes[0]
    axes.figure.draw_without_rendering()
    for text in (text for text in axes.texts if text.get_text()):
        box = axes.transData.inverted().transform(text.get_window_extent())
        assert box[1][1] < box[0][0], text.get_text()


def test_margin_counts_where_invoices_carry_it():
    invoices = [
        {"invoice_id": f"R{i}", "account_id": f"A{i}", "invoiced_on": AS_OF, "amount": 1000, "margin": 90 if i == 5 else 10, "currency": "EUR"}
        for i in range(10)
    ]
    result = ask_best(ten_customers(), invoices=invoices)
    assert (result.basis, result.customers["account_id"].iloc[0]) == ("margin", "A5")
    assert result.customers.loc[result.customers["is_best"], "account_id"].tolist() == ["A0"]  # A5 is worth most and bought once
    without = ask_best(ten_customers(), invoices=[row | {"margin": None} for row in invoices])
    assert (without.basis, without.customers["value"].sum()) == ("invoiced", 10_000)


def test_existing_and_new_customers_by_hand():
    """Each of twenty companies: a win, later a loss and two wins. First deals 20 of 20, later ones 40 of 60; all late enough."""
    start = [deal("old", "lost", days_ago=900, length=10)]
    rows = [deal(f"A{i}", s, days_ago=d) for i in range(20) for s, d in (("won", 500), ("lost", 300), ("won", 200), ("won", 100))]
    result = ask_best([*start, *rows])
    old, new = result.headline('win_rate.bought_before="yes"'), result.headline('win_rate.bought_before="no"')
    assert (old.value, old.n) == (pytest.approx(40 / 60), 60)
    assert (new.value, new.n) == (1.0, 20)
    assert "33.3 percentage points below" in render(result.limits)


@pytest.mark.parametrize(("later_won", "first_won", "said"), [
    (4, 7, r"is 30\.0 percentage points below that of new ones \(range (\d+\.\d) to (\d+\.\d)\)"),
    (7, 4, r"is 30\.0 percentage points above that of new ones \(range (\d+\.\d) to (\d+\.\d)\)"),
    (6, 7, r"differ reliably \(existing less new: -10\.0 percentage points, range (-\d+\.\d) to (\d+\.\d)\)"),
    (7, 6, r"differ reliably \(existing less new: \+10\.0 percentage points, range (-\d+\.\d) to (\d+\.\d)\)"),
])
def test_size_and_range_of_the_difference_have_one_sign_and_one_unit(later_won, first_won, said):
    """A hundred companies that had bought at the start and a hundred new ones, tenths of whose deals are won."""
    bought = [deal(f"A{i}", "won", days_ago=900) for i in range(100)]
    later = [deal(f"A{i}", "won" if i % 10 < later_won else "lost", days_ago=200) for i in range(100)]
    first = [deal(f"N{i}", "won" if i % 10 < first_won else "lost", days_ago=200, length=60) for i in range(100)]
    found = re.search(said, render(ask_best([*bought, *later, *first]).limits))
    assert found is not None
    size = float(re.search(r"\d+\.\d", found[0])[0]) * (-1 if "new: -" in found[0] else 1)
    assert float(found[1]) < size < float(found[2])




def test_an_export_of_won_deals_alone_compares_nobody():
    start = [deal("old", "won", days_ago=900, length=10)]
    result = ask_best([*start, *(deal(f"A{i}", "won", days_ago=d) for i in range(20) for d in (500, 300, 100))])
    assert [h.key for h in result.headlines if h.kpi == "win_rate"] == []
    assert "leaves out the lost" in render(result.limits)


def test_the_start_of_the_data_makes_no_new_customers():
    """Every first deal lies within one longest cycle of the start: nothing to compare."""
    rows = [deal(f"A{i}", s, days_ago=d, length=200) for i in range(20) for s, d in (("won", 300), ("lost", 290), ("won", 150))]
    assert ask_best(rows).difference is None


@pytest.mark.parametrize("rows", [[], [deal("A", "lost")], [deal(None, "won")]])
def test_without_customers_it_is_refused(rows):
    assert ask_best(rows).refused is not None
    assert ask_best(rows).headlines == ()


def test_mixed_currencies_leave_counts():
    rows = [row | {"currency": "USD" if i % 2 else "EUR"} for i, row in enumerate(ten_customers())]
    result = ask_best(rows)
    assert result.headline("repeat_purchase").value == 0.2
    assert result.headline("top_customer_share").value is None
    assert "several currencies" in str(result.headline("top_customer_share").reason)


def market(won_north=16, won_south=4):
    accounts = [{"account_id": f"{r[0]}{i}", "industry": r, "needs": "Speed; Price" if i % 2 else "Speed"} for r in ("North", "South") for i in range(40)]
    rows = [deal(f"{r[0]}{i}", "won" if i % 20 < won else "lost") for r, won in (("North", won_north), ("South", won_south)) for i in range(40)]
    return accounts, rows


def test_a_mark_is_found_and_lifted_by_hand():
    result = ask_about(icp.customer_marks, *market())
    head = result.headline('win_rate.account_industry="North"')
    assert (head.value, head.n) == (0.8, 40)
    marks = result.marks.set_index(["attribute", "value"])
    assert marks.loc[("industry", "North"), "lift"] == pytest.approx(1.6)
    assert marks.loc[("industry", "North"), "difference"] == pytest.approx(0.6)
    assert marks["differs"].to_dict() == {("industry", "North"): True, ("industry", "South"): True, ("needs", "Price"): False, ("needs", "Speed"): False}
    assert marks.loc[("needs", "Price"), "closed_count"] == 40
    assert [a.watch_kpi for a in result.actions] == ["win_rate"]


def test_no_difference_gives_no_action():
    result = ask_about(icp.customer_marks, *market(10, 10))
    assert not result.marks["differs"].any()
    assert result.actions == ()
    assert "None of the" in str(result.finding)
    assert icp.figures.marks(result).title.startswith("No mark")


def test_one_loyal_company_is_no_mark():
    """Forty deals won by one company of an industry, all other companies win half: the company is one observation."""
    accounts = [{"account_id": "X", "industry": "Odd"}, *({"account_id": f"A{i}", "industry": "Even"} for i in range(40))]
    rows = [*many(40, **deal("X", "won")), *(deal(f"A{i}", s) for i in range(40) for s in ("won", "lost"))]
    row = ask_about(icp.customer_marks, accounts, rows).marks.set_index("value").loc["Odd"]
    assert row["low"] < 0.93  # forty independent wins would give 0.91 and 1
    assert row["shrunken_rate"] < 1


@pytest.mark.parametrize(("accounts", "rows", "said"), [
    ([], [], "no won or lost deal"), ([{"account_id": "A"}], [deal("A", "won")], "nothing but the name"),
    (market()[0], [deal("N0", "won"), deal("S0", "won")], "ended alike"),
])  # fmt: skip
def test_marks_need_attributes_and_both_outcomes(accounts, rows, said):
    assert said in str(ask_about(icp.customer_marks, accounts, rows).refused)


def test_rfm_by_hand():
    """Twenty customers, customer i bought i + 1 times, every 30 days, the last 10·(19 − i) days ago, 100 each.

    The eight who bought last, most often and most are champions. Eight and nine rank in the middle, but are silent for more
    than three of their intervals."""
    rows = [deal(f"C{i:02d}", "won", days_ago=10 * (19 - i) + 30 * j) for i in range(20) for j in range(i + 1)]
    result = ask_rfm(rows)
    groups = result.groups.set_index("group")
    assert groups["customers_count"].sum() == 20
    assert groups["amount"].sum() == 100 * 210
    assert groups.loc["champions", "customers_count"] == 8
    assert groups.loc["champions", "amount"] == 100 * sum(range(13, 21))
    assert groups["amount_share"].sum() == pytest.approx(1)
    assert result.customers.set_index("customer_id").loc[["C08", "C09", "C10"], "group"].tolist() == ["hibernating", "hibernating", "need_attention"]


def test_nine_days_are_no_risk_for_who_buys_every_week_and_sixty_are():
    """Forty customers buy every seven days; the last purchase of thirty was up to nine days ago, of ten two months ago."""
    rows = [deal(f"C{i:02d}", "won", days_ago=(60 if i >= 30 else i % 10) + 7 * j) for i in range(40) for j in range(8 if i % 2 else 4)]
    groups = ask_rfm(rows).customers.set_index("customer_id")["group"]
    assert not groups.iloc[:30].isin(["at_risk", "hibernating", "lost"]).any()
    assert groups.iloc[30:].isin(["at_risk", "hibernating", "lost"]).all()


def test_rfm_takes_invoices_before_deals_and_nets_a_day():
    invoices = [
        {"invoice_id": f"R{i}{k}", "account_id": f"A{i}", "invoiced_on": AS_OF - timedelta(days=i), "amount": amount, "currency": "EUR"}
        for i in range(20) for k, amount in enumerate((500, -100))
    ]  # fmt: skip
    result = ask_rfm([deal("Z", "won")], invoices)
    assert (result.basis, len(result.customers)) == ("invoices", 20)
    assert result.groups["amount"].sum() == 20 * 400
    assert set(result.customers["order_count"]) == {1}


@pytest.mark.parametrize("rows", [
    [], [deal("A", "won")], [deal("A", "lost")], [deal("A", "won") | {"closed_on": None}],
    [deal(f"A{i}", "won", currency="USD" if i % 2 else "EUR") for i in range(40)],
])  # fmt: skip
def test_rfm_refuses_what_it_cannot_rank(rows):
    result = ask_rfm(rows)
    assert result.refused is not None
    assert icp.tables.rfm_groups(result) is None
    assert icp.figures.rfm_groups(result) is None


@pytest.mark.parametrize("ask_it", [ask_best, ask_rfm])
def test_order_of_rows_does_not_matter(ask_it):
    rows = [deal(f"C{i:02d}", "won", days_ago=10 * i + j, amount=5 * i + 1) for i in range(25) for j in range(i % 4 + 1)]
    first, second = ask_it(rows), ask_it(rows[::-1])
    assert str(first.finding) == str(second.finding)
    assert [(h.key, h.value, h.low) for h in first.headlines] == [(h.key, h.value, h.low) for h in second.headlines]
