"""A scorecard fitted on earlier cases and tested on later ones that are old enough to be judged. Pure.

Card and boosted challenger meet the same later cases; the card that is tested is the card that is handed out. Cases of one
owner or account are alike: each interval is the widest of those that allow for it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbook.stats.boosting import boosted_probability
from workbook.stats.calibration import Calibration, calibration
from workbook.stats.discrimination import Auc, AucDifference, auc, auc_difference
from workbook.stats.proportion import Proportion, proportion
from workbook.stats.scorecard import Scorecard, scorecard

BANDS = ("A", "B", "C", "D")
BAND_QUANTILES = (0.8, 0.5, 0.2)
CURVE_PARTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """What the later cases say.

    auc: of the card; challenger: of the boosted model; difference: challenger less card, paired. bands: one row per band,
    best first: band, points_from, n, hits, rate, low, high, lift (to all later cases), lift_low, lift_high, hits_share. curve: one row per
    fifth of the predictions: predicted, observed, low, high, n. base: rate of all later cases.
    """

    auc: Auc
    challenger: Auc
    difference: AucDifference
    calibration: Calibration
    bands: pd.DataFrame
    curve: pd.DataFrame
    base: Proportion


def split_on(created: pd.Series, test_share: float) -> pd.Timestamp | None:
    """Return the day from which on cases count as later, so that at most `test_share` of them do; None without dates."""
    known = pd.to_datetime(created).dropna()
    days = known.value_counts().sort_index(ascending=False).cumsum()
    kept = days[days <= test_share * len(known)]
    return None if kept.empty else pd.Timestamp(kept.index[-1])


def card_of(rows: pd.DataFrame, values: pd.DataFrame, earlier: pd.Series) -> Scorecard:
    """Fit the card on the earlier cases. Raises `CannotEstimate`."""
    return scorecard(rows.loc[earlier, "is_hit"].astype(float), values[earlier])


def is_flat(values: pd.DataFrame, card: Scorecard) -> bool:
    """Tell whether every case gets the same points: then nothing is ranked, and an AUC of 0.5 would be no estimate."""
    return bool(len(np.unique(card.score(values))) < 2)


def validate(rows: pd.DataFrame, values: pd.DataFrame, earlier: pd.Series, card: Scorecard, settings: tuple[float, int]) -> Validation:
    """Test the card on the cases that are not `earlier`. settings: confidence level, seed."""
    level, seed = settings
    later = rows[~earlier]
    hit = later["is_hit"].astype(float).to_numpy()
    points = card.score(values[~earlier])
    boosted = boosted_probability(rows.loc[earlier, "is_hit"].astype(float), values[earlier], values[~earlier], seed)
    clusters = {name: later[name] for name in ("owner", "account") if later[name].notna().mean() >= 0.5}
    probability = card.probability(points)
    before = rows.loc[earlier, "is_hit"].astype(float)
    return Validation(
        auc=auc(hit, points, clusters, level),
        challenger=auc(hit, boosted, clusters, level),
        difference=auc_difference(hit, points, boosted, clusters, level),
        calibration=calibration(hit, probability, float(before.mean()), clusters, level),
        bands=_bands(later, points, cuts(card, values[earlier]), level),
        curve=_curve(later, probability, level),
        base=rate_of_rows(later, level),
    )


def cuts(card: Scorecard, values: pd.DataFrame) -> list[float]:
    """Return the points from which on a case is A, B, C: the best fifth of the earlier cases, the next 30 %, the next 30 %."""
    points = card.score(values)
    edges = sorted({float(np.ceil(np.quantile(points, q, method="higher"))) for q in BAND_QUANTILES}, reverse=True)
    return [edge for edge in edges if edge > points.min()]


def rate_of_rows(rows: pd.DataFrame, level: float) -> Proportion:
    """Return the share of hits with the widest of its cluster-aware intervals."""
    hit = rows["is_hit"].astype(float)
    clusters = {}
    for name in ("owner", "account"):
        if len(rows) and rows[name].notna().mean() >= 0.5:
            labels = rows[name].where(rows[name].notna(), pd.Series([f"\x1f{i}" for i in range(len(rows))], index=rows.index))
            each = hit.groupby(labels).agg(["sum", "size"])
            clusters[name] = (each["sum"].to_numpy(float), each["size"].to_numpy(float))
    return proportion(hit.sum(), len(rows), level, clusters)


def _bands(later: pd.DataFrame, points: np.ndarray, edges: list[float], level: float) -> pd.DataFrame:
    place = np.searchsorted(-np.array(edges), -points, side="left") if edges else np.zeros(len(points), dtype=int)
    base = float(later["is_hit"].astype(float).mean())
    found = []
    for i, start in enumerate([*edges, -np.inf]):
        part = later[place == i]
        rate = rate_of_rows(part, level)
        found.append({
            "band": BANDS[i], "points_from": start if np.isfinite(start) else 0.0, "n": int(rate.n), "hits": int(rate.successes),
            "rate": rate.value, "low": rate.low, "high": rate.high, "lift": rate.value / base, "lift_low": rate.low / base,
            "lift_high": rate.high / base, "hits_share": rate.successes / max(float(later["is_hit"].sum()), 1.0),
        })  # fmt: skip
    return pd.DataFrame(found)


def _curve(later: pd.DataFrame, probability: np.ndarray, level: float) -> pd.DataFrame:
    edges = np.unique(np.quantile(probability, np.linspace(0, 1, CURVE_PARTS + 1)[1:-1]))
    place = np.searchsorted(edges, probability, side="left")
    found = []
    for i in np.unique(place):
        rate = rate_of_rows(later[place == i], level)
        found.append({"predicted": float(probability[place == i].mean()), "observed": rate.value, "low": rate.low, "high": rate.high, "n": int(rate.n)})
    return pd.DataFrame(found)
