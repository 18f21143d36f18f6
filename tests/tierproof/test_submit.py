"""`tierproof submit` against a service on a socket of this machine, with a real proof."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from service.store.store import Store
from tests.tierproof.conftest import Desk
from tests.tierproof.test_real_service import store as store
from tests.tierproof.test_real_service import url as url
from tierproof.cli import main
from tierproof.documents import CredentialFile, RootFile


def submit(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    status = main(["submit", *map(str, arguments)])
    said = capsys.readouterr()
    return status, said.out, said.err


def test_accepted_and_told_again(
    url: str, desk: Desk, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = (desk.credential, "--service", f"{url}/v1", "--json")
    status, out, _ = submit(capsys, *asked)
    first = json.loads(out)
    assert status == 0 and (first["outcome"], first["replayed"], first["stands"]) == (
        "accepted", False, True,
    )  # fmt: skip
    root = RootFile.load(desk.root).root
    store.revoke_root(root.attestor_set, root.root)
    status, out, _ = submit(capsys, *asked)
    again = json.loads(out)
    assert status == 0 and again["replayed"] and not again["stands"]
    assert again["against"] == ["refused.root_revoked"]
    assert again["credential"] == first["credential"]
    status, out, _ = submit(capsys, *asked[:-1])
    assert status == 0 and "replayed" in out and "refused.root_revoked" in out


def test_rejected_is_1_and_all_else_2(
    url: str, desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    of = json.loads(desk.credential.read_text())
    for change, wanted, code in (
        ({"account": "0x" + "ce" * 20}, 1, "rejected.equation"),
        ({"proof": of["proof"][:-2]}, 2, "malformed.length"),
        ({"tier": 99}, 2, "unknown.tier"),
    ):
        path = tmp_path / "credential.json"
        path.write_text(json.dumps({**of, **change}))
        CredentialFile.load(path)
        status, _, err = submit(capsys, path, "--service", f"{url}/v1")
        assert (status, code in err) == (wanted, True), err


def test_a_service_elsewhere(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _, err = submit(capsys, desk.credential, "--service", "http://example.org/v1")
    assert status == 2 and "malformed.url" in err
    key = tmp_path / "service.key"
    key.write_text("tp_secret")
    key.chmod(0o644)
    asked = ("--service", "http://127.0.0.1:1/v1", "--api-key-file", key)
    status, _, err = submit(capsys, desk.credential, *asked)
    assert status == 2 and "refused.open_key_file" in err and "tp_secret" not in err
