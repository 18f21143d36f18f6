"""
Keccak-256 with Ethereum's padding: the transcript's hash, and that of every identity and digest.

The only place that names a library for it (pycryptodome: compiled, wheels for every platform, no
dependencies of its own).
"""

from __future__ import annotations

from Crypto.Hash import keccak as _keccak


def keccak(data: bytes) -> bytes:
    """
    The digest of `data`, 32 bytes.

    Notes
    -----
    Source: the Keccak submission, rate 1,088, padding byte 0x01 (not SHA-3's 0x06).
    """
    return _keccak.new(data=data, digest_bits=256).digest()
