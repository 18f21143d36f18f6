"""
What `effectiveTerms` costs a margin engine: counted exactly, in a transaction of its own (cold: the
contract and three slots) and again in the same one (warm); without and with the registry around it.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from grants.grants_world import ALICE, STRANGER, World, key_address
from grants.machine import Contract
from support.effective import STRICTEST
from terms_world import deploy, grant_words, market_words, tier_words

from contracts.build.artifact import FOLDER, read_artifact
from contracts.client.chain import Chain
from policies.effective.conduct import DAY
from policies.effective.glide import ONE, Clock
from policies.effective.regime import HOLD, Regime
from policies.effective.terms import Default, Grant, Market, Tier

pytestmark = pytest.mark.evm
TIER = Tier(500, 300, 250, -50, 20, 10_000)
DEFAULT = Default(2_000, Clock(1_200, 1_200, 0), 600, 200, 5)
ACCOUNT = "0x" + "11" * 20
MOST_COLD, MOST_WARM = 13_000, 5_000
"""Limits of the design."""


NOW = 2_000_000_000
QUIET = Market(DEFAULT, Regime(), STRICTEST)
MOVING = Market(
    Default(2_000, Clock(900, 1_200, NOW - 100), 600, 200, 5),
    Regime(Clock(ONE, 13_000, NOW - 200), NOW - HOLD - 300),
    STRICTEST,
)
RUNS = Grant(TIER, NOW + 30 * DAY, 300, NOW - DAY)
GLIDES = Grant(TIER, NOW + 30 * DAY, 300, NOW - 100, 2, NOW + 7 * DAY)


@pytest.mark.parametrize(
    ("grant", "market", "cold", "warm"),
    [
        pytest.param(None, QUIET, 11_332, 2_832, id="none"),
        pytest.param(RUNS, QUIET, 12_648, 4_148, id="running"),
        pytest.param(GLIDES, MOVING, 12_941, 4_441, id="gliding"),
        pytest.param(replace(GLIDES, end=NOW - 100), MOVING, 12_949, 4_449, id="ending"),
        pytest.param(replace(RUNS, end=NOW - 2 * DAY), QUIET, 11_388, 2_888, id="ended"),
    ],
)
def test_a_reading(grant: Grant | None, market: Market, cold: int, warm: int) -> None:
    """Without the registry's dispatch: 22 a function that stands before it."""
    chain = Chain.embedded()
    slots = (grant_words(grant), tier_words(TIER), market_words(market))
    sketch = deploy(chain, "TermsSketch", ACCOUNT, *slots, STRICTEST)
    meter = deploy(chain, "TermsMeter")
    chain.advance_time(NOW - chain.now())
    found = meter.functions.measure(sketch.address, ACCOUNT).call()
    assert found == [cold, warm]
    assert cold <= MOST_COLD and warm <= MOST_WARM


@pytest.mark.parametrize(
    ("given", "cold", "warm"),
    [
        pytest.param(False, 12_901, 4_401, id="none"),
        pytest.param(True, 14_217, 5_717, id="running"),
    ],
)
def test_a_reading_of_the_registry(given: bool, cold: int, warm: int) -> None:
    """With its dispatch, in which 56 functions stand before it: that alone is above the design."""
    world = World().start()  # of its own: what is cold is set anew
    world.submit()
    if given:
        world.onboard(tier=1)
    artifact = read_artifact(FOLDER / "test-artifacts" / "TermsMeter.json")
    meter = Contract(world.machine, artifact, world.machine.deploy(artifact))
    world.machine.state._account_db._reset_access_counters()
    assert meter.call(STRANGER, "measure", world.grants.place, key_address(ALICE)) == (cold, warm)
