"""The demo company's competitors, all invented."""

from __future__ import annotations

from workbook.demo.company import Competitor

COMPETITORS = (
    Competitor(
        name="Takemori Motion",
        kind="direct",
        reach="international",
        effect=-0.65,
        price_index=106.0,
        shares=(0.215, 0.205),
        channels="Field sales; Partner",
        products="Motion control; Robot cells; Machine vision",
        reasons={"Function": 0.45, "Reference missing": 0.2, "Price": 0.15, "Relationship": 0.2},
    ),
    Competitor(
        name="Velmont Controls",
        kind="direct",
        reach="international",
        effect=-0.70,
        price_index=117.0,
        shares=(0.165, 0.160),
        channels="Field sales; Inside sales",
        products="Industrial software; Machine vision",
        reasons={"Function": 0.35, "Relationship": 0.35, "Reference missing": 0.2, "Price": 0.1},
    ),
    Competitor(
        name="Pendrix",
        kind="direct",
        reach="international",
        effect=-0.25,
        price_index=81.0,
        shares=(0.075, 0.120),
        channels="Web shop; Partner",
        products="Motion control; Robot cells",
        reasons={"Price": 0.75, "Delivery time": 0.15, "Function": 0.1},
    ),
    Competitor(
        name="Brennhagen Systeme",
        kind="direct",
        reach="local",
        effect=-0.45,
        price_index=97.0,
        shares=(0.095, 0.090),
        channels="Field sales",
        products="Motion control; Machine vision",
        reasons={"Relationship": 0.5, "Delivery time": 0.25, "Price": 0.25},
    ),
    Competitor(
        name="Quelltal Integration",
        kind="indirect",
        reach="local",
        effect=-0.55,
        price_index=94.0,
        shares=(0.045, 0.050),
        channels="Partner; Field sales",
        products="Robot cells; Industrial software",
        reasons={"Relationship": 0.3, "Function": 0.3, "Delivery time": 0.2, "Price": 0.2},
    ),
    Competitor(
        name="In-house build",
        kind="indirect",
        reach="local",
        effect=-0.20,
        price_index=90.0,
        shares=(0.0, 0.0),
        channels="",
        products="",
        reasons={"Built in-house": 0.7, "Price": 0.3},
    ),
)

NO_COMPETITOR_REASONS = {
    "Price": 0.2,
    "Function": 0.25,
    "No budget": 0.25,
    "Delivery time": 0.15,
    "Relationship": 0.15,
}
NO_DECISION_REASONS = {"Project stopped": 0.5, "No budget": 0.35, "No reply": 0.15}
