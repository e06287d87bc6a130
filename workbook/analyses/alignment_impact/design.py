"""Which comparison the adoption dates and the cells allow, from the data alone, and why no stronger one.

From strong to weak: units that adopt at different dates; two groups and one date; one adopting unit and several others; one
series before and after, which proves nothing; none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from workbook.stats.errors import CannotEstimate
from workbook.stats.panel import CellPanel
from workbook.stats.synthetic_control import MIN_BEFORE, MIN_DONORS
from workbook.text import Message, msg

Design = Literal["staggered", "two_groups", "one_unit", "interrupted"]

DESIGNS: dict[Design, Message] = {
    "staggered": msg("staggered adoption"),
    "two_groups": msg("two groups, one date"),
    "one_unit": msg("one unit against a synthetic twin"),
    "interrupted": msg("before and after only"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The design chosen, the reason in words, and the units: adopting ones seen before and after, and never adopting ones."""

    design: Design
    reason: Message
    treated_count: int
    control_count: int


def choose(panel: CellPanel) -> Choice:
    """Choose the strongest design. Raises `CannotEstimate`: no_treated_units, no_pre_period, no_post_period."""
    seen, treated = panel.weight > 0, panel.is_treated
    before, after = (seen & ~treated).any(axis=1), (seen & treated).any(axis=1)
    usable = np.isfinite(panel.cohort) & before & after
    if not after.any():
        raise CannotEstimate("no_treated_units")
    if not usable.any():
        raise CannotEstimate("no_pre_period")
    adopting, dates = int(usable.sum()), len(np.unique(panel.cohort[usable]))
    never = int((np.isinf(panel.cohort) & before).sum())
    counts = {"treated_count": adopting, "control_count": never}
    if adopting == 1:
        return _one(panel, usable, never, counts)
    if dates > 1:
        reason = msg("{treated} units adopted at {dates} different dates and {control} never did in the time that can be judged, so each is compared with those that had not adopted yet",
                     treated=adopting, dates=dates, control=never)  # fmt: skip
        return Choice(design="staggered", reason=reason, **counts)
    if never >= 2:
        reason = msg("{treated} units adopted on one date and {control} never did in the time that can be judged, so the two groups are compared before and after",
                     treated=adopting, control=never)  # fmt: skip
        return Choice(design="two_groups", reason=reason, **counts)
    if never == 1:
        reason = msg("all units but one adopted on the same date, and one unit's own ups and downs cannot be told from what moves all of them")
    else:
        reason = msg("all units adopted on the same date, so that there is none to compare with; before and after alone prove nothing")
    return Choice(design="interrupted", reason=reason, **counts)


def _one(panel: CellPanel, usable: np.ndarray[tuple[int], np.dtype[np.bool_]], never: int, counts: dict[str, int]) -> Choice:
    full = int(((panel.weight > 0).all(axis=1) & np.isinf(panel.cohort)).sum())
    first = float(panel.cohort[usable][0])
    complete = bool((panel.weight[usable] > 0).all())
    if full >= MIN_DONORS and complete and int((panel.times < first).sum()) >= MIN_BEFORE:
        reason = msg("one unit adopted and {control} never did in the time that can be judged, so it is compared with the weighted mix of them that resembled it most before",
                     control=full)  # fmt: skip
        return Choice(design="one_unit", reason=reason, **counts)
    if never == 0:
        reason = msg("there is one unit and none to compare it with; before and after alone prove nothing")
    else:
        reason = msg("one unit adopted and there are not three others seen in every period, nor three periods before; before and after alone prove nothing")
    return Choice(design="interrupted", reason=reason, **counts)
