"""How each published case is computed: data in, quantities by name out, through the functions the notebooks call."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

import pandas as pd

from tests.analyses.data.frames import ask, deals
from workbook.analyses.data import velocity as velocity_question
from workbook.stats import (
    accuracy,
    clustering,
    concentration,
    correspondence,
    did,
    diffusion,
    dropout,
    forecast,
    interrupted,
    meta_analysis,
    paired_comparison,
    panel,
    proportion,
    repeat_buying,
    retention,
    spend_per_purchase,
    staggered,
    survival,
    synthetic_control,
    synthetic_did,
)
from workbook.stats import logit as logistic
from workbook.stats import rfm as rfm_scores
from workbook.stats.survival_comparison import compare_survival, cox

from .loader import data


def surv_gehan() -> dict[str, float]:
    rows = pd.read_csv(data("surv_gehan/gehan.csv"))
    groups = {
        name: survival.count_durations(group["time"], group["cens"].astype(bool))
        for name, group in rows.groupby("treat")
    }
    curve = survival.kaplan_meier(groups["6-MP"])
    is_control = pd.DataFrame({"control": (rows["treat"] == "control").astype(float)})
    effect = cox(rows["time"], rows["cens"], is_control).coefficients.iloc[0]
    shares = {f"KM S({t})": curve.at(t).value for t in (6, 7, 10, 13, 16, 22, 23)}
    return shares | {
        "logrank chi2": compare_survival(groups).statistic,
        "Wilcoxon chi2": compare_survival(groups, "gehan").statistic,
        "Cox beta": effect["coefficient"],
        "SE": effect["standard_error"],
    }


def prop_wilson() -> dict[str, float]:
    quantities = {}
    for row in pd.read_csv(data("prop_wilson/single.csv")).itertuples():
        span = proportion.wilson(row.k, row.n)
        quantities |= {f"{row.k}/{row.n} lo": span.low, f"{row.k}/{row.n} hi": span.high}
    return quantities


def hhi() -> dict[str, float]:
    content: dict[str, Any] = json.loads(data("hhi.json").read_text(encoding="utf-8"))
    assert content
    return {
        "30/30/20/20": concentration.hhi([30, 30, 20, 20]),
        "merge 5+10 delta": concentration.merger_delta(5, 10),
    }


def fc_ausbeer() -> dict[str, float]:
    beer = pd.read_csv(data("fc_ausbeer/ausbeer.csv"))
    train = beer.loc[beer["time"].between(1992, 2007.75), "value"]
    test = beer.loc[beer["time"].between(2008, 2010.25), "value"]
    quantities = {}
    for name, method in {"mean": "mean", "naive": "naive", "snaive": "seasonal_naive"}.items():
        predicted = forecast.forecast(train, method, len(test), season=4).mean
        measures = accuracy.accuracy(test, predicted, train, season=4)
        quantities |= {
            f"{name} {key.upper()}": getattr(measures, key) for key in ("rmse", "mae", "mape", "mase")
        }
    return quantities


def fc_oil() -> dict[str, float]:
    oil = pd.read_csv(data("fc_oil/oil.csv"))
    fit = forecast.forecast(oil.loc[oil["time"].between(1996, 2013), "value"], "ses", 1)
    return {"alpha": fit.parameters["alpha"], "l0": fit.parameters["initial_level"], "fc": fit.mean[0]}


def did_cardkrueger() -> dict[str, float]:
    stores = pd.read_csv(data("did_cardkrueger/card_krueger.csv")).dropna(subset=["fte"])
    outcome, treated, after, unit = (stores[name] for name in ("fte", "nj", "d", "id"))
    everyone = did.two_by_two(outcome, treated, after, unit)
    balanced = did.two_by_two(outcome, treated, after, unit, balanced=True)
    means = everyone.means.set_index(["is_treated", "is_after"])["mean"]
    return {
        "PA before": means[False, False],
        "NJ before": means[True, False],
        "PA after": means[False, True],
        "NJ after": means[True, True],
        "DiD": everyone.value,
        "DiD bal": balanced.value,
        "SE bal": balanced.standard_error,
    }


def cs_mpdta() -> dict[str, float]:
    rows = pd.read_csv(data("cs_mpdta/mpdta.csv"))
    fit = staggered.staggered(
        panel.build_panel(rows["lemp"], rows["countyreal"], rows["year"], rows["first.treat"])
    )
    overall = fit.overall.set_index("aggregation")
    events = fit.event_study.set_index("event_time")["estimate"]
    return (
        {name: overall.loc[name, "estimate"] for name in ("simple", "dynamic", "group", "calendar")}
        | {f"ATT(e={e})": events[e] for e in range(-3, 4)}
        | {"SE simple (analytic)": overall.loc["simple", "analytic_standard_error"]}
    )


def rfm_orders() -> dict[str, float]:
    orders = pd.read_csv(data("rfm_orders/rfm_data_orders.csv"))
    scored = rfm_scores.rfm(
        orders["customer_id"], orders["order_date"], orders["revenue"], date(2006, 12, 31)
    )
    scores = scored.customers.set_index("customer_id")["rfm_score"]
    names = ("Abbey O'Reilly", "Add Senger", "Aden Lesch", "Aden Murphy", "Admiral Senger")
    return {name: float(scores[name]) for name in names}


def clust_iris() -> dict[str, float]:
    iris = pd.read_csv(data("clust_iris/iris.csv"))
    numbers, species = iris.drop(columns="Species"), iris["Species"]
    two, three = (clustering.k_means(numbers, k, seed=1, starts=25, standardise=False) for k in (2, 3))
    mix_two, mix_three = (clustering.gaussian_mixture(numbers, k, seed=1, starts=25) for k in (2, 3))
    return {
        "tot.withinss": three.within_sum_squares,
        "between/total": three.between_share,
        "silhouette k3": three.silhouette,
        "ARI k3": clustering.adjusted_rand(three.labels, species),
        "silhouette k2": two.silhouette,
        "GMM BIC k2": mix_two.bic,
        "GMM BIC k3": mix_three.bic,
        "GMM3 ARI": clustering.adjusted_rand(mix_three.labels, species),
    }


def logit_default() -> dict[str, float]:
    rows = pd.read_csv(data("logit_default/default.csv"))
    outcome = rows["default"] == "Yes"
    simple = logistic.logit(outcome, rows[["balance"]])
    columns = rows[["balance", "income"]].assign(st=(rows["student"] == "Yes").astype(float))
    multiple = logistic.logit(outcome, columns).coefficients.set_index("name")["coefficient"]
    one = simple.coefficients.set_index("name")["coefficient"]
    chance = simple.predict(pd.DataFrame({"balance": [1000.0, 2000.0]}))["probability"]
    return {
        "simple: Intercept": one["intercept"],
        "simple: balance": one["balance"],
        "simple: P(1000)": chance[0],
        "simple: P(2000)": chance[1],
        "multiple: Intercept": multiple["intercept"],
        "multiple: balance": multiple["balance"],
        "multiple: st": multiple["st"],
    }


def its_prop99() -> dict[str, float]:
    rows = pd.read_csv(data("synth_prop99/smoking_named.csv"))
    rows = rows[rows["state_name"] == "California"]
    table = interrupted.interrupted_series(rows["year"], rows["cigsale"], 1989).coefficients
    named = table.assign(name=["Intercept", "t", "x", "xt"]).set_index("name")
    return dict(named["coefficient"]) | {f"SE {k}": v for k, v in named["standard_error"].items()}


def prop99_abadie() -> dict[str, float]:
    rows = pd.read_csv(data("synth_prop99/smoking_named.csv"))
    state = rows["state_name"].rename("state")
    predictors = pd.DataFrame({
        **{f"{name} {first}": rows[rows["year"].between(first, 1988)].groupby(state)[name].mean()
           for name, first in (("lnincome", 1980), ("age15to24", 1980), ("retprice", 1980), ("beer", 1984))},
        **{f"cigsale {year}": rows[rows["year"] == year].groupby(state)["cigsale"].mean() for year in (1988, 1980, 1975)},
    })  # fmt: skip
    weights = pd.Series({"Utah": 0.334, "Nevada": 0.234, "Montana": 0.199, "Colorado": 0.164, "Connecticut": 0.069})
    compared = synthetic_control.balance(predictors, weights, "California")["synthetic"]
    return {f"synthetic {name}": float(value) for name, value in compared.items()}


def prop99_sdid() -> dict[str, float]:
    rows = pd.read_csv(data("sdid_prop99/california_prop99.csv"), sep=";")
    start = rows["State"].map({"California": 1989.0})
    states = panel.build_panel(rows["PacksPerCapita"], rows["State"], rows["Year"], start)
    fit = synthetic_did.synthetic_did(states)
    return {"DID": fit.plain, "SC (outcome-only)": synthetic_control.synthetic_control(states).value, "SDID": fit.value}


def sbg_highend() -> dict[str, float]:
    rows = pd.read_csv(data("sbg/high_end.csv"))
    fit = retention.fit_sbg(rows.loc[rows["year"] <= 7, "high_end_pct"])
    return {"alpha": fit.alpha, "beta": fit.beta, "LL_per_cust": fit.log_likelihood_per_customer}


def cdnow_bgnbd() -> dict[str, float]:
    rows = pd.read_csv(data("cdnow_bgnbd/cdnow_customers_summary.csv"))
    fit = repeat_buying.fit_bg_nbd(rows["frequency"], rows["recency"], rows["T"])
    expected = fit.expected_orders([2], [30.43], [38.86], 39)[0]
    fitted = {"r": fit.r, "alpha": fit.alpha, "a": fit.a, "b": fit.b, "logLik": fit.log_likelihood}
    return fitted | {"E[Y(39)|x=2,tx=30.43,T=38.86]": expected}


def cdnow_gammagamma() -> dict[str, float]:
    rows = pd.read_csv(data("cdnow_bgnbd/cdnow_customers_summary_with_monetary.csv"))
    repeat = rows[rows["frequency"] > 0]
    fit = spend_per_purchase.fit_gamma_gamma(repeat["frequency"], repeat["monetary_value"])
    first = fit.expected(rows["frequency"].head(3), rows["monetary_value"].head(3))
    return {"p": fit.p, "q": fit.q, "v": fit.v} | {f"E[M|cust{i}]": value for i, value in enumerate(first, start=1)}


def cdnow_paretonbd() -> dict[str, float]:
    rows = pd.read_csv(data("cdnow_bgnbd/cdnow_customers_summary.csv"))
    fit = dropout.fit_pareto_nbd(rows["frequency"], rows["recency"], rows["T"])
    one = ([26], [30.86], [31])
    fitted = {"r": fit.r, "alpha": fit.alpha, "s": fit.s, "beta": fit.beta}
    return fitted | {"E[52wk|26,30.86,31]": fit.expected_orders(*one, 52)[0], "P(alive|26,30.86,31)": fit.probability_active(*one)[0]}


def bass_vcr() -> dict[str, float]:
    fit = diffusion.fit_bass(pd.read_csv(data("bass_vcr/vcr.csv"))["sales_thousand"])
    return {"m": fit.market, "p": fit.innovation, "q": fit.imitation}


def ca_smoke() -> dict[str, float]:
    fit = correspondence.correspondence(pd.read_csv(data("ca_smoke/smoke.csv"), index_col=0))
    return {f"inertia{axis}": value for axis, value in enumerate(fit.inertia, start=1)}


def meta_bcg() -> dict[str, float]:
    rows = pd.read_csv(data("meta_bcg/bcg.csv"))
    fit = meta_analysis.random_effects(rows["yi"], rows["vi"])
    return {"REML est": fit.value, "REML se": fit.standard_error, "REML tau2": fit.tau2, "I2": fit.i2, "Q": fit.q}


def bt_citations() -> dict[str, float]:
    wins = pd.read_csv(data("bt_citations/citations_cited_by_citing.csv"), index_col=0)
    table = paired_comparison.bradley_terry(wins, "Biometrika").set_index("name")["ability"]
    return dict(table.drop("Biometrika"))


def velocity() -> dict[str, float]:
    """Through the chapter's own question: so many open deals, and decided ones with the stated rate, amount and cycle."""
    told = json.loads(data("sales_saas.json").read_text(encoding="utf-8"))["velocity"][0]
    ends = [date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=told["cycle_days"])]
    closed = {"amount": told["deal"], "currency": "EUR", "created_on": ends[0], "closed_on": ends[1]}
    won = round(told["win"] * 100)
    rows = [{"status": "open"}] * told["opps"] + [closed | {"status": "won"}] * won + [closed | {"status": "lost"}] * (100 - won)
    return {"per day": ask(velocity_question, deals(*rows)).headline("velocity").value}


COMPUTE: Final[dict[str, Callable[[], dict[str, float]]]] = {
    case.__name__: case
    for case in (
        bass_vcr, bt_citations, ca_smoke, cdnow_bgnbd, cdnow_gammagamma, cdnow_paretonbd, clust_iris, cs_mpdta,
        did_cardkrueger, fc_ausbeer, fc_oil, hhi, its_prop99, logit_default, meta_bcg, prop99_abadie, prop99_sdid,
        prop_wilson, rfm_orders, sbg_highend,
        surv_gehan, velocity,
    )
}  # fmt: skip

NOT_YET: Final[dict[str, str]] = {
    "attribution_c123": "comes with the attribution chapter",
    "finance": "comes with the finance part of the pricing chapter",
    "nps_hat": "comes with customer value",
    "nrr_grr": "comes with customer value",
    "queue_mm1_bronson_23_3": "comes with the queueing part of smarketing",
    "queue_mm1_wsc": "comes with the queueing part of smarketing",
}
