"""Collateral and trades: what each needs, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from engine.machine import example
from engine.refusals import refused
from engine.world import (
    ALICE,
    BOB,
    CAROL,
    DAY,
    DEFAULT,
    HEARTBEAT,
    HOUR,
    KEYS,
    NONE,
    OWNER,
    PRIME,
    STRANGER,
    World,
)

pytestmark = pytest.mark.evm


def funded(world: World, dollars: float = 10_000) -> World:
    world.deposit(ALICE, dollars)
    world.deposit(BOB, dollars)
    return world


def test_a_trade_moves_cash_and_positions_and_pays_fees(world: World) -> None:
    funded(world).trade(ALICE, BOB, 50, 101)
    assert (world.size(ALICE), world.size(BOB)) == (50 * 10**18, -50 * 10**18)
    # 50 at 101; fees on 50 at 100: 3 bp of the taker, 1 bp back to the maker, 2 bp to the fund
    assert world.cash(ALICE) == (10_000 - 5_050) * 10**6 - 1_500_000
    assert world.cash(BOB) == (10_000 + 5_050) * 10**6 + 500_000
    assert world.engine.fund() == 1_000_000
    world.assert_adds_up()


def test_opening_needs_initial_margin_read_now(world: World) -> None:
    funded(world, 1_000)
    world.terms(BOB, PRIME, initial=390)
    world.trade(ALICE, BOB, 200)  # 20,000 at 4 % is 800, with the add-on for size 801.6
    gold = world.terms(ALICE, PRIME, initial=600)
    said = refused("NotEnoughMargin", lambda: world.trade(ALICE, BOB, 1))
    assert said["account"].lower() == ALICE.lower()
    assert gold.maintenance == PRIME.maintenance
    world.trade(ALICE, BOB, -100)  # reducing is possible below initial margin
    assert world.size(ALICE) == 100 * 10**18


@pytest.mark.parametrize("whose", [ALICE, BOB])
def test_both_sides_need_initial_margin(world: World, whose: str) -> None:
    funded(world, 1_000)
    world.terms(whose, DEFAULT)
    said = refused("NotEnoughMargin", lambda: world.trade(ALICE, BOB, 100))
    assert said["account"].lower() == whose.lower()


def test_leverage_is_asked_when_opening_alone(world: World) -> None:
    funded(world, 1_000)
    world.terms(ALICE, PRIME, leverage=5)
    refused("NotEnoughMargin", lambda: world.trade(ALICE, BOB, 50))
    world.trade(ALICE, BOB, 49)
    world.terms(ALICE, PRIME, leverage=1)
    world.trade(ALICE, BOB, -1)  # a reduction does not ask


def test_withdrawing_needs_initial_margin_read_now(world: World) -> None:
    funded(world, 1_000)
    world.trade(ALICE, BOB, 100)
    equity, initial, _, _ = world.health(ALICE)
    least = initial / 10**6
    world.terms(ALICE, DEFAULT, leverage=50)
    refused("NotEnoughMargin", lambda: world.withdraw(ALICE, equity / 10**6 - least))
    world.terms(ALICE, PRIME, leverage=50)
    refused("NotEnoughMargin", lambda: world.withdraw(ALICE, equity / 10**6 - least + 1e-6))
    world.withdraw(ALICE, equity / 10**6 - least)
    assert world.health(ALICE)[0] == world.health(ALICE)[1]
    world.assert_adds_up()


def test_an_account_without_positions_takes_out_all(world: World) -> None:
    world.deposit(ALICE, 5)
    refused("NotEnoughMargin", lambda: world.withdraw(ALICE, 5.000001))
    world.withdraw(ALICE, 5)
    assert world.cash(ALICE) == 0 == world.engine.held()


def test_a_reduction_cannot_carry_value_away(world: World) -> None:
    """Below margin a position is closed at a fair price, not given away."""
    funded(world, 1_000)
    world.trade(ALICE, BOB, 200)
    world.price(97)
    equity, _, maintenance, _ = world.health(ALICE)
    assert maintenance < equity < 500 * 10**6
    world.terms(ALICE, PRIME, initial=1_000)
    world.terms(CAROL, PRIME)
    world.deposit(CAROL, 5_000)
    refused("NotEnoughMargin", lambda: world.trade(ALICE, CAROL, -100, 93))
    refused("NotEnoughMargin", lambda: world.trade(ALICE, CAROL, -200, 94))
    world.trade(ALICE, CAROL, -100, 96.9)


def test_closing_the_hedge_is_no_reduction_of_risk(world: World) -> None:
    """Taking from a position whose loss another one covered needs initial margin."""
    funded(world, 1_000)
    world.premium.push(1 * 10**8, world.machine.now, world.machine.now)
    put = world.option(2, 99)
    world.deposit(BOB, 5_000)
    world.trade(ALICE, BOB, 200)
    world.terms(ALICE, PRIME, leverage=50)
    world.trade(ALICE, BOB, 200, 1, instrument=put)
    world.price(97)
    world.premium.push(3 * 10**8, world.machine.now, world.machine.now)
    world.terms(ALICE, PRIME, initial=2_000, maintenance=1_500)
    refused("NotEnoughMargin", lambda: world.trade(ALICE, BOB, -200, 3, instrument=put))


@pytest.mark.parametrize(
    ("error", "changes"),
    [
        ("NotForSender", {"taker": CAROL}),
        ("NotForSender", {"maker": ALICE}),
        ("QuoteExpired", {"deadline": 1_799_999_999}),
        ("BadAmount", {"size": 0}),
        ("BadAmount", {"price": 1 << 96}),
        ("UnknownMarket", {"instrument": 9}),
    ],
)
def test_quotes_that_are_refused(world: World, error: str, changes: dict[str, Any]) -> None:
    funded(world)
    quote = world.quote(BOB, 1, 100, **changes)
    refused(error, lambda: world.take(ALICE, quote))


def test_a_quote_is_taken_once_and_not_after_cancelling(world: World) -> None:
    funded(world)
    quote = world.quote(BOB, 1, 100)
    world.take(ALICE, quote)
    refused("NonceUsed", lambda: world.take(ALICE, quote))
    other = world.quote(BOB, 1, 100)
    world.engine.cancel(other["nonce"], sender=BOB)
    refused("NonceUsed", lambda: world.take(ALICE, other))


def test_a_quote_counts_as_the_maker_signed_it(world: World) -> None:
    funded(world)
    quote = world.quote(BOB, 1, 100)
    signature = world.sign(quote)
    for name, value in {
        "size": 2 * 10**18, "price": 10**18, "instrument": 0, "deadline": quote["deadline"] + 1,
        "nonce": 99, "taker": ALICE, "maker": CAROL,
    }.items():  # fmt: skip
        if quote[name] != value:
            changed = {**quote, name: value}
            refused("BadSignature", lambda changed=changed: world.take(ALICE, changed, signature))
    stranger = KEYS[CAROL]
    refused("BadSignature", lambda: world.take(ALICE, quote, world.sign(quote, stranger)))
    refused("BadSignature", lambda: world.take(ALICE, quote, b""))
    world.take(ALICE, quote, signature)


def test_a_contract_signs_by_erc_1271(world: World) -> None:
    funded(world)
    wallet = world.machine.deploy(example("MockWallet", "test-artifacts"), sender=OWNER)
    world.rich(wallet.address)
    world.terms(wallet.address, PRIME)
    wallet.act(world.engine.address, world.engine.data("deposit", 10**10), sender=OWNER)
    quote = world.quote(wallet.address, 1, 100)
    refused("BadSignature", lambda: world.take(ALICE, quote, b"anything"))
    wallet.sign(world.engine.quoteDigest(tuple(quote.values())), sender=OWNER)
    world.take(ALICE, quote, b"anything")
    assert world.size(wallet.address) == -(10**18)


def test_a_delegated_key_signs_with_its_key(world: World) -> None:
    """EIP-7702: the account has code, but its key's own signature counts."""
    funded(world)
    code = world.machine.state.get_code(bytes.fromhex(world.token.address[2:]))
    world.machine.state.set_code(bytes.fromhex(BOB[2:]), code)
    world.trade(ALICE, BOB, 1)
    world.machine.state.set_code(bytes.fromhex(BOB[2:]), b"")


def test_rounding_is_against_the_traders(world: World) -> None:
    """Who pays rounds up, who gets rounds down; the unit between is the fund's."""
    funded(world)
    for account in (ALICE, BOB):
        world.terms(account, PRIME, taker_fee=1, maker_fee=0)
    quote = world.quote(BOB, 0, 0, size=1_000_000_001, price=100 * 10**18 + 1)
    world.take(ALICE, quote)  # 10^-7 USD: a tenth of the token's unit
    assert world.cash(ALICE) == 10_000 * 10**6 - 1 - 1  # the fee is rounded up too
    assert world.cash(BOB) == 10_000 * 10**6
    assert world.engine.fund() == 2
    world.assert_adds_up()


def test_a_rebate_is_never_more_than_the_other_pays(world: World) -> None:
    """Trading with oneself cannot empty the fund, whatever the registry says."""
    funded(world)
    world.terms(ALICE, PRIME, taker_fee=100)
    world.terms(BOB, PRIME, maker_fee=-300)
    world.trade(ALICE, BOB, 50)
    assert world.engine.fund() == 0
    world.terms(ALICE, PRIME, taker_fee=-200)
    world.terms(BOB, PRIME, maker_fee=100)
    world.trade(ALICE, BOB, 50)
    assert world.engine.fund() == 0
    world.terms(BOB, PRIME, maker_fee=-100)
    world.trade(ALICE, BOB, -50)
    assert world.engine.fund() == 0
    world.assert_adds_up()


@pytest.mark.parametrize("decimals", [0, 6, 18])
def test_decimals_of_the_token(decimals: int) -> None:
    world = World(decimals=decimals, with_sequencer=False)
    funded(world).trade(ALICE, BOB, 50, 102)
    assert world.health(ALICE)[0] in range(9_897 * world.dollar, 9_899 * world.dollar)
    world.assert_adds_up()


def test_a_token_that_takes_a_fee_is_refused(world: World) -> None:
    world.token.misbehave(1, "0x" + "00" * 20, b"")
    refused("TokenUnsuitable", lambda: world.deposit(ALICE, 1))


def test_a_token_cannot_call_back_in(world: World) -> None:
    funded(world)
    engine = world.engine
    for inner in (
        engine.data("withdraw", 1, 0),
        engine.data("deposit", 1),
        engine.data("give", 1),
        engine.data("checkpoint", ALICE),
        engine.data("liquidate", ALICE, 1),
    ):
        world.token.misbehave(0, engine.address, inner)
        world.withdraw(ALICE, 1)
        assert world.token.hookDone() is False
    world.token.misbehave(0, engine.address, engine.data("fund"))
    world.withdraw(ALICE, 1)
    assert world.token.hookDone() is True


def test_prices_that_are_not_taken(world: World) -> None:
    funded(world)
    now = world.machine.now
    for answer, updated in ((0, now), (-1, now), (10**10, now + 1), (10**10, now - HEARTBEAT - 1),
                            (1 << 96, now)):  # fmt: skip
        world.spot.push(answer, updated, updated)
        refused("NoPrice", lambda: world.trade(ALICE, BOB, 1, 100))
    world.spot.push(10**10, now - HEARTBEAT, now - HEARTBEAT)
    world.trade(ALICE, BOB, 1, 100)
    world.machine.now += 1
    refused("NoPrice", lambda: world.trade(ALICE, BOB, 1, 100))


def test_a_pause_stops_all_but_deposits_for_a_day(world: World) -> None:
    funded(world)
    refused("OwnableUnauthorizedAccount", lambda: world.engine.pause(sender=STRANGER))
    world.engine.pause(sender=OWNER)
    refused("EnginePaused", lambda: world.trade(ALICE, BOB, 1))
    refused("EnginePaused", lambda: world.withdraw(ALICE, 1))
    world.deposit(ALICE, 1)
    world.wait(DAY - 1)
    refused("EnginePaused", lambda: world.withdraw(ALICE, 1))
    world.wait(1)
    world.withdraw(ALICE, 1)
    refused("PauseTooSoon", lambda: world.engine.pause(sender=OWNER))
    world.wait(3 * DAY)
    world.engine.pause(sender=OWNER)
    refused("OwnableUnauthorizedAccount", lambda: world.engine.unpause(sender=STRANGER))
    world.engine.unpause(sender=OWNER)
    world.withdraw(ALICE, 1)


def test_markets_are_the_owners(world: World) -> None:
    markets, feed = world.markets, world.spot.address
    for call in (
        lambda who: markets.addUnderlying(feed, HOUR, 1, sender=who),
        lambda who: markets.addPerpetual(0, sender=who),
        lambda who: markets.addOption(0, 1, 1, world.machine.now + 9, feed, HOUR, sender=who),
    ):
        refused("OwnableUnauthorizedAccount", lambda call=call: call(STRANGER))
        call(OWNER)
    future = world.machine.now + 9
    for error, call in (
        ("BadMarket", lambda: markets.addUnderlying(feed, HOUR, 0, sender=OWNER)),
        ("BadMarket", lambda: markets.addUnderlying(feed, 0, 1, sender=OWNER)),
        ("BadMarket", lambda: markets.addUnderlying(feed, 2 * DAY + 1, 1, sender=OWNER)),
        ("UnknownMarket", lambda: markets.addPerpetual(7, sender=OWNER)),
        ("UnknownMarket", lambda: markets.addOption(7, 1, 1, future, feed, 9, sender=OWNER)),
        ("BadMarket", lambda: markets.addOption(0, 0, 1, future, feed, 9, sender=OWNER)),
        ("BadMarket", lambda: markets.addOption(0, 1, 0, future, feed, 9, sender=OWNER)),
        ("BadMarket", lambda: markets.addOption(0, 1, 1 << 96, future, feed, 9, sender=OWNER)),
        ("BadMarket", lambda: markets.addOption(0, 1, 1, future - 9, feed, 9, sender=OWNER)),
    ):
        refused(error, call)


def test_amounts_that_are_refused(world: World) -> None:
    refused("BadAmount", lambda: world.engine.deposit(0, sender=ALICE))
    refused("BadAmount", lambda: world.engine.deposit(1 << 96, sender=ALICE))
    refused("BadAmount", lambda: world.engine.withdraw(0, 0, sender=ALICE))
    refused("BadAmount", lambda: world.engine.withdraw(1 << 96, 0, sender=ALICE))


def test_an_account_holds_twelve_instruments(world: World) -> None:
    funded(world)
    for account in (ALICE, BOB):
        world.terms(account, PRIME, status=NONE)
    for instrument in range(13):
        if instrument:
            world.markets.addPerpetual(0, sender=OWNER)
        if instrument < 12:
            world.trade(ALICE, BOB, 1, instrument=instrument)
    refused("TooMany", lambda: world.trade(ALICE, BOB, 1, instrument=12))
    world.trade(ALICE, BOB, -1, instrument=3)
    world.trade(ALICE, BOB, 1, instrument=12)
    assert sorted(world.engine.heldBy(ALICE)) == [0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12]


def test_gas_of_opening(world: World) -> None:
    """Counted, so that a change of it shows; without the transaction's 21,000 and its data."""
    funded(world).trade(ALICE, BOB, 1)
    first = world.machine.gas_used
    world.trade(ALICE, BOB, 1)
    print(f"gas: first trade of two accounts {first:,}, next {world.machine.gas_used:,}")
    assert world.machine.gas_used < first < 600_000
