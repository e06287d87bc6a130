"""The register of published figures and its arithmetic."""

from datetime import date

import pytest

from workbook.analyses.alignment_impact import evidence, figures, published_figures, tables
from workbook.analyses.alignment_impact import plausibility as sums
from workbook.analyses.alignment_impact.register import Claim
from workbook.kpis import KPIS
from workbook.text import render

AS_OF = date(2026, 9, 30)


def answer(claims):
    return evidence.analyse(claims, evidence.EvidenceParams(), as_of=AS_OF)


@pytest.fixture(scope="module")
def result():
    return answer(published_figures())


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (sums.raised(0.80, 0.36), 1.088),  # 80 % retention raised literally by 36 %
        (sums.with_fewer_losses(0.80, 0.36), 0.872),  # 20 lost of 100 become 12.8
        (sums.smallest_churn(0.36), 1 - 1 / 1.36),  # 26.5 %
        (sums.highest_start(1.08), 1 / 2.08),
        (sums.highest_start(-0.2), 1.0),  # a fall has no ceiling
        (sums.growth_multiple(0.2, -0.04, 5), 3.0518),  # 2.48832 / 0.8153727
        (sums.years_as_customer(0.89), 1 / 0.11),
        (sums.per_year(0.331, 3), 0.10),  # 1.1³ = 1.331
        (sums.over_a_year(0.2), 1.0736),  # 1.2⁴
    ],
)
def test_sums_done_on_paper(value, expected):
    assert value == pytest.approx(expected, abs=5e-5)


def test_a_rate_at_its_ceiling_reaches_exactly_one():
    for change in (0.1, 0.36, 1.08, 2.0):
        assert sums.raised(sums.highest_start(change), change) == pytest.approx(1.0)


def test_register_holds_the_rows_of_the_source(result):
    rows = result.claims.set_index("key")
    assert len(rows) == 18
    assert rows["ref"].notna().sum() == 16
    assert rows["grade"].value_counts().to_dict() == {"D": 15, "C": 2, "E": 1}
    assert set(rows.index[rows["selected_on_outcome"]]) == {"growth_gap", "omnichannel_retention"}
    assert rows.loc["growth_gap", "n"] == 453
    assert set(rows["kpi"].dropna()) & set(KPIS)


def test_the_36_per_cent_case_is_worked_out(result):
    words = render(result.claims.set_index("key").loc["retention", "implied"])
    assert all(part in words for part in ("108.8%", "87.2%", "26.5%", "80%"))


def test_the_example_is_a_parameter():
    params = evidence.EvidenceParams(retention_example=0.7)
    rows = evidence.analyse(published_figures(), params, as_of=AS_OF).claims.set_index("key")
    assert "95.2%" in render(rows.loc["retention", "implied"])  # 0.7 × 1.36


def test_grades_add_up_to_all_figures(result):
    assert result.grades["claims_count"].sum() == len(result.claims)
    assert list(result.grades["grade"]) == ["A", "B", "C", "D", "E"]


def test_the_finding_counts_what_the_register_says(result):
    words = render(result.finding)
    assert "None of the 18" in words
    assert f"For {int((~result.claims['is_traced']).sum())} " in words
    assert result.checks[0].status == "review"


def test_a_strong_study_changes_the_verdict():
    strong = Claim(key="trial", claim="A trial.", traced="Found.", grade="A", is_traced=True)
    found = answer((*published_figures(), strong))
    assert found.checks[0].status == "pass"
    assert render(found.finding).startswith("1 of the 19")
    assert found.claims["grade"].iloc[0] == "A"


def test_an_empty_register_is_refused():
    assert answer(()).refused is not None


def test_tables_and_figures_show_what_was_found(result):
    assert len(tables.evidence(result).data) == 18
    assert tables.grades(result).data["claims_count"].sum() == 18
    assert figures.by_grade(result).data["claims_count"].sum() == 18
    drawn = figures.ceilings(result).data
    assert drawn["ceiling"].between(0, 1).all()
    assert drawn["ceiling"].is_monotonic_increasing
