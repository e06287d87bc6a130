"""Every line read is kept, merged, rejected or no data – whatever stands in the file."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbook.errors import DataError
from workbook.params import RunParams
from workbook.sources import import_frames
from workbook.sources.record import unbalanced

HEADER = "Opportunity ID;Account Name;Stage;Amount;Created Date"
LINES = st.sampled_from(
    [
        "1;A;Closed Won;1.234,56;01.02.2026",
        "1;A;Closed Won;1.234,56;01.02.2026",
        "1;A;Closed Lost;5,00;02.02.2026",
        "2;B;Angebot;7,00;13.02.2026",
        "3;;Angebot;;",
        ";C;Angebot;8,00;13.02.2026",
        "4;D;;8,00;13.02.2026",
        "5;E;Angebot;viel;morgen",
        "6;F;Angebot;8,00;13.02.2026;zu;viel",
        "7;G",
        '8;"zwei\nZeilen";Angebot;9,00;13.02.2026',
        "Fragment",
        "",
        ";;;;",
        HEADER,
        ";;Summe;99,00;",
        "Copyright 2026 by nobody at all",
        '9;"offen;Angebot;9,00;13.02.2026',
    ]
)

NO_DATA = {"", ";;;;", HEADER, ";;Summe;99,00;", "Copyright 2026 by nobody at all", "Fragment"}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(LINES, min_size=1, max_size=25), st.booleans())
def test_read_is_kept_merged_rejected_or_no_data(lines, has_preamble):
    text = (
        ("Bericht\nStand: 01.10.2026\n\n" if has_preamble else "")
        + "\n".join([HEADER, "0;Z;Angebot;1,00;13.02.2026", *lines])
        + "\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "deals.csv"
        path.write_text(text, encoding="utf-8")
        try:
            record = import_frames(RunParams(data=path, currency="EUR", rejected_lines_max_share=1.0), Path(folder) / "out")
        except DataError:
            return
    assert not unbalanced(record.files)
    (file,) = record.files
    assert file.kept == record.frames["opportunities"].rows
    assert file.lines_read >= len(lines) and file.not_data <= 5 + sum(line in NO_DATA for line in lines)
