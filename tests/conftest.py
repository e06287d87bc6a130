"""What holds for every test."""

import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """Two test processes on two cores: BLAS's threads would wait for one another, a sixth of the suite's time."""
    with threadpool_limits(1):
        yield
