"""What a reverted call says, as an error of the project."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from algebra.errors import Rejected
from algebra.extras import libraries
from algebra.keccak import keccak

with libraries("chain"):
    from eth_abi.abi import decode
    from eth_abi.exceptions import DecodingError, NonEmptyPaddingBytes

_ERROR_STRING = bytes.fromhex("08c379a0")  # Error(string)
_PANIC = bytes.fromhex("4e487b71")  # Panic(uint256)


def error_type(entry: dict[str, Any]) -> str:
    """Canonical type of an ABI input; tuples in brackets."""
    kind = str(entry["type"])
    if kind.startswith("tuple"):
        return (
            "("
            + ",".join(error_type(part) for part in entry["components"])
            + ")"
            + kind[len("tuple") :]
        )
    return kind


def error_selector(entry: dict[str, Any]) -> bytes:
    """First four bytes of the Keccak digest of the signature of an error, or of a function."""
    signature = f"{entry['name']}({','.join(error_type(part) for part in entry['inputs'])})"
    return bytes(keccak(signature.encode())[:4])


_WORDS = ("root", "nullifier", "scope")
"""Numbers of a contract's errors that files and commands write as 0x and 64 digits."""


def _argument(name: str, value: object) -> object:
    return f"0x{value:064x}" if name in _WORDS and isinstance(value, int) else _plain(value)


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, (tuple, list)):
        return [_plain(part) for part in value]
    return value


def rejected(data: bytes, errors: Iterable[dict[str, Any]], detail: str = "") -> Rejected:
    """
    Name the custom error in the data of a revert.

    Parameters
    ----------
    data : the bytes that the call returned; may be empty
    errors : ABI entries of the errors it may be
    detail : what the node said, used where the data names nothing

    Returns
    -------
    Rejected
        `rejected.<ErrorName>` with `error` and `arguments` (name to value; bytes, roots, nullifiers
        and scopes as hexadecimal, as files write them);
        `rejected.Error` for a reason string, `rejected.Panic` for a compiler's check,
        `rejected.Reverted` where nothing can be read.
    """
    selector, body = data[:4], data[4:]
    try:
        if selector == _ERROR_STRING:
            (reason,) = decode(["string"], body)
            return Rejected(
                "rejected.Error",
                f"the contract refused: {reason}",
                error="Error",
                arguments={"reason": reason},
            )
        if selector == _PANIC:
            (number,) = decode(["uint256"], body)
            return Rejected(
                "rejected.Panic",
                f"the contract stopped with panic {number:#x}",
                error="Panic",
                arguments={"code": number},
            )
        for entry in errors:
            if len(data) >= 4 and error_selector(entry) == selector:
                values = decode([error_type(part) for part in entry["inputs"]], body)
                arguments = {
                    part["name"] or str(place): _argument(part["name"], value)
                    for place, (part, value) in enumerate(zip(entry["inputs"], values, strict=True))
                }
                return named(str(entry["name"]), arguments)
    except (DecodingError, NonEmptyPaddingBytes, UnicodeDecodeError):
        pass  # data that only looks like a known error names nothing
    said = detail or (f"data 0x{data[:68].hex()}" if data else "no reason given")
    return Rejected(
        "rejected.Reverted", f"the contract refused: {said}", error="Reverted", arguments={}
    )


def named(name: str, arguments: dict[str, object], said: str = "") -> Rejected:
    """
    The refusal of a contract by one of its errors; `said` comes after it in the message.
    """
    listed = ", ".join(f"{part}: {value}" for part, value in arguments.items())
    return Rejected(
        f"rejected.{name}",
        f"the contract refused: {name}({listed}){said}",
        error=name,
        arguments=arguments,
    )
