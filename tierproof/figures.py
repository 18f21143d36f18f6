"""
What proving costs, from measurements on named machines: an estimate, not a promise.

`tierproof doctor` measures this machine once and keeps the figures in the user's cache; until then
the figures that came with the package stand in, and the answer names the machine they are from.
"""

from __future__ import annotations

import json
import os
from importlib.resources import files
from pathlib import Path
from typing import Any

from algebra.files import write_atomic
from prover.profile import Profile

PACKAGED = "figures.json"
"""Beside this file; `python -m benchmarks.publish` makes it from a kept run of `make bench`."""


def kept() -> Path:
    """Where `tierproof doctor` keeps this machine's figures."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "tierproof" / "figures.json"


def estimate_cost(size: int, profile: Profile = Profile.FAST) -> dict[str, Any]:
    """
    Seconds, bytes of memory and gas for class `size`, scaled from the nearest class that was
    measured with the profile.

    Parameters
    ----------
    size : class n, rows

    Returns
    -------
    `seconds`, `peak_bytes`, `gas_onboard`; `measured_on` the machine, `measured_here` whether it is
    this one. Gas does not hang on the machine.
    """
    packaged, here = _packaged(), _kept()
    found = _scaled(here, size, profile)
    own = found is not None
    seconds, peak = found or _scaled(packaged, size, profile) or (None, None)
    gas = _of(packaged, profile).get("gas", {}).get("onboard")
    return {
        "seconds": seconds,
        "peak_bytes": peak,
        "gas_onboard": gas,
        "measured_on": (here if own else packaged).get("machine"),
        "measured_here": own,
    }


def keep(machine: dict[str, Any], prove: dict[Profile, dict[str, dict[str, Any]]]) -> Path:
    """
    Keep what was measured here.

    Parameters
    ----------
    machine : of `tierproof.measure.proof.machine`
    prove : by profile and class, with `seconds` and `peak_bytes`

    Raises
    ------
    Unavailable
        `unavailable.file`.
    """
    document = {"machine": machine, "profiles": {p.value: {"prove": by} for p, by in prove.items()}}
    path = kept()
    write_atomic(path, json.dumps(document, indent=1).encode() + b"\n")
    return path


def _scaled(document: dict[str, Any], size: int, profile: Profile) -> tuple[float, int] | None:
    """Seconds and bytes from the nearest class of a document."""
    classes = {int(n): of for n, of in _of(document, profile).get("prove", {}).items()}
    if not classes:
        return None
    nearest = min(classes, key=lambda n: abs(n.bit_length() - size.bit_length()))
    scale, figures = size / nearest, classes[nearest]
    return round(float(figures["seconds"]) * scale, 1), int(figures["peak_bytes"] * scale)


def _of(document: dict[str, Any], profile: Profile) -> dict[str, Any]:
    return dict(document.get("profiles", {}).get(profile.value, {}))


def _packaged() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(files("tierproof").joinpath(PACKAGED).read_bytes())
    return document


def _kept() -> dict[str, Any]:
    """This machine's figures, or nothing: a missing or odd file must not stop an estimate."""
    try:
        document = json.loads(kept().read_bytes())
        for profile in Profile:
            _scaled(document, 8192, profile)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}
    return dict(document)
