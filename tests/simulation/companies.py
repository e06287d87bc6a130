"""Whole companies asked end to end: do the headlines of the chapters hold what is true of the population behind them?

Each company's frames are asked through the same `aggregate` and `analyse` as in a notebook, with the settings a run would use.
Groups (regions, competitors) are judged on average over a company.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np

from tests.analyses.contract import table
from tests.simulation.company import AS_OF, Company, draw_company
from tests.simulation.trial import Coverage, stream
from workbook.analyses import alignment_impact, competitors, data, icp_segmentation
from workbook.notebook import question_params, to_frame
from workbook.params import RunParams

COUNT = 200
LAYOUT = "800 to 3,500 deals of 12 to 44 sellers and 150 to 899 accounts in 8 to 14 regions, 600 to 2,999 leads"
Truth = Callable[[Company, Any], dict[str, float]]


def _win_rate(company: Company, _: Any) -> dict[str, float]:
    return {"win_rate": _rate(company.closed)}


def _last_year(company: Company, _: Any) -> dict[str, float]:
    return {'win_rate.period="last 12 months"': _rate(company.closed[company.closed["closed"] > -365])}


def _by_amount(company: Company, _: Any) -> dict[str, float]:
    amount = company.closed.groupby("status")["amount"].sum()
    return {"win_rate_amount": float(amount["won"] / amount.sum())}


def _by_region(company: Company, _: Any) -> dict[str, float]:
    return {f'win_rate.region="R{place:02d}"': _rate(rows) for place, rows in company.closed.groupby("place")}


def _by_competitor(company: Company, _: Any) -> dict[str, float]:
    return {f'win_rate.competitor="{name}"': _rate(rows) for name, rows in company.closed.groupby("rival")}


def _cycle(company: Company, _: Any) -> dict[str, float]:
    return {"cycle_length": float(np.median(company.crowd["days"]))}


def _velocity(company: Company, result: Any) -> dict[str, float]:
    won, opened = company.closed[company.closed["status"] == "won"], float(result.factors["open_count"].iloc[0])
    return {"velocity": opened * _rate(company.closed) * won["amount"].mean() / won["days"].mean()}


def _lead(company: Company, result: Any) -> dict[str, float]:
    return {"lead_to_customer": float((company.lead_days <= result.horizon_days).mean())}


def _effect(company: Company, result: Any) -> dict[str, float]:
    """Won of the deals decided within H days, treated deals with and without the programme."""
    told = result.estimates.set_index("kpi").loc["win_rate"]
    rows = company.crowd[company.crowd["is_treated"] & (company.crowd["end"] != "no_decision")]
    twin_days = np.where(rows["twin_won"], rows["twin_days"], np.ceil(rows["twin_days"] * company.told["longer"]))
    with_it, without = rows[rows["days"] <= told["horizon_days"]], rows[twin_days <= told["horizon_days"]]
    return {"effect.win_rate": float((with_it["end"] == "won").mean() - without["twin_won"].mean())}


def _rate(rows: Any) -> float:
    return float((rows["status"] == "won").mean())


ASKED: dict[str, tuple[Any, tuple[str, ...], Truth]] = {
    "win_rate": (data.win_rate, ("opportunities",), _win_rate),
    "win_rate.last_12_months": (data.win_rate_last_year, ("opportunities",), _last_year),
    "win_rate_amount": (data.win_rate_by_amount, ("opportunities",), _by_amount),
    "win_rate.region": (data.win_rate_by_group, ("opportunities", "products"), _by_region),
    "win_rate.competitor": (competitors.by_competitor, ("opportunities",), _by_competitor),
    "cycle_length": (data.cycle, ("opportunities",), _cycle),
    "velocity": (data.velocity, ("opportunities",), _velocity),
    "lead_to_customer": (icp_segmentation.lead_conversion, ("leads", "opportunities"), _lead),
    "effect.win_rate": (alignment_impact.effect, ("units", "opportunities", "leads", "accounts", "invoices", "spend"), _effect),
}
HEADLINES = tuple(Coverage(name=f"companies.{name}", layout=LAYOUT, draw=lambda rng: None) for name in ASKED)


def company_hits(number: int) -> dict[str, float]:
    """Return for each headline the share of truths its intervals hold; NaN where it was refused."""
    company = draw_company(stream("companies", number))
    tables = {name: table(name, rows) for name, rows in ({name: [] for name in ("products", "accounts", "invoices", "spend")} | company.frames()).items()}
    return {f"companies.{name}": _hit(company, question, [tables[frame] for frame in frames], truth) for name, (question, frames, truth) in ASKED.items()}


def _hit(company: Company, question: Any, tables: list[Any], truth: Truth) -> float:
    result = _answer(question, tables)
    if result.refused is not None:
        return np.nan
    heads = {head.key: head for head in result.headlines}
    held = [heads[key].low <= true <= heads[key].high for key, true in truth(company, result).items() if _is_estimate(heads.get(key))]
    return float(np.mean(held)) if held else np.nan


def _is_estimate(head: Any) -> bool:
    return head is not None and None not in (head.low, head.high)


def _answer(question: Any, tables: list[Any]) -> Any:
    params = question_params(question, RunParams(as_of=AS_OF))
    asked = question.aggregate(*tables, params, as_of=AS_OF)
    small = {name: to_frame(part) for name, part in asked.items()} if isinstance(asked, dict) else to_frame(asked)
    return question.analyse(small, params, as_of=AS_OF)


def replicate_companies(count: int, jobs: int) -> Iterator[tuple[Coverage, np.ndarray]]:
    """Yield each headline with its hits over `count` companies."""
    with ProcessPoolExecutor(jobs) as pool:
        hits = list(pool.map(company_hits, range(count), chunksize=5))
    for headline in HEADLINES:
        yield headline, np.array([one[headline.name] for one in hits])
