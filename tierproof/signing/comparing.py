"""
Where two drafts of a window differ, or two attested folders: what one who saw less is told
(docs/explanation/attestation.md 9.5).

What is said of an owner's records is private to him and the quorum.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from algebra.errors import Refused
from attestor.attestation import Attestation
from attestor.attestation import load as load_attestation
from history.dates import day_text
from history.v2 import record as kinds
from tierproof.attested_folder import ROOT_FILE, attestation_name
from tierproof.documents import RootFile
from tierproof.formats.units import instant, usd, window
from tierproof.formats.views import record_in_words
from tierproof.signing.draft import DRAFT_FILE, Draft, DraftOwner, OwnerKey

NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Difference:
    """Where, and what each side says there, in words."""

    where: str
    one: str
    other: str

    def text(self, one: str, other: str) -> str:
        """In a sentence, the sides by these names."""
        return f"{self.where}: {one}: {self.one}; {other}: {self.other}"


# -- drafts ----------------------------------------------------------------------------------------
def differences(one: Draft, other: Draft) -> list[Difference]:
    """Of two drafts: root, class and owners, in the order of `_root` and of the owners."""
    found = list(_root(one.root, other.root))
    found += _unlike("class", str(one.size), str(other.size))
    found += _unlike("setup", f"0x{one.srs_id:050x}", f"0x{other.srs_id:050x}")
    sides = [{each.key: each for each in draft.owners} for draft in (one, other)]
    for key in sorted(sides[0].keys() | sides[1].keys()):
        found += _owner(key, sides[0].get(key), sides[1].get(key))
    left = [{each.key: each.consents for each in draft.left_out} for draft in (one, other)]
    for key in sorted(left[0].keys() | left[1].keys()):
        said = [_digests(side.get(key)) for side in left]
        found += _unlike(f"{named(key)}: left out for consents", *said)
    return found


def _root(one: RootFile, other: RootFile) -> Iterator[Difference]:
    first, second = one.root, other.root
    yield from _unlike("attestor set", _digest(first.attestor_set), _digest(second.attestor_set))
    yield from _unlike("generation", str(first.generation), str(second.generation))
    yield from _unlike("members", _set(one), _set(other))
    yield from _unlike(
        "window", window(first.first_day, first.last_day), window(second.first_day, second.last_day)
    )
    yield from _unlike("registry", _place(one), _place(other))
    yield from _unlike("valid until", instant(first.valid_until), instant(second.valid_until))
    yield from _unlike("feed", f"0x{first.feed:064x}", f"0x{second.feed:064x}")
    files = [dict(each.files.files) for each in (one, other)]
    for name in sorted(files[0].keys() | files[1].keys()):
        yield from _unlike(f"file {name}", *(_digest(side.get(name)) for side in files))


def _owner(key: OwnerKey, one: DraftOwner | None, other: DraftOwner | None) -> list[Difference]:
    if one is None or other is None:
        return [Difference(named(key), *("a leaf" if side else "no leaf" for side in (one, other)))]
    found = _unlike(f"{named(key)}: consents", _digest(one.consents), _digest(other.consents))
    return found + _unlike(f"{named(key)}: leaf", _word(one.leaf), _word(other.leaf))


# -- folders ---------------------------------------------------------------------------------------
def folder_differences(one: Path, other: Path) -> list[Difference]:
    """
    Of two folders that `draft` or `attest` wrote, or of two drafts' files: as `differences`, then
    of every owner whose two logs are there, where the logs begin to differ.

    Raises
    ------
    Malformed, Refused, Unavailable
        As the files' loaders; `refused.compare`: one is a draft, the other a signed root.
    """
    if _is_draft(one) != _is_draft(other):
        raise Refused("refused.compare", "diff: one is a draft and the other a signed root")
    if _is_draft(one):
        found = differences(Draft.load(one), Draft.load(other))
    else:
        roots = [RootFile.load(each / ROOT_FILE) for each in (one, other)]
        found = list(_root(*roots))
        found += _unlike("root", *(_word(each.root.root) for each in roots))
    return found + list(_logs(one, other))


def _is_draft(path: Path) -> bool:
    return path.is_file() or (path / DRAFT_FILE).exists()


def _logs(one: Path, other: Path) -> Iterator[Difference]:
    """Of owners whose files are in both folders; of signed ones, who is in one alone."""
    names = [_attestations(each) for each in (one, other)]
    for name in sorted(names[0] | names[1]):
        if name in names[0] and name in names[1]:
            yield from log_differences(load_attestation(one / name), load_attestation(other / name))
        elif not _is_draft(one):
            yield Difference(name, *("there" if name in each else NOTHING for each in names))


def _attestations(path: Path) -> set[str]:
    if not path.is_dir():
        return set()
    return {each.name for each in path.glob(attestation_name("0x*"))}


def log_differences(one: Attestation, other: Attestation) -> list[Difference]:
    """Of an owner's two logs: what their leaves say, and the first record that differs."""
    leaf, against = one.leaf, other.leaf
    name = named((leaf.owner_tag, one.consent_key))
    found = []
    for what, words in (
        ("bound day", [day_text(each.bound_day) for each in (leaf, against)]),
        ("accounts", [str(each.wallets) for each in (leaf, against)]),
        ("opening", [usd(each.opening) for each in (leaf, against)]),
        ("closing", [usd(each.closing) for each in (leaf, against)]),
        ("records", [str(each.count) for each in (leaf, against)]),
        ("salt", ["one", "one" if leaf.salt == against.salt else "another"]),
    ):
        found += _unlike(f"{name}: {what}", *words)
    for row, pair in enumerate(zip_longest(one.records.rows(), other.records.rows())):
        if pair[0] != pair[1]:
            said = [_record(each, leaf.first_day) for each in pair]
            return [*found, Difference(f"{name}: first at record {row}", *said)]
    return found


# -- words -----------------------------------------------------------------------------------------
def named(key: OwnerKey) -> str:
    """An owner, by what attestors know of him."""
    return f"owner 0x{key[0]:064x} of consent key {key[1]}"


def _unlike(where: str, one: str, other: str) -> list[Difference]:
    return [] if one == other else [Difference(where, one, other)]


def _record(row: kinds.Record | None, first_day: int) -> str:
    if row is None:
        return NOTHING
    said = ", ".join(f"{name} {value}" for name, value in record_in_words(row, row.day).items())
    return f"{day_text(first_day + row.day)}, {said}"


def _set(root: RootFile) -> str:
    return f"{root.attestor_set.threshold} of {', '.join(root.attestor_set.members)}"


def _place(root: RootFile) -> str:
    return f"{root.domain.registry} on chain {root.domain.chain_id}"


def _word(number: int) -> str:
    return f"0x{number:064x}"


def _digest(digest: bytes | None) -> str:
    return NOTHING if digest is None else "0x" + digest.hex()


def _digests(several: tuple[bytes, ...] | None) -> str:
    return "not left out" if several is None else ", ".join(map(_digest, several))
