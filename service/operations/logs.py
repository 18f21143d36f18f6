"""
The service's log on stderr: a JSON object a line, or lines for people.

Parts log by the standard library, under `tierproof.service`, with what varies in `extra`; the
server's and libraries' records go the same way. What a client sent is no part of a line: an error
is its class and place, for its text may quote anything, and long hexadecimal is left out, so that a
line never tells a proof, an account or a word.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, TextIO

import structlog

from service.operations.sections import LogSettings

NAME = "tierproof.service"
OURS = ("tierproof", "uvicorn")
"""Loggers whose messages are written as they are; of others', the first line."""
LONGEST = 200
"""Characters of a message of a library."""

_LONG_HEX = re.compile(r"(?:0x)?[0-9a-fA-F]{34,}")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

Fields = MutableMapping[str, Any]


def configure(settings: LogSettings, stream: TextIO | None = None) -> None:
    """Have everything that is logged in this process written to `stream`, by default stderr."""
    out = sys.stderr if stream is None else stream
    handler = logging.StreamHandler(out)
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if settings.format == "json"
        else structlog.dev.ConsoleRenderer(colors=out.isatty(), pad_event_to=0)
    )
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.contextvars.merge_contextvars,
                structlog.stdlib.ExtraAdder(),
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
            processors=[
                _quiet_exception,
                _first_line,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _harmless,
                renderer,
            ],
        )
    )
    level = settings.level.upper()
    root = logging.getLogger()
    root.handlers, root.level = [handler], logging.WARNING
    for name in (NAME, "uvicorn", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
        logger.setLevel(level)
    logging.getLogger("uvicorn.access").disabled = True  # it writes paths, which name accounts


def _quiet_exception(_: object, __: str, fields: Fields) -> Fields:
    """An exception's class and place, never its text."""
    given = fields.pop("exc_info", None)
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)
        place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
        fields["error"] = f"{type(error).__name__}{place}"
    return fields


def _first_line(_: object, __: str, fields: Fields) -> Fields:
    """asyncio writes the objects that it talks of into further lines."""
    if not str(fields.get("logger")).startswith(OURS):
        fields["event"] = str(fields["event"]).split("\n")[0][:LONGEST]
    return fields


def _harmless(_: object, __: str, fields: Fields) -> Fields:
    """No long hexadecimal, and nothing that would begin another line."""
    return {name: _plain(value) for name, value in fields.items()}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    text = _LONG_HEX.sub("0x...", str(value).strip())
    return _UNPRINTABLE.sub(lambda found: f"\\x{ord(found[0]):02x}", text)
