"""What every answer of every topic must keep, whatever the data: asserted here, asked by each topic with its own cases."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.analyses.data.frames import AS_OF, frame
from tests.analyses.market.rows import firms, market
from workbook.kpis import KPIS, kpi_of
from workbook.text import render

DEFAULTS = {"market": market, "competitors": firms}
UNITS_OF_THEIR_OWN = {"market_size", "effect"}  # as the market's source counts; as the outcome that was changed
NO_RANGE = {"cycle_length"}  # a median that fewer than half of the deals reach has an open end


def table(name: str, rows: list[dict[str, Any]]) -> Any:
    """Return a canonical frame of small rows; ids of opportunities are made, market and competitor rows get their usual words."""
    if name in DEFAULTS:
        return DEFAULTS[name](*rows)
    if name == "opportunities":
        rows = [{"opportunity_id": f"O{i:04d}"} | row for i, row in enumerate(rows)]
    return frame(name, rows)


def assert_contract(result: Any) -> None:
    """The result answers or refuses; headlines follow their KPI, with an interval or a reason; words are whole; actions are complete."""
    assert result.finding is not None or result.refused is not None
    assert len({head.key for head in result.headlines}) == len(result.headlines)
    for head in result.headlines:
        _assert_headline(head)
    for action in result.actions:
        assert action.due_on > AS_OF and action.watch_kpi in KPIS
        assert action.value is None or action.low <= action.value <= action.high
    for text in words(result):
        assert render(text)
        assert "nan" not in render(text).lower().split()


def assert_leads_somewhere(result: Any) -> None:
    """An answer ends in actions or says why nothing follows, and tells its brief in one sentence; a refusal owes neither."""
    assert result.refused is not None or result.actions or result.no_action is not None
    assert result.brief is None or render(result.brief).endswith(".")


def words(result: Any) -> list[Any]:
    """Return everything a result says."""
    said = (result.finding, result.brief, result.refused, result.no_action, *result.limits)
    said += tuple(check.reason for check in result.checks) + tuple(action.what for action in result.actions)
    return [text for text in said if text is not None]


def _assert_headline(head: Any) -> None:
    assert kpi_of(head.key).key == head.kpi in KPIS
    assert head.unit == KPIS[head.kpi].unit or head.kpi in UNITS_OF_THEIR_OWN
    assert head.n >= 0
    assert head.value is not None or head.reason is not None
    for part in (head.value, head.low, head.high):
        assert part is None or np.isfinite(part)
    if None not in (head.value, head.low, head.high):
        slack = 1e-9 * max(1.0, abs(head.value))
        assert head.low - slack <= head.value <= head.high + slack
    elif head.value is not None and head.kpi not in NO_RANGE:
        assert head.reason is not None
    if head.unit == "share" and head.value is not None and not is_difference(head):
        assert -1e-9 <= head.value <= 1 + 1e-9


def is_difference(head: Any) -> bool:
    """Growth rates, effects and changes are shares that may be negative or above one."""
    return head.kpi.startswith("effect") or any(word in head.kpi for word in ("growth", "change", "difference", "lift"))


def assert_same(first: Any, second: Any, tolerance: float = 1e-6) -> None:
    """Two answers say the same: rows came in another order."""
    assert str(first.finding) == str(second.finding)
    assert_scaled(first, second, 1, tolerance)


def assert_scaled(first: Any, second: Any, factor: float, tolerance: float = 1e-6) -> None:
    """Money is `factor` times what it was; counts, shares and days are what they were."""
    assert [(h.key, h.n) for h in first.headlines] == [(h.key, h.n) for h in second.headlines]
    for one, other in zip(first.headlines, second.headlines, strict=True):
        times = factor if one.unit.startswith("money") else 1
        for part in ("value", "low", "high"):
            before, after = getattr(one, part), getattr(other, part)
            assert (before is None) == (after is None), (one.key, part)
            assert before is None or after == pytest.approx(times * before, rel=tolerance, abs=times * 1e-7), (one.key, part)


def assert_renamed(first: Any, second: Any, tolerance: float = 1e-6) -> None:
    """The same numbers under other names, in whatever order the names bring about."""

    def numbers(result: Any) -> list[list[float]]:
        parts = ([h.value, h.low, h.high, h.n] for h in result.headlines)
        return sorted([np.inf if part is None else float(part) for part in row] for row in parts)

    assert np.array(numbers(second)) == pytest.approx(np.array(numbers(first)), rel=tolerance, abs=1e-7)


def assert_shown(view: Any, *, draw: bool = True) -> None:
    """A chart has title, alternative text, data and can be drawn; a table has a title, all its cells, and no live markup."""
    assert view.title
    if hasattr(view, "figure"):
        assert view.alt and not view.data.empty
        if draw:
            view.figure.draw_without_rendering()
    else:
        assert len(view.texts()) == min(len(view.data), view.max_rows)
        assert "<script" not in view.html()


def shuffled(rows: dict[str, list[dict[str, Any]]], seed: int = 1) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of all frames in another order; given ids stay with their rows."""
    rng = np.random.default_rng(seed)
    return {name: [given[i] for i in rng.permutation(len(given))] for name, given in rows.items()}
