"""A transaction from its signing to a block that stays: nonces, time-outs, reorganisations."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from anvil_node import start_anvil
from eth_account import Account
from eth_account.signers.local import LocalAccount
from node_proxy import proxied
from registry_world import World

from algebra.errors import Malformed, Refused, TierproofError, Unavailable
from contracts.client.chain import Chain
from contracts.client.finality import Finality
from contracts.client.outbox import Outbox, Pending
from contracts.client.registry import RegistryClient
from policies.signed_root import Root

pytestmark = pytest.mark.evm
SOON = Finality(seconds=0.6)


class Node:
    """An anvil with a registry; its one relayer is a key of this process."""

    def __init__(self, url: str) -> None:
        self.url, self.told = url, list[str]()
        self.world = World.build(Chain.connect(url))
        self.key: LocalAccount = Account.create()
        self.rpc("anvil_setBalance", self.key.address, hex(10**20))
        self.until = self.world.chain.now() + 86_400

    def rpc(self, method: str, *arguments: Any) -> Any:
        answer = self.world.chain.web3.provider.make_request(method, list(arguments))  # type: ignore[arg-type]
        assert "error" not in answer, answer
        return answer["result"]

    def client(
        self, finality: Finality = SOON, folder: Path | None = None, url: str | None = None
    ) -> RegistryClient:
        """A client of a process of its own."""
        chain = Chain.connect(
            url or self.url, finality=finality, outbox=Outbox(folder), tell=self.told.append
        )
        return RegistryClient(chain, self.world.client.address)

    def submit(self, client: RegistryClient, root: int, key: LocalAccount | None = None) -> bool:
        """Whether the registry knows it afterwards; each root has a window of its own."""
        last = self.world.last_day - root % 100
        signed = Root(
            *self.world.root(
                root=root, first_day=last - 27 - root // 100, last_day=last, valid_until=self.until
            ).as_tuple()
        )
        client.submit_root(signed, self.world.sign(signed), sender=key or self.key)
        return self.known(root)

    def known(self, root: int) -> bool:
        return bool(self.world.client.root_of(self.world.attestor_set, root)["serial"])

    def waiting(self) -> int:
        return int(self.rpc("txpool_status")["pending"], 16)


@pytest.fixture(scope="module")
def started() -> Iterator[Node]:
    process, url = start_anvil()
    yield Node(url)
    process.terminate()
    process.wait(20)


@pytest.fixture
def node(started: Node) -> Iterator[Node]:
    started.told.clear()
    yield started
    started.rpc("anvil_setIntervalMining", 0)
    started.rpc("anvil_dropAllTransactions")
    started.rpc("evm_setAutomine", True)


def hashes(told: list[str]) -> set[str]:
    return {word for line in told for word in line.replace(",", "").split() if len(word) == 66}


@pytest.mark.parametrize("kept", ["in this process", "in a folder"])
def test_a_time_out_is_gone_on_with(node: Node, tmp_path: Path, kept: str) -> None:
    """The hash is told before anything is waited for; a second run signs no second transaction."""
    folder = tmp_path / "pending" if kept == "in a folder" else None
    client, root = node.client(folder=folder), 500 + len(kept)
    node.rpc("evm_setAutomine", False)
    with pytest.raises(Unavailable) as caught:
        node.submit(client, root)
    assert caught.value.code == "unavailable.receipt"
    sent = caught.value.fields["transaction"]
    assert str(sent) in caught.value.message and f"transaction {sent}, nonce" in node.told[0]
    again = client if folder is None else node.client(folder=folder)  # another process
    with pytest.raises(Unavailable) as caught:
        node.submit(again, root)
    assert caught.value.fields["transaction"] == sent and node.waiting() == 1
    node.rpc("evm_mine")
    assert node.submit(again, root) and again.chain.sent[0].transaction == sent
    assert hashes(node.told) >= {sent} and node.known(root)
    assert folder is None or not folder.exists()


def test_another_call_of_the_same_key_takes_the_next_nonce(node: Node) -> None:
    """Regression: `latest` counts no transaction that waits; the second was "underpriced"."""
    node.rpc("evm_setAutomine", False)
    for root in (601, 602):
        with pytest.raises(Unavailable) as caught:
            node.submit(node.client(), root)
        assert caught.value.code == "unavailable.receipt"
    assert node.waiting() == 2
    node.rpc("evm_mine")
    assert node.known(601) and node.known(602)


def test_many_at_once_with_one_key(node: Node, tmp_path: Path) -> None:
    """In threads of one process, and in processes that know nothing of each other."""
    node.rpc("evm_setAutomine", False)
    node.rpc("anvil_setIntervalMining", 1)
    shared = node.client(Finality(seconds=30))
    clients = [shared, shared, node.client(Finality(seconds=30)), node.client(Finality(seconds=30))]
    failures: list[TierproofError] = []

    def relay(client: RegistryClient, root: int) -> None:
        try:
            node.submit(client, root)
        except TierproofError as error:
            failures.append(error)

    threads = [
        threading.Thread(target=relay, args=(client, 700 + i)) for i, client in enumerate(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert all(node.known(700 + i) for i in range(len(clients)))


def test_what_the_node_never_got_is_sent_again(node: Node, tmp_path: Path) -> None:
    """The connection breaks at the sending: the signed bytes are on the disk."""

    def breaks(question: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any] | None:
        return None if question["method"] == "eth_sendRawTransaction" else answer

    folder = tmp_path / "pending"
    node.rpc("evm_setAutomine", False)
    with proxied(node.url, breaks) as url, pytest.raises(Unavailable) as caught:
        node.submit(node.client(folder=folder, url=url), 801)
    (kept,) = Outbox(folder).all()
    assert caught.value.fields["transaction"] == kept.transaction
    node.rpc("anvil_dropAllTransactions")  # whatever of it came through
    node.rpc("evm_setAutomine", True)
    client = node.client(Finality(seconds=10), folder)
    node.submit(client, 801)
    assert client.chain.sent[0].transaction == kept.transaction and node.known(801)
    assert any("sending it again" in line for line in node.told) and not folder.exists()


def test_a_dropped_transaction_is_sent_again_while_it_waits(node: Node) -> None:
    node.rpc("evm_setAutomine", False)
    client = node.client(Finality(seconds=20))
    found: list[bool] = []
    thread = threading.Thread(target=lambda: found.append(node.submit(client, 811)))
    thread.start()
    until(lambda: node.waiting() == 1)
    node.rpc("anvil_dropAllTransactions")
    until(lambda: node.waiting() == 1)
    node.rpc("evm_mine")
    thread.join(20)
    assert found == [True] and node.known(811)
    assert any("has dropped transaction" in line for line in node.told)


def test_another_transaction_takes_its_nonce(node: Node, tmp_path: Path) -> None:
    folder = tmp_path / "pending"
    node.rpc("evm_setAutomine", False)
    with pytest.raises(Unavailable):
        node.submit(node.client(folder=folder), 821)
    (kept,) = Outbox(folder).all()
    node.rpc("anvil_dropAllTransactions")
    node.rpc("evm_setAutomine", True)
    eth = node.world.chain.web3.eth
    other = node.key.sign_transaction(
        {"to": node.key.address, "value": 0, "gas": 21_000, "gasPrice": eth.gas_price * 3,
         "nonce": kept.nonce, "chainId": node.world.chain.chain_id}
    )  # fmt: skip
    eth.send_raw_transaction(other.raw_transaction)
    client = node.client(Finality(seconds=10), folder)
    with pytest.raises(Unavailable) as caught:
        node.submit(client, 821)
    assert caught.value.code == "unavailable.replaced" and not folder.exists()
    assert node.submit(client, 821)


def test_confirmations_are_waited_for(node: Node) -> None:
    """Three blocks, that of the transaction among them, and what is told says how deep it is."""
    client = node.client(Finality(confirmations=3, seconds=0.5))
    with pytest.raises(Unavailable, match="not settled") as caught:
        node.submit(client, 901)
    assert caught.value.code == "unavailable.receipt"
    node.rpc("evm_mine")
    with pytest.raises(Unavailable):
        node.submit(client, 901)
    node.rpc("evm_mine")
    node.submit(client, 901)
    (included,) = client.chain.sent
    assert included.confirmations == 3 and included.finalized is False
    assert included.transaction == caught.value.fields["transaction"]


def test_finalized_is_waited_for(node: Node) -> None:
    """anvil finalizes what is 64 blocks old."""
    client = node.client(Finality(finalized=True, seconds=0.5))
    with pytest.raises(Unavailable):
        node.submit(client, 911)
    node.rpc("anvil_mine", hex(64))
    node.submit(client, 911)
    assert client.chain.sent[0].finalized is True


def test_a_node_that_finalizes_nothing(node: Node) -> None:
    """Said before anything is sent; without the option it is told as not known."""

    def ignorant(question: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        if question.get("params", [None])[:1] == ["finalized"]:
            answer.pop("result", None)
            answer["error"] = {"code": -39001, "message": "unknown block"}
        return answer

    with proxied(node.url, ignorant) as url:
        with pytest.raises(Refused) as caught:
            node.client(Finality(finalized=True), url=url)
        assert caught.value.code == "refused.finalized"
        client = node.client(Finality(seconds=10), url=url)
        node.submit(client, 921)
        assert client.chain.sent[0].finalized is None


def test_a_reorganisation_is_told_and_the_transaction_sent_again(node: Node) -> None:
    """Regression: one block was taken as final, and its loss was never said."""
    client = node.client(Finality(confirmations=4, seconds=30))
    found: list[bool] = []
    thread = threading.Thread(target=lambda: found.append(node.submit(client, 931)))
    thread.start()
    until(lambda: any("is in block" in line for line in node.told))
    node.rpc("anvil_reorg", 1, [])
    until(lambda: any("reorganised" in line for line in node.told))
    until(lambda: any("sending it again" in line for line in node.told) or node.known(931))
    until(lambda: node.known(931))
    node.rpc("anvil_mine", hex(4))
    thread.join(30)
    assert found == [True] and node.known(931)
    assert client.chain.sent[-1].confirmations >= 4


def test_reading_what_is_settled(node: Node) -> None:
    node.submit(node.client(Finality(seconds=10)), 941)
    deep = node.client(Finality(confirmations=2))
    deep.chain.settle()
    assert not deep.root_of(node.world.attestor_set, 941)["serial"]
    node.rpc("evm_mine")
    assert deep.chain.settle() == deep.chain.head() - 1
    assert deep.root_of(node.world.attestor_set, 941)["serial"]
    final = node.client(Finality(finalized=True))
    final.chain.settle()
    assert final.chain.view == final.chain.finalized_block()


@pytest.mark.parametrize("broken", [
    "", "[]", "{}", '{"chain_id": "1"}', "another transaction", "another number",
])  # fmt: skip
def test_an_outbox_that_was_changed(tmp_path: Path, broken: str) -> None:
    raw, digest = "0x02", "0xf2ee15ea639b73fa3db9b34a245bdfa015c260c598b211bf05a1ecc4b3e3b4f2"
    pending = Pending(1, "0x" + "ab" * 20, 3, "0x" + "cd" * 32, digest, raw)
    box = Outbox(tmp_path)
    box.keep(pending)
    assert box.find(1, "0x" + "AB" * 20, pending.act) == pending
    assert box.find(2, pending.sender, pending.act) is None
    (path,) = tmp_path.iterdir()
    if broken == "another transaction":
        broken = json.dumps({**json.loads(path.read_text()), "raw": "0x03"})
    if broken == "another number":
        broken = json.dumps({**json.loads(path.read_text()), "nonce": "3"})
    path.write_text(broken)
    with pytest.raises(Malformed) as caught:
        box.all()
    assert caught.value.code == "malformed.pending"


def test_a_key_is_never_kept(node: Node, tmp_path: Path) -> None:
    node.rpc("evm_setAutomine", False)
    with pytest.raises(Unavailable):
        node.submit(node.client(folder=tmp_path / "pending"), 951)
    (path,) = (tmp_path / "pending").iterdir()
    assert bytes(node.key.key).hex() not in path.read_text()


def until(holds: Any, seconds: float = 20) -> None:
    """Wait for something that another thread or the node does."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)
