"""An estimate's cost comes from a measurement of the same profile, on a machine that it names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import publish
from prover.profile import Profile
from tierproof.figures import estimate_cost, keep, kept

PACKAGED = json.loads(publish.FIGURES.read_text())


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return kept()


def test_the_package_s_figures_are_those_of_the_kept_run() -> None:
    assert publish.figures() == PACKAGED


@pytest.mark.parametrize("profile", list(Profile))
def test_without_a_measurement_the_package_s_machine_is_named(profile: Profile) -> None:
    figures = PACKAGED["profiles"][profile.value]
    cost = estimate_cost(8192, profile)
    assert cost == {
        "seconds": round(figures["prove"]["8192"]["seconds"], 1),
        "peak_bytes": figures["prove"]["8192"]["peak_bytes"],
        "gas_onboard": figures["gas"]["onboard"],
        "measured_on": PACKAGED["machine"],
        "measured_here": False,
    }
    large = estimate_cost(1 << 20, profile)
    assert large["seconds"] > 50 and large["peak_bytes"] > 1 << 32


def test_what_was_measured_here_comes_first(cache: Path) -> None:
    figures = {"8192": {"seconds": 1.0, "peak_bytes": 100}}
    assert keep({"cpu": "mine"}, {Profile.FAST: figures}) == cache
    cost = estimate_cost(16384)
    assert (cost["seconds"], cost["peak_bytes"]) == (2.0, 200)
    assert cost["measured_on"] == {"cpu": "mine"} and cost["measured_here"]
    assert cost["gas_onboard"] == PACKAGED["profiles"]["fast"]["gas"]["onboard"]
    assert not estimate_cost(16384, Profile.LEAN)["measured_here"]  # of that, nothing was measured


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"7",
        b'{"profiles": 3}',
        b'{"profiles": {"fast": {"prove": {"x": {}}}}}',
        b'{"profiles": {"fast": {"prove": {"8192": {}}}}}',
    ],
)
def test_an_odd_file_stops_no_estimate(cache: Path, content: bytes) -> None:
    cache.parent.mkdir(parents=True)
    cache.write_bytes(content)
    assert not estimate_cost(8192)["measured_here"]


def test_figures_do_not_hang_on_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = estimate_cost(8192)
    monkeypatch.chdir(tmp_path)
    assert estimate_cost(8192) == before
