"""
Verifying keys of a known ceremony that are committed, `contracts/keys`: its verifier contracts are
generated from them where the ceremony's file is not there.

A key file says which constraint text it is of, and what its columns are committed to cannot be seen
in it. So the digest of the columns that hold for every setup is kept beside the keys: where this
checkout's differ, the keys are stale and are made again from the ceremony's file.
"""

from __future__ import annotations

import json
from pathlib import Path

from algebra.errors import Malformed, TierproofError, Unavailable
from algebra.files import make_folder, parse_json, read_file, write_atomic
from algebra.interface import Algebra
from algebra.keccak import keccak
from circuits.language.circuit import FIXED
from circuits.versions import CURRENT
from contracts.build.artifact import FOLDER
from prover.credential import credential_key
from prover.keys import powers_needed
from prover.profile import Profile
from prover.setup import import_ceremony
from tierproof.documents import load_key
from verifier.key import VerifyingKey

KEYS = FOLDER / "keys"
NAME, STATUS = "Ppot0085", "ceremony PPoT 0085"
"""The ceremony as contracts and files name it, and the status of its setup."""
COLUMNS = "columns.json"


def key_path(size: int, profile: Profile) -> Path:
    """Where the key of a class and profile is committed."""
    return KEYS / f"{NAME.lower()}-{size}-{profile}.json"


def columns_digest(size: int) -> str:
    """Keccak-256 of the fixed columns of a class, without the setup's own values; hexadecimal."""
    circuit = CURRENT.text(size)
    parts: list[bytes] = []
    for name in circuit.names(FIXED):
        column = circuit.fixed_values[name]
        parts += [name.encode(), b"\0", column.narrow.astype("<u2").tobytes()]
        parts += [
            row.to_bytes(8, "big") + value.to_bytes(32, "big")
            for row, value in sorted(column.wide.items())
        ]
    return keccak(b"".join(parts)).hex()


def make_keys(size: int, ptau: Path, algebra: Algebra) -> dict[Profile, VerifyingKey]:
    """
    The keys of a class on the ceremony, from its file.

    Raises
    ------
    Malformed, Refused, Unavailable
        As `prover.setup.import_ceremony`; Malformed (`malformed.ptau.ceremony`) for another one.
    """
    needed = max(powers_needed(size, profile.slots) for profile in Profile)
    setup = import_ceremony(ptau, algebra, length=needed, purpose=f"class {size}")
    if setup.status != STATUS:
        raise Malformed(
            "malformed.ptau.ceremony", f"ceremony file: {setup.status}, {STATUS} is committed"
        )
    return {
        profile: credential_key(setup, size, algebra, slots=profile.slots).verifying
        for profile in Profile
    }


def write_keys(size: int, keys: dict[Profile, VerifyingKey]) -> None:
    """Write the keys of a class, and of which columns they are."""
    make_folder(KEYS)
    for profile, key in keys.items():
        key.save(key_path(size, profile))
    columns = {**_columns(), str(size): columns_digest(size)}
    write_atomic(KEYS / COLUMNS, (json.dumps(columns, indent=1) + "\n").encode())


def committed_key(size: int, profile: Profile, algebra: Algebra) -> VerifyingKey:
    """
    The committed key of a class; Unavailable (`unavailable.ceremony_key`) if there is none or it is
    of another circuit than this checkout's.
    """
    try:
        key = load_key(key_path(size, profile), algebra)
    except TierproofError as error:
        raise _stale(size, profile, error.message) from error
    if _columns().get(str(size)) != columns_digest(size):
        raise _stale(size, profile, "its fixed columns are other ones")
    if key.setup_status != STATUS:
        raise _stale(size, profile, f"its setup is {key.setup_status}")
    return key


def _columns() -> dict[str, str]:
    path = KEYS / COLUMNS
    found = parse_json(read_file(path, absent="unavailable.ceremony_key")) if path.exists() else {}
    return dict(found)


def _stale(size: int, profile: Profile, why: str) -> Unavailable:
    return Unavailable(
        "unavailable.ceremony_key",
        f"{key_path(size, profile).name}: not the key of this checkout's circuit: {why}; make it "
        f"again: python -m tierproof.verifier_contract --class {size} --ptau FILE",
    )
