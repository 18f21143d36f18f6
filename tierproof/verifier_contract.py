"""
`python -m tierproof.verifier_contract --class 8192` writes the verifier contracts of a class, one a
profile: on the development setup, and on the ceremony whose keys are committed.

The committed files are what `development_verifier` and `ceremony_verifier` give; `--check`
compares. With `--ptau FILE` the ceremony's keys are made from its file too, or compared with it.
Verifiers of other setups are generated from their keys when they are deployed
(`contracts.generator.generate`, `contracts.build.compile.compile_generated`).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from algebra.errors import TierproofError
from algebra.interface import Algebra
from contracts.build.artifact import FOLDER
from contracts.build.compile import compile_generated
from contracts.generator import generate
from prover.credential import credential_key
from prover.keys import powers_needed
from prover.profile import Profile
from prover.setup import unsafe_dev_setup
from tierproof.ceremony_keys import NAME, STATUS, committed_key, key_path, make_keys, write_keys
from verifier.key import VerifyingKey

GENERATED = FOLDER / "src" / "generated"


def contract_name(size: int, profile: Profile = Profile.FAST, ceremony: str = "") -> str:
    """`TierproofVerifier8192`, `TierproofVerifier8192Lean`, `TierproofVerifier8192LeanPpot0085`."""
    named = "" if profile is Profile.FAST else profile.capitalize()
    return f"TierproofVerifier{size}{named}{ceremony}"


def name_for(key: VerifyingKey, profile: Profile) -> str:
    """Name of the contract of a key's class and setup, where one is committed for that setup."""
    return contract_name(key.size, profile, NAME if key.setup_status == STATUS else "")


def generated_path(size: int, profile: Profile = Profile.FAST, ceremony: str = "") -> Path:
    """Where the verifier of a class, profile and setup is committed."""
    return GENERATED / f"{contract_name(size, profile, ceremony)}.sol"


def development_verifier(size: int, algebra: Algebra, profile: Profile = Profile.FAST) -> str:
    """Source of the verifier of class `size` for the key of the unsafe development setup."""
    setup = unsafe_dev_setup(powers_needed(size, profile.slots), algebra)
    return generate(
        credential_key(setup, size, algebra, slots=profile.slots).verifying,
        contract_name(size, profile),
    )


def ceremony_verifier(size: int, algebra: Algebra, profile: Profile = Profile.FAST) -> str:
    """
    The same for the committed key of the ceremony; Unavailable (`unavailable.ceremony_key`).
    """
    return generate(committed_key(size, profile, algebra), contract_name(size, profile, NAME))


def main(arguments: list[str] | None = None) -> int:
    """Command line; exit status 0 written or equal, 1 any stale, 2 cannot be done."""
    from algebra.native_backend import native

    options = _parser().parse_args(arguments)
    algebra = native()
    chosen = [Profile(options.profile)] if options.profile else list(Profile)
    status = 0
    for ceremony, source in (("", development_verifier), (NAME, ceremony_verifier)):
        try:
            if ceremony and options.ptau is not None:
                status |= _keys(options.size, Path(options.ptau), algebra, options.check)
            status |= _contracts(options, chosen, ceremony, source, algebra)
        except TierproofError as error:
            print(f"error: {error.message}", file=sys.stderr)
            return error.exit_status
        except ValueError as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tierproof.verifier_contract", description="Generate verifiers."
    )
    parser.add_argument(
        "--class", dest="size", type=int, required=True, help="rows, a power of two such as 8192"
    )
    labels = [profile.value for profile in Profile]
    parser.add_argument("--profile", choices=labels, help="one profile only (default: all)")
    parser.add_argument("--ptau", help=f"file of {STATUS}: make its keys again too")
    parser.add_argument(
        "--check", action="store_true", help="compare with the committed files, write nothing"
    )
    return parser


def _keys(size: int, ptau: Path, algebra: Algebra, check: bool) -> int:
    """Write the ceremony's keys, or compare them; 1 if any is stale."""
    keys = make_keys(size, ptau, algebra)
    if not check:
        write_keys(size, keys)
        return 0
    stale = [
        key_path(size, profile)
        for profile, key in keys.items()
        if committed_key(size, profile, algebra).digest != key.digest
    ]
    for path in stale:
        print(f"stale: {path.relative_to(FOLDER)}; run with --ptau and without --check")
    return int(bool(stale))


def _contracts(
    options: argparse.Namespace,
    profiles: Sequence[Profile],
    ceremony: str,
    source: Callable[[int, Algebra, Profile], str],
    algebra: Algebra,
) -> int:
    """Write the contracts of a setup, or compare them; 1 if any is stale."""
    texts = {profile: source(options.size, algebra, profile) for profile in profiles}
    if not options.check:
        for profile, text in texts.items():  # refuses one that no chain takes, before any file
            compile_generated(contract_name(options.size, profile, ceremony), text)
    status = 0
    for profile, text in texts.items():
        path = generated_path(options.size, profile, ceremony)
        if not options.check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(path.relative_to(FOLDER))
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            print(
                f"stale: {path.relative_to(FOLDER)}; run: python -m tierproof.verifier_contract "
                f"--class {options.size}"
            )
            status = 1
    return status


if __name__ == "__main__":
    raise SystemExit(main())
