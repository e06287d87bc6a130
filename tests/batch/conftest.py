"""Fixtures of the tests of forked processes."""

import pytest

from workbook.batch.kernels import Zygotes


@pytest.fixture(scope="module")
def zygotes():
    made = Zygotes(modules=["workbook.notebook"])
    assert made.is_ready()
    yield made
    made.stop()
