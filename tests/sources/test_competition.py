"""Columns that say whether there was a competitor, and columns that say who."""

import pandas as pd
import pytest

from workbook.analyses.competitors.naming import named_competitors, with_competition
from workbook.sources.competition import RULE


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("No", "Yes", "Unknown", "no"), ("none", "unnamed", None, "none")),
        (("nein", "Ja", "", "JA"), ("none", "unnamed", None, "unnamed")),
        (("false", "true", "false", "true"), ("none", "unnamed", "none", "unnamed")),
        (("No", "No", "No", "No"), ("none", "none", "none", "none")),
        (("keiner", "ja", "keiner", "ja"), ("none", "unnamed", "none", "unnamed")),
    ],
)
def test_yes_and_no_are_no_names(imported, cells, expected):
    done = imported({"x.csv": "Deal ID,Stage,Competitors\n" + "".join(f"{i},Won,{cell}\n" for i, cell in enumerate(cells))})
    found = done.deals.sort_values("opportunity_id")["competitor"]
    assert tuple(None if pd.isna(cell) else cell for cell in found) == expected
    (flag,) = done.record.flagged(RULE)
    assert flag.count == sum(cell is not None for cell in expected) and "Competitors in x.csv" in str(flag.message)


@pytest.mark.parametrize("cells", [("Acme", "No", "Yes", "none"), ("Acme", "keine", "Nova AG", "nein")])
def test_among_names_only_no_is_none(imported, cells):
    done = imported({"x.csv": "Deal ID,Stage,Competitors\n" + "".join(f"{i},Won,{cell}\n" for i, cell in enumerate(cells))})
    found = list(done.deals.sort_values("opportunity_id")["competitor"])
    assert found == ["none" if cell in ("No", "none", "keine", "nein") else cell for cell in cells]
    assert not done.record.flagged(RULE)


def test_without_yes_or_no_nothing_is_said(imported):
    done = imported({"x.csv": "Deal ID,Stage,Competitors\n1,Won,none\n2,Lost,Acme\n3,Lost,\n"})
    assert not done.record.flagged(RULE)


def test_an_unnamed_competitor_was_at_the_table_but_is_none_of_the_competitors():
    import ibis

    deals = pd.DataFrame({
        "opportunity_id": ["1", "2", "3"], "status": ["won"] * 3, "owner_id": ["a"] * 3, "account_id": ["b"] * 3,
        "competitor": ["unnamed", "none", "Acme"],
    })  # fmt: skip
    table = ibis.memtable(deals)
    assert sorted(with_competition(table).competition.execute()) == ["named", "named", "none"]
    assert list(named_competitors(table).spelling.execute()) == ["Acme"]
