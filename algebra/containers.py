"""
What a file is that is not what was asked for: told from its first bytes, so that a refusal can say
what was found.
"""

from __future__ import annotations

JSON = "a JSON document, perhaps of an error"
_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xfe\x00\x00", "text in UTF-32 (it begins with that byte order mark)"),
    (b"\x00\x00\xfe\xff", "text in UTF-32 (it begins with that byte order mark)"),
    (b"\xff\xfe", "text in UTF-16 (it begins with that byte order mark)"),
    (b"\xfe\xff", "text in UTF-16 (it begins with that byte order mark)"),
    (b"PK\x03\x04", "a zip archive or a workbook of a spreadsheet"),
    (b"\xd0\xcf\x11\xe0", "an old workbook of a spreadsheet"),
    (b"\x1f\x8b", "compressed with gzip"),
    (b"(\xb5/\xfd", "compressed with zstd"),
    (b"\xfd7zXZ\x00", "compressed with xz"),
    (b"BZh", "compressed with bzip2"),
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3", "an SQLite database"),
    (b"PAR1", "a Parquet file"),
    (b"ptau", "a ceremony file of snarkjs (.ptau)"),
    (b"zkey", "a proving key of snarkjs (.zkey)"),
    (b"r1cs", "a constraint system of circom (.r1cs)"),
    (b"wtns", "a witness of snarkjs (.wtns)"),
    (b"version https://git-lfs", "a pointer of Git LFS, not the file itself (git lfs pull)"),
    (b"<!doctype html", "a web page, perhaps of an error"),
    (b"<html", "a web page, perhaps of an error"),
    (b"<?xml", "an XML document, perhaps of an error"),
    (b"{", JSON),
)


def container(head: bytes) -> str | None:
    """What a file with these first bytes (64 suffice) seems to be; None where they tell nothing."""
    start = head[:64].removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n").lower()
    for beginning, name in _BEGINNINGS:
        if head.startswith(beginning) or start.startswith(beginning):
            return name
    if head[1:2] == b"\0" or head[:1] == b"\0" != head[1:2]:
        return "text in UTF-16 without its byte order mark, or no text at all"
    return None
