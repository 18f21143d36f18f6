"""Recovery of signers against eth_keys, and the signatures that no key made."""

from __future__ import annotations

import random

import pytest
from eth_account import Account
from eth_keys.backends.native.ecdsa import ecdsa_raw_recover, ecdsa_raw_sign
from eth_keys.exceptions import BadSignature

from algebra.errors import Rejected
from attestor.secp256k1 import G, N, P, address_of, recover_key
from attestor.signatures import recover
from policies.typed_data import TypedMessage

SIGNATURES, ANY = 100, 300


def theirs(digest: bytes, r: int, s: int, odd: bool) -> tuple[int, int] | None:
    """The same by eth_keys."""
    try:
        raw = ecdsa_raw_recover(digest, (int(odd), r, s))
    except BadSignature:
        return None
    key = int.from_bytes(raw[:32]), int.from_bytes(raw[32:])
    return None if key == (0, 0) else key


def test_signers_are_recovered() -> None:
    draw = random.Random(1)
    for _ in range(SIGNATURES):
        secret, digest = draw.randrange(1, N).to_bytes(32), draw.randbytes(32)
        v, r, s = ecdsa_raw_sign(digest, secret)
        key = recover_key(digest, r, s, odd=bool(v))
        assert key is not None
        assert address_of(key) == Account.from_key(secret).address.lower()


def test_numbers_that_nobody_signed_recover_as_eth_keys_does() -> None:
    """Half of all abscissae have no point; the others recover to a key whose secret is nobody's."""
    draw, nobody = random.Random(2), 0
    edges = (1, 2, 3, N - 1, N - 2, N // 2, N // 2 + 1, G[0])
    cases = [(r, s, draw.randbytes(32)) for r in edges for s in edges]
    cases += [(draw.randrange(1, N), draw.randrange(1, N), draw.randbytes(32)) for _ in range(ANY)]
    cases += [(draw.randrange(1, N), 5, digest) for digest in (bytes(32), b"\xff" * 32)]
    for r, s, digest in cases:
        for odd in (False, True):
            found = recover_key(digest, r, s, odd=odd)
            assert found == theirs(digest, r, s, odd)
            nobody += found is None
    assert len(cases) // 2 < nobody < 2 * len(cases)


def test_sums_that_meet_are_doubled_or_infinite() -> None:
    """R = G and s = +-e: the two products are the same point, or cancel."""
    digest = (7).to_bytes(32)
    odd = bool(G[1] & 1)
    assert recover_key(digest, G[0], 7, odd=odd) is None  # s R = e G
    double = recover_key(digest, G[0], N - 7, odd=odd)
    assert double == theirs(digest, G[0], N - 7, odd) and double is not None
    assert (double[1] ** 2 - double[0] ** 3 - 7) % P == 0


def test_a_key_at_infinity_is_no_signer() -> None:
    """
    Anybody can make such a signature without a key: r of k G, s = e / k. Libraries that go on give
    it the address of (0, 0).
    """
    message = TypedMessage(b"\x01", bytes(32), bytes(32))
    e, k = int.from_bytes(message.digest), 3
    r, y = multiple(k)
    s = e * pow(k, -1, N) % N
    if s > N // 2:
        s, y = N - s, P - y
    signature = r.to_bytes(32) + s.to_bytes(32) + bytes([27 + (y & 1)])
    with pytest.raises(Rejected, match="recovers to no key") as raised:
        recover(message, signature, "test")
    assert raised.value.code == "rejected.signature"


@pytest.mark.parametrize(("r", "s"), [(0, 1), (1, 0), (N, 1), (1, N), (-1, 1), (P, 1)])
def test_numbers_out_of_range_are_nobodys(r: int, s: int) -> None:
    assert recover_key(bytes(32), r, s, odd=False) is recover_key(bytes(32), r, s, odd=True) is None


def multiple(k: int) -> tuple[int, int]:
    """k G: the key that signs r = G, s = k r, digest 0."""
    key = recover_key(bytes(32), G[0], k * G[0] % N, odd=bool(G[1] & 1))
    assert key is not None
    return key
