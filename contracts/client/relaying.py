"""
What a relayer asks of a chain for one key: a trial on the pending block, fees, signed bytes, and
where they stand. It keeps nothing: what was signed is for the caller to store before it is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from algebra.errors import Refused, Rejected
from algebra.extras import libraries
from contracts.client.answers import NodeRefused
from contracts.client.chain import ROOM
from contracts.client.finality import Included
from contracts.client.onboarding import Onboarding, Outcome, outcomes
from contracts.client.registry import RegistryClient

with libraries("chain"):
    from eth_account.signers.local import LocalAccount
    from web3 import Web3
    from web3.exceptions import TransactionNotFound

PENDING: Any = "pending"
"""The block that a trial runs on: it sees what waits before it."""


@dataclass(frozen=True)
class Fees:
    """
    What a unit of gas may cost, in wei.

    Attributes
    ----------
    most : in all
    tip : of it to who makes the block; None on a chain of one price
    """

    most: int
    tip: int | None

    def raised(self, percent: int) -> Fees:
        """Both higher by at least so much, which is what a node asks of a replacement."""
        return Fees(_raised(self.most, percent), _raised(self.tip, percent))

    def at_least(self, other: Fees) -> Fees:
        """The higher of each."""
        tip = None if self.tip is None else max(self.tip, other.tip or 0)
        return Fees(max(self.most, other.most), tip)

    def fields(self) -> dict[str, int]:
        """Of a transaction."""
        if self.tip is None:
            return {"gasPrice": self.most}
        return {"maxFeePerGas": self.most, "maxPriorityFeePerGas": min(self.tip, self.most)}


def _raised(value: Any, percent: int) -> Any:
    return None if value is None else -(-value * (100 + percent) // 100) + (value == 0)


@dataclass(frozen=True)
class SignedTransaction:
    """Signed bytes and their hash, both 0x hexadecimal."""

    raw: str
    transaction: str


class TransactionSigner(Protocol):
    """A key, wherever it is."""

    @property
    def address(self) -> str:
        """Whose it is, lower case."""
        ...

    def sign(self, fields: dict[str, Any]) -> SignedTransaction:
        """The signed bytes of a transaction of these fields."""
        ...


class KeySigner:
    """A key in this process."""

    def __init__(self, key: LocalAccount) -> None:
        self._key = key

    @property
    def address(self) -> str:
        """Whose it is, lower case."""
        return str(self._key.address).lower()

    def sign(self, fields: dict[str, Any]) -> SignedTransaction:
        """As `TransactionSigner.sign`."""
        signed = self._key.sign_transaction(fields)
        return SignedTransaction(
            "0x" + bytes(signed.raw_transaction).hex(), "0x" + bytes(signed.hash).hex()
        )


class Relay:
    """
    Every method asks the node; Unavailable (`unavailable.node`) where it does not answer.

    Parameters
    ----------
    client : the registry that claims are sent to
    signer : pays and signs
    """

    def __init__(self, client: RegistryClient, signer: TransactionSigner) -> None:
        self.client, self.signer = client, signer
        self.chain, self._courier = client.chain, client.chain.courier
        self.sender = signer.address

    def check_chain(self) -> None:
        """Refused (`refused.chain_id`) where the node is now on another chain."""
        with self.chain._node():
            found = int(self.chain.web3.eth.chain_id)
        if found != self.chain.chain_id:
            raise Refused(
                "refused.chain_id", f"the node is on chain {found}, no more {self.chain.chain_id}"
            )

    def spent(self, tag: str = "latest") -> int:
        """Nonces that are used up, in blocks or (`pending`) in what waits too."""
        with self.chain._node():
            return self._courier.count(self.sender, tag)

    def balance(self) -> int:
        """Of the sender, in wei."""
        return self.chain.balance(self.sender)

    def fees(self) -> Fees:
        """What the next blocks cost."""
        with self.chain._node():
            found = self._courier.fees()
        if "gasPrice" in found:
            return Fees(int(found["gasPrice"]), None)
        return Fees(int(found["maxFeePerGas"]), int(found["maxPriorityFeePerGas"]))

    # ---- before ----

    def trial(self, one: Onboarding) -> int:
        """
        The gas of a claim that is sent alone, with room, on the pending block.

        Raises
        ------
        Rejected
            `rejected.<ErrorName>`: it would not count.
        """
        call = self.client.calls.onboard(one.claim, one.of_account, one.of_holder)
        draft: Any = self.chain.draft(call, self.sender)
        with self.chain._node():
            needed = int(self.chain.web3.eth.estimate_gas(draft, PENDING))
            gas = needed * ROOM[0] // ROOM[1]
            draft["gas"] = gas
            self.chain.web3.eth.call(draft, PENDING)
        return gas

    def counted(self, batch: Sequence[Onboarding], gas: int) -> list[bool]:
        """
        Which claims of a batch would count with this gas, on the pending block; Rejected where the
        whole of it fails.
        """
        call = self.client.calls.onboard_batch(batch)
        parameters: Any = {"from": Web3.to_checksum_address(self.sender), "gas": gas}
        with self.chain._node():
            bits = int(call.call(parameters, PENDING))
        return [bool(bits >> place & 1) for place in range(len(batch))]

    def block_gas(self) -> int:
        """What a block holds."""
        with self.chain._node():
            return int(self.chain.web3.eth.get_block("latest")["gasLimit"])

    def data(self, batch: Sequence[Onboarding]) -> str:
        """What is sent to the registry for a claim, or for several; 0x hexadecimal."""
        calls = self.client.calls
        if len(batch) == 1:
            (one,) = batch
            call = calls.onboard(one.claim, one.of_account, one.of_holder)
        else:
            call = calls.onboard_batch(batch)
        draft: Any = self.chain.draft(call, self.sender)
        return "0x" + bytes(draft["data"]).hex()

    def signed(self, data: str, nonce: int, gas: int, fees: Fees) -> SignedTransaction:
        """The bytes of a transaction to the registry; nothing is sent."""
        return self.signer.sign(
            {
                "to": self.client.address,
                "data": data,
                "value": 0,
                "chainId": self.chain.chain_id,
                "nonce": nonce,
                "gas": gas,
                **fees.fields(),
            }
        )

    # ---- after ----

    def send(self, raw: str) -> str | None:
        """
        Hand signed bytes to the node, again too; what it says against them, None where it has them.
        """
        with self.chain._node():
            try:
                self.chain.web3.eth.send_raw_transaction(bytes.fromhex(raw[2:]))
            except NodeRefused as error:
                return None if error.known_already else error.said[:200]
        return None

    def receipt(self, transaction: str) -> Any:
        """The receipt of a hash that a block holds; None where none does."""
        with self.chain._node():
            try:
                found = self.chain.web3.eth.get_transaction_receipt(transaction)  # type: ignore[arg-type]
            except TransactionNotFound:
                return None
        return found if found.get("blockHash") else None

    def included(self, receipt: Any) -> Included:
        """Where a receipt stands."""
        with self.chain._node():
            return self._courier.included(receipt)

    def outcomes(self, receipt: Any, batch: Sequence[Onboarding]) -> list[Outcome]:
        """What came of each claim of a transaction; all alike where it failed whole."""
        if receipt["status"] == 1:
            return outcomes(self.client.contract, receipt, [each.claim for each in batch])
        failed = Rejected(
            "rejected.Reverted",
            f"the transaction failed in block {receipt['blockNumber']}",
            error="Reverted",
            arguments={},
        )
        return [failed] * len(batch)
