"""
The institution's vault: one file that holds the identity secret (docs/reference/interfaces.md 4).

    offset  bytes  field
         0      8  magic "TPVAULT\\x01"
         8      4  Argon2id memory, KiB, big endian
        12      4  Argon2id passes
        16      4  Argon2id lanes
        20     16  salt
        36     12  nonce of AES-256-GCM
        48     32  identity secret, encrypted
        80     16  tag

The first 48 bytes are the associated data of the encryption, so a changed cost, salt or nonce is
found like a changed ciphertext. A wrong passphrase and a damaged file give the same error: telling
them apart would help a thief only.

Limits: the secret becomes a Python int while a proof is made, and Python cannot wipe it. Whoever
reads this process's memory has it; the file alone is worth an Argon2id guess of 256 MiB each.
"""

from __future__ import annotations

import os
import secrets
import struct
import tempfile
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from algebra.errors import Refused
from algebra.extras import libraries
from algebra.interface import R
from algebra.keccak import keccak
from algebra.poseidon2 import TAG_NULLIFIER, TAG_OWNER, hash_words
from algebra.system import refused_by_system

with libraries("prove"):
    from argon2.exceptions import HashingError
    from argon2.low_level import Type, error_to_str, hash_secret_raw
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256

MAGIC = b"TPVAULT\x01"
HEADER = struct.Struct(">8s3I16s12s")
SALT_BYTES, NONCE_BYTES, SECRET_BYTES, TAG_BYTES = 16, 12, 32, 16
FILE_BYTES = HEADER.size + SECRET_BYTES + TAG_BYTES
MIN_PASSPHRASE = 12
"""Characters. Argon2id makes a guess dear, not a short passphrase long."""
MAX_MEMORY_KIB = 1 << 20
"""1 GiB. A file must not be able to ask for all memory before its tag is checked."""
MAX_PASSES, MAX_LANES = 16, 16
SECP256K1_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""SEC 2, 2.4.1."""
_NO_MEMORY, _NO_THREAD = -22, -33
"""ARGON2_MEMORY_ALLOCATION_ERROR, ARGON2_THREAD_FAIL (argon2.h)."""
_NOT_FOLLOWED = {"follow_symlinks": False} if os.link in os.supports_follow_symlinks else {}
"""Windows knows no other way and takes no such argument."""


@dataclass(frozen=True, slots=True)
class Cost:
    """
    Price of one passphrase guess.

    Attributes
    ----------
    memory_kib : 8 * lanes .. 2^20; default 256 MiB (shared with no server, so far above OWASP's 46
        MiB floor)
    passes : 1..16
    lanes : 1..16
    """

    memory_kib: int = 256 * 1024
    passes: int = 3
    lanes: int = 4

    def sensible(self) -> bool:
        """Whether all three are in range; Argon2id is never run for a vault where they are not."""
        return (
            1 <= self.passes <= MAX_PASSES
            and 1 <= self.lanes <= MAX_LANES
            and 8 * self.lanes <= self.memory_kib <= MAX_MEMORY_KIB
        )


class Identity:
    """
    An opened vault. Shows, copies and pickles nothing of the secret; `reveal` is its only way out.
    """

    __slots__ = ("__secret",)

    def __init__(self, secret: int) -> None:
        if not 1 <= secret < R:
            raise Refused("refused.vault", "identity: the secret is not in 1..r-1")
        self.__secret = secret

    def reveal(self) -> int:
        """
        The identity secret in [1, r), for the witness of a proof. Never print, log or store it.
        """
        return self.__secret

    def owner_tag(self, venue_word: int) -> int:
        """
        H(secret, venue word): what the institution gives the attestor
        (docs/explanation/protocol.md 3.7). Not secret.
        """
        return hash_words(TAG_OWNER, [self.__secret, venue_word])

    def consent_key(self, venue: int) -> tuple[int, int]:
        """
        The public key, x and y on secp256k1, whose signature is this identity's consent to a
        binding at a venue (docs/decisions/0013). Not secret; of two venues unlike each other.
        """
        numbers = self._consent_key(venue).public_key().public_numbers()
        return numbers.x, numbers.y

    def sign_consent(self, venue: int, digest: bytes) -> tuple[int, int]:
        """r and s, either of both s, of the consent key's signature over 32 bytes."""
        signature = self._consent_key(venue).sign(digest, ec.ECDSA(Prehashed(SHA256())))
        return decode_dss_signature(signature)

    def salt_seed(self, venue: int) -> bytes:
        """
        32 bytes from which attestors derive the salts of this identity's leaves at a venue; for
        them alone, with a consent.
        """
        return self._derived("Tierproof salt seed", venue)

    def _consent_key(self, venue: int) -> ec.EllipticCurvePrivateKey:
        number = int.from_bytes(self._derived("Tierproof consent key", venue))
        return ec.derive_private_key(number % (SECP256K1_ORDER - 1) + 1, ec.SECP256K1())

    def _derived(self, purpose: str, venue: int) -> bytes:
        """keccak256(keccak256(purpose) || secret || venue), words of 32 bytes."""
        secret = self.__secret.to_bytes(SECRET_BYTES)
        return keccak(keccak(purpose.encode()) + secret + venue.to_bytes(32))

    def nullifier(self, scope: int) -> int:
        """H(secret, scope): what a proof for this scope will show. Not secret once submitted."""
        return hash_words(TAG_NULLIFIER, [self.__secret, scope])

    def __repr__(self) -> str:
        return "Identity(secret withheld)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an Identity cannot be copied or pickled: its secret stays in the vault")


def create_vault(path: Path, passphrase: str, *, cost: Cost | None = None) -> Identity:
    """
    Draw an identity secret from the OS and write it, encrypted, to a new file of mode 0600.

    Parameters
    ----------
    path : must not exist; its folder must.
    passphrase : at least 12 characters; its NFC form counts, so that keyboards agree.
    cost : Argon2id parameters, by default 256 MiB.

    Raises
    ------
    Refused
        `refused.passphrase` (too short), `refused.vault_exists`, `refused.vault` (cost out of
        range), `refused.memory` and `refused.threads` (Argon2id gets too little).
    Unavailable
        `unavailable.folder` and what else the system says (`algebra.system`). Nothing is left
        behind.
    """
    cost = cost if cost is not None else Cost()
    if len(unicodedata.normalize("NFC", passphrase)) < MIN_PASSPHRASE:
        raise Refused(
            "refused.passphrase",
            f"vault: the passphrase has fewer than {MIN_PASSPHRASE} characters",
            least=MIN_PASSPHRASE,
        )
    if not cost.sensible():
        raise Refused("refused.vault", "vault: Argon2id cost out of range")
    if os.path.lexists(
        path
    ):  # before seconds of key derivation; the write below is what makes it certain
        raise _exists(path)
    identity_secret = _draw_secret()
    header = HEADER.pack(
        MAGIC,
        cost.memory_kib,
        cost.passes,
        cost.lanes,
        secrets.token_bytes(SALT_BYTES),
        secrets.token_bytes(NONCE_BYTES),
    )
    key = _derive(header, passphrase)
    nonce = header[-NONCE_BYTES:]
    sealed = AESGCM(key).encrypt(nonce, identity_secret.to_bytes(SECRET_BYTES, "big"), header)
    _write_new(path, header + sealed)
    return Identity(identity_secret)


def open_vault(path: Path, passphrase: str, *, max_memory_kib: int = MAX_MEMORY_KIB) -> Identity:
    """
    Read a vault file.

    Parameters
    ----------
    path : a file written by `create_vault`.
    passphrase : as given then.
    max_memory_kib : refuse a file that asks for more before spending it.

    Raises
    ------
    Refused
        `refused.vault`: not a vault, wrong passphrase or a changed bit; `refused.memory` and
        `refused.threads` (Argon2id gets too little).
    Unavailable
        `unavailable.vault`: no such file; and what else the system says (`algebra.system`).
    """
    try:
        with path.open("rb") as file:
            data = file.read(FILE_BYTES + 1)
    except OSError as error:
        raise refused_by_system(error, f"vault {path.name}", absent="unavailable.vault") from error
    if len(data) != FILE_BYTES or not data.startswith(MAGIC):
        raise Refused(
            "refused.vault", f"vault {path.name}: not a vault file of this version", file=path.name
        )
    header, sealed = data[: HEADER.size], data[HEADER.size :]
    closed = Refused(
        "refused.vault", f"vault {path.name}: wrong passphrase or damaged file", file=path.name
    )
    cost = Cost(*HEADER.unpack(header)[1:4])
    if not cost.sensible() or cost.memory_kib > max_memory_kib:
        raise closed
    try:
        opened = AESGCM(_derive(header, passphrase)).decrypt(header[-NONCE_BYTES:], sealed, header)
    except InvalidTag:
        raise closed from None
    return Identity(int.from_bytes(opened, "big"))


def _draw_secret() -> int:
    """Uniform in [1, r): draws of 254 bits, those outside thrown away (about one in four)."""
    while True:
        candidate = secrets.randbits(R.bit_length())
        if 1 <= candidate < R:
            return candidate


def _derive(header: bytes, passphrase: str) -> bytes:
    """
    The key of a header and a passphrase, by Argon2id.

    Raises
    ------
    Refused
        `refused.memory` with `needed` in bytes, `refused.threads`: the system does not give what
        the header asks for.
    """
    _, memory_kib, passes, lanes, salt, _ = HEADER.unpack(header)
    try:
        return hash_secret_raw(
            unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass"),
            salt,
            time_cost=passes,
            memory_cost=memory_kib,
            parallelism=lanes,
            hash_len=32,
            type=Type.ID,
        )
    except MemoryError:
        raise _too_little_memory(memory_kib) from None
    except HashingError as error:  # it carries the library's words only, never the passphrase
        if str(error) == error_to_str(_NO_MEMORY):
            raise _too_little_memory(memory_kib) from None
        if str(error) == error_to_str(_NO_THREAD):
            raise Refused(
                "refused.threads",
                f"vault: Argon2id takes {lanes} threads, the system gives fewer",
                needed=lanes,
            ) from None
        raise


def _too_little_memory(memory_kib: int) -> Refused:
    return Refused(
        "refused.memory",
        f"vault: Argon2id takes {memory_kib / 1024:,.0f} MiB, the system gives less",
        needed=1024 * memory_kib,
    )


def _write_new(path: Path, data: bytes) -> None:
    """All or nothing, and never over an existing file: link(2) fails where the name is taken."""
    try:
        handle, temporary = tempfile.mkstemp(prefix=".vault-", dir=path.parent)  # mode 0600
    except OSError as error:
        raise refused_by_system(error, f"vault {path.name}", absent="unavailable.folder") from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path, **_NOT_FOLLOWED)
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        raise refused_by_system(error, f"vault {path.name}", absent="unavailable.folder") from error
    finally:
        os.unlink(temporary)
    _flush_folder(path.parent)


def _flush_folder(path: Path) -> None:
    """The new name reaches the disk too, where a folder can be opened (Windows cannot)."""
    try:
        folder = os.open(path, os.O_RDONLY)
    except PermissionError:
        return
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _exists(path: Path) -> Refused:
    return Refused(
        "refused.vault_exists",
        f"vault {path.name}: exists already, and is never overwritten",
        file=path.name,
    )
