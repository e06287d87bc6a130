"""A few replications of every trial: gross misses show here, fine ones in `make prove`."""

import numpy as np
import pytest
from scipy import stats

from tests.simulation.replicate import replicate
from tests.simulation.trial import Coverage, FalseAlarm, trials
from tests.simulation.verdict import band

SURE = 1e-4  # how seldom a sound estimator may be called a miss


@pytest.mark.parametrize("trial", trials(), ids=lambda trial: trial.name)
def test_no_gross_miss(trial):
    hits = replicate(trial, 0, trial.quick)
    answered = hits[np.isfinite(hits)]
    assert len(answered) >= trial.quick / 4, "refuses almost always"
    least, most = band(trial.nominal)
    if isinstance(trial, Coverage):
        assert stats.binom.cdf(np.ceil(answered.sum()), len(answered), least) > SURE, f"covers {answered.mean():.0%}"
    else:
        assert stats.binom.sf(answered.sum() - 1, len(answered), most) > SURE, f"alarms {answered.mean():.0%}"


@pytest.mark.parametrize("trial", trials(), ids=lambda trial: trial.name)
def test_one_seed_gives_one_answer(trial):
    first, again = replicate(trial, 0, 2), replicate(trial, 0, 2)
    assert np.array_equal(first, again, equal_nan=True)


@pytest.mark.parametrize("trial", trials(), ids=lambda trial: trial.name)
def test_replications_do_not_depend_on_where_they_start(trial):
    assert np.array_equal(replicate(trial, 0, 2)[1:], replicate(trial, 1, 2), equal_nan=True)


def test_layouts_are_told_and_cautious_tests_say_why():
    for trial in trials():
        assert len(trial.layout) > 20, trial.name
        assert not isinstance(trial, FalseAlarm) or trial.cautious == "" or len(trial.cautious) > 20, trial.name
