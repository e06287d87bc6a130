"""The effect of the programme: cases counted on paper, degenerate data, and what must not matter."""

import math
import random
from datetime import date, datetime

import pytest

from tests.analyses.alignment_impact.programme import AS_OF, answer, decided, quarters, row_of, units
from workbook.analyses.alignment_impact import battery, figures, tables
from workbook.text import render

ADOPTED = date(2024, 1, 1)


def two_groups(rise: int, noise: int = 1):
    """Six regions, 20 deals a quarter: 8 won before; after adoption of A, B, C `rise` more there. D, E, F never adopt."""
    rows = []
    for i, region in enumerate("ABCDEF"):
        for k, day in enumerate(quarters()):
            wobble = noise * ((7 * (i % 3) + 5 * k * k + 3 * (i % 3) * k) % 5 - 2)  # alike in both groups
            won = 8 + wobble + (rise if region in "ABC" and day >= ADOPTED else 0)
            rows += decided(region, day, won, 20 - won)
    return rows


def programme(**changes):
    return units(**({"A": ADOPTED, "B": ADOPTED, "C": ADOPTED, "D": None, "E": None, "F": None} | changes))


def test_two_groups_give_the_difference_of_the_differences():
    row = row_of(answer(two_groups(4, noise=0), programme()), "win_rate")
    assert row["design"] == "two_groups"
    assert row["value"] == pytest.approx(0.20)  # 12 of 20 instead of 8 of 20; the others stay at 8 of 20
    assert row["baseline"] == pytest.approx(0.40)
    assert (row["treated_count"], row["control_count"], row["cases_count"]) == (3, 3, 6 * 8 * 20)


def test_what_moves_all_units_alike_is_no_effect():
    rows = [row for region in "ABCDEF" for day in quarters() for row in decided(region, day, 6 if day < ADOPTED else 14, 14 if day < ADOPTED else 6)]
    assert row_of(answer(rows, programme()), "win_rate")["value"] == pytest.approx(0.0, abs=1e-9)


def test_staggered_adoption_averages_the_treated_quarters():
    later = date(2024, 7, 1)
    rows = []
    for region, start in (("A", ADOPTED), ("B", later), ("C", None), ("D", None)):
        for day in quarters():
            won = 14 if start and day >= start else 10
            rows += decided(region, day, won, 20 - won)
    row = row_of(answer(rows, units(A=ADOPTED, B=later, C=None, D=None)), "win_rate")
    assert row["design"] == "staggered"
    assert row["value"] == pytest.approx(0.20)


def test_a_deal_is_treated_by_its_creation_and_straddlers_are_counted():
    early = decided("A", date(2023, 12, 20), won=2, lost=3, days=20)  # created before, decided after adoption
    base = answer(two_groups(4, noise=0), programme())
    found = answer(two_groups(4, noise=0) + early, programme())
    before, after = row_of(base, "win_rate"), row_of(found, "win_rate")
    assert after["straddling_count"] == before["straddling_count"] + 5
    # 10 of 25 instead of 8 of 20 won in A's last quarter before: still 40 %; among the treated they would lower the effect
    assert (before["value"], after["value"]) == pytest.approx((0.20, 0.20))


def test_adoption_within_a_quarter_leaves_out_what_was_created_before_it():
    within = date(2024, 2, 15)
    rows = two_groups(4, noise=0) + decided("A", date(2024, 1, 5), won=0, lost=7)
    found = row_of(answer(rows, programme(A=within, B=within, C=within)), "win_rate")
    assert found["left_out_count"] == 3 * 20 + 7  # all deals of that quarter were created before the 15th of February
    assert math.isfinite(found["value"])


def test_young_months_are_left_out_and_counted():
    day = date(2025, 12, 1)
    rows = two_groups(4, noise=0) + decided("A", day, won=3, lost=0, days=5) + decided("D", day, won=0, lost=2, days=5)
    row = row_of(answer(rows, programme()), "win_rate")
    assert row["young_count"] == 5
    assert row["value"] == pytest.approx(0.20)


def test_the_cycle_counts_open_deals_up_to_the_horizon():
    rows = []
    for region in "ABCDEF":
        for day in quarters():
            rows += decided(region, day, 5, 5, days=20 if region in "ABC" and day >= ADOPTED else 60)
            rows += [{"region": region, "created_on": day, "status": "open"}] * 2
    row = row_of(answer(rows, programme()), "cycle_length")
    assert row["horizon_days"] == 60
    assert row["baseline"] == pytest.approx(60)  # open ones count as the horizon
    assert row["value"] == pytest.approx(-40 * 10 / 12)  # ten of twelve deals became 40 days shorter


def test_leads_accepted_by_sales_are_compared_too():
    rows = []
    for region in "ABCDEF":
        for day in quarters():
            start = datetime(day.year, day.month, 2)
            hits = 9 if region in "ABC" and day >= ADOPTED else 6
            lead = {"region": region, "created_at": start, "mql_at": start}
            rows += [lead | {"sql_at": datetime(day.year, day.month, 9)}] * hits + [lead] * (12 - hits)
    found = answer([], programme(), rows)
    assert row_of(found, "mql_to_sql")["value"] == pytest.approx(0.25)
    assert "win_rate" not in set(found.estimates["kpi"])


def test_headlines_follow_the_contract():
    found = answer(two_groups(6), programme())
    head = found.headline("effect.win_rate")
    assert (head.kpi, head.unit, head.n) == ("effect", "share", 960)
    assert head.low < head.value < head.high


def test_causal_words_only_where_an_effect_is_shown():
    shown, silent = answer(two_groups(9), programme()), answer(two_groups(0), programme())
    assert row_of(shown, "win_rate")["verdict"] == "shown"
    assert "the programme raised the win rate" in render(shown.finding)
    assert "raised" not in render(silent.finding)
    assert "no effect on the win rate can be shown" in render(silent.finding)
    assert render(figures.effects(silent).title) == "No effect of the programme can be shown"


def test_units_that_drifted_before_make_an_effect_doubtful():
    rows = []
    for i, region in enumerate("ABCDEFGHIJKLMNOPQRST"):
        for k, day in enumerate(quarters()):
            won = 6 + (2 * k if i < 10 else 0) + (i + k) % 3 - 1
            rows += decided(region, day, min(won, 30), 30 - min(won, 30))
    names = {c: (ADOPTED if i < 10 else None) for i, c in enumerate("ABCDEFGHIJKLMNOPQRST")}
    found = answer(rows, units(**names))
    assert row_of(found, "win_rate")["verdict"] == "doubtful"
    assert "drifted apart" in render(found.finding)
    assert found.certainty == "open"
    tested = battery.analyse(found, battery.BatteryParams(), as_of=AS_OF)
    assert {c.key: c.status for c in tested.checks}["no_drift_before_adoption.win_rate"] == "fail"
    assert tested.actions[0].key == "draw_the_order_by_lot"


def test_units_alike_to_the_last_deal_give_a_value_without_a_range():
    found = answer(two_groups(4, noise=0), programme())
    head = found.headline("effect.win_rate")
    assert head.value == pytest.approx(0.20)
    assert (head.low, head.high) == (None, None)
    assert "no range can be given" in render(found.finding)


def test_few_units_are_said_to_be_few():
    checks = {c.key: c for c in answer(two_groups(4), programme()).checks}
    assert checks["effect_rests_on_enough_units"].status == "review"


def test_the_action_is_worth_effect_times_deals_times_amount():
    rows = [row | {"amount": 1000, "currency": "EUR"} for row in two_groups(9)]
    found = answer(rows, programme(), as_of=date(2025, 3, 31))
    action, head = found.actions[0], found.headline("effect.win_rate")
    assert action.key == "extend_the_programme"
    # D, E, F: deals of April to October 2024 and those of January decided after 31 March 2024: 3 quarters × 3 regions × 20
    assert action.value == pytest.approx(head.value * 180 * 1000)
    assert (action.low, action.high) == pytest.approx((head.low * 180_000, head.high * 180_000))


def test_mixed_currencies_refuse_money_and_keep_the_rest():
    rows = [row | {"amount": 10, "currency": "EUR" if i % 2 else "USD"} for i, row in enumerate(two_groups(9))]
    found = answer(rows, programme())
    assert set(found.fits) == {"win_rate", "cycle_length"}
    assert "several currencies" in render(row_of(found, "won_amount")["reason"])
    assert found.actions[0].value is None


def test_the_account_s_region_stands_in():
    rows = [{k: v for k, v in row.items() if k != "region"} | {"account_id": row["region"]} for row in two_groups(4, noise=0)]
    accounts = [{"account_id": name, "region": name} for name in "ABCDEF"]
    assert row_of(answer(rows, programme(), accounts=accounts), "win_rate")["value"] == pytest.approx(0.20)


def test_deals_outside_the_units_are_counted_and_flagged():
    rows = two_groups(4, noise=0) + decided("Nowhere", date(2023, 5, 1), 100, 100)
    found = answer(rows, programme())
    assert row_of(found, "win_rate")["unlisted_count"] == 200
    assert {c.key: c.status for c in found.checks}["cases_lie_in_listed_units"] == "review"
    assert row_of(found, "win_rate")["value"] == pytest.approx(0.20)


def test_order_of_rows_and_names_of_units_do_not_matter():
    rows = two_groups(5)
    shuffled = rows.copy()
    random.Random(3).shuffle(shuffled)
    renamed = [row | {"region": {"A": "Süd €", "D": "{x}"}.get(row["region"], row["region"])} for row in shuffled]
    plain = row_of(answer(rows, programme()), "win_rate")
    other = row_of(answer(renamed, units(**{"Süd €": ADOPTED, "B": ADOPTED, "C": ADOPTED, "{x}": None, "E": None, "F": None})), "win_rate")
    assert [other[c] for c in ("value", "low", "high")] == pytest.approx([plain[c] for c in ("value", "low", "high")])


@pytest.mark.parametrize(
    ("rows", "table", "words"),
    [
        ([], units(), "no table of units"),
        ([], units(A=ADOPTED), "no deal or lead lies"),
        (two_groups(4), units(A=None, B=None), "no unit has an adoption date"),
        (two_groups(4), units(X=ADOPTED, Y=None), "no deal or lead lies"),
        (two_groups(4), units(**dict.fromkeys("ABCDEF", date(2020, 1, 1))), "no unit was seen before"),
        (two_groups(4), units(A=date(2030, 1, 1), B=None), "no unit adopted"),
        (decided("A", date(2023, 1, 5), 1, 0), units(A=ADOPTED, B=None), ""),
        (decided("A", date(2023, 1, 5), 1, 1), units(A=ADOPTED), ""),
        ([{"region": "A", "status": "won"}, {"region": "B", "status": "lost"}], units(A=ADOPTED, B=None), ""),
        ([{"region": "A", "status": "open", "created_on": date(2024, 1, 5)}], units(A=ADOPTED, B=None), ""),
    ],
)
def test_no_design_is_refused_in_words(rows, table, words):
    found = answer(rows, table)
    assert found.refused is not None
    assert words in render(found.refused)
    assert found.certainty == "open"
    assert tables.effects(found) is None
    assert figures.effects(found) is None
    assert figures.event_study(found) is None


def test_all_won_shows_nothing_and_stays_calm():
    rows = [row | {"status": "won"} for row in two_groups(0)]
    found = answer(rows, programme())
    row = row_of(found, "win_rate")
    assert row["value"] == pytest.approx(0.0)
    assert row["verdict"] == "no_spread"


def test_a_gap_in_one_unit_is_no_obstacle():
    rows = [row for row in two_groups(4, noise=0) if not (row["region"] == "D" and row["created_on"] == date(2023, 4, 1))]
    row = row_of(answer(rows, programme()), "win_rate")
    assert row["period"] == "quarter"
    assert row["value"] == pytest.approx(0.20)


def test_figures_draw_what_was_estimated():
    found = answer(two_groups(9), programme())
    assert set(figures.event_study(found).data["event_time"]) == set(range(-4, 4))
    assert len(figures.effects(found).data) == 2
    assert len(tables.effects(found).data) == 2
    assert list(tables.units(found).data["unit"]) == list("ABCDEF")
    assert AS_OF > ADOPTED


def test_one_date_for_all_gives_before_and_after_without_causal_words():
    found = answer(two_groups(9), units(**dict.fromkeys("ABCDEF", ADOPTED)))
    row = row_of(found, "win_rate")
    assert (row["design"], row["control_count"]) == ("interrupted", 0)
    assert row["verdict"] in ("doubtful", "not_shown")
    assert "before and after alone prove nothing" in render(found.finding)
    assert "the programme raised" not in render(found.finding)
    assert figures.event_study(found) is None


def test_one_unit_meets_its_synthetic_twin():
    found = answer(two_groups(9), units(A=ADOPTED, **dict.fromkeys("DEF")))
    row = row_of(found, "win_rate")
    assert (row["design"], row["treated_count"], row["control_count"]) == ("one_unit", 1, 3)
    assert row["value"] == pytest.approx(0.45, abs=0.15)  # 9 of 20 more
    assert set(figures.twin(found).data["line"]) == {"adopted", "twin"}
    assert len(figures.placebos(found).data) == 3


def test_cost_per_customer_halves_where_twice_the_customers_come_for_the_same_money():
    rows, spend = [], []
    for i, region in enumerate("ABCDEF"):
        for k, day in enumerate(quarters()):
            won = 8 if region in "ABC" and day >= ADOPTED else 4
            rows += [row | {"account_id": f"{region}{k}{j}"} for j, row in enumerate(decided(region, day, won + (i + k) % 2, 4))]
            spend.append({"month_on": day, "region": region, "amount": 1000, "currency": "EUR", "function": "sales"})
    row = row_of(answer(rows, programme(), spend=spend), "cac")
    assert row["value"] == pytest.approx(4.5 / 8.5 - 1, abs=0.02)


def test_spending_without_units_is_refused_with_a_reason():
    spend = [{"month_on": day, "amount": 1000, "currency": "EUR", "function": "sales"} for day in quarters()]
    found = answer(two_groups(4), programme(), spend=spend)
    assert "not split by unit" in render(row_of(found, "cac")["reason"])
    assert "not split by unit" in " ".join(render(limit) for limit in found.limits)


def test_customers_who_buy_again_are_counted_by_the_next_quarter():
    accounts = [{"account_id": f"{r}{j}", "region": r} for r in "ABCDEF" for j in range(20)]
    invoices = []
    for r in "ABCDEF":
        for k, day in enumerate(quarters()):
            staying = 18 if r in "ABC" and day >= ADOPTED else 15 + (k + ord(r)) % 2
            invoices += [{"account_id": f"{r}{j}", "invoiced_on": day, "amount": 100, "currency": "EUR"} for j in range(20) if k == 0 or j < staying or (j + k) % 7 == 0]
    found = answer(two_groups(0), programme(), accounts=accounts, invoices=[{"invoice_id": f"I{i}"} | row for i, row in enumerate(invoices)])
    row = row_of(found, "retention")
    assert row["horizon_days"] == pytest.approx(91.2)
    assert row["value"] > 0


def test_units_that_share_owners_are_flagged():
    rows = [row | {"owner_id": "P1"} for row in two_groups(9)]
    found = answer(rows, programme())
    assert row_of(found, "win_rate")["verdict"] == "indicated"
    assert "spilled over" in " ".join(render(why) for why in row_of(found, "win_rate")["reasons"])
    tested = battery.analyse(found, battery.BatteryParams(), as_of=AS_OF)
    assert {c.key: c.status for c in tested.checks}["units_do_not_share_people"] == "review"
    assert len(tables.battery(tested).data) == len(tested.checks)
