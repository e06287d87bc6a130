"""The demo company, simulated once for all tests of this folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from workbook.demo import Company, simulate, write_demo
from workbook.demo.latent import Latent
from workbook.demo.nordwehr import NORDWEHR
from workbook.demo.simulate import simulate_latent


@pytest.fixture(scope="session")
def company() -> Company:
    return simulate()


@pytest.fixture(scope="session")
def latent() -> Latent:
    return simulate_latent(NORDWEHR, 7)


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder)
    return folder


@pytest.fixture(scope="session")
def truth(written: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((written / "truth.json").read_text(encoding="utf-8"))
    return told
