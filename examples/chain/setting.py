"""Before the first chapter: everything is put up, registered and announced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from contracts.client.chain import Chain
from examples.chain.acts import Acts
from examples.chain.deployment import BANDS, DAY, DEFAULT, FEED_HEARTBEAT, PRICE_HEARTBEAT, deploy
from examples.chain.expected import Expected
from examples.chain.people import FIRST, LATE_DAYS, WINDOWS, People, Window
from examples.chain.stage import Stage
from policies.effective.glide import Clock
from policies.effective.regime import Feed
from policies.effective.terms import Default, Market
from tierproof import onchain

START = FIRST * DAY
DEPLOYED = -6
"""The day of the deployment."""
STARTED = START + (DEPLOYED - 1) * DAY
"""The chain's first second."""
ACCOUNTS = ("Aldgate", "Aldgate 2", "Bishopsgate", "Bishopsgate 2", "thief", "keeper")
LAST_DAY = 126
PRICE = 100  # dollars
DEPTH = 10_000_000  # dollars of notional at which the add-on for size doubles the margin


@dataclass
class Story:
    """Everything that the chapters share."""

    stage: Stage
    acts: Acts
    people: People

    def root_of(self, number: int, **changes: Any) -> Window:
        """The window of this number, its root submitted as soon as nothing late counts in it."""
        window = self.people.window(WINDOWS[number], **changes)
        self.stage.to(window.last_day + 1 + LATE_DAYS - FIRST)
        self.acts.submit(window)
        return window


def set_up(chain: Chain, people: People, progress: Callable[[str], None]) -> Story:
    """Registry, verifiers, attestors, series with its windows and policies, engine, feed."""
    progress("deploy: libraries, registry, two verifiers, an engine and its market")
    on = deploy(chain, people)
    clock = Clock(DEFAULT.maintenance_margin_bp, DEFAULT.maintenance_margin_bp, 0)
    fees = (DEFAULT.taker_fee, DEFAULT.maker_fee)
    default = Default(DEFAULT.initial_margin_bp, clock, *fees, DEFAULT.max_leverage)
    expected = Expected(Market(default, strictest=BANDS[-1].factor), BANDS, Feed(FEED_HEARTBEAT))
    stage = Stage(chain, on, expected, START, progress, now=chain.now())
    stage.to(DEPLOYED)
    governor, calls = on.roles.governor, on.client.calls
    for first_day in WINDOWS:
        onchain.register_policy(
            on.client, people.policy(first_day), people.attestor_set, governor=governor
        )
    chain.send(calls.register_engine(on.engine.address, 3), sender=governor)
    chain.send(calls.announce_market(on.market()), sender=governor)
    stage.now = chain.now()
    acts = Acts(stage, people, people.attestor_set)
    acts.price(PRICE)
    add, admin = on.markets.functions, on.roles.admin
    stage.send(add.addUnderlying(on.price.address, PRICE_HEARTBEAT, DEPTH), admin)
    stage.send(add.addPerpetual(0), admin)
    for name in ACCOUNTS:
        stage.enter(name, people.account(name).address)
    return Story(stage, acts, people)
