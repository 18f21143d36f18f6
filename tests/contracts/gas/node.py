"""
A node as the tests' machine: each call is a transaction, whose gas is what its sender would pay.

anvil impersonates every sender; a block comes with each transaction, a second after the last or at
the second that a test sets.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from anvil_node import start_anvil
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from grants.machine import Machine, Reverted, kinds

from contracts.build.artifact import Artifact
from contracts.build.link import require_linked
from contracts.client.chain import Chain

GAS = 16_000_000
"""Of a transaction; Osaka takes no more than 2^24."""
DEPLOYER = keccak(text="deployer")[12:]


class Node(Machine):
    """As `Machine`, on a chain at this URL."""

    def __init__(self, url: str, chain_id: int = 31_337) -> None:
        self._ask = Chain.connect(url).web3.provider.make_request
        self._chain_id = chain_id
        self.errors: dict[bytes, dict[str, Any]] = {}
        self.gas_used, self.logs = 0, []
        self._now = 0
        self._rich: set[bytes] = set()
        self.request("anvil_autoImpersonateAccount", True)

    def request(self, method: str, *arguments: Any) -> Any:
        """What the node answers; RuntimeError for an error of its own."""
        answer = self._ask(method, list(arguments))  # type: ignore[arg-type]
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    @property
    def chain_id(self) -> int:
        return self._chain_id

    @property
    def now(self) -> int:
        return self._now

    @now.setter
    def now(self, second: int) -> None:
        self._now = second

    def set_code(self, place: bytes, code: bytes) -> None:
        self.request("anvil_setCode", "0x" + place.hex(), "0x" + code.hex())

    def deploy(self, artifact: Artifact, *arguments: Any) -> bytes:
        require_linked(artifact)
        constructor = next((e for e in artifact.abi if e["type"] == "constructor"), {"inputs": []})
        self.know(artifact)
        data = bytes.fromhex(artifact.bytecode[2:]) + encode(
            kinds(constructor["inputs"]), arguments
        )
        return bytes.fromhex(self._send(DEPLOYER, None, data)["contractAddress"][2:])

    def call(self, sender: bytes, to: bytes, data: bytes) -> bytes:
        draft = {"from": "0x" + sender.hex(), "to": "0x" + to.hex(), "data": "0x" + data.hex()}
        answer = self._ask(  # type: ignore[call-arg]
            "eth_call", [{**draft, "gas": hex(GAS)}, "latest", {}, {"time": hex(self.now)}]
        )
        if "error" in answer:
            raise self._reverted(bytes.fromhex(answer["error"]["data"][2:]), Exception())
        receipt = self._send(sender, to, data)
        self.logs = [
            (0, bytes.fromhex(log["address"][2:]), [int(t, 16) for t in log["topics"]],
             bytes.fromhex(log["data"][2:]))
            for log in receipt["logs"]
        ]  # fmt: skip
        return bytes.fromhex(answer["result"][2:])

    @contextmanager
    def undone(self) -> Iterator[None]:
        snapshot, second = self.request("evm_snapshot"), self.now
        try:
            yield
        finally:
            self.request("evm_revert", snapshot)
            self.now = second

    def _send(self, sender: bytes, to: bytes | None, data: bytes) -> dict[str, Any]:
        """The receipt of a transaction in a block of its own, a second later each time."""
        if sender not in self._rich:
            self._rich.add(sender)
            self.request("anvil_setBalance", "0x" + sender.hex(), hex(10**24))
        self.request("evm_setNextBlockTimestamp", self.now)
        self.now += 1
        draft = {"from": "0x" + sender.hex(), "data": "0x" + data.hex(), "gas": hex(GAS)}
        if to is not None:
            draft["to"] = "0x" + to.hex()
        sent, receipt = self.request("eth_sendTransaction", draft), None
        while receipt is None:  # the block may come a moment after the answer
            receipt = self.request("eth_getTransactionReceipt", sent)
        self.gas_used = int(receipt["gasUsed"], 16)
        if receipt["status"] != "0x1":
            raise Reverted("Reverted", ())
        return dict(receipt)


@contextmanager
def node(hardfork: str, genesis: int) -> Iterator[Node]:
    """A fresh chain by these rules, whose first block is at this second."""
    process, url = start_anvil("--timestamp", str(genesis), hardfork=hardfork)
    try:
        yield Node(url)
    finally:
        process.terminate()
        process.wait(timeout=10)
