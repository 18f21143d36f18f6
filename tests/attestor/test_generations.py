"""An attestor set outlives its members: handovers, their signatures, and files that hold a set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from attestor_world import FIRST_DAY, Attestors, handed_over, key
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak

from algebra.errors import Malformed, Rejected, TierproofError
from attestor.cosigning import sign_root
from attestor.generations import as_json, check_handovers, child, parse, rotated
from attestor.quorum import verify_quorum
from attestor.signatures import sign
from policies.attestor_set import DOMAIN, MAX_GENERATIONS, TYPES, AttestorSet, Generation
from policies.files import Reader
from policies.signed_root import Root

WORLD = Attestors()
SET = WORLD.set
SECOND = handed_over(SET, WORLD.keys[:2])
KEYS = {account.address.lower(): account for account in (*WORLD.keys, key("fourth"))}
"""Of all members that the set ever had."""


def code(act: Callable[[], object]) -> str:
    with pytest.raises(TierproofError) as caught:
        act()
    return caught.value.code


def signers(of: AttestorSet, count: int = 2) -> list[Any]:
    return [KEYS[member] for member in of.members[:count]]


# -- the set ---------------------------------------------------------------------------------------
def test_members_change_and_the_id_does_not() -> None:
    assert SECOND.id == SET.id and SECOND.salt == keccak(text=SET.name)
    assert (SET.generation, SECOND.generation) == (1, 2)
    assert SECOND.members != SET.members and len(SECOND.members) == len(SET.members)
    assert SECOND.until(1) == SET and SECOND.until(2) == SECOND
    third = handed_over(SECOND, signers(SECOND), "fifth")
    assert third.id == SET.id and third.generation == 3
    check_handovers(third)


def test_what_follows_what() -> None:
    other = handed_over(SET, WORLD.keys[:2], "fifth")
    assert SECOND.follows(SET) and SECOND.follows(SECOND) and not SET.follows(SECOND)
    assert not other.follows(SECOND) and not SECOND.follows(other)
    assert not SECOND.follows(replace(SET, name="another"))


def test_a_wallet_shows_what_it_hands_over() -> None:
    """The EIP-712 digest is the library's, with the members one by one."""
    following = SECOND.generations[1]
    message = {
        "attestorSet": SET.id,
        "generation": 2,
        "members": list(following.members),
        "threshold": 2,
    }
    signable = encode_typed_data(dict(DOMAIN), TYPES, message)
    assert SET.message(following) == signable
    found = [Account.recover_message(signable, signature=s) for s in following.handover]
    assert [each.lower() for each in found] == [k.address.lower() for k in WORLD.keys[:2]]


@pytest.mark.parametrize(
    "change",
    [
        lambda: replace(SECOND, name="another"),
        lambda: replace(SECOND, generations=(_other(1, threshold=3), SECOND.generations[1])),
        lambda: replace(SECOND, generations=(SET.generations[0], _other(2, threshold=3))),
        lambda: replace(SECOND, generations=(SET.generations[0], _other(2, members=SET.members))),
        lambda: replace(SECOND, generations=(*SECOND.generations, SECOND.generations[1])),
        lambda: replace(SECOND, generations=(SET.generations[0], _other(2, handover=_twice()))),
        lambda: replace(SECOND, generations=(SET.generations[0], _other(2, handover=_one()))),
        lambda: replace(SECOND, generations=(SET.generations[0], _other(2, handover=_new()))),
    ],
    ids=["name", "first", "threshold", "members", "a third", "one twice", "too few", "the new"],
)
def test_nobody_else_hands_over(change: Callable[[], AttestorSet]) -> None:
    """A changed part is another message; signatures of the next generation count for nothing."""
    assert code(lambda: check_handovers(change())) == "rejected.quorum"


def _other(number: int, **changes: Any) -> Generation:
    return replace(SECOND.generations[number - 1], **changes)


def _one() -> tuple[bytes, ...]:
    return SECOND.generations[1].handover[:1]


def _twice() -> tuple[bytes, ...]:
    return _one() * 2


def _new() -> tuple[bytes, ...]:
    message = SET.message(SECOND.generations[1])
    return tuple(sign(account, message) for account in signers(SECOND))


def test_signatures_come_in_any_order_and_from_members_once() -> None:
    following = Generation.of(SECOND.members, 2)
    given = list(SECOND.generations[1].handover)
    assert rotated(SET, following, given[::-1]) == SECOND
    for wrong in (
        [],
        given[:1],
        given[:1] * 2,
        [*given, sign(key("stranger"), SET.message(following))],
    ):
        assert code(lambda wrong=wrong: rotated(SET, following, wrong)) == "rejected.quorum"
    assert code(lambda: rotated(SET, following, [given[0], b""])) == "malformed.signature"


def test_forms_of_a_set() -> None:
    first, second = SECOND.generations
    for name, listed in (
        ("", (first,)),
        ("a" * 65, (first,)),
        ("spaces are none", (first,)),
        ("a", ()),
        ("a", (second,)),
        ("a", (first, first)),
        ("a", (first, *[second] * MAX_GENERATIONS)),
    ):
        with pytest.raises(Malformed) as caught:
            AttestorSet(name, listed)
        assert caught.value.code == "malformed.attestor_set"
    AttestorSet("a" * 64, (first, *[second] * (MAX_GENERATIONS - 1)))


# -- roots -----------------------------------------------------------------------------------------
def test_a_root_is_of_the_generation_that_it_names() -> None:
    """Signatures of members that were replaced count for their own generation alone."""
    root = Root(12_345, SET.id, 1, FIRST_DAY, FIRST_DAY + 65, 1_900_000_000)
    old = sign_root(root, WORLD.domain, signers(SET), SET)
    verify_quorum(root, WORLD.domain, old, SET)
    renamed = replace(root, generation=2)
    both = [account for account in signers(SECOND, 3) if account in WORLD.keys]
    stale = sign_root(root, WORLD.domain, both, SET)
    for signed, signatures, of in (
        (root, old, SECOND),  # old signatures beside the new members
        (root, stale, SECOND),  # of keys that are members of both
        (renamed, stale, SECOND),  # and under the new number
        (renamed, old, SET),
    ):
        with pytest.raises(Rejected) as caught:
            verify_quorum(signed, WORLD.domain, signatures, of)
        assert caught.value.code == "rejected.quorum"
    verify_quorum(
        renamed, WORLD.domain, sign_root(renamed, WORLD.domain, signers(SECOND), SECOND), SECOND
    )


def test_a_root_of_an_invented_generation_is_refused() -> None:
    thief = key("stranger")
    taken = replace(SECOND.generations[1], members=(thief.address.lower(),), threshold=1)
    stolen = AttestorSet(SET.name, (SET.generations[0], taken))
    root = Root(12_345, stolen.id, 2, FIRST_DAY, FIRST_DAY + 65, 1_900_000_000)
    signatures = sign_root(root, WORLD.domain, [thief], stolen)
    assert code(lambda: verify_quorum(root, WORLD.domain, signatures, stolen)) == "rejected.quorum"


# -- files -----------------------------------------------------------------------------------------
def test_a_set_in_a_file() -> None:
    document = as_json(SECOND)
    assert parse(Reader(document, "set", "malformed.set")) == SECOND
    assert child(Reader({"attestor_set": document}, "file", "malformed.set")) == SECOND
    changed: list[tuple[dict[str, Any], str]] = [
        (document | {"generations": []}, "malformed.attestor_set"),
        (document | {"generations": [{}]}, "malformed.set"),
        (document | {"generations": [5]}, "malformed.set"),
        (document | {"generations": {}}, "malformed.set"),
        (document | {"name": 5}, "malformed.set"),
        (document | {"name": "another"}, "rejected.quorum"),
    ]
    for index, part, code_of in (
        (0, {"members": [5]}, "malformed.set"),
        (0, {"members": list(SET.members[::-1])}, "malformed.attestor_set"),
        (0, {"members": ["0x" + "Ab" * 20]}, "malformed.address"),
        (0, {"threshold": 0}, "malformed.set"),
        (0, {"threshold": 33}, "malformed.set"),
        (0, {"threshold": 1}, "malformed.attestor_set"),
        (0, {"handover": document["generations"][1]["handover"]}, "malformed.attestor_set"),
        (0, {"more": 1}, "malformed.set"),
        (1, {"handover": []}, "malformed.attestor_set"),
        (1, {"handover": ["0x12", "0x12"]}, "malformed.signature"),
        (1, {"threshold": 3}, "rejected.quorum"),
    ):
        listed = list(document["generations"])
        listed[index] = listed[index] | part
        changed.append((document | {"generations": listed}, code_of))
    for content, wanted in changed:
        found = code(lambda content=content: parse(Reader(content, "set", "malformed.set")))
        assert found == wanted, content
