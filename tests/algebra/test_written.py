"""Signatures and hexadecimal in every spelling that has one meaning, and no other."""

from __future__ import annotations

import pytest

from algebra.containers import container
from algebra.errors import Malformed
from algebra.written import written_bytes, written_signature

R, S = bytes(range(1, 33)), bytes(range(2, 34))


def test_signatures_come_to_one_form() -> None:
    for parity in (0, 1):
        canonical = R + S + bytes([27 + parity])
        compact = R + bytes([S[0] | parity << 7]) + S[1:]
        for data in (canonical, R + S + bytes([parity]), compact):
            for text in ("0x" + data.hex(), "0x" + data.hex().upper()):
                assert written_signature(text, "binding") == canonical


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (R + S + b"\x25", "v, is 37"),
        (R + S + b"\x02", "v, is 2"),
        (R + S + b"\x1b\x00", "66 bytes"),
        (R + S[:-1], "63 bytes"),
        (b"", "0 bytes"),
    ],
)
def test_other_signatures_are_refused(data: bytes, reason: str) -> None:
    with pytest.raises(Malformed, match=reason) as caught:
        written_signature("0x" + data.hex(), "binding")
    assert caught.value.code == "malformed.signature"
    for text in (None, 5, data.hex() + "g", "0x0", "0x0g"):
        with pytest.raises(Malformed, match="hexadecimal"):
            written_signature(text, "binding")


def test_hexadecimal_of_either_case() -> None:
    assert written_bytes("0xaB") == written_bytes("0xAb") == b"\xab"
    assert written_bytes("0x") == b""
    assert all(
        written_bytes(text) is None for text in ("ab", "0xa", "0Xab", "0x\u0661\u0661", "0xab\n", 5)
    )


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (b"\xef\xbb\xbf <!DOCTYPE HTML>", "a web page"),
        (b"version https://git-lfs.github.com/spec/v1", "Git LFS"),
        (b"\x00t\x00i", "UTF-16 without"),
        (b"zkey\x01", "a proving key of snarkjs"),
    ],
)
def test_containers_are_told_from_their_beginning(head: bytes, found: str) -> None:
    assert found in (container(head) or "")
    assert container(b"time,user") is None and container(b"") is None
