"""Tables: escaped, aligned, in the reader's numbers, and tame whatever the columns are called."""

from datetime import date

import numpy as np
import pandas as pd

from workbook.report.clean import clean
from workbook.show import Col, table
from workbook.text.catalogue import use_language

HOSTILE = "<img src=x onerror=alert(1)>"
DATA = pd.DataFrame(
    {HOSTILE: ["a", HOSTILE], "deals": [1234, np.nan], "amount": [1_234_567.0, 8.0], "day": [date(2026, 9, 30), None]}
)
COLUMNS = (
    Col(HOSTILE, "Name " + HOSTILE),
    Col("deals", "Deals", "count"),
    Col("amount", "Won", "money"),
    Col("day", "Won", "date"),
)


def view():
    return table("by name", DATA, COLUMNS, "T", currency="EUR")


def test_cells_labels_and_names_are_escaped():
    html = view().html()
    assert "<img" not in html
    assert html.count("&lt;img") == 2


def test_the_first_column_names_the_row_and_numbers_stand_right():
    html = view().html()
    assert html.count('scope="row"') == 2
    assert html.count('scope="col"') == 4
    assert '<th scope="row">a</th><td class="num">1,234</td>' in html


def test_what_is_missing_is_a_dash_and_explained():
    assert "–" in view().html()
    assert "not known" in view().html()
    whole = table("k", DATA.head(1), COLUMNS, "T", currency="EUR")
    assert "not known" not in whole.html()


def test_numbers_and_dates_follow_the_language():
    with use_language("de"):
        assert list(view().texts().iloc[0]) == ["a", "1.234", "1,2\N{NO-BREAK SPACE}Mio.\N{NO-BREAK SPACE}€", "30.09.2026"]


def test_the_same_table_gives_the_same_short_html():
    assert view().html() == view().html()
    assert len(view().html()) < 3_000


def test_groups_stand_as_headings_and_names_of_any_kind_stay_text():
    data = pd.DataFrame({"field": [HOSTILE, HOSTILE, "B"], "what": ["x", "y", "z"], "n": [1, 2, 3]})
    columns = (Col("field", "Field"), Col("what", "What"), Col("n", "n", "count"))
    shown = table("swot", data, columns, "T", is_grouped=True)
    html = shown.html()
    assert "<img" not in html and html.count("&lt;img") == 1
    assert html.count('class="group-name"') == 2 and html.count('scope="row"') == 3 and ">Field<" not in html
    assert list(shown.texts().columns) == ["Field", "What", "n"]
    cleaned = clean(html)
    assert cleaned.count('<th class="group-name" colspan="2" scope="colgroup">') == 2 and cleaned.count('<td class="num">') == 3


def test_a_dash_that_is_a_heading_is_not_explained():
    data = pd.DataFrame({"field": [None], "what": ["x"], "n": [1]})
    shown = table("k", data, (Col("field", "Field"), Col("what", "What"), Col("n", "n", "count")), "T", is_grouped=True)
    assert "not known" not in shown.html()
