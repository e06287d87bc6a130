"""The effect of the programme: what was put into the demo company comes out, and nothing comes out where nothing was put in."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbook.analyses.alignment_impact import battery, effect
from workbook.analyses.alignment_impact.estimate import estimate
from workbook.analyses.alignment_impact.outcomes import Outcome
from workbook.analyses.alignment_impact.robustness import withstand
from workbook.notebook import open_run

ROOT = Path(__file__).resolve().parents[2]
TRUTH = ROOT / "data" / "demo" / "truth.json"


@pytest.fixture(scope="module")
def result():
    run = open_run("alignment_impact", str(ROOT / "params" / "demo.yaml"))
    return run.answer(effect, *(run.load(name) for name in ("units", "opportunities", "leads", "accounts", "invoices", "spend")))


@pytest.mark.skipif(not TRUTH.exists(), reason="the demo company is not generated")
class TestDemoCompany:
    @pytest.mark.parametrize(("kpi", "name"), [("win_rate", "att"), ("mql_to_sql", "att"), ("cycle_length", "att_days")])
    def test_the_true_effect_lies_in_the_range(self, result, kpi, name):
        true = json.loads(TRUTH.read_text(encoding="utf-8"))["alignment"][kpi][name]
        head = result.headline(f"effect.{kpi}")
        assert head.low <= true <= head.high
        assert np.sign(head.value) == np.sign(true)

    def test_the_design_is_read_from_the_dates(self, result):
        told = json.loads(TRUTH.read_text(encoding="utf-8"))["alignment"]["adopted_on"]
        rows = result.estimates.set_index("kpi")
        assert rows.loc["win_rate", "design"] == "staggered"
        assert rows.loc["win_rate", "treated_count"] == sum(day is not None for day in told.values())
        assert rows.loc["win_rate", "control_count"] == sum(day is None for day in told.values())

    def test_units_that_moved_alike_are_not_said_to_drift(self, result):
        tested = battery.analyse(result, battery.BatteryParams(), as_of=date(2026, 9, 30))
        checks = {check.key: check.status for check in tested.checks}
        assert checks["no_drift_before_adoption.win_rate"] == "pass"
        assert checks["no_drift_before_adoption.mql_to_sql"] == "pass"


def simulated(rng, true, starts, periods=12, cases=60):
    """Return one programme: units and quarters with lasting levels of their own, binomial outcomes, a known effect."""
    level, season = rng.normal(0.4, 0.08, len(starts)), rng.normal(0, 0.04, periods)
    rows = []
    for i, start in enumerate(starts):
        for t in range(periods):
            share = np.clip(level[i] + season[t] + (true if start is not None and t >= start else 0.0), 0.02, 0.98)
            n = int(rng.integers(cases // 2, 2 * cases))
            month = pd.Timestamp(2022 + t // 4, 3 * (t % 4) + 1, 1)
            adopted = pd.NaT if start is None else pd.Timestamp(2022 + start // 4, 3 * (start % 4) + 1, 1)
            rows.append((f"U{i}", adopted, month, False, float(rng.binomial(n, share)), n))
    cells = pd.DataFrame(rows, columns=["unit", "adopted_on", "month_on", "is_before", "total", "cases_count"])
    return Outcome(kpi="win_rate", unit="share", cells=cells.assign(exposure=1.0), horizon_days=90)


DESIGNS = {
    "staggered": [3, 3, 4, 5, 5, 6, 7, 8, None, None, None, None, None],
    "two groups": [6] * 6 + [None] * 6,
    "many units": [4] * 8 + [7] * 8 + [None] * 14,
}
REPLICATIONS = 30


@pytest.mark.parametrize("true", [0.0, 0.1])
@pytest.mark.parametrize("design", ["staggered", "many units"])
def test_ranges_cover_the_truth(design, true):
    rng = np.random.default_rng(11)
    fits = [estimate(simulated(rng, true, DESIGNS[design]), 10, 0.95) for _ in range(REPLICATIONS)]
    covered = np.mean([fit.low <= true <= fit.high for fit in fits])
    error = np.std([fit.value for fit in fits], ddof=1) / np.sqrt(REPLICATIONS)
    assert covered >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / REPLICATIONS)
    assert abs(np.mean([fit.value for fit in fits]) - true) < 4 * error


def test_two_groups_with_a_bootstrap_cover_the_truth():
    rng = np.random.default_rng(5)
    fits = [estimate(simulated(rng, 0.1, DESIGNS["two groups"]), 10, 0.95) for _ in range(30)]
    assert np.mean([fit.low <= 0.1 <= fit.high for fit in fits]) >= 0.8


def test_drift_is_seldom_claimed_where_there_is_none():
    rng = np.random.default_rng(3)
    fits = [estimate(simulated(rng, 0.1, DESIGNS["many units"]), 10, 0.95) for _ in range(REPLICATIONS)]
    alarms = np.mean([withstand(fit, 200, 39, 7).pre_trend_p < 0.05 for fit in fits])
    assert alarms <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / REPLICATIONS)


def test_the_smallest_effect_is_found_four_times_in_five():
    """Simulated on one panel, tried on fresh ones of the same firm: power near 80 %, as promised."""
    rng, found = np.random.default_rng(8), []
    for _ in range(25):
        size = withstand(estimate(simulated(rng, 0.0, DESIGNS["staggered"]), 10, 0.95), 400, 39, 7).detectable
        found.append(estimate(simulated(rng, size, DESIGNS["staggered"]), 10, 0.95).p_value < 0.05)
    assert 0.6 <= np.mean(found) <= 0.97
