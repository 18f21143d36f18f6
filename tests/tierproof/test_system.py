"""
What the system refuses is a refusal with a code and something to do: never a fault, never a
verdict, nothing half-written.
"""

from __future__ import annotations

import errno
import io
import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from algebra.codes import CATALOGUE, exit_status
from algebra.errors import Refused, Unavailable
from algebra.system import system_refusal
from tests.tierproof.conftest import ACCOUNT, PASSPHRASE, SIZE, Desk, run
from tierproof import commands

Capture = pytest.CaptureFixture[str]
Arguments = Callable[[Desk, Path], list[object]]


def outcome(capsys: Capture, arguments: list[object]) -> tuple[int, dict[str, Any]]:
    """Exit status and error document; a fault fails the test."""
    capsys.readouterr()
    status = run(*arguments, "--json")
    error: dict[str, Any] = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] in CATALOGUE and error["code"] != "fault", error
    assert error["hint"] and status == exit_status(error["code"])
    return status, error


# ---- inputs --------------------------------------------------------------------------------------
def verify(desk: Desk, **change: Path) -> list[object]:
    files = {"credential": desk.credential, "key": desk.key, "policy": desk.policy,
             "root": desk.root} | change  # fmt: skip
    named = [part for name in ("key", "policy", "root") for part in (f"--{name}", files[name])]
    place = ["--deployment", files["deployment"]] if "deployment" in files else desk.place()
    return ["verify", files["credential"], *named, *place, "--allow-setup", "development"]


def prove(desk: Desk, out: Path, **change: Path) -> list[object]:
    files = {"attestation": desk.attestation, "vault": desk.vault} | change
    more = [f"--{name}" if i == 0 else path for name, path in change.items()
            if name == "passphrase-file" for i in (0, 1)]  # fmt: skip
    return [
        "prove", files["attestation"], "--vault", files["vault"], "--policy", desk.policy,
        "--keys", change.get("keys", desk.keys), "--tier", "prime", "--account", ACCOUNT,
        "--out", out, *desk.place(), *more,
    ]  # fmt: skip


def attest(desk: Desk, job: Path, out: Path, key: Path | None = None) -> list[object]:
    signed = ["--key-file", key or desk.folder / "attestor-0.key"]
    return ["attest", job, *signed, "--keys", desk.keys, "--out", out]


INPUTS: dict[str, tuple[Callable[[Desk, Path, Path], list[object]], str]] = {
    "credential": (lambda desk, path, _: verify(desk, credential=path), "unavailable.file"),
    "key": (lambda desk, path, _: verify(desk, key=path), "unavailable.key"),
    "policy": (lambda desk, path, _: verify(desk, policy=path), "unavailable.file"),
    "root": (lambda desk, path, _: verify(desk, root=path), "unavailable.file"),
    "deployment": (
        lambda desk, path, _: verify(desk, deployment=path),
        "unavailable.deployment",
    ),
    "attestation": (lambda desk, path, out: prove(desk, out, attestation=path), "unavailable.file"),
    "vault": (lambda desk, path, out: prove(desk, out, vault=path), "unavailable.vault"),
    "passphrase": (
        lambda desk, path, _: [
            "identity", "--vault", desk.vault, "--venue", "x", "--passphrase-file", path,
        ],
        "unavailable.file",
    ),
    "job": (lambda desk, path, out: attest(desk, path, out), "unavailable.file"),
    "key file": (lambda desk, path, out: attest(desk, desk.job, out, path), "unavailable.file"),
    "ceremony": (
        lambda _, path, out: ["setup", "--ptau", path, "--keys", out],
        "unavailable.ptau",
    ),
    "disclosure": (
        lambda desk, path, _: [
            "verify-disclosure", path, "--key", desk.key, "--attestors", path,
        ],
        "unavailable.file",
    ),
}  # fmt: skip
"""Every file that a command reads: how it is named, and the code where it is not there."""


@pytest.mark.parametrize("name", INPUTS)
def test_an_input_that_cannot_be_read(
    desk: Desk, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    arguments, absent = INPUTS[name]
    out = tmp_path / "out"
    missing = tmp_path / "file-that-is-missing"
    _, error = outcome(capsys, arguments(desk, missing, out))
    assert error["code"] == absent and missing.name in error["message"]

    folder = tmp_path / "some-folder"
    folder.mkdir()
    _, error = outcome(capsys, arguments(desk, folder, out))
    assert error["code"] == "unavailable.not_a_file" and folder.name in error["message"]

    below = desk.policy / "below"
    _, error = outcome(capsys, arguments(desk, below, out))
    assert error["code"] == "unavailable.not_a_folder"

    closed = tmp_path / "closed"
    closed.write_text("{}")
    real = io.open

    def denied(path: Any, *more: Any, **options: Any) -> Any:
        if str(path) == str(closed):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return real(path, *more, **options)

    monkeypatch.setattr(io, "open", denied)
    _, error = outcome(capsys, arguments(desk, closed, out))
    assert error["code"] == "unavailable.permission" and closed.name in error["message"]
    assert not out.exists()


def test_folders_of_a_job_and_keys_that_are_not_there(
    desk: Desk, tmp_path: Path, capsys: Capture
) -> None:
    _, error = outcome(capsys, prove(desk, tmp_path / "c.json", keys=tmp_path / "none"))
    assert error["code"] == "unavailable.setup"
    _, error = outcome(capsys, prove(desk, tmp_path / "c.json", keys=desk.policy))
    assert error["code"] == "unavailable.not_a_folder"
    job = json.loads(desk.job.read_text())
    for part, file in (("statements", "instruments.csv"), ("bindings", "none")):
        changed = tmp_path / "job.json"
        changed.write_text(json.dumps(job | {part: "none"}))
        if part == "bindings":
            shutil.copytree(desk.folder / "statements", tmp_path / "statements")
        _, error = outcome(capsys, attest(desk, changed, tmp_path / "out"))
        assert error["code"] == "unavailable.file" and file in error["message"]


# ---- outputs -------------------------------------------------------------------------------------
OUTPUTS: dict[str, Callable[[Desk, Path], list[object]]] = {
    "vault": lambda _, out: ["identity", "--create", "--venue", "x", "--vault", out],
    "credential": prove,
    "disclosure": lambda desk, out: [
        "disclose", desk.attestation, "--row", 0, "--keys", desk.keys, "--out", out,
    ],
}  # fmt: skip
"""Every file that a command writes."""


@pytest.fixture
def quick_vaults(monkeypatch: pytest.MonkeyPatch) -> None:
    from prover import vault

    monkeypatch.setattr(vault, "hash_secret_raw", lambda *_, **__: bytes(32))


@pytest.mark.parametrize("name", ["vault", "disclosure"])
@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "unavailable.space"),
        (errno.EDQUOT, "unavailable.space"),
        (errno.EROFS, "unavailable.read_only"),
        (errno.EACCES, "unavailable.permission"),
        (errno.EIO, "unavailable.system"),
        (errno.EFBIG, "unavailable.write_limit"),
    ],
)
@pytest.mark.usefixtures("quick_vaults")
def test_an_output_that_the_disk_refuses(
    desk: Desk,
    tmp_path: Path,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    number: int,
    code: str,
) -> None:
    def refused(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refused)
    _, error = outcome(capsys, OUTPUTS[name](desk, tmp_path / "made"))
    assert error["code"] == code and "made" in error["message"]
    assert os.listdir(tmp_path) == []


@pytest.mark.usefixtures("quick_vaults")
def test_an_output_where_something_else_stands(desk: Desk, tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "file"
    file.write_text("here")
    for name, arguments in OUTPUTS.items():
        _, error = outcome(capsys, arguments(desk, file / "below"))
        assert error["code"] in ("unavailable.not_a_folder", "unavailable.folder"), name
    folder = tmp_path / "folder"
    folder.mkdir()
    _, error = outcome(capsys, OUTPUTS["disclosure"](desk, folder))
    assert error["code"] == "unavailable.not_a_file"
    for arguments in (
        [*attest(desk, desk.job, file), "--key-file", desk.folder / "attestor-1.key"],
        ["setup", "--unsafe-development", "--class", SIZE, "--keys", file],
    ):
        _, error = outcome(capsys, arguments)
        assert error["code"] == "unavailable.not_a_folder"
    assert file.read_text() == "here" and os.listdir(folder) == []


def test_no_further_file_may_be_opened(desk: Desk, capsys: Capture) -> None:
    """The real limit of this process."""
    arguments = ["disclose", desk.attestation, "--row", 0, "--keys", desk.keys]
    assert run(*arguments) == 0
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    spare = os.dup(0)
    os.close(spare)
    resource.setrlimit(resource.RLIMIT_NOFILE, (spare, before[1]))
    try:
        _, error = outcome(capsys, arguments)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert error["code"] == "unavailable.open_files"


def limited(limit: str, arguments: list[object]) -> tuple[int, dict[str, Any]]:
    """A command in a process with a limit of the shell."""
    words = [sys.executable, "-m", "tierproof.cli", *map(str, arguments), "--json"]
    done = subprocess.run(
        ["/bin/bash", "-c", f'ulimit {limit}; exec "$@"', "bash", *words],
        capture_output=True, text=True, check=False,
        env={**os.environ, "TIERPROOF_PASSPHRASE": PASSPHRASE},
    )  # fmt: skip
    error: dict[str, Any] = json.loads(done.stdout)["error"]
    return done.returncode, error


def test_a_file_that_may_not_be_written_whole(desk: Desk, tmp_path: Path) -> None:
    status, error = limited("-f 0", OUTPUTS["disclosure"](desk, tmp_path / "d.json"))
    assert (status, error["code"]) == (2, "unavailable.write_limit")
    assert os.listdir(tmp_path) == []


def test_argon2_without_its_memory(desk: Desk, tmp_path: Path) -> None:
    """Regression: "this should not happen: report". The process gets less than a vault costs."""
    vault = tmp_path / "v"
    code = (
        "import resource, sys\n"
        "from tierproof.cli import main\n"
        "from tierproof import commands\n"
        "used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (used + (200 << 20), resource.RLIM_INFINITY))\n"
        f"sys.exit(main(['identity', '--create', '--vault', {str(vault)!r}, '--venue', 'x', "
        "'--json']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False,
        env={**os.environ, "TIERPROOF_PASSPHRASE": PASSPHRASE},
    )  # fmt: skip
    error = json.loads(done.stdout)["error"]
    assert done.returncode == 2 and error["code"] == "refused.memory"
    assert "256 MiB" in error["message"] and error["needed"] == 256 << 20
    assert os.listdir(tmp_path) == []


def test_a_database_where_none_can_be(tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "file"
    file.write_text("here")
    for place, code in (
        (file / "s.sqlite", "unavailable.not_a_folder"),
        ("/proc/none/s.sqlite", "unavailable.folder"),
        (tmp_path, "unavailable.not_a_file"),
    ):
        _, error = outcome(capsys, ["serve", "--port", 0, "--database", f"sqlite:///{place}"])
        assert error["code"] == code


# ---- whatever a library passes on ----------------------------------------------------------------
@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (MemoryError(), "refused.memory"),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "refused.memory"),
        (RuntimeError("can't start new thread"), "refused.threads"),
        (BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"), "refused.threads"),
        (RecursionError("maximum recursion depth exceeded"), "refused.nesting"),
        (OSError(errno.ENOSPC, "No space left on device"), "unavailable.space"),
        (OSError(errno.EMFILE, "Too many open files", "/a/b"), "unavailable.open_files"),
        (PermissionError(errno.EPERM, "Operation not permitted", "/a/b"), "unavailable.permission"),
        (FileExistsError(errno.EEXIST, "File exists", "/a/b"), "unavailable.not_a_folder"),
        (OSError(errno.ELOOP, "Too many levels", "/a/b"), "unavailable.path"),
        (OSError(errno.ENAMETOOLONG, "File name too long", "/a/b"), "unavailable.path"),
        (OSError("without a number"), "unavailable.system"),
    ],
)
def test_the_system_is_no_fault(
    desk: Desk, capsys: Capture, monkeypatch: pytest.MonkeyPatch, raised: Exception, code: str
) -> None:
    def refused(*_: object) -> dict[str, Any]:
        raise raised

    known = commands.COMMANDS["verify"]
    monkeypatch.setitem(commands.COMMANDS, "verify", replace(known, run=refused))
    status, error = outcome(capsys, verify(desk))
    assert (status, error["code"]) == (2, code)
    assert "/a/b" not in error["message"]  # the name of a file is enough


def test_what_is_no_refusal_of_the_system() -> None:
    for error in (ValueError("x"), RuntimeError("x"), KeyError("x"), TimeoutError("x")):
        assert system_refusal(error) is None
    assert isinstance(system_refusal(MemoryError()), Refused)
    assert isinstance(system_refusal(OSError(errno.EROFS, "x")), Unavailable)


def test_the_limit_of_addresses_counts(tmp_path: Path) -> None:
    from tierproof.memory import available_bytes

    proc = tmp_path / "proc"
    (proc / "self").mkdir(parents=True)
    (proc / "meminfo").write_text("MemAvailable:    8000000 kB\n")
    (proc / "self" / "status").write_text("Name:\tpython\nVmSize:\t  100000 kB\n")
    (proc / "self" / "limits").write_text(
        "Limit                     Soft Limit           Hard Limit           Units     \n"
        "Max address space         1024000000           unlimited            bytes     \n"
    )
    assert available_bytes(tmp_path) == 1_024_000_000 - 1024 * 100_000
    (proc / "self" / "limits").write_text("Max address space  unlimited  unlimited  bytes\n")
    assert available_bytes(tmp_path) == 1024 * 8_000_000
