"""What attestors sign: the set's id, the EIP-712 digest, and what neither can be made for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from eth_abi.abi import encode
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st
from support.root_types import ROOT_TYPES

from algebra.errors import Malformed, Refused
from algebra.interface import R
from algebra.poseidon2 import TAG_FEED, hash_words
from history.v2.feed import NO_FEED
from policies.attestor_set import AttestorSet, Generation
from policies.signed_root import Root, RootDomain

MEMBERS = tuple(f"0x{i:040x}" for i in (5, 7, 1 << 159))
SET = AttestorSet.of(MEMBERS, 2)
ROOT = Root(12_345, SET.id, 1, 19_000, 19_065, 1_900_000_000)
HOME = RootDomain(31_337, "0x" + "ab" * 20)


def typed(root: Root, domain: RootDomain) -> object:
    """By the library, from the field names of the contract."""
    names = [field["name"] for field in ROOT_TYPES["Root"]]
    return encode_typed_data(
        {
            "name": "Tierproof",
            "version": "2",
            "chainId": domain.chain_id,
            "verifyingContract": domain.registry,
        },
        ROOT_TYPES,
        dict(zip(names, root.as_tuple(), strict=True)),
    )


@st.composite
def roots(draw: st.DrawFn) -> Root:
    first = draw(st.integers(0, 2**16 - 1))
    return Root(
        draw(st.one_of(st.integers(1, 9), st.integers(1, R - 1))),
        draw(st.binary(min_size=32, max_size=32).filter(any)),
        draw(st.integers(1, 2**32 - 1)),
        first,
        draw(st.integers(first, 2**16 - 1)),
        draw(st.sampled_from([0, 1, 2**64 - 1]) | st.integers(0, 2**64 - 1)),
        draw(st.integers(1, R - 1)),
        draw(st.binary(min_size=32, max_size=32).filter(any)),
    )


domains = st.builds(
    RootDomain,
    st.integers(1, 2**256 - 1),
    st.binary(min_size=20, max_size=20).filter(any).map(lambda key: "0x" + key.hex()),
)


@given(roots(), domains)
def test_digest_is_the_library_s(root: Root, domain: RootDomain) -> None:
    message = typed(root, domain)
    assert root.message(domain) == message
    assert root.message(domain).digest == keccak(
        b"\x19" + message.version + message.header + message.body
    )


def test_a_wallet_recovers_who_signed() -> None:
    account = Account.from_key(b"\1" * 32)
    signed = account.unsafe_sign_hash(ROOT.message(HOME).digest)
    found = Account.recover_message(typed(ROOT, HOME), signature=signed.signature)
    assert found == account.address


def test_everything_is_in_the_digest() -> None:
    changes = [
        {"root": 12_346},
        {"attestor_set": bytes(31) + b"\1"},
        {"generation": 2},
        {"first_day": 18_999},
        {"last_day": 19_066},
        {"valid_until": 1},
        {"feed": 1},
        {"rules": b"\1" * 32},
    ]
    digests = {replace(ROOT, **change).message(HOME).digest for change in changes}
    digests |= {ROOT.message(HOME).digest, ROOT.message(replace(HOME, chain_id=1)).digest}
    digests |= {ROOT.message(replace(HOME, registry="0x" + "ac" * 20)).digest}
    assert len(digests) == 11


@pytest.mark.parametrize(
    "change",
    [
        {"root": 0},
        {"root": R},
        {"attestor_set": bytes(32)},
        {"attestor_set": b"x"},
        {"generation": 0},
        {"generation": 1 << 32},
        {"first_day": -1},
        {"first_day": 19_066},
        {"last_day": 1 << 16},
        {"valid_until": -1},
        {"valid_until": 1 << 64},
        {"feed": 0},
        {"feed": R},
        {"rules": bytes(32)},
        {"rules": b"x"},
    ],
)
def test_roots_out_of_range(change: dict[str, object]) -> None:
    with pytest.raises(Malformed) as caught:
        replace(ROOT, **change)  # type: ignore[arg-type]
    assert caught.value.code == "malformed.root"


def test_roots_at_their_limits() -> None:
    Root(1, b"\1" * 32, 1, 0, 0, 0)
    Root(R - 1, b"\1" * 32, 2**32 - 1, 2**16 - 1, 2**16 - 1, 2**64 - 1)
    Root(1, b"\1" * 32, 1, 0, 0, 0, 1, bytes(31) + b"\1")
    Root(1, b"\1" * 32, 1, 0, 0, 0, R - 1, b"\xff" * 32)


LATEST = 19_186 * 86_400
"""120 days after the window of ROOT."""


def test_what_no_registry_takes() -> None:
    for days in (28, 366):
        replace(ROOT, first_day=19_066 - days, valid_until=LATEST).check_submittable()
    for change in (
        {"first_day": 19_066 - 27},
        {"first_day": 19_066 - 367},
        {"valid_until": LATEST + 1},
    ):
        with pytest.raises(Refused) as caught:
            replace(ROOT, **{"valid_until": LATEST, **change}).check_submittable()
        assert caught.value.code == "refused.root_submission"


def test_no_feed_is_the_digest_of_zeros() -> None:
    """37 words of ten days and a zero, under a tag of its own: docs/explanation/metrics.md."""
    assert hash_words(TAG_FEED, [0] * 38) == NO_FEED
    assert ROOT.feed == NO_FEED and ROOT.rules == keccak(b"")


@pytest.mark.parametrize(
    ("chain_id", "registry", "code"),
    [
        (0, HOME.registry, "malformed.root"),
        (1 << 256, HOME.registry, "malformed.root"),
        (1, "0x" + 40 * "0", "malformed.address"),
        (1, HOME.registry.upper().replace("X", "x"), "malformed.address"),
    ],
)
def test_what_is_no_domain(chain_id: int, registry: str, code: str) -> None:
    with pytest.raises(Malformed) as caught:
        RootDomain(chain_id, registry)
    assert caught.value.code == code


# -- attestor sets ---------------------------------------------------------------------------------
@given(
    st.lists(st.integers(1, 2**160 - 1), min_size=1, max_size=32, unique=True),
    st.integers(1, 32),
)
def test_the_set_id_is_the_contract_s(numbers: list[int], threshold: int) -> None:
    """Through the ABI library; the contract itself answers in tests/contracts."""
    members = [f"0x{number:040x}" for number in numbers]
    most = len(members)
    made = AttestorSet.of(members, max(most // 2 + 1, min(threshold, most)))
    listed = [f"0x{number:040x}" for number in sorted(numbers)]
    assert made.members == tuple(listed)
    assert made.id == keccak(
        encode(
            ["bytes32", "address[]", "uint256"],
            [keccak(text="attestors"), listed, made.threshold],
        )
    )


def test_order_and_case_do_not_make_another_set() -> None:
    upper = [member.upper().replace("X", "x") for member in MEMBERS[::-1]]
    assert AttestorSet.of(upper, 2) == SET
    assert AttestorSet.of(MEMBERS, 3).id != SET.id != AttestorSet.of(MEMBERS[:2], 2).id
    assert AttestorSet.of(MEMBERS, 2, "another").id != SET.id


@pytest.mark.parametrize(
    ("members", "threshold"),
    [
        ((), 0),
        ((), 1),
        (MEMBERS, 0),
        (MEMBERS, 1),  # not more than half
        ((*MEMBERS, "0x" + "f" * 40), 2),
        (MEMBERS, 4),
        (MEMBERS[::-1], 2),
        ((MEMBERS[0], MEMBERS[0]), 2),
        ((MEMBERS[0], "0x" + "AB" * 20), 2),
        (("0x" + "0" * 40,), 1),
        (tuple(f"0x{i:040x}" for i in range(1, 34)), 17),
    ],
)
def test_sets_out_of_range(members: tuple[str, ...], threshold: int) -> None:
    with pytest.raises(Malformed):
        Generation(members, threshold)
