"""`tierproof serve` as a process over the sample's files, on free ports of this machine."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.project import ROOT

from policies.place import Place

SAMPLE = ROOT / "examples" / "sample"
PLACE = Place(131277322940537, "0x2946259e0334f33a064106302415ad3391bed384")
FILES = tuple(
    word for name in ("policy", "root") for word in (f"--{name}", str(SAMPLE / f"{name}.json"))
)
KEY = ("--key", str(SAMPLE / "key-8192.json"))
AT = ("--chain-id", str(PLACE.chain_id), "--registry", PLACE.registry)
DEVELOPMENT = ("--allow-setup", "development")
START_SECONDS = 120


@dataclass
class Running:
    """
    Attributes
    ----------
    url : of the service, with /v1
    log : file of its stderr
    """

    process: subprocess.Popen[str]
    url: str
    log: Path

    def text(self) -> str:
        return self.log.read_text()

    def lines(self) -> list[dict[str, Any]]:
        """The log, but for the command's own progress."""
        return [json.loads(line) for line in self.text().splitlines() if line.startswith("{")]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


@contextmanager
def running(
    folder: Path, *more: str, environment: dict[str, str] | None = None, sample: bool = True
) -> Iterator[Running]:
    """A service whose database and log are in `folder`; it is ended with the block."""
    log = folder / "service.log"
    words = [sys.executable, "-m", "tierproof.cli", "serve", "--port", "0",
             "--database", f"sqlite:///{folder}/service.sqlite"]  # fmt: skip
    words += [*FILES, *KEY, *AT, *DEVELOPMENT] if sample else []
    clean = {k: v for k, v in os.environ.items() if not k.startswith("TIERPROOF_")}
    with log.open("w") as stream:
        process = subprocess.Popen(
            [*words, *more], cwd=folder, stdout=subprocess.DEVNULL, stderr=stream, text=True,
            env={**clean, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **(environment or {})},
        )  # fmt: skip
    try:
        yield Running(process, _url(process, log), log)
    finally:
        process.kill()
        process.wait()


def _url(process: subprocess.Popen[str], log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        found = re.search(r"listening on (http://\S+/v1)\n", log.read_text())
        if found:
            return found.group(1)
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise AssertionError(f"the service did not start:\n{log.read_text()}")
