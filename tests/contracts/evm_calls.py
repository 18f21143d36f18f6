"""Any numbers put to the registry: what it answers, by the error's name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eth_abi.abi import encode
from grants.grants_world import World
from grants.machine import Reverted, selector

from contracts.build.artifact import load_artifact

ABI = {e["name"]: e for e in load_artifact("TierGrants").abi if e["type"] == "function"}

Answer = tuple[str | None, tuple[Any, ...]]
"""Name of the custom error, None where all calls go through; its arguments."""


def fits(inputs: Sequence[dict[str, Any]], values: Sequence[Any]) -> bool:
    """Whether the contract's ABI can carry the values."""
    return all(_fits(entry, value) for entry, value in zip(inputs, values, strict=True))


def _fits(entry: dict[str, Any], value: Any) -> bool:
    kind = entry["type"]
    if kind.endswith("]"):
        item = {**entry, "type": kind[: kind.rindex("[")]}
        return all(_fits(item, each) for each in value)
    if kind == "tuple":
        return fits(entry["components"], value)
    if kind.startswith("uint"):
        return 0 <= value < 1 << int(kind[4:])
    if kind.startswith("int"):
        return -1 << int(kind[3:]) - 1 <= value < 1 << int(kind[3:]) - 1
    return True


def calldata(function: str, *arguments: Any) -> bytes:
    """
    The bytes of a call; a number that its argument cannot carry stands there all the same, in 256
    bits.
    """
    entry = ABI[function]
    kinds = [_wide(part) for part in entry["inputs"]]
    values = [_words(value) for value in arguments]
    return selector(entry) + encode(kinds, values)


def _wide(entry: dict[str, Any]) -> str:
    kind = entry["type"]
    if kind.startswith("tuple"):
        parts = ",".join(_wide(part) for part in entry["components"])
        return f"({parts}){kind.removeprefix('tuple')}"
    bracket = kind.find("[")
    base, rest = (kind, "") if bracket < 0 else (kind[:bracket], kind[bracket:])
    return ("bytes" if base == "bytes" else base if base == "bytes32" else "uint256") + rest


def _words(value: Any) -> Any:
    if isinstance(value, int):
        return value % (1 << 256)
    if isinstance(value, str):
        return int(value, 16)
    return [_words(each) for each in value] if isinstance(value, list | tuple) else value


def answer(world: World, sender: bytes, *calls: bytes) -> Answer:
    """What the registry says to these calls, one after the other; nothing is kept."""
    with world.machine.undone():
        try:
            for call in calls:
                world.machine.call(sender, world.grants.place, call)
        except Reverted as error:
            return error.name, error.arguments
    return None, ()
