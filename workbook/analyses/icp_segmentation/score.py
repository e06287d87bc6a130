"""What a score of leads and one of deals have in common: settings, result, the way from rows to an answer in words. Pure.

Earlier cases make the card, later ones test it. Without enough later successes, or without dates, the card is shown as
unvalidated and nothing follows from it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from pydantic import Field

from workbook.analyses.icp_segmentation.score_fields import Chosen, choose, field_name
from workbook.analyses.icp_segmentation.score_validation import Validation, card_of, is_flat, split_on, validate
from workbook.params import Params, Share
from workbook.results import Action, Check, Headline, Result, clean_float, group_key
from workbook.stats.errors import CannotEstimate
from workbook.stats.multiplicity import benjamini_hochberg
from workbook.stats.scorecard import Scorecard
from workbook.text import Message, day, msg, nmsg, number, ratio, share, span

KPI = "score_auc"
BAND_MIN = 10  # cases in a band below which its rate is no headline


class ScoreParams(Params):
    """test_share: of the cases, the latest, that test the score; up to half where that is needed for `test_events_min`.

    train_events_min, test_events_min: of successes and of failures, below which there is no score, or no test.
    events_per_parameter: successes behind each value. value_min_count: earlier cases behind a value. fill_min: of a field.
    firm_fields_min: with that many fields known at creation, fields without history stay out. fields: only these (they must
    not leak); `account__` before those of the company. rows_max: the latest cases.
    """

    confidence: Share = 0.95
    false_discovery_rate: Share = 0.05
    seed: int = 7
    test_share: Share = 0.3
    train_events_min: int = Field(default=20, ge=5)
    test_events_min: int = Field(default=30, ge=5)
    events_per_parameter: int = Field(default=10, ge=5)
    value_min_count: int = Field(default=30, ge=5)
    fill_min: Share = 0.2
    firm_fields_min: int = Field(default=2, ge=1)
    fields: tuple[str, ...] = ()
    rows_max: int = Field(default=50_000, ge=100)
    action_days: int = Field(default=45, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreResult(Result):
    """A score. subject: "lead" or "deal". chosen: the fields; card: points per value; validation: None where not tested.

    tested_from: first day of the later cases. is_better_than_chance, is_challenger_better: after the false-discovery control.
    is_validated: tested on later cases, with fields known when the case was created.
    """

    subject: str = "lead"
    chosen: Chosen | None = None
    card: Scorecard | None = None
    validation: Validation | None = None
    tested_from: date | None = None
    is_better_than_chance: bool = False
    is_challenger_better: bool = False
    is_validated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is scored, in words. key: "lead" or "deal"; kpi: of the rate in a band; did, did_not: the outcome, in a sentence."""

    key: str
    frame: str
    kpi: str
    cases: Message
    did: Message
    owner_role: Message
    what: Message


def answer(rows: pd.DataFrame, subject: Subject, params: ScoreParams, as_of: date) -> ScoreResult:
    """Choose fields, fit the card on earlier cases, test it on later ones, say it. rows: of `scoring_rows`."""
    refused = _refusal(rows, subject, params)
    if refused is not None:
        return ScoreResult(refused=refused, certainty="open", subject=subject.key)
    earlier, untested = _earlier(rows, params)
    chosen, values = choose(rows, earlier, subject.frame, params)
    if not chosen.used:
        reason = msg("no field known at creation can be used; the table of fields says why")
        return ScoreResult(refused=reason, certainty="open", subject=subject.key, chosen=chosen, checks=(_leakage(chosen, params),))
    try:
        card = card_of(rows, values, earlier)
    except CannotEstimate:
        reason = msg("the fields known at creation do not vary enough to weigh them")
        return ScoreResult(refused=reason, certainty="open", subject=subject.key, chosen=chosen, checks=(_leakage(chosen, params),))
    if is_flat(values if untested is not None else values[~earlier], card):
        reason = msg("no score: what is known at creation ({fields}) gives all {cases} the same points", fields=_fields(chosen), cases=subject.cases)
        return ScoreResult(refused=reason, certainty="open", subject=subject.key, chosen=chosen, checks=(_leakage(chosen, params),))
    if untested is not None:
        return _untested(chosen, card, subject, untested, params)
    found = validate(rows, values, earlier, card, (params.confidence, params.seed))
    return _tested(chosen, card, found, (subject, pd.to_datetime(rows.loc[~earlier, "created_on"]).min().date(), as_of), params)


def _refusal(rows: pd.DataFrame, subject: Subject, params: ScoreParams) -> Message | None:
    if rows.empty:
        return msg("there are no {cases} whose outcome is known and that are old enough to be judged", cases=subject.cases)
    hits = int(rows["is_hit"].astype(bool).sum())
    if min(hits, len(rows) - hits) < params.train_events_min:
        return msg(
            "a score needs at least {minimum} {cases} of each outcome; {hits} of {n} {did}",
            minimum=params.train_events_min, cases=subject.cases, did=subject.did, hits=hits, n=len(rows),
        )  # fmt: skip
    return None


def _earlier(rows: pd.DataFrame, params: ScoreParams) -> tuple[pd.Series, Message | None]:
    """Return which cases make the card, and why none is left to test it (None: the others do)."""
    everything, hit = pd.Series(True, index=rows.index), rows["is_hit"].astype(bool)
    created = pd.to_datetime(rows["created_on"])
    if created.isna().all():
        return everything, msg("no creation dates: earlier and later cases cannot be told apart")
    for part in (params.test_share, (params.test_share + 0.5) / 2, 0.5):
        start = split_on(created, part)
        if start is None:
            continue
        later = created >= start
        counts = [int((later & hit).sum()), int((later & ~hit).sum())]
        before = [int((~later & hit).sum()), int((~later & ~hit).sum())]
        if min(counts) >= params.test_events_min and min(before) >= params.train_events_min:
            return ~later, None
    return everything, msg("fewer than {minimum} later cases of each outcome", minimum=params.test_events_min)


def _leakage(chosen: Chosen, params: ScoreParams) -> Check:
    """Fail where the settings ask for a field that leaks; review where leaking fields were found and left out, or time is not proven."""
    key = "score_fields_are_known_when_scored"
    leaks = chosen.table[chosen.table["is_leak"]]
    asked = [str(field) for field in leaks["field"] if field in params.fields]
    if asked:
        reason = msg("The settings ask for {fields}, which gives the outcome away; it is left out.", fields=tuple(field_name(f) for f in asked))
        return Check(key=key, status="fail", reason=reason)
    if chosen.undated:
        reason = msg("Nothing in the data says when {fields} was filled in; until that is known the score is unvalidated.",
                     fields=tuple(field_name(f) for f in chosen.undated))  # fmt: skip
        return Check(key=key, status="review", reason=reason)
    if len(leaks):
        reason = nmsg("{n} field is left out of the score because it gives the outcome away: {fields}.",
                      "{n} fields are left out of the score because they give the outcome away: {fields}.", len(leaks),
                      fields=tuple(field_name(f) for f in leaks["field"]))  # fmt: skip
        return Check(key=key, status="review", reason=reason)
    return Check(key=key, status="pass", reason=msg("All fields of the score are known at creation."))


def _untested(chosen: Chosen, card: Scorecard, subject: Subject, why: Message, params: ScoreParams) -> ScoreResult:
    untested = Check(key="score_is_tested_on_later_cases", status="review", reason=msg("The score is not tested: {why}.", why=why))
    return ScoreResult(
        subject=subject.key, chosen=chosen, card=card, certainty="open",
        checks=_named(subject, _leakage(chosen, params), untested),
        finding=msg("Unvalidated: a scorecard from {fields} can be drawn up, but not tested – {why}.",
                    fields=_fields(chosen), why=why),
        brief=msg("A score of {cases} cannot be tested yet: {why}.", cases=subject.cases, why=why),
        no_action=msg("an untested score should not decide who is called first"),
    )  # fmt: skip


def _fields(chosen: Chosen) -> tuple[Message | str, ...]:
    return tuple(field_name(field) for field in chosen.used)


Told = tuple[Subject, date, date]  # subject, first day of the later cases, reporting date


def _tested(chosen: Chosen, card: Scorecard, found: Validation, told: Told, params: ScoreParams) -> ScoreResult:
    subject, start, as_of = told
    adjusted = benjamini_hochberg([found.auc.p_value, found.difference.p_value])
    is_better = bool(adjusted[0] <= params.false_discovery_rate) and found.auc.value > 0.5
    is_beaten = bool(adjusted[1] <= params.false_discovery_rate) and found.difference.value > 0
    is_validated = is_better and not chosen.undated
    result = ScoreResult(
        subject=subject.key, chosen=chosen, card=card, validation=found, tested_from=start, is_better_than_chance=is_better,
        is_challenger_better=is_beaten, is_validated=is_validated,
        certainty="open" if not is_validated else "firm" if found.auc.events >= 100 and not found.auc.few_clusters else "likely",
    )  # fmt: skip
    actions = _actions(result, subject, as_of, params)
    return replace(
        result,
        headlines=_headlines(found, subject, params),
        checks=_named(subject, _leakage(chosen, params), _tested_check(found), _calibrated(found), _bands_check(found)),
        finding=_finding(result, subject),
        brief=_brief(result, subject),
        limits=_limits(result, subject),
        actions=actions,
        no_action=None if actions else _no_action(result),
    )


def _named(subject: Subject, *checks: Check) -> tuple[Check, ...]:
    return tuple(replace(check, key=group_key(check.key, score=subject.key)) for check in checks)


def band_key(kpi: str, band: str) -> str:
    """Return the headline key of the rate in a band."""
    return group_key(kpi, score_band=band)


def _headlines(found: Validation, subject: Subject, params: ScoreParams) -> tuple[Headline, ...]:
    area = found.auc
    heads = [Headline(key=group_key(KPI, score=subject.key), kpi=KPI, value=clean_float(area.value), low=clean_float(area.low),
                      high=clean_float(area.high), level=params.confidence, unit="ratio", n=area.n)]  # fmt: skip
    bands = [row for row in found.bands.to_dict("records") if row["n"] >= BAND_MIN]
    heads += [
        Headline(key=band_key(subject.kpi, row["band"]), kpi=subject.kpi, value=row["rate"], low=row["low"], high=row["high"],
                 level=params.confidence, unit="share", n=row["n"])
        for row in bands
    ]  # fmt: skip
    return tuple(heads)


def _tested_check(found: Validation) -> Check:
    few = found.auc.few_clusters
    reason = msg(
        "The score is tested on {n} later cases, {events} of them successes{few}.", n=found.auc.n, events=found.auc.events,
        few=msg(", from fewer than ten owners or accounts") if few else "",
    )  # fmt: skip
    return Check(key="score_is_tested_on_later_cases", status="review" if few else "pass", reason=reason)


def _calibrated(found: Validation) -> Check:
    """Pass where slope 1 and gap 0 lie inside their intervals."""
    own, key = found.calibration, "predictions_come_true"
    if own.reason is not None:
        return Check(key=key, status="not_applicable", reason=msg("All later cases have the same prediction; there is nothing to compare."))
    good = own.slope_interval.contains(1.0) and own.gap_interval.contains(0.0)
    reason = msg(
        "Predicted {predicted}, observed {observed} of the later cases; calibration slope {slope} (range {range}, 1 is right).",
        predicted=share(own.predicted), observed=share(own.observed), slope=ratio(own.slope),
        range=span(own.slope_interval.low, own.slope_interval.high, "ratio"),
    )  # fmt: skip
    return Check(key=key, status="pass" if good else "review", reason=reason)


def _bands_check(found: Validation) -> Check:
    """Review where a better band did no better than the next one."""
    rates = found.bands.loc[found.bands["n"] >= BAND_MIN, "rate"].to_numpy(float)
    falls = bool((np.diff(rates) <= 0).all())
    reason = msg("Each band did at least as well as the next one.") if falls else msg("A better band did worse than the next one: read the bands together.")
    return Check(key="bands_are_in_order", status="pass" if falls else "review", reason=reason)


def _finding(result: ScoreResult, subject: Subject) -> Message:
    found, chosen = result.validation, result.chosen
    assert found is not None and chosen is not None
    area: dict[str, Any] = {"auc": ratio(found.auc.value), "range": span(found.auc.low, found.auc.high, "ratio"), "n": found.auc.n, "cases": subject.cases}
    if not result.is_better_than_chance:
        return msg(
            "No score to rely on: what is known at creation ({fields}) ranks the {n} later {cases} no better than chance "
            "(AUC {auc}, range {range}; 0.5 is chance).", fields=_fields(chosen), **area,
        )  # fmt: skip
    best = found.bands.iloc[0]
    rate = {"best": share(float(best["rate"])), "best_range": span(float(best["low"]), float(best["high"]), "share"), "base": share(found.base.value)}
    if result.is_challenger_better:
        return msg(
            "The score ranks {n} later {cases} better than chance (AUC {auc}, range {range}); in band A {best} {did} (range {best_range}), "
            "{base} of all. A boosted model ranks better still, by {gain}: fields act together in a way that points cannot show.",
            did=subject.did, gain=span(found.difference.low, found.difference.high, "ratio"), **area, **rate,
        )  # fmt: skip
    return msg(
        "The score ranks {n} later {cases} better than chance (AUC {auc}, range {range}); in band A {best} {did} (range {best_range}), "
        "{base} of all. A boosted model is not reliably better, so the scorecard stays.", did=subject.did, **area, **rate,
    )  # fmt: skip


def _brief(result: ScoreResult, subject: Subject) -> Message:
    found = result.validation
    assert found is not None
    if not result.is_better_than_chance:
        return msg("What is known at creation does not tell which {cases} will succeed (AUC {auc}, range {range}).", cases=subject.cases,
                   auc=ratio(found.auc.value), range=span(found.auc.low, found.auc.high, "ratio"))  # fmt: skip
    best = found.bands.iloc[0]
    said: dict[str, Any] = {
        "cases": subject.cases, "did": subject.did, "best": share(float(best["rate"])),
        "range": span(float(best["low"]), float(best["high"]), "share"), "base": share(found.base.value),
    }  # fmt: skip
    if not result.is_validated:
        return msg("Unvalidated: of {cases} in score band A {best} {did} (range {range}), of all later ones {base}.", **said)
    return msg("Of {cases} in score band A {best} {did} (range {range}), of all later ones {base}.", **said)


def _limits(result: ScoreResult, subject: Subject) -> tuple[Message, ...]:
    found, chosen = result.validation, result.chosen
    assert found is not None and chosen is not None and result.tested_from is not None
    own = found.calibration
    limits = [
        msg("Fitted on {cases} created before {start}, tested on those since; of a success and a failure the success has more points in {auc} of the pairs.",
            cases=subject.cases, start=day(result.tested_from), auc=share(found.auc.value, 0)),
        msg("Squared error of the predictions (Brier score) {brier}; with one rate for all it would be {reference} (gain {range}).",
            brier=number(own.brier, 4), reference=number(own.brier_reference, 4),
            range=span(own.gain_interval.low / own.brier_reference, own.gain_interval.high / own.brier_reference, "share")),
        msg("A score says who is likely to succeed, not whom a call would change; no field on people is used."),
    ]  # fmt: skip
    if chosen.undated and result.is_better_than_chance:
        limits.insert(0, msg("Unvalidated: {fields} may have been filled in after the outcome was known.", fields=tuple(field_name(f) for f in chosen.undated)))
    return tuple(limits)


def _actions(result: ScoreResult, subject: Subject, as_of: date, params: ScoreParams) -> tuple[Action, ...]:
    """Act on band A where the score is validated and band A is better than all later cases by more than its range."""
    found = result.validation
    if found is None or not result.is_validated or not float(found.bands.iloc[0]["low"]) > found.base.value:
        return ()
    return (
        Action(
            key=group_key("work_by_score", score=subject.key), what=subject.what, owner_role=subject.owner_role,
            due_on=as_of + timedelta(days=params.action_days), watch_kpi=subject.kpi,
            evidence=(group_key(KPI, score=subject.key), band_key(subject.kpi, "A")),
        ),
    )  # fmt: skip


def _no_action(result: ScoreResult) -> Message:
    if not result.is_better_than_chance:
        return msg("a score that ranks no better than chance should not decide who is called first")
    if not result.is_validated:
        return msg("first record when these fields are filled in; an unvalidated score should not decide who is called first")
    return msg("band A does not stand out clearly enough from the rest")


