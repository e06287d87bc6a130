"""Figure on where we win and lose within a competitor. None where there is nothing to show."""

from __future__ import annotations

import pandas as pd

from workbook.analyses.competitors.battlecards import BattlecardsResult
from workbook.analyses.competitors.card import place_name
from workbook.show import Chart, canvas, dot_interval
from workbook.text import msg, render, t

MOST_ROWS = 10


def battlecards(result: BattlecardsResult) -> Chart | None:
    """The surest differences by kind of deal, in percentage points; grey where they are not settled."""
    if result.groups is None or result.groups.empty:
        return None
    rows = result.groups.sort_values(["p_adjusted", "p_value", "competitor", "dimension", "value"], ignore_index=True)
    rows = rows[~_is_mirrored(rows)].head(MOST_ROWS)
    rows = rows.sort_values(["difference", "competitor", "dimension", "value"], ignore_index=True)
    labels = [render(msg("{name}: {place}", name=str(row["competitor"]), place=place_name(row))) for row in rows.to_dict("records")]
    data = rows.assign(place=labels, **{name: 100 * rows[name].astype(float) for name in ("difference", "difference_low", "difference_high")})
    data = data[["place", "difference", "difference_low", "difference_high", "closed_count", "is_reliable"]]
    figure, ax = canvas()
    dot_interval(
        ax, data, label="place", value="difference", low="difference_low", high="difference_high", n="closed_count", unit="points",
        reference=0.0, reference_label=t("line: as often as elsewhere against them"), emphasis="is_reliable",
        quantity=t("Difference of the win rate, percentage points"),
    )  # fmt: skip
    told = tuple(sorted(set(result.groups.loc[result.groups["is_reliable"], "competitor"])))
    title = t("It matters reliably which deal it is against {names}.", names=told) if told else t("No kind of deal differs reliably for any competitor.")
    alt = t("Difference of the win rate to the other deals against the same competitor, in percentage points with interval; the surest ten.")
    return Chart(key="battlecards", figure=figure, title=title, alt=alt, data=data)


def _is_mirrored(groups: pd.DataFrame) -> pd.Series:
    """Tell the rows that only repeat another one: of two kinds of deal that share all deals, the better one."""
    pair = groups.assign(size=groups["difference"].astype(float).abs().round(9))
    is_twin = pair.duplicated(["competitor", "dimension", "size"], keep=False) & pair.groupby(["competitor", "dimension"])["size"].transform("size").eq(2)
    return is_twin & (groups["difference"] > 0)
