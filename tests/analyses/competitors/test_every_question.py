"""What holds for every question of the chapter: degenerate data never crash, order and names do not matter, all can be shown."""

from datetime import timedelta
from functools import cache

import numpy as np
import pytest

from tests.analyses.contract import assert_contract, assert_renamed, assert_same, assert_shown, shuffled, table
from tests.analyses.data.frames import AS_OF, ask
from tests.analyses.market.rows import yearly
from workbook.analyses import questions
from workbook.analyses.competitors import figures, tables
from workbook.text import use_language

QUESTIONS = questions("competitors")
FRAMES = {
    "overall": ("opportunities",), "by_competitor": ("opportunities",), "by_competitor_adjusted": ("opportunities", "products"),
    "loss_reasons": ("opportunities",), "encounters": ("opportunities",), "landscape": ("competitors", "market", "opportunities"),
    "swot": ("opportunities", "market", "competitors", "ratings"), "porter": ("opportunities", "competitors", "ratings"),
    "battlecards": ("opportunities", "accounts", "products", "ratings", "competitors"),
    "usp": ("opportunities", "accounts", "products", "ratings", "competitors"),
}  # fmt: skip


def sold(n=240, seed=5):
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        status = str(rng.choice(["won", "lost", "no_decision", "open"], p=[0.4, 0.4, 0.1, 0.1]))
        rows.append({
            "opportunity_id": f"O{i:04d}", "status": status, "owner_id": f"P{rng.integers(12)}", "account_id": f"A{rng.integers(60)}",
            "competitor": [None, "none", "Acme", "Beta", "Acme; Beta", "Tiny"][int(rng.integers(6))], "segment": str(rng.choice(["Small", "Large"])),
            "loss_reason": str(rng.choice(["Price", "Function"])) if status == "lost" and i % 5 else None, "product_id": f"N{rng.integers(2)}",
            "closed_on": AS_OF - timedelta(days=int(rng.integers(0, 700))), "amount": float(rng.integers(0, 9)) * 100, "currency": "EUR",
        })  # fmt: skip
    return rows


RIVALS = [{"competitor": c, "year": y, "market_share": s, "is_self": c == "us", "price_index": p} for y in (2024, 2025) for c, s, p in (("Acme", 0.3, 120), ("Beta", 0.2, 80), ("Tiny", 0.1, 90), ("us", 0.1, 100))]
RATINGS = [
    {"respondent_id": f"R{i}", "brand": brand, "attribute": attribute, "score": float((i * 7 + 3 * k + len(attribute)) % 6 + (brand == "us"))}
    for i in range(30) for k, brand in enumerate(("us", "Acme", "Beta")) for attribute in ("Price", "Service")
]
FULL = {"opportunities": sold(), "market": yearly([5 + i for i in range(12)], 2014), "competitors": RIVALS, "products": [{"product_id": "N0", "family": "F"}],
        "accounts": [{"account_id": f"A{i}", "name": f"A{i}", "needs": ["Speed; Safety", "Price", None][i % 3]} for i in range(60)], "ratings": RATINGS}
HOSTILE = ["<script>{x}</script>", "=cmd|x", "{name}", "🏭"]
CASES = {
    "nothing": {},
    "everything": FULL,
    "one won": {"opportunities": [{"status": "won", "competitor": "Acme"}]},
    "won and lost": {"opportunities": [{"status": s, "competitor": "Acme", "loss_reason": "Price"} for s in ("won", "lost")]},
    "all won": {"opportunities": [r | {"status": "won"} for r in sold()]},
    "all lost": {"opportunities": [r | {"status": "lost"} for r in sold()]},
    "one competitor": {"opportunities": [r | {"competitor": "Acme"} for r in sold()]},
    "each its own": {"opportunities": [r | {"competitor": f"C{i}"} for i, r in enumerate(sold())]},
    "no competitor": {"opportunities": [r | {"competitor": None} for r in sold()]},
    "none everywhere": {"opportunities": [r | {"competitor": "none"} for r in sold()]},
    "no amounts": {"opportunities": [r | {"amount": None} for r in sold()]},
    "mixed currencies": {"opportunities": [r | {"currency": "USD" if i % 2 else "EUR"} for i, r in enumerate(sold())]},
    "no owner": {"opportunities": [r | {"owner_id": None, "account_id": None} for r in sold()]},
    "one owner": {"opportunities": [r | {"owner_id": "P", "account_id": "A"} for r in sold()]},
    "one giant": {"opportunities": [*sold(), {"status": "lost", "competitor": "Acme", "amount": 1e9, "currency": "EUR", "loss_reason": "Price"}]},
    "hostile names": {
        "opportunities": [r | {"competitor": HOSTILE[i % 4], "loss_reason": HOSTILE[i % 4]} for i, r in enumerate(sold())],
        "competitors": [{"competitor": name, "channels": name, "market_share": 0.1} for name in HOSTILE],
    },
}  # fmt: skip


def answer(name, given):
    return ask(QUESTIONS[name], *(table(frame, given.get(frame, [])) for frame in FRAMES[name]))


@cache
def answered(name, case):
    return answer(name, CASES[case])


def test_every_question_is_here():
    assert set(QUESTIONS) == set(FRAMES)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", FRAMES)
def test_no_data_crash_and_every_result_keeps_the_contract(name, case):
    assert_contract(answered(name, case))


@pytest.mark.parametrize("name", FRAMES)
def test_the_order_of_rows_does_not_matter(name):
    assert_same(answered(name, "everything"), answer(name, shuffled(FULL)))


@pytest.mark.parametrize("name", ["overall", "by_competitor", "by_competitor_adjusted"])
def test_names_and_money_units_do_not_matter(name):
    """Owners, accounts and competitors renamed, amounts a thousandfold: the rates stay what they are."""
    swap = {"Acme": "Zeta", "Beta": "Alpha", "Acme; Beta": "Zeta; Alpha"}
    rows = [
        r | {"owner_id": "Z" + r["owner_id"][::-1], "account_id": r["account_id"] + " AG", "amount": r["amount"] * 1000, "competitor": swap.get(r["competitor"], r["competitor"])}
        for r in sold()
    ]
    assert_renamed(answered(name, "everything"), answer(name, FULL | {"opportunities": rows}))


SHOWN = {
    "overall": (tables.overall, tables.fill, figures.overall),
    "by_competitor": (tables.by_competitor, figures.by_competitor),
    "by_competitor_adjusted": (tables.adjusted, figures.adjusted),
    "loss_reasons": (tables.loss_reasons, tables.reasons_by_competitor, figures.loss_reasons),
    "encounters": (tables.encounters, figures.encounters),
    "landscape": (tables.landscape, tables.reach, figures.landscape),
    "swot": (tables.swot, tables.tows_moves),
    "battlecards": (tables.battlecard_groups, tables.battlecard_ratings, figures.battlecards),
    "porter": (tables.porter,),
    "usp": (tables.usp, figures.usp),
}


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("case", ["nothing", "everything", "one won", "each its own", "hostile names"])
@pytest.mark.parametrize("name", SHOWN)
def test_everything_can_be_shown(name, case, language):
    result = answered(name, case)
    with use_language(language):
        for view in filter(None, (show(result) for show in SHOWN[name])):
            assert_shown(view)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", ["landscape", "swot", "battlecards", "porter", "usp"])
def test_an_answer_ends_in_actions_or_says_why_not(name, case):
    result = answered(name, case)
    assert result.refused is not None or (result.brief is not None and bool(result.actions) != (result.no_action is not None))


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("case", ["everything", "hostile names", "one giant"])
def test_cards_can_be_shown(case, language):
    result = answered("battlecards", case)
    with use_language(language):
        for card in tables.battlecards(result):
            html = card.html()
            assert "<script>" not in html and card.lead in card.text() and len(card.parts) == 4
            assert all(lines for _, lines in card.parts)
