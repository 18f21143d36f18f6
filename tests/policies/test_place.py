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
from policies.place import Place
from policies.signed_root import RootDomain

REGISTRY = "0x" + "ab" * 20
HOME = Place(31_337, REGISTRY)
SERIES_ID = bytes(range(32))
addresses = st.binary(min_size=20, max_size=20).filter(any).map(lambda key: "0x" + key.hex())


@given(st.integers(1, 2**256 - 1), addresses, st.binary(min_size=32, max_size=32))
def test_scope_is_the_contract_s(chain: int, registry: str, series: bytes) -> None:
    """Through the ABI library; the contract itself answers in tests/contracts/grants."""
    encoded = encode(["uint256", "address", "bytes32"], [chain, registry, series])
    scope = Place(chain, registry).scope(series)
    assert scope == int.from_bytes(keccak(encoded)) >> 8 < 2**248


def test_scope_depends_on_every_part() -> None:
    others = [Place(31_338, REGISTRY), Place(31_337, "0x" + "ac" * 20)]
    scopes = {place.scope(SERIES_ID) for place in (HOME, *others)}
    assert len(scopes | {HOME.scope(bytes(32))}) == 4


def test_roots_are_signed_for_the_place() -> None:
    assert HOME.domain == RootDomain(31_337, REGISTRY)


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ((0, REGISTRY), "malformed.place"),
        ((-1, REGISTRY), "malformed.place"),
        ((1 << 256, REGISTRY), "malformed.place"),
        ((1, "0x" + 40 * "0"), "malformed.address"),
        ((1, REGISTRY[2:]), "malformed.address"),
        ((1, REGISTRY + "0"), "malformed.address"),
    ],
)
def test_what_is_no_place(parts: tuple[int, str], code: str) -> None:
    with pytest.raises(Malformed) as caught:
        Place(*parts)
    assert caught.value.code == code


@pytest.mark.parametrize("series_id", [b"", bytes(31), bytes(33)])
def test_scope_of_what_is_no_series_id(series_id: bytes) -> None:
    with pytest.raises(Malformed):
        HOME.scope(series_id)


# -- spellings -------------------------------------------------------------------------------------
@given(addresses)
def test_checksum_is_eip_55(lower: str) -> None:
    spelled = to_checksum_address(lower)
    upper = "0x" + lower[2:].upper()
    assert address(lower, "x") == address(upper, "x") == address(spelled, "x") == spelled
    assert Place(1, spelled) == Place(1, upper) == Place(1, lower)
    wrong = spelled.swapcase().replace("0X", "0x")
    if wrong not in (lower, upper, spelled):
        for read in (lambda text: address(text, "x"), lambda text: Place(1, text)):
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
