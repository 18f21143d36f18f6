"""One example of every error and every event of an ABI, as bytes and as what is to be read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak
from grants.machine import kinds, selector

Entry = dict[str, Any]


def error_sample(entry: Entry) -> tuple[str, list[Any]]:
    """What a call reverts with, and its name and arguments."""
    values = _values(entry["inputs"])
    data = selector(entry) + encode(kinds(entry["inputs"]), values)
    return "0x" + data.hex(), [entry["name"], plain(values)]


def event_sample(entry: Entry) -> tuple[dict[str, Any], list[Any]]:
    """A log's topics and data, and its name and arguments."""
    inputs = entry["inputs"]
    values = _values(inputs)
    both = list(zip(inputs, values, strict=True))
    keys = [encode(kinds([each]), [value]) for each, value in both if each["indexed"]]
    others = [(each, value) for each, value in both if not each["indexed"]]
    signature = f"{entry['name']}({','.join(kinds(inputs))})"
    log = {
        "topics": ["0x" + each.hex() for each in (keccak(text=signature), *keys)],
        "data": "0x" + encode(kinds([e for e, _ in others]), [v for _, v in others]).hex(),
    }
    return log, [entry["name"], plain(values)]


def plain(value: Any) -> Any:
    """As `plain.mjs` writes it: lists, numbers as strings, lower-case hexadecimal."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Mapping):
        return plain(list(value.values()))
    if isinstance(value, str):
        return value.lower() if value.startswith("0x") else value
    return [plain(each) for each in value]


def _values(inputs: Sequence[Entry]) -> list[Any]:
    numbers = count(0x1234567)
    return [_value(each, numbers) for each in inputs]


def _value(entry: Entry, numbers: count[int]) -> Any:
    kind = str(entry["type"])
    array = re.fullmatch(r"(.*)\[(\d*)\]", kind)
    if array:
        part = {**entry, "type": array[1]}
        return [_value(part, numbers) for _ in range(int(array[2] or 2))]
    if kind == "tuple":
        return tuple(_value(part, numbers) for part in entry["components"])
    number = next(numbers)
    if kind == "bool":
        return True
    if kind == "string":
        return f"text {number}"
    if kind == "address":
        return "0x" + keccak(number.to_bytes(32))[12:].hex()
    if kind.startswith("bytes"):
        return keccak(number.to_bytes(32))[: int(kind[5:] or 32)]
    bits = int(kind.removeprefix("u").removeprefix("int"))
    drawn = int.from_bytes(keccak(number.to_bytes(32))) >> (257 - bits)
    return -drawn if kind.startswith("int") else drawn
