"""The compiler's trees of sources, and values of what they compute."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import z3

CONTRACTS = Path(__file__).resolve().parent.parent.parent / "contracts"
Node = dict[str, Any]


def trees(sources: Mapping[str, str]) -> list[Node]:
    """Trees of these sources (text by name below contracts/) and of all that they import."""
    document = {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in sources.items()},
        "settings": {"viaIR": True},
    }
    done = subprocess.run(
        ["node", str(CONTRACTS / "build" / "solc-for-slither.js"), "--standard-json"],
        input=json.dumps(document),
        capture_output=True,
        text=True,
        check=True,
    )
    output = json.loads(done.stdout)
    wrong = [
        each["formattedMessage"] for each in output.get("errors", []) if each["severity"] == "error"
    ]
    if wrong:
        raise ValueError("\n".join(wrong))
    return [source["ast"] for source in output["sources"].values()]


def bounds(kind: str) -> tuple[int, int]:
    """Least and greatest number of a type; an enumeration is its number."""
    found = re.match(r"(u?)int(\d+)", kind)
    if found is None:
        return 0, 255
    bits = int(found[2])
    return (0, 2**bits - 1) if found[1] else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def unknown(kind: str, name: str) -> z3.ExprRef:
    """Any value of a type: for a number, with `within` it stays in its type."""
    return z3.Bool(name) if kind == "bool" else z3.Int(name)


@dataclass
class Struct:
    """A struct in memory; who has it may write it."""

    fields: dict[str, Any]

    def copy(self) -> Struct:
        """The same fields, in another place."""
        return Struct(dict(self.fields))


@dataclass
class Duty:
    """What must hold wherever `path` does."""

    path: z3.BoolRef
    holds: z3.BoolRef
    where: str


def merged(ways: list[tuple[z3.BoolRef, Any]]) -> Any:
    """The value of the way that is taken: ways exclude each other. A struct becomes another one."""
    value = ways[-1][1]
    if isinstance(value, Struct):
        return Struct(
            {
                name: merged([(path, each.fields[name]) for path, each in ways])
                for name in value.fields
            }
        )
    for path, other in reversed(ways[:-1]):
        if not (other is value or (constant(other, value) and other == value)):
            value = z3.If(path, other, value)
    return value


def constant(*values: Any) -> bool:
    return all(isinstance(value, int) for value in values)
