"""Wallets join a tag: `identity --bind`, `sign` and `bind`, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from eth_account import Account

from attestor.binding import BindingRegistry
from policies.signed_root import AttestorSet
from tests.tierproof.conftest import ACCOUNT, run
from tierproof.institution import binding_request, write_json

Capture = pytest.CaptureFixture[str]
WALLET = Account.from_key("0x" + "5a" * 32)
SET_ID = AttestorSet((ACCOUNT,), 1).id
DAY = 20_454  # 2026-01-01


@pytest.fixture
def request_file(tmp_path: Path) -> Path:
    path = tmp_path / "request.json"
    write_json(path, binding_request(7, "tierproof-sample", WALLET.address, SET_ID, DAY))
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
    bindings = path.with_name("bindings.json")
    return run("bind", path, "--signature", given, "--bindings", bindings, *more, "--json")


def code(capsys: Capture) -> str:
    return str(json.loads(capsys.readouterr().out)["error"]["code"])


def test_a_signed_binding_enters_the_file(request_file: Path, capsys: Capture) -> None:
    signed = signature(request_file, capsys)
    assert bind(request_file, signed, "--today", "2025-12-31") == 0
    assert json.loads(capsys.readouterr().out)["from"] == "2026-01-01"
    registry = BindingRegistry.load(request_file.with_name("bindings.json"))
    assert [each.signed.binding.wallet for each in registry.entries] == [WALLET.address.lower()]
    assert registry.attestor_set == SET_ID and registry.windows == []
    assert bind(request_file, signed, "--today", "2025-12-31") == 2  # under a tag already
    assert code(capsys) == "refused.binding"
    assert not request_file.with_name("bindings.json.lock").exists()


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
