"""
`python -m tierproof.verifier_contract --class 8192` writes the verifier contract of a class on the development setup.

The committed file is what `development_verifier` gives; `--check` compares. Verifiers of real setups are generated from their
keys when they are deployed (`contracts.generator.generate`, `contracts.build.compile_generated`).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from algebra.errors import TierproofError
from algebra.interface import Algebra
from contracts.artifact import FOLDER
from contracts.generator import generate
from prover.credential import SLOTS, credential_key
from prover.keys import powers_needed
from prover.setup import unsafe_dev_setup

GENERATED = FOLDER / "src" / "generated"


def contract_name(size: int) -> str:
    return f"TierproofVerifier{size}"


def generated_path(size: int) -> Path:
    """Where the verifier of a class is committed."""
    return GENERATED / f"{contract_name(size)}.sol"


def development_verifier(size: int, algebra: Algebra, *, slots: int = SLOTS) -> str:
    """Source of the verifier of class `size` for the key of the unsafe development setup."""
    setup = unsafe_dev_setup(powers_needed(size, slots), algebra)
    return generate(credential_key(setup, size, algebra, slots=slots).verifying, contract_name(size))


def main(arguments: list[str] | None = None) -> int:
    """Command line; exit status 0 written or equal, 1 stale, 2 cannot be done."""
    from algebra.native_backend import native

    parser = argparse.ArgumentParser(prog="python -m tierproof.verifier_contract", description="Generate a verifier.")
    parser.add_argument("--class", dest="size", type=int, required=True, help="rows, a power of two such as 8192")
    parser.add_argument("--slots", type=int, default=SLOTS, help=f"columns to a commitment (default {SLOTS})")
    parser.add_argument("--check", action="store_true", help="compare with the committed file, write nothing")
    options = parser.parse_args(arguments)
    try:
        text = development_verifier(options.size, native(), slots=options.slots)
    except TierproofError as error:
        print(f"error: {error.message}", file=sys.stderr)
        return error.exit_status
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    path = generated_path(options.size)
    if options.check:
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            return 0
        print(f"stale: {path.relative_to(FOLDER)}; run: python -m tierproof.verifier_contract --class {options.size}")
        return 1
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    print(path.relative_to(FOLDER))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
