"""
EIP-712: the digest of one flat structure, as wallets, attestors and contracts compute it.

    digest = keccak(0x19 01 || hash(domain) || hash(structure))
    hash(T) = keccak(keccak(type text of T) || fields of T, 32 bytes each)

What the project signs has numbers, digests, addresses, lists of addresses and texts for fields, no
structure in a structure: other types are refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from algebra.keccak import keccak

Types = Mapping[str, Sequence[Mapping[str, str]]]

DOMAIN_FIELDS = {
    "name": "string",
    "version": "string",
    "chainId": "uint256",
    "verifyingContract": "address",
}
"""In the order that EIP-712 sets; a domain has those that it names. No `salt`: we use none."""


class TypedMessage(NamedTuple):
    """
    What is signed, in the three parts of EIP-191; wallets' libraries take it as it is.

    Attributes
    ----------
    version : 0x01
    header : hash of the domain, 32 bytes
    body : hash of the structure, 32 bytes
    """

    version: bytes
    header: bytes
    body: bytes

    @property
    def digest(self) -> bytes:
        """The 32 bytes that a key signs."""
        return keccak(b"\x19" + self.version + self.header + self.body)


def typed_message(
    domain: Mapping[str, Any], types: Types, message: Mapping[str, Any]
) -> TypedMessage:
    """
    The message of one structure in a domain.

    Parameters
    ----------
    domain : some of `DOMAIN_FIELDS`
    types : one name with its fields, `{"name": ..., "type": ...}` each
    message : a value for each field and no other: int, bytes, text, 0x address or several

    Raises
    ------
    ValueError
        A field is missing, too many, of another type, or out of its type's range: a fault of the
        caller, who checks what comes from outside.
    """
    ((name, fields),) = types.items()
    known = [{"name": field, "type": DOMAIN_FIELDS[field]} for field in DOMAIN_FIELDS]
    domain_fields = [field for field in known if field["name"] in domain]
    return TypedMessage(
        b"\x01", _hash("EIP712Domain", domain_fields, domain), _hash(name, fields, message)
    )


def typed_document(
    domain: Mapping[str, Any], types: Types, message: Mapping[str, Any]
) -> dict[str, Any]:
    """
    The same as JSON values, as wallets and other signers take it: bytes as hexadecimal, numbers of
    more than 53 bits as decimal text.
    """
    ((name, fields),) = types.items()
    known = [{"name": field, "type": DOMAIN_FIELDS[field]} for field in DOMAIN_FIELDS]
    return {
        "types": {"EIP712Domain": [field for field in known if field["name"] in domain], **types},
        "primaryType": name,
        "domain": dict(domain),
        "message": {each["name"]: _plain(each["type"], message[each["name"]]) for each in fields},
    }


def _plain(kind: str, value: Any) -> Any:
    """One value as JSON has it."""
    if isinstance(value, bytes):
        return "0x" + value.hex()
    wide = kind.startswith("uint") and int(kind.removeprefix("uint")) > 53
    return str(value) if wide else value


def _hash(name: str, fields: Sequence[Mapping[str, str]], values: Mapping[str, Any]) -> bytes:
    if {field["name"] for field in fields} != set(values):
        raise ValueError(f"{name}: other fields than its type has")
    listed = ",".join(f"{field['type']} {field['name']}" for field in fields)
    words = [_word(field["type"], values[field["name"]]) for field in fields]
    return keccak(keccak(f"{name}({listed})".encode()) + b"".join(words))


def _word(kind: str, value: Any) -> bytes:
    """One value in 32 bytes."""
    if kind == "string":
        return keccak(value.encode())
    if kind == "bytes32" and len(value) == 32:
        return bytes(value)
    if kind == "address" and len(value) == 42:
        return bytes(12) + bytes.fromhex(value[2:])
    if kind == "address[]":
        return keccak(b"".join(_word("address", each) for each in value))
    if kind.startswith("uint") and 0 <= value < 1 << int(kind.removeprefix("uint")):
        return int(value).to_bytes(32)
    if kind.startswith("int") and abs(2 * value + 1) < 1 << int(kind.removeprefix("int")):
        return int(value).to_bytes(32, signed=True)
    raise ValueError(f"no {kind} of 32 bytes")
