"""Parts of a firm side by side, counted on paper, and what must hold whatever the numbers."""

from datetime import date
from random import Random

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workbook.comparison import compare
from workbook.results import HeadlineRecord, ResultsFile
from workbook.stats.proportion import wilson


def headline(key="win_rate", value=0.5, low=0.4, high=0.6, n=100, unit="share", currency=None):
    return HeadlineRecord(key=key, kpi=key, value=value, low=low, high=high, level=0.95, unit=unit, currency=currency, n=n, section="")


def files(*headlines):
    return [ResultsFile(topic="data", as_of=date(2026, 9, 30), headlines=list(headlines))]


def rate(won, n):
    span = wilson(won, n, 0.95)
    return headline(value=won / n, low=span.low, high=span.high, n=n)


def only(parts, level=0.95, false_discovery_rate=0.1):
    (measure,) = compare(parts, level=level, false_discovery_rate=false_discovery_rate)
    return measure


def test_parts_that_are_alike_are_pulled_together_and_none_differs():
    measure = only([files(rate(50, 100)), files(rate(52, 100)), files(rate(12, 20)), files(rate(9, 20))])
    assert measure.is_compared and measure.whole == pytest.approx(123 / 240)
    pulled = [figure.pulled for figure in measure.figures]
    assert max(pulled) - min(pulled) < 0.05 < 12 / 20 - 9 / 20 and not any(figure.differs for figure in measure.figures)


def test_a_part_that_differs_is_found_and_hardly_pulled():
    measure = only([files(rate(300, 1000)), files(rate(310, 1000)), files(rate(290, 1000)), files(rate(600, 1000))])
    last = measure.figures[3]
    assert last.differs == "above" and last.rest == pytest.approx(0.3) and last.q < 1e-6 and abs(last.pulled - 0.6) < 0.01
    assert last.pulled_low < last.pulled < last.pulled_high


def test_two_parts_are_shown_and_not_judged():
    measure = only([files(rate(10, 100)), files(rate(90, 100))])
    assert not measure.is_compared and all(figure.pulled is None and figure.q is None and not figure.differs for figure in measure.figures)


def test_totals_are_added_and_not_judged():
    parts = [files(headline("won_amount", value, None, None, 5, "money", "EUR")) for value in (1.0, 2.0, 4.0)]
    measure = only(parts)
    assert measure.whole == 7.0 and not measure.is_compared


def test_what_grows_with_the_part_alone_is_left_out():
    assert compare([files(headline("velocity", 5.0, 4.0, 6.0, 10, "money_per_day", "EUR"))] * 4, level=0.95, false_discovery_rate=0.1) == ()


def test_amounts_in_different_currencies_are_not_set_side_by_side():
    parts = [files(headline("clv", 9.0, 8.0, 10.0, 10, "money", currency)) for currency in ("EUR", "EUR", "CHF")]
    assert compare(parts, level=0.95, false_discovery_rate=0.1) == ()


def test_a_part_without_the_figure_is_left_out_and_counted_by_position():
    measure = only([files(rate(50, 100)), files(), files(rate(50, 100)), files(rate(40, 100))])
    assert [figure.part for figure in measure.figures] == [0, 2, 3]


def test_a_share_of_none_or_all_is_pulled_into_the_middle():
    measure = only([files(rate(0, 4)), files(rate(4, 4)), files(rate(50, 100)), files(rate(45, 100))])
    assert all(0 < figure.pulled_low < figure.pulled < figure.pulled_high < 1 for figure in measure.figures)
    assert all(abs(figure.pulled - 0.475) < 0.2 for figure in measure.figures)


def test_a_figure_without_interval_stands_beside_the_others():
    measure = only([files(rate(50, 100)), files(rate(52, 100)), files(rate(40, 100)), files(headline(low=None, high=None))])
    assert measure.is_compared and measure.figures[3].pulled is None and measure.figures[3].rest is None


@example([(0, 1), (1, 1), (1, 1), (1, 1), (3, 3)], Random(1))
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 60)), min_size=3, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_parts_is_irrelevant(drawn, random):
    parts = [files(rate(min(won, n), n)) for won, n in drawn]
    order = list(range(len(parts)))
    random.shuffle(order)
    straight, turned = only(parts), only([parts[at] for at in order])
    for place, figure in enumerate(turned.figures):
        before = straight.figures[order[place]]
        assert (figure.pulled, figure.rest, figure.q) == pytest.approx((before.pulled, before.rest, before.q), rel=1e-9, abs=1e-12)
        assert figure.differs == before.differs


@given(st.lists(st.tuples(st.floats(1, 1e6), st.floats(0.05, 0.9)), min_size=3, max_size=10), st.floats(0.01, 100))
def test_units_scale(drawn, factor):
    def parts(times):
        return [files(headline("clv", v * times, v * (1 - e) * times, v * (1 + e) * times, 10 + i, "money", "EUR")) for i, (v, e) in enumerate(drawn)]

    once, scaled = only(parts(1.0)), only(parts(factor))
    for before, after in zip(once.figures, scaled.figures, strict=True):
        assert after.pulled == pytest.approx(before.pulled * factor, rel=1e-6) and after.q == pytest.approx(before.q, rel=1e-6, abs=1e-12)


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(1, 200)), min_size=3, max_size=12))
def test_pulled_values_lie_between_the_smallest_and_the_largest(drawn):
    measure = only([files(rate(min(won, n), n)) for won, n in drawn])
    halves = [(min(won, n) + 0.5) / (n + 1) for won, n in drawn] + [figure.value for figure in measure.figures]
    for figure in measure.figures:
        assert np.isfinite([figure.pulled, figure.pulled_low, figure.pulled_high, figure.q]).all()
        assert min(halves) - 1e-9 <= figure.pulled <= max(halves) + 1e-9
