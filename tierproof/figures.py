"""
What proving costs, from a measurement on a named machine: an estimate, not a promise.

They come from `build/bench.json` (`make bench`); where nobody measured, the answer is None, never a
guess.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from prover.profile import Profile

BENCH = Path("build") / "bench.json"


def estimate_cost(
    size: int, profile: Profile = Profile.FAST, bench: Path = BENCH
) -> dict[str, Any]:
    """
    Seconds, bytes of memory and gas for class `size`, scaled from the nearest class that was
    measured with the profile.

    Returns
    -------
    `seconds`, `peak_bytes`, `gas_onboard`, each None where nothing was measured, and `measured_on`.
    """
    document = _load(bench)
    measured = (
        document if profile is Profile.FAST else document.get("profiles", {}).get(profile, {})
    )
    classes = {
        int(n): figures for n, figures in measured.get("prove", {}).items() if str(n).isdigit()
    }
    out: dict[str, Any] = {
        "seconds": None,
        "peak_bytes": None,
        "gas_onboard": None,
        "measured_on": None,
    }
    if classes:
        nearest = min(classes, key=lambda n: abs(n.bit_length() - size.bit_length()))
        scale = size / nearest
        figures = classes[nearest]
        out["seconds"] = round(float(figures["seconds"]) * scale, 1)
        out["peak_bytes"] = int(figures["peak_bytes"] * scale)
        out["measured_on"] = document.get("machine")
    gas = measured.get("gas")
    if isinstance(gas, dict):
        out["gas_onboard"] = gas.get("onboard")
    return out


def _load(bench: Path) -> dict[str, Any]:
    """The file, or nothing: a missing or odd file must not stop an estimate."""
    try:
        document = json.loads(bench.read_text())
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}
