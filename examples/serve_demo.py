"""
Run the verification service on the sample, submit its credential, and show that the verdict is in
the audit log.

    python examples/serve_demo.py [--out FOLDER] [--json]

The sample's setup is insecure, so the service is told to take development keys: for a demo alone.
"""

from __future__ import annotations

import argparse
import json
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from service.audit.checkpoint import Checkpoint
from service.audit.database import opened
from service.audit.entries import Entry
from service.audit.log import AuditLog
from service.audit.merkle import leaf_hash, verify_inclusion
from service.audit.note import Note
from service.audit.stored import entries
from tierproof.documents import CredentialFile

SAMPLE = Path(__file__).parent / "sample"
COMMAND = [sys.executable, "-m", "tierproof.cli"]
PLACE = ("--chain-id", "131277322940537",
         "--registry", "0x2946259e0334f33a064106302415ad3391bed384")  # fmt: skip
START_SECONDS = 120


@contextmanager
def service(folder: Path) -> Iterator[str]:
    """The service on a free port; gives its URL, and stops it with the block."""
    log = folder / "service.log"
    files = [word for name, file in (("policy", "policy"), ("key", "key-8192"), ("root", "root"))
             for word in (f"--{name}", str(SAMPLE / f"{file}.json"))]  # fmt: skip
    words = [*COMMAND, "serve", *files, *PLACE, "--database", f"sqlite:///{database(folder)}",
             "--port", "0", "--allow-setup", "development"]  # fmt: skip
    with log.open("w") as stream:
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=stream)
    try:
        yield _url(process, log)
        process.send_signal(signal.SIGTERM)
        if process.wait(60) != 0:
            raise SystemExit(f"the service did not stop cleanly: see {log}")
    finally:
        process.kill()
        process.wait()


def _url(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(r"listening on (http://\S+)\n", log.read_text())
        if found is not None:
            return found.group(1)
        time.sleep(0.05)
    raise SystemExit(f"the service did not start:\n{log.read_text()}")


def database(folder: Path) -> Path:
    """Where the service keeps what it knows."""
    return folder / "service.sqlite"


def signed(folder: Path) -> Checkpoint:
    """A key for the log, and its first checkpoint."""
    key = str(folder / "audit.key")
    _run("audit", "keygen", "--name", "demo.example/log", "--out", key)
    made = _run("audit", "checkpoint", "--database", f"sqlite:///{database(folder)}",
                "--key-file", key)  # fmt: skip
    return Checkpoint.of(Note.parse(made["note"].encode()))


def included(folder: Path, nullifier: str, checkpoint: Checkpoint) -> dict[str, Any]:
    """The entry of an acceptance, with the proof that the checkpoint's tree holds it."""
    with opened(f"sqlite:///{database(folder)}") as session:
        for place, leaf in enumerate(entries(session, 0, checkpoint.size)):
            entry = Entry.parse(leaf.data)
            if entry.kind == "accepted" and entry.fields["nullifier"] == nullifier:
                proof = AuditLog(session).inclusion_proof(place, checkpoint.size)
                break
        else:
            raise SystemExit("the acceptance is not in the audit log")
    verify_inclusion(leaf_hash(leaf.data), place, checkpoint.size, proof, checkpoint.root)
    return {
        "place": place,
        "of": checkpoint.size,
        "entry": json.loads(leaf.data),
        "root": "0x" + checkpoint.root.hex(),
        "inclusion_proof": ["0x" + each.hex() for each in proof],
        "inclusion": "holds",
    }


def _run(*words: str) -> dict[str, Any]:
    done = subprocess.run([*COMMAND, *words, "--json"], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def play(folder: Path) -> dict[str, Any]:
    """What the service answers, and what its log holds."""
    credential = CredentialFile.load(SAMPLE / "credential.json")
    with service(folder) as url, httpx.Client(timeout=60) as client:
        ready = client.get(f"{url}/health/ready").raise_for_status().json()
        answer = client.post(f"{url}/verifications", json=credential.as_json())
        verdict = answer.raise_for_status().json()
        audit = included(folder, verdict["credential"]["nullifier"], signed(folder))
        page = client.get(f"{url}/openapi.json").raise_for_status()
        title = page.json()["info"]["title"]
    return {
        "ready": ready["checks"],
        "outcome": verdict["outcome"],
        "tier": verdict["credential"]["tier"],
        "audit": audit,
        "page": {"url": str(page.url), "title": title},
        "stopped": True,
    }


def main() -> int:
    """Play it in a folder and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, help="folder to keep; by default one that goes away")
    parser.add_argument("--json", action="store_true", help="one document")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.out or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if database(folder).exists():
            raise SystemExit(f"{folder}: a demo was played here; give another --out")
        document = play(folder)
    if arguments.json:
        print(json.dumps(document, indent=1))
        return 0
    audit = document["audit"]
    print(f"ready: {', '.join(document['ready'])}")
    print(f"verdict: {document['outcome']}, tier {document['tier']}")
    print(f"audit entry: {audit['place']} of {audit['of']}, {audit['entry']['kind']}")
    print(f"inclusion in the signed tree: {audit['inclusion']}, "
          f"{len(audit['inclusion_proof'])} hashes")  # fmt: skip
    print(f"page: {document['page']['title']}, {document['page']['url']}")
    print("stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
