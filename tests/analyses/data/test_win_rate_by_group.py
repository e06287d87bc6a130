"""Win rate by group: counted by hand, small groups, missing values, many comparisons, and averages that mislead."""

import numpy as np
import pyarrow as pa
import pytest

from tests.analyses.data.frames import ask, deals, frame, many
from workbook.analyses.data import opposite_groups, win_rate_by_group


def ask_groups(rows, products=(), attributes=None, **settings):
    table = deals(*rows, **(attributes or {}))
    return ask(win_rate_by_group, table, frame("products", list(products)), **settings)


def test_rates_by_hand():
    rows = [
        *many(6, status="won", region="North"), *many(4, status="lost", region="North"),
        *many(3, status="won", region="South"), *many(9, status="lost", region="South"),
    ]  # fmt: skip
    result = ask_groups(rows)
    assert (result.headline('win_rate.region="North"').value, result.headline('win_rate.region="North"').n) == (0.6, 10)
    south = result.headline('win_rate.region="South"')
    assert (south.value, south.n) == (0.25, 12)
    assert south.low < 0.25 < south.high


def test_own_attributes_and_product_names_are_groups():
    rows = [
        {"status": s, "product_id": p, "budget": b}
        for s in ("won", "lost") for p in ("P1", "P9") for b in ("Yes", "No") for _ in range(3)
    ]  # fmt: skip
    result = ask_groups(rows, [{"product_id": "P1", "name": "Drive"}], {"budget": pa.string()})
    keys = {h.key for h in result.headlines}
    assert keys == {'win_rate.budget="Yes"', 'win_rate.budget="No"', 'win_rate.product="Drive"', 'win_rate.product="P9"'}


def test_small_groups_are_listed_not_judged():
    rows = [
        *many(10, status="won", region="A"), *many(10, status="lost", region="B"), *many(9, status="won", region="C"),
    ]  # fmt: skip
    result = ask_groups(rows)
    small = result.headline('win_rate.region="C"')
    assert (small.value, small.n) == (None, 9)
    assert "only 9" in str(small.reason)
    assert result.groups.set_index("value").loc["C", "is_small"]
    assert result.tests.set_index("attribute").loc["region", "groups_count"] == 2


def test_missing_is_a_row_and_no_group():
    rows = [*many(12, status="won", region="A"), *many(12, status="lost", region="B"), *many(5, status="lost")]
    result = ask_groups(rows)
    row = result.groups[result.groups["value"].isna()]
    assert row["closed_count"].tolist() == [5]
    assert len(result.headlines) == 2


def test_missing_by_outcome_is_marked_and_bounded():
    """A: 20 of 40. Missing on 2 won and 30 lost: at worst 20 / 70, at best 22 / 42."""
    rows = [
        *many(20, status="won", budget="A"), *many(20, status="lost", budget="A"),
        *many(20, status="won", budget="B"), *many(20, status="lost", budget="B"),
        *many(2, status="won"), *many(30, status="lost"),
    ]  # fmt: skip
    result = ask_groups(rows, attributes={"budget": pa.string()})
    row = result.groups.set_index("value").loc["A"]
    assert (row["worst_rate"], row["best_rate"]) == (pytest.approx(20 / 70), pytest.approx(22 / 42))
    check = [c for c in result.checks if c.key.endswith(".budget")]
    assert [c.status for c in check] == ["review"]
    assert "2 won and 30 lost" in str(check[0].reason)


def test_evenly_missing_is_not_marked():
    rows = [
        *many(20, status="won", budget="A"), *many(20, status="lost", budget="B"),
        *many(5, status="won"), *many(5, status="lost"),
    ]  # fmt: skip
    result = ask_groups(rows, attributes={"budget": pa.string()})
    assert result.groups["worst_rate"].isna().all()


def test_chance_among_many_attributes_is_no_finding():
    """Twenty attributes of pure noise: single tests at 5 % would find one."""
    rng = np.random.default_rng(11)
    names = [f"noise_{i:02d}" for i in range(20)]
    rows = [{"status": rng.choice(["won", "lost"]), **{n: rng.choice(["x", "y"]) for n in names}} for _ in range(300)]
    result = ask_groups(rows, attributes={n: pa.string() for n in names})
    assert len(result.tests) == 20
    assert not result.tests["differs"].any()
    assert "does not reliably differ" in str(result.finding)


def test_a_real_difference_survives():
    rows = [
        *many(70, status="won", region="A"), *many(30, status="lost", region="A"),
        *many(30, status="won", region="B"), *many(70, status="lost", region="B"),
    ]  # fmt: skip
    result = ask_groups(rows)
    assert result.tests["differs"].tolist() == [True]
    assert "Region" in str(result.finding)


def test_owners_who_explain_the_difference_take_it_back():
    """The same counts, but each region is four owners who win or lose everything: eight observations."""
    rows = [
        {"status": "won" if (owner < 3) == (region == "A") else "lost", "region": region, "owner_id": f"{region}{owner}"}
        for region in "AB" for owner in range(4) for _ in range(25)
    ]  # fmt: skip
    result = ask_groups(rows)
    assert not result.tests["differs"].any()


def test_free_text_and_identifiers_are_no_groups():
    rows = [{"status": s, "note": f"text {i}", "agent_id": "ab"[i % 2]} for i, s in enumerate(["won", "lost"] * 40)]
    result = ask_groups(rows, attributes={"note": pa.string(), "agent_id": pa.string()})
    assert result.refused is not None


def test_shrunken_rates_lie_between_the_group_and_the_mean():
    rows = []
    for i, won in enumerate((2, 10, 18, 6, 14)):
        rows += [*many(won, status="won", region=f"R{i}"), *many(20 - won, status="lost", region=f"R{i}")]
    groups = ask_groups(rows).groups
    low, high = groups["rate"].clip(upper=0.5), groups["rate"].clip(lower=0.5)
    assert ((groups["shrunken_rate"] >= low - 1e-6) & (groups["shrunken_rate"] <= high + 1e-6)).all()


def simpson():
    """Kidney stones as sales: region A is better in both segments and worse on the whole (Charig et al. 1986)."""
    counts = {("A", "small"): (81, 87), ("A", "large"): (192, 263), ("B", "small"): (234, 270), ("B", "large"): (55, 80)}
    rows = []
    for (region, segment), (won, n) in counts.items():
        rows += many(won * 4, status="won", region=region, segment=segment)
        rows += many((n - won) * 4, status="lost", region=region, segment=segment)
    return rows


def test_an_average_that_turns_round_is_found():
    result = ask(opposite_groups, deals(*simpson()))
    row = result.contrasts.set_index("value").loc["A"]
    assert row["crude_difference"] < 0 < row["within_difference"]
    assert row["is_reversed"]
    assert result.checks[0].status == "review"


def test_opposite_parts_are_found():
    rows = [
        *many(80, status="won", region="A", segment="x"), *many(20, status="lost", region="A", segment="x"),
        *many(20, status="won", region="A", segment="y"), *many(80, status="lost", region="A", segment="y"),
        *many(20, status="won", region="B", segment="x"), *many(80, status="lost", region="B", segment="x"),
        *many(80, status="won", region="B", segment="y"), *many(20, status="lost", region="B", segment="y"),
    ]  # fmt: skip
    assert ask(opposite_groups, deals(*rows)).checks[0].status == "review"


def test_agreeing_parts_pass():
    rows = [
        {"status": status, "region": region, "segment": segment}
        for region, share in (("A", 30), ("B", 20)) for segment in "xy"
        for status in ["won"] * share + ["lost"] * (50 - share)
    ]  # fmt: skip
    assert ask(opposite_groups, deals(*rows)).checks[0].status == "pass"


def test_one_attribute_alone_cannot_be_crossed():
    result = ask(opposite_groups, deals(*many(5, status="won", region="A"), *many(5, status="lost", region="B")))
    assert result.checks[0].status == "not_applicable"
    assert "Segment" in str(result.refused)
