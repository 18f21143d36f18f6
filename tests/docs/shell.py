"""One shell for a page: commands in the order of the page, in a folder of their own."""

from __future__ import annotations

import atexit
import os
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path
from types import TracebackType

from tests.docs.volatile import without_progress

ROOT = Path(__file__).resolve().parents[2]
PORTS = (8545, 8787)
"""Ports that pages name."""
START_SECONDS = 60
PLAIN = {"NO_COLOR": "1", "COLUMNS": "100", "LANG": "C.UTF-8", "TERM": "dumb"}
"""Environment of a page's commands, whatever that of the tests is."""


class CommandFailed(AssertionError):
    """A command of a page ended with another status than 0, with what it printed."""


class Ports:
    """The ports that pages name, and the free ones that a run takes in their place."""

    def __init__(self) -> None:
        self.pairs = {str(port): str(_free_port()) for port in PORTS}

    def taken(self, text: str) -> str:
        """A page's text with the ports of this run."""
        for shown, taken in self.pairs.items():
            text = text.replace(shown, taken)
        return text

    def shown(self, text: str) -> str:
        """What a run prints with the ports of the page."""
        for shown, taken in self.pairs.items():
            text = text.replace(taken, shown)
        return text


class Shell:
    """
    A bash in `folder`, as a reader has it after the first page of the tutorial: the project's
    commands are on the PATH, nothing is coloured, no terminal is attached.
    """

    def __init__(self, folder: Path, ports: Ports) -> None:
        self._ports = ports
        binaries = Path(sys.executable).parent, ROOT / "contracts" / "node_modules" / ".bin"
        tools = [_warm_command(), *binaries]
        path = os.pathsep.join([*map(str, tools), os.environ.get("PATH", os.defpath)])
        kept = {name: os.environ[name] for name in ("HOME", "TMPDIR") if name in os.environ}
        self._bash = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            env={
                **kept,
                **PLAIN,
                "PATH": path,
                "PYTHONPATH": str(ROOT),
                "XDG_DATA_HOME": str(folder / ".data"),  # nothing of an earlier run
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
        )
        self.folder = folder

    def __enter__(self) -> Shell:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.killpg(self._bash.pid, signal.SIGTERM)  # what a page left in the background too
        self._bash.communicate()

    def where(self) -> Path:
        """The folder in which the shell is now."""
        return Path(self._run("pwd"))

    def run(self, commands: str) -> str:
        """
        What a block of commands prints, both streams together; the page's folder is ~.

        Raises
        ------
        CommandFailed
            One of them fails, unless the block says what to do then (`|| ...`).
        """
        output = self._run(commands)
        self._take_ports()
        return without_progress(output.replace(str(self.folder), "~"))

    def _run(self, commands: str) -> str:
        mark = f"--{secrets.token_hex(8)}--"
        assert self._bash.stdin is not None and self._bash.stdout is not None
        commands = self._ports.taken(commands)
        self._bash.stdin.write(
            f"failed=0; trap 'failed=$?' ERR\n{{\n{commands}\n}} </dev/null\n"
            f"trap - ERR; printf '\\n%s %s\\n' {shlex.quote(mark)} $failed\n"
        )
        self._bash.stdin.flush()
        printed: list[str] = []
        for line in self._bash.stdout:
            if line.startswith(mark):
                status = int(line.split()[1])
                break
            printed.append(line)
        else:
            raise CommandFailed(f"the shell ended:\n{commands}\n{''.join(printed)}")
        output = self._ports.shown("".join(printed).rstrip())
        for taken in self._ports.pairs.values():
            if taken in commands and " &" in commands:
                _wait_for(int(taken))
        if status != 0:
            raise CommandFailed(f"exit status {status}:\n{commands}\n{output}")
        return output

    def _take_ports(self) -> None:
        """In configurations that a command has written too."""
        for path in self.folder.rglob("tierproof.toml"):
            written = path.read_text(encoding="utf-8")
            text = self._ports.taken(written)
            if text != written:
                path.write_text(text, encoding="utf-8")


@cache
def _warm_command() -> Path:
    """Folder with the `tierproof` of all pages of this process (tests.docs.warm)."""
    folder = Path(tempfile.mkdtemp(prefix="tierproof-docs-"))
    where, command = folder / "socket", folder / "tierproof"
    server = subprocess.Popen(
        [sys.executable, "-c", f"from tests.docs.warm import serve; serve({str(where)!r})"],
        cwd=ROOT,
        env={**os.environ, **PLAIN, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )

    def end() -> None:
        server.communicate()
        shutil.rmtree(folder)

    atexit.register(end)
    assert server.stdout is not None
    if server.stdout.readline() != b"ready\n":
        raise CommandFailed("the server of the commands did not start")
    words = shlex.join(
        [sys.executable, "-IS", str(ROOT / "tests" / "docs" / "warm.py"), str(where)]
    )
    command.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
    command.chmod(0o755)
    return folder


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait_for(port: int) -> None:
    """Until a server of the page listens: a person takes longer to read the next line."""
    for _ in range(START_SECONDS * 20):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise CommandFailed(f"nothing listens on port {port}")
