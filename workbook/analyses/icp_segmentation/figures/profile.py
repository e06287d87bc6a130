"""Figure on marks in later deals. None where there is nothing to draw."""

from __future__ import annotations

from workbook.analyses.icp_segmentation.customer_marks import CustomerMarksResult
from workbook.analyses.icp_segmentation.tables.profile import mark_names
from workbook.show import Chart, canvas, dot_interval
from workbook.text import t


def later_marks(result: CustomerMarksResult) -> Chart | None:
    """Lift in the later deals of the marks found in the earlier ones, clearest first."""
    if result.later is None:
        return None
    data = result.later.dropna(subset=["later_lift"]).head(10)
    if data.empty:
        return None
    data = data.assign(name=mark_names(data)).sort_values("later_lift", ascending=False, ignore_index=True)
    figure, ax = canvas()
    dot_interval(ax, data, label="name", value="later_lift", low="later_lift_low", high="later_lift_high", n="later_count", unit="ratio", reference=1.0,
                 reference_label=t("line: as often as all later deals; n: later deals"), emphasis="holds", quantity=t("Win rate in the later deals ÷ rate of all"))  # fmt: skip
    title = t("{held} of {n} marks found in the earlier deals hold in the later ones", held=int(result.later["holds"].sum()), n=len(result.later))
    return Chart(
        key="customer_marks_later", figure=figure, title=title, data=data[["name", "lift", "later_lift", "later_lift_low", "later_lift_high", "later_count", "holds"]],
        alt=t("One point per mark with the range of its lift in the later deals; a line at one."), note=t("Drawn are the clearest of the earlier deals."),
    )  # fmt: skip
