"""
What a node says when it refuses, read in one place: nodes of each make put the data of a revert
elsewhere, and some leave it out.

Shapes: a string (Geth, Erigon, Besu, anvil), a string behind `Reverted` (Nethermind, OpenEthereum),
an object with the string inside (Hardhat, Ganache), the words of the message (gateways), nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_DATA_KEYS = ("data", "result", "return", "output", "originalError", "error", "cause")
"""Where an object holds the data or an object with it; hashes stand under other names."""

_HEX = re.compile(r"(?<![0-9a-zA-Z])0x((?:[0-9a-fA-F]{2})*)(?![0-9a-zA-Z])")
_DEPTH = 6
_WORD, _SELECTOR = 32, 4

_RUN_FAILED = re.compile(
    "revert|out of ?gas|invalid ?(fe)? ?opcode|bad instruction|stack (under|over)flow"
    "|evm error|vm exception|vm execution error",
    re.IGNORECASE,
)
_RUN_FAILED_CODES = (3, -32015)
"""Of Geth and of OpenEthereum and Nethermind: the call ran and came to nothing."""

_NO_FUNDS = re.compile(
    "insufficient (funds|balance)|(not )?enough balance|cannot afford|balance too low",
    re.IGNORECASE,
)
_TOO_MUCH_GAS = re.compile(
    r"exceeds (the )?(block|transaction|maximum|allowance|limit)|gas ?limit (is )?too (high|big)"
    "|gas limit cap|max(imum)? transaction gas|exceeds allowance|block gas limit",
    re.IGNORECASE,
)
_KNOWN = re.compile("already (known|imported|exists|in)|known transaction", re.IGNORECASE)
_NONCE_TAKEN = re.compile(
    "nonce (is )?too low|nonce.{0,20}(already|used|lower|old)|old ?nonce"
    "|replacement|replace existing",
    re.IGNORECASE,
)


class NodeRefused(Exception):
    """
    A node answered with an error.

    Attributes
    ----------
    method : what it was asked
    code : its number, None where it gave none
    said : its words, "" where it gave none
    data : of a revert; empty where the node leaves it out
    """

    def __init__(self, method: str, error: object) -> None:
        fields = error if isinstance(error, Mapping) else {"message": error}
        code, said = fields.get("code"), fields.get("message")
        self.method = method
        self.code = code if isinstance(code, int) else None
        self.said = said if isinstance(said, str) else ""
        super().__init__(f"{method}: {self.said}")
        self.data = revert_data(error)

    @property
    def run_failed(self) -> bool:
        """Whether the call ran and the contract or the machine said no."""
        about = bool(self.data) or bool(_RUN_FAILED.search(self.said))
        return about or self.code in _RUN_FAILED_CODES

    @property
    def no_funds(self) -> bool:
        """Whether the sender cannot pay; the protocol has no number for it."""
        return bool(_NO_FUNDS.search(self.said))

    @property
    def too_much_gas(self) -> bool:
        """Whether a block or a transaction of the chain does not hold so much gas."""
        return bool(_TOO_MUCH_GAS.search(self.said))

    @property
    def known_already(self) -> bool:
        """Whether the node has this very transaction."""
        return bool(_KNOWN.search(self.said))

    @property
    def nonce_taken(self) -> bool:
        """Whether another transaction of the sender has this nonce, in a block or waiting."""
        return bool(_NONCE_TAKEN.search(self.said))


def revert_data(error: object) -> bytes:
    """The data of a revert in a node's error, whatever its shape; empty if there is none."""
    for text in _texts(error, _DEPTH):
        for found in _HEX.finditer(text):
            data = bytes.fromhex(found[1])
            # A selector and whole words: what an address or a hash in the words never is.
            if len(data) % _WORD == _SELECTOR:
                return data
    return b""


def _texts(value: Any, depth: int) -> Iterator[str]:
    """The strings that may hold the data, the likeliest first."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping) and depth:
        for key in _DATA_KEYS:
            yield from _texts(value.get(key), depth - 1)
        for key, part in value.items():  # Ganache keys by transaction hash
            if isinstance(part, Mapping) and key not in _DATA_KEYS:
                yield from _texts(part, depth - 1)
        yield from _texts(value.get("message"), depth - 1)
