"""
Compiled contracts, as `compile.js` writes them.

Only contracts of `contracts/src` can be had by name; the examples and the mocks of the tests are
artifacts of other folders.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from algebra.errors import Malformed
from algebra.files import parse_json, read_file

FOLDER = Path(__file__).resolve().parent.parent
ARTIFACTS = FOLDER / "artifacts"
REGISTRY = "TierGrants"
CODE_SIZE_LIMIT = 24_576
"""Largest deployed contract in bytes (EIP-170)."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}")
_HEX = re.compile(r"0x(?:[0-9a-f]{2})*")


@dataclass(frozen=True)
class Links:
    """Where the 20 bytes of a library's address belong: starts in bytes, in either code."""

    bytecode: tuple[int, ...]
    deployed_bytecode: tuple[int, ...]


@dataclass(frozen=True)
class Artifact:
    """
    One compiled contract; `bytecode` is its creation code without constructor arguments.

    `immutables`: (start, length) in bytes of the parts of `deployed_bytecode` that the constructor
    fills in. `links`: libraries whose addresses `contracts.build.link.linked` still has to fill in.
    """

    name: str
    source_name: str
    source_hash: str
    solc: str
    abi: list[dict[str, Any]]
    bytecode: str
    deployed_bytecode: str
    immutables: tuple[tuple[int, int], ...]
    links: Mapping[str, Links] = field(default_factory=dict)

    @property
    def deployed_size(self) -> int:
        """Bytes of the code on chain."""
        return (len(self.deployed_bytecode) - 2) // 2

    def is_code(self, code: bytes) -> bool:
        """
        Whether `code` is what this contract looks like on chain, whatever its immutables hold.
        """
        expected, found = bytearray.fromhex(self.deployed_bytecode[2:]), bytearray(code)
        for start, length in self.immutables:
            expected[start : start + length] = found[start : start + length] = bytes(length)
        return expected == found


def read_artifact(path: Path) -> Artifact:
    """
    Read one artifact file.

    Raises
    ------
    Unavailable
        `unavailable.artifact`: no such file.
    Malformed
        `malformed.artifact`: not an artifact.
    """
    try:
        document = parse_json(read_file(path, absent="unavailable.artifact"))
        artifact = Artifact(
            name=document["contractName"],
            source_name=document["sourceName"],
            source_hash=document["sourceHash"],
            solc=document["solc"],
            abi=document["abi"],
            bytecode=document["bytecode"],
            deployed_bytecode=document["deployedBytecode"],
            immutables=tuple((int(start), int(length)) for start, length in document["immutables"]),
            links={
                name: Links(
                    tuple(map(int, places["bytecode"])),
                    tuple(map(int, places["deployedBytecode"])),
                )
                for name, places in document.get("links", {}).items()
            },
        )
    except (ValueError, KeyError, TypeError) as error:
        raise Malformed(
            "malformed.artifact",
            f"{path.name} is no compiled contract: {type(error).__name__}",
            artifact=path.stem,
        ) from None
    if not all(
        isinstance(code, str) and _HEX.fullmatch(code)
        for code in (artifact.bytecode, artifact.deployed_bytecode)
    ):
        raise Malformed(
            "malformed.artifact",
            f"{path.name}: bytecode is not plain hexadecimal",
            artifact=path.stem,
        )
    return artifact


def load_artifact(name: str) -> Artifact:
    """
    The committed artifact of a contract of `contracts/src`, such as `TierproofVerifier8192`.

    Raises
    ------
    Malformed
        `malformed.artifact`: not a contract name, or a broken file.
    Unavailable
        `unavailable.artifact`: not compiled.
    """
    if not _NAME.fullmatch(name):
        raise Malformed("malformed.artifact", f"not a contract name: {name[:80]!r}")
    return read_artifact(ARTIFACTS / f"{name}.json")


@cache
def known_errors() -> tuple[dict[str, Any], ...]:
    """
    ABI entries of every custom error of every committed artifact (the registry lets a verifier's
    errors through).
    """
    return tuple(
        entry
        for path in sorted(ARTIFACTS.glob("*.json"))
        for entry in read_artifact(path).abi
        if entry.get("type") == "error"
    )
