"""
Compile the contracts: `python -m contracts.build` writes the artifacts, `--check` compares with the
committed ones.

The compiler is npm's solc, pinned in `package-lock.json`; install it with
`npm ci --prefix contracts`.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from algebra.errors import Refused, TierproofError, Unavailable
from contracts.build.artifact import FOLDER, Artifact, read_artifact

ARTIFACT_FOLDERS = ("artifacts", "example-artifacts", "test-artifacts")
COMPILE_SECONDS = 600
TOO_LARGE = 3
"""Exit status of compile.js where a contract is larger than a chain takes."""


def compile_contracts(out: Path | None = None) -> list[Path]:
    """
    Compile every source and write one artifact a contract below `out` (default: where they are
    committed).

    Returns
    -------
    The files written.

    Raises
    ------
    Unavailable
        `unavailable.compiler`: node or the npm packages are missing.
    Refused
        `refused.compile`: the compiler reports an error or a warning; its text is in the message.
        `refused.code_size`: a contract is larger than a chain takes; nothing of it is written.
    """
    return _run_compiler((out or FOLDER).resolve())


def compile_generated(name: str, source: str) -> Artifact:
    """
    Compile the source of one generated verifier, as it would be in `src/generated`, and leave
    nothing behind.

    Parameters
    ----------
    name : of the contract. source : from `contracts.generator.generate`.

    Raises
    ------
    Unavailable, Refused
        As `compile_contracts`.
    """
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / f"{name}.sol"
        path.write_text(source, encoding="utf-8")
        _run_compiler(Path(scratch), "--generated", str(path))
        return read_artifact(Path(scratch) / f"{name}.json")


def _run_compiler(folder: Path, *options: str) -> list[Path]:
    node = shutil.which("node")
    if node is None:
        raise Unavailable(
            "unavailable.compiler", "node is not installed; the contracts need Node.js 20 or later"
        )
    if not (FOLDER / "node_modules" / "solc").is_dir():
        raise Unavailable(
            "unavailable.compiler", "the compiler is not installed; run: npm ci --prefix contracts"
        )
    command = [node, str(FOLDER / "build" / "compile.js"), "--out", str(folder), *options]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=COMPILE_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise Unavailable(
            "unavailable.compiler", f"the compiler took more than {COMPILE_SECONDS} s"
        ) from None
    if done.returncode == TOO_LARGE:
        raise Refused("refused.code_size", done.stderr.strip())
    if done.returncode != 0:
        raise Refused(
            "refused.compile", done.stderr.strip() or "the compiler failed without a message"
        )
    return [folder / line for line in done.stdout.splitlines()]


def stale_artifacts() -> list[str]:
    """
    Compile into a temporary folder and name every committed artifact that differs, is missing or is
    too many.
    """
    with tempfile.TemporaryDirectory() as scratch:
        compile_contracts(Path(scratch))
        fresh, committed = _contents(Path(scratch)), _contents(FOLDER)
    return sorted(
        name for name in fresh.keys() | committed.keys() if fresh.get(name) != committed.get(name)
    )


def _contents(root: Path) -> dict[str, bytes]:
    return {
        f"{folder}/{path.name}": path.read_bytes()
        for folder in ARTIFACT_FOLDERS
        for path in (root / folder).glob("*.json")
    }


def main(arguments: list[str] | None = None) -> int:
    """Command line; exit status 0 done or equal, 1 stale, 2 cannot be done."""
    parser = argparse.ArgumentParser(
        prog="python -m contracts.build", description="Compile the contracts."
    )
    parser.add_argument(
        "--check", action="store_true", help="compare with the committed artifacts, write nothing"
    )
    options = parser.parse_args(arguments)
    try:
        if options.check:
            stale = stale_artifacts()
            for name in stale:
                print(f"stale: {name}")
            return 1 if stale else 0
        for path in compile_contracts():
            print(path.relative_to(FOLDER))
        return 0
    except TierproofError as error:
        print(f"error: {error.message}", file=sys.stderr)
        return error.exit_status


if __name__ == "__main__":
    raise SystemExit(main())
