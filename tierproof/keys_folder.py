"""
The folder of setups and keys: `setup.bin`, `key-<n>.json` and `key-<n>-lean.json`, and Lagrange
bases that are made again when they do not match.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from algebra.errors import Refused
from algebra.files import make_folder, write_atomic
from algebra.interface import Algebra, PointVector
from circuits.versions import CURRENT
from prover.credential import credential_key
from prover.keys import ProvingKey, cached_bases, powers_needed, verified_basis
from prover.profile import Profile
from prover.setup import Setup, import_ceremony, load_setup, save_setup, unsafe_dev_setup
from tierproof.documents import load_key
from tierproof.memory import key_bytes, require_memory
from verifier.key import VerifyingKey

SETUP_FILE = "setup.bin"


@dataclass(frozen=True)
class KeysFolder:
    """One setup and the keys of its classes; everything but `setup.bin` can be made again."""

    folder: Path
    algebra: Algebra

    @classmethod
    def create(
        cls,
        folder: Path,
        algebra: Algebra,
        *,
        size: int,
        profile: Profile = Profile.FAST,
        ptau: Path | None = None,
        tau_g2: Path | None = None,
        unsafe_development: bool = False,
        progress: Callable[[str], None] = lambda _: None,
    ) -> KeysFolder:
        """
        Import a ceremony, or make a development setup, and the keys of one class and profile.

        Parameters
        ----------
        size : class n, 2^13..2^20
        ptau, tau_g2 : the file of a ceremony, and one of its points in G2 where it needs one
            (`prover.ceremony_file`); the powers that the class needs are read and checked
        unsafe_development : the setup whose secret everybody knows

        Raises
        ------
        Refused
            `refused.setup`: neither or both sources, or another setup is in the folder;
            `refused.class`; `refused.memory`.
        Malformed, Unavailable
            As `prover.setup`; Refused (`refused.ptau.power`) for a file too small for the class.
        """
        checked_class(size)
        if (ptau is None) is not unsafe_development:
            raise Refused(
                "refused.setup",
                "setup: give a ceremony file, or ask for an unsafe development setup",
            )
        require_memory(f"making the key of class {size}", key_bytes(size, profile.slots))
        progress("setup")
        needed = powers_needed(size, profile.slots)
        setup = (
            unsafe_dev_setup(needed, algebra)
            if ptau is None
            else import_ceremony(
                ptau,
                algebra,
                length=needed,
                tau_g2=tau_g2,
                purpose=f"class {size} with profile {profile}",
                progress=progress,
            )
        )
        path = folder / SETUP_FILE
        make_folder(folder)
        if not path.exists():
            save_setup(setup, path, algebra)
        else:
            present = load_setup(path, algebra)
            if present.srs_id != setup.srs_id:
                raise Refused(
                    "refused.setup",
                    f"setup: {folder.name} holds another setup; use an empty folder",
                )
            if present.length < setup.length:
                save_setup(setup, path, algebra)
        keys = cls(folder, algebra)
        progress("keys")
        keys.proving_key(size, profile)
        return keys

    @cached_property
    def setup(self) -> Setup:
        """The setup of the folder; Unavailable, Malformed."""
        return load_setup(self.folder / SETUP_FILE, self.algebra)

    def proving_key(self, size: int, profile: Profile = Profile.FAST) -> ProvingKey:
        """
        Proving key of class n, with cached bases; Refused (`refused.memory`). Writes the verifying
        key beside it.
        """
        checked_class(size)
        require_memory(f"the key of class {size}", key_bytes(size, profile.slots))
        key = credential_key(self.setup, size, self.algebra, slots=profile.slots, cache=self.folder)
        path = self.verifying_key_path(size, profile)
        text = json.dumps(key.verifying.to_json(), indent=1) + "\n"
        if not path.exists() or path.read_text() != text:
            write_atomic(path, text.encode())
        return key

    def verifying_key_path(self, size: int, profile: Profile = Profile.FAST) -> Path:
        """Where the key of class n lies; there may be none yet."""
        return self.folder / (
            f"key-{size}.json" if profile is Profile.FAST else f"key-{size}-{profile}.json"
        )

    def log_basis(self, size: int) -> PointVector:
        """[L_i(tau)]: what a log of class n is committed with, from the cache as it is."""
        checked_class(size)
        return cached_bases(self.setup, size, 1, self.algebra, self.folder)[0]

    def verified_log_basis(self, size: int) -> PointVector:
        """
        The same for an attestor, who signs: verified against the setup; Malformed
        (`prover.keys.verified_basis`).
        """
        checked_class(size)
        return verified_basis(self.setup, size, self.algebra, self.folder)

    def verifying_key(self, size: int, profile: Profile = Profile.FAST) -> VerifyingKey:
        """The committed verifying key of class n, read and checked."""
        return load_key(self.verifying_key_path(size, profile), self.algebra)


def checked_class(size: int) -> int:
    """Refused (`refused.class`) with the classes that exist."""
    try:
        CURRENT.check_class(size)
    except ValueError:
        listed = ", ".join(f"{n} ({CURRENT.capacity(n)} records)" for n in CURRENT.sizes)
        raise Refused("refused.class", f"class: {size} is none; there are: {listed}") from None
    return size
