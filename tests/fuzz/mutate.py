"""
Structured random changes of an input: of its bytes, its JSON values or its CSV cells. Same source,
same changes.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

from algebra.interface import P, R

MAX_INPUT = 1 << 14
WORDS = (0, 1, 2, P - 1, P, P + 1, R - 1, R, R + 1, 1 << 255, (1 << 256) - 1)
BYTES = (
    b"",
    b"\0",
    b"\xff",
    b"\x7f",
    b"\x80",
    b"\n",
    b'"',
    b"\\u0000",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"9" * 400,
    b"{" * 40,
)
JSON_TEXTS = (
    "null",
    "true",
    "false",
    "0",
    "-1",
    "-0",
    "1e400",
    "-1E400",
    "NaN",
    "Infinity",
    "1.5",
    "1e2",
    "9" * 30,
    "9" * 5_000,
    "{}",
    "[]",
    '""',
    '"0x"',
    '"0x0"',
    '"0X00"',
    '"\\ud800"',
    '"\\u0000"',
    '"a\\u0000b"',
    '"\\u0660"',
    f'"{"x" * 3_000}"',
    "[[]]",
    '[{"a": 1}]',
    f'"0x{"0" * 64}"',
    f'"0x{"f" * 64}"',
    f'"{R:#066x}"',
    f'"{P:#066x}"',
    str(1 << 31),
    str(1 << 53),
    str(1 << 63),
    str(1 << 64),
    str(1 << 256),
    "[" * 40 + "]" * 40,
    "8192.0",
    "1048576",
    '"../../x"',
    '"1"',
)
CELLS = (
    "",
    " ",
    "0",
    "-0",
    "-1",
    "1",
    "+1",
    "1e5",
    "0x1",
    "NaN",
    "inf",
    "0.000000001",
    "0.00000001",
    "9" * 18,
    "9" * 19,
    "-" + "9" * 18,
    "999999999999999999.99999999",
    ".5",
    "5.",
    "١",
    "\0",
    '"',
    '""',
    "a,b",
    "true",
    "TRUE",
    "Bid",
    "Ask",
    "buy",
    "sell",
    "maker",
    "opening",
    "position",
    "mark",
    "fill",
    "liquidation",
    "transfer",
    "carry",
    "reward",
    "vote",
    "Cross",
    "BTC",
    "CALL",
    "1970-01-01T00:00:00Z",
    "2026-01-01T23:59:60Z",
    "2026-01-01T23:59:59.999999Z",
    "2026-02-30T00:00:00Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "\u2028",
    "x" * 200,
    "\ufeff",
    "0x" + "a" * 40,
    "0x" + "A" * 40,
    "0x" + "b" * 40,
)


class Raw:
    """A JSON value as text that `json.dumps` would not write."""

    def __init__(self, text: str) -> None:
        self.text = text


def mutate(data: bytes, kind: str, source: random.Random, other: bytes = b"") -> bytes:
    """
    A few changes of an input, at most `MAX_INPUT` bytes long.

    Parameters
    ----------
    kind : "json" and "csv" change values most of the time, and bytes now and then; "bytes" only
        bytes
    other : another input, to splice with
    """
    change: Callable[[bytes, random.Random], bytes] = {"json": json_value, "csv": cells}.get(
        kind, some_bytes
    )
    for _ in range(source.choice((1, 1, 1, 2, 3, 6))):
        if other and source.random() < 0.05:
            data = data[: source.randrange(len(data) + 1)] + other[source.randrange(len(other)) :]
        data = (change if source.random() < 0.8 else some_bytes)(data, source)
    return data[:MAX_INPUT]


def some_bytes(data: bytes, source: random.Random) -> bytes:
    at = source.randrange(len(data) + 1)
    end = min(len(data), at + source.choice((1, 1, 2, 4, 8, 32, 64, 200)))
    what = source.randrange(8)
    if what == 0 and data:
        at = source.randrange(len(data))
        return data[:at] + bytes([data[at] ^ 1 << source.randrange(8)]) + data[at + 1 :]
    if what == 1:
        return (
            data[:at]
            + source.choice(WORDS).to_bytes(32, source.choice(("big", "little")))
            + data[at + 32 :]
        )
    if what == 2:
        at -= at % 32  # most formats are words
        return data[:at] + source.choice(WORDS).to_bytes(32, "big") + data[at + 32 :]
    if what == 3:
        return data[:at] + data[end:]
    if what == 4:
        return data[:end] + data[at:]
    if what == 5:
        return data[:at]
    if what == 6:
        return data[:at] + source.choice(BYTES) + data[at:]
    width = source.choice((1, 2, 4, 8))
    number = source.choice((0, 1, (1 << 8 * width) - 1, source.getrandbits(8 * width)))
    return data[:at] + number.to_bytes(width, "little") + data[at + width :]


def json_value(data: bytes, source: random.Random) -> bytes:
    """Change, drop, double or rename one value; what is no JSON has its bytes changed."""
    head, start = (data[:1], 1) if data[:1] < b"\x09" else (b"", 0)
    try:
        document = json.loads(data[start:])
    except (ValueError, RecursionError):
        return some_bytes(data, source)
    places = list(walk(document, None, None))
    node, parent, name = source.choice(places)
    if parent is None:
        document = Raw(source.choice(JSON_TEXTS))
    elif source.random() < 0.6:
        parent[name] = Raw(changed(node, source))
    elif isinstance(parent, list):
        parent.insert(name, parent[source.randrange(len(parent))])
    elif source.random() < 0.5:
        del parent[name]
    else:
        parent[source.choice(("", "\ud800", "x" * 300, *parent))] = node
    return head + dumps(document).encode("utf-8", "surrogatepass")


def walk(node: Any, parent: Any, name: Any) -> Any:
    yield node, parent, name
    if isinstance(node, dict | list):
        for key, value in list(node.items() if isinstance(node, dict) else enumerate(node)):
            yield from walk(value, node, key)


def changed(node: Any, source: random.Random) -> str:
    """JSON text in place of a value, often near it."""
    if isinstance(node, str) and node and source.random() < 0.6:
        return json.dumps(
            some_bytes(node.encode("utf-8", "surrogatepass"), source).decode("utf-8", "replace")
        )
    if isinstance(node, int) and source.random() < 0.5:
        return str(int(node) + source.choice((-1, 1, 1 << 24, -(1 << 24), 1 << 48)))
    return source.choice(JSON_TEXTS)


def dumps(value: Any) -> str:
    if isinstance(value, Raw):
        return value.text
    if isinstance(value, dict):
        return (
            "{"
            + ", ".join(f"{json.dumps(name)}: {dumps(item)}" for name, item in value.items())
            + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(dumps, value)) + "]"
    return json.dumps(value)


def cells(data: bytes, source: random.Random) -> bytes:
    """Change one cell, or drop, double or swap lines."""
    lines = data.decode("utf-8", "replace").split("\n")
    at, what = source.randrange(len(lines)), source.randrange(8)
    if what == 0:
        del lines[at]
    elif what == 1:
        lines.insert(source.randrange(len(lines)), lines[at])
    elif what == 2:
        other = source.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    else:
        row = lines[at].split(",")
        row[source.randrange(len(row))] = source.choice(CELLS)
        lines[at] = ",".join(row)
    return "\n".join(lines).encode("utf-8", "replace")
