"""Effect to money: counted on paper, honest about margin, cost and doubt."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from tests.analyses.data.frames import deals, frame
from workbook.analyses.alignment_impact import figures, money, tables
from workbook.analyses.alignment_impact.effect import EffectResult
from workbook.notebook import to_frame
from workbook.text import render, use_language

AS_OF = date(2025, 12, 31)


def effect(value=0.1, low=0.06, high=0.14, verdict="shown", design="staggered"):
    row = {"kpi": "win_rate", "unit": "share", "design": design, "value": value, "low": low, "high": high, "verdict": verdict, "cases_count": 400}
    return EffectResult(estimates=pd.DataFrame([row]))


def sold(n=40, region="North", amount=1000.0, **more):
    day = {"created_on": date(2025, 3, 1), "closed_on": date(2025, 6, 1)}
    return [day | {"region": region, "status": "won" if i % 2 else "lost", "amount": amount, "currency": "EUR", "account_id": f"A{i}"} | more for i in range(n)]


def units(cost=None, **adopted):
    return frame("units", [{"unit": name, "adopted_on": day, "month_on": date(2025, 1, 1), "programme_cost": cost, "currency": "EUR"} for name, day in adopted.items()])


def answer(rows, programme, result=None, invoices=(), **settings):
    params = money.MoneyParams(**settings)
    asked = money.aggregate(programme, deals(*rows), frame("accounts", []), frame("invoices", list(invoices)), params, as_of=AS_OF)
    return money.analyse({name: to_frame(table) for name, table in asked.items()}, result or effect(), params, as_of=AS_OF)


def test_the_gain_is_effect_times_deals_times_amount():
    found = answer(sold(), units(North=date(2024, 1, 1), South=None))
    assert found.gain == pytest.approx(0.1 * 40 * 1000) and found.units_count == 1
    assert found.low == pytest.approx(0.06 * 40 * 1000, rel=0.05) and found.high == pytest.approx(0.14 * 40 * 1000, rel=0.05)
    assert "revenue" in render(found.finding) and found.cost_year is None and found.pays is None
    assert "revenue, not profit" in " ".join(render(limit) for limit in found.limits)


def test_margin_cost_chance_and_payback():
    invoices = [{"invoice_id": f"R{i}", "invoiced_on": date(2025, 5, 1), "amount": 100, "margin": 40, "currency": "EUR"} for i in range(5)]
    found = answer(sold(), units(cost=800, North=date(2024, 1, 1)), invoices=invoices)
    assert found.margin == pytest.approx(0.4) and found.gain == pytest.approx(1600)
    assert (found.cost_year, found.cost_total) == (800, 800) and found.payback_months == pytest.approx(6.0)
    assert found.pays > 0.97 and found.payback_low < 6 < found.payback_high
    assert found.actions[0].value == pytest.approx(800)
    dear = answer(sold(), units(cost=5000, North=date(2024, 1, 1)), invoices=invoices)
    assert dear.pays == 0 and "stop" in render(dear.actions[0].what)


def test_money_scales_with_the_unit_and_the_order_is_irrelevant():
    one, thousand = answer(sold(), units(North=date(2024, 1, 1))), answer(sold(amount=1e6), units(North=date(2024, 1, 1)))
    assert thousand.gain == pytest.approx(1000 * one.gain) and thousand.high == pytest.approx(1000 * one.high)
    assert answer(sold()[::-1], units(North=date(2024, 1, 1))).high == pytest.approx(one.high)


def test_a_loss_is_a_loss_and_never_pays_back():
    found = answer(sold(), units(cost=10, North=date(2024, 1, 1)), effect(-0.1, -0.2, -0.01, "not_shown"))
    assert found.gain < 0 and np.isinf(found.payback_months) and found.pays < 0.05
    assert "never" in render(found.finding) and found.certainty == "open"
    assert "not shown beyond doubt" in render(found.limits[0])


@pytest.mark.parametrize(
    ("rows", "result"),
    [
        ([], None), (sold(1), None), (sold(amount=None), None), (sold(region="South"), None), (sold(), EffectResult()), (sold(), effect(design="interrupted")),
        ([*sold(), *sold(currency="USD")], None), (sold(closed_on=date(2020, 1, 1), created_on=date(2019, 1, 1)), None),
    ],
)  # fmt: skip
def test_what_cannot_be_valued_is_said(rows, result):
    found = answer(rows, units(North=date(2024, 1, 1)), result)
    assert found.refused is not None and found.headlines == ()
    assert tables.money_steps(found) is None and figures.gain_and_cost(found) is None


def test_a_currency_of_the_cost_alone_is_no_mixture():
    rows = [row | {"currency": None} for row in sold()]
    assert answer(rows, units(cost=10, North=date(2024, 1, 1))).refused is None


def test_it_can_be_shown_in_both_languages():
    found = answer(sold(), units(cost=800, North=date(2024, 1, 1)))
    for language in ("en", "de"):
        with use_language(language):
            assert len(tables.money_steps(found).texts()) == 6 and figures.gain_and_cost(found).title
