"""Where a credential counts, and the scope of it."""

from __future__ import annotations

import pytest
from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from algebra.errors import Malformed
from policies.address import address, check_address
from policies.place import EPOCH_LIMIT, Place
from policies.signed_root import RootDomain

REGISTRY = "0x" + "ab" * 20
HOME = Place(31_337, REGISTRY, 3)
POLICY_ID = bytes(range(32))
addresses = st.binary(min_size=20, max_size=20).filter(any).map(lambda key: "0x" + key.hex())


@given(
    st.integers(1, 2**256 - 1),
    addresses,
    st.integers(0, EPOCH_LIMIT - 1),
    st.binary(min_size=32, max_size=32),
)
def test_scope_is_the_contract_s(chain: int, registry: str, epoch: int, policy: bytes) -> None:
    """Through the ABI library; the contract itself answers in tests/contracts."""
    encoded = encode(["uint256", "address", "uint256", "bytes32"], [chain, registry, epoch, policy])
    scope = Place(chain, registry, epoch).scope(policy)
    assert scope == int.from_bytes(keccak(encoded)) >> 8 < 2**248


def test_scope_depends_on_every_part() -> None:
    others = [
        Place(31_338, REGISTRY, 3),
        Place(31_337, "0x" + "ac" * 20, 3),
        Place(31_337, REGISTRY, 4),
    ]
    scopes = {place.scope(POLICY_ID) for place in (HOME, *others)}
    assert len(scopes | {HOME.scope(bytes(32))}) == 5


def test_domain_is_the_place_without_its_epoch() -> None:
    assert HOME.domain == RootDomain(31_337, REGISTRY)


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ((0, REGISTRY, 0), "malformed.place"),
        ((-1, REGISTRY, 0), "malformed.place"),
        ((1 << 256, REGISTRY, 0), "malformed.place"),
        ((1, REGISTRY, -1), "malformed.place"),
        ((1, REGISTRY, EPOCH_LIMIT), "malformed.place"),
        ((1, "0x" + 40 * "0", 0), "malformed.address"),
        ((1, REGISTRY[2:], 0), "malformed.address"),
        ((1, REGISTRY + "0", 0), "malformed.address"),
    ],
)
def test_what_is_no_place(parts: tuple[int, str, int], code: str) -> None:
    with pytest.raises(Malformed) as caught:
        Place(*parts)
    assert caught.value.code == code


@pytest.mark.parametrize("policy_id", [b"", bytes(31), bytes(33)])
def test_scope_of_what_is_no_policy_id(policy_id: bytes) -> None:
    with pytest.raises(Malformed):
        HOME.scope(policy_id)


# -- spellings -------------------------------------------------------------------------------------
@given(addresses)
def test_checksum_is_eip_55(lower: str) -> None:
    spelled = to_checksum_address(lower)
    upper = "0x" + lower[2:].upper()
    assert address(lower, "x") == address(upper, "x") == address(spelled, "x") == spelled
    assert Place(1, spelled, 0) == Place(1, upper, 0) == Place(1, lower, 0)
    wrong = spelled.swapcase().replace("0X", "0x")
    if wrong not in (lower, upper, spelled):
        for read in (lambda text: address(text, "x"), lambda text: Place(1, text, 0)):
            with pytest.raises(Malformed, match="checksum"):
                read(wrong)


@pytest.mark.parametrize(
    "text", ["", "0x", "0x1234", "ab" * 20, "0X" + "ab" * 20, REGISTRY + "\n", "0x" + "٣" * 40, 7]
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(Malformed) as caught:
        address(text, "x")
    assert caught.value.code == "malformed.address"


@pytest.mark.parametrize("text", [REGISTRY.upper().replace("X", "x"), "0x" + 40 * "0", "0x12"])
def test_files_spell_an_address_one_way(text: str) -> None:
    assert check_address(REGISTRY, "x") == REGISTRY
    with pytest.raises(Malformed):
        check_address(text, "x")
