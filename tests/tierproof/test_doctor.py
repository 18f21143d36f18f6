"""
`tierproof doctor` says what is there and what to do about what is not; its figures serve estimates.
"""

from __future__ import annotations

import importlib.util
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from algebra.errors import TierproofError, Unavailable
from prover.profile import Profile
from tests.tierproof.conftest import run
from tierproof import doctor
from tierproof.figures import estimate_cost


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def examine(*, measure: bool = False) -> tuple[dict[str, Any], TierproofError | None]:
    return doctor.examine(measure=measure, progress=lambda _: None)


def look(*, measure: bool = False) -> dict[str, Any]:
    return examine(measure=measure)[0]


def row(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(row for row in document["checks"] if row["name"] == name)
    return found


@pytest.mark.parametrize(
    "profiles", [[Profile.FAST], pytest.param(list(Profile), marks=pytest.mark.slow)]
)
def test_a_measurement_serves_the_next_estimate(
    profiles: list[Profile], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each profile is a proof in a process of its own: here one stands for both, both slow."""
    measured = cache(doctor._measure)
    monkeypatch.setattr(
        doctor, "_measure", lambda each: measured(each if each in profiles else profiles[0])
    )
    assert not estimate_cost(8192)["measured_here"]
    document = look(measure=True)
    assert document["ready"] and Path(document["kept"]).is_file()
    for profile in Profile:
        cost = estimate_cost(8192, profile)
        assert cost["measured_here"] and cost["measured_on"] == document["machine"]
        assert cost["peak_bytes"] == document["figures"][profile.value]["peak_bytes"]
    assert look()["kept"] == document["kept"]


@pytest.mark.parametrize(("extra", "libraries"), [(e, of[0]) for e, of in doctor.PARTS.items()])
def test_a_missing_library_names_its_extra(
    monkeypatch: pytest.MonkeyPatch, extra: str, libraries: tuple[str, ...]
) -> None:
    def spec(name: str) -> Any:
        return None if name == libraries[-1] else importlib.util.find_spec(name)

    monkeypatch.setattr(doctor, "find_spec", spec)
    found = row(look(), f"extra {extra}")
    assert not found["ok"] and libraries[-1] in found["found"]
    assert f"tierproof[{extra}]" in found["hint"]
    assert look()["ready"]  # other commands work


def _no_kernels() -> Any:
    raise Unavailable("unavailable.native", "the native module is not built")


def test_without_kernels_nothing_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "fast_algebra", _no_kernels)
    document, trouble = examine(measure=True)
    assert trouble is not None and trouble.code == "unavailable.native"
    assert not document["ready"] and "figures" not in document
    assert "make setup" in row(document, "native kernels")["hint"]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("LEAST_PYTHON", (99, 0), "unavailable.python"),
        ("fast_algebra", _no_kernels, "unavailable.native"),
        ("available_bytes", lambda: 1 << 20, "refused.memory"),
    ],
)
def test_what_every_command_needs_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: Any,
    code: str,
) -> None:
    """Status 2 and the code of the lack; the other checks are shown all the same."""
    monkeypatch.setattr(doctor, name, value)
    assert run("doctor", "--quick") == 2
    said = capsys.readouterr()
    assert "ready: no" in said.out and "name: node" in said.out and f"[{code}]" in said.err
    assert run("doctor", "--quick", "--json") == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] == code and not error["ready"]
    assert [check["code"] for check in error["checks"] if "code" in check] == [code]


def test_a_library_that_some_commands_need_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "find_spec", lambda _: None)
    assert run("doctor", "--quick") == 0


@pytest.mark.parametrize("said", ["", "v18.1.0", "no version"])
def test_node_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    if said:
        node = tmp_path / "node"
        node.write_text(f"#!/bin/sh\necho '{said}'\n")
        node.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = row(look(), "node")
    assert not found["ok"] and "Node.js 20" in found["hint"]


def test_a_proof_that_does_not_end_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.sys, "executable", "/bin/false")
    with pytest.raises(Unavailable) as caught:
        look(measure=True)
    assert caught.value.code == "unavailable.measure"
