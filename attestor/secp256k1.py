"""
Which key made a signature: recovery on secp256k1, and the address of a key.

Public numbers only, so nothing here is constant time; signing is done by eth_account, where a key
is at hand. Written out because a verifier needs this and no more of an Ethereum library: what
offers it (eth_keys, coincurve) brings a hundred modules, or no wheel for some platform
(docs/decisions/0010-a-verifier-installs-two-libraries.md). The tests compare it with eth_keys.

The group law is `algebra.curve`'s, which holds for any curve y^2 = x^3 + b.
"""

from __future__ import annotations

from algebra.curve import ZERO, Jacobian, add, double
from algebra.keccak import keccak

P = 2**256 - 2**32 - 977
"""Field of the curve y^2 = x^3 + 7 (SEC 2, 2.4.1)."""
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""Order of its group, a prime: no point has y = 0."""
G = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)

Affine = tuple[int, int]


def recover_key(digest: bytes, r: int, s: int, *, odd: bool) -> Affine | None:
    """
    The public key of a signature (SEC 1, 4.1.6): Q = (s R - e G) / r.

    Parameters
    ----------
    digest : 32 bytes, what was signed
    r, s : the point R has abscissa r, never r + N
    odd : whether R's ordinate is odd

    Returns
    -------
    None if nobody signed: r or s is not in [1, N), no point has that abscissa, or Q is infinity.
    """
    if not 0 < r < N or not 0 < s < N:
        return None
    square = (r * r * r + 7) % P
    y = pow(square, (P + 1) // 4, P)
    if y * y % P != square:
        return None
    if (y & 1) != odd:
        y = P - y
    inverse = pow(r, -1, N)
    e = int.from_bytes(digest)
    return _affine(_sum_of_two(-e * inverse % N, G, s * inverse % N, (r, y)))


def address_of(key: Affine) -> str:
    """Lower-case address: the last 20 bytes of the hash of x and y."""
    x, y = key
    return "0x" + keccak(x.to_bytes(32) + y.to_bytes(32))[12:].hex()


def _sum_of_two(a: int, left: Affine, b: int, right: Affine) -> Jacobian:
    """a left + b right, the two multiplied side by side (Shamir's trick)."""
    first, second = (*left, 1), (*right, 1)
    choices = (ZERO, first, second, add(first, second, P))
    total = ZERO
    for bit in range(N.bit_length() - 1, -1, -1):
        total = double(total, P)
        choice = (a >> bit & 1) + 2 * (b >> bit & 1)
        if choice:
            total = add(total, choices[choice], P)
    return total


def _affine(point: Jacobian) -> Affine | None:
    x, y, z = point
    if z == 0:
        return None
    inverse = pow(z, -1, P)
    return x * inverse * inverse % P, y * inverse * inverse * inverse % P
