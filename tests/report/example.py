"""A made-up company's chapters and results, with everything that has ever broken a page: hostile names, gaps, long words."""

import base64
from datetime import date

import nbformat
import numpy as np
import pandas as pd

from workbook.chapter import ChapterPlan
from workbook.notebook import Run
from workbook.params import RunParams
from workbook.report import ChapterFact, ImportFacts, ReportFacts, SourceFact
from workbook.results import (
    ActionRecord,
    Check,
    CheckRecord,
    FindingRecord,
    Headline,
    HeadlineRecord,
    Result,
    ResultsFile,
    SkippedRecord,
)
from workbook.show import Chart, Col, bars, canvas, dot_interval, line_band, survival_steps, table
from workbook.text import money, msg, share, span
from workbook.text.catalogue import use_language

AS_OF = date(2026, 9, 30)
HOSTILE = "<script>alert('x')</script>"
LONG = "Südwestdeutsche Verpackungsmaschinen- und Sonderanlagenbau GmbH & Co. Kommanditgesellschaft"
REGIONS = ("DACH", LONG, "Nordics", "Benelux", HOSTILE, 'A"B$C$', "Lebensmittel 🚀", "Iberia", None)


def regions() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    rate = rng.uniform(0.4, 0.75, len(REGIONS))
    half = rng.uniform(0.02, 0.12, len(REGIONS))
    deals = rng.integers(18, 2400, len(REGIONS))
    rows = {"region": REGIONS, "rate": rate, "low": rate - half, "high": rate + half, "deals": deals, "amount": deals * 8_400.0}
    frame = pd.DataFrame(rows)
    frame.loc[8, ["amount"]] = np.nan
    return frame


def charts() -> list[Chart]:
    frame = regions()
    figure, ax = canvas()
    dot_interval(
        ax, frame, label="region", value="rate", low="low", high="high", n="deals", reference=0.58,
        reference_label="Dashed: all regions together",
    )  # fmt: skip
    dots = Chart(
        key="regions", figure=figure, title=f"No region differs reliably from the whole, not even {HOSTILE}",
        alt="One row per region; all intervals cross the overall rate.", data=frame, note="Closed deals, January 2022 to September 2026.",
    )  # fmt: skip
    figure, ax = canvas()
    bars(ax, frame.head(6), label="region", value="amount", unit="money", currency="EUR", n="deals")
    amounts = Chart(key="amounts", figure=figure, title="Won amount by region", alt="Bars.", data=frame)
    years = pd.DataFrame({"year": range(2008, 2027)})
    years["volume"] = 3.9e9 * 1.021 ** np.arange(19) + np.random.default_rng(1).normal(0, 6e7, 19)
    years["low"], years["high"] = years["volume"] - 1.2e8, years["volume"] + 1.2e8
    years["is_forecast"] = years["year"] > 2024
    figure, ax = canvas()
    line_band(ax, years, x="year", value="volume", low="low", high="high", unit="money", currency="EUR", projected="is_forecast")
    market = Chart(
        key="market", figure=figure, title="The market grows by about two per cent a year", alt="A rising line.", data=years
    )
    curve = pd.DataFrame(
        [(name, day, float(np.exp(-day / scale))) for name, scale in (("Inbound", 90), ("Messe", 140)) for day in range(6, 320, 9)],
        columns=["source", "day", "open"],
    )
    curve["low"], curve["high"] = (curve["open"] - 0.04).clip(0), (curve["open"] + 0.04).clip(upper=1)
    figure, ax = canvas()
    survival_steps(ax, curve, time="day", value="open", low="low", high="high", group="source")
    cycle = Chart(
        key="cycle", figure=figure, title="Leads from fairs take longer to close", alt="Two falling step curves.", data=curve
    )
    return [dots, amounts, market, cycle]


def region_table():
    columns = (
        Col("region", "Region"), Col("deals", "Closed deals", "count"), Col("rate", "Win rate", "share"),
        Col("low", "From", "share"), Col("high", "To", "share"), Col("amount", "Won amount <b>", "money"),
    )  # fmt: skip
    return table("by_region", regions(), columns, f"Win rate by region {HOSTILE}", currency="EUR", note="Sorted by n.")


def answered() -> Result:
    return Result(
        headlines=(Headline(key="win_rate", kpi="win_rate", value=0.632, low=0.611, high=0.652, unit="share", n=6711),),
        checks=(
            Check(key="c1", status="review", reason=msg("1,291 open deals are older than any deal needed to close.")),
            Check(key="c2", status="fail", reason=msg("The sectors add to more than the stated total.")),
        ),
        finding=msg(
            "{rate} of {n} decided deals were won (range {range}); worth {money} a year.",
            rate=share(0.632),
            n=6711,
            range=span(0.611, 0.652, "share"),
            money=money(10_005_534, "EUR"),
        ),
        limits=(msg("Deals without a decision are not in the rate."), msg("The range allows for deals of one owner being alike.")),
        certainty="firm",
    )


def notebook(monkeypatch, language: str = "en", topic: str = "data") -> nbformat.NotebookNode:
    """Build an executed notebook from what the notebooks' door really publishes."""
    shown: list[tuple[dict, dict]] = []
    monkeypatch.setattr("workbook.notebook.output.publish", lambda bundle, metadata: shown.append((bundle, metadata)))
    run = Run(ChapterPlan(topic=topic, params=RunParams(name="x"), frames_dir=".", as_of=AS_OF, language=language))
    v4 = nbformat.v4

    def outputs():
        made = [_output(bundle, metadata) for bundle, metadata in shown]
        shown.clear()
        return made

    cells = [
        v4.new_markdown_cell("# Where sales stand today\n\nWhat the data hold, and what they say without any model.", id="title"),
        v4.new_code_cell('settings = ""', id="parameters", metadata={"tags": ["parameters"]}),
        v4.new_code_cell("run = open_run()", id="setup", outputs=[v4.new_output("stream", name="stderr", text="warning: secret_path")]),
        v4.new_markdown_cell("## How many of the decided deals are won? (D1, D2)", id="win-rate"),
        v4.new_markdown_cell("The win rate is won ÷ (won + lost), by *count*. See [the next question](#by-region) "
                             "or [a site](https://example.org/x?y=1).", id="win-rate-why"),
    ]  # fmt: skip
    with use_language(language):
        drawn = charts()
        run.show(drawn[0])
        run.show(region_table())
        run.say(answered())
    cells.append(v4.new_code_cell("run.show(tables.by_region(rate))", id="win-rate-show", outputs=outputs()))
    cells.append(v4.new_markdown_cell("## Which region wins most? (W2)", id="by-region"))
    with use_language(language):
        for chart in drawn[1:]:
            run.show(chart)
        run.say(Result(refused=msg("{n} regions, 10 needed", n=9), certainty="open"))
    cells.append(v4.new_code_cell("run.show(figures)", id="by-region-show", outputs=outputs()))
    cells.append(v4.new_markdown_cell(f"## Is {HOSTILE} a heading?", id="by-region"))
    cells.append(
        v4.new_markdown_cell("*Not computed: the data lack `stage_entries`.*", id="gap", metadata={"tags": ["not-computed"]})
    )
    cells[-2]["id"] = "hostile"
    with use_language(language):
        run.close()
    plain = v4.new_output("execute_result", data={"text/plain": "<Table object>"}, execution_count=1)
    cells.append(v4.new_code_cell("run.close()", id="close", outputs=[*outputs(), plain]))
    return v4.new_notebook(cells=cells)


def _output(bundle: dict, metadata: dict) -> nbformat.NotebookNode:
    data = {kind: base64.b64encode(value).decode() if isinstance(value, bytes) else value for kind, value in bundle.items()}
    return nbformat.v4.new_output("display_data", data=data, metadata=metadata)


def facts(language: str = "en", **changes: object) -> ReportFacts:
    chapters = (
        ChapterFact(topic="data", title="Where sales stand today", href="html/data.html"),
        ChapterFact(topic="market", title="The market", href="html/market.html", status="taken_over"),
        ChapterFact(topic="icp_segmentation", title="Ideal customers", status="failed", reason=f"cell 7 stopped: {HOSTILE}"),
    )
    imported = ImportFacts(
        lines_read=8923, kept=8800, merged=41, rejected=12, not_data=70, repaired=1480, flagged=1294,
        sources=(SourceFact(name="sales_pipeline.csv", rows=8800, newest_on=AS_OF), SourceFact(name=HOSTILE + ".csv", rows=85)),
        assumptions=("amounts without a currency are in EUR",),
    )  # fmt: skip
    given = {
        "company": "Müller & Söhne Automation <GmbH>", "as_of": AS_OF, "started_at": "2026-10-01T06-30-00", "language": language,
        "period_from": date(2022, 1, 3), "period_to": AS_OF, "chapters": chapters, "imported": imported,
        "degraded": (f"{HOSTILE}.csv: no record newer than 1 Oct 2026, as last time",),
    }  # fmt: skip
    return ReportFacts(**(given | changes))


def headline(key: str, value: float | None, unit: str = "share", **more: object) -> HeadlineRecord:
    given = {
        "key": key, "kpi": key.split(".")[0], "value": value, "low": None, "high": None, "level": 0.95, "unit": unit,
        "currency": "EUR" if unit.startswith("money") else None, "n": 6711, "section": "D1", "question": key.split(".")[0],
    }  # fmt: skip
    return HeadlineRecord(**(given | more))


def check(status: str, question: str, reason: str = "A reason.") -> CheckRecord:
    return CheckRecord(key=f"{question}_holds", status=status, reason=reason, rows=None, section="D1", question=question)


def finding(question: str, text: str, certainty: str = "firm", refused: bool = False) -> FindingRecord:
    return FindingRecord(question=question, section="D1", text=text, certainty=certainty, refused=refused)


def action(key: str, value: float | None, **more: object) -> ActionRecord:
    given = {
        "key": key, "what": f"Close or drop the stale deals ({key})", "owner_role": "Head of sales", "due_on": date(2026, 11, 30),
        "watch_kpi": "win_rate", "value": value, "low": None if value is None else value * 0.6,
        "high": None if value is None else value * 1.5, "currency": "EUR", "evidence": ["win_rate"], "section": "D1",
    }  # fmt: skip
    return ActionRecord(**(given | more))


def results() -> list[ResultsFile]:
    data = ResultsFile(
        topic="data", as_of=AS_OF,
        headlines=[
            headline("win_rate", 0.6315, low=0.6112, high=0.6521, prior=0.648),
            headline("win_rate_amount", 0.52, low=0.41, high=0.62),
            headline("won_amount", 10_005_534.0, "money", n=4238, reason="a total, not an estimate"),
            headline("open_pipeline", 3_911_000.0, "money", n=1588, reason="a total, not an estimate"),
            headline("velocity", 38_200.0, "money_per_day", low=31_000.0, high=45_800.0),
            headline("cycle_length", 74.0, "days", low=71.0, high=77.0),
            headline('win_rate.region="DACH"', 0.7, low=0.6, high=0.8),
            headline("clv", None, "money", reason="amounts are in several currencies and no rates are set"),
        ],
        checks=[
            check("review", "win_rate", "1,291 of the 1,589 open deals are older than any deal needed to close; the rate may be 53.0%."),
            check("pass", "won_amount"), check("fail", "velocity", "No deal has a creation date."), check("not_applicable", "cycle_length"),
        ],
        findings=[
            finding("win_rate", "63.2% of 6,711 decided deals were won (range 61.1% to 65.2%)."),
            finding("cycle_length", "Half of the deals close within 74 days.", "likely"),
            finding("velocity", "no deal carries both dates", "open", refused=True),
        ],
        actions=[action(f"a{i}", value) for i, value in enumerate((120_000.0, None, 900_000.0, 50_000.0, 75_000.0, None, 1_000.0))],
        tables={"by_stage": "tables/data/by_stage.csv"},
        skipped=[
            SkippedRecord(section="P3", title="Which step loses most? (P3)", needs=["stage_entries"], reason="needs stage_entries",
                          mend="export the stage history (Salesforce: report type “Opportunity History”)"),
            SkippedRecord(section="W2", title=f"Who beats us? {HOSTILE} (W2)", needs=["opportunities.competitor"], reason="needs it",
                          mend="add a field for the main competitor to the opportunities"),
        ],
    )  # fmt: skip
    market = ResultsFile(
        topic="market", as_of=AS_OF,
        headlines=[
            headline("market_size", 5_015_000_000.0, "money", n=19), headline("market_growth", 0.021, low=0.014, high=0.028, n=19),
            headline("hhi", 1_840.0, "index", low=1_700.0, high=2_100.0, n=7), headline("cr4", 0.61, n=7),
        ],
        findings=[finding("growth", f"The market grows by 2.1% a year, says {HOSTILE}.", "likely"),
                  finding("forecast", "Nobody can say how it goes on.", "open")],
        actions=[action("a0", 120_000.0)],
        skipped=[SkippedRecord(section="M4", title="Is the market saturated? (M4)", needs=["stage_entries", "market.volume"],
                               reason="needs both", mend="export the stage history (Salesforce: report type “Opportunity History”); "
                               "write a market table")],
    )  # fmt: skip
    return [data, market]
