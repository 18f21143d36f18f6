"""
An engine with markets, feeds, a token and people who trade; the registry is a stand-in, or what a
subclass puts in its place.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from typing import Any

from engine.machine import CHAIN_ID, Contract, Machine, Reverted, example, person
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

E18 = 10**18
HOUR, DAY = 3_600, 86_400
HEARTBEAT = 2 * DAY
ANSWER, REVERT, BURN, SHORT, GARBAGE, LONG = range(6)
NONE, RUNNING, ENDING, ENDED = range(4)
NEAR, PARTLY, LIQUIDATED = 1, 2, 3
PERPETUAL, CALL, PUT = range(3)
OWNER, KEEPER, STRANGER = person("owner"), person("keeper"), person("stranger")
KEYS: dict[str, LocalAccount] = {
    key.address: key for key in (Account.from_key(keccak(text=f"trader {i}")) for i in range(6))
}
ALICE, BOB, CAROL, DAVE, ERIN, FRANK = KEYS
NO_SEQUENCER = "0x" + "00" * 20
QUOTE = [
    ("maker", "address"),
    ("taker", "address"),
    ("instrument", "uint32"),
    ("size", "int128"),
    ("price", "uint128"),
    ("nonce", "uint64"),
    ("deadline", "uint64"),
]
ANYBODY = NO_SEQUENCER


@dataclass(frozen=True)
class Terms:
    """`IEffectiveTerms.EffectiveTerms`."""

    initial: int = 1_000
    maintenance: int = 500
    taker_fee: int = 0
    maker_fee: int = 0
    leverage: int = 10
    limit: int = 0
    subject: int = 0
    status: int = NONE
    changes_at: int = 0


PRIME = Terms(400, 200, 300, -100, 25, 50_000, 7, RUNNING)
DEFAULT = Terms(2_000, 1_000, 500, 200, 5)
OWN = (2_500, 1_250, 600, 300, 4, 100_000)
"""The engine's own terms: initial, maintenance, fees, leverage, limit in thousands of USD."""


class World:
    """Contracts on one machine; everybody is rich and has approved the engine."""

    own = OWN
    """What the engine is given as its own terms."""

    def __init__(
        self, decimals: int = 6, with_sequencer: bool = True, machine: Machine | None = None
    ) -> None:
        self.machine = machine = machine or Machine()
        self.unit = 10 ** (36 - decimals)
        self.dollar = 10**decimals
        deploy = machine.deploy
        test = "test-artifacts"
        self.registry = self.put_registry()
        self.token = deploy(example("MockToken", test), decimals, sender=OWNER)
        self.spot = deploy(example("MockPriceFeed", test), 8, sender=OWNER)
        self.premium = deploy(example("MockPriceFeed", test), 8, sender=OWNER)
        self.sequencer = deploy(example("MockPriceFeed", test), 0, sender=OWNER)
        self.markets = deploy(example("Markets"), OWNER, sender=OWNER)
        self.engine = deploy(
            example("MarginEngine"),
            self.registry.address,
            self.own,
            self.token.address,
            self.markets.address,
            self.sequencer.address if with_sequencer else NO_SEQUENCER,
            OWNER,
            sender=OWNER,
        )
        self.sequencer.push(0, machine.now - DAY, machine.now - DAY)
        self.price(100)
        self.markets.addUnderlying(self.spot.address, HEARTBEAT, 10_000_000, sender=OWNER)
        self.markets.addPerpetual(0, sender=OWNER)
        self.nonce = 0
        for trader in (*KEYS, KEEPER):
            self.rich(trader)
        self.give_terms()

    def put_registry(self) -> Contract:
        """Where terms are read."""
        return self.machine.deploy(example("MockTerms", "test-artifacts"), sender=OWNER)

    def give_terms(self) -> None:
        """What everybody starts with."""
        for trader in (*KEYS, KEEPER):
            self.terms(trader, PRIME)

    def rich(self, trader: str) -> None:
        self.token.mint(trader, 10**9 * self.dollar)
        self.token.approve(self.engine.address, 2**255, sender=trader)

    def terms(self, account: str, terms: Terms, **changes: Any) -> Terms:
        """What the registry says of an account from now on."""
        changed = replace(terms, **changes)
        self.registry.set(account, astuple(changed))
        return changed

    def price(self, dollars: float, feed: Contract | None = None) -> None:
        """A new round of a feed, now."""
        now = self.machine.now
        (feed or self.spot).push(round(dollars * 10**8), now, now)

    def option(self, kind: int, strike: int, days: int = 30) -> int:
        """A new option on the underlying, with the premium's feed; its number."""
        count = self.markets_count()
        expiry = self.machine.now + days * DAY
        self.markets.addOption(
            0, kind, strike * E18, expiry, self.premium.address, HEARTBEAT, sender=OWNER
        )
        return count

    def markets_count(self) -> int:
        """How many instruments there are."""
        count = 0
        while True:
            try:
                self.markets.instrumentOf(count)
            except Reverted:
                return count
            count += 1

    def deposit(self, trader: str, dollars: float) -> None:
        self.engine.deposit(round(dollars * self.dollar), sender=trader)

    def withdraw(self, trader: str, dollars: float, least: int = 0) -> None:
        self.engine.withdraw(round(dollars * self.dollar), least, sender=trader)

    def quote(self, maker: str, size: float, price: float, /, **changes: Any) -> dict[str, Any]:
        """What a maker offers: the taker gets `size` units at `price` dollars."""
        self.nonce += 1
        quote = {
            "maker": maker,
            "taker": ANYBODY,
            "instrument": 0,
            "size": round(size * 10**9) * 10**9,
            "price": round(price * 10**9) * 10**9,
            "nonce": self.nonce,
            "deadline": self.machine.now + HOUR,
        }
        return {**quote, **changes}

    def sign(self, quote: dict[str, Any], key: LocalAccount | None = None) -> bytes:
        """EIP-712 signature of the maker, written from the type and not from the contract."""
        domain = {
            "name": "Tierproof margin engine",
            "version": "1",
            "chainId": CHAIN_ID,
            "verifyingContract": self.engine.address,
        }
        types = {"Quote": [{"name": name, "type": kind} for name, kind in QUOTE]}
        signer = key or KEYS[quote["maker"]]
        return bytes(signer.sign_typed_data(domain, types, quote).signature)

    def take(self, taker: str, quote: dict[str, Any], signature: bytes | None = None) -> None:
        signed = self.sign(quote) if signature is None else signature
        self.engine.trade(tuple(quote.values()), signed, sender=taker)

    def trade(
        self, taker: str, maker: str, size: float, price: float | None = None, **changes: Any
    ) -> None:
        """The taker gets `size` units of the maker, at the latest spot unless told."""
        if price is None:
            price = self.spot.latestRoundData()[1] / 10**8
        self.take(taker, self.quote(maker, size, price, **changes))

    def cash(self, account: str) -> int:
        return int(self.engine.cashOf(account))

    def size(self, account: str, instrument: int = 0) -> int:
        return int(self.engine.sizeOf(account, instrument))

    def health(self, account: str) -> tuple[int, int, int, int]:
        """Equity, initial margin, maintenance margin, gross; units of the token."""
        return tuple(self.engine.healthOf(account))  # type: ignore[return-value]

    def reports(self) -> list[tuple[Any, ...]]:
        """Account, level, days near, days exposed, event id of each report taken."""
        return [self.registry.taken(i) for i in range(self.registry.count())]

    def wait(self, seconds: int) -> None:
        """Time passes; the price stays and is said anew."""
        self.machine.now += seconds
        answer = self.spot.latestRoundData()[1]
        self.spot.push(answer, self.machine.now, self.machine.now)

    def assert_adds_up(self, accounts: tuple[str, ...] = tuple(KEYS)) -> None:
        """What is held is what is owed, to the unit."""
        engine = self.engine
        cash = sum(self.cash(account) for account in (*accounts, KEEPER))
        assert engine.held() + engine.deficit() == cash + engine.fund()
        assert engine.held() == self.token.balanceOf(engine.address)
