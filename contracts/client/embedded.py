"""
A chain inside this process: py-evm behind eth-tester (extra `evm`). For demos and tests.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Callable
from typing import Any

from eth_account.signers.local import LocalAccount
from eth_tester import EthereumTester, PyEVMBackend  # type: ignore[import-untyped]
from eth_tester.exceptions import TransactionFailed, ValidationError  # type: ignore[import-untyped]
from eth_utils.exceptions import ValidationError as NotTaken
from web3 import EthereumTesterProvider, Web3
from web3.types import TxParams

from algebra.errors import Refused, TierproofError
from algebra.interface import Algebra
from contracts.build.artifact import known_errors
from contracts.client.answers import NodeRefused
from contracts.client.chain import Chain, Sender
from contracts.client.explain import explained, not_taken
from contracts.client.finality import Included
from contracts.client.precompiles import with_kernels
from contracts.client.revert import rejected

BLOCK_GAS = 60_000_000


class EmbeddedChain(Chain):
    """
    A fresh chain, as `Chain.embedded` describes it. A transaction is in its block at once, and
    nothing is reorganised.
    """

    def __init__(self, algebra: Algebra | None = None, born: int | None = None) -> None:
        given = {"gas_limit": BLOCK_GAS, **({} if born is None else {"timestamp": born})}
        parameters = PyEVMBackend.generate_genesis_params(given)
        machines = None if algebra is None else ((0, with_kernels(algebra)),)
        self._late = 0 if born is None else int(time.time()) - born
        backend = PyEVMBackend(genesis_parameters=parameters, vm_configuration=machines)
        self.tester = EthereumTester(backend)
        super().__init__(Web3(EthereumTesterProvider(self.tester)))

    def advance_time(self, seconds: int) -> None:
        """
        As `Chain.advance_time`. eth-tester means the pending block by `time_travel`; its backend
        mines a block one second earlier.
        """
        self.tester.backend.time_travel(self.now() + seconds + 1)

    def _tick(self) -> None:
        """A chain that was born earlier has a clock that is late; its library takes this one's."""
        if self._late:
            chain, parent = self.tester.backend.chain, self.now()
            second = max(parent + 1, int(time.time()) - self._late)
            chain.header = chain.header.copy(timestamp=second)

    def gas_limit(self, draft: TxParams) -> int:
        """All that a block holds: an estimate would run each proof a dozen times."""
        return BLOCK_GAS

    def _submit(
        self, draft: TxParams, sender: Sender, gas: int | None, record: Callable[[Any], None]
    ) -> tuple[Any, Included]:
        self._tick()
        eth = self.web3.eth
        ready: Any = {**draft, "gas": gas or self.gas_limit(draft)}
        if gas is None and "to" in draft:
            self.attempt(ready)
        if isinstance(sender, LocalAccount):
            price = eth.gas_price
            count = eth.get_transaction_count(ready["from"], "pending")
            ready |= {"nonce": count, "chainId": self.chain_id, "gasPrice": price, "value": 0}
            del ready["from"]
            sent = eth.send_raw_transaction(sender.sign_transaction(ready).raw_transaction)
        else:
            sent = eth.send_transaction(ready)
        receipt = eth.get_transaction_receipt(sent)
        record(receipt)
        return receipt, Included.of(receipt, int(eth.block_number), None)

    def _explain(self, error: Exception) -> TierproofError:
        if isinstance(error, TransactionFailed):
            data, detail = _tester_data(str(error.args[0]) if error.args else "")
            return rejected(data, known_errors(), detail)
        if isinstance(error, (ValidationError, NotTaken)):  # no money, too much gas, no key
            said = str(error)
            if NodeRefused("", said).no_funds:
                return Refused("refused.funds", f"the sender cannot pay: {said[:200]}")
            return not_taken(said)
        return explained(error)


def _tester_data(message: str) -> tuple[bytes, str]:
    """
    eth-tester hands revert data over as the text of a bytes literal: the data, or else the text.
    """
    text = message.removeprefix("execution reverted: ")
    if text.startswith(("b'", 'b"')):
        try:
            value = ast.literal_eval(text)
        except (SyntaxError, ValueError):
            return b"", text[:200]
        if isinstance(value, bytes):
            return value, ""
    return b"", text[:200]
