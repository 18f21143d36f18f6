"""
One door to a chain: the EVM inside this process, or a node at an RPC URL.

How much gas a transaction may take is asked of the chain, with room to spare (an estimate settles
on a gas at which a pairing check inside may run dry), and what is to be sent is first tried as a
call with that gas, so that a refusal costs nothing and names its reason. Every failure leaves as
`Rejected` (the contract said no), `Refused` or `Unavailable` (nobody answered).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from algebra.errors import Refused, Unavailable
from algebra.extras import libraries
from algebra.interface import Algebra
from contracts.build.artifact import Artifact
from contracts.build.link import require_linked
from contracts.client.explain import Answers
from contracts.client.finality import Finality, Included
from contracts.client.outbox import Outbox, Pending
from contracts.client.reading import Reader
from contracts.client.revert import rejected
from contracts.client.sending import Courier
from policies.address import address

with libraries("chain"):
    from eth_account.signers.local import LocalAccount
    from web3 import Web3
    from web3.contract.contract import ContractConstructor, ContractFunction
    from web3.types import TxParams, TxReceipt

Sender = str | LocalAccount
"""An account that the node holds (development nodes), or a key of this process."""


@dataclass(frozen=True)
class Raw:
    """Bytes, and the contract that they are sent to; None: they make one."""

    to: str | None
    data: bytes


Call = ContractFunction | ContractConstructor | Raw
"""A contract's function, or its making, with the arguments; or bytes."""

RPC_SECONDS = 30
ROOM = (5, 4)
"""The gas limit of a transaction over what the chain estimates."""


def _untold(_: Any) -> None:
    """Who listens to nothing."""


class Chain(Reader):
    """
    A connection; use `Chain.embedded()` or `Chain.connect(url)`.

    Attributes
    ----------
    sent : every transaction that this connection has seen into a block
    """

    tester: Any = None
    """What drives the chain of this process; None for a node's."""

    def __init__(
        self,
        web3: Web3,
        *,
        finality: Finality | None = None,
        outbox: Outbox | None = None,
        tell: Callable[[str], None] = _untold,
    ) -> None:
        super().__init__(web3)
        self.sent: list[Included] = []
        self.courier = Courier(
            web3, self.chain_id, finality or Finality(), outbox or Outbox(), tell
        )

    @classmethod
    def embedded(cls, algebra: Algebra | None = None, born: int | None = None) -> Chain:
        """
        A fresh chain in this process (py-evm, Prague rules) with ten rich accounts; gone with the
        process.

        Parameters
        ----------
        algebra : computes the precompiles of the curve; without one py-evm does, with py_ecc, which
            takes some seconds a proof and shares no code with the native kernels
        born : Unix second of its first block; now

        Raises
        ------
        Unavailable
            `unavailable.extra`: py-evm comes with the extra `evm`.
        """
        with libraries("evm"):
            from contracts.client.embedded import EmbeddedChain
        return EmbeddedChain(algebra, born)

    @classmethod
    def connect(
        cls,
        url: str,
        *,
        finality: Finality | None = None,
        outbox: Outbox | None = None,
        tell: Callable[[str], None] = _untold,
    ) -> Chain:
        """
        Connect to a node over HTTP.

        Parameters
        ----------
        finality : how deep a transaction must stand before it is reported; one block
        outbox : where transactions are kept until then; in this process alone
        tell : gets a line for each thing that happens to a transaction, its hash first

        Raises
        ------
        Unavailable
            `unavailable.node`: not an HTTP URL, or nobody answers there.
        Refused
            `refused.finalized`: the node is to finalize and does not know the word.
        """
        if not url.startswith(("http://", "https://")):
            raise Unavailable("unavailable.node", "the RPC URL must start with http:// or https://")
        web3 = Web3(Web3.HTTPProvider(url, request_kwargs={"timeout": RPC_SECONDS}))
        web3.middleware_onion.inject(Answers, "answers", layer=0)
        chain = cls(web3, finality=finality, outbox=outbox, tell=tell)
        if chain.finality.finalized and chain.finalized_block() is None:
            raise Refused(
                "refused.finalized", f"the node of chain {chain.chain_id} finalizes no block"
            )
        return chain

    @property
    def finality(self) -> Finality:
        """How deep a transaction must stand before it is reported."""
        return self.courier.finality

    def finalized_block(self) -> int | None:
        """Number of the newest block that is finalized; None where the node does not know."""
        with self._node():
            return self.courier.finalized_block()

    def gas_price(self) -> int:
        """The most that a unit of gas costs in the next blocks, in wei."""
        with self._node():
            fees = self.courier.fees()
        return int(fees["gasPrice"] if "gasPrice" in fees else fees["maxFeePerGas"])

    def settle(self) -> int:
        """
        Read from now on at the newest block that stands as deep as `finality` asks, and return its
        number: one state, which no reorganisation of less depth takes back.
        """
        if self.finality.finalized:
            found = self.finalized_block()
            if found is None:
                raise Refused("refused.finalized", "the node finalizes no block")
            self.view = found
        else:
            self.view = max(0, self.head() - self.finality.confirmations + 1)
        return int(self.view)

    # ---- sending ----

    def deploy(
        self, artifact: Artifact, *arguments: object, sender: Sender, gas: int | None = None
    ) -> tuple[str, int]:
        """Put a contract on chain; its address and the gas used. Raises as `send`."""
        receipt = self.send(self.making(artifact, *arguments), sender=sender, gas=gas)
        created = receipt["contractAddress"]
        if created is None:
            raise Unavailable(
                "unavailable.node", f"the node reports no address for the new {artifact.name}"
            )
        return str(created), int(receipt["gasUsed"])

    def making(self, artifact: Artifact, *arguments: object) -> ContractConstructor:
        """
        The making of a contract; Refused `refused.link` for one whose libraries are not filled in.
        """
        require_linked(artifact)
        factory = self.web3.eth.contract(abi=artifact.abi, bytecode=artifact.bytecode)
        return factory.constructor(*arguments)

    def send(
        self,
        call: Call,
        *,
        sender: Sender,
        gas: int | None = None,
        record: Callable[[Any], None] = _untold,
    ) -> TxReceipt:
        """
        Send one transaction and wait until it stands as deep as `finality` asks. Where an earlier
        run has sent it already, that one is waited for.

        Parameters
        ----------
        call : the contract function (or constructor) with its arguments
        sender : who pays; not bound to anything by the registry
        gas : gas limit, sent without a trial; None: asked of the chain, and tried
        record : gets the receipt before the transaction is forgotten

        Raises
        ------
        Rejected
            `rejected.<ErrorName>` if the contract reverts (in the trial or in the block).
        Unavailable
            `unavailable.node`: nobody answers; `unavailable.receipt`: no receipt in time;
            `unavailable.replaced`: another transaction took its place.
        Refused
            `refused.funds`: the sender cannot pay; `refused.gas`: no block holds so much.
        """
        draft = self.draft(call, sender)
        with self._node():
            receipt, included = self._submit(draft, sender, gas, record)
        self.sent.append(included)
        if receipt["status"] != 1:
            self.attempt(draft if gas is None else {**draft, "gas": gas})  # its reason, if it holds
            raise rejected(b"", (), f"the transaction failed in block {receipt['blockNumber']}")
        return cast(TxReceipt, receipt)

    def forget(self, call: Call, sender: Sender) -> None:
        """What a call does is done: a transaction of an earlier run that does it is forgotten."""
        draft = self.draft(call, sender)
        earlier = self._earlier(draft)
        if earlier is not None:
            self.courier.outbox.drop(earlier)

    def under_way(self, call: Call, sender: Sender) -> bool:
        """Whether an earlier run has sent this call, and it is not seen through."""
        return self._earlier(self.draft(call, sender)) is not None

    def draft(self, call: Call, sender: Sender) -> TxParams:
        """A transaction as far as it is known without asking: `from`, `data`, and `to`."""
        origin = sender.address if isinstance(sender, LocalAccount) else address(sender, "sender")
        draft: TxParams = {"from": Web3.to_checksum_address(origin)}
        if isinstance(call, Raw):
            draft["data"] = call.data
            if call.to is not None:
                draft["to"] = Web3.to_checksum_address(call.to)
            return draft
        offline: Any = {"gas": 0, "gasPrice": 0, "nonce": 0, "chainId": self.chain_id, "value": 0}
        with self._node():
            built = call.build_transaction(offline)
        draft["data"] = bytes.fromhex(str(built["data"]).removeprefix("0x"))
        if isinstance(call, ContractFunction):
            draft["to"] = Web3.to_checksum_address(str(built["to"]))
        return draft

    def gas_limit(self, draft: TxParams) -> int:
        """
        The gas that a transaction may take: what the chain estimates, with room, as far as a block
        holds it. Raises as `read`, where it would fail.
        """
        with self._node():
            needed = int(self.web3.eth.estimate_gas(draft))
            block = int(self.web3.eth.get_block("latest")["gasLimit"])
        if needed > block:
            raise Refused(
                "refused.gas", f"the transaction takes {needed} gas, a block holds {block}"
            )
        return min(block, needed * ROOM[0] // ROOM[1])

    def _submit(
        self, draft: TxParams, sender: Sender, gas: int | None, record: Callable[[Any], None]
    ) -> tuple[Any, Included]:
        earlier = self._earlier(draft)
        if earlier is not None:
            return self.courier.resume(earlier, record)
        if gas is None:
            gas = self.gas_limit(draft)
            self.attempt({**draft, "gas": gas})
        key = sender if isinstance(sender, LocalAccount) else None
        return self.courier.carry({**draft, "gas": gas}, key, record)

    def _earlier(self, draft: TxParams) -> Pending | None:
        target, data = draft.get("to"), bytes(draft["data"])  # type: ignore[arg-type]
        origin = str(draft["from"])
        return self.courier.under_way(origin, None if target is None else str(target), data)

    def attempt(self, transaction: TxParams) -> None:
        """Run a transaction without sending it; raises as `read`."""
        with self._node():
            self.web3.eth.call(transaction, "latest")
