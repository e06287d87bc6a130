"""The page over the reports of a matrix: what differs is said, every part has its row and its place in every order."""

import re
from datetime import date

import pytest

from tests.report.test_pages import POLICY, Reader
from tests.test_comparison import files, headline, rate
from workbook.comparison import compare
from workbook.report.overview import MOST_ROWS, OverviewFacts, PartFact, render_overview

WON = {"Nord": 300, "Süd": 310, "<b>Ost</b>": 290, "West & Co": 600}


def facts(language="en", names=tuple(WON), **more):
    parts = tuple(PartFact(name=name, deals=1000 - i, status="succeeded", href=f"combinations/p{i}/runs/r/index.html") for i, name in enumerate(names))
    about = {"company": "Nordwehr", "columns": ("region",), "as_of": date(2026, 9, 30), "confidence": 0.95, "table": "tables/overview.csv", "parts": parts}
    return OverviewFacts(language=language, **(about | more))


RATES = tuple(WON.values())


def measures(won=RATES):
    parts = [files(rate(k, 1000), headline("won_amount", 1e6 * k, None, None, k, "money", "EUR")) for k in won]
    return compare(parts, level=0.95, false_discovery_rate=0.1)


@pytest.fixture(params=["en", "de"])
def page(request):
    return render_overview(facts(request.param), measures())


def test_what_differs_is_said_with_the_rest_beside_it(page):
    said = " ".join(" ".join(Reader(page).words).split())
    assert re.search(r"reliably higher in West & Co \(60.0%, the others 30.0%\)|verlässlich höher in West & Co \(60,0.%, die übrigen 30,0.%\)", said)
    assert page.count('class="above"') == 1 and page.count("▲") == 2, "one row, and the note that explains the mark"


def test_every_part_has_its_row_in_each_panel_and_its_place_in_each_order(page):
    reader = Reader(page)
    rows = list(reader.all("li", "style"))
    assert len(rows) == 2 * len(WON)
    for order in ("deals", "name", "value"):
        places = [int(re.search(rf"--{order}:(\d+)", style)[1]) for style in rows]
        assert sorted(places[:4]) == sorted(places[4:]) == [0, 1, 2, 3], order
    assert [re.search(r"--value:(\d+)", style)[1] for style in rows[:4]] == ["2", "1", "3", "0"]


def test_the_page_is_safe_and_needs_no_script(page):
    reader = Reader(page)
    assert "<script" not in page and "<b>Ost" not in page and POLICY in page.replace("&#39;", "'")
    assert all(label for label in reader.all("svg", "aria-label")) and len(reader.all("svg", "aria-label")) == 8
    assert {href for href in reader.all("a", "href") if not href.startswith("#")} == {f"combinations/p{i}/runs/r/index.html" for i in range(4)} | {"tables/overview.csv"}


def test_no_number_runs_away(page):
    drawn = [float(x) for d in Reader(page).all("path", "d") for x in re.findall(r"[MH](-?[\d.]+)", d)]
    assert drawn and all(-0.01 <= x <= 100.01 for x in drawn)


def test_failed_parts_and_what_is_worse_stand_on_top():
    parts = (PartFact(name="Nord", deals=5, status="failed", cause="chapters failed: market", href="combinations/nord/runs/r/index.html", run="2026-01-01"),)
    page = render_overview(facts(parts=parts, degraded=("Süd: had a report last time, and none now",), elsewhere=7), ())
    said = " ".join(" ".join(Reader(page).words).split())
    assert "Nord: chapters failed: market" in said and "the last good one, of 2026-01-01" in said and "Süd: had a report" in said
    assert "7 deals are in no report" in said and "fewer than three parts" in said


def test_many_parts_keep_the_page_small_and_say_what_is_left_out():
    names = tuple(f"Region {i:04d}" for i in range(2500))
    page = render_overview(facts(names=names), measures([300 + i % 7 for i in range(2500)]))
    assert page.count('class="name"') == 2 * MOST_ROWS and f"+ {2500 - MOST_ROWS} more parts in the table" in page and len(page) < 1_500_000
