"""What the open pipeline of each Ansoff field promises, and how far the outcome may stray.

Expected value = open pipeline × win rate of the field; its interval is that of the rate. The outcome strays further, because
each deal is won or lost as a whole: variance p(1 − p)·Σ amount² for the deals, plus (pipeline × error of the rate)².
"""

from __future__ import annotations

import math

import pandas as pd

from workbook.stats.arrays import normal_quantile
from workbook.stats.proportion import Proportion


def expected(by_field: pd.DataFrame, rates: dict[str, Proportion], squares: dict[str, float], level: float) -> pd.DataFrame:
    """One row per field with an open pipeline and a win rate, the highest expected value first.

    field, pipeline_amount, expected_amount, expected_low, expected_high, outcome_low, outcome_high, risk (standard deviation of
    the outcome over its expectation), rank. squares: sum of the squared open amounts per field. NaN money gives no row.
    """
    rows = []
    for _, row in by_field.iterrows():
        rate, pipeline = rates[str(row["field"])], float(row["pipeline_amount"])
        if not pipeline > 0 or not rate.n or not rate.value > 0:
            continue
        error = (rate.high - rate.low) / 2 / normal_quantile(0.5 + level / 2)
        spread = math.sqrt(rate.value * (1 - rate.value) * squares.get(str(row["field"]), 0.0) + (pipeline * error) ** 2)
        half, value = normal_quantile(0.5 + level / 2) * spread, pipeline * rate.value
        rows.append({
            "field": row["field"], "pipeline_amount": pipeline, "expected_amount": value, "expected_low": pipeline * rate.low,
            "expected_high": pipeline * rate.high, "outcome_low": max(value - half, 0.0), "outcome_high": min(value + half, pipeline),
            "risk": spread / value,
        })  # fmt: skip
    columns = ["field", "pipeline_amount", "expected_amount", "expected_low", "expected_high", "outcome_low", "outcome_high", "risk"]
    table = pd.DataFrame(rows, columns=columns).sort_values(["expected_amount", "field"], ascending=[False, True], ignore_index=True)
    return table.assign(rank=range(1, len(table) + 1))
