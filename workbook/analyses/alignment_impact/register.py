"""The evidence register: published figures on alignment as data, read from `evidence.yaml`."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Literal

import yaml
from pydantic import Field

from workbook.params import Params

Grade = Literal["A", "B", "C", "D", "E"]


class Ceiling(Params):
    """A share that rises by `change` in proportion: it must stay below 100 %."""

    kind: Literal["ceiling"]
    change: float


class RetentionRise(Params):
    """A retention that rises by `change`, read literally or as so many fewer customers lost."""

    kind: Literal["retention"]
    change: float


class GrowthGap(Params):
    """Two groups growing at different yearly rates for some years."""

    kind: Literal["growth_gap"]
    high: float
    low: float
    years: int


class Lifetimes(Params):
    """Two yearly retention rates, as the years an average customer stays."""

    kind: Literal["lifetimes"]
    high: float
    low: float


class PerYear(Params):
    """A change over several years, per year."""

    kind: Literal["per_year"]
    change: float
    years: int


class Simple(Params):
    """A change as a multiple, as the speed that a shorter cycle allows, or as a quarter's growth over a year."""

    kind: Literal["multiple", "faster", "quarterly"]
    change: float


Arithmetic = Annotated[Ceiling | RetentionRise | GrowthGap | Lifetimes | PerYear | Simple, Field(discriminator="kind")]


class Claim(Params):
    """One published figure. claim, traced, population: English message ids; change: relative change claimed of `kpi`."""

    key: str
    claim: str
    traced: str
    grade: Grade
    is_traced: bool
    ref: int | None = None
    population: str | None = None
    n: int | None = None
    selected_on_outcome: bool = False
    kpi: str | None = None
    change: float | None = None
    arithmetic: Arithmetic | None = None


@lru_cache
def published_figures() -> tuple[Claim, ...]:
    """Return the register's rows in their order."""
    text = files(__package__).joinpath("evidence.yaml").read_text(encoding="utf-8")
    return tuple(Claim.model_validate(row) for row in yaml.safe_load(text))
