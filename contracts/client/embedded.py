"""
A chain inside this process: py-evm behind eth-tester (extra `evm`). For demos and tests.
"""

from __future__ import annotations

import ast

from eth_tester import EthereumTester, PyEVMBackend  # type: ignore[import-untyped]
from eth_tester.exceptions import TransactionFailed, ValidationError  # type: ignore[import-untyped]
from web3 import EthereumTesterProvider, Web3

from algebra.errors import TierproofError, Unavailable
from contracts.build.artifact import known_errors
from contracts.client.chain import BLOCK_GAS, Chain
from contracts.client.revert import rejected


class EmbeddedChain(Chain):
    """A fresh chain (Prague rules) with ten rich accounts; gone with the process."""

    def __init__(self) -> None:
        parameters = PyEVMBackend.generate_genesis_params({"gas_limit": BLOCK_GAS})
        self.tester = EthereumTester(PyEVMBackend(genesis_parameters=parameters))
        super().__init__(Web3(EthereumTesterProvider(self.tester)))

    def advance_time(self, seconds: int) -> None:
        """
        As `Chain.advance_time`. eth-tester means the pending block by `time_travel`; its backend
        mines a block one second earlier.
        """
        self.tester.backend.time_travel(self.now() + seconds + 1)

    def _explain(self, error: Exception) -> TierproofError:
        if isinstance(error, TransactionFailed):
            data, detail = _tester_data(str(error.args[0]) if error.args else "")
            return rejected(data, known_errors(), detail)
        if isinstance(error, ValidationError):  # what no block can take: no money, too much gas
            return Unavailable(
                "unavailable.node", f"the node refused the request: {str(error)[:200]}"
            )
        return super()._explain(error)


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
