"""Every line read is kept, merged, rejected or no data – whatever stands in the file."""

import tempfile
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
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


def _in_both_ways(folder):
    """Data folders of one table: text, and Parquet that passes."""
    text, parquet = folder / "text", folder / "parquet"
    for made in (text, parquet):
        made.mkdir()
    (text / "deals.csv").write_text(f"{HEADER}\n1;A;Closed Won;1,00;01.02.2026\n", encoding="utf-8")
    deals = {"opportunity_id": ["1"], "stage": ["Closed Won"], "status": ["won"], "created_on": [date(2026, 2, 1)], "closed_on": [date(2026, 3, 1)]}
    pq.write_table(pa.table(deals), parquet / "opportunities.parquet")
    return text, parquet


def test_a_folder_with_tables_in_it_is_told_as_left_out(tmp_path):
    for data in _in_both_ways(tmp_path):
        named = {"accounts": "accounts.csv", "leads.parquet": "2026/part-0.parquet", "notes": "plan.docx", ".hidden": "deals.csv"}
        named["reports"] = "runs/2026/tables/deals.csv"
        for name, inside in named.items():
            (data / name / inside).parent.mkdir(parents=True)
            (data / name / inside).write_bytes(b"")
        (data / "empty").mkdir()
        record = import_frames(RunParams(data=data, currency="EUR"), tmp_path / f"frames-{data.name}")
        left_out = [(file.name, file.lines_read) for file in record.files if file.ignored]
        assert left_out == [("accounts", 0), ("leads.parquet", 0)] and "move its tables up" in str(next(file.ignored for file in record.files if file.ignored))


def test_the_folder_of_the_templates_is_not_told_as_left_out(tmp_path):
    data, _ = _in_both_ways(tmp_path)
    (data / "templates").mkdir()
    (data / "templates" / "notes.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    record = import_frames(RunParams(data=data, templates=data / "templates", currency="EUR"), tmp_path / "frames")
    assert [file.name for file in record.files if file.ignored and "folder" in str(file.ignored)] == []


def test_data_that_lie_in_folders_only_say_how_to_have_them_read(tmp_path):
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "opportunities.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(DataError) as refused:
        import_frames(RunParams(data=tmp_path), tmp_path / "frames")
    assert "export" in str(refused.value.what) and "move their tables up" in str(refused.value.mend)
