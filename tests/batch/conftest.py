"""Fixtures of the tests of forked processes."""

import pytest

from workbook.batch.kernels import Zygotes
from workbook.batch.kernels.client import ONE_THREAD


@pytest.fixture(scope="module")
def zygotes():
    with pytest.MonkeyPatch.context() as environment:
        for name in ONE_THREAD:  # the tests have it; a zygote must see to it by itself
            environment.delenv(name, raising=False)
        made = Zygotes(modules=["workbook.notebook"])
    assert made.is_ready()
    yield made
    made.stop()
