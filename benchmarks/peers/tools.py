"""Building and calling the peers; each call is a process of its own that prints one JSON object."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
BUILT = Path("build/peers").resolve()


class PeerMissing(Exception):
    """A peer cannot be measured here; the message says what is needed."""


def call(command: Sequence[str | Path], folder: Path | None = None) -> dict[str, Any]:
    """The JSON object that `command` prints; PeerMissing with its last words if it fails."""
    done = subprocess.run(
        [str(word) for word in command], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        words = done.stderr.strip().splitlines() or [
            f"killed by signal {-done.returncode}: too little memory?"
        ]
        raise PeerMissing(f"{Path(command[0]).name}: exit {done.returncode}: {words[-1]}")
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def build(tool: str, hint: str, command: Sequence[str], folder: Path) -> None:
    """Run a build step in `folder`."""
    if shutil.which(tool) is None:
        raise PeerMissing(f"{tool} is not installed ({hint})")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PeerMissing(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr[-2000:]}")


class Gnark:
    """gnark and gnark-crypto (benchmarks/peers/gnark)."""

    def __init__(self) -> None:
        self.program = BUILT / "gnark"
        build(
            "go", "Go 1.26 or later", ["go", "build", "-o", str(self.program), "."], HERE / "gnark"
        )

    def kernels(self, log: int, runs: int) -> dict[str, Any]:
        """Seconds of the peer's kernels at 2^log by name, of `runs` runs each, and its versions."""
        return call([self.program, "kernels", "-log", str(log), "-runs", str(runs)])

    def prove(self, system: str, records: int, runs: int) -> dict[str, Any]:
        """`system` is groth16 or plonk."""
        return call(
            [self.program, "prove", "-system", system, "-records", str(records), "-runs", str(runs)]
        )


class Arkworks:
    """arkworks 0.6 (benchmarks/peers/arkworks)."""

    def __init__(self) -> None:
        target = BUILT / "arkworks"
        command = ["cargo", "build", "--release", "--locked", "--target-dir", str(target)]
        build("cargo", "Rust 1.89 or later", command, HERE / "arkworks")
        self.program = target / "release" / "tierproof-peer-arkworks"

    def kernels(self, log: int, runs: int) -> dict[str, Any]:
        """Seconds of the peer's kernels at 2^log by name, of `runs` runs each, and its versions."""
        return call([self.program, str(log), str(runs)])

    @staticmethod
    def versions() -> dict[str, str]:
        """Of ark-ec and ark-poly, as locked."""
        packages = (HERE / "arkworks" / "Cargo.lock").read_text().split("[[package]]")
        lines = [
            dict(line.split(" = ") for line in package.splitlines() if " = " in line)
            for package in packages
        ]
        wanted = {'"ark-ec"', '"ark-poly"', '"ark-bn254"'}
        return {
            line["name"].strip('"'): line["version"].strip('"')
            for line in lines
            if line.get("name") in wanted
        }


class Snarkjs:
    """snarkjs (benchmarks/peers/snarkjs)."""

    def __init__(self) -> None:
        self.folder = HERE / "snarkjs"
        command = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]
        build("npm", "Node.js 20 or later with npm", command, self.folder)

    def kernels(self, log: int, runs: int) -> dict[str, Any]:
        """Seconds of the peer's kernels at 2^log by name, of `runs` runs each, and its versions."""
        return call(["node", "kernels.js", str(log), str(runs)], self.folder)


def our_kernels(log: int, runs: int) -> dict[str, Any]:
    """Figures of benchmarks.kernels."""
    return call([sys.executable, "-m", "benchmarks.kernels", str(log), str(runs)])


def our_proof(n: int, runs: int) -> dict[str, Any]:
    """Figures of a whole proof of class n, a full log (benchmarks.run)."""
    return call([sys.executable, "-m", "benchmarks.run", "--class", str(n), "--runs", str(runs)])
