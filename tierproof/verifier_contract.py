"""
`python -m tierproof.verifier_contract --class 8192` writes the verifier contracts of a class on the
development setup, one a profile.

The committed files are what `development_verifier` gives; `--check` compares. Verifiers of real
setups are generated from their keys when they are deployed (`contracts.generator.generate`,
`contracts.build.compile.compile_generated`).
"""

from __future__ import annotations

import argparse
import sys
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

GENERATED = FOLDER / "src" / "generated"


def contract_name(size: int, profile: Profile = Profile.FAST) -> str:
    """`TierproofVerifier8192`, `TierproofVerifier8192Lean`."""
    return f"TierproofVerifier{size}" + ("" if profile is Profile.FAST else profile.capitalize())


def generated_path(size: int, profile: Profile = Profile.FAST) -> Path:
    """Where the verifier of a class and profile is committed."""
    return GENERATED / f"{contract_name(size, profile)}.sol"


def development_verifier(size: int, algebra: Algebra, profile: Profile = Profile.FAST) -> str:
    """Source of the verifier of class `size` for the key of the unsafe development setup."""
    setup = unsafe_dev_setup(powers_needed(size, profile.slots), algebra)
    return generate(
        credential_key(setup, size, algebra, slots=profile.slots).verifying,
        contract_name(size, profile),
    )


def main(arguments: list[str] | None = None) -> int:
    """Command line; exit status 0 written or equal, 1 any stale, 2 cannot be done."""
    from algebra.native_backend import native

    parser = argparse.ArgumentParser(
        prog="python -m tierproof.verifier_contract", description="Generate verifiers."
    )
    parser.add_argument(
        "--class", dest="size", type=int, required=True, help="rows, a power of two such as 8192"
    )
    labels = [profile.value for profile in Profile]
    parser.add_argument("--profile", choices=labels, help="one profile only (default: all)")
    parser.add_argument(
        "--check", action="store_true", help="compare with the committed files, write nothing"
    )
    options = parser.parse_args(arguments)
    chosen = [Profile(options.profile)] if options.profile else list(Profile)
    try:
        texts = {
            profile: development_verifier(options.size, native(), profile) for profile in chosen
        }
        if not options.check:
            for profile, text in texts.items():  # refuses one that no chain takes, before any file
                compile_generated(contract_name(options.size, profile), text)
    except TierproofError as error:
        print(f"error: {error.message}", file=sys.stderr)
        return error.exit_status
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    status = 0
    for profile, text in texts.items():
        path = generated_path(options.size, profile)
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
