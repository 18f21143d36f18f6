"""What can be asked of a chain without sending anything, and every failure of it as one of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from algebra.errors import Refused, TierproofError, Unavailable
from algebra.extras import libraries
from contracts.build.artifact import Artifact
from contracts.client.explain import explained
from contracts.client.model import DEVELOPMENT_CHAINS
from policies.address import address

with libraries("chain"):
    from web3 import Web3
    from web3.contract.contract import ContractFunction
    from web3.exceptions import BadFunctionCallOutput
    from web3.types import TxParams


class Reader:
    """
    A connection that reads.

    Attributes
    ----------
    chain_id : by its own word
    view : the block that is read: a number, or `latest`
    """

    def __init__(self, web3: Web3) -> None:
        self.web3 = web3
        self.view: Any = "latest"
        with self._node():
            self.chain_id = int(web3.eth.chain_id)

    @property
    def is_development(self) -> bool:
        """Whether verifiers of any setup may live here, by chain id, as the registry decides."""
        return self.chain_id in DEVELOPMENT_CHAINS

    def accounts(self) -> list[str]:
        """Accounts whose keys the node holds; empty on a real one."""
        with self._node():
            return [str(account) for account in self.web3.eth.accounts]

    def head(self) -> int:
        """Number of the newest block."""
        with self._node():
            return int(self.web3.eth.block_number)

    def now(self) -> int:
        """Unix second of the latest block."""
        with self._node():
            return int(self.web3.eth.get_block("latest")["timestamp"])

    def code(self, at: str) -> bytes:
        """Code at an address; empty where there is no contract."""
        place = Web3.to_checksum_address(address(at, "address"))
        with self._node():
            return bytes(self.web3.eth.get_code(place, self.view))

    def balance(self, of: str) -> int:
        """Money of an account in wei."""
        with self._node():
            return int(self.web3.eth.get_balance(Web3.to_checksum_address(address(of, "account"))))

    def events(self, event: Any) -> list[Any]:
        """Every event of a kind, from the first block to that of `view`; raises as `read`."""
        with self._node():
            return list(event.get_logs(from_block=0, to_block=self.view))

    def instance(self, artifact: Artifact, at: str) -> Any:
        """A contract at an address, whether it stands there or not."""
        return self.web3.eth.contract(address=Web3.to_checksum_address(at), abi=artifact.abi)

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
            when = "" if self.view == "latest" else f", block {self.view}"
            raise Unavailable(
                "unavailable.contract",
                f"no {artifact.name} at {place} on chain {self.chain_id}{when}",
                address=place,
            )
        return self.instance(artifact, place)

    def read(
        self, call: ContractFunction, *, sender: str | None = None, gas: int | None = None
    ) -> Any:
        """
        Call without a transaction, in the block of `view`.

        Raises
        ------
        Rejected
            `rejected.<ErrorName>` if the contract reverts.
        Unavailable
            `unavailable.node`, `unavailable.contract`.
        """
        parameters: TxParams = {}
        if gas is not None:
            parameters["gas"] = gas
        if sender is not None:
            parameters["from"] = Web3.to_checksum_address(sender)
        with self._node():
            try:
                return call.call(parameters, self.view)
            except BadFunctionCallOutput:
                raise Unavailable(
                    "unavailable.contract",
                    f"no contract that knows {call.fn_name} at {call.address} (block {self.view})",
                ) from None

    def run(self, program: bytes) -> bytes:
        """What a program returns that the node runs as a contract's making and throws away."""
        with self._node():
            return bytes(self.web3.eth.call({"data": program}))

    def answers(self) -> bool:
        """Whether the node says which chain it is on, and it is this one."""
        try:
            with self._node():
                return int(self.web3.eth.chain_id) == self.chain_id
        except TierproofError:
            return False

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
        return explained(error)
