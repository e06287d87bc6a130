"""A sample of whole units where a model needs rows: companies with all their deals and invoices, or single deals.

A question that needs it declares a `SAMPLE`. Where the data hold more units than its settings allow, the units whose hashed ids come first
are drawn: the same ones whatever the order of rows and on every engine, others with another seed. The answer says so; numbers of
units and sums of money are carried over to all of them (`times`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from pydantic import Field

from workbook.params import Params
from workbook.results import Check
from workbook.text import Message, msg

KEY = "sample"  # the small table that tells a question that it sees a sample


class SampledParams(Params):
    """units_max: units (companies, deals) that are read at most, whole; of more a sample is drawn with `seed`."""

    seed: int = 7
    units_max: int = Field(default=50_000, ge=100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What a question draws. unit: the column that names the units. tables: its small tables that are made of drawn units alone;
    the others are made of all rows.
    """

    unit: str
    words: Message
    tables: tuple[str, ...] = ("",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """The units drawn. ids: one row per unit. total: units there are."""

    ids: pd.DataFrame
    total: int
    seed: int


def draw(sample: Sample, frames: Iterable[Any], params: SampledParams) -> Drawn | None:
    """Draw the units of some frames, None where all of them may be read. Runs where the data are."""
    import ibis

    named = [frame.select(sample.unit).filter(lambda t: t[sample.unit].notnull()) for frame in frames if _has(frame, sample)]
    units = ibis.union(*named, distinct=True) if len(named) > 1 else named[0].distinct()
    total = int(units.count().execute())
    if total <= params.units_max:
        return None
    lot = units.mutate(lot=_lot(units[sample.unit].concat(f"/{params.seed}")))
    ids = lot.order_by("lot", sample.unit).limit(params.units_max).select(sample.unit)
    return Drawn(ids=ids.to_pandas(), total=total, seed=params.seed)


def _lot(text: Any) -> Any:
    import ibis

    @ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
    def md5(text: str) -> str:
        """Hash a text: every engine has this function."""
        return text  # pragma: no cover – the engine's own is called

    return md5(text)


def grouped_owners(opportunities: Any, owners_max: int) -> Any:
    """Return member_id, group_number, owner_group: the owner itself, or of more than `owners_max` one of that many groups of equal size, by lot. Lazy.

    A range by leaving out one owner at a time is one by leaving out a group at a time then (Kott 2001, the delete-a-group jackknife).
    """
    import ibis

    owners = opportunities.select(member_id="owner_id").filter(lambda t: t.member_id.notnull()).distinct()
    place = ibis.row_number().over(ibis.window(order_by=[_lot(owners.member_id), owners.member_id]))
    drawn = owners.mutate(place=place, total=owners.member_id.count().over(ibis.window()))
    number = drawn.place % owners_max
    group = ibis.ifelse(drawn.total > owners_max, number.cast("string"), drawn.member_id)
    return drawn.select("member_id", group_number=number.cast("int32"), owner_group=group)


def only_drawn(frame: Any, drawn: Drawn, sample: Sample) -> Any:
    """Return the rows of drawn units; frames that do not name the unit as they are. Lazy."""
    import ibis

    return frame.semi_join(ibis.memtable(drawn.ids), sample.unit) if _has(frame, sample) else frame


def _has(frame: Any, sample: Sample) -> bool:
    return not isinstance(frame, pd.DataFrame | None) and sample.unit in frame.columns


def times(small: Mapping[str, pd.DataFrame]) -> float:
    """Return how many units one drawn unit stands for; one where all were read."""
    return float(small[KEY]["total"].iloc[0] / small[KEY]["count"].iloc[0]) if KEY in small else 1.0


def carried(count: float, small: Mapping[str, pd.DataFrame]) -> int:
    """Carry a number of drawn units over to all units."""
    return round(count * times(small))


def small_table(drawn: Drawn) -> pd.DataFrame:
    """Return what a question is told of its sample: count, total in one row."""
    return pd.DataFrame({"count": [len(drawn.ids)], "total": [drawn.total]})


def sample_check(drawn: Drawn, sample: Sample) -> Check:
    """Say that the answer rests on a sample."""
    reason = msg(
        "This rests on {n} of {total} {units}, drawn by lot (seed {seed}). Numbers of {units} and sums of money are carried over to all; the "
        "cases behind a rate are those drawn, and only those are listed.", n=len(drawn.ids), total=drawn.total, units=sample.words, seed=drawn.seed,
    )  # fmt: skip
    return Check(key="all_rows_were_read", status="review", reason=reason)
