"""Figures on how buyers see the brands. None where there is nothing to show."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbook.analyses.competitors.perceptual_map import PerceptualMapResult
from workbook.show import PALETTE, Chart, canvas, draw_ellipse, equal_scale, name_points
from workbook.text import share, t


def perceptual_map(result: PerceptualMapResult) -> Chart | None:
    """Brands with ellipses, attributes as small diamonds, on the first two axes."""
    if result.brands is None or result.attributes is None:
        return None
    brands = result.brands.assign(
        label=result.brands["brand"], color=[PALETTE["accent"] if own else PALETTE["main"] for own in result.brands["is_own"]], is_brand=True
    )
    attributes = result.attributes.assign(label=result.attributes["attribute"], color=PALETTE["muted"], is_brand=False)
    columns = ["label", "axis_1", "axis_2", "color", "is_brand"]
    points = pd.concat([brands[columns], attributes[columns]], ignore_index=True)
    figure, ax = canvas(height=4.6)
    for row in brands.to_dict("records"):
        scatter = np.array([[row["variance_1"], row["covariance"]], [row["covariance"], row["variance_2"]]])
        draw_ellipse(ax, (row["axis_1"], row["axis_2"]), scatter, float(result.radius or 0.0), row["color"])
    for is_brand, marker in ((True, "o"), (False, "D")):
        part = points[points["is_brand"] == is_brand]
        ax.scatter(part["axis_1"], part["axis_2"], c=list(part["color"]), marker=marker, s=36 if is_brand else 16, zorder=3)
    for line in (ax.axhline, ax.axvline):
        line(0, color=PALETTE["none"], linewidth=0.9, zorder=1)
    _limits(ax, brands, points, float(result.radius or 0.0))
    ax.set_xlabel(t("Axis 1: {part} of the differences", part=share(result.axis_share[0])))
    ax.set_ylabel(t("Axis 2: {part}", part=share(result.axis_share[1])))
    ax.set_xticks([])
    ax.set_yticks([])
    equal_scale(ax)
    points["is_attribute"] = ~points["is_brand"]
    name_points(ax, points, x="axis_1", y="axis_2", label="label", color="color", bold="is_brand", italic="is_attribute")
    alt = t("Map of the brands by what buyers find them good at, with an ellipse of uncertainty for each; attributes lie in the direction of the brands they go with.")
    note = t("Ellipse: where the brand lies in 95 of 100 such surveys. Read attributes by direction from the centre.")
    return Chart(key="perceptual_map", figure=figure, title=_title(result), alt=alt, data=points[["label", "axis_1", "axis_2", "is_brand"]], note=note)


def _limits(ax: object, brands: pd.DataFrame, points: pd.DataFrame, radius: float) -> None:
    """Set the limits with room for ellipses and names."""
    for axis, setter in (("axis_1", ax.set_xlim), ("axis_2", ax.set_ylim)):  # type: ignore[attr-defined]
        half = radius * np.sqrt(brands[f"variance_{axis[-1]}"])
        low = min(float((brands[axis] - half).min()), float(points[axis].min()))
        high = max(float((brands[axis] + half).max()), float(points[axis].max()))
        room = 0.12 * (high - low)
        setter(low - room, high + room)


def _title(result: PerceptualMapResult) -> str:
    assert result.brands is not None and result.pairs is not None
    if not result.brands["is_placed"].any():
        return t("No brand has a profile of its own in buyers' eyes.")
    same = result.pairs[~result.pairs["is_apart"]]
    if same.empty:
        return t("Buyers tell all {k} brands apart.", k=len(result.brands))
    return t("Buyers tell {apart} of {pairs} pairs of brands apart.", apart=len(result.pairs) - len(same), pairs=len(result.pairs))
