"""The file that says where a registry and its verifier are; read without a library of a chain."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from algebra.errors import Malformed
from algebra.files import parse_json, read_file, require_format, write_atomic
from policies.address import address

FORMAT, VERSION = "tierproof/deployment", 1


@dataclass(frozen=True)
class Deployment:
    """Where a registry and its verifier live, and which key the verifier was generated from."""

    chain_id: int
    registry: str
    verifier: str
    verifier_name: str
    key_digest: str
    srs_id: str

    def write(self, path: Path) -> None:
        """Write the file whole or not at all."""
        text = json.dumps({"format": FORMAT, "version": VERSION, **asdict(self)}, indent=2) + "\n"
        write_atomic(path, text.encode())

    @classmethod
    def read(cls, path: Path) -> Deployment:
        """
        Read a deployment file.

        Raises
        ------
        Unavailable
            `unavailable.deployment`: no such file.
        Malformed
            `malformed.deployment`: not one, or of another version.
        """
        try:
            document = parse_json(read_file(path, absent="unavailable.deployment"))
        except ValueError as error:
            raise Malformed(
                "malformed.deployment", f"{path.name} cannot be read: {type(error).__name__}"
            ) from None
        require_format(document, FORMAT, "malformed.deployment", path.name)
        del document["format"]
        if type(version := document.pop("version", None)) is not int or version != VERSION:
            raise Malformed("malformed.deployment", f"{path.name}: version is not {VERSION}")
        kinds = {"chain_id": int}
        names = set(cls.__dataclass_fields__)
        if set(document) != names or any(
            type(document[name]) is not kinds.get(name, str) for name in names
        ):
            raise Malformed(
                "malformed.deployment", f"{path.name} must hold exactly: {', '.join(sorted(names))}"
            )
        for name in ("key_digest", "srs_id"):
            if not re.fullmatch("0x[0-9a-f]{64}", document[name]):
                raise Malformed(
                    "malformed.deployment",
                    f"{path.name}: {name} is not 0x and 64 lower-case hexadecimal digits",
                )
        address(document["registry"], "registry")
        address(document["verifier"], "verifier")
        return cls(**document)
