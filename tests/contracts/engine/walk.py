"""Seeded random lives of an engine, step by step on the EVM and in the model."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from engine.machine import Reverted
from engine.model import E18, Instrument, Model, Refusal
from engine.world import (
    CALL,
    DAY,
    DEFAULT,
    HEARTBEAT,
    KEEPER,
    KEYS,
    OWNER,
    PERPETUAL,
    PRIME,
    PUT,
    STRANGER,
    Terms,
    World,
)

TRADERS = tuple(KEYS)
PRIMES = [
    PRIME,
    Terms(300, 150, 250, -150, 33, 2_000, 11),
    Terms(800, 400, 450, 150, 12, 60, 12),
    DEFAULT,
]


@dataclass
class Walk:
    """A world, its model, and what has happened so far."""

    seed: int
    world: World = field(default_factory=lambda: World(with_sequencer=False))
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        world = self.world
        world.markets.addUnderlying(world.premium.address, HEARTBEAT, 1_000_000, sender=OWNER)
        world.markets.addPerpetual(1, sender=OWNER)
        self.feeds: dict[int, Any] = {}
        instruments = [Instrument(0), Instrument(1)]
        expiry = world.machine.now + 40 * DAY
        for kind, strike in ((CALL, 100), (PUT, 100), (CALL, 110), (PUT, 92)):
            feed = world.machine.deploy(world.spot.artifact, 8, sender=OWNER)
            self.feeds[len(instruments)] = feed
            world.markets.addOption(
                0, kind, strike * E18, expiry, feed.address, HEARTBEAT, sender=OWNER
            )
            instruments.append(Instrument(0, kind, strike * E18, expiry))
        self.model = Model(world.unit, [10_000_000, 1_000_000], instruments)
        self.model.spot = [100 * E18, 20 * E18]
        for trader in (*TRADERS, KEEPER):
            self.set_terms(trader, PRIMES[self.random.choice((0, 0, 1, 1, 2, 3))])
            self.deposit(trader, self.random.randrange(500, 9_000))
        self.deposit(KEEPER, 400_000)
        self.set_terms(KEEPER, PRIME)
        self.move()

    # ---- steps; each on both ----

    def step(self) -> None:
        """One guided step: mostly trades, then prices, then whoever can be liquidated."""
        picked = self.random.choices(
            (self.trade, self.move, self.some_terms, self.withdraw, self.more, self.fall),
            (10, 2, 1, 2, 2, 4),
        )[0]
        picked()

    def act(self, name: str, on_model: Any, on_chain: Any) -> bool:
        """The same act on both, with the same outcome."""
        tried = self.model.tried()
        expected: str | None = None
        try:
            on_model(tried)
        except Refusal as refusal:
            expected = str(refusal)
        try:
            on_chain()
            got = None
        except Reverted as error:
            got = error.error
        assert got == expected, (name, got, expected)
        if expected is None:
            self.model = tried
            self.done[name] += 1
        else:
            self.refused[f"{name} {expected}"] += 1
        return expected is None

    def trade(self) -> None:
        taker, maker = self.random.sample((*TRADERS,), 2)
        number = self.random.choice(range(len(self.model.instruments)))
        held = self.model.accounts[taker].sizes
        if held and self.random.random() < 0.35:
            number = self.random.choice(list(held))
            size = -held[number] * self.random.choice((1, 1, 2, 3)) // self.random.choice((1, 2))
        else:
            size = self.random.choice((-1, 1)) * self.affordable(taker, maker, number)
        mark = 1 if number in self.model.settled else self.model.mark(number)
        price = mark * self.random.randrange(985, 1_015) // 1_000
        if not size:
            return
        changes = {"instrument": number, "size": size, "price": price}
        quote = self.world.quote(maker, 0, 0, **changes)
        self.act(
            "trade",
            lambda model: model.trade(taker, maker, number, size, price),
            lambda: self.world.take(taker, quote),
        )

    def affordable(self, taker: str, maker: str, number: int) -> int:
        """Units that may be about what initial margin allows."""
        spot = self.model.spot[self.model.instruments[number].underlying]
        free = min(
            (self.model.equity(who) - self.model.needed(who, self.model.terms[who].initial))
            * 10_000
            // self.model.terms[who].initial
            for who in (taker, maker)
        )
        return max(free // spot, E18) * self.random.randrange(5, 75) // 100

    def withdraw(self) -> None:
        account = self.random.choice(TRADERS)
        free = self.model.equity(account) // self.model.unit
        amount = max(1, free * self.random.randrange(1, 110) // 100)
        self.act(
            "withdraw",
            lambda model: model.withdraw(account, amount),
            lambda: self.world.engine.withdraw(amount, 0, sender=account),
        )

    def deposit(self, account: str, dollars: int) -> None:
        amount = dollars * self.world.dollar + self.random.randrange(self.world.dollar)
        self.act(
            "deposit",
            lambda model: model.deposit(account, amount),
            lambda: self.world.engine.deposit(amount, sender=account),
        )

    def more(self) -> None:
        if self.random.random() < 0.7:
            poorest = min(TRADERS, key=self.model.equity)
            self.deposit(poorest, self.random.randrange(1, 9_000))
            return
        amount = self.random.randrange(1, 500) * self.world.dollar
        self.act(
            "give",
            lambda model: model.give(amount),
            lambda: self.world.engine.give(amount, sender=self.random.choice(TRADERS)),
        )

    def set_terms(self, account: str, terms: Terms) -> None:
        self.world.terms(account, terms)
        self.model.terms[account] = terms

    def some_terms(self) -> None:
        account = self.random.choice(TRADERS)
        self.set_terms(account, self.random.choice(PRIMES))

    def move(self) -> None:
        """Prices go somewhere; at times far."""
        machine = self.world.machine
        machine.now += self.random.randrange(1, 4_000)
        width = self.random.choice((5, 10, 20, 30, 40, 90))
        for underlying, feed in enumerate((self.world.spot, self.world.premium)):
            factor = 1_000 + self.random.randrange(-width, width + 1)
            spot = self.model.spot[underlying] // 10**10 * factor // 1_000
            spot = min(max(spot, 5 * 10**8), 400 * 10**8)
            feed.push(spot, machine.now, machine.now)
            self.model.spot[underlying] = spot * 10**10
        for number, feed in self.feeds.items():
            each = self.model.instruments[number]
            extra = self.random.randrange(0, 8 * 10**8)
            answer = max(1, each.pays(self.model.spot[0]) // 10**10 + extra - 10**8)
            feed.push(answer, machine.now, machine.now)
            self.model.premium[number] = answer * 10**10

    def fall(self) -> None:
        """Prices move until somebody can be liquidated, and he is."""
        for _ in range(6):
            self.move()
            if self.liquidate_all():
                return
        self.liquidate(self.random.choice(TRADERS), self.random.randrange(1, E18))

    def liquidate_all(self) -> bool:
        """Whether anybody was below his maintenance margin."""
        found = False
        for account in TRADERS:
            below = self.model.equity(account) < self.model.needed(
                account, self.model.terms[account].maintenance
            )
            if below and self.model.accounts[account].sizes:
                found = True
                for part in (E18, E18 // 2, self.random.randrange(1, E18 // 3)):
                    if self.liquidate(account, part):
                        break
        return found

    def liquidate(self, account: str, part: int) -> bool:
        count = self.world.registry.count()
        kind = ""

        def on_model(model: Model) -> None:
            nonlocal kind
            kind = model.liquidate(account, KEEPER, part)

        if self.act(
            "liquidate",
            on_model,
            lambda: self.world.engine.liquidate(account, part, sender=KEEPER),
        ):
            level = {"Partly": 2, "Liquidated": 3}[kind]
            assert self.world.registry.taken(count)[1] == level
            self.done[kind] += 1
            return True
        return False

    def expire(self) -> None:
        """All options expire; somebody fixes the price and settles everybody."""
        options = [i for i, each in enumerate(self.model.instruments) if each.kind != PERPETUAL]
        self.world.machine.now = self.model.instruments[options[0]].expiry
        self.move()
        for number in options:
            self.world.markets.fixSettlement(number, self.world.spot.latest(), sender=STRANGER)
            self.model.settled[number] = self.model.spot[0]
        for account in (*TRADERS, KEEPER):
            for number in options:
                self.act(
                    "settle",
                    lambda model, who=account, number=number: model.settle(who, number),
                    lambda who=account, number=number: self.world.engine.settle(
                        who, number, sender=STRANGER
                    ),
                )

    # ---- what always holds ----

    def compare(self) -> None:
        """The EVM's books are the model's, to the unit."""
        engine, model = self.world.engine, self.model
        assert (engine.held(), engine.fund(), engine.deficit()) == (
            model.held,
            model.fund,
            model.deficit,
        )
        for account in (*TRADERS, KEEPER):
            book = model.accounts[account]
            assert self.world.cash(account) == book.cash
            held = engine.heldBy(account)
            assert {i: self.world.size(account, i) for i in held} == book.sizes
            equity, initial, maintenance, gross = self.world.health(account)
            terms = model.terms[account]
            assert equity == model.equity(account) // model.unit
            assert initial == -(-model.needed(account, terms.initial) // model.unit)
            assert maintenance == -(-model.needed(account, terms.maintenance) // model.unit)
            assert gross == -(-model.gross(account) // model.unit)
        for holder, notional in model.opened.items():
            assert engine.openNotional(holder) == notional

    def invariants(self) -> None:
        """What holds of the model's books, which are the EVM's."""
        model = self.model
        books = {who: model.accounts[who] for who in (*TRADERS, KEEPER)}
        cash = sum(book.cash for book in books.values())
        rounded = model.held + model.deficit - cash - model.fund
        assert 0 <= rounded <= 6 * 7, rounded  # a unit for each option settled, at most
        for number in range(len(model.instruments)):
            assert sum(book.sizes.get(number, 0) for book in books.values()) == 0
        equities = [model.equity(who) for who in books]
        claims = sum(each for each in equities if each > 0) + model.fund * model.unit
        short = -sum(each for each in equities if each < 0) + model.deficit * model.unit
        assert model.held * model.unit + short >= claims
        assert min(model.fund, model.deficit) == 0
        for holder, notional in model.opened.items():
            lots = [
                lot
                for book in books.values()
                for of_one in book.lots.values()
                for lot in of_one
                if lot[0] == holder
            ]
            assert notional == sum(lot[2] for lot in lots) >= 0
        for book in books.values():
            for number, lots in book.lots.items():
                assert sum(lot[1] for lot in lots) == abs(book.sizes.get(number, 0))
