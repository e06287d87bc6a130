"""What holds for every question of the chapter: degenerate data never crash, order and units do not matter, all can be shown."""

from datetime import timedelta
from functools import cache

import numpy as np
import pytest

from tests.analyses.contract import assert_contract, assert_same, assert_scaled, assert_shown, shuffled, table
from tests.analyses.data.frames import AS_OF, ask, many
from tests.analyses.market.rows import yearly
from workbook.analyses import questions
from workbook.analyses.market import figures, tables
from workbook.text import use_language

QUESTIONS = questions("market")
FRAMES = {
    "size": ("market",), "growth": ("market",), "pace": ("market", "opportunities"), "price_volume": ("market",), "outlook": ("market",),
    "saturation": ("market",), "sizing": ("market", "opportunities", "accounts", "products", "competitors"),
    "concentration": ("competitors", "market"),
    "ansoff": ("opportunities", "accounts", "products"), "risk": ("opportunities", "market", "competitors"),
}  # fmt: skip


def sold(n=80, seed=5):
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        status = str(rng.choice(["won", "lost", "no_decision", "open"], p=[0.4, 0.35, 0.1, 0.15]))
        created = AS_OF - timedelta(days=int(rng.integers(30, 2400)))
        closed = min(created + timedelta(days=int(rng.integers(1, 200))), AS_OF)
        rows.append({
            "opportunity_id": f"O{i:04d}", "status": status, "owner_id": f"P{rng.integers(12)}", "account_id": f"A{rng.integers(30)}",
            "product_id": f"N{rng.integers(3)}", "region": str(rng.choice(["North", "South"])), "created_on": created,
            "closed_on": None if status == "open" else closed, "amount": float(rng.integers(0, 9)) * 100, "currency": "EUR",
        })  # fmt: skip
    return rows


def regional(years=14, seed=3):
    rng = np.random.default_rng(seed)
    return [
        {"year": 2012 + i, "region": region, "segment": segment, "volume": round(float(10 * 1.04**i * rng.lognormal(0, 0.03)), 1)}
        for i in range(years) for region in ("North", "South") for segment in ("a", "b")
    ]  # fmt: skip


RIVALS = [
    {"competitor": c, "year": y, "segment": s, "market_share": share, "revenue": round(share * 1e6), "currency": "EUR", "kind": kind, "is_self": c == "us"}
    for y in (2024, 2025) for s in ("a", "b")
    for c, share, kind in (("us", 0.1 + (y - 2024) / 50, "direct"), ("X", 0.3, "direct"), ("Y", 0.2, "indirect"))
]  # fmt: skip
ACCOUNTS = [{"account_id": f"A{i}", "country": "Germany" if i % 3 else "France"} for i in range(30)]
PRODUCTS = [{"product_id": f"N{i}", "family": f"F{i}"} for i in range(3)]
COUNTED = [r | {"measure": "firms", "unit": "firms", "volume": round(r["volume"] * 3)} for r in regional(seed=4)]
FULL = {"opportunities": sold(), "market": [*regional(), *COUNTED], "competitors": RIVALS, "accounts": ACCOUNTS, "products": PRODUCTS}
CASES = {
    "nothing": {},
    "everything": FULL,
    "deals alone": {"opportunities": sold()},
    "market alone": {"market": regional()},
    "one year": {"market": yearly([5], 2025), "competitors": RIVALS[:1]},
    "two years": {"market": yearly([5, 6], 2024)},
    "all equal": {"market": yearly([5] * 12, 2013)},
    "zeros": {"market": yearly([0] * 12, 2013)},
    "negative": {"market": yearly([-1, 3, 4] * 4, 2013)},
    "a gap of years": {"market": [*yearly([5, 6, 7, 8, 9], 2005), *yearly([20, 21, 22, 23, 24], 2021)]},
    "counts only": {"market": yearly([5, 6, 7, 8, 9, 10, 11, 12], 2018, unit="firms", measure="firms")},
    "one competitor": {"competitors": [{"competitor": "X", "year": 2025, "market_share": 1.0}]},
    "too much share": {"competitors": [{"competitor": c, "market_share": 0.9} for c in "XY"]},
    "one won": FULL | {"opportunities": [{"status": "won"}]},
    "all won": FULL | {"opportunities": [r | {"status": "won", "closed_on": AS_OF} for r in sold()]},
    "all lost": FULL | {"opportunities": [r | {"status": "lost", "closed_on": AS_OF} for r in sold()]},
    "one giant": FULL | {"opportunities": [*sold(), {"opportunity_id": "G", "status": "won", "account_id": "G", "amount": 1e9, "currency": "EUR"}]},
    "no amounts": FULL | {"opportunities": [r | {"amount": None} for r in sold()]},
    "a year without deals": FULL | {"opportunities": [r for r in sold() if r["created_on"].year != 2024]},
    "market in two units": {"market": [*regional(), *(r | {"unit": "k EUR", "volume": r["volume"] * 1000, "measure": "imports"} for r in regional(seed=5))]},
    "market in other money": FULL | {"market": [r | {"unit": "m USD"} for r in regional()]},
    "no currency anywhere": FULL | {"opportunities": [r | {"currency": None} for r in sold()], "market": [r | {"unit": "m"} for r in regional()]},
    "constant shares": FULL | {"competitors": [r | {"market_share": 0.2, "year": y} for y in range(2020, 2026) for r in RIVALS[:2]]},
    "mixed currencies": FULL | {"opportunities": [r | {"currency": "USD" if i % 2 else "EUR"} for i, r in enumerate(sold())]},
    "no dates": FULL | {"opportunities": [r | {"created_on": None, "closed_on": None} for r in sold()]},
    "hostile names": {
        "opportunities": many(30, status="won", amount=1, currency="EUR", account_id="{x}", product_id="=cmd|x", created_on=AS_OF, closed_on=AS_OF),
        "market": [r | {"segment": "<b>{a}</b>", "region": "🏭", "measure": "=1+1", "source": "{x}"} for r in yearly([1, 2, 3, 4, 5, 6, 7, 8, 9], 2017)],
        "competitors": [{"competitor": "<script>{x}", "market_share": 0.4, "segment": "{s}"}], "accounts": [{"account_id": "{x}", "country": "{y}"}],
    },
}  # fmt: skip


def answer(name, given, **settings):
    return ask(QUESTIONS[name], *(table(frame, given.get(frame, [])) for frame in FRAMES[name]), **settings)


@cache
def answered(name, case):
    """The answer to a case, asked once: only what the question reads decides."""
    return answer(name, CASES[case])


PAIRS = [
    (name, case) for name in FRAMES for case, given in CASES.items() if case in ("nothing", "everything") or set(given) & set(FRAMES[name][:1])
]


def test_every_question_is_here():
    assert set(QUESTIONS) == set(FRAMES)


@pytest.mark.parametrize(("name", "case"), PAIRS)
def test_no_data_crash_and_every_result_keeps_the_contract(name, case):
    assert_contract(answered(name, case))


@pytest.mark.parametrize("name", FRAMES)
def test_the_order_of_rows_does_not_matter(name):
    assert_same(answered(name, "everything"), answer(name, shuffled(FULL)))


@pytest.mark.parametrize("name", FRAMES)
def test_thousandfold_money_changes_money_alone(name):
    """Market volumes, amounts and revenues in a thousandth of the unit: money scales, rates, shares and indices stay."""
    scaled = FULL | {
        "opportunities": [r | {"amount": r["amount"] * 1000} for r in sold()], "market": [r | {"volume": r["volume"] * (1 if "measure" in r else 1000)} for r in FULL["market"]],
        "competitors": [r | {"revenue": r["revenue"] * 1000} for r in RIVALS],
    }  # fmt: skip
    assert_scaled(answered(name, "everything"), answer(name, scaled), 1000, tolerance=1e-5)


@pytest.mark.parametrize("name", ["size", "growth", "outlook", "saturation"])
def test_the_same_market_in_another_unit_is_the_same_market(name):
    plain = {"market": [r | {"unit": "EUR", "volume": r["volume"] * 1e6} for r in regional()]}
    for one, other in zip(answer(name, {"market": regional()}).headlines, answer(name, plain).headlines, strict=True):
        assert one.key == other.key
        assert other.value == pytest.approx(one.value, rel=1e-6)


SHOWN = {
    "size": (tables.parts, tables.gaps),
    "growth": (tables.part_growth, figures.market, figures.part_growth),
    "pace": (tables.own,),
    "price_volume": (figures.price_volume,),
    "sizing": (tables.sizing, tables.assumptions, figures.sizing, figures.drivers),
    "saturation": (figures.saturation,),
    "outlook": (tables.methods, tables.scenarios, figures.outlook),
    "concentration": (tables.concentration, tables.share_changes, figures.shares),
    "ansoff": (tables.ansoff, tables.ansoff_asks, tables.ansoff_options, figures.ansoff),
    "risk": (tables.customers,),
}


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(("name", "case"), PAIRS)
def test_everything_can_be_shown(name, case, language):
    result = answered(name, case)
    with use_language(language):
        shown = [show(result) for show in SHOWN[name]]
        if name == "size":
            shown.append(tables.answer(result, answered("growth", case)))
        for view in filter(None, shown):
            assert_shown(view)
