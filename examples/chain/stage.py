"""
Where the story plays: a chain whose clock is set, and beside it the model that knows what the terms
of each account must be.

Each act is one block. Before it, in its second, and at seconds of the day after it, the terms of
every account are read off the chain and compared with the model; so they are on the way from one
act to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, astuple, dataclass, field
from typing import Any

from eth_abi.abi import decode, encode
from web3.logs import DISCARD

from contracts.build.artifact import known_errors
from contracts.client.chain import Chain, Sender
from contracts.client.revert import rejected
from examples.chain.deployment import DAY, HOUR, Deployment, selector
from examples.chain.expected import Expected
from policies.effective.terms import Effective, Status

BLOCK = 12  # seconds from a block to the next
STEP = 4 * HOUR  # between two looks on the way
AHEAD = (0, 1, HOUR, 6 * HOUR, DAY, DAY + 1)
"""Seconds after an act at which the terms are looked at, as if nobody did anything more."""
POKE_EVERY = 40 * HOUR  # a living feed's heartbeat is 48 hours
TERMS = ("uint256",) * 2 + ("int256",) * 2 + ("uint256",) * 5


class Different(AssertionError):
    """The chain says other terms than the model."""


@dataclass
class Stage:
    """
    Attributes
    ----------
    start : second of day 0 of the story
    now : of the next act, at the earliest
    accounts : address by name, of those whose terms are watched
    events : what has happened, with the terms of the account that it happened to
    points : what held for each account, on the way
    gas : of the transactions that are named in the table
    compared : how many terms were compared with the model
    """

    chain: Chain
    on: Deployment
    expected: Expected
    start: int
    progress: Callable[[str], None]
    now: int = 0
    accounts: dict[str, str] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    points: dict[str, list[tuple[int, Effective]]] = field(default_factory=dict)
    gas: dict[str, int] = field(default_factory=dict)
    compared: int = 0
    points_of_volatility: int = 0  # what the feed says; 0 before there is one
    poked_at: int = 0

    def enter(self, name: str, address: str) -> None:
        """An account comes on stage, with money for its transactions."""
        self._rpc("anvil_setBalance", address, hex(10**21))
        self.accounts[name] = address

    # -- time ----------------------------------------------------------------------------------
    def second(self, day: float) -> int:
        """A day of the story as a Unix second."""
        return self.start + round(day * DAY)

    def day(self) -> float:
        """Now, in days of the story."""
        return (self.now - self.start) / DAY

    def to(self, day: float) -> None:
        """Wait; whoever keeps the feed alive does so."""
        target = self.second(day)
        if target < self.now:
            raise ValueError(f"day {day} is over: it is day {self.day():.3f}")
        while self.points_of_volatility and self.poked_at + POKE_EVERY < target:
            self._watch(self.poked_at + POKE_EVERY)
            self.poke(self.points_of_volatility)
        self._watch(target)

    def _watch(self, target: int) -> None:
        seconds = list(range(self.now + STEP - self.now % STEP, target, STEP))
        for account, terms in self._compare([*seconds, target]):
            self.points.setdefault(account, []).append(terms)
        self.now = target
        self._mine(target)

    def _mine(self, second: int) -> None:
        self._rpc("evm_setNextBlockTimestamp", second)
        self._rpc("evm_mine")

    def _rpc(self, method: Any, *arguments: Any) -> Any:
        return self.chain.web3.provider.make_request(method, list(arguments))["result"]

    # -- acts ----------------------------------------------------------------------------------
    def send(self, call: Any, sender: Sender) -> Any:
        """The receipt of a transaction in the next block; nothing is compared."""
        self.now += BLOCK
        self._rpc("evm_setNextBlockTimestamp", self.now)
        return self.chain.send(call, sender=sender)

    def act(
        self,
        what: str,
        name: str,
        call: Any,
        sender: Sender,
        then: Callable[[int], None],
        *,
        gas: str = "",
    ) -> Any:
        """
        An act upon an account, by name: terms before it, `then` what the model makes of it, and
        terms from its second on. Returns the receipt.
        """
        self.look([0])
        receipt = self.send(call, sender)
        if gas:
            self.gas[gas] = int(receipt["gasUsed"])
        then(self.now)
        self.look(AHEAD)
        self.note(what, name)
        return receipt

    def note(self, what: str, name: str) -> None:
        """An event, with the terms that hold for the account now."""
        terms = self.expected.terms(self.accounts[name], self.now)
        self.events.append({"what": what, "account": name, "terms": written(terms, self.now)})
        self.progress(
            f"day {self.day():6.2f}  {what}: {name} {terms.status.name.lower()}, opening "
            f"{terms.initial / 100:.2f} %, maintenance {terms.maintenance / 100:.2f} %"
        )

    def poke(self, points: int) -> None:
        """The feed says so many points, and somebody reads it."""
        self.send(self.on.volatility.functions.set(0, points * 100, 0, self.now), self.on.anybody)
        said = self.now - BLOCK
        self.send(self.on.client.calls.poke(), self.on.anybody)
        self.expected.poked(points, said, self.now)
        self.points_of_volatility, self.poked_at = points, self.now

    def refused(self, call: Any, sender: str, error: str) -> None:
        """The call, sent now, would revert with this error; AssertionError if it would not."""
        request = {"from": sender, "to": call.address, "data": call._encode_transaction_data()}
        answer = self.chain.web3.provider.make_request(
            "eth_call",  # type: ignore[arg-type]
            [request, "latest", {}, {"time": hex(self.now)}],
        )
        if "error" not in answer:
            raise AssertionError(f"{call.fn_name} went through, not refused as {error}")
        data = bytes.fromhex(str(answer["error"].get("data", "0x"))[2:])
        engine = tuple(entry for entry in self.on.engine.abi if entry["type"] == "error")
        found = rejected(data, (*known_errors(), *engine)).fields["error"]
        if found != error:
            raise AssertionError(f"{call.fn_name}: refused as {found}, not {error}")

    def said(self, receipt: Any, event: str) -> dict[str, Any]:
        """Arguments of the only event of a kind in a receipt."""
        registry = self.on.client.contract
        contract = registry if event in _events(registry) else self.on.engine
        (found,) = contract.events[event]().process_receipt(receipt, errors=DISCARD)
        return dict(found["args"])

    # -- terms ---------------------------------------------------------------------------------
    def look(self, ahead: Sequence[int]) -> None:
        """Compare the terms of every account at seconds from now on."""
        for _ in self._compare([self.now + seconds for seconds in ahead]):
            pass

    def _compare(self, seconds: Sequence[int]) -> Iterator[tuple[str, tuple[int, Effective]]]:
        asked = [(name, second) for name in self.accounts for second in seconds]
        for (name, second), found in zip(asked, self._read(asked), strict=True):
            wanted = self.expected.terms(self.accounts[name], second)
            self.compared += 1
            if found != astuple(wanted):
                raise Different(
                    f"{name}, day {(second - self.start) / DAY:.4f}: the chain says {found}, the "
                    f"model {astuple(wanted)}"
                )
            yield name, (second, wanted)

    def _read(self, asked: Sequence[tuple[str, int]]) -> list[tuple[int, ...]]:
        """`effectiveTerms` of accounts at seconds, in one request."""
        function = selector(self.on.client.contract, "effectiveTerms")
        calls = [
            (
                "eth_call",
                [
                    {
                        "to": self.on.client.address,
                        "data": "0x"
                        + (function + encode(["address"], [self.accounts[name]])).hex(),
                    },
                    "latest",
                    {},
                    {"time": hex(second)},
                ],
            )
            for name, second in asked
        ]
        if not calls:
            return []
        provider: Any = self.chain.web3.provider
        answers = sorted(provider.make_batch_request(calls), key=lambda answer: answer["id"])
        return [tuple(decode(TERMS, bytes.fromhex(each["result"][2:]))) for each in answers]


def written(terms: Effective, second: int) -> dict[str, Any]:
    """Terms as `build/chain.json` has them, with their second."""
    status = Status(terms.status).name.lower()
    return {"second": second, **asdict(terms), "status": status}


def _events(contract: Any) -> set[str]:
    return {entry["name"] for entry in contract.abi if entry["type"] == "event"}
