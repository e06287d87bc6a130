"""Fixtures of the tests of forked processes."""

import pytest

from workbook.batch.kernels import Zygote


@pytest.fixture(scope="module")
def zygote():
    made = Zygote()
    assert made.is_ready()
    yield made
    made.stop()
