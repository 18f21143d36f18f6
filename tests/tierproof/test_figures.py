"""An estimate's cost comes from a measurement of the same profile, or is not given."""

from __future__ import annotations

import json
from pathlib import Path

from prover.profile import Profile
from tierproof.figures import estimate_cost


def test_each_profile_has_its_own_figures(tmp_path: Path) -> None:
    bench = tmp_path / "bench.json"
    fast = {"prove": {"8192": {"seconds": 1.0, "peak_bytes": 100}}, "gas": {"onboard": 7}}
    lean = {"prove": {"8192": {"seconds": 1.5, "peak_bytes": 200}}, "gas": {"onboard": 5}}
    bench.write_text(json.dumps({"machine": {"cpu": "some"}, **fast, "profiles": {"lean": lean}}))
    expected = {"seconds": 2.0, "peak_bytes": 200, "gas_onboard": 7, "measured_on": {"cpu": "some"}}
    assert estimate_cost(16384, Profile.FAST, bench) == expected
    assert estimate_cost(16384, Profile.LEAN, bench) == expected | {
        "seconds": 3.0,
        "peak_bytes": 400,
        "gas_onboard": 5,
    }


def test_what_nobody_measured_is_none(tmp_path: Path) -> None:
    bench = tmp_path / "bench.json"
    nothing = {"seconds": None, "peak_bytes": None, "gas_onboard": None, "measured_on": None}
    assert estimate_cost(8192, Profile.LEAN, bench) == nothing
    bench.write_text(
        json.dumps({"machine": {}, "prove": {"8192": {"seconds": 1.0, "peak_bytes": 100}}})
    )
    assert estimate_cost(8192, Profile.LEAN, bench) == nothing
