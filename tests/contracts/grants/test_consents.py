"""Consent: every field is signed, keys before code, wallets within their gas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from grants.grants_world import (
    ALICE,
    BOB,
    DAY,
    GOLD,
    LAST,
    NOTHING,
    OPEN,
    STRANGER,
    World,
    key_address,
    started,
)
from grants.wallets import wallet

pytestmark = pytest.mark.evm
ACCOUNT = "0x" + key_address(ALICE).hex()
DELEGATION = b"\xef\x01\x00"


@pytest.fixture
def world() -> Iterator[World]:
    with started() as built:
        built.submit()
        yield built


def send(world: World, consent: Any, account: Any = ALICE) -> str:
    return world.onboard(account, sender=STRANGER, consents=(consent, NOTHING))


def test_who_does_not_send_signs(world: World) -> None:
    with world.refuses("ConsentMissing", ACCOUNT):
        send(world, NOTHING)
    with world.refuses("SignatureInvalid", ACCOUNT):
        send(world, world.consent(BOB))
    assert send(world, world.consent(ALICE)) == "first"


@pytest.mark.parametrize(
    "changes",
    [
        {"account": key_address(BOB)},
        {"from": key_address(ALICE)},
        {"series": b"\1" * 32},
        {"nullifier": 5},
        *(
            {"terms": replace(GOLD, **{name: getattr(GOLD, name) + 1})}
            for name in ("initial", "maintenance", "taker", "maker", "leverage", "limit")
        ),
    ],
)
def test_every_field_is_signed(world: World, changes: dict[str, Any]) -> None:
    with world.refuses("SignatureInvalid"):
        send(world, world.consent(ALICE, **changes))


def test_its_own_numbers_are_signed_too(world: World) -> None:
    least, deadline, signature = world.consent(ALICE, least_last_day=5)
    for changed in ((least - 1, deadline), (least, deadline - 1)):
        with world.refuses("SignatureInvalid"):
            send(world, (*changed, signature))
    send(world, (least, deadline, signature))


def test_the_domain_is_this_registry(world: World) -> None:
    other = World(chain_id=1337).at(OPEN)
    assert other.grants.place == world.grants.place
    with world.refuses("SignatureInvalid"):
        send(world, other.consent(ALICE))


def test_a_deadline(world: World) -> None:
    with world.refuses("ConsentDeadline", OPEN - 1):
        send(world, world.consent(ALICE, deadline=OPEN - 1))
    with world.refuses("ConsentDeadline", OPEN + 100 * DAY + 1):
        send(world, world.consent(ALICE, deadline=OPEN + 100 * DAY + 1))
    for deadline in (OPEN, OPEN + 100 * DAY):
        with world.machine.undone():
            send(world, world.consent(ALICE, deadline=deadline))


def test_the_least_window(world: World) -> None:
    with world.refuses("ConsentWindow", LAST + 1, LAST):
        send(world, world.consent(ALICE, least_last_day=LAST + 1))
    send(world, world.consent(ALICE, least_last_day=LAST))


@pytest.mark.parametrize(
    ("answer", "good"),
    [("yes", True), ("long", True), ("no", False), ("short", False), ("burns", False),
     ("reverts with yes", False)],
)  # fmt: skip
def test_a_wallet_answers(world: World, answer: str, good: bool) -> None:
    """One that burns its gas, or says yes while it reverts or in too few bytes, says no."""
    place = wallet(world.machine, answer)
    consent = (0, OPEN + DAY, b"anything")
    if good:
        assert send(world, consent, place) == "first"
    else:
        with world.refuses("SignatureInvalid", "0x" + place.hex()):
            send(world, consent, place)


def test_a_wallet_burns_no_more_than_it_is_given(world: World) -> None:
    place = wallet(world.machine, "burns")
    with world.refuses("SignatureInvalid"):
        send(world, (0, OPEN + DAY, b"anything"), place)
    assert world.machine.gas_used < 400_000


def test_a_wallet_that_changes_its_answer(world: World) -> None:
    place = wallet(world.machine, "yes")
    wallet(world.machine, "no", place)
    with world.refuses("SignatureInvalid"):
        send(world, (0, OPEN + DAY, b"anything"), place)


def test_a_delegated_key_signs_for_itself(world: World) -> None:
    """EIP-7702: whatever the delegate says, the key's own signature counts."""
    delegate = wallet(world.machine, "no")
    world.machine.state.set_code(key_address(ALICE), DELEGATION + delegate)
    assert send(world, world.consent(ALICE)) == "first"


def test_a_delegate_that_says_yes_is_asked_after_the_key(world: World) -> None:
    delegate = wallet(world.machine, "yes")
    world.machine.state.set_code(key_address(ALICE), DELEGATION + delegate)
    assert send(world, (0, OPEN + DAY, bytes(65))) == "first"


def test_a_malformed_signature_is_a_no_and_not_a_revert_of_its_own(world: World) -> None:
    good = world.consent(ALICE)[2]
    for signature in (good[:-1], good + b"\0", bytes(65), good[:64] + b"\2", b"\1"):
        with world.refuses("SignatureInvalid", ACCOUNT):
            send(world, (0, OPEN + 100 * DAY, signature))
