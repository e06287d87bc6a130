"""Figures of market shares."""

from __future__ import annotations

import pandas as pd

from workbook.analyses.market.concentration import ConcentrationResult
from workbook.show import Chart, bars, canvas
from workbook.text import share, t


def shares(result: ConcentrationResult) -> Chart | None:
    """Market shares of the latest year; the own firm in the accent colour, what is not named last."""
    if result.shares is None or result.shares.empty:
        return None
    rest = 1 - float(result.shares["market_share"].sum())
    unnamed = pd.DataFrame([{"competitor": t("firms not named"), "market_share": rest, "is_self": False}])
    data = pd.concat([result.shares, unnamed], ignore_index=True) if rest > 0.0005 else result.shares
    data = data.assign(is_self=data["is_self"].astype(bool))
    figure, ax = canvas()
    bars(ax, data, label="competitor", value="market_share", unit="share", emphasis="is_self")
    alt = t("Market share of each firm in {year}.", year=str(result.year))
    return Chart(key="shares", figure=figure, title=_shares_title(result), alt=alt, data=data)


def _shares_title(result: ConcentrationResult) -> str:
    assert result.shares is not None
    largest = float(result.shares["market_share"].head(4).sum())
    if len(result.shares) > 4:
        return t("The four largest of {n} named firms hold {part} of the market.", n=len(result.shares), part=share(largest))
    return t("The {n} named firms hold {part} of the market.", n=len(result.shares), part=share(largest))
