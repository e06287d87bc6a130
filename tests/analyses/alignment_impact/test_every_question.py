"""What holds for the programme's effect, its tests and benchmarks on degenerate data: no crash, no silly number, order and names do not matter."""

from datetime import date, datetime, timedelta
from functools import cache

import numpy as np
import pytest

from tests.analyses.alignment_impact.programme import AS_OF, answer, quarters, units
from workbook.analyses.alignment_impact import battery, detectable, figures, published_figures, tables
from workbook.kpis import KPIS, kpi_of
from workbook.text import render, use_language

ADOPTED, LATER = date(2024, 1, 1), date(2024, 5, 15)
NAMES = "ABCDEFGH"


def sold(seed=3, scale=1000.0):
    rng, rows = np.random.default_rng(seed), []
    for region in NAMES:
        for day in quarters():
            for i in range(8):
                status = str(rng.choice(["won", "lost", "no_decision", "open"], p=[0.4, 0.4, 0.1, 0.1]))
                created = day + timedelta(days=int(rng.integers(80)))
                rows.append({"region": region, "status": status, "created_on": created, "account_id": f"{region}{i}", "owner_id": f"P{region}",
                             "closed_on": None if status == "open" else created + timedelta(days=int(rng.integers(1, 90))),
                             "amount": scale * float(rng.integers(1, 9)), "currency": "EUR"})  # fmt: skip
    return rows


def found_leads(seed=4):
    rng, rows = np.random.default_rng(seed), []
    for region in NAMES:
        for day in quarters():
            for _ in range(10):
                start = datetime(day.year, day.month, int(rng.integers(1, 28)))
                lead = {"region": region, "created_at": start, "mql_at": start}
                rows.append(lead | ({"sql_at": start + timedelta(days=int(rng.integers(1, 20)))} if rng.random() < 0.4 else {}))
    return rows


ACCOUNTS = [{"account_id": f"{r}{i}", "region": r} for r in NAMES for i in range(8)]
INVOICES = [{"invoice_id": f"{r}{i}{d}", "account_id": f"{r}{i}", "invoiced_on": d, "amount": 10, "currency": "EUR"} for r in NAMES for i in range(8) for d in quarters()]
SPEND = [{"month_on": d, "region": r, "amount": 500, "currency": "EUR", "function": "sales"} for r in NAMES for d in quarters()]
MIXED = units(A=ADOPTED, B=ADOPTED, C=LATER, D=LATER, E=date(2024, 10, 1), F=None, G=None, H=None)
FULL = {"rows": sold(), "programme": MIXED, "lead_rows": found_leads(), "accounts": ACCOUNTS, "invoices": INVOICES, "spend": SPEND}
GIANT = [row | {"opportunity_id": f"G{i}", "region": "A"} for i, row in enumerate(sold(9) * 6)]
HOSTILE = {"A": "<b>{x}</b>", "B": "=cmd|x", "C": "{name}", "D": "🏭"}
CASES = {
    "nothing": {"rows": [], "programme": units()},
    "everything": FULL,
    "two groups": FULL | {"programme": units(A=ADOPTED, B=ADOPTED, C=ADOPTED, D=None, E=None, F=None, G=None, H=None)},
    "one adopts": FULL | {"programme": units(A=ADOPTED, **dict.fromkeys("BCDEFGH"))},
    "one unit": FULL | {"programme": units(A=ADOPTED)},
    "two units": FULL | {"programme": units(A=ADOPTED, B=None)},
    "all but one": FULL | {"programme": units(**dict.fromkeys("ABCDEFG", ADOPTED), H=None)},
    "all at once": FULL | {"programme": units(**dict.fromkeys(NAMES, ADOPTED))},
    "nobody": FULL | {"programme": units(**dict.fromkeys(NAMES))},
    "before the data": FULL | {"programme": units(**dict.fromkeys("ABCD", date(2010, 1, 1)), **dict.fromkeys("EFGH"))},
    "after the data": FULL | {"programme": units(**dict.fromkeys("ABCD", date(2040, 1, 1)), **dict.fromkeys("EFGH"))},
    "all staggered": FULL | {"programme": units(A=ADOPTED, B=ADOPTED, C=LATER, D=LATER, E=LATER, F=date(2024, 8, 1), G=date(2024, 8, 1), H=date(2024, 8, 1))},
    "gap of a year": FULL | {"rows": [r for r in sold() if not date(2023, 7, 1) <= r["created_on"] < date(2024, 7, 1)]},
    "no leads": FULL | {"lead_rows": []},
    "one giant": FULL | {"rows": sold() + GIANT},
    "giant amount": FULL | {"rows": [*sold(), sold()[0] | {"opportunity_id": "X", "status": "won", "amount": 1e9, "closed_on": date(2023, 6, 1)}]},
    "all won": FULL | {"rows": [r | {"status": "won", "closed_on": r["closed_on"] or AS_OF} for r in sold()]},
    "all lost": FULL | {"rows": [r | {"status": "lost", "closed_on": r["closed_on"] or AS_OF} for r in sold()]},
    "all open": FULL | {"rows": [r | {"status": "open", "closed_on": None} for r in sold()]},
    "one deal": {"rows": sold()[:1], "programme": MIXED},
    "two deals": {"rows": sold()[:2], "programme": MIXED},
    "no amounts": FULL | {"rows": [r | {"amount": None, "currency": None} for r in sold()]},
    "mixed currencies": FULL | {"rows": [r | {"currency": "USD" if i % 2 else "EUR"} for i, r in enumerate(sold())]},
    "spend in two currencies": FULL | {"spend": [r | {"currency": "USD" if i % 2 else "EUR"} for i, r in enumerate(SPEND)]},
    "no spend in a unit": FULL | {"spend": [r for r in SPEND if r["region"] != "A"]},
    "everybody leaves": FULL | {"invoices": [r for r in INVOICES if r["invoiced_on"] == quarters()[0]]},
    "hostile names": FULL | {
        "rows": [r | {"region": HOSTILE.get(r["region"], r["region"])} for r in sold()],
        "programme": units(**{HOSTILE["A"]: ADOPTED, HOSTILE["B"]: LATER, HOSTILE["C"]: LATER, HOSTILE["D"]: None, "E": None, "F": None, "G": None, "H": None}),
    },
}  # fmt: skip


def asked(given):
    settings = {name: given[name] for name in ("accounts", "invoices", "spend") if name in given}
    return answer(given["rows"], given["programme"], given.get("lead_rows"), draws=200, placebo_draws=39, **settings)


@cache
def answered(case):
    found = asked(CASES[case])
    claims = published_figures()
    return (found, battery.analyse(found, battery.BatteryParams(), as_of=AS_OF), detectable.analyse(found, claims, detectable.DetectableParams(), as_of=AS_OF))


@pytest.mark.parametrize("case", CASES)
def test_no_data_crash_and_every_result_keeps_the_contract(case):
    for result in answered(case):
        assert result.finding is not None or result.refused is not None
        assert result.refused is not None or result.actions or result.no_action is not None
        assert result.refused is not None or result.brief is not None
        keys = [h.key for h in result.headlines]
        assert len(keys) == len(set(keys))
        for head in result.headlines:
            assert kpi_of(head.key).key == head.kpi in KPIS
            assert head.value is not None and np.isfinite(head.value) and head.n >= 1
            assert (head.low is None and head.reason is not None) or head.low - 1e-9 <= head.value <= head.high + 1e-9
        texts = (result.finding, result.brief, result.refused, result.no_action, *result.limits, *(c.reason for c in result.checks), *(a.what for a in result.actions))
        for text in texts:
            assert text is None or ("nan" not in render(text).lower().split() and render(text))
        for action in result.actions:
            assert action.due_on > AS_OF and action.watch_kpi in KPIS
            assert action.value is None or action.low <= action.value <= action.high


@pytest.mark.parametrize(("case", "language"), [*((case, "en") for case in CASES), *((case, "de") for case in ("everything", "one adopts", "all at once"))])
def test_everything_can_be_shown(case, language):
    import matplotlib.pyplot as plt

    effect, tested, promised = answered(case)
    with use_language(language):
        for view in (tables.effects(effect), tables.designs(effect), tables.units(effect), tables.battery(tested), tables.benchmarks(promised)):
            assert view is None or ("<b>{x}" not in view.html() and "nan" not in view.text().lower().split())
        for draw in (figures.effects, figures.event_study, figures.placebos, figures.twin):
            chart = draw(effect)
            assert chart is None or chart.title
            plt.close("all")


@pytest.mark.parametrize("case", ["all at once", "one unit", "nobody", "nothing", "before the data", "after the data", "two units"])
def test_no_causal_words_where_no_design_holds(case):
    effect = answered(case)[0]
    said = render(effect.finding) if effect.finding is not None else render(effect.refused)
    assert not any(word in said for word in ("the programme raised", "the programme lowered", "the programme changed", "the programme probably"))


def test_order_names_and_money_do_not_matter():
    rng = np.random.default_rng(1)
    shuffled = {key: [FULL[key][i] for i in rng.permutation(len(FULL[key]))] for key in ("rows", "lead_rows", "accounts", "invoices", "spend")}
    swap = dict(zip(NAMES, "ZYXWVUTS", strict=True))
    other = {key: [r | ({"region": swap[r["region"]]} if "region" in r else {}) for r in rows] for key, rows in shuffled.items()}
    other["rows"] = [r | {"amount": 7 * r["amount"]} for r in other["rows"]]
    renamed = units(Z=ADOPTED, Y=ADOPTED, X=LATER, W=LATER, V=date(2024, 10, 1), U=None, T=None, S=None)
    first, second = answered("everything")[0], asked(other | {"programme": renamed})
    assert [h.key for h in first.headlines] == [h.key for h in second.headlines]
    for one, two in zip(first.headlines, second.headlines, strict=True):
        ends = [[h.value, h.n, *(end or 0.0 for end in (h.low, h.high))] for h in (one, two)]
        assert ends[1] == pytest.approx(ends[0], rel=1e-6, abs=1e-9)
    sizes = [found.estimates["detectable"].to_numpy(float) for found in (first, second)]
    assert sizes[1] == pytest.approx(sizes[0], rel=1e-6, abs=1e-9, nan_ok=True)  # the simulation deals units out in an order of their own
