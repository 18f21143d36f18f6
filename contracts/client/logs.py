"""Logs of a contract as its events: the name and the arguments, by the ABI of an artifact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from algebra.errors import Unavailable
from algebra.extras import libraries
from contracts.build.artifact import load_artifact

with libraries("chain"):
    from eth_abi.abi import decode
    from eth_abi.exceptions import DecodingError
    from eth_utils.crypto import keccak


@dataclass(frozen=True, slots=True)
class Log:
    """
    What a contract said.

    Attributes
    ----------
    block, block_hash : that holds it; 0x hexadecimal
    index : its place in the block
    address : the contract, lower-case
    transaction : 0x hexadecimal
    """

    block: int
    block_hash: str
    index: int
    address: str
    topics: tuple[bytes, ...]
    data: bytes
    transaction: str


class Events:
    """
    The events of a contract.

    Parameters
    ----------
    abi : of its artifact
    """

    def __init__(self, abi: Sequence[dict[str, Any]]) -> None:
        self._by_topic = {_topic(entry): entry for entry in abi if entry["type"] == "event"}

    @property
    def names(self) -> set[str]:
        """All that it may say."""
        return {str(entry["name"]) for entry in self._by_topic.values()}

    def read(self, topics: Sequence[bytes], data: bytes) -> tuple[str, dict[str, Any]]:
        """
        Name and arguments; addresses are lower-case texts, structs are tuples.

        Raises
        ------
        Unavailable
            `unavailable.node`: none of these events, or not encoded as one.
        """
        entry = self._by_topic.get(bytes(topics[0])) if topics else None
        if entry is None:
            raise _useless("of a kind that the contract does not have")
        indexed = [given for given in entry["inputs"] if given["indexed"]]
        plain = [given for given in entry["inputs"] if not given["indexed"]]
        try:
            values = (*decode(_kinds(indexed), b"".join(topics[1:])), *decode(_kinds(plain), data))
        except (DecodingError, OverflowError, ValueError):
            raise _useless(f"no {entry['name']} as it is encoded") from None
        names = (given["name"] for given in (*indexed, *plain))
        return str(entry["name"]), dict(zip(names, values, strict=True))


@cache
def events_of(contract: str) -> Events:
    """What a contract of `contracts/src` may say, by the name of its artifact."""
    return Events(load_artifact(contract).abi)


def _topic(entry: dict[str, Any]) -> bytes:
    return bytes(keccak(text=f"{entry['name']}({','.join(_kinds(entry['inputs']))})"))


def _kinds(entries: Sequence[dict[str, Any]]) -> list[str]:
    """ABI types of a list of parameters, structs as tuples."""
    return [_kind(entry) for entry in entries]


def _kind(entry: dict[str, Any]) -> str:
    if not entry["type"].startswith("tuple"):
        return str(entry["type"])
    return f"({','.join(_kinds(entry['components']))}){entry['type'].removeprefix('tuple')}"


def _useless(why: str) -> Unavailable:
    return Unavailable("unavailable.node", f"the node hands out a log that is {why}")
