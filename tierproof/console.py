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

from algebra.codes import exit_status, row_of
from algebra.errors import TierproofError, Unavailable
from tierproof import streams

_OUTPUT = "unavailable.output"


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
        self._start = time.monotonic()
        self._colour = self._err.isatty() and not os.environ.get("NO_COLOR")

    def progress(self, step: str) -> None:
        """One line a step on stderr, with the seconds since the start."""
        streams.write(f"[{time.monotonic() - self._start:7.2f} s] {step}", self._err)

    def note(self, text: str) -> None:
        """A remark on stderr."""
        streams.write(f"note: {text}", self._err)

    def result(self, document: Mapping[str, Any]) -> None:
        """The answer on stdout; Unavailable (`unavailable.output`) where it cannot be written."""
        self._answer(json.dumps(document, indent=2) if self._json else "\n".join(lines(document)))

    def text(self, text: str) -> None:
        """
        A text on stdout as it is, such as help; with --json as `text` of a document. Unavailable
        (`unavailable.output`).
        """
        said = text.rstrip("\n")
        self._answer(json.dumps({"text": said}, indent=2) if self._json else said)

    def error(self, error: TierproofError) -> int:
        """
        The error and its hint: on stderr, or with --json as a document on stdout.

        Returns
        -------
        The exit status: the error's own, or that of `unavailable.output`.
        """
        return self._report(error.code, error.message, error.fields)

    def usage(self, message: str, command: str = "tierproof") -> int:
        """A command line that cannot be read; as `error`."""
        return self._report("usage", message, {}, command)

    def interrupted(self) -> int:
        """The user has had enough; as `error`."""
        return self._report("interrupted", "interrupted", {})

    def fault(self, error: BaseException) -> int:
        """
        An exception that nobody expected: its class and place, not its text, which may hold
        anything; as `error`.
        """
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        return self._report("fault", f"{type(error).__name__} at {where}", {})

    def finish(self, status: int) -> int:
        """The exit status once all is written: 0 only if it could be."""
        streams.flush(self._err)
        trouble = streams.flush(self._out)
        return status if trouble is None or status else self.error(_lost(trouble))

    def _report(
        self,
        code: str,
        message: str,
        fields: Mapping[str, object],
        command: str = "tierproof",
    ) -> int:
        hint = row_of(code).hint.replace("{help}", f"{command} --help")
        if self._json and code != _OUTPUT:
            plain = {
                name: value
                for name, value in fields.items()
                if name not in ("code", "message", "hint")
            }
            document = {"error": {"code": code, "message": message, **plain, "hint": hint}}
            try:
                self._answer(json.dumps(document, indent=2, default=str))
            except Unavailable as lost:
                return self.error(lost)
        else:
            word = "\033[31merror:\033[0m" if self._colour else "error:"
            streams.write(f"{word} {message} [{code}]\nhint: {hint}", self._err)
        return exit_status(code)

    def _answer(self, text: str) -> None:
        trouble = streams.write(text, self._out)
        if trouble is not None:
            raise _lost(trouble)


def no_output() -> TierproofError:
    """The error of a process that was started without a stdout."""
    return Unavailable(_OUTPUT, "standard output: it is closed; nothing was done")


def _lost(trouble: Exception) -> TierproofError:
    said = trouble.strerror if isinstance(trouble, OSError) else None
    return Unavailable(
        _OUTPUT, f"standard output: the answer is lost: {said or type(trouble).__name__}"
    )


def lines(value: Any, indent: str = "") -> list[str]:
    """
    `name: value` lines of a JSON-like value, nested ones indented; further lines of a text stand
    under its first.
    """
    if isinstance(value, Mapping):
        out: list[str] = []
        for name, part in value.items():
            label = str(name).replace("_", " ")
            if isinstance(part, (Mapping, list, tuple)) and part:
                out += [f"{indent}{label}:", *lines(part, indent + "  ")]
            else:
                out += _text(f"{indent}{label}: ", indent + "  ", part)
        return out
    if isinstance(value, (list, tuple)):
        out = []
        for part in value:
            if isinstance(part, Mapping) and part:
                first, *rest = lines(part, indent + "  ")
                out += [f"{indent}- {first.strip()}", *rest]
            else:
                out += _text(f"{indent}- ", indent + "  ", part)
        return out
    return _text(indent, indent, value)


def _text(begin: str, indent: str, value: Any) -> list[str]:
    first, *rest = _plain(value).split("\n")
    return [begin + first, *(indent + line for line in rest)]


def _plain(value: Any) -> str:
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (Mapping, list, tuple)):
        return "none"
    return str(value)
