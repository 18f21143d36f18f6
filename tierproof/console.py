"""
How the command speaks: data on stdout, all else on stderr, one `hint:` after an error, no secrets,
no meaning in colour.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from algebra.errors import TierproofError

HINTS = {
    "refused.vault": "check the passphrase and the path; a damaged file cannot be told from a "
    "wrong passphrase",
    "refused.vault_exists": "give another path; a vault is never overwritten",
    "refused.passphrase": "use a longer passphrase, such as five random words",
    "refused.tier": "run `tierproof estimate` to see which tiers hold",
    "refused.class": "pick a class that holds all records; each class has its own key",
    "refused.setup": "use `tierproof setup --ptau FILE`, or --unsafe-development for a demo",
    "refused.capacity": "attest with a larger class",
    "refused.memory": "close other programs, raise the limit of the container, or use a machine "
    "with more memory",
    "refused.insecure_verifier": "make keys from a ceremony: tierproof setup --ptau FILE",
    "refused.development_key": "start the service with --allow-development only for a demo",
    "rejected.development": "add --allow-development to look at a demo; it proves nothing to "
    "anybody",
    "rejected.NullifierUsed": "this identity holds a grant of this policy and epoch already",
    "rejected.RootUnknown": "submit the signed root first, or pass it to onboard with --root",
    "unavailable.native": "build it with: make setup",
    "unavailable.compiler": "install it with: npm ci --prefix contracts",
    "unavailable.setup": "make it with: tierproof setup",
    "unavailable.node": "check the RPC URL; `anvil` gives a local development node",
}
BY_KIND = {
    "malformed": "compare the file with what made it; it may be truncated, edited or of another "
    "version",
    "rejected": "nothing was recorded; the reason above is final for these inputs",
    "refused": "nothing was written",
    "unavailable": "nothing was written; put in place what is missing and run it again",
    "usage": "see: tierproof COMMAND --help",
    "fault": "this should not happen: report the command and the version, without secrets",
}


class Console:
    """
    Parameters
    ----------
    as_json : print one JSON document instead of lines, errors too.
    """

    def __init__(
        self, as_json: bool, *, out: TextIO | None = None, err: TextIO | None = None
    ) -> None:
        self._json = as_json
        self._out, self._err = out or sys.stdout, err or sys.stderr
        self._start = self._last = time.monotonic()
        self._colour = self._err.isatty() and not os.environ.get("NO_COLOR")

    def progress(self, step: str) -> None:
        """One line a step on stderr, with the seconds since the start."""
        _say(f"[{time.monotonic() - self._start:7.2f} s] {step}", self._err)

    def note(self, text: str) -> None:
        """A remark on stderr."""
        _say(f"note: {text}", self._err)

    def result(self, document: Mapping[str, Any]) -> None:
        """The answer on stdout."""
        _say(
            json.dumps(document, indent=2) if self._json else "\n".join(lines(document)), self._out
        )

    def text(self, text: str) -> None:
        """The answer on stdout where it is no document: a script for a shell."""
        _say(text.rstrip("\n"), self._out)

    def error(self, error: TierproofError) -> None:
        """The error and its hint: on stderr, or with --json as a document on stdout."""
        self._report(error.code, error.message, error.fields)

    def usage(self, message: str) -> None:
        """A command line that cannot be read."""
        self._report("usage", message, {})

    def fault(self, error: Exception) -> None:
        """
        An exception that nobody expected: its class and place, not its text, which may hold
        anything.
        """
        place = traceback.extract_tb(error.__traceback__)[-1]
        self._report(
            "fault", f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}", {}
        )

    def _report(self, code: str, message: str, fields: Mapping[str, object]) -> None:
        hint = HINTS.get(code) or BY_KIND.get(
            code.split(".")[0], "run the command again with --json for the fields"
        )
        if self._json:
            plain = {
                name: value
                for name, value in fields.items()
                if name not in ("code", "message", "hint")
            }
            document = {"error": {"code": code, "message": message, **plain, "hint": hint}}
            _say(json.dumps(document, indent=2, default=str), self._out)
            return
        word = "\033[31merror:\033[0m" if self._colour else "error:"
        _say(f"{word} {message} [{code}]\nhint: {hint}", self._err)


def _say(text: str, stream: TextIO) -> None:
    """
    Print at once. That nobody reads a stream changes nothing of what a command does or of its exit
    status.
    """
    try:
        print(text, file=stream, flush=True)
    except BrokenPipeError:
        nowhere = os.open(
            os.devnull, os.O_WRONLY
        )  # what is still in the stream's buffer must go somewhere when it closes
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def lines(value: Any, indent: str = "") -> list[str]:
    """`name: value` lines of a JSON-like value, nested ones indented."""
    if isinstance(value, Mapping):
        out: list[str] = []
        for name, part in value.items():
            label = str(name).replace("_", " ")
            if isinstance(part, (Mapping, list, tuple)) and part:
                out += [f"{indent}{label}:", *lines(part, indent + "  ")]
            else:
                out.append(f"{indent}{label}: {_plain(part)}")
        return out
    if isinstance(value, (list, tuple)):
        out = []
        for part in value:
            if isinstance(part, Mapping) and part:
                first, *rest = lines(part, indent + "  ")
                out += [f"{indent}- {first.strip()}", *rest]
            else:
                out.append(f"{indent}- {_plain(part)}")
        return out
    return [f"{indent}{_plain(value)}"]


def _plain(value: Any) -> str:
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (Mapping, list, tuple)):
        return "none"
    return str(value)
