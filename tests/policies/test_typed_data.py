"""EIP-712 digests against eth_account's."""

from __future__ import annotations

import random
from typing import Any

import pytest
from eth_account.messages import _hash_eip191_message, encode_typed_data

from policies.typed_data import DOMAIN_FIELDS, typed_message

MESSAGES = 200
FIELDS = {
    "a": "uint256",
    "b": "uint32",
    "c": "bytes32",
    "d": "address",
    "e": "string",
    "f": "uint64",
    "g": "uint8",
    "h": "int24",
}


def drawn(kind: str, draw: random.Random) -> Any:
    if kind == "string":
        return draw.choice(["", "Tierproof", "Zürich", "x" * 200])
    if kind == "bytes32":
        return draw.randbytes(32)
    if kind == "address":
        return "0x" + draw.randbytes(20).hex()
    if kind == "int24":
        return draw.choice([0, -1, -(1 << 23), (1 << 23) - 1, draw.randrange(-(1 << 23), 1 << 23)])
    limit = 1 << int(kind[4:])
    return draw.choice([0, 1, limit - 1, draw.randrange(limit)])


def test_digests_agree_with_eth_account() -> None:
    draw = random.Random(3)
    for _ in range(MESSAGES):
        names = draw.sample(sorted(FIELDS), draw.randrange(1, len(FIELDS) + 1))
        types = {"Thing": [{"name": name, "type": FIELDS[name]} for name in names]}
        message = {name: drawn(FIELDS[name], draw) for name in names}
        in_domain = draw.sample(sorted(DOMAIN_FIELDS), draw.randrange(1, 5))
        domain = {name: drawn(DOMAIN_FIELDS[name], draw) for name in in_domain}
        ours = typed_message(domain, types, message)
        theirs = encode_typed_data(domain, types, message)
        assert tuple(ours) == (theirs.version, theirs.header, theirs.body)
        assert ours.digest == _hash_eip191_message(theirs)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("uint32", 1 << 32),
        ("uint256", 1 << 256),
        ("uint8", -1),
        ("bytes32", bytes(31)),
        ("address", "0x" + "1" * 39),
        ("bytes", b""),
        ("int8", 128),
        ("int24", -(1 << 23) - 1),
        ("bool", True),
    ],
)
def test_values_that_do_not_fit_their_type(kind: str, value: object) -> None:
    with pytest.raises(ValueError):
        typed_message({"name": "T"}, {"A": [{"name": "x", "type": kind}]}, {"x": value})


@pytest.mark.parametrize("message", [{}, {"x": 1, "y": 2}, {"y": 1}])
def test_fields_are_those_of_the_type(message: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="other fields"):
        typed_message({"name": "T"}, {"A": [{"name": "x", "type": "uint8"}]}, message)


def test_a_domain_has_no_other_fields() -> None:
    with pytest.raises(ValueError, match="other fields"):
        typed_message({"salt": bytes(32)}, {"A": []}, {})
