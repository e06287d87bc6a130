"""The attributes by which deals are grouped: declared ones and the firm's own, as one text column each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbook.frames import FRAMES

if TYPE_CHECKING:
    from ibis.expr.types import Table

DECLARED = ("region", "segment", "source", "business_type")
PROVENANCE = ("source_file", "source_line")


def own_attributes(opportunities: Table) -> tuple[str, ...]:
    """Return the firm's own columns of the opportunities, in their order."""
    known = {*FRAMES["opportunities"].names, *PROVENANCE}
    return tuple(name for name in opportunities.columns if name not in known)


def group_attributes(opportunities: Table) -> tuple[str, ...]:
    """Return the own attributes that may form groups: identifiers may not, they name persons or single cases."""
    return tuple(name for name in own_attributes(opportunities) if not name.endswith("_id"))


def with_product(opportunities: Table, products: Table) -> Table:
    """Add product: the product's name, or its identifier where the product table does not know it. Lazy."""
    import ibis

    names = products.group_by("product_id").agg(product_name=products.name.min()).rename(product_key="product_id")
    joined = opportunities.left_join(names, opportunities.product_id == names.product_key)
    columns = [joined[name] for name in opportunities.columns]
    return joined.select(*columns, product=ibis.coalesce(joined.product_name, joined.product_id))


def with_value(table: Table, attribute: str, values_max: int) -> Table:
    """Add value, the attribute as text; only rows without one where it has more than `values_max` values. Lazy."""

    column = table[attribute]
    text = column if column.type().is_string() else column.cast("string")
    valued = table.mutate(value=text)
    count = valued.agg(values_count=lambda t: t.value.nunique())
    kept = valued.cross_join(count)
    return kept.filter((kept.values_count <= values_max) | kept.value.isnull())
