"""Before the first chapter: everything is put up, registered and announced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from contracts.build.artifact import load_artifact
from contracts.client.chain import Chain
from examples.chain.acts import Acts, checksum, register_policy, register_series
from examples.chain.deployment import (
    BANDS,
    DAY,
    DEFAULT,
    FEED_HEARTBEAT,
    NOWHERE,
    PRICE_HEARTBEAT,
    deploy,
)
from examples.chain.expected import Expected
from examples.chain.people import FIRST, LATE_DAYS, LENGTH, WINDOWS, People
from examples.chain.stage import Stage
from policies.effective.regime import Feed, pack
from policies.effective.terms import Market
from prover.profile import Profile
from tierproof.verifier_contract import name_for

START = FIRST * DAY
DEPLOYED = -6
"""The day of the deployment."""
STARTED = START + (DEPLOYED - 1) * DAY
"""The chain's first second."""
ACCOUNTS = ("Aldgate", "Aldgate 2", "Bishopsgate", "Bishopsgate 2", "thief", "keeper")
LAST_DAY = 126
PRICE = 100  # dollars


@dataclass
class Story:
    """Everything that the chapters share."""

    stage: Stage
    acts: Acts
    people: People

    def root_of(self, number: int, **changes: Any) -> Any:
        """The window of this number, its root submitted as soon as nothing late counts in it."""
        window = self.people.window(WINDOWS[number], **changes)
        self.stage.to(window.last_day + 1 + LATE_DAYS - FIRST)
        self.acts.submit(window)
        return window


def set_up(chain: Chain, people: People, progress: Callable[[str], None]) -> Story:
    """Registry, verifiers, attestors, series with its windows and policies, engine, feed."""
    progress("deploy: libraries, registry, two verifiers, an engine and its market")
    on = deploy(chain)
    market = Market(DEFAULT, strictest=BANDS[-1].factor)
    expected = Expected(market, BANDS, Feed(FEED_HEARTBEAT))
    stage = Stage(chain, on, expected, START, progress, now=chain.now())
    stage.to(DEPLOYED)
    members = [checksum(each) for each in people.attestor_set.members]
    on.governor("registerAttestorSet", people.attestor_set.salt, (members, 0, 2), (200, 100))
    for profile in (Profile.FAST, Profile.LEAN):
        key = people.keys.verifying_key(8_192, profile)
        address, _ = chain.deploy(load_artifact(name_for(key, profile)), sender=on.roles.admin)
        on.governor("registerVerifier", address, key.digest)
    windows = [(first, first + LENGTH - 1) for first in WINDOWS]
    register_series(on, people.series, windows[:1])
    for window in windows[1:]:
        on.governor("announceWindow", people.series.id, window)
    for first, _ in windows:
        register_policy(on, people.policy(first))
    on.governor("registerEngine", on.engine.address, 3)
    on.governor(
        "announceMarket",
        ((2_000, 1_500, 600, 200, 5, 0, 0), pack(BANDS), on.volatility.address, FEED_HEARTBEAT,
         NOWHERE),
    )  # fmt: skip
    admin = on.roles.admin
    stage.now = chain.now()
    acts = Acts(stage, people, people.attestor_set)
    acts.price(PRICE)
    add = on.markets.functions
    stage.send(add.addUnderlying(on.price.address, PRICE_HEARTBEAT, 10_000_000), admin)
    stage.send(add.addPerpetual(0), admin)
    for name in ACCOUNTS:
        stage.enter(name, people.account(name).address)
    return Story(stage, acts, people)
