"""Figure on features and buyers' decisions. None where there is nothing to show."""

from __future__ import annotations

from workbook.analyses.competitors.usp import UspResult
from workbook.show import Chart, canvas, dot_interval
from workbook.text import t


def usp(result: UspResult) -> Chart | None:
    """Difference of the win rate by need and product, in points; grey where it is unproven."""
    if result.features is None:
        return None
    rows = result.features[(result.features["unit"] == "points") & (result.features["n"] > 0)]
    if rows.empty:
        return None
    data = rows[["feature", "difference", "low", "high", "n"]].assign(is_settled=rows["verdict"] != "unproven")
    data = data.sort_values(["difference", "feature"], ascending=[False, True], ignore_index=True)
    figure, ax = canvas()
    dot_interval(
        ax, data, label="feature", value="difference", low="low", high="high", n="n", unit="points", reference=0.0,
        reference_label=t("line: won as often as the other deals"), emphasis="is_settled", quantity=t("Difference of the win rate, percentage points"),
    )  # fmt: skip
    proven = int((rows["verdict"] == "advantage").sum())
    against = int((rows["verdict"] == "disadvantage").sum())
    title = t("Buyers' decisions prove {n} of {all} features.", n=proven, all=len(rows)) if proven else t("No feature is proven by buyers' decisions.")
    if proven and against:
        title = t("Buyers' decisions prove {n} of {all} features and speak against {against}.", n=proven, all=len(rows), against=against)
    alt = t("Difference of the win rate against competitors where the need was declared or the product offered, in percentage points with interval.")
    return Chart(key="usp", figure=figure, title=title, alt=alt, data=data)
