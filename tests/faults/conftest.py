"""Fixtures of the fault tests. What they are made of is a module of its own: a conftest is imported under two names."""

import pytest

from tests.faults.project import Project


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)
