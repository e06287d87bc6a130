"""What was put in can be found again by direct computation, within about three standard errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from workbook.demo import Company
from workbook.demo.latent import Latent
from workbook.demo.nordwehr import NORDWEHR


@pytest.fixture(scope="module")
def decided(latent: Latent) -> pd.DataFrame:
    deals = latent.deals[latent.deals["status"].isin(["won", "lost"])]
    return deals.assign(won=(deals["status"] == "won").astype(float))


@pytest.fixture(scope="module")
def model(decided: pd.DataFrame) -> Any:
    """A logit of everything that was put in but account and owner effects."""
    rivals = decided["rivals"].map(lambda names: names[0] if names else "none")
    single = decided.assign(
        rival=rivals,
        years=decided["created"].dt.year.astype(str),
        budget=decided["budget"] * 1.0,
        champion=decided["champion"] * 1.0,
        expansion=decided["is_expansion"] * 1.0,
    )
    single = single[decided["rivals"].map(len) < 2]
    formula = "won ~ C(segment) + C(segment):price + C(region) + C(years) + C(rival, Treatment('none')) + ramp"
    return smf.logit(f"{formula} + need + budget + champion + expansion", single).fit(disp=0)


def test_programme_effect_is_recovered(model: Any) -> None:
    assert model.params["ramp"] == pytest.approx(NORDWEHR.programme.win, abs=3 * model.bse["ramp"])


@pytest.mark.parametrize("rival", NORDWEHR.competitors, ids=lambda c: c.name)
def test_competitor_effects_are_recovered(model: Any, rival: Any) -> None:
    name = f"C(rival, Treatment('none'))[T.{rival.name}]"
    assert model.params[name] == pytest.approx(rival.effect, abs=3 * model.bse[name])


@pytest.mark.parametrize(("position", "segment"), list(enumerate(NORDWEHR.segments)), ids=lambda s: getattr(s, "name", s))
def test_price_elasticities_are_recovered(model: Any, position: int, segment: Any) -> None:
    name = f"C(segment)[{position}]:price"
    assert model.params[name] == pytest.approx(-segment.price, abs=3 * model.bse[name])


@pytest.mark.parametrize(
    ("name", "put_in"),
    [("need", NORDWEHR.need_fit), ("budget", NORDWEHR.budget), ("champion", NORDWEHR.champion)],
)
def test_quality_effects_are_recovered(model: Any, name: str, put_in: float) -> None:
    assert model.params[name] == pytest.approx(put_in, abs=3 * model.bse[name])


def _difference_in_differences(table: pd.DataFrame, outcome: pd.Series) -> tuple[float, float]:
    """Two-way fixed effects on region and quarter of creation: estimate and error clustered by region."""
    data = table.assign(
        y=outcome.to_numpy(float),
        t=(table["event_quarter"] >= 0).astype(float),
        q=table["created"].dt.to_period("Q").astype(str),
    )
    fit = smf.ols("y ~ t + C(region) + C(q)", data).fit(cov_type="cluster", cov_kwds={"groups": data["region"]})
    return float(fit.params["t"]), float(fit.bse["t"])


def test_win_rate_rises_with_the_programme(decided: pd.DataFrame, truth: dict[str, Any]) -> None:
    estimate, error = _difference_in_differences(decided, decided["won"])
    told = truth["alignment"]["win_rate"]
    assert estimate == pytest.approx(told["att"], abs=2.5 * error)
    assert estimate > 2 * error
    assert [q["quarter"] for q in told["by_quarter"]] == list(range(len(told["by_quarter"])))
    assert told["by_quarter"][0]["effect"] < told["by_quarter"][3]["effect"]


def test_acceptance_of_leads_rises_with_the_programme(latent: Latent, truth: dict[str, Any]) -> None:
    leads = latent.leads[latent.leads["mql"] < pd.Timestamp("2026-07-01")]
    estimate, error = _difference_in_differences(leads, leads["sql"].notna())
    assert estimate == pytest.approx(truth["alignment"]["mql_to_sql"]["att"], abs=2.5 * error)


def test_cycle_shortens_with_the_programme(decided: pd.DataFrame, truth: dict[str, Any]) -> None:
    estimate, error = _difference_in_differences(decided, np.log(decided["cycle_days"]))
    assert estimate == pytest.approx(np.log(truth["alignment"]["cycle_length"]["ratio"]), abs=2.5 * error)


def test_adoption_is_staggered_and_some_never_adopt(company: Company) -> None:
    units = company.frames["units"]
    adopted = units.groupby("unit")["adopted_on"].first()
    assert len(adopted) == 12 and adopted.isna().sum() == 3 and adopted.nunique() == 8
    assert set(adopted.index) == set(company.frames["opportunities"]["region"])


def test_retention_follows_the_segments(truth: dict[str, Any]) -> None:
    for segment in NORDWEHR.segments:
        told = truth["came_out"]["segments"][segment.name]
        # Chances are Beta distributed, so renewals of year t keep r_t = (b + t - 1) / (a + b + t - 1) (sBG):
        # all renewals together lie between the first and the fourth.
        churn, kept = 6.0 * (1 - segment.retention), 6.0 * segment.retention
        error = (segment.retention * (1 - segment.retention) / told["renewal_count"]) ** 0.5
        assert segment.retention - 3 * error < told["retention"] < (kept + 3) / (churn + kept + 3) + 3 * error


def test_segments_win_differently(truth: dict[str, Any]) -> None:
    rates = {name: told["win_rate"] for name, told in truth["came_out"]["segments"].items()}
    assert rates["machine builders"] > rates["intralogistics"] > rates["contract manufacturers"] + 0.05
    for told in truth["came_out"]["segments"].values():
        # Won deals are decided sooner: among decided ones the realised rate is a little higher.
        assert told["win_rate"] == pytest.approx(told["win_probability"], abs=0.06)


def test_owners_and_accounts_differ(truth: dict[str, Any]) -> None:
    effects = truth["came_out"]["design_effect"]
    assert 3 < effects["owner"] < 7 and 1.2 < effects["account"] < 2.5


def test_missing_depends_on_the_outcome(company: Company, truth: dict[str, Any]) -> None:
    deals = company.frames["opportunities"]
    for column, by_status in truth["put_in"]["missing"]["share_filled_by_status"].items():
        filled = deals[column].notna().groupby(deals["status"]).mean()
        for status, put_in in by_status.items():
            assert filled[status] == pytest.approx(put_in, abs=0.07), (column, status)


def test_market_grows_as_put_in(company: Company, truth: dict[str, Any]) -> None:
    market = company.frames["market"]
    turnover = market[(market["measure"] == "turnover") & market["segment"].notna()]
    for segment, growth in truth["put_in"]["market"]["growth_of_the_log_per_year"].items():
        series = turnover[turnover["segment"] == segment].groupby("year")["volume"].sum()
        slope = np.polyfit(series.index.to_numpy(float), np.log(series.to_numpy(float)), 1)[0]
        assert slope == pytest.approx(growth, abs=0.006)


def test_every_account_has_a_true_segment(company: Company, truth: dict[str, Any]) -> None:
    assert list(truth["segment_of_account"]) == list(company.frames["accounts"]["account_id"])
    assert set(truth["segment_of_account"].values()) == {s.name for s in NORDWEHR.segments}
