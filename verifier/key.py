"""
The verifying key: all that a verifier must know of a circuit, a size and a setup
(docs/explanation/protocol.md 4.5).

Its digest starts the transcript, so a proof holds for one key only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from algebra import twist
from algebra.errors import Malformed
from algebra.files import parse_json, read_file, require_format, write_atomic
from algebra.interface import Algebra, P, Point, PointG2
from algebra.keccak import keccak
from circuits.language.circuit import FIXED, Circuit
from circuits.language.packing import packs
from verifier.ceremonies import require_own_id, setup_status
from verifier.plan import Plan
from verifier.proof import ProofShape

FORMAT, VERSION = "tierproof/verifying-key", 1
_NAMES = frozenset(
    (
        "format",
        "version",
        "circuit",
        "size",
        "slots",
        "srs_id",
        "tau_g2",
        "fixed",
        "digest",
    )
)
GENERATOR_G2 = twist.G2
"""[1]_2, the generator of EIP-197, coordinates as (c0, c1)."""


@dataclass(frozen=True)
class VerifyingKey:
    """
    Parameters
    ----------
    circuit : the constraint text; not stored in the file, rebuilt from its name and size.
    slots : k, columns to a commitment.
    srs_id : 200 bits, identity of the setup.
    tau_g2 : [tau]_2.
    fixed : commitments of the packs of fixed columns.

    Raises
    ------
    Malformed
        `malformed.key`: tau is 1, or a fixed commitment is infinity. So no verifier and no
        generated contract ever holds such a key, however it was made.
    """

    circuit: Circuit
    slots: int
    srs_id: int
    tau_g2: PointG2
    fixed: tuple[Point, ...]

    def __post_init__(self) -> None:
        if self.tau_g2 == GENERATOR_G2:
            raise Malformed("malformed.key", "key: tau is 1; such a key proves nothing")
        if None in self.fixed:
            raise Malformed(
                "malformed.key", "key: a fixed commitment is infinity; such a key proves nothing"
            )

    @property
    def setup_status(self) -> str:
        """`ceremony NAME`, `development` or `unknown ceremony`, by `srs_id`."""
        return setup_status(self.srs_id)

    @property
    def size(self) -> int:
        """n, rows of the circuit, a power of two."""
        return self.circuit.size

    @cached_property
    def circuit_digest(self) -> bytes:
        """Keccak-256 of the constraint text (`Circuit.describe`), 32 bytes."""
        return keccak(self.circuit.describe().encode())

    @cached_property
    def digest(self) -> bytes:
        """Keccak-256 of everything above."""
        words = [
            self.size,
            self.slots,
            self.srs_id,
            *self.tau_g2[0],
            *self.tau_g2[1],
        ]
        for point in self.fixed:
            words += point or (0, 0)
        return keccak(
            b"tierproof/key" + self.circuit_digest + b"".join(w.to_bytes(32, "big") for w in words)
        )

    @cached_property
    def plan(self) -> Plan:
        """What the algorithm needs of the circuit, made once a key."""
        return Plan.of(self.circuit, self.slots)

    @cached_property
    def shape(self) -> ProofShape:
        """Counts that fix the encoding of proofs under this key."""
        return ProofShape.of(self.circuit, self.slots)

    def to_json(self) -> dict[str, Any]:
        """The object of a key file; coordinates are hexadecimal."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "circuit": self.circuit.name,
            "size": self.size,
            "slots": self.slots,
            "srs_id": f"{self.srs_id:050x}",
            "tau_g2": [[hex(c) for c in pair] for pair in self.tau_g2],
            "fixed": [[hex(c) for c in point or (0, 0)] for point in self.fixed],
            "digest": self.digest.hex(),
        }

    def save(self, path: Path) -> None:
        """Write the key file, whole or not at all."""
        write_atomic(path, (json.dumps(self.to_json(), indent=1) + "\n").encode())

    @staticmethod
    def load(path: Path, build: Callable[[str, int], Circuit], algebra: Algebra) -> VerifyingKey:
        """
        Read a key file.

        Raises
        ------
        Malformed
            `malformed.key`: not JSON, a field missing or out of range, a point off its curve, a
            digest that differs; `malformed.srs_id`: the id or [tau]_2 is a known tau's and the
            other is not.
        Unavailable
            `unavailable.key`: no such file; and as `algebra.files.read_file`.
        """
        try:
            document = parse_json(read_file(path, absent="unavailable.key"))
            return VerifyingKey.from_json(document, build, algebra)
        except ValueError as error:
            raise Malformed("malformed.key", f"key file {path.name}: {error}") from error

    @staticmethod
    def from_json(
        data: Any, build: Callable[[str, int], Circuit], algebra: Algebra
    ) -> VerifyingKey:
        """The same from parsed JSON."""

        def number(text: Any) -> int:
            if not isinstance(text, str) or not re.fullmatch(r"0x[0-9a-f]{1,64}", text):
                raise Malformed("malformed.key", "key: a coordinate is not a hexadecimal number")
            value = int(text, 16)
            if value >= P:
                raise Malformed("malformed.key", "key: a coordinate is not below the field's order")
            return value

        require_format(data, FORMAT, "malformed.key", "key")
        if type(data.get("version")) is not int or data["version"] != VERSION:
            raise Malformed("malformed.key", f"key: version is not {VERSION}")
        unknown = sorted(set(data) - _NAMES)
        if unknown:
            raise Malformed("malformed.key", f"key: {unknown[0][:40]}: unknown name")
        for name, kind in (
            ("circuit", str),
            ("size", int),
            ("slots", int),
            ("srs_id", str),
        ):
            if type(data.get(name)) is not kind:
                raise Malformed("malformed.key", f"key: {name} is missing or of another type")
        try:
            circuit = build(data["circuit"], data["size"])
            (a, b), (c, d) = data["tau_g2"]
            tau_g2 = ((number(a), number(b)), (number(c), number(d)))
            fixed = tuple((number(x), number(y)) for x, y in data["fixed"])
            key = VerifyingKey(
                circuit, data["slots"], int(data["srs_id"], 16), tau_g2,
                tuple(None if point == (0, 0) else point for point in fixed),
            )  # fmt: skip
            stated = data["digest"]
        except (KeyError, TypeError, ValueError) as error:
            raise Malformed(
                "malformed.key", f"key: {type(error).__name__} in {str(error)[:100]}"
            ) from error
        if not 1 <= key.slots <= 64 or not 0 <= key.srs_id < 1 << 200:
            raise Malformed("malformed.key", "key: slots or setup id out of range")
        if len(fixed) != sum(pack.stage == FIXED for pack in packs(circuit, key.slots)):
            raise Malformed("malformed.key", "key: wrong number of fixed commitments")
        if key.digest.hex() != stated:
            raise Malformed(
                "malformed.key",
                "key: digest differs from the contents; another circuit or a changed file",
            )
        require_own_id(key.srs_id, key.tau_g2)
        try:
            algebra.points(key.fixed)
            algebra.pairing_check([(None, tau_g2)])
        except ValueError as error:
            raise Malformed("malformed.key", f"key: {error}") from error
        return key
