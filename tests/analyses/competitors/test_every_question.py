"""What holds for every question of the chapter: degenerate data never crash, order and names do not matter, all can be shown."""

from datetime import timedelta
from functools import cache

import numpy as np
import pytest

from tests.analyses.contract import (
    assert_contract,
    assert_leads_somewhere,
    assert_renamed,
    assert_same,
    assert_shown,
    shuffled,
    table,
)
from tests.analyses.data.frames import AS_OF, ask
from tests.analyses.market.rows import yearly
from workbook.analyses import questions
from workbook.analyses.competitors import figures, tables
from workbook.text import use_language

QUESTIONS = questions("competitors")
FRAMES = {
    "overall": ("opportunities",), "by_competitor": ("opportunities",), "by_competitor_adjusted": ("opportunities", "products"),
    "loss_reasons": ("opportunities",), "encounters": ("opportunities",), "landscape": ("competitors", "market", "opportunities"),
    "swot": ("market", "competitors", "ratings"), "porter": ("opportunities", "competitors", "ratings"),
    "battlecards": ("opportunities", "accounts", "products", "ratings", "competitors"),
    "usp": ("opportunities", "accounts", "products", "ratings", "competitors"),
    "strengths": ("opportunities",), "trend": ("opportunities",),
    "discount": ("opportunities", "products"), "value_map": ("ratings", "competitors", "opportunities"),
    "perceptual_map": ("ratings", "competitors"),
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
            "closed_on": (closed := AS_OF - timedelta(days=int(rng.integers(0, 700)))), "created_on": closed - timedelta(days=int(rng.integers(5, 90))),
            "discount_share": [None, 0.0, 0.05, 0.1][int(rng.integers(4))], "amount": float(rng.integers(0, 9)) * 100, "currency": "EUR",
        })  # fmt: skip
    return rows


RIVALS = [
    {"competitor": c, "year": y, "market_share": s, "price_index": p, "is_self": c == "us"}
    for y in (2024, 2025)
    for c, s, p in (("Acme", 0.3, 120.0), ("us", 0.1, 100.0), ("Beta", 0.2, 80.0), ("Gamma", 0.1, 95.0))
]


def rated(people=40, brands=("Acme", "us", "Beta", "Gamma"), seed=3):
    """Scores 1–7 of buyers who know two to all brands; each brand is best at one of four attributes."""
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(people):
        known = [b for b in range(len(brands)) if rng.random() < 0.7] or [0, 1]
        for b in known:
            for a, attribute in enumerate(("Price", "Service", "Speed", "Range")):
                score = float(np.clip(np.rint(4 + 0.3 * b + 1.5 * (a == b) + rng.normal(0, 1)), 1, 7))
                rows.append({"respondent_id": f"R{person}", "brand": brands[b], "attribute": attribute, "score": score})
    return rows


FULL = {"opportunities": sold(), "market": yearly([5 + i for i in range(12)], 2014), "competitors": RIVALS, "products": [{"product_id": "N0", "family": "F"}], "ratings": rated(),
        "accounts": [{"account_id": f"A{i}", "name": f"A{i}", "needs": ["Speed; Safety", "Price", None][i % 3]} for i in range(60)]}
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
    "one rater": {"competitors": RIVALS, "ratings": rated(1)},
    "all rated alike": {"competitors": RIVALS, "ratings": [r | {"score": 4.0} for r in rated()]},
    "one brand": {"competitors": RIVALS, "ratings": rated(brands=("Acme",) * 4)[:40]},
    "one attribute": {"competitors": RIVALS, "ratings": [r for r in rated() if r["attribute"] == "Speed"]},
    "each rates one brand": {"competitors": RIVALS, "ratings": [r for i in range(40) for r in rated(40) if r["respondent_id"] == f"R{i}" and r["brand"] == ("Acme", "us", "Beta")[i % 3]]},
    "no closing dates": {"opportunities": [r | {"closed_on": None, "created_on": None} for r in sold()]},
    "discount on won deals only": {"opportunities": [r | {"discount_share": 0.1 if r["status"] == "won" else None} for r in sold()]},
    "one discount": {"opportunities": [r | {"discount_share": 0.1} for r in sold()]},
    "hostile names": {
        "opportunities": [r | {"competitor": HOSTILE[i % 4], "loss_reason": HOSTILE[i % 4]} for i, r in enumerate(sold())],
        "competitors": [{"competitor": name, "channels": name, "market_share": 0.1, "price_index": 90.0 + i, "is_self": i == 0} for i, name in enumerate(HOSTILE)],
        "ratings": rated(brands=tuple(HOSTILE)),
    },
}  # fmt: skip


GOES_ON_FROM = {"swot": ("by_competitor", "loss_reasons")}


def answer(name, given):
    results = tuple(answer(other, given) for other in GOES_ON_FROM.get(name, ()))
    return ask(QUESTIONS[name], *(table(frame, given.get(frame, [])) for frame in FRAMES[name]), results=results)


@cache
def answered(name, case):
    return answer(name, CASES[case])


def test_every_question_is_here():
    assert set(QUESTIONS) == set(FRAMES)


RATED, DISCOUNTED = ("value_map", "perceptual_map"), ("discount",)
ONLY = dict.fromkeys(("one rater", "all rated alike", "one brand", "one attribute", "each rates one brand"), RATED) | {
    "no closing dates": ("trend",), "discount on won deals only": DISCOUNTED, "one discount": DISCOUNTED,
}  # fmt: skip


@pytest.mark.parametrize(("name", "case"), [(name, case) for name in FRAMES for case in CASES if name in ONLY.get(case, FRAMES)])
def test_no_data_crash_and_every_result_keeps_the_contract(name, case):
    assert_contract(answered(name, case))
    if name not in ("swot", "landscape"):
        assert_leads_somewhere(answered(name, case))


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
    "strengths": (tables.strengths, figures.strengths),
    "trend": (tables.trend, figures.trend),
    "discount": (tables.discount, tables.discount_by_competitor, figures.discount),
    "value_map": (tables.value_map, figures.value_map),
    "perceptual_map": (tables.perceptual_map, tables.positions_told_apart, figures.perceptual_map),
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
