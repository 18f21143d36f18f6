"""Any numbers put to the registry, many calls at once: what it answers, by the error's name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from eth_abi.abi import encode
from registry_world import World

from contracts.build.artifact import REGISTRY, known_errors, load_artifact
from contracts.client.revert import error_selector, rejected

BATCH = 100
ABI = {entry["name"]: entry for entry in load_artifact(REGISTRY).abi if entry.get("name")}

Answer = tuple[str | None, dict[str, Any]]
"""Name of the custom error, None where the call goes through; its arguments."""


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
    return error_selector(entry) + encode(kinds, values)


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


def answers(world: World, calls: Sequence[bytes]) -> Iterator[Answer]:
    """What the registry says to each call of the governor; nothing is kept."""
    errors = known_errors()
    parties = {"from": world.governor, "to": world.client.address}
    provider: Any = world.chain.web3.provider
    for start in range(0, len(calls), BATCH):
        requests = [
            ("eth_call", [{**parties, "data": "0x" + call.hex()}, "latest"])
            for call in calls[start : start + BATCH]
        ]
        replies = sorted(provider.make_batch_request(requests), key=lambda reply: reply["id"])
        for reply in replies:
            if "error" not in reply:
                yield None, {}
                continue
            said = rejected(bytes.fromhex(reply["error"].get("data", "0x")[2:]), errors)
            yield str(said.fields["error"]), dict(said.fields["arguments"])
