"""The vault file: opens with its passphrase only, shows nothing, overwrites nothing."""

from __future__ import annotations

import copy
import os
import pickle
import stat
import threading
from pathlib import Path

import pytest
from argon2.exceptions import HashingError
from argon2.low_level import error_to_str

from algebra.errors import Refused, Unavailable
from algebra.interface import R
from algebra.poseidon2 import TAG_NULLIFIER, TAG_OWNER, hash_words
from prover import vault
from prover.vault import FILE_BYTES, HEADER, Cost, Identity, create_vault, open_vault

CHEAP = Cost(memory_kib=64, passes=1, lanes=1)
PASSPHRASE = "correct horse battery"
TEST_MEMORY_KIB = 4096


def test_opens_with_its_passphrase(tmp_path: Path) -> None:
    made = create_vault(tmp_path / "desk.vault", PASSPHRASE, cost=CHEAP)
    opened = open_vault(tmp_path / "desk.vault", PASSPHRASE)
    assert opened.reveal() == made.reveal()
    assert 1 <= opened.reveal() < R
    assert opened.owner_tag(7) == hash_words(TAG_OWNER, [made.reveal(), 7])
    assert opened.nullifier(7) == hash_words(TAG_NULLIFIER, [made.reveal(), 7])


def test_default_cost_is_256_mebibytes() -> None:
    assert Cost().memory_kib == 256 * 1024
    assert Cost().sensible()


def test_file_is_private_and_of_one_length(tmp_path: Path) -> None:
    path = tmp_path / "desk.vault"
    create_vault(path, PASSPHRASE, cost=CHEAP)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.stat().st_size == FILE_BYTES == 96
    assert os.listdir(tmp_path) == ["desk.vault"]


def test_two_vaults_share_nothing(tmp_path: Path) -> None:
    first = create_vault(tmp_path / "a", PASSPHRASE, cost=CHEAP)
    second = create_vault(tmp_path / "b", PASSPHRASE, cost=CHEAP)
    a, b = (tmp_path / "a").read_bytes(), (tmp_path / "b").read_bytes()
    assert first.reveal() != second.reveal()
    assert a[:20] == b[:20]  # magic and cost
    assert a[20:36] != b[20:36] and a[36:48] != b[36:48] and a[48:] != b[48:]


def test_secret_is_not_in_the_file(tmp_path: Path) -> None:
    made = create_vault(tmp_path / "v", PASSPHRASE, cost=CHEAP)
    data = (tmp_path / "v").read_bytes()
    for order in ("big", "little"):
        assert made.reveal().to_bytes(32, order)[:8] not in data  # type: ignore[arg-type]
    assert PASSPHRASE.encode() not in data


@pytest.mark.parametrize(
    "passphrase", ["", "correct horse batterz", PASSPHRASE + " ", PASSPHRASE.upper()]
)
def test_wrong_passphrase(tmp_path: Path, passphrase: str) -> None:
    create_vault(tmp_path / "v", PASSPHRASE, cost=CHEAP)
    with pytest.raises(Refused) as caught:
        open_vault(tmp_path / "v", passphrase)
    assert caught.value.code == "refused.vault"
    assert PASSPHRASE not in str(caught.value) and (
        not passphrase or passphrase not in str(caught.value)
    )


def test_unicode_forms_of_a_passphrase_agree(tmp_path: Path) -> None:
    create_vault(tmp_path / "v", "Zürich Börse 2026", cost=CHEAP)
    open_vault(tmp_path / "v", "Zu\u0308rich Bo\u0308rse 2026")


def test_every_flipped_bit_is_found(tmp_path: Path) -> None:
    path = tmp_path / "v"
    create_vault(path, PASSPHRASE, cost=CHEAP)
    good = path.read_bytes()
    for bit in range(8 * len(good)):
        bad = bytearray(good)
        bad[bit // 8] ^= 1 << (bit % 8)
        path.write_bytes(bytes(bad))
        with pytest.raises(Refused) as caught:
            open_vault(path, PASSPHRASE, max_memory_kib=TEST_MEMORY_KIB)
        assert caught.value.code == "refused.vault", f"bit {bit}"
    path.write_bytes(good)
    open_vault(path, PASSPHRASE)


@pytest.mark.parametrize("length", [0, 7, 8, 47, 48, 95, 97, 4096])
def test_wrong_length(tmp_path: Path, length: int) -> None:
    path = tmp_path / "v"
    create_vault(path, PASSPHRASE, cost=CHEAP)
    path.write_bytes((path.read_bytes() + bytes(4000))[:length])
    with pytest.raises(Refused, match="not a vault") as caught:
        open_vault(path, PASSPHRASE)
    assert caught.value.code == "refused.vault"


def test_missing_file_and_folder(tmp_path: Path) -> None:
    for action, code in (
        (lambda: open_vault(tmp_path / "none", PASSPHRASE), "unavailable.vault"),
        (lambda: open_vault(tmp_path, PASSPHRASE), "unavailable.not_a_file"),
        (
            lambda: create_vault(tmp_path / "no" / "folder", PASSPHRASE, cost=CHEAP),
            "unavailable.folder",
        ),
    ):
        with pytest.raises(Unavailable) as caught:
            action()
        assert caught.value.code == code


@pytest.mark.parametrize(
    ("raised", "code", "needed"),
    [
        (MemoryError(), "refused.memory", 256 << 20),
        (HashingError(error_to_str(-22)), "refused.memory", 256 << 20),
        (HashingError(error_to_str(-33)), "refused.threads", 4),
    ],
)
def test_argon2_that_gets_too_little(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raised: Exception, code: str, needed: int
) -> None:
    """Says how much is needed, and nothing of the passphrase."""

    def short(*_: object, **__: object) -> bytes:
        raise raised

    monkeypatch.setattr(vault, "hash_secret_raw", short)
    with pytest.raises(Refused) as caught:
        create_vault(tmp_path / "v", PASSPHRASE)
    assert caught.value.code == code and caught.value.fields["needed"] == needed
    assert PASSPHRASE not in str(caught.value) and os.listdir(tmp_path) == []


def test_greedy_file_is_refused_before_memory_is_spent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spent(*_: object, **__: object) -> bytes:
        raise AssertionError("Argon2id ran")

    monkeypatch.setattr(vault, "hash_secret_raw", spent)
    path = tmp_path / "v"
    for cost in (
        (1 << 31, 1, 1),
        (64, 1 << 30, 1),
        (64, 1, 1 << 20),
        (0, 1, 1),
        (64, 0, 1),
        (64, 1, 0),
    ):
        path.write_bytes(HEADER.pack(vault.MAGIC, *cost, bytes(16), bytes(12)) + bytes(48))
        with pytest.raises(Refused) as caught:
            open_vault(path, PASSPHRASE)
        assert caught.value.code == "refused.vault"


def test_never_overwrites(tmp_path: Path) -> None:
    path = tmp_path / "v"
    path.write_bytes(b"something dear")
    with pytest.raises(Refused) as caught:
        create_vault(path, PASSPHRASE, cost=CHEAP)
    assert caught.value.code == "refused.vault_exists"
    assert path.read_bytes() == b"something dear"
    assert os.listdir(tmp_path) == ["v"]


def test_never_overwrites_through_a_dangling_link(tmp_path: Path) -> None:
    (tmp_path / "v").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Refused) as caught:
        create_vault(tmp_path / "v", PASSPHRASE, cost=CHEAP)
    assert caught.value.code == "refused.vault_exists"
    assert not (tmp_path / "elsewhere").exists()


def test_race_for_one_name_has_one_winner(tmp_path: Path) -> None:
    path, outcomes = tmp_path / "v", []
    gate = threading.Barrier(8)

    def attempt() -> None:
        gate.wait()
        try:
            outcomes.append(create_vault(path, PASSPHRASE, cost=CHEAP))
        except Refused as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [outcome for outcome in outcomes if isinstance(outcome, Identity)]
    assert len(winners) == 1 and outcomes.count("refused.vault_exists") == 7
    assert open_vault(path, PASSPHRASE).reveal() == winners[0].reveal()
    assert os.listdir(tmp_path) == ["v"]


def test_nothing_half_written_when_the_disk_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(vault.os, "fsync", full)
    with pytest.raises(Unavailable) as caught:
        create_vault(tmp_path / "v", PASSPHRASE, cost=CHEAP)
    assert caught.value.code == "unavailable.space"
    assert os.listdir(tmp_path) == []


def test_short_passphrase_and_odd_cost(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        create_vault(tmp_path / "v", "elevenchars", cost=CHEAP)
    assert caught.value.code == "refused.passphrase"
    assert "elevenchars" not in str(caught.value)
    with pytest.raises(Refused) as caught:
        create_vault(tmp_path / "v", PASSPHRASE, cost=Cost(memory_kib=1, passes=1, lanes=1))
    assert caught.value.code == "refused.vault"
    assert os.listdir(tmp_path) == []


def test_secret_draw_rejects_outside_the_field(monkeypatch: pytest.MonkeyPatch) -> None:
    draws = iter([0, R, R + 5, (1 << 254) - 1, R - 1])
    monkeypatch.setattr(vault.secrets, "randbits", lambda bits: next(draws))
    assert vault._draw_secret() == R - 1
    assert next(draws, None) is None


def test_identity_shows_and_copies_nothing() -> None:
    identity = Identity(0x1234567890ABCDEF)
    for text in (repr(identity), str(identity), f"{identity}"):
        assert str(identity.reveal()) not in text and "1234567890" not in text.lower()
    assert not hasattr(identity, "__dict__")
    with pytest.raises(TypeError):
        pickle.dumps(identity)
    with pytest.raises(TypeError):
        copy.deepcopy(identity)
    with pytest.raises(AttributeError):
        identity.note = 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("secret", [0, -1, R, R + 1, 1 << 256])
def test_identity_has_one_form(secret: int) -> None:
    with pytest.raises(Refused):
        Identity(secret)
