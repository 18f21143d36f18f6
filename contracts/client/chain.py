"""
One door to a chain: the EVM inside this process, or a node at an RPC URL.

Transactions carry explicit gas (estimating settles on a gas at which a pairing check inside runs
dry) and are first tried as a call, so that a refusal costs nothing and names its reason. Every
failure leaves as `Rejected` (the contract said no) or `Unavailable` (nobody answered).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from algebra.errors import Refused, TierproofError, Unavailable
from algebra.extras import libraries
from contracts.build.artifact import Artifact, known_errors
from contracts.client.model import DEVELOPMENT_CHAINS
from contracts.client.revert import rejected
from policies.address import address

with libraries("chain"):
    from eth_account.signers.local import LocalAccount
    from eth_utils.exceptions import ValidationError
    from requests.exceptions import RequestException
    from web3 import Web3
    from web3.contract.contract import ContractConstructor, ContractFunction
    from web3.exceptions import (
        BadFunctionCallOutput,
        ContractLogicError,
        TimeExhausted,
        TransactionNotFound,
        Web3RPCError,
    )
    from web3.types import TxParams, TxReceipt, Wei

Sender = str | LocalAccount
"""An account that the node holds (development nodes), or a key of this process."""

BLOCK_GAS = 60_000_000
CALL_GAS = 3_000_000
DEPLOY_GAS = 10_000_000
READ_GAS = 10_000_000
RECEIPT_SECONDS = 180
RPC_SECONDS = 30

_RUN_FAILED = (
    "revert",
    "out of gas",
    "outofgas",
    "invalid opcode",
    "invalidfeopcode",
    "evm error",
    "vm exception",
)


_NO_FUNDS = (
    "insufficient funds",
    "insufficient balance",
    "not enough balance",
    "enough balance",
    "cannot afford",
)
"""What nodes say of a sender that cannot pay; the protocol has no number for it."""


class Chain:
    """A connection; use `Chain.embedded()` or `Chain.connect(url)`."""

    tester: Any = None
    """What drives the chain of this process; None for a node's."""

    def __init__(self, web3: Web3) -> None:
        self.web3 = web3
        with self._node():
            self.chain_id = int(web3.eth.chain_id)

    @classmethod
    def embedded(cls) -> Chain:
        """
        A fresh chain in this process (py-evm, Prague rules) with ten rich accounts; gone with the
        process.

        Raises
        ------
        Unavailable
            `unavailable.extra`: py-evm comes with the extra `evm`.
        """
        with libraries("evm"):
            from contracts.client.embedded import EmbeddedChain
        return EmbeddedChain()

    @classmethod
    def connect(cls, url: str) -> Chain:
        """
        Connect to a node over HTTP.

        Raises
        ------
        Unavailable
            `unavailable.node`: not an HTTP URL, or nobody answers there.
        """
        if not url.startswith(("http://", "https://")):
            raise Unavailable("unavailable.node", "the RPC URL must start with http:// or https://")
        return cls(Web3(Web3.HTTPProvider(url, request_kwargs={"timeout": RPC_SECONDS})))

    @property
    def is_development(self) -> bool:
        """Whether verifiers of any setup may live here, by chain id, as the registry decides."""
        return self.chain_id in DEVELOPMENT_CHAINS

    def accounts(self) -> list[str]:
        """Accounts whose keys the node holds; empty on a real one."""
        with self._node():
            return [str(account) for account in self.web3.eth.accounts]

    def now(self) -> int:
        """Unix second of the latest block."""
        with self._node():
            return int(self.web3.eth.get_block("latest")["timestamp"])

    def code(self, at: str) -> bytes:
        """Code at an address; empty where there is no contract."""
        place = Web3.to_checksum_address(address(at, "address"))
        with self._node():
            return bytes(self.web3.eth.get_code(place))

    def contract(self, artifact: Artifact, at: str) -> Any:
        """
        A deployed contract.

        Raises
        ------
        Unavailable
            `unavailable.contract`: no code at that address on this chain.
        """
        place = address(at, artifact.name)
        if not self.code(place):
            raise Unavailable(
                "unavailable.contract",
                f"no {artifact.name} at {place} on chain {self.chain_id}",
                address=place,
            )
        return self.web3.eth.contract(address=Web3.to_checksum_address(place), abi=artifact.abi)

    def deploy(
        self, artifact: Artifact, *arguments: object, sender: Sender, gas: int = DEPLOY_GAS
    ) -> tuple[str, int]:
        """Put a contract on chain; its address and the gas used. Raises as `send`."""
        factory = self.web3.eth.contract(abi=artifact.abi, bytecode=artifact.bytecode)
        receipt = self.send(factory.constructor(*arguments), sender=sender, gas=gas, simulate=False)
        created = receipt["contractAddress"]
        if created is None:
            raise Unavailable(
                "unavailable.node", f"the node reports no address for the new {artifact.name}"
            )
        return str(created), int(receipt["gasUsed"])

    def read(
        self, call: ContractFunction, *, sender: str | None = None, gas: int = READ_GAS
    ) -> Any:
        """
        Call without a transaction.

        Raises
        ------
        Rejected
            `rejected.<ErrorName>` if the contract reverts.
        Unavailable
            `unavailable.node`, `unavailable.contract`.
        """
        parameters: TxParams = {"gas": gas}
        if sender is not None:
            parameters["from"] = Web3.to_checksum_address(sender)
        with self._node():
            try:
                return call.call(parameters)
            except BadFunctionCallOutput:
                raise Unavailable(
                    "unavailable.contract",
                    f"no contract that knows {call.fn_name} at {call.address}",
                ) from None

    def send(
        self,
        call: ContractFunction | ContractConstructor,
        *,
        sender: Sender,
        gas: int = CALL_GAS,
        simulate: bool = True,
    ) -> TxReceipt:
        """
        Send one transaction and wait until it is in a block.

        Parameters
        ----------
        call : the contract function (or constructor) with its arguments
        sender : who pays; not bound to anything by the registry
        gas : gas limit, never estimated
        simulate : try it as a call first, so that a refusal costs nothing

        Raises
        ------
        Rejected
            `rejected.<ErrorName>` if the contract reverts (in the trial or in the block).
        Unavailable
            `unavailable.node`: nobody answers; `unavailable.receipt`: no receipt in time.
        Refused
            `refused.funds`: the sender cannot pay.
        """
        origin = sender.address if isinstance(sender, LocalAccount) else address(sender, "sender")
        if simulate and isinstance(call, ContractFunction):
            self.read(call, sender=origin, gas=gas)
        with self._node():
            receipt = self._submit(call, sender, origin, gas)
        if receipt["status"] != 1:
            if isinstance(call, ContractFunction):
                self.read(call, sender=origin, gas=gas)  # raises the reason if it still holds
            raise rejected(b"", (), f"the transaction failed in block {receipt['blockNumber']}")
        return receipt

    def advance_time(self, seconds: int) -> None:
        """
        Let time pass on a development chain: mine a block that much later; Refused `refused.time`
        elsewhere.
        """
        if not self.is_development:
            raise Refused("refused.time", "time can only be moved on a development chain")
        target = self.now() + seconds
        for method, arguments in (("evm_setNextBlockTimestamp", [target]), ("evm_mine", [])):
            with self._node():
                answer = self.web3.provider.make_request(method, arguments)  # type: ignore[arg-type]
            if "error" in answer:
                raise Refused("refused.time", f"the node does not know {method}")

    def _submit(self, call: Any, sender: Sender, origin: str, gas: int) -> TxReceipt:
        eth = self.web3.eth
        parameters: TxParams = {"from": Web3.to_checksum_address(origin), "gas": gas}
        if isinstance(sender, LocalAccount):
            tip = eth.max_priority_fee
            base = eth.get_block("latest")["baseFeePerGas"]
            parameters["nonce"] = eth.get_transaction_count(Web3.to_checksum_address(origin))
            parameters["chainId"] = self.chain_id
            parameters["maxPriorityFeePerGas"] = tip
            parameters["maxFeePerGas"] = Wei(2 * base + tip)
            signed = sender.sign_transaction(call.build_transaction(parameters))
            sent = eth.send_raw_transaction(signed.raw_transaction)
        else:
            sent = call.transact(parameters)
        return eth.wait_for_transaction_receipt(sent, timeout=RECEIPT_SECONDS, poll_latency=0.05)

    @contextmanager
    def _node(self) -> Iterator[None]:
        """
        Everything that is asked of the node runs in here: whatever comes of it, an error of ours
        leaves.
        """
        try:
            yield
        except Exception as error:
            raise self._explain(error) from None

    def _explain(self, error: Exception) -> TierproofError:
        """The project's error for whatever web3, requests or eth-tester raised."""
        if isinstance(error, TierproofError):
            return error
        if isinstance(error, ContractLogicError):
            return rejected(_hex_data(error.data), known_errors(), str(error.message or ""))
        if isinstance(error, (TimeExhausted, TransactionNotFound)):
            return Unavailable(
                "unavailable.receipt",
                f"the transaction was sent but no block held it in {RECEIPT_SECONDS} s",
            )
        if isinstance(error, Web3RPCError):
            said = _node_said(error)
            if any(word in said.lower() for word in _RUN_FAILED):
                return rejected(b"", (), said[:200])
            return _no_transaction(said)
        if isinstance(error, ValidationError):
            # py-evm on a transaction that no block can take: no money, too much gas, no key.
            return _no_transaction(str(error))
        # The class only: the text of a connection error holds the URL, and that may hold an access
        # key.
        cause = type(error).__name__
        if isinstance(error, (RequestException, OSError)):
            return Unavailable(
                "unavailable.node", f"no Ethereum node answers at the given RPC URL ({cause})"
            )
        return Unavailable(
            "unavailable.node", f"what the node answers, or is asked, is of no use ({cause})"
        )


def _node_said(error: Web3RPCError) -> str:
    """The message in a node's answer, without the rest of the answer."""
    answer = (error.rpc_response or {}).get("error")
    said = answer.get("message") if isinstance(answer, dict) else answer
    return str(said or error.message)


def _no_transaction(said: str) -> TierproofError:
    """A transaction that the node does not take into a block."""
    if any(word in said.lower() for word in _NO_FUNDS):
        return Refused("refused.funds", f"the sender cannot pay: {said[:200]}")
    return Unavailable("unavailable.node", f"the node refused the request: {said[:200]}")


def _hex_data(data: object) -> bytes:
    if isinstance(data, str) and data.startswith("0x"):
        try:
            return bytes.fromhex(data[2:])
        except ValueError:
            return b""
    return b""
