"""
Some records of an attested log for an auditor, linked to the root that a quorum signed
(docs/explanation/attestation.md 7).

    records -> C (one KZG opening) -> leaf (all its words) -> root (path) -> k of n signatures
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from algebra.errors import Refused, Rejected
from algebra.files import write_atomic
from algebra.hexadecimal import hex32
from algebra.interface import Algebra, Point, PointVector
from attestor.attestation import RECORD_BYTES, Attestation, leaf_json, read_leaf, read_path
from attestor.disclosure import MAX_SHOWN, Opening, open_records, verify_records_opening
from attestor.leaf import Leaf
from attestor.origins import Origin
from attestor.quorum import verify_quorum
from attestor.tree import verify_path
from history.v2 import record as kinds
from history.v2.record import Records
from policies.attestor_set import AttestorSet
from policies.files import Reader, read_json
from policies.signed_root import RootDomain
from tierproof.documents import RootFile
from verifier.ceremonies import why_not
from verifier.key import VerifyingKey

FORMAT, VERSION = "tierproof/disclosure", 1
_CODE = "malformed.disclosure"
_LEAF = (
    "srs_id", "size_class", "venue", "consent_key", "owner_tag", "first_row", "count", "wallets",
    "days", "opening", "closing", "salt", "commitment",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DisclosureFile:
    """
    Records of one log, readable in it, with all that links them: for whom it is given to.

    Attributes
    ----------
    venue, consent_key, leaf : every word of the leaf, the salt too: its hash is what the tree holds
    index, path : of the leaf in the tree
    root : with its quorum
    rows, words : the records, ascending by row
    proof : that they stand in these rows of the leaf's commitment
    """

    venue: str
    consent_key: str
    leaf: Leaf
    index: int
    path: tuple[int, ...]
    root: RootFile
    rows: tuple[int, ...]
    words: tuple[int, ...]
    proof: Opening

    @classmethod
    def of(
        cls, attestation: Attestation, rows: Sequence[int], powers: PointVector, algebra: Algebra
    ) -> DisclosureFile:
        """
        These rows of an attestation, shown.

        Parameters
        ----------
        powers : [tau^i] of the setup that it was made for

        Raises
        ------
        Refused
            `refused.disclosure`: as `open_records`.
        """
        words, proof = open_records(attestation.records, attestation.size, rows, powers, algebra)
        return cls(
            attestation.venue_name,
            attestation.consent_key,
            attestation.leaf,
            attestation.index,
            attestation.path,
            RootFile.of(attestation),
            tuple(rows),
            tuple(words),
            proof,
        )

    @property
    def records(self) -> Records:
        """Those that are shown, in the order of their rows."""
        return Records.decode(list(self.words))

    def as_json(self) -> dict[str, Any]:
        """The object of the file, which `load` reads; infinity is (0, 0)."""
        return {
            "format": FORMAT,
            "version": VERSION,
            **leaf_json(self.venue, self.consent_key, self.leaf),
            "leaf_index": self.index,
            "path": [hex32(sibling) for sibling in self.path],
            "root": self.root.as_json(),
            "records": [
                {"row": row, "record": "0x" + word.to_bytes(RECORD_BYTES).hex()}
                for row, word in zip(self.rows, self.words, strict=True)
            ],
            "proof": [[hex32(part) for part in point or (0, 0)] for point in self.proof],
        }

    def write(self, path: Path) -> None:
        """Whole or not at all, readable by its owner only."""
        write_atomic(path, json.dumps(self.as_json(), indent=1).encode() + b"\n")

    @classmethod
    def load(cls, path: Path) -> DisclosureFile:
        """
        Read a file, form only, but for the set's own handovers: `check` tells whether it holds.

        Raises
        ------
        Malformed
            `malformed.disclosure`, `malformed.root`, `malformed.leaf`, `malformed.record...`.
        Rejected
            `rejected.quorum`, as `RootFile.parse`.
        Unavailable
            `unavailable.file`.
        """
        file = Reader(read_json(path, _CODE), "disclosure", _CODE)
        file.header(FORMAT, VERSION)
        file.keys("format", "version", *_LEAF, "leaf_index", "path", "root", "records", "proof")
        venue, consent_key, leaf = read_leaf(file)
        index, siblings = read_path(file)
        shown = file.children("records")
        if not 0 < len(shown) <= MAX_SHOWN:
            raise file.error("records", f"1 to {MAX_SHOWN} wanted")
        for each in shown:
            each.keys("row", "record")
        rows = tuple(each.integer("row", 0, leaf.count - 1) for each in shown)
        if list(rows) != sorted(set(rows)):
            raise file.error("records", "not ascending by row, each once")
        words = tuple(int.from_bytes(each.hex_bytes("record", RECORD_BYTES)) for each in shown)
        Records.decode(list(words)).check()
        points = [_point(file, place, pair) for place, pair in enumerate(file.list("proof", 2))]
        return cls(
            venue,
            consent_key,
            leaf,
            index,
            siblings,
            RootFile.parse(file.child("root")),
            rows,
            words,
            Opening(*points),
        )

    def check(
        self,
        key: VerifyingKey,
        attestor_set: AttestorSet,
        algebra: Algebra,
        domain: RootDomain | None = None,
        *,
        allow_setup: str | None = None,
    ) -> None:
        """
        Whether a quorum of that set attested these records.

        Parameters
        ----------
        key : any verifying key of the setup, for [tau]_2 and the setup's id
        attestor_set : whom the auditor believes, in any generation of theirs
        domain : where the root must count; None: wherever it says
        allow_setup : a setup to take beside the known ceremonies: `development`, or an srs id;
            whoever knows its secret shows what he likes

        Raises
        ------
        Rejected
            `rejected.setup`: of no known ceremony, and not allowed; `rejected.disclosure`: of
            another setup, set, generation, window or domain, or records that are not in these
            rows; `rejected.path`; `rejected.quorum`.
        Malformed
            `malformed.signature`.
        """
        signed, shown = self.root.root, self.root.attestor_set
        if reason := why_not(key.srs_id, allow_setup):
            raise Rejected("rejected.setup", f"disclosure: {reason}")
        if self.leaf.srs_id != key.srs_id:
            raise _no("made for another setup than the key's")
        if not shown.follows(attestor_set) and not attestor_set.follows(shown):
            raise _no("its root is signed by another attestor set, or a generation that is not its")
        if domain is not None and self.root.domain != domain:
            raise _no("its root is signed for another chain or registry")
        if (self.leaf.first_day, self.leaf.last_day) != (signed.first_day, signed.last_day):
            raise _no("its leaf is of another window than the root")
        verify_records_opening(
            self.leaf.commitment,
            1 << self.leaf.size_class,
            self.rows,
            self.words,
            self.proof,
            key.tau_g2,
            algebra,
        )
        verify_path(signed.root, self.leaf.digest(), self.index, self.path)
        verify_quorum(signed, self.root.domain, self.root.signatures, shown)


def chosen_rows(
    attestation: Attestation,
    rows: Sequence[int],
    days: Sequence[int],
    kinds_of: Sequence[str],
    instruments: Collection[str] = (),
    lines: Sequence[Origin | None] = (),
) -> list[int]:
    """
    Rows by number, or all of these days (days since 1970), kinds and instruments; what is not named
    does not choose.

    Parameters
    ----------
    lines : of each record (`attestor.origins`), by which instruments are known

    Raises
    ------
    Refused
        `refused.disclosure`: there are none.
    """
    if rows:
        return sorted(set(rows))
    records, first = attestation.records, attestation.leaf.first_day
    bits = dict(zip(kinds.KIND_NAMES, (1 << i for i in range(len(kinds.KIND_NAMES))), strict=True))
    wanted = {bits[name] for name in kinds_of}
    found = [
        row
        for row, each in enumerate(records.rows())
        if (not days or first + each.day in days)
        and (not wanted or any(each.kind & bit for bit in wanted))
        and (not instruments or _names(lines[row], instruments))
    ]
    if not found:
        raise Refused("refused.disclosure", "disclose: no record of that day, kind and instrument")
    return found


def _names(line: Origin | None, instruments: Collection[str]) -> bool:
    return line is not None and not set(instruments).isdisjoint(line.instruments)


def _no(reason: str) -> Rejected:
    return Rejected("rejected.disclosure", f"disclosure: {reason}")


def _point(file: Reader, place: int, pair: Any) -> Point:
    if not isinstance(pair, list) or len(pair) != 2:
        raise file.error(f"proof[{place}]", "not x and y of a point")
    x, y = (
        int.from_bytes(file.as_bytes(f"proof[{place}][{part}]", item, 32))
        for part, item in enumerate(pair)
    )
    return None if (x, y) == (0, 0) else (x, y)
