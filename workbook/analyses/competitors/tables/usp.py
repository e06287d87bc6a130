"""Table of the features and what buyers show of them. None where there is nothing to show."""

from __future__ import annotations

from workbook.analyses.competitors.usp import SOURCES, VERDICTS, UspResult
from workbook.show import Col, TableView, table
from workbook.text import render, t


def usp(result: UspResult) -> TableView | None:
    """Each feature with its verdict and evidence, the proven ones first."""
    if result.features is None:
        return None
    rows = result.features
    data = rows.assign(
        said=[render(VERDICTS[str(verdict)]) for verdict in rows["verdict"]], words=[render(words) for words in rows["evidence"]],
        origin=[render(SOURCES[str(source)]) for source in rows["source"]],
    )[["feature", "origin", "is_declared", "said", "words", "n", "difference", "low", "high", "p_adjusted"]]  # fmt: skip
    columns = (Col("feature", t("Feature")), Col("origin", t("Source")), Col("said", t("Verdict")), Col("words", t("Evidence")))
    return table("usp", data, columns, t("Which features buyers show to be advantages"))
