"""
Keccak-256 with Ethereum's padding: the transcript's hash, and that of every identity and digest.

The only place that names a library for it (pycryptodome: compiled, wheels for every platform, no
dependencies of its own). A process that has loaded the native module, which has a Keccak of its
own, hashes with that: the library costs a verifier a tenth of its start. One that has not, such as
`verify --independent`, shares no code with it.
"""

from __future__ import annotations

import sys


def keccak(data: bytes) -> bytes:
    """
    The digest of `data`, 32 bytes.

    Notes
    -----
    Source: the Keccak submission, rate 1,088, padding byte 0x01 (not SHA-3's 0x06).
    """
    native = sys.modules.get("algebra._native")
    if native is None:
        return library_keccak(data)
    digest: bytes = native.keccak256(data)
    return digest


def library_keccak(data: bytes) -> bytes:
    """The same by the library, whatever else is loaded: the reference algebra's."""
    from Crypto.Hash import keccak as library

    return library.new(data=data, digest_bits=256).digest()
