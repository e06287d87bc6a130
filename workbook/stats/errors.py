"""Why a number cannot be given: one key per reason."""

from __future__ import annotations

from typing import Final

REASONS: Final[dict[str, str]] = {
    "no_observations": "There is no observation.",
    "one_observation": "One observation shows no spread.",
    "one_cluster": "All observations belong to one cluster; how much clusters differ is unknown.",
    "no_variation": "All outcomes are the same.",
    "zero_denominator": "The denominator sums to zero.",
    "too_few_observations": "There are fewer observations than the method needs.",
    "not_positive": "The method takes logarithms and a value is zero or negative.",
    "duplicate_times": "A point in time occurs more than once.",
    "missing_values": "A value is missing where the method needs all of them.",
    "irregular_times": "The points in time are not equally spaced.",
    "unknown_time": "The requested point in time is not in the series.",
    "beyond_follow_up": "The requested duration lies beyond the last observed one.",
    "not_reached": "The curve does not fall that far within the observed durations.",
    "one_group": "There is only one group to compare.",
    "no_events": "No event was observed.",
    "no_treated_units": "No unit is ever treated within the observed periods.",
    "no_control_units": "No unit is untreated in the periods needed.",
    "no_pre_period": "There is no period before the treatment.",
    "no_post_period": "There is no period after the treatment began.",
    "unit_in_two_groups": "A unit changes between treated and untreated group.",
    "collinear": "The explanatory columns are linearly dependent.",
    "separation": "A column (or a combination) predicts the outcome perfectly.",
    "not_converged": "The numerical search did not converge.",
    "model_failed": "The fitted model is not usable.",
}


class CannotEstimate(Exception):
    """Refuse an estimate. `reason_key` is a key of `REASONS`; `detail` names the offending value in plain
    words.

    Raises `KeyError` on construction if the key is not listed, so that every reason has a text.
    """

    def __init__(self, reason_key: str, detail: str = "") -> None:
        text = REASONS[reason_key]
        super().__init__(f"{reason_key}: {text} {detail}".strip())
        self.reason_key = reason_key
        self.detail = detail
