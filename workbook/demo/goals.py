"""What the company wants. Some goals are flawed on purpose."""

from __future__ import annotations

from datetime import date

import pandas as pd

GoalRow = tuple[
    str, str | None, str, str, str | None, str | None, float | None, float | None, date | None, str | None
]
# The faults, by goal: what a check of SMART and of the chain should find.
FLAWS = {
    "G07": "no metric, no target, no date",
    "G08": "no parent",
    "G09": "target below its baseline: nothing to reach",
    "G10": "no owner",
    "G11": "target out of reach of the company's own history",
    "G12": "due before the export, still in the plan",
    "G14": "rewards quantity alone",
}
GOALS: tuple[GoalRow, ...] = (
    (
        "G01",
        None,
        "Grow order intake to 27 m EUR in 2027",
        "company",
        "won_amount",
        "EUR",
        21.5e6,
        27e6,
        date(2027, 12, 31),
        "P070",
    ),
    (
        "G02",
        "G01",
        "Win more of the deals we compete for",
        "strategy",
        "win_rate",
        "share",
        0.40,
        0.45,
        date(2027, 6, 30),
        "P003",
    ),
    (
        "G03",
        "G01",
        "Keep the customers we have",
        "strategy",
        "churn_logo",
        "share",
        0.12,
        0.09,
        date(2027, 12, 31),
        "P072",
    ),
    (
        "G04",
        "G02",
        "Every qualified lead is answered within one working day",
        "operative",
        "sla_compliance",
        "share",
        0.55,
        0.85,
        date(2027, 3, 31),
        "P052",
    ),
    (
        "G05",
        "G02",
        "More qualified leads accepted by sales",
        "objective",
        "mql_to_sql",
        "share",
        0.33,
        0.42,
        date(2026, 12, 31),
        "P053",
    ),
    (
        "G06",
        "G05",
        "Roll the alignment programme out to Switzerland, France and Italy",
        "key result",
        "units_adopted",
        "count",
        9,
        12,
        date(2027, 3, 31),
        "P053",
    ),
    ("G07", "G02", "Become more customer-oriented", "operative", None, None, None, None, None, "P005"),
    (
        "G08",
        None,
        "Publish 40 posts per quarter",
        "operative",
        "posts",
        "count",
        22,
        40,
        date(2026, 12, 31),
        "P054",
    ),
    ("G09", "G03", "Reach an NPS of 20", "key result", "nps", "points", 24, 20, date(2027, 6, 30), "P073"),
    (
        "G10",
        "G03",
        "Service tickets solved at first contact",
        "key result",
        "first_contact_share",
        "share",
        0.61,
        0.70,
        date(2027, 6, 30),
        None,
    ),
    (
        "G11",
        "G02",
        "Win 80 % of all deals",
        "objective",
        "win_rate",
        "share",
        0.40,
        0.80,
        date(2026, 12, 31),
        "P008",
    ),
    (
        "G12",
        "G04",
        "Introduce a common definition of a qualified lead",
        "operative",
        "definition_in_use",
        "share",
        0.0,
        1.0,
        date(2026, 3, 31),
        "P052",
    ),
    (
        "G13",
        "G03",
        "Raise satisfaction after projects",
        "key result",
        "csat",
        "points",
        4.0,
        4.3,
        date(2027, 6, 30),
        "P072",
    ),
    (
        "G14",
        "G01",
        "Create 160 opportunities a month",
        "key result",
        "opportunities_created",
        "count",
        112,
        160,
        date(2026, 12, 31),
        "P010",
    ),
)


def simulate_goals() -> pd.DataFrame:
    """Return canonical goals, one row per goal."""
    columns = [
        "goal_id",
        "parent_id",
        "title",
        "kind",
        "metric",
        "unit",
        "baseline",
        "target",
        "due_on",
        "owner_id",
    ]
    frame = pd.DataFrame(GOALS, columns=columns)
    frame["due_on"] = pd.to_datetime(frame["due_on"]).astype("datetime64[us]")
    frame[["baseline", "target"]] = frame[["baseline", "target"]].astype(float)
    return frame.astype(
        dict.fromkeys(["goal_id", "parent_id", "title", "kind", "metric", "unit", "owner_id"], "str")
    )
