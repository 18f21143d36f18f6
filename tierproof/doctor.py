"""
`tierproof doctor`: what this machine has, what it lacks for which command, and what a proof costs
on it. Measured once, kept for every later estimate.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

from algebra.codes import row_of
from algebra.errors import Refused, TierproofError, Unavailable
from prover.profile import Profile
from tierproof import __version__
from tierproof.backends import fast_algebra
from tierproof.figures import keep, kept
from tierproof.measure.proof import machine
from tierproof.memory import available_bytes, proving_bytes

LEAST_PYTHON, LEAST_NODE = (3, 11), 20
SIZE = 8192
"""Class that is measured; others are scaled from it."""
MEASURE_SECONDS = 300
PARTS = {
    "reference": (("galois", "py_ecc"), "verify --independent"),
    "attest": (("eth_account",), "attest"),
    "chain": (("web3",), "deploy, onboard, terms"),
    "evm": (("eth", "eth_tester"), "demo"),
    "picture": (("matplotlib",), "estimate --picture"),
    "service": (("fastapi", "sqlalchemy", "uvicorn"), "serve"),
}
"""Libraries by extra, and what needs them."""


def examine(
    *, measure: bool, progress: Callable[[str], None]
) -> tuple[dict[str, Any], TierproofError | None]:
    """
    Look at this machine.

    Parameters
    ----------
    measure : also prove on it, with each profile, and keep the figures

    Returns
    -------
    - `checks`: name, whether it is `ok`, what was found, and where it is not, what to do.
      `figures`: seconds and peak memory of a proof of class 8192 by profile, and where they are
      kept.
    - The error of the first check that fails though every command needs it; None where it is
      `ready`.

    Raises
    ------
    Unavailable
        `unavailable.file`: the figures cannot be kept; `unavailable.measure`: no proof came.
    """
    progress("looking")
    needed, trouble = _needed()
    document: dict[str, Any] = {
        "version": __version__,
        "machine": machine(),
        "checks": [*needed, *_useful()],
        "ready": trouble is None,
    }
    if measure and trouble is None:
        found: dict[Profile, dict[str, dict[str, Any]]] = {}
        for profile in Profile:
            progress(f"proving class {SIZE}, profile {profile.value}")
            figures = _measure(profile)
            found[profile] = {str(SIZE): {n: figures[n] for n in ("seconds", "peak_bytes")}}
        document["figures"] = {
            profile.value: {"seconds": round(of["seconds"], 2), "peak_bytes": of["peak_bytes"]}
            for profile, by in found.items()
            for of in by.values()
        }
        document["kept"] = str(keep(document["machine"], found))
    elif kept().is_file():
        document["kept"] = str(kept())
    return document, trouble


def _needed() -> tuple[list[dict[str, Any]], TierproofError | None]:
    """What every command needs, each with the code of its lack; and the first lack."""
    rows, first = [], None
    looks = {"python": _python, "native kernels": _kernels, "memory": _memory}
    for name, look in looks.items():
        row = {"name": name, "ok": True, "needed": True}
        try:
            rows.append({**row, "found": look()})
        except TierproofError as error:
            first = first or error
            found = {"found": error.message, "code": error.code, "hint": row_of(error.code).hint}
            rows.append({**row, "ok": False, **found})
    return rows, first


def _python() -> str:
    version = platform.python_version()
    if sys.version_info < LEAST_PYTHON:
        least = ".".join(map(str, LEAST_PYTHON))
        raise Unavailable("unavailable.python", f"Python is {version}, {least} or later is needed")
    return version


def _kernels() -> str:
    fast_algebra()
    from algebra.native_backend import kernel_info

    info = kernel_info()
    return f"kernels {info['vectors']}, {info['threads']} threads"


def _memory() -> str:
    free, wanted = available_bytes(), proving_bytes(SIZE, Profile.FAST.slots)
    if free is None:
        return "not known"
    said = f"{free >> 20} MiB free, class {SIZE} needs {wanted >> 20}"
    if free < wanted:
        raise Refused("refused.memory", said)
    return said


def _useful() -> Iterator[dict[str, Any]]:
    """What some commands need."""

    def row(name: str, ok: bool, found: str, hint: str) -> dict[str, Any]:
        out = {"name": name, "ok": ok, "needed": False, "found": found}
        return out if ok else {**out, "hint": hint}

    for extra, (libraries, commands) in PARTS.items():
        missing = [name for name in libraries if find_spec(name) is None]
        said = f"missing: {', '.join(missing)}" if missing else f"for {commands}"
        hint = f"for {commands}: pip install 'tierproof[{extra}]'"
        yield row(f"extra {extra}", not missing, said, hint)
    version = _node()
    major = int(version.lstrip("v").split(".")[0]) if version else 0
    hint = f"install Node.js {LEAST_NODE} or later: contracts are compiled with it"
    yield row("node", major >= LEAST_NODE, version or "not found", hint)


def _node() -> str:
    """Version of Node.js, empty where there is none."""
    node = shutil.which("node")
    if node is None:
        return ""
    try:
        done = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = done.stdout.strip()
    return found if found.lstrip("v").split(".")[0].isdigit() else ""


def _measure(profile: Profile) -> dict[str, Any]:
    """A proof in a process of its own, so that its peak of memory is its own."""
    module, size = "tierproof.measure.proof", str(SIZE)
    command = [sys.executable, "-m", module, "--class", size, "--profile", profile.value]
    path = os.pathsep.join(sys.path)  # what this process imports, the other one must find
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=MEASURE_SECONDS,
            env={**os.environ, "PYTHONPATH": path},
        )
        figures: dict[str, Any] = json.loads(done.stdout)
    except (OSError, subprocess.TimeoutExpired, ValueError):
        raise Unavailable(
            "unavailable.measure", f"doctor: the proof of class {SIZE} did not end"
        ) from None
    return figures
