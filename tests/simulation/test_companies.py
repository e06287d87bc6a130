"""Two whole companies: every headline is answered, near its truth, and the same again for the same number."""

import numpy as np
import pytest

from tests.simulation.companies import HEADLINES, company_hits
from tests.simulation.company import CROWD, draw_company
from tests.simulation.trial import stream


@pytest.fixture(scope="module")
def company():
    return draw_company(stream("companies", 0))


def test_crowd_and_firm_follow_the_same_laws(company):
    """Same window, same chances; a quarter of the rate apart would be another law."""
    assert len(company.crowd) == CROWD
    rate, true = ((rows["end"] == "won").mean() for rows in (company.deals, company.crowd))
    assert rate == pytest.approx(true, rel=0.25)
    assert company.deals["days"].median() == pytest.approx(company.crowd["days"].median(), rel=0.25)
    assert (company.deals["status"] == "open").mean() == pytest.approx((company.crowd["status"] == "open").mean(), abs=0.05)


def test_without_a_programme_the_twin_is_the_deal(company):
    untreated = company.crowd[~company.crowd["is_treated"] & (company.crowd["end"] != "no_decision")]
    assert ((untreated["end"] == "won") == untreated["twin_won"]).all()


def test_every_headline_is_asked_and_answered():
    hits = company_hits(0)
    assert list(hits) == [headline.name for headline in HEADLINES]
    assert np.isfinite(list(hits.values())).all()
    assert company_hits(0) == hits
    assert np.nanmean([*hits.values(), *company_hits(1).values()]) > 0.7
