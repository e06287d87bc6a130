"""Tables on needs, the buying centre and the journey. None where there is nothing to show."""

from __future__ import annotations

import pandas as pd

from workbook.analyses.icp_segmentation.buying_centre import BuyingCentreResult
from workbook.analyses.icp_segmentation.journey import JourneyResult, trait_words
from workbook.analyses.icp_segmentation.labels import DIMENSIONS
from workbook.analyses.icp_segmentation.needs import NeedsResult
from workbook.frames.names import value_name
from workbook.show import Col, TableView, table
from workbook.text import Message, msg, render, t

OUTCOMES: dict[str, Message] = {"won": msg("won"), "lost": msg("lost")}
CASES_OF = 3


def _verdict(row: pd.Series) -> str:
    if row["direction"] > 0:
        return t("more often")
    if row["direction"] < 0:
        return t("less often")
    return t("too few") if row["is_small"] else t("not proven")


def needs(result: NeedsResult) -> TableView | None:
    """Won and lost by need, beside it deals that name a competitor."""
    if result.needs is None:
        return None
    data = result.needs.assign(lost_count=result.needs["closed_count"] - result.needs["won_count"],
                               verdict=[_verdict(row) for _, row in result.needs.iterrows()])  # fmt: skip
    columns = (
        Col("value", t("Need")), Col("won_count", t("Won"), "count"), Col("lost_count", t("Lost"), "count"),
        Col("rate", t("Win rate"), "share"), Col("low", t("Range from"), "share"), Col("high", t("to"), "share"),
        Col("rivals_rate", t("Against named competitors"), "share"),
        Col("rivals_closed_count", t("Decided deals"), "count"), Col("verdict", t("Won, against other needs")),
    )  # fmt: skip
    note = t("A difference counts only if it survives the control over all needs and holds in deals of the same segment.")
    return table("needs", data, columns, t("Won and lost by need"), note=note)


def need_cases(result: NeedsResult) -> TableView | None:
    """The latest deals won and lost with the needs that differ reliably (else with the needs won most often)."""
    if result.needs is None or result.cases is None or result.cases.empty:
        return None
    reliable = result.needs[result.needs["is_reliable"]]
    kept = list((reliable if len(reliable) else result.needs.head(CASES_OF))["value"])
    rows = result.cases[result.cases["need"].isin(kept)]
    rows = rows.assign(outcome=[render(OUTCOMES[s]) for s in rows["status"]], company=rows["company"].fillna(rows["account_id"]),
                       rival=["" if pd.isna(c) else render(value_name("competitor", c)) for c in rows["competitor"]],
                       order=rows["need"].map({need: place for place, need in enumerate(kept)}))  # fmt: skip
    data = rows.sort_values(["order", "status", "place"], ascending=[True, False, True], ignore_index=True)
    columns = (
        Col("need", t("Need")), Col("company", t("Company")), Col("outcome", t("Outcome")), Col("opportunity_id", t("Deal")),
        Col("closed_on", t("Closed"), "date"), Col("known_amount", t("Amount"), "money"), Col("rival", t("Competitor")),
    )  # fmt: skip
    return table("need_cases", data, columns, t("The cases behind it"), currency=result.currency, is_grouped=True, note=t("The latest, those that name a competitor first."))


def roles(result: BuyingCentreResult) -> TableView | None:
    """Deals with and without each role, and open deals that lack it."""
    if result.roles is None:
        return None
    data = result.roles.assign(
        verdict=[_verdict(row) for _, row in result.roles.iterrows()],
        adjusted=result.roles["adjusted"] * 100, adjusted_low=result.roles["adjusted_low"] * 100, adjusted_high=result.roles["adjusted_high"] * 100,
    )  # fmt: skip
    columns = (
        Col("value", t("Role")), Col("seen_share", t("Seen in deals"), "share"), Col("rate", t("Win rate with it"), "share"),
        Col("closed_count", t("Decided deals"), "count"), Col("without_rate", t("Without it"), "share"),
        Col("adjusted", t("Difference among like deals, points"), "points", 0), Col("adjusted_low", t("Range from"), "points", 0),
        Col("adjusted_high", t("to"), "points", 0), Col("verdict", t("Won with it")), Col("open_without_count", t("Open deals without it"), "count"),
    )  # fmt: skip
    note = t("Like deals: same segment, open about equally long, with as many roles seen.")
    return table("roles", data, columns, t("Who is seen in the buying centre, and who is missing"), note=note)


def buying_centre_sizes(result: BuyingCentreResult) -> TableView | None:
    """Contacts and roles per won and per lost deal."""
    if result.sizes is None:
        return None
    data = result.sizes.assign(name=[render(OUTCOMES[o]) for o in result.sizes["outcome"]])
    columns = (
        Col("name", t("Outcome")), Col("deals_count", t("Deals with contacts"), "count"), Col("roles_mean", t("Roles per deal"), "number", 2),
        Col("roles_low", t("Range from"), "number", 2), Col("roles_high", t("to"), "number", 2),
        Col("contacts_mean", t("Contacts per deal"), "number", 2), Col("contacts_low", t("Range from"), "number", 2), Col("contacts_high", t("to"), "number", 2),
    )  # fmt: skip
    return table("buying_centre_sizes", data, columns, t("How many people won and lost deals know"))


def journey(result: JourneyResult) -> TableView | None:
    """What deals had in their first days, and how often they were won later."""
    if result.traits is None:
        return None
    data = result.traits[~result.traits["is_small"].astype(bool)]
    data = data.assign(what=[render(DIMENSIONS[d]) for d in data["dimension"]], verdict=[_verdict(row) for _, row in data.iterrows()],
                       name=[render(trait_words(d, v)) for d, v in zip(data["dimension"], data["value"], strict=True)])  # fmt: skip
    data = data.assign(order=data["dimension"].map({name: place for place, name in enumerate(DIMENSIONS)}))
    data = data.sort_values(["order", "rate", "value"], ascending=[True, False, True], ignore_index=True)
    columns = (
        Col("name", t("Early on")), Col("closed_count", t("Decided deals"), "count"), Col("rate", t("Win rate"), "share"),
        Col("low", t("Range from"), "share"), Col("high", t("to"), "share"), Col("without_rate", t("The others"), "share"), Col("verdict", t("Won, against the others")),
    )  # fmt: skip
    note = t("First {n} days; only deals still undecided then.", n=int(result.landmark_days or 0))
    return table("journey", data, columns, t("Early touches and later outcome"), note=note)


def touches(result: JourneyResult) -> TableView | None:
    """Touches early and over the whole life: why the latter must not be compared."""
    if result.lives is None:
        return None
    data = result.lives.assign(name=[render(OUTCOMES[o]) for o in result.lives["outcome"]])
    columns = (
        Col("name", t("Outcome")), Col("deals_count", t("Decided deals"), "count"), Col("early_mean", t("Touches early"), "number", 2),
        Col("early_low", t("Range from"), "number", 2), Col("early_high", t("to"), "number", 2), Col("life_mean", t("Touches, whole life"), "number", 2),
        Col("life_low", t("Range from"), "number", 2), Col("life_high", t("to"), "number", 2),
    )  # fmt: skip
    return table("touches", data, columns, t("Touches per deal"))
