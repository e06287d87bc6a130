"""What a worker says of an error of a cell."""

from workbook.batch.worker import told


def test_an_error_is_told_by_name_and_message():
    assert told("ValueError", "no such column") == "ValueError: no such column"


def test_too_little_memory_for_a_query_is_told_with_what_to_do_and_without_the_engine_s_own_advice():
    text = told("OutOfMemoryException", "Out of Memory Error: could not allocate (57 MiB used)\n\nPossible solutions:\n* SET memory_limit")
    assert "memory_limit" in text and "(57 MiB used)" in text and "SET" not in text
