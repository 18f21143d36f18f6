"""Sets of attestors on the registry of grants: ids, kinds of members, generations, quorums."""

from __future__ import annotations

import pytest
from eth_utils.crypto import keccak
from grants.grants_world import (
    BORN,
    GUARDIAN,
    KEYS,
    NEXT,
    NOTICE,
    OPEN,
    SET,
    Root,
    World,
    addresses,
    handover,
    key_address,
    signed_by,
)
from grants.wallets import wallet

pytestmark = pytest.mark.evm


def test_the_id_is_that_of_the_documents(world: World) -> None:
    assert world.anybody("attestorSetOf", SET) == ((1, 200, 100), 1)
    assert world.anybody("generationOf", SET, 1) == (2, 3, BORN + NOTICE, 0)


def test_a_set_signs_from_the_end_of_its_notice(empty: World) -> None:
    empty.at(OPEN).register_set()
    empty.at(OPEN + NOTICE - 1)
    with empty.refuses("WrongGeneration", SET, 1, 0):
        empty.submit()
    with empty.refuses("WrongGeneration", SET, 0, 0):
        empty.submit(generation=0)
    empty.at(OPEN + NOTICE).submit()


def test_what_no_set_is(empty: World) -> None:
    three = addresses(KEYS[:3])
    for members, threshold, error in (
        ([], 0, "ThresholdOutOfRange"),
        ([], 1, "ThresholdOutOfRange"),
        (three, 0, "ThresholdOutOfRange"),
        (three, 1, "ThresholdOutOfRange"),
        (three, 4, "ThresholdOutOfRange"),
        (three[::-1], 2, "MembersNotAscending"),
        ([three[0], three[0]], 2, "MembersNotAscending"),
        ([bytes(20), three[0]], 2, "MembersNotAscending"),
        ([n.to_bytes(20) for n in range(1, 34)], 17, "AttestorSetTooLarge"),
    ):
        with empty.refuses(error):
            empty.register_set(members, threshold)
    with empty.refuses("ThresholdOutOfRange"):  # half is not more than half
        empty.register_set(addresses(KEYS[:4]), 2)
    empty.register_set([n.to_bytes(20) for n in range(1, 33)], 17)
    empty.register_set(three[:1], 1)  # on a development chain
    with empty.refuses("CapZero"):
        empty.register_set(bounds=(200, 0))
    empty.register_set()
    with empty.refuses("AttestorSetExists", SET):
        empty.register_set()


def test_one_key_is_no_quorum_where_it_counts() -> None:
    world = World(chain_id=1)
    with world.refuses("ThresholdOutOfRange", 1, 1):
        world.register_set(addresses(KEYS[:1]), 1)
    world.register_set(addresses(KEYS[:2]), 2)


def test_the_quorum(world: World) -> None:
    digest = world.root_digest(Root())
    first, second, third = signed_by(KEYS[:3], digest)
    outsider = signed_by(KEYS[3:], digest)[0]
    for signatures, error in (
        ([first], "TooFewSignatures"),
        ([], "TooFewSignatures"),
        ([second, first], "SignersNotAscending"),
        ([first, first], "SignersNotAscending"),
        ([first, outsider], "SignerNotMember"),
        ([first, second, outsider], "SignerNotMember"),
        ([first, (second[0], third[1])], "SignatureInvalid"),
        ([first, (second[0], b"")], "SignatureInvalid"),
        ([(first[0], bytes(65)), second], "SignatureInvalid"),
    ):
        with world.refuses(error):
            world.submit(signatures=signatures)
    world.submit(signatures=[first, second, third])


def test_a_contract_as_a_member(empty: World) -> None:
    yes = wallet(empty.machine, "yes")
    members = sorted([yes, key_address(KEYS[0])])
    bit = 1 << members.index(yes)
    attestor_set = empty.register_set(members, 2, bit)
    empty.at(OPEN)
    signed = Root(attestor_set=attestor_set)
    by_key = signed_by(KEYS[:1], empty.root_digest(signed))[0]
    with empty.machine.undone():
        empty.machine.state.set_code(yes, bytes.fromhex("5f5ffd"))  # it reverts from now on
        with empty.refuses("SignatureInvalid", "0x" + yes.hex()):
            empty.submit(signed, signatures=sorted([by_key, (yes, b"any")]))
    empty.submit(signed, signatures=sorted([by_key, (yes, b"any")]))


def test_a_key_with_code_is_asked_as_a_key(empty: World) -> None:
    """Whoever delegates, or is said to be a key and is a contract: its code is not asked."""
    members = addresses(KEYS[:2])
    attestor_set = empty.register_set(members, 2)
    empty.at(OPEN)
    empty.machine.state.set_code(
        members[0], empty.machine.state.get_code(wallet(empty.machine, "yes"))
    )
    signed = Root(attestor_set=attestor_set)
    good = signed_by(KEYS[:2], empty.root_digest(signed))
    with empty.refuses("SignatureInvalid"):
        empty.submit(signed, signatures=[(members[0], b"any"), good[1]])
    empty.submit(signed, signatures=good)


def test_who_is_no_contract(empty: World) -> None:
    members = addresses(KEYS[:2])
    with empty.refuses("MemberNoContract", 1, "0x" + members[1].hex()):
        empty.register_set(members, 2, 0b10)
    with empty.refuses("MemberNoContract", 2):
        empty.register_set(members, 2, 0b100)
    with empty.machine.undone():
        empty.machine.state.set_code(members[1], b"\xef\x01\x00" + bytes(19) + b"\x01")
        with empty.refuses("MemberNoContract", 1, "0x" + members[1].hex()):
            empty.register_set(members, 2, 0b10)


def test_rotation_has_notice_and_the_one_before_signs_until_then(world: World) -> None:
    world.rotate()
    world.at(OPEN + NOTICE - 1)
    assert world.anybody("attestorSetOf", SET)[1] == 1
    with world.refuses("WrongGeneration", SET, 2, 1):
        world.submit(keys=KEYS[1:3], generation=2)
    with world.machine.undone():
        world.submit()
    world.at(OPEN + NOTICE)
    with world.refuses("WrongGeneration", SET, 1, 2):
        world.submit()
    with world.refuses("SignerNotMember"):
        world.submit(generation=2)
    world.submit(keys=KEYS[1:3], generation=2)


def test_who_hands_over(world: World) -> None:
    members = [bytes.fromhex(member[2:]) for member in NEXT.members]
    digest = handover(members, 2, 2)
    with world.refuses("TooFewSignatures"):
        world.rotate(signatures=signed_by(KEYS[:1], digest))
    with world.refuses("SignerNotMember"):
        world.rotate(signatures=signed_by(KEYS[2:4], digest))
    with world.refuses("SignatureInvalid"):
        world.rotate(number=3)
    with world.refuses("AttestorSetUnknown"):
        world.governor("rotateAttestorSet", b"\1" * 32, (members, 0, 2), [])
    world.rotate()
    with world.refuses("GenerationPending", SET, 2, OPEN + NOTICE):
        world.rotate(number=3, keys=KEYS[1:3])
    world.at(OPEN + NOTICE).rotate(number=3, keys=KEYS[1:3])


def test_a_generation_that_had_not_begun_is_withdrawn(world: World) -> None:
    world.rotate()
    world.at(OPEN + NOTICE - 1).guardian("endGeneration", SET, 2)
    assert world.grants.said() == ["GenerationEnded"]
    world.at(OPEN + NOTICE)
    assert world.anybody("attestorSetOf", SET)[1] == 1
    with world.machine.undone():
        world.submit()
    world.rotate()  # another one, under the same number
    world.at(OPEN + 2 * NOTICE).submit(keys=KEYS[1:3], generation=2)


def test_an_ended_generation_signs_nothing_and_hands_over(world: World) -> None:
    with world.refuses("GenerationUnknown", SET, 2):
        world.guardian("endGeneration", SET, 2)
    world.guardian("endGeneration", SET, 1)
    with world.refuses("GenerationIsEnded", SET, 1):
        world.guardian("endGeneration", SET, 1)
    with world.refuses("GenerationIsEnded", SET, 1):
        world.submit()
    world.rotate()
    world.at(OPEN + NOTICE).submit(keys=KEYS[1:3], generation=2)


def test_a_withdrawn_first_generation_hands_over_all_the_same(empty: World) -> None:
    empty.at(OPEN).register_set()
    empty.guardian("endGeneration", SET, 1)
    with empty.refuses("GenerationPending"):
        empty.rotate()
    empty.at(OPEN + NOTICE).rotate()
    empty.at(OPEN + 2 * NOTICE).submit(keys=KEYS[1:3], generation=2)


def test_members_are_read_back(world: World) -> None:
    assert world.anybody("memberOf", SET, 1, key_address(KEYS[0])) == 1
    assert world.anybody("memberOf", SET, 1, key_address(KEYS[3])) == 0
    assert world.anybody("memberOf", SET, 1, GUARDIAN) == 0
    assert keccak(b"") != SET
