"""
The file that says where a registry is and what it was made of; read without a library of a chain.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from algebra.errors import Malformed
from algebra.files import parse_json, read_file, require_format, write_atomic
from policies.address import address
from policies.market_rules import MarketRules

FORMAT, VERSION = "tierproof/deployment", 2
_CODE = "malformed.deployment"
_WORD = re.compile("0x[0-9a-f]{64}")


@dataclass(frozen=True)
class Birth:
    """
    What a registry and its authority are made of, besides their code: their addresses follow from
    it.

    Attributes
    ----------
    factory : contract that made them
    deployer : the authority's first admin
    salt : 32 bytes, of the authority
    notice : seconds from what loosens to its effect
    market : default and bands at first
    """

    factory: str
    deployer: str
    salt: bytes
    notice: int
    market: MarketRules


@dataclass(frozen=True)
class DeployedVerifier:
    """A verifier: name of its artifact, address, digest and setup of the key it was made from."""

    name: str
    address: str
    key_digest: str
    srs_id: str


@dataclass(frozen=True)
class Deployment:
    """
    Attributes
    ----------
    libraries : of the registry, address by name
    verifiers : the first one first; the registry may know others
    """

    chain_id: int
    registry: str
    authority: str
    birth: Birth
    libraries: Mapping[str, str]
    verifiers: tuple[DeployedVerifier, ...]

    def of_key(self, key_digest: str) -> DeployedVerifier | None:
        """The verifier that was made from a key, 0x hexadecimal."""
        return next((each for each in self.verifiers if each.key_digest == key_digest), None)

    def as_json(self) -> dict[str, Any]:
        """The object of the file, without format and version."""
        birth = self.birth
        return {
            "chain_id": self.chain_id,
            "registry": self.registry,
            "authority": self.authority,
            "libraries": [{"name": name, "address": at} for name, at in self.libraries.items()],
            "verifiers": [asdict(each) for each in self.verifiers],
            "birth": {
                "factory": birth.factory,
                "deployer": birth.deployer,
                "salt": "0x" + birth.salt.hex(),
                "notice": birth.notice,
                "market": birth.market.as_json(),
            },
        }

    def write(self, path: Path) -> None:
        """Write the file whole or not at all."""
        document = {"format": FORMAT, "version": VERSION, **self.as_json()}
        write_atomic(path, (json.dumps(document, indent=2) + "\n").encode())

    @classmethod
    def read(cls, path: Path) -> Deployment:
        """
        Read a deployment file.

        Raises
        ------
        Unavailable
            `unavailable.deployment`: no such file.
        Malformed
            `malformed.deployment`: not one, or of another version; `malformed.address`.
        """
        try:
            document = parse_json(read_file(path, absent="unavailable.deployment"))
        except ValueError as error:
            raise Malformed(_CODE, f"{path.name} cannot be read: {type(error).__name__}") from None
        require_format(document, FORMAT, _CODE, path.name)
        del document["format"]
        if type(version := document.pop("version", None)) is not int or version != VERSION:
            raise Malformed(
                _CODE,
                f"{path.name}: version is not {VERSION}: deploy anew, a registry of an earlier "
                "version is another contract",
            )
        return _Reader(path.name).deployment(document)


class _Reader:
    """Values of one file, by their place in it."""

    def __init__(self, file: str) -> None:
        self.file = file

    def deployment(self, value: object) -> Deployment:
        names = ("chain_id", "registry", "authority", "libraries", "verifiers", "birth")
        held = self.parts(value, "deployment", names)
        return Deployment(
            chain_id=self.number(held["chain_id"], "chain_id"),
            registry=address(held["registry"], "registry"),
            authority=address(held["authority"], "authority"),
            libraries=dict(map(self.library, self.list(held["libraries"], "libraries"))),
            verifiers=tuple(map(self.verifier, self.list(held["verifiers"], "verifiers"))),
            birth=self.birth(held["birth"]),
        )

    def birth(self, value: object) -> Birth:
        names = ("factory", "deployer", "salt", "notice", "market")
        held = self.parts(value, "birth", names)
        try:
            market = MarketRules.from_json(held["market"])
        except Malformed as error:
            raise Malformed(_CODE, f"{self.file}: market: {error.message}") from None
        return Birth(
            factory=address(held["factory"], "factory"),
            deployer=address(held["deployer"], "deployer"),
            salt=bytes.fromhex(self.word(held["salt"], "salt")[2:]),
            notice=self.number(held["notice"], "notice"),
            market=market,
        )

    def library(self, value: object) -> tuple[str, str]:
        held = self.parts(value, "library", ("name", "address"))
        if not isinstance(held["name"], str):
            raise self.malformed("library: name", "a text")
        return held["name"], address(held["address"], "library")

    def verifier(self, value: object) -> DeployedVerifier:
        held = self.parts(value, "verifier", ("name", "address", "key_digest", "srs_id"))
        if not isinstance(held["name"], str):
            raise self.malformed("verifier: name", "a text")
        return DeployedVerifier(
            held["name"],
            address(held["address"], "verifier"),
            self.word(held["key_digest"], "key_digest"),
            self.word(held["srs_id"], "srs_id"),
        )

    def parts(self, value: object, where: str, names: tuple[str, ...]) -> dict[str, Any]:
        if not isinstance(value, dict) or set(value) != set(names):
            raise self.malformed(where, f"an object of exactly: {', '.join(sorted(names))}")
        return value

    def list(self, value: object, where: str) -> Sequence[Any]:
        if not isinstance(value, list) or not value:
            raise self.malformed(where, "a list of one at least")
        return value

    def number(self, value: object, where: str) -> int:
        if type(value) is not int or not 0 <= value < 1 << 64:
            raise self.malformed(where, "a number of 64 bits")
        return value

    def word(self, value: object, where: str) -> str:
        if not isinstance(value, str) or not _WORD.fullmatch(value):
            raise self.malformed(where, "0x and 64 lower-case hexadecimal digits")
        return value

    def malformed(self, where: str, wanted: str) -> Malformed:
        return Malformed(_CODE, f"{self.file}: {where} is not {wanted}")
