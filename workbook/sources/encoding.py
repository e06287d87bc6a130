"""Bytes to text: the encoding is found from all bytes, not from the first lines."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from workbook.errors import DataError
from workbook.text import msg

BINARY_STARTS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"BM", b"Rar!", b"7z\xbc\xaf", b"SQLite format 3")
DOCUMENTS = {b"%PDF-": "PDF", b"{\\rtf": "RTF"}  # no table begins like that, in plain ASCII either


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text and how it was read. repaired_lines: lines in another encoding than most of the file."""

    text: str
    encoding: str
    repaired_lines: int = 0


def decode(data: bytes, where: str) -> Decoded:
    """Return the text of a file. Raises `DataError` where it is no text."""
    for mark, encoding in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if data.startswith(mark):
            try:
                return Decoded(data.decode(encoding), encoding)
            except UnicodeDecodeError:
                return _line_by_line(data[len(mark) :], where) if encoding == "utf-8-sig" else _refuse(where)
    _refuse_documents(data, where)
    if (wide := _utf16_without_mark(data)) is not None:
        return wide
    if (data.startswith(BINARY_STARTS) and not data.isascii()) or b"\x00" in data:
        _refuse(where)
    try:
        return Decoded(_plain(data.decode("utf-8"), where), "utf-8")
    except UnicodeDecodeError:
        return _line_by_line(data, where)


def _line_by_line(data: bytes, where: str) -> Decoded:
    """Decode each line by itself: exports glued together mix UTF-8 and Windows-1252."""
    lines, utf8, cp1252 = [], 0, 0
    for line in data.split(b"\n"):
        try:
            text = line.decode("utf-8")
            utf8 += not line.isascii()
        except UnicodeDecodeError:
            text, cp1252 = _windows(line), cp1252 + 1
        lines.append(text)
    text = _plain("\n".join(lines), where)
    if not utf8:
        return Decoded(text, "cp1252")
    return Decoded(text, "utf-8 + cp1252", min(utf8, cp1252))


def _windows(line: bytes) -> str:
    try:
        return line.decode("cp1252")
    except UnicodeDecodeError:
        return line.decode("latin-1")


def _utf16_without_mark(data: bytes) -> Decoded | None:
    sample = data[:4000]
    for encoding, zeros in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[0::2])):
        if len(sample) > 3 and zeros.count(0) > 0.8 * len(zeros):
            try:
                return Decoded(data.decode(encoding), encoding)
            except UnicodeDecodeError:
                return None
    return None


def _plain(text: str, where: str) -> str:
    """Return the text; refuse one that is mostly control characters."""
    sample = text[:20_000]
    controls = sum(1 for letter in sample if ord(letter) < 32 and letter not in "\r\n\t\f\v\x1a")
    if controls > 0.02 * max(len(sample), 1):
        _refuse(where)
    return text


def _refuse_documents(data: bytes, where: str) -> None:
    start = data[:1024].lstrip()
    kind = next((kind for mark, kind in DOCUMENTS.items() if start.startswith(mark)), None)
    if kind is not None:
        raise DataError(
            msg("this file is a document ({kind}), not a table", kind=kind),
            where=where,
            mend=msg("Export the data themselves, as CSV (UTF-8) or as XLSX."),
        )


def _refuse(where: str) -> Decoded:
    raise DataError(
        msg("this file is binary, not a table in text"),
        where=where,
        mend=msg("Export it again as CSV (UTF-8) or as XLSX."),
    )
