"""Fixtures of the fault tests. What they are made of is a module of its own: a conftest is imported under two names."""

import json

import pytest

from tests.faults.project import Project, until


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


@pytest.fixture(scope="module")
def reported(tmp_path_factory):
    """A project with one good report, shared by a module's tests: each must leave that report as it is."""
    project = Project(tmp_path_factory.mktemp("project"))
    project.good()
    return project


@pytest.fixture
def untouched(reported):
    """The last good report is as it was after the test, the next run succeeds by itself, and nothing is left over."""

    def state():
        pages = [(reported.report / name).read_bytes() for name in ("index.html", "latest.json")]
        return pages, sorted(path.name for path in (reported.report / "runs").iterdir())

    before = state()
    yield reported
    assert state() == before
    reported.notebook("x = 1")
    again = reported.run("--json")
    assert again.status == 0 and json.loads(again.out)["unchanged"], again.text
    assert until(lambda: not reported.leftovers(), 5), reported.leftovers()
    assert state() == before
