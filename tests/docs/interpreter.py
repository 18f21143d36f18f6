"""
One Python for the blocks of a page, each with names of its own: what they import is loaded once.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import traceback
from pathlib import Path
from types import TracebackType

from tests.docs.shell import ROOT, CommandFailed, Ports


class Interpreter:
    """A child process, started with the first block; `ports` as in `Shell`."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._child: subprocess.Popen[str] | None = None

    def __enter__(self) -> Interpreter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._child is not None:
            self._child.communicate()

    def run(self, text: str, folder: Path) -> str:
        """
        What a block prints, run in `folder`.

        Raises
        ------
        CommandFailed
            It raises; with the traceback.
        """
        if self._child is None:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "tests.docs.interpreter"],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self._child.stdin is not None and self._child.stdout is not None
        json.dump([str(folder), self._ports.taken(text)], self._child.stdin)
        self._child.stdin.write("\n")
        self._child.stdin.flush()
        answer = self._child.stdout.readline()
        if not answer:
            raise CommandFailed(f"the interpreter ended:\n{text}")
        failed, printed = json.loads(answer)
        if failed:
            raise CommandFailed(f"{text}\n{printed}")
        return self._ports.shown(str(printed).rstrip())


def serve() -> None:
    """Run each block that comes as a line of JSON; answer with a line of JSON."""
    for line in sys.stdin:
        folder, text = json.loads(line)
        os.chdir(folder)
        printed, failed = io.StringIO(), False
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            try:
                exec(compile(text, "<block>", "exec"), {"__name__": "__main__"})
            except Exception:
                failed = True
                traceback.print_exc()
        print(json.dumps([failed, printed.getvalue()]), flush=True)


if __name__ == "__main__":
    serve()
