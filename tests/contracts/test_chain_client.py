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
from registry_world import NULLIFIER, OWNER, STRANGER, World, mock, posing

from algebra.errors import Malformed, Refused, Rejected, Unavailable
from contracts.build.artifact import known_errors, load_artifact
from contracts.client.chain import Chain
from contracts.client.deploy import check_deployment, deploy
from contracts.client.deployment import Deployment
from contracts.client.model import LEAST_NOTICE, Roles
from contracts.client.order import Listing, Order
from contracts.client.registry import RegistryClient
from contracts.client.rehearsal import rehearse
from contracts.client.revert import rejected
from policies.attestor_set import AttestorSet
from policies.market_rules import STRICT, MarketRules
from policies.policy import example
from verifier.ceremonies import allowed_id, ceremony_ids

DEVELOPMENT = allowed_id("development")

pytestmark = pytest.mark.evm


def test_a_key_of_this_process_can_relay(world: World) -> None:
    key = Account.create()
    money: Any = {"from": world.admin, "to": key.address, "value": 10**18, "gas": 21_000}
    world.chain.web3.eth.send_transaction(money)
    world.submit()
    granted = world.onboard(sender=key, account=OWNER.address, consent=world.consent())
    assert granted.account == OWNER.address and granted.act == "first"


def test_a_relayer_without_money(world: World) -> None:
    world.submit()
    with pytest.raises(Refused, match=r"the sender cannot pay: [^{]+$") as caught:
        world.onboard(sender=STRANGER, consent=world.consent(), account=OWNER.address)
    assert caught.value.code == "refused.funds"


def test_refused_in_the_block_is_refused(world: World) -> None:
    world.submit()
    world.onboard(gas=1_000_000)
    with pytest.raises(Rejected) as caught:
        world.onboard(gas=1_000_000)
    assert caught.value.code == "rejected.NothingChanges"


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
    used = keccak(text="NullifierBarred(uint256,uint16)")[:4] + encode(
        ["uint256", "uint16"], [NULLIFIER, 7]
    )
    error = rejected(used, known_errors())
    assert error.code == "rejected.NullifierBarred"
    written = {"nullifier": f"0x{NULLIFIER:064x}", "freeFromDay": 7}  # as files write them
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


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Chain, Deployment, Path]:
    """A deployment on a chain of this process, and its file."""
    chain = Chain.embedded()
    admin, governor, guardian, sender = chain.accounts()[:4]
    path = tmp_path_factory.mktemp("deployed") / "deployments" / "local.json"
    order = Order((posing(),), Roles(admin, governor, guardian), (DEVELOPMENT, bytes(32)))
    return chain, deploy(chain, order, sender=sender, path=path), path


def test_deployment_file(deployed: tuple[Chain, Deployment, Path]) -> None:
    chain, made, path = deployed
    (judge,) = made.verifiers
    assert int(judge.srs_id, 16) == DEVELOPMENT
    assert judge.key_digest == "0x" + keccak(text="mock").hex() and made.of_key(judge.key_digest)
    assert Deployment.read(path) == made
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["local.json"]
    assert check_deployment(chain, made, [posing()]).address == made.registry
    other = replace(judge, key_digest="0x" + 64 * "0")
    birth = replace(made.birth, notice=60)
    other_market = MarketRules(replace(STRICT.terms, max_leverage=1))
    stolen = {**made.libraries, "Roots": made.libraries["Router"]}
    for wrong in (
        replace(made, verifiers=(other,)),
        replace(made, chain_id=1),
        replace(made, birth=birth),
        replace(made, birth=replace(made.birth, market=other_market)),
        replace(made, libraries=stolen),
        replace(made, libraries={**made.libraries, "More": made.registry}),
        replace(made, authority=made.registry),
        replace(made, registry=made.authority),
    ):
        with pytest.raises(Refused) as caught:
            check_deployment(chain, wrong, [posing()])
        assert caught.value.code == "refused.deployment"
    with pytest.raises(Unavailable):
        check_deployment(Chain.embedded(), made, [posing()])
    look_alike = replace(posing(), deployed_bytecode=posing().deployed_bytecode[:-2] + "00")
    with pytest.raises(Refused) as caught:
        check_deployment(chain, made, [look_alike])
    assert caught.value.fields["address"] == judge.address


def test_deployment_files_that_are_none(
    deployed: tuple[Chain, Deployment, Path], tmp_path: Path
) -> None:
    _, made, there = deployed
    text, path = there.read_text(), tmp_path / "d.json"
    judge = made.verifiers[0]
    for broken in (
        "",
        "[]",
        text[:-5],
        text.replace("tierproof/deployment", "tierproof/root"),
        text.replace('"version": 2', '"version": 1'),
        text.replace('"version": 2', '"version": true'),
        text.replace('"srs_id": "0x', '"srs_id": "'),
        text.replace(judge.srs_id, judge.srs_id[:-1] + "G"),
        text.replace('"chain_id": ', '"chain_id": -'),
        text.replace('"notice": 0', '"notice": 0.5'),
        text.replace('"bands": [', '"bands": [7, '),
        text.replace('"deployer"', '"payer"'),
        json.dumps(json.loads(text) | {"verifiers": []}),
        json.dumps(json.loads(text) | {"libraries": []}),
    ):
        path.write_text(broken)
        with pytest.raises(Malformed) as malformed:
            Deployment.read(path)
        assert malformed.value.code == "malformed.deployment", broken
    path.write_text(text.replace(made.registry, made.registry.lower().replace("0x", "0X")))
    with pytest.raises(Malformed) as malformed:
        Deployment.read(path)
    assert malformed.value.code == "malformed.address"
    with pytest.raises(Unavailable):
        Deployment.read(tmp_path / "none.json")


def test_verifiers_that_are_never_deployed(tmp_path: Path) -> None:
    who = STRANGER.address
    roles = Roles(who, who, who)
    with pytest.raises(Refused) as caught:
        rehearse(Order((mock(),), roles, (DEVELOPMENT, bytes(32))), who)
    assert caught.value.code == "refused.test_verifier"
    with pytest.raises(Unavailable):
        load_artifact("MockVerifier")
    for name in ("../test-artifacts/MockVerifier", "/etc/passwd", ""):
        with pytest.raises(Malformed):
            load_artifact(name)
    large = replace(posing(), deployed_bytecode="0x" + "00" * 24_577)
    with pytest.raises(Refused) as caught:
        rehearse(Order((large,), roles), who)
    assert caught.value.code == "refused.code_size"
    with pytest.raises(Malformed) as malformed:
        rehearse(Order((load_artifact("Authority"),), roles, (who,)), who)
    assert malformed.value.code == "malformed.verifier"


def test_what_is_not_sent_to_a_real_chain(tmp_path: Path) -> None:
    """A setup of no ceremony, no notice, an admin who need not wait, a quorum of one."""
    process, url = start_anvil("--chain-id", "10")
    try:
        chain = Chain.connect(url)
        admin, governor, guardian, sender = chain.accounts()[:4]
        roles = Roles(admin, governor, guardian, LEAST_NOTICE)
        ceremony = (ceremony_ids()[0], bytes(32))
        real = Order((posing(),), roles, ceremony, notice=LEAST_NOTICE)
        alone = AttestorSet.of([STRANGER.address], 1)
        policy = replace(example("standard"), attestor_set=alone.id)
        for code, order in (
            ("refused.verifier_setup", replace(real, arguments=(DEVELOPMENT, bytes(32)))),
            ("refused.verifier_setup", replace(real, arguments=(7, bytes(32)))),
            ("refused.notice", replace(real, notice=LEAST_NOTICE - 1)),
            ("refused.notice", replace(real, roles=replace(roles, admin_delay=0))),
            ("refused.quorum", replace(real, listing=Listing(policy, alone))),
        ):
            with pytest.raises(Refused) as caught:
                deploy(chain, order, sender=sender, path=tmp_path / "d.json")
            assert caught.value.code == code
        assert int(chain.web3.eth.block_number) == 0 and not (tmp_path / "d.json").exists()
        made = deploy(chain, real, sender=sender)
        assert int(made.verifiers[0].srs_id, 16) == ceremony_ids()[0]
        with pytest.raises(Refused):
            chain.advance_time(1)
    finally:
        process.terminate()
        process.wait(timeout=10)
