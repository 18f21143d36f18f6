"""
Blocks of a node and the logs in them, for who follows a chain.

Nothing that a node says is taken for granted: each answer has the form and the place that were
asked for, or the node is of no use. Whether blocks belong to each other is for the follower.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from algebra.errors import Refused, TierproofError, Unavailable
from algebra.extras import libraries
from contracts.client.answers import NodeRefused
from contracts.client.explain import Answers, explained
from contracts.client.logs import Log

with libraries("chain"):
    from requests.exceptions import HTTPError, ReadTimeout
    from web3 import Web3

RPC_SECONDS = 30
_TOO_LARGE = 413
_HASH, _ADDRESS = 66, 42


@dataclass(frozen=True, slots=True)
class Block:
    """
    A block's header, as far as it is followed.

    Attributes
    ----------
    hash, parent : 0x hexadecimal
    time : Unix second
    """

    number: int
    hash: str
    parent: str
    time: int


class TooMuch(Exception):
    """A node does not hand out the logs of so many blocks at once."""


class Blocks:
    """
    A node's blocks, and what some contracts said in them.

    Parameters
    ----------
    web3 : a connection whose errors come as `NodeRefused`
    addresses : the contracts
    """

    def __init__(self, web3: Web3, addresses: Sequence[str]) -> None:
        self._web3 = web3
        self._addresses = [each.lower() for each in addresses]

    @classmethod
    def connect(cls, url: str, addresses: Sequence[str]) -> Blocks:
        """Of a node over HTTP; it is not asked yet. Refused (`refused.config`): no HTTP URL."""
        if not url.startswith(("http://", "https://")):
            raise Refused("refused.config", "the RPC URL must start with http:// or https://")
        web3 = Web3(Web3.HTTPProvider(url, request_kwargs={"timeout": RPC_SECONDS}))
        web3.middleware_onion.inject(Answers, "answers", layer=0)
        return cls(web3, addresses)

    def chain_id(self) -> int:
        """By the node's own word, now."""
        return _number(self._ask("eth_chainId"), "chain id")

    def head(self) -> Block:
        """The newest block."""
        found = _block(self._ask("eth_getBlockByNumber", ["latest", False]))
        if found is None:
            raise _useless("no newest block")
        return found

    def finalized(self) -> Block | None:
        """The newest block that no reorganisation takes back; None where the node has no word."""
        try:
            return _block(self._request("eth_getBlockByNumber", ["finalized", False]))
        except NodeRefused:
            return None
        except Exception as error:
            raise explained(error) from None

    def block(self, number: int) -> Block | None:
        """The block of a number; None where the node has none yet."""
        found = _block(self._ask("eth_getBlockByNumber", [hex(number), False]))
        if found is not None and found.number != number:
            raise _useless(f"block {found.number} for block {number}")
        return found

    def logs_between(self, first: int, last: int) -> list[Log]:
        """
        What the contracts said in these blocks, both included, in order.

        Raises
        ------
        TooMuch
            The node refuses, or takes too long: ask for fewer blocks.
        """
        try:
            answer = self._request("eth_getLogs", self._query(hex(first), hex(last)))
        except (NodeRefused, ReadTimeout) as error:
            raise TooMuch(str(error)) from None
        except HTTPError as error:
            if error.response is not None and error.response.status_code == _TOO_LARGE:
                raise TooMuch("the answer is too large") from None
            raise explained(error) from None
        except Exception as error:
            raise explained(error) from None
        return self._logs(answer, first, last)

    def logs_of(self, block: Block) -> list[Log] | None:
        """What the contracts said in a block; None where the node has that block no longer."""
        query = {"blockHash": block.hash, "address": self._addresses}
        try:
            answer = self._request("eth_getLogs", [query])
        except NodeRefused:
            return self._by_number(block)
        except Exception as error:
            raise explained(error) from None
        logs = self._logs(answer, block.number, block.number)
        if any(log.block_hash != block.hash for log in logs):
            raise _useless("logs of another block")
        return logs

    def has_code(self, address: str, number: int) -> bool | None:
        """Whether there was code at an address; None where the node has forgotten."""
        try:
            answer = self._request("eth_getCode", [address, hex(number)])
        except NodeRefused:
            return None
        except Exception as error:
            raise explained(error) from None
        return bool(_bytes(answer, "code"))

    # -- inside ------------------------------------------------------------------------------------
    def _by_number(self, block: Block) -> list[Log] | None:
        """For nodes that give no logs by hash: the block must still be there afterwards."""
        number = hex(block.number)
        logs = self._logs(
            self._ask("eth_getLogs", self._query(number, number)), block.number, block.number
        )
        again = self.block(block.number)
        if again is None or again.hash != block.hash:
            return None
        return logs if all(log.block_hash == block.hash for log in logs) else None

    def _query(self, first: str, last: str) -> list[Any]:
        return [{"fromBlock": first, "toBlock": last, "address": self._addresses}]

    def _logs(self, answer: Any, first: int, last: int) -> list[Log]:
        if not isinstance(answer, list | tuple):
            raise _useless("no list of logs")
        logs = [_log(_object(each, "log")) for each in answer]
        places = [(log.block, log.index) for log in logs]
        if any(not first <= log.block <= last for log in logs):
            raise _useless("logs of other blocks")
        if any(log.address not in self._addresses for log in logs):
            raise _useless("logs of other contracts")
        if any(one >= other for one, other in pairwise(places)):
            raise _useless("logs out of order")
        return logs

    def _ask(self, method: str, parameters: Sequence[Any] = ()) -> Any:
        try:
            return self._request(method, parameters)
        except Exception as error:
            raise explained(error) from None

    def _request(self, method: str, parameters: Sequence[Any]) -> Any:
        return self._web3.manager.request_blocking(method, list(parameters))  # type: ignore[arg-type]


def _block(answer: Any) -> Block | None:
    if answer is None:
        return None
    held = _object(answer, "block")
    return Block(
        _number(held.get("number"), "number"),
        _hex(held.get("hash"), _HASH, "hash"),
        _hex(held.get("parentHash"), _HASH, "parent"),
        _number(held.get("timestamp"), "time"),
    )


def _log(held: Any) -> Log:
    if held.get("removed") not in (None, False):
        raise _useless("a log that it has taken back")
    topics = held.get("topics")
    if not isinstance(topics, list | tuple):
        raise _useless("a log without topics")
    return Log(
        _number(held.get("blockNumber"), "number"),
        _hex(held.get("blockHash"), _HASH, "hash"),
        _number(held.get("logIndex"), "index"),
        _hex(held.get("address"), _ADDRESS, "address"),
        tuple(_bytes(_hex(topic, _HASH, "topic"), "topic") for topic in topics),
        _bytes(held.get("data"), "data"),
        _hex(held.get("transactionHash"), _HASH, "transaction"),
    )


def _object(value: Any, what: str) -> Any:
    if not hasattr(value, "get"):
        raise _useless(f"no {what}")
    return value


def _number(value: Any, what: str) -> int:
    if not isinstance(value, str) or not value.startswith("0x"):
        raise _useless(f"no {what}")
    try:
        return int(value, 16)
    except ValueError:
        raise _useless(f"no {what}") from None


def _hex(value: Any, length: int, what: str) -> str:
    if not isinstance(value, str) or len(value) != length:
        raise _useless(f"no {what}")
    _bytes(value, what)
    return value.lower()


def _bytes(value: Any, what: str) -> bytes:
    if not isinstance(value, str) or not value.startswith("0x"):
        raise _useless(f"no {what}")
    try:
        return bytes.fromhex(value[2:])
    except ValueError:
        raise _useless(f"no {what}") from None


def _useless(what: str) -> TierproofError:
    return Unavailable("unavailable.node", f"what the node answers is of no use: {what}")
