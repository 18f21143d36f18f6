"""
The attestation file: all that an owner needs to prove, and to check his attestor
(docs/explanation/attestation.md 6).

It is private to the owner: records, wallets' count and salt are in it. `load` reads it strictly,
`check` verifies it in full against the setup. JSON, numbers as lower-case hexadecimal words of 32
bytes, records as 21 bytes each.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from algebra.errors import Malformed, Refused, Rejected
from algebra.files import write_atomic
from algebra.hexadecimal import fixed_hex, hex32
from algebra.interface import Algebra, P, PointVector, R
from algebra.poseidon2 import TAG_OWNER, hash_words
from attestor import generations
from attestor.binding import venue_id
from attestor.commitment import commit_log
from attestor.consent import venue_word
from attestor.cosigning import sign_root
from attestor.leaf import Leaf
from attestor.quorum import verify_quorum
from attestor.tree import DEPTH, verify_path
from history.v2 import record as kinds
from history.v2.feed import CHANGE_OFFSET, MAX_WEIGHT, MIN_WEIGHT, NO_FEED, Feed
from history.v2.record import Records
from policies.address import check_address
from policies.attestor_set import AttestorSet
from policies.files import Reader, read_json
from policies.rule_files import NO_FILES, RuleFiles
from policies.signed_root import Root, RootDomain

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount

FORMAT, VERSION = "tierproof/attestation", 1
RECORD_BYTES = 21
"""168 bits; docs/explanation/metrics.md A8."""
_CODE = "malformed.attestation"
_NAMES = (
    "format",
    "version",
    "srs_id",
    "size_class",
    "venue",
    "consent_key",
    "owner_tag",
    "records",
    "first_row",
    "count",
    "wallets",
    "days",
    "opening",
    "closing",
    "salt",
    "commitment",
    "leaf_index",
    "path",
    "root",
    "attestor_set",
    "domain",
    "valid_until",
    "feed",
    "market",
    "files",
    "signatures",
)


@dataclass(frozen=True, slots=True, eq=False)
class Attestation:
    """
    One owner's log, its leaf, the leaf's path and the signed root.

    Attributes
    ----------
    venue_name, consent_key : ascii; address, lower case; `leaf.venue` is a word of both
    leaf : with the commitment and the salt
    records : in rows 0, 1, ... of the commitment
    index, path, root : place in the tree
    attestor_set : as it was in the generation that signed
    domain, valid_until, signatures : the root's quorum
    feed, files : of the root: digest of the market feed, files that the logs were made by
    market : weights and changes whose digest `feed` is; None without an index
    """

    venue_name: str
    consent_key: str
    leaf: Leaf
    records: Records
    index: int
    path: tuple[int, ...]
    root: int
    attestor_set: AttestorSet
    domain: RootDomain
    valid_until: int
    signatures: tuple[bytes, ...]
    feed: int = NO_FEED
    files: RuleFiles = NO_FILES
    market: Feed | None = None

    @property
    def size(self) -> int:
        """Rows of the class."""
        return 1 << self.leaf.size_class

    @property
    def signed_root(self) -> Root:
        """What the quorum signed."""
        return Root(
            self.root,
            self.attestor_set.id,
            self.attestor_set.generation,
            self.leaf.first_day,
            self.leaf.last_day,
            self.valid_until,
            self.feed,
            self.files.rules,
        )

    def signed_for(self, domain: RootDomain, signers: list[LocalAccount]) -> Attestation:
        """The same with the root signed for another registry contract (attestors only)."""
        signatures = sign_root(self.signed_root, domain, signers, self.attestor_set)
        return replace(self, domain=domain, signatures=signatures)

    # -- file --------------------------------------------------------------------------------------
    def write(self, path: Path) -> None:
        """Write the file, whole or not at all; Unavailable (`unavailable.file`)."""
        leaf = self.leaf
        content = {
            "format": FORMAT,
            "version": VERSION,
            **leaf_json(self.venue_name, self.consent_key, leaf),
            "records": "0x"
            + b"".join(word.to_bytes(RECORD_BYTES) for word in self.records.encode()).hex(),
            "leaf_index": self.index,
            "path": [hex32(sibling) for sibling in self.path],
            "root": hex32(self.root),
            "attestor_set": generations.as_json(self.attestor_set),
            "domain": {"chain_id": self.domain.chain_id, "registry": self.domain.registry},
            "valid_until": self.valid_until,
            "feed": hex32(self.feed),
            "market": _market_json(self.market),
            "files": self.files.as_json(),
            "signatures": ["0x" + signature.hex() for signature in self.signatures],
        }
        write_atomic(path, json.dumps(content, indent=1).encode() + b"\n")


def load(path: Path) -> Attestation:
    """
    Read an attestation file. Form only: `check` tells whether it holds.

    Raises
    ------
    Malformed
        `malformed.attestation` with the name of the part; `malformed.record...`, `malformed.leaf`,
        `malformed.feed` (of a window of another length), `malformed.attestor_set`.
    Rejected
        `rejected.quorum`: a generation of the set that nobody handed over to.
    Unavailable
        `unavailable.file`.
    """
    file = Reader(read_json(path, _CODE), "attestation", _CODE)
    file.header(FORMAT, VERSION)
    file.keys(*_NAMES)
    venue, consent_key, leaf = read_leaf(file)
    data = file.hex_bytes("records")
    if len(data) != leaf.count * RECORD_BYTES:
        raise file.error(
            "records", f"{len(data)} bytes, {leaf.count} records of {RECORD_BYTES} wanted"
        )
    words = [int.from_bytes(data[i : i + RECORD_BYTES]) for i in range(0, len(data), RECORD_BYTES)]
    index, path_words = read_path(file)
    root = file.word("root")
    if root >= R:
        raise file.error("root", "a digest is not below r")
    attestor_set = generations.child(file)
    domain = file.child("domain")
    domain.keys("chain_id", "registry")
    return Attestation(
        venue_name=venue,
        consent_key=consent_key,
        leaf=leaf,
        records=Records.decode(words),
        index=index,
        path=path_words,
        root=root,
        attestor_set=attestor_set,
        domain=RootDomain(domain.integer("chain_id", 1, (1 << 256) - 1), domain.text("registry")),
        valid_until=file.integer("valid_until", 0, (1 << 64) - 1),
        signatures=file.signatures("signatures"),
        feed=file.word("feed"),
        market=_market(file, leaf),
        files=RuleFiles.parse(file.value("files"), "attestation.files"),
    )


def leaf_json(venue: str, consent_key: str, leaf: Leaf) -> dict[str, Any]:
    """The words of a leaf, with the names of which its venue word is; `read_leaf` reads them."""
    return {
        "srs_id": fixed_hex(leaf.srs_id, 25),
        "size_class": leaf.size_class,
        "venue": venue,
        "consent_key": consent_key,
        "owner_tag": hex32(leaf.owner_tag),
        "first_row": leaf.first_row,
        "count": leaf.count,
        "wallets": leaf.wallets,
        "days": {"first": leaf.first_day, "last": leaf.last_day, "bound": leaf.bound_day},
        "opening": leaf.opening,
        "closing": leaf.closing,
        "salt": hex32(leaf.salt),
        "commitment": [hex32(coordinate) for coordinate in leaf.commitment],
    }


def read_leaf(file: Reader) -> tuple[str, str, Leaf]:
    """Venue, consent key and leaf of a file that holds `leaf_json`; Malformed."""
    days = file.child("days")
    days.keys("first", "last", "bound")
    venue, consent_key = file.text("venue"), file.text("consent_key")
    check_address(consent_key, f"{file.place}.consent_key")
    commitment = file.words("commitment", 2)
    leaf = Leaf(
        owner_tag=file.word("owner_tag"),
        venue=venue_word(venue_id(venue), consent_key),
        size_class=file.integer("size_class", 1, 28),
        srs_id=int.from_bytes(file.hex_bytes("srs_id", 25)),
        salt=file.word("salt"),
        commitment=(commitment[0], commitment[1]),
        count=file.integer("count", 1, (1 << 24) - 1),
        wallets=file.integer("wallets", 1, (1 << 12) - 1),
        first_day=days.integer("first", 0, (1 << 24) - 1),
        last_day=days.integer("last", 0, (1 << 24) - 1),
        bound_day=days.integer("bound", 0, (1 << 24) - 1),
        opening=file.integer("opening", 0, (1 << 48) - 1),
        closing=file.integer("closing", 1 - (1 << 47), (1 << 47) - 1),
        first_row=file.integer("first_row", 0, 0),
    )
    if (commitment[1] ** 2 - commitment[0] ** 3 - 3) % P:
        raise file.error("commitment", "not a point of the curve")
    return venue, consent_key, leaf


def read_path(file: Reader) -> tuple[int, tuple[int, ...]]:
    """Place in the tree and siblings, each below r; Malformed."""
    path = file.words("path", DEPTH)
    if any(word >= R for word in path):
        raise file.error("path", "a digest is not below r")
    return file.integer("leaf_index", 0, (1 << DEPTH) - 1), path


def _market_json(market: Feed | None) -> dict[str, list[int]] | None:
    if market is None:
        return None
    return {"weights": list(market.weights), "changes": list(market.changes)}


def _market(file: Reader, leaf: Leaf) -> Feed | None:
    """The values of the window's days; null without an index."""
    if file.value("market") is None:
        return None
    part = file.child("market")
    part.keys("weights", "changes")
    days = leaf.last_day - leaf.first_day + 1
    return Feed(
        leaf.first_day,
        part.integers("weights", days, MIN_WEIGHT, MAX_WEIGHT),
        part.integers("changes", days, 1 - CHANGE_OFFSET, CHANGE_OFFSET - 1),
    )


def check(
    attestation: Attestation,
    basis: PointVector,
    algebra: Algebra,
    identity_secret: int | None = None,
    *,
    srs_id: int | None = None,
    attestor_set: bytes | None = None,
    domain: RootDomain | None = None,
) -> None:
    """
    All that the institution checks before it relies on an attestation.

    Parameters
    ----------
    attestation : as loaded
    basis : Lagrange basis of the class, [L_i(tau)], n points
    identity_secret : the owner's secret, to see that the log is his; it appears in no error
    srs_id, attestor_set, domain : what the setup, the policy and the registry say, None to take the
        file's word

    Raises
    ------
    Rejected
        `rejected.attestation.setup`, `.class`, `.owner`, `.attestor_set`, `.domain`: made for
        another; `.feed` (values of another digest, or of no document, or none of one); `.records`
        (days, marks, canonical form), `.reconciliation`, `.commitment`;
        `rejected.path`; `rejected.quorum`, `rejected.signature`.
    Malformed
        `malformed.signature`.
    """
    leaf = attestation.leaf
    if srs_id is not None and leaf.srs_id != srs_id:
        raise _no("setup", "made for another setup")
    if basis.length != attestation.size:
        raise _no(
            "class",
            f"made for class 2^{leaf.size_class}, the setup's basis has {basis.length} rows",
        )
    if (
        identity_secret is not None
        and hash_words(TAG_OWNER, [identity_secret, leaf.venue]) != leaf.owner_tag
    ):
        raise _no("owner", "made for another owner")
    if attestor_set is not None and attestation.attestor_set.id != attestor_set:
        raise _no("attestor_set", "signed by another attestor set")
    if domain is not None and attestation.domain != domain:
        raise _no("domain", "its root is signed for another chain or registry")
    _check_feed(attestation)
    _check_records(attestation)
    try:
        commitment = commit_log(attestation.records, basis, algebra)
    except Refused as refusal:
        raise _no("class", refusal.message) from refusal
    if commitment != leaf.commitment:
        raise _no("commitment", "the records do not give this commitment")
    verify_path(attestation.root, leaf.digest(), attestation.index, attestation.path)
    verify_quorum(
        attestation.signed_root,
        attestation.domain,
        attestation.signatures,
        attestation.attestor_set,
    )


def _no(part: str, reason: str) -> Rejected:
    return Rejected(f"rejected.attestation.{part}", f"attestation: {reason}", part=part)


def _check_feed(attestation: Attestation) -> None:
    """The values against the digest that was signed, and the one feed document among the files."""
    market = attestation.market
    if attestation.feed != (NO_FEED if market is None else market.digest()):
        raise _no("feed", "its market feed is not the one that was signed with the root")
    if len(attestation.files.feeds) != int(market is not None):
        raise _no("feed", "its files name no feed document, or one too many, for its market feed")


def _check_records(attestation: Attestation) -> None:
    """Count, days, marks and books of the records against the leaf."""
    leaf, records = attestation.leaf, attestation.records
    try:
        records.check()
    except Malformed as error:
        raise _no("records", error.message) from error
    days = leaf.last_day - leaf.first_day + 1
    if len(records) != leaf.count or int(records.day.max()) >= days:
        raise _no("records", "a record lies outside the window, or their number is not the leaf's")
    owner = records.owner_marks
    for marked, wanted, of in (
        (records.has(kinds.MARK) & ~owner, leaf.wallets, "accounts"),
        (owner, 1, "owner"),
    ):
        marks = np.bincount(records.day[marked], minlength=days)
        bad = np.flatnonzero(marks != wanted)
        if len(bad):
            day = int(bad[0])
            raise _no(
                "records", f"day {day} has {int(marks[day])} marks of the {of}, {wanted} wanted"
            )
    if leaf.opening + records.moved != leaf.closing:
        raise _no("reconciliation", "opening + values of the records differs from closing")
