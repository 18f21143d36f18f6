"""The door to the chain: senders, failures, decoding of reverts, the deployment file."""

from __future__ import annotations

import copy
import json
import pickle
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from anvil_node import start_anvil
from eth_abi.abi import encode
from eth_account import Account
from eth_utils.crypto import keccak
from registry_world import NULLIFIER, STRANGER, World, mock

from algebra.errors import Malformed, Refused, Rejected, Unavailable
from contracts.build.artifact import REGISTRY, Artifact, known_errors, load_artifact
from contracts.client.chain import Chain
from contracts.client.deploy import check_deployment, deploy
from contracts.client.deployment import Deployment
from contracts.client.model import Roles
from contracts.client.order import Order
from contracts.client.registry import RegistryClient
from contracts.client.rehearsal import rehearse
from contracts.client.revert import rejected
from verifier.ceremonies import allowed_id, ceremony_ids

DEVELOPMENT = allowed_id("development")

pytestmark = pytest.mark.evm


def posing(name: str = "MockVerifier") -> Artifact:
    """A mock that claims to be a contract of src."""
    return replace(mock(name), source_name="src/Posing.sol")


def test_a_key_of_this_process_can_relay(world: World) -> None:
    key = Account.create()
    money: Any = {"from": world.admin, "to": key.address, "value": 10**18, "gas": 21_000}
    world.chain.web3.eth.send_transaction(money)
    world.submit()
    assert world.onboard(relayer=key).account == world.account


def test_a_relayer_without_money(world: World) -> None:
    world.submit()
    with pytest.raises(Refused, match=r"the sender cannot pay: [^{]+$") as caught:
        world.onboard(relayer=STRANGER)
    assert caught.value.code == "refused.funds"


def test_refused_in_the_block_is_refused(world: World) -> None:
    world.submit()
    world.onboard(gas=1_000_000)
    with pytest.raises(Rejected) as caught:
        world.onboard(gas=1_000_000)
    assert caught.value.code == "rejected.NullifierUsed"


def test_nobody_there() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(Unavailable) as caught:
        Chain.connect(f"http://127.0.0.1:{port}/secret-access-key")
    assert caught.value.code == "unavailable.node"
    assert "secret" not in str(caught.value)
    with pytest.raises(Unavailable):
        Chain.connect("file:///etc/passwd")


ANSWERS: dict[str, tuple[int, bytes]] = {
    "401": (401, b"no"),
    "429": (429, b"slow down"),
    "500": (500, b""),
    "html": (200, b"<html>"),
    "null": (200, b"null"),
    "list": (200, b"[]"),
    "no result": (200, b'{"jsonrpc": "2.0", "id": 0}'),
    "odd result": (200, b'{"jsonrpc": "2.0", "id": 0, "result": {"a": [1]}}'),
    "no such method": (
        200,
        b'{"jsonrpc": "2.0", "id": 0, "error": {"code": -32601, "message": "not found"}}',
    ),
}
"""What a failing node, or a door before it, may say."""


@pytest.mark.parametrize("fails", ["at once", "later"])
@pytest.mark.parametrize("answer", ANSWERS)
def test_a_node_that_fails(answer: str, fails: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Regression: an exception of web3 escaped, with the URL and its access key in the text."""
    monkeypatch.setattr("web3.providers.rpc.rpc.time.sleep", lambda _: None)  # between its tries
    status, body = ANSWERS[answer]

    class Node(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            known = fails == "later" and asked["method"] == "eth_chainId"
            told = (
                json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": "0x7a69"}).encode()
                if known
                else body
            )
            self.send_response(200 if known else status)
            self.send_header("content-length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Node)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url, at = f"http://127.0.0.1:{server.server_port}/secret-access-key", "0x" + "ab" * 20
    calls: list[Callable[[Chain], object]] = [
        Chain.now,
        Chain.accounts,
        lambda chain: chain.code(at),
    ]
    calls += [
        lambda chain: chain.deploy(mock("MockVerifier"), 7, bytes(32), sender=Account.create())
    ]
    try:
        for call in calls:
            with pytest.raises(Unavailable) as caught:
                call(Chain.connect(url))
            assert caught.value.code == "unavailable.node" and "secret" not in str(caught.value)
    finally:
        server.shutdown()
        server.server_close()


def test_no_contract_there(world: World) -> None:
    with pytest.raises(Unavailable) as caught:
        RegistryClient(world.chain, world.relayer)
    assert caught.value.code == "unavailable.contract"


def test_calls_that_cannot_be_made(world: World) -> None:
    for code, change in (
        ("malformed.thresholds", {"thresholds": (1, 2, 3)}),
        ("malformed.word", {"thresholds": (1, 2, 3, 4, 1 << 256)}),
        ("malformed.word", {"nullifier": -1}),
        ("malformed.word", {"root": 1 << 256}),
        ("malformed.word", {"tier": 256}),
        ("malformed.digest", {"policy_id": b"short"}),
        ("malformed.address", {"account": "0x1234"}),
        ("malformed.address", {"account": world.account[2:]}),
        ("malformed.address", {"account": world.account.swapcase().replace("0X", "0x")}),
    ):
        with pytest.raises(Malformed) as caught:
            world.onboard(**change)
        assert caught.value.code == code


def test_reverts_are_named() -> None:
    used = keccak(text="NullifierUsed(uint256,uint256)")[:4] + encode(
        ["uint256", "uint256"], [7, NULLIFIER]
    )
    error = rejected(used, known_errors())
    assert error.code == "rejected.NullifierUsed"
    written = {"scope": f"0x{7:064x}", "nullifier": f"0x{NULLIFIER:064x}"}  # as files write them
    assert error.fields["arguments"] == written and str(NULLIFIER) not in error.message
    assert copy.copy(error).code == pickle.loads(pickle.dumps(error)).code == error.code
    assert (
        rejected(bytes.fromhex("08c379a0") + encode(["string"], ["why"]), ()).code
        == "rejected.Error"
    )
    assert (
        rejected(bytes.fromhex("4e487b71") + encode(["uint256"], [0x11]), ()).code
        == "rejected.Panic"
    )
    for data in (b"", b"\1", b"\1\2\3\4", used[:20], bytes.fromhex("08c379a0") + b"\xff" * 40):
        assert rejected(data, known_errors()).code == "rejected.Reverted"


def test_deployment_file(tmp_path: Path) -> None:
    chain = Chain.embedded()
    admin, governor, guardian, sender = chain.accounts()[:4]
    roles = Roles(admin, governor, guardian)
    path = tmp_path / "deployments" / "local.json"
    order = Order(posing(), roles, (DEVELOPMENT, bytes(32)))
    made = deploy(chain, order, sender=sender, path=path)
    assert (
        int(made.srs_id, 16) == DEVELOPMENT and made.key_digest == "0x" + keccak(text="mock").hex()
    )
    assert Deployment.read(path) == made
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["local.json"]
    assert check_deployment(chain, made, posing()).address == made.registry

    with pytest.raises(Refused) as caught:
        check_deployment(chain, replace(made, key_digest="0x" + 64 * "0"), posing())
    assert caught.value.code == "refused.deployment"
    with pytest.raises(Refused):
        check_deployment(chain, replace(made, chain_id=1), posing())
    with pytest.raises(Unavailable):
        check_deployment(Chain.embedded(), made, posing())
    look_alike = replace(posing(), deployed_bytecode=posing().deployed_bytecode[:-2] + "00")
    with pytest.raises(Refused) as caught:
        check_deployment(chain, made, look_alike)
    assert caught.value.fields["address"] == made.verifier

    text = path.read_text()
    for broken in (
        "",
        "[]",
        text[:-5],
        text.replace("tierproof/deployment", "tierproof/root"),
        text.replace('"version": 1', '"version": 2'),
        text.replace('"version": 1', '"version": true'),
        text.replace('"srs_id": "0x', '"srs_id": "'),
        text.replace(made.srs_id, made.srs_id[:-1] + "G"),
    ):
        path.write_text(broken)
        with pytest.raises(Malformed) as malformed:
            Deployment.read(path)
        assert malformed.value.code == "malformed.deployment"
    with pytest.raises(Unavailable):
        Deployment.read(tmp_path / "none.json")


def test_verifiers_that_are_never_deployed(tmp_path: Path) -> None:
    roles = Roles(STRANGER.address, STRANGER.address, STRANGER.address)
    with pytest.raises(Refused) as caught:
        rehearse(Order(mock(), roles, (DEVELOPMENT, bytes(32))))
    assert caught.value.code == "refused.test_verifier"
    with pytest.raises(Unavailable):
        load_artifact("MockVerifier")
    for name in ("../test-artifacts/MockVerifier", "/etc/passwd", ""):
        with pytest.raises(Malformed):
            load_artifact(name)
    with pytest.raises(Refused) as caught:
        rehearse(Order(replace(posing(), deployed_bytecode="0x" + "00" * 24_577), roles))
    assert caught.value.code == "refused.code_size"
    registry = load_artifact(REGISTRY)
    with pytest.raises(Malformed) as malformed:
        rehearse(Order(registry, roles, (*[STRANGER.address] * 3, 0, [])))
    assert malformed.value.code == "malformed.verifier"


def test_only_known_ceremonies_are_sent_to_a_real_chain(tmp_path: Path) -> None:
    process, url = start_anvil("--chain-id", "10")
    try:
        chain = Chain.connect(url)
        admin, governor, guardian, sender = chain.accounts()[:4]
        roles = Roles(admin, governor, guardian)
        for srs_id in (DEVELOPMENT, 7):
            with pytest.raises(Refused) as caught:
                order = Order(posing(), roles, (srs_id, bytes(32)))
                deploy(chain, order, sender=sender, path=tmp_path / "d.json")
            assert caught.value.code == "refused.verifier_setup"
        assert int(chain.web3.eth.block_number) == 0 and not (tmp_path / "d.json").exists()
        made = deploy(chain, Order(posing(), roles, (ceremony_ids()[0], bytes(32))), sender=sender)
        assert int(made.srs_id, 16) == ceremony_ids()[0]
        with pytest.raises(Refused):
            chain.advance_time(1)
    finally:
        process.terminate()
        process.wait(timeout=10)
