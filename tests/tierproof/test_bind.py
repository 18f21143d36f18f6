"""Wallets join a tag: `identity --bind`, `sign` and `bindings add`, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from eth_account import Account

from attestor.bindings import BindingRegistry
from policies.attestor_set import AttestorSet
from prover.vault import Identity
from tests.tierproof.conftest import ACCOUNT, run
from tierproof.consent_file import load_consent, write_consent
from tierproof.documents import attestors_document
from tierproof.institution import binding_request, write_json
from tierproof.owner import VenueOwner

Capture = pytest.CaptureFixture[str]
WALLET = Account.from_key("0x" + "5a" * 32)
SET_ID = AttestorSet.of([ACCOUNT], 1).id
DAY = 20_454  # 2026-01-01
OWNER = VenueOwner.of(Identity(7), "tierproof-sample")


@pytest.fixture
def request_file(tmp_path: Path) -> Path:
    path = tmp_path / "request.json"
    document, consent = binding_request(OWNER, WALLET.address, SET_ID, DAY)
    write_json(path, document)
    write_consent(consent, tmp_path / "consent.json")
    return path


def signature(request_file: Path, capsys: Capture) -> str:
    key = request_file.with_name("wallet.key")
    key.write_text(f"{bytes(WALLET.key).hex()}\n")
    key.chmod(0o600)
    assert run("sign", request_file, "--key-file", key, "--json") == 0
    captured = capsys.readouterr()
    assert bytes(WALLET.key).hex() not in captured.out + captured.err
    said: str = json.loads(captured.out)["signature"]
    return said


def bind(path: Path, given: str, *more: object) -> int:
    files = ("--bindings", path.with_name("bindings.json"))
    files += ("--consent", path.with_name("consent.json"))
    return run("bindings", "add", path, "--signature", given, *files, *more, "--json")


def code(capsys: Capture) -> str:
    return str(json.loads(capsys.readouterr().out)["error"]["code"])


def test_a_signed_binding_enters_the_file(request_file: Path, capsys: Capture) -> None:
    signed = signature(request_file, capsys)
    assert bind(request_file, signed, "--today", "2025-12-31") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["from"] == "2026-01-01" and said["consent_key"] == OWNER.consent_key
    registry = BindingRegistry.load(request_file.with_name("bindings.json"))
    assert [each.signed.binding.wallet for each in registry.entries] == [WALLET.address.lower()]
    assert registry.attestor_set == SET_ID and registry.calendars == []
    assert bind(request_file, signed, "--today", "2025-12-31") == 2  # under a tag already
    assert code(capsys) == "refused.binding"
    assert not request_file.with_name("bindings.json.lock").exists()


def test_a_wallet_leaves_and_may_join_again(request_file: Path, capsys: Capture) -> None:
    """Its binding stays on record; the day may be ahead, never behind."""
    book, wallet = request_file.with_name("bindings.json"), WALLET.address
    assert bind(request_file, signature(request_file, capsys), "--today", "2025-12-31") == 0
    leave = ("bindings", "end", wallet, "--bindings", book, "--json")
    before = book.read_bytes()
    for arguments in (
        (*leave, "--today", "2026-02-02", "--from", "2026-02-01"),  # dated back
        (*leave, "--today", "2025-12-31", "--from", "2026-01-01"),  # not bound before
        ("bindings", "end", ACCOUNT, *leave[3:]),  # nobody's
    ):
        capsys.readouterr()
        assert run(*arguments) == 2 and code(capsys) == "refused.binding"
        assert book.read_bytes() == before
    assert run(*leave, "--today", "2026-01-15", "--from", "2026-02-01") == 0
    assert json.loads(capsys.readouterr().out)["left_from"] == "2026-02-01"
    (entry,) = BindingRegistry.load(book).entries
    assert entry.holds(DAY + 30) and not entry.holds(DAY + 31)
    assert run(*leave, "--today", "2026-02-02") == 2 and code(capsys) == "refused.binding"  # gone
    assert not book.with_name("bindings.json.lock").exists()
    later, consent = binding_request(OWNER, wallet, SET_ID, DAY + 31)
    write_json(request_file, later)
    write_consent(consent, request_file.with_name("consent.json"))
    again = signature(request_file, capsys)
    assert bind(request_file, again, "--today", "2026-01-20") == 0
    assert len(BindingRegistry.load(book).entries) == 2


def test_without_a_bindings_file_nobody_leaves(tmp_path: Path, capsys: Capture) -> None:
    book = tmp_path / "bindings.json"
    assert run("bindings", "end", ACCOUNT, "--bindings", book, "--json") == 2
    assert code(capsys) == "unavailable.file" and not list(tmp_path.iterdir())


def test_what_bind_refuses(request_file: Path, capsys: Capture) -> None:
    signed = signature(request_file, capsys)
    other = "0x" + "12" * 64 + "1b"
    for given, today, expected in (
        (signed, "2026-01-02", "refused.binding"),  # dated back
        ("0x12", "2025-12-31", "malformed.signature"),
        (other, "2025-12-31", "rejected."),
    ):
        assert bind(request_file, given, "--today", today) in (1, 2)
        assert code(capsys).startswith(expected)
    request_file.with_name("bindings.json.lock").touch()
    assert bind(request_file, signed, "--today", "2025-12-31") == 2
    assert code(capsys) == "refused.busy"
    assert not request_file.with_name("bindings.json").exists()


def test_without_the_owners_consent_nothing_is_taken_in(
    request_file: Path, capsys: Capture
) -> None:
    """None, another binding's, a stranger's, one without its seed: all are named."""
    signed, consent = signature(request_file, capsys), request_file.with_name("consent.json")
    arguments = (
        "bindings",
        "add",
        request_file,
        "--signature",
        signed,
        "--today",
        "2025-12-31",
        "--json",
    )
    assert run(*arguments) == 2
    assert "--consent" in capsys.readouterr().out
    good = consent.read_text()
    later = OWNER.binding(WALLET.address.lower(), SET_ID, DAY + 1)
    write_consent(OWNER.consent(later), consent)
    assert bind(request_file, signed, "--today", "2025-12-31") == 1
    assert code(capsys) == "rejected.consent"
    thief = VenueOwner.of(Identity(8), "tierproof-sample")
    asked = thief.binding(WALLET.address.lower(), SET_ID, DAY)
    write_consent(thief.consent(asked), consent)
    assert bind(request_file, signed, "--today", "2025-12-31") == 1
    assert code(capsys) == "rejected.consent"
    for change in ({"salt_seed": "0x12"}, {"signature": "0x12"}, {"version": 2}, {"more": 1}):
        consent.write_text(json.dumps(json.loads(good) | change))
        assert bind(request_file, signed, "--today", "2025-12-31") == 2
        assert code(capsys) in ("malformed.consent", "malformed.signature")
    assert not request_file.with_name("bindings.json").exists()


def test_a_consent_file_is_private_and_reads_back(request_file: Path) -> None:
    path = request_file.with_name("consent.json")
    held = load_consent(path)
    assert path.stat().st_mode & 0o077 == 0
    assert held.salt_seed == Identity(7).salt_seed(OWNER.venue)
    write_consent(held, path)
    assert load_consent(path) == held


@pytest.mark.parametrize(
    "change",
    [
        {"primaryType": "Permit"},
        {"domain": {"name": "Another", "version": "1"}},
        {"types": {}},
        {"message": {}},
    ],
)
def test_only_a_binding_is_signed(
    change: dict[str, object], request_file: Path, capsys: Capture
) -> None:
    """`sign` holds a wallet's key: it must not sign whatever document it is handed."""
    signature(request_file, capsys)
    request_file.write_text(json.dumps(json.loads(request_file.read_text()) | change))
    key = request_file.with_name("wallet.key")
    assert run("sign", request_file, "--key-file", key, "--json") == 2
    assert code(capsys) == "malformed.binding_request"


def test_another_wallets_key(request_file: Path, capsys: Capture) -> None:
    key = request_file.with_name("other.key")
    key.write_text("5b" * 32)
    key.chmod(0o600)
    assert run("sign", request_file, "--key-file", key, "--json") == 2
    assert code(capsys) == "malformed.binding"


# -- windows ---------------------------------------------------------------------------------------
ATTESTOR = Account.from_key("0x" + "7b" * 32)


@pytest.fixture
def announcing(tmp_path: Path) -> tuple[object, ...]:
    """A set of one attestor, his key, and an empty book."""
    attestors = attestors_document(AttestorSet.of([ATTESTOR.address], 1))
    (tmp_path / "attestors.json").write_text(json.dumps(attestors))
    (tmp_path / "attestor.key").write_text(bytes(ATTESTOR.key).hex() + "\n")
    (tmp_path / "attestor.key").chmod(0o600)
    files = {"--attestors": "attestors.json", "--key-file": "attestor.key"}
    files |= {"--bindings": "bindings.json", "--out": "calendar.json"}
    given = [part for name, file in files.items() for part in (name, tmp_path / file)]
    return ("windows", "announce", *given, "--series", "desk", "--length", "30", "--json")


def test_windows_are_announced_and_taken_in(
    announcing: tuple[object, ...], tmp_path: Path, capsys: Capture
) -> None:
    more = ("--first-day", "2026-01-01", "--count", "2", "--today", "2025-12-31")
    assert run(*announcing, *more) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["series"] == "desk" and len(said["windows"]) == 2
    registry = BindingRegistry.load(tmp_path / "bindings.json")
    registry.require_window(DAY + 30, DAY + 59)
    other = ("windows", "take", tmp_path / "calendar.json")
    taken = ("--bindings", tmp_path / "other.json", "--today", "2025-12-31", "--json")
    assert run(*other, *taken) == 0
    assert json.loads(capsys.readouterr().out)["windows"] == said["windows"]
    assert BindingRegistry.load(tmp_path / "other.json").calendars == registry.calendars
    assert run(*other, *taken) == 2  # its windows are announced already
    assert code(capsys) == "refused.calendar"


def test_windows_that_have_begun_are_not_announced(
    announcing: tuple[object, ...], tmp_path: Path, capsys: Capture
) -> None:
    for more, expected in (
        (("--first-day", "2026-01-01", "--today", "2026-01-01"), "refused.calendar"),
        (("--first-day", "2026-01-01"), "refused.calendar"),  # long ago
        (("--first-day", "2026-01-01", "--today", "2025-12-31", "--count", "0"), "malformed."),
        (("--today", "2025-12-31"), "usage"),
    ):
        assert run(*announcing, *more) == 2
        assert code(capsys).startswith(expected)
    assert not (tmp_path / "bindings.json").exists()
    assert not (tmp_path / "calendar.json").exists()
