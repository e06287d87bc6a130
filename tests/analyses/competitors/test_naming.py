"""Who was at the table, as the field says it."""

import pytest

from tests.analyses.data.frames import deals
from workbook.analyses.competitors.naming import labels_of, named_competitors, spellings, with_competition
from workbook.notebook import to_frame

FIELDS = {
    None: ("unknown", []), "": ("unknown", []), "  ": ("unknown", []), " ; ": ("unknown", []), "none": ("none", []), "None ": ("none", []),
    "Acme": ("named", ["acme"]), " ACME ;Beta": ("named", ["acme", "beta"]), "none; Acme": ("named", ["acme"]), "Acme; acme": ("named", ["acme"]),
    "Nonesuch": ("named", ["nonesuch"]),
}  # fmt: skip


@pytest.mark.parametrize("field", FIELDS)
def test_unknown_is_not_none(field):
    table = deals({"status": "won", "competitor": field})
    state, rivals = FIELDS[field]
    assert to_frame(with_competition(table))["competition"].tolist() == [state]
    assert sorted(to_frame(named_competitors(table))["rival"]) == rivals


def test_the_most_frequent_spelling_is_shown():
    rows = [{"status": "won", "competitor": name} for name in ("ACME", "Acme", "Acme", "beta", "Beta")]
    counted = to_frame(spellings(named_competitors(deals(*rows))))
    assert labels_of(counted) == {"acme": "Acme", "beta": "Beta"}
