"""
Exit status against the state of the standard streams, each command in a process of its own: nothing
but acceptance is 0, nothing but a verdict is 1 (docs/reference/interfaces.md 1.1, 1.2).
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from algebra.codes import exit_status
from tests.tierproof.conftest import CHAIN_ID, Desk, run
from tierproof import commands

OUTPUTS = ["open", "closed", "full", "nobody reads"]
Capture = pytest.CaptureFixture[str]


@contextmanager
def redirected(stdout: str, stderr: str) -> Iterator[tuple[str, list[int]]]:
    """Redirections of a shell, and the descriptors that it needs for them."""
    reader, writer = os.pipe()
    os.close(reader)
    target = {"closed": ">&-", "full": ">/dev/full", "nobody reads": f">&{writer}"}
    words = [f"{number}{target[state]}" for number, state in ((1, stdout), (2, stderr))
             if state != "open"]  # fmt: skip
    try:
        yield " ".join(words), [writer]
    finally:
        os.close(writer)


def command(
    arguments: list[object], stdout: str = "open", stderr: str = "open", **variables: str
) -> subprocess.CompletedProcess[str]:
    """A command whose stdin is closed, and whose other streams are as said."""
    words = [sys.executable, "-m", "tierproof.cli", *map(str, arguments)]
    with redirected(stdout, stderr) as (redirection, kept):
        return subprocess.run(
            ["/bin/bash", "-c", f'exec "$@" <&- {redirection}', "bash", *words],
            capture_output=True, text=True, check=False, pass_fds=kept,
            env={**os.environ, "PYTHONUNBUFFERED": "", **variables},
        )  # fmt: skip


def verify(desk: Desk, *, valid: bool, as_json: bool) -> list[object]:
    files = ["--key", desk.key, "--policy", desk.policy, "--root", desk.root]
    place = desk.place() if valid else desk.place(**{"chain-id": CHAIN_ID + 1})
    more = ["--json"] if as_json else []
    return ["verify", desk.credential, *files, *place, "--allow-setup", "development", *more]


def expected(valid: bool, as_json: bool, stdout: str) -> int:
    """What a process can say by its status alone."""
    if stdout == "closed":
        return 2
    if stdout == "full" and (valid or as_json):
        return 2
    return 0 if valid else 1


def check(desk: Desk, valid: bool, as_json: bool, stdout: str, stderr: str) -> None:
    done = command(verify(desk, valid=valid, as_json=as_json), stdout, stderr)
    status = expected(valid, as_json, stdout)
    assert done.returncode == status, done.stderr
    if status == 2 and stderr == "open":
        assert "[unavailable.output]" in done.stderr and "hint: " in done.stderr
    if as_json and stdout == "open":
        document = json.loads(done.stdout)
        assert ("error" in document) is not valid
    if "open" in (stdout, stderr):
        assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr


@pytest.mark.parametrize(
    ("valid", "as_json", "stdout", "stderr"),
    [
        (True, False, "open", "closed"),
        (False, False, "open", "closed"),
        (True, True, "closed", "open"),
        (False, False, "closed", "open"),
        (True, False, "full", "open"),
        (False, True, "full", "open"),
        (False, False, "full", "full"),
        (True, True, "nobody reads", "nobody reads"),
    ],
)
def test_a_stream_is_no_verdict(
    desk: Desk, valid: bool, as_json: bool, stdout: str, stderr: str
) -> None:
    """Regression: without a stderr a valid credential ended with 1, which means rejected."""
    check(desk, valid, as_json, stdout, stderr)


@pytest.mark.slow
def test_no_combination_of_streams_is_a_verdict(desk: Desk) -> None:
    for valid, as_json in itertools.product((True, False), (True, False)):
        for stdout, stderr in itertools.product(OUTPUTS, OUTPUTS):
            check(desk, valid, as_json, stdout, stderr)


def test_letters_that_an_encoding_lacks_end_nothing(desk: Desk, tmp_path: Path) -> None:
    """Regression: the file was written, and the command ended as a fault."""
    out = tmp_path / "Zürich" / "d.json"
    out.parent.mkdir()
    arguments = ["disclose", desk.attestation, "--row", 0, "--keys", desk.keys, "--out", out]
    done = command(arguments, PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert out.is_file() and "Z\\xfcrich" in done.stdout


@pytest.mark.parametrize(
    ("option", "stdout", "status"),
    [("--help", "full", 2), ("--version", "closed", 2), ("--help", "nobody reads", 0)],
)
def test_help_that_nobody_gets(option: str, stdout: str, status: int) -> None:
    done = command([option], stdout)
    assert done.returncode == status
    assert ("[unavailable.output]" in done.stderr) is (status == 2)


def test_a_closed_descriptor_is_not_given_to_a_file(desk: Desk, tmp_path: Path) -> None:
    """Whatever a library says to descriptor 2 must not land in a file that is being written."""
    code = (
        "import os; from tierproof import streams; streams.prepare(); "
        f"made = open({str(tmp_path / 'made')!r}, 'w'); print(made.fileno() > 2)"
    )
    done = subprocess.run(
        ["/bin/bash", "-c", 'exec "$@" <&- 2>&-', "bash", sys.executable, "-c", code],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "True\n"


def test_no_terminal_and_no_stdin(desk: Desk) -> None:
    """Regression: `sys.stdin` is None where descriptor 0 is closed, and a fault was reported."""
    words = ["identity", "--vault", desk.vault, "--venue", "x", "--json"]
    variables = {name: value for name, value in os.environ.items() if "PASSPHRASE" not in name}
    done = subprocess.run(
        ["/bin/bash", "-c", 'exec "$@" <&-', "bash", sys.executable, "-m", "tierproof.cli",
         *map(str, words)],
        capture_output=True, text=True, check=False, env=variables,
    )  # fmt: skip
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["code"] == "unavailable.terminal"


@pytest.mark.parametrize("as_json", [False, True])
def test_an_interrupted_command(
    desk: Desk, capsys: Capture, monkeypatch: pytest.MonkeyPatch, as_json: bool
) -> None:
    def stopped(*_: object) -> dict[str, Any]:
        raise KeyboardInterrupt

    interrupted = replace(commands.COMMANDS["verify"], run=stopped)
    monkeypatch.setitem(commands.COMMANDS, "verify", interrupted)
    assert run(*verify(desk, valid=True, as_json=as_json)) == exit_status("interrupted") == 130
    said = capsys.readouterr()
    if as_json:
        assert json.loads(said.out)["error"]["code"] == "interrupted"
        assert "[interrupted]" not in said.err
    else:
        assert "[interrupted]" in said.err and "--help" not in said.err


@pytest.mark.parametrize("leaving", [SystemExit(0), SystemExit(1), SystemExit(3), GeneratorExit()])
def test_a_library_that_leaves_decides_nothing(
    desk: Desk, capsys: Capture, monkeypatch: pytest.MonkeyPatch, leaving: BaseException
) -> None:
    """`sys.exit(1)` inside a library must not read as rejected, nor `sys.exit()` as accepted."""

    def left(*_: object) -> dict[str, Any]:
        raise leaving

    leaver = replace(commands.COMMANDS["verify"], run=left)
    monkeypatch.setitem(commands.COMMANDS, "verify", leaver)
    assert run(*verify(desk, valid=True, as_json=True)) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "fault"
