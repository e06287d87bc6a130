"""Files are hashed once and known by what they look like; nothing that may have changed is believed."""

import hashlib
import json
import os
import time

import pytest

from workbook.params import RunParams
from workbook.sources import import_key
from workbook.sources.known import INDEX_NAME, SETTLED_NS, UNREADABLE, KnownFiles, known_files

LONG_AGO = time.time_ns() - 100 * SETTLED_NS


@pytest.fixture
def clock(monkeypatch):
    """The clock runs ahead, so that files written now have lain still: their ctime cannot be set back."""
    monkeypatch.setattr("workbook.sources.known.time.time_ns", lambda: time.time() * 10**9 + 2 * SETTLED_NS)


@pytest.fixture
def hashed(monkeypatch):
    """The files whose contents were read, by count."""
    read, original = [], hashlib.file_digest
    monkeypatch.setattr("workbook.sources.known.hashlib.file_digest", lambda *words: read.append(1) or original(*words))
    return read


def digest(tmp_path, **how):
    with known_files(tmp_path / INDEX_NAME, **how) as known:
        return known.digest(tmp_path / "deals.csv")


def test_a_file_that_has_lain_still_is_read_once(tmp_path, clock, hashed):
    (tmp_path / "deals.csv").write_bytes(b"1")
    assert {digest(tmp_path) for _ in range(3)} == {hashlib.sha256(b"1").hexdigest()} and len(hashed) == 1
    digest(tmp_path, verifies=True)
    assert len(hashed) == 2


def test_a_file_written_a_moment_ago_is_read_again(tmp_path, hashed):
    """A second write in the same tick of the file system's clock would leave size and times as they were."""
    (tmp_path / "deals.csv").write_bytes(b"1")
    digest(tmp_path), digest(tmp_path)
    assert len(hashed) == 2


def rewritten_in_place(path):
    stat = path.stat()
    path.write_bytes(b"2")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def replaced(path):
    stat = path.stat()
    path.with_suffix(".new").write_bytes(b"2")
    os.replace(path.with_suffix(".new"), path)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


@pytest.mark.parametrize("change", [lambda path: path.write_bytes(b"22"), rewritten_in_place, replaced])
def test_another_size_mtime_ctime_or_inode_is_read(tmp_path, clock, change):
    path = tmp_path / "deals.csv"
    path.write_bytes(b"1")
    os.utime(path, ns=(LONG_AGO, LONG_AGO))
    before = digest(tmp_path)
    time.sleep(0.02)  # one tick of the clock that file systems use
    change(path)
    assert digest(tmp_path) == hashlib.sha256(path.read_bytes()).hexdigest() != before


def test_verifying_finds_what_looks_the_same(tmp_path, clock):
    (tmp_path / "deals.csv").write_bytes(b"1")
    true = digest(tmp_path)
    index = tmp_path / INDEX_NAME
    index.write_text(index.read_text().replace(true, "0" * 64))
    assert digest(tmp_path) == "0" * 64
    assert digest(tmp_path, verifies=True) == true == digest(tmp_path)


@pytest.mark.parametrize("index", ["", "[1]", '{"a": 1}', '{"a": [1, 2, 3, 4, 5, 6]}', "\0"])
def test_a_damaged_index_is_an_empty_one(tmp_path, clock, index):
    (tmp_path / "deals.csv").write_bytes(b"1")
    (tmp_path / INDEX_NAME).write_text(index)
    assert digest(tmp_path) == hashlib.sha256(b"1").hexdigest()
    assert str(tmp_path / "deals.csv") in json.loads((tmp_path / INDEX_NAME).read_text())


def test_without_an_index_every_file_is_read_and_none_that_is_not_there(tmp_path, clock, hashed):
    (tmp_path / "deals.csv").write_bytes(b"1")
    known = KnownFiles()
    assert known.digest(tmp_path / "none.csv") == UNREADABLE and known.digest(tmp_path / "deals.csv")
    known.write(tmp_path / "deals.csv" / "cannot" / INDEX_NAME)
    assert len(hashed) == 1


def test_the_import_key_sees_ignored_files_and_mappings_wherever_they_are_found(tmp_path):
    (tmp_path / "deals.csv").write_text("Deal ID,Stage\n1,Won\n")
    (tmp_path / "note.pdf").write_text("a")
    (tmp_path / "mine.yaml").write_text("name: mine\n")
    params = RunParams(data=tmp_path)
    named = RunParams(data=tmp_path, sources=({"files": ("deals.csv",), "mapping": "mine.yaml"},))
    seen = [(import_key(params), import_key(named))]
    for name in ("note.pdf", "mine.yaml"):
        (tmp_path / name).write_text("name: other\n")
        seen.append((import_key(params), import_key(named)))
    assert len({key for key, _ in seen}) == 3, "both lie in the data folder, and are named as ignored"
    assert seen[0][1] == seen[1][1] != seen[2][1]
