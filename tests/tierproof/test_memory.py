"""
Too little memory is refused before the work starts; what is there is read from the system and its
control groups.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from algebra.errors import Refused
from prover.profile import Profile
from tests.tierproof.conftest import ACCOUNT, SIZE, Desk, run
from tierproof import estimates, fast_algebra, memory
from tierproof.keys_folder import KeysFolder
from tierproof.memory import available_bytes, key_bytes, proving_bytes, require_memory

ROOT = Path(__file__).resolve().parents[2]
MIB = 1 << 20


def tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


MEMINFO = {"proc/meminfo": "MemTotal:  8192 kB\nMemFree:  100 kB\nMemAvailable:  4096 kB\n"}
SYSTEM = 4 * MIB


def version2(
    limit: str, used: int, *, path: str = "/a/b", at: str = "/a/b", files: int = 0
) -> dict[str, str]:
    folder = f"sys/fs/cgroup{at}"
    return {
        "proc/self/cgroup": f"0::{path}\n",
        f"{folder}/memory.max": f"{limit}\n",
        f"{folder}/memory.current": f"{used}\n",
        f"{folder}/memory.stat": f"anon 1\nactive_file {files // 2}\n"
        f"inactive_file {files - files // 2}\n",
    }


def version1(limit: int, used: int, *, files: int = 0, hierarchy: int = 0) -> dict[str, str]:
    folder = "sys/fs/cgroup/memory/job"
    return {
        "proc/self/cgroup": "9:name=systemd:/\n5:cpu,memory:/job\n3:cpuset:/\n0::/\n",
        f"{folder}/memory.limit_in_bytes": f"{limit}\n",
        f"{folder}/memory.usage_in_bytes": f"{used}\n",
        f"{folder}/memory.stat": f"inactive_file {hierarchy}\n"
        f"total_inactive_file {files}\ntotal_active_file 0\n",
    }


@pytest.mark.parametrize(
    ("files", "want"),
    [
        ({}, None),
        ({"proc/meminfo": "MemTotal:  8192 kB\n"}, None),
        (MEMINFO, SYSTEM),
        (MEMINFO | version2("3145728", MIB), 2 * MIB),
        (MEMINFO | version2("3145728", MIB, files=MIB // 2), 2 * MIB + MIB // 2),
        (MEMINFO | version2("3145728", MIB, at="/a"), 2 * MIB),
        (MEMINFO | version2("3145728", MIB, path="/elsewhere/on/the/host", at=""), 2 * MIB),
        (MEMINFO | version2("1048576", 2 * MIB), 0),
        (MEMINFO | version2("max", MIB), SYSTEM),
        (MEMINFO | version2("1073741824", MIB), SYSTEM),
        (version2("3145728", MIB), 2 * MIB),
        (MEMINFO | version1(3 * MIB, MIB), 2 * MIB),
        (MEMINFO | version1(3 * MIB, MIB, files=MIB // 2, hierarchy=MIB), 2 * MIB + MIB // 2),
        (MEMINFO | version1(9223372036854771712, MIB), SYSTEM),
    ],
)
def test_what_is_available(tmp_path: Path, files: dict[str, str], want: int | None) -> None:
    assert available_bytes(tree(tmp_path, files)) == want


def test_the_tightest_group_counts(tmp_path: Path) -> None:
    files = (
        version2("3145728", MIB, at="/a/b")
        | version2("2097152", MIB, at="/a")
        | version2("max", MIB, at="")
    )
    assert available_bytes(tree(tmp_path, MEMINFO | files)) == MIB


def test_this_machine_is_read() -> None:
    if not Path("/proc/meminfo").exists():
        pytest.skip("not Linux")
    total = int(Path("/proc/meminfo").read_text().split()[1]) * 1024
    found = available_bytes()
    assert found is not None and 0 < found < total


def leave(monkeypatch: pytest.MonkeyPatch, count: int | None) -> None:
    monkeypatch.setattr(memory, "available_bytes", lambda: count)


def test_both_sides_of_the_border(monkeypatch: pytest.MonkeyPatch) -> None:
    needed = proving_bytes(1 << 16, 4)
    for enough in (needed, needed + 1, None):
        leave(monkeypatch, enough)
        require_memory("proving class 65536", needed)
    leave(monkeypatch, needed - 1)
    with pytest.raises(Refused) as caught:
        require_memory("proving class 65536", needed)
    assert caught.value.code == "refused.memory" and caught.value.exit_status == 2
    assert caught.value.fields == {"needed": needed, "available": needed - 1}
    assert "proving class 65536 needs about" in str(caught.value)


def test_the_figures_grow_with_rows_and_columns() -> None:
    for slots in (4, 8):
        for figure in (proving_bytes, key_bytes):
            first, second, third = (figure(1 << bits, slots) for bits in (13, 14, 15))
            assert third - second == 2 * (second - first) > 0
        assert key_bytes(1 << 13, slots) < proving_bytes(1 << 13, slots)
    assert proving_bytes(1 << 20, 8) > proving_bytes(1 << 20, 4)


def test_no_key_is_begun_without_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "keys"
    leave(monkeypatch, key_bytes(1 << 20, 4) - 1)
    with pytest.raises(Refused) as caught:
        KeysFolder.create(folder, fast_algebra(), size=1 << 20, unsafe_development=True)
    assert caught.value.code == "refused.memory" and not folder.exists()
    with pytest.raises(Refused) as caught:
        KeysFolder(folder, fast_algebra()).proving_key(1 << 20)
    assert caught.value.code == "refused.memory"  # and not unavailable.setup: memory comes first


def test_prove_is_refused_on_the_command_line(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    needed = proving_bytes(SIZE, Profile.FAST.slots)
    leave(monkeypatch, needed - 1)
    arguments = [
        "prove",
        desk.attestation,
        "--keys",
        desk.keys,
        "--vault",
        desk.vault,
        "--policy",
        desk.policy,
        "--tier",
        "prime",
        "--account",
        ACCOUNT,
        *desk.place(),
        "--out",
        tmp_path / "credential.json",
    ]
    assert run(*arguments, "--json") == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert (error["code"], error["needed"], error["available"]) == (
        "refused.memory",
        needed,
        needed - 1,
    )
    assert "memory" in error["hint"] and not (tmp_path / "credential.json").exists()


def test_estimate_shows_what_is_needed_and_there(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        estimates, "available_bytes", lambda: 5
    )  # an estimate says so and is not refused
    for profile in Profile:
        arguments = [
            "estimate",
            desk.attestation,
            "--keys",
            desk.keys,
            "--policy",
            desk.policy,
            "--profile",
            profile,
        ]
        assert run(*arguments, "--json") == 0
        answer = json.loads(capsys.readouterr().out)
        assert answer["memory_needed_bytes"] == proving_bytes(SIZE, profile.slots)
        assert answer["memory_available_bytes"] == 5


@pytest.mark.slow
@pytest.mark.parametrize("slots", [4, 8])
def test_a_proof_takes_what_the_figure_says(slots: int) -> None:
    """
    Peak of a process that makes a key and proves a full log: below the figure, and not far below.
    """
    n = 1 << 14
    command = [
        sys.executable,
        "-m",
        "benchmarks.run",
        "--class",
        str(n),
        "--slots",
        str(slots),
        "--runs",
        "0",
    ]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    peak = json.loads(done.stdout)["peak_bytes"]
    assert 0.75 * proving_bytes(n, slots) < peak < proving_bytes(n, slots)
