"""What the management page shows, and what it must never do."""

import pytest

from tests.report import example
from tests.report.example import action, check, finding, headline
from workbook.report import ReportFacts, render_index
from workbook.report.choice import MAX_ACTIONS, MAX_HEADLINES, actions, gaps, group_of, headlines, rank, refusals, sentences
from workbook.report.words import group_name, kpi_name
from workbook.results import CheckRecord, ResultsFile, SkippedRecord
from workbook.text import use_language


def file(topic="data", **parts):
    return ResultsFile(topic=topic, as_of=example.AS_OF, **parts)


def test_at_most_eight_headlines_the_weightiest_of_the_whole_first():
    chosen = headlines(example.results())
    assert [c.headline.key for c in chosen] == [
        "win_rate", "won_amount", "open_pipeline", "velocity", "cycle_length", "market_size", "market_growth", "hhi",
    ]  # fmt: skip
    assert len(chosen) <= MAX_HEADLINES


def test_groups_stand_in_where_the_whole_says_little_the_largest_first():
    found = [headline('win_rate.budget="yes"', 0.6, n=5), headline('win_rate.budget="no"', 0.3, n=90), headline("win_rate", 0.5)]
    assert [c.headline.key for c in headlines([file(headlines=found)])] == [
        "win_rate",
        'win_rate.budget="no"',
        'win_rate.budget="yes"',
    ]


@pytest.mark.parametrize(("whole", "checks", "cards"), [
    (None, [], []),
    (0.5, [], ["win_rate", 'win_rate.reason="Timing"', 'win_rate.region="DACH"']),
    (0.5, ["reason"], ["win_rate", 'win_rate.region="DACH"']),
])
def test_a_group_has_no_card_where_the_whole_is_refused_or_its_attribute_follows_the_outcome(whole, checks, cards):
    data = file(headlines=[headline("win_rate", whole, reason="only won ones"), headline('win_rate.region="DACH"', 0.4, n=50)],
                checks=[CheckRecord(key=f"missing_values_do_not_follow_the_outcome.{name}", status="review", reason="why", rows=None,
                                    section="D1") for name in checks])  # fmt: skip
    other = file("competitors", headlines=[headline('win_rate.reason="Timing"', 0.0, n=90)], checks=data.checks)
    chosen = headlines([data, other])
    assert [c.headline.key for c in chosen] == cards
    assert all(c.doubts == () for c in chosen), "what is said of one attribute casts no doubt on another"


@pytest.mark.parametrize(("key", "said"), [
    ('win_rate.competition="named"', "Wettbewerber: genannt"), ('win_rate.bought_before="no"', "schon einmal gekauft: nein"),
    ('win_rate.period="last 12 months"', "Zeitraum: letzte 12 Monate"), ('win_rate.account_size_class="10–49"', "Mitarbeiterzahl: 10–49"),
    ('lead_to_customer.lead_source="Messe"', "Quelle: Messe"), ('win_rate.business_type="expansion"', "Neu- oder Bestandskunde: Bestandskunde"),
    ('win_rate.fleet_age="yes"', "fleet age: yes"),
])
def test_groups_read_in_the_language_of_the_page_and_the_firms_own_words_as_they_are(key, said):
    with use_language("de"):
        assert group_name(key) == said


def test_a_headline_without_a_value_is_no_card_but_a_gap():
    empty = headline("won_amount", None, "money", reason="currencies are mixed")
    assert headlines([file(headlines=[empty])]) == []
    assert refusals([file(headlines=[empty])]) == [("currencies are mixed", "data")]


@pytest.mark.parametrize(
    ("statuses", "light"),
    [(["pass", "pass"], "pass"), (["pass", "review"], "review"), (["review", "fail", "pass"], "fail"), (["not_applicable", "pass"], "pass"),
     (["not_applicable"], "not_applicable"), ([], "not_applicable")],
)  # fmt: skip
def test_the_light_is_the_worst_check_of_the_same_question(statuses, light):
    others = [check("fail", "velocity", "another question's")]
    found = headlines(
        [file(headlines=[headline("win_rate", 0.5)], checks=[check(s, "win_rate", f"why {s}") for s in statuses] + others)]
    )
    assert found[0].light == light
    assert "another question's" not in found[0].doubts
    if light in ("review", "fail"):
        assert found[0].doubts == (f"why {light}",)


def test_three_sentences_come_from_the_surest_findings_of_different_chapters():
    data = file(
        headlines=[headline("cycle_length", 74.0, "days"), headline("win_rate", 0.5)],
        findings=[finding("cycle_length", "cycle"), finding("win_rate", "rate"), finding("x", "no", refused=True)],
    )
    market = file("market", findings=[finding("growth", "perhaps", "open"), finding("size", "size", "likely")])
    rivals = file("competitors", findings=[finding("all", "rivals", "firm")])
    chosen = [f.text for f, _ in sentences([data, market, rivals])]
    assert chosen == ["rate", "size", "rivals"]
    assert [f.text for f, _ in sentences([data, market])] == ["rate", "cycle", "size"]
    assert sentences([file()]) == []


def test_at_most_five_actions_the_dearest_first_none_twice():
    chosen = [a.key for a, _ in actions(example.results())]
    assert chosen == ["a2", "a0", "a4", "a3", "a6"]
    assert len(chosen) <= MAX_ACTIONS


def test_values_are_never_added_up_and_the_page_says_so():
    found = [file(actions=[action("one", 100_000.0), action("two", 200_000.0, low=190_000.0, high=210_000.0)])]
    html = render_index(example.facts(), found)
    assert "€100,000" in html
    assert "€200,000" in html
    assert "€300,000" not in html
    assert "Do not add these values up" in html
    assert "Do not add" not in render_index(example.facts(), [file(actions=[action("one", 100_000.0), action("two", None)])])


def test_what_is_missing_is_grouped_by_frame_with_each_advice_once():
    found = gaps(example.results())
    assert [gap.frame for gap in found] == ["stage_entries", "opportunities"]
    assert found[0].mends == ("export the stage history (Salesforce: report type “Opportunity History”)", "write a market table")
    assert len(found[0].titles) == 2


def test_an_action_and_a_gap_carry_all_that_a_manager_asks_for():
    html = render_index(example.facts(), example.results())
    for words in ("Head of sales", "30 Nov 2026", "Win rate", "€900,000", "between €540,000 and €1.4m", "Stage history of the opportunities",
                  "Which step loses most?", "Export the stage history", "8,923", "1,480", "between 61.1% and 65.2%", "6,711 cases",
                  "Year before: 64.8%", "Read with care", "Do not rely on it", "Checks passed", "Not checked",
                  "unchanged", "3 Jan 2022 to 30 Sep 2026"):  # fmt: skip
        assert words in html, words
    assert "(P3)" not in html


def test_a_growth_rate_reads_as_per_cent():
    growth = headline("market_growth", 0.054, "ratio", low=0.049, high=0.06)
    html = render_index(example.facts(), [file("market", headlines=[growth])])
    assert "5.4%" in html
    assert "between 4.9% and 6.0%" in html


def test_a_run_without_any_answer_still_has_a_page():
    left_out = SkippedRecord(
        section="D1", title="How many? (D1)", needs=["opportunities"], reason="needs it", mend="export the deals"
    )
    html = render_index(ReportFacts(company="X", as_of=example.AS_OF, started_at="t"), [file(skipped=[left_out])])
    for words in ("no question could be answered", "No key figure", "Export the deals.", "No chapter found a reason"):
        assert words in html


def test_links_lead_to_the_run_and_only_to_pages_that_are_there():
    html = render_index(example.facts(), example.results())
    assert 'href="runs/2026-10-01T06-30-00/html/data.html"' in html
    assert "icp_segmentation" not in html
    assert 'href="html/data.html"' in render_index(example.facts(), example.results(), base="")


@pytest.mark.parametrize(("titles", "said"), [({"won_years": "Auftragswert nach Jahren"}, ": Auftragswert nach Jahren<"), ({}, ": won years<")])
def test_a_table_is_linked_by_its_title(titles, said):
    results = file(tables={"won_years": "tables/data/won_years.csv"}, table_titles=titles)
    assert said in render_index(example.facts(), [results])


@pytest.mark.parametrize(
    ("key", "group", "place", "name"),
    [
        ("win_rate", (), 0, "Win rate"),
        ('win_rate.region="DA.CH=\\"x\\""', (("region", 'DA.CH="x"'),), 0, "Win rate"),
        ('lead_to_customer.lead_source="Messe"', (("lead source", "Messe"),), 5, "Lead to customer"),
        ("effect.win_rate", (), 9, "Effect of alignment: Win rate"),
        ("effect.churn_days", (), 10, "Effect of alignment: churn days"),
        ("own_measure", (), 15, "Own measure"),
    ],
)
def test_keys_are_read_as_the_contract_writes_them(key, group, place, name):
    assert (group_of(key), rank(key), kpi_name(key)) == (group, place, name)


def test_a_mend_with_ways_in_brackets_stays_whole():
    mend = "add a field (Salesforce: “Main”; HubSpot: “Competitor”), fill it at close; export the leads"
    skipped = SkippedRecord(section="W1", title="Whom do we meet?", needs=["opportunities.competitor"], reason="needs it", mend=mend)
    [gap] = gaps([file("competitors", skipped=[skipped])])
    assert gap.mends == ("add a field (Salesforce: “Main”; HubSpot: “Competitor”), fill it at close", "export the leads")
