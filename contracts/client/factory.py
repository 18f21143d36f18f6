"""
Contracts at addresses that are known before they are made (EIP-1014): a factory makes them from
their code and a salt, so a deployment by anybody of the same bytes is the same contract.

The factory is Arachnid's deterministic deployment proxy where it has its known code; elsewhere one
of the same code is made first.
"""

from __future__ import annotations

from dataclasses import dataclass

from algebra.keccak import keccak
from policies.address import address

KNOWN = "0x4e59b44847b379578588920cA78FbF26c0B4956C"
"""Where it stands on most chains, made by a transaction that nobody holds the key of."""

RUNTIME = bytes.fromhex(
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035"
    "828234f58015156039578182fd5b8082525050506014600cf3"
)
"""CREATE2 of the call's data after its first word, the salt; nothing is said of a failure."""

CREATION = bytes.fromhex("604580600e600039806000f350fe") + RUNTIME
"""What makes one."""


@dataclass(frozen=True)
class Creation:
    """
    A contract to be made by a factory.

    Attributes
    ----------
    code : creation code with the constructor's arguments
    salt : 32 bytes
    """

    code: bytes
    salt: bytes

    def at(self, factory: str) -> str:
        """Where the contract stands, or will."""
        of = b"\xff" + bytes.fromhex(factory[2:]) + self.salt + keccak(self.code)
        return address("0x" + keccak(of)[-20:].hex(), "contract")

    @property
    def data(self) -> bytes:
        """What the factory is sent."""
        return self.salt + self.code
