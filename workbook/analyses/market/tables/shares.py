"""Tables of shares and concentration."""

from __future__ import annotations

from workbook.analyses.market.concentration import ConcentrationResult, band_short
from workbook.show import Col, TableView, table
from workbook.text import render, span, t


def concentration(result: ConcentrationResult) -> TableView | None:
    """Concentration of the whole market and of each segment in the latest year."""
    if result.by_market is None:
        return None
    rows = result.by_market[(result.by_market["year"] == result.year) & result.by_market["hhi"].notna()]
    bounds = list(zip(rows["hhi"], rows["hhi_high"], strict=True))
    data = rows.assign(
        name=[segment or t("whole market") for segment in rows["segment"]],
        index_range=[render(span(low, high, "index")) for low, high in bounds],
        verdict=[render(band_short(low, high)) for low, high in bounds],
    )
    columns = (
        Col("name", t("Market")), Col("named_count", t("Firms named"), "count"), Col("others_share", t("Not named"), "share"),
        Col("cr4", t("Four largest"), "share"), Col("index_range", t("HHI"), "written"), Col("verdict", t("Concentration")),
    )  # fmt: skip
    return table("concentration", data, columns, t("How concentrated the market is"), note=t("Concentration by the bands of the EU and the US merger guidelines."))


def share_changes(result: ConcentrationResult) -> TableView | None:
    """Shares in the first and the last year."""
    if result.changes is None or result.changes.empty:
        return None
    data = result.changes.assign(**{name: result.changes[column] * 100 for name, column in (("points", "change"), ("from", "low"), ("to", "high"))})
    data["verdict"] = [t("yes") if flag else t("no") for flag in data["is_reliable"]]
    first, last = int(data["first_year"].iloc[0]), int(data["last_year"].iloc[0])
    columns = (
        Col("competitor", t("Competitor")), Col("first_share", str(first), "share"), Col("last_share", str(last), "share"),
        Col("points", t("Change (points)"), "points"), Col("from", t("from"), "points"), Col("to", t("to"), "points"), Col("verdict", t("Reliable")),
    )  # fmt: skip
    note = t("Range: of a straight line through all years; under four years there is none.")
    return table("share_changes", data, columns, t("Market shares, {first} and {last}", first=str(first), last=str(last)), note=note)
