"""What holds for every test."""

import gc
import os
import sys

import pytest

from workbook.batch.kernels.client import ONE_THREAD

# Two test processes on two cores: BLAS's threads, in them and in what they start, would wait for one another, a sixth of the suite's time.
assert "numpy" not in sys.modules, "BLAS reads this when it is loaded"
os.environ.update(ONE_THREAD)


@pytest.fixture(scope="session", autouse=True)
def few_collections():
    """What the test modules imported stays: to look through it for garbage again and again takes a twelfth of the suite's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
