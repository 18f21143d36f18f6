"""`attestor set` and `attestor rotate`: a set is born, and handed over from desk to desk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_utils.crypto import keccak

from tests.tierproof.conftest import run, write_private
from tierproof.documents import load_attestors

Capture = pytest.CaptureFixture[str]
KEYS = [Account.from_key(keccak(text=f"member {i}")) for i in range(4)]


@pytest.fixture
def born(tmp_path: Path, capsys: Capture) -> Path:
    """A set of the first three, two of whom must sign, and a key file of each."""
    for number, account in enumerate(KEYS):
        path = tmp_path / f"{number}.key"
        path.write_text(bytes(account.key).hex() + "\n")
        path.chmod(0o600)
    path = tmp_path / "attestors.json"
    assert run("attestor", "set", "--name", "desk", *members(0, 1, 2), "--out", path, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    made = load_attestors(path)
    assert told["id"] == "0x" + made.id.hex() and told["must_sign"] == "2 of 3"
    assert told["generation"] == 1 and told["name"] == made.name == "desk"
    return path


def members(*which: int, threshold: int = 2) -> list[Any]:
    listed = [part for i in which for part in ("--member", KEYS[i].address)]
    return [*listed, "--threshold", threshold]


def rotate(born: Path, capsys: Capture, *more: object, status: int = 0) -> dict[str, Any]:
    assert run("attestor", "rotate", born, *members(1, 2, 3), *more, "--json") == status
    shown = capsys.readouterr()
    answer: dict[str, Any] = json.loads(shown.out)
    return answer if status == 0 else answer["error"]


def key(born: Path, number: int) -> tuple[object, ...]:
    return ("--key-file", born.parent / f"{number}.key")


def test_a_new_set_replaces_no_document(born: Path, capsys: Capture) -> None:
    before = born.read_bytes()
    assert run("attestor", "set", "--name", "other", *members(0), "--out", born) == 2
    assert born.read_bytes() == before


def test_members_sign_apart_and_one_puts_it_together(born: Path, capsys: Capture) -> None:
    first = load_attestors(born)
    signed = rotate(born, capsys, *key(born, 0), "--sign")
    assert signed["generation"] == 2 and len(signed["signatures"]) == 1
    assert load_attestors(born) == first
    out = born.parent / "next.json"
    given = ("--signature", signed["signatures"][0], *key(born, 2), "--out", out)
    told = rotate(born, capsys, *given)
    made = load_attestors(out)
    assert load_attestors(born) == first and made.follows(first) and made.generation == 2
    assert told["id"] == "0x" + first.id.hex() and told["generation"] == 2
    assert told["transaction"]["data"].startswith(
        "0x" + keccak(text=told["transaction"]["call"])[:4].hex()
    )
    rotate(born, capsys, *key(born, 0), *key(born, 1))
    assert load_attestors(born).members == made.members


def test_a_keystore_hands_over(born: Path, capsys: Capture) -> None:
    words = "the passphrase of a member"
    kept = Account.encrypt(KEYS[0].key, words, kdf="scrypt", iterations=4_096)
    store = write_private(born.parent / "k.json", json.dumps(kept))
    file = write_private(born.parent / "words", words + "\n")
    given = ("--key-file", store, *key(born, 1), "--passphrase-file")
    wrong = write_private(born.parent / "others", "other words\n")
    assert rotate(born, capsys, *given, wrong, status=2)["code"] == "refused.keystore"
    assert rotate(born, capsys, *given, file)["generation"] == 2


@pytest.mark.parametrize(
    ("signers", "more", "status", "code"),
    [
        ((0,), (), 1, "rejected.quorum"),
        ((), (), 1, "rejected.quorum"),
        ((0, 0), (), 1, "rejected.quorum"),
        ((0, 3), (), 2, "refused.quorum"),
        ((0,), ("--signature", "0x12"), 2, "malformed.signature"),
    ],
)
def test_what_does_not_hand_over(
    born: Path,
    capsys: Capture,
    signers: tuple[int, ...],
    more: tuple[str, ...],
    status: int,
    code: str,
) -> None:
    before = born.read_bytes()
    keys = [part for number in signers for part in key(born, number)]
    assert rotate(born, capsys, *keys, *more, status=status)["code"] == code
    assert born.read_bytes() == before


def test_the_same_members_are_no_next_generation(born: Path, capsys: Capture) -> None:
    assert run("attestor", "rotate", born, *members(0, 1, 2), *key(born, 0), *key(born, 1)) == 2
    assert load_attestors(born).generation == 1
