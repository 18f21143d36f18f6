"""
Where two drafts of a window differ, or two attested folders: what one who saw less is told
(docs/explanation/attestation.md 9.5).

What is said of an owner's records is private to him and the quorum.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

from algebra.errors import Refused
from attestor.attestation import Attestation
from attestor.attestation import load as load_attestation
from attestor.origins import Origin
from history.dates import day_text
from history.v2 import record as kinds
from tierproof.attested_folder import ROOT_FILE, attestation_name
from tierproof.documents import RootFile
from tierproof.formats.units import instant, usd, window
from tierproof.formats.views import record_in_words
from tierproof.signing.difference import NOTHING, Difference, unlike
from tierproof.signing.draft import DRAFT_FILE, Draft, DraftOwner, OwnerKey
from tierproof.signing.lines import line_differences
from tierproof.signing.rereading import Reread

Jobs = tuple[Path | None, Path | None]
"""Of each side the job whose statements its logs are of, where it is at hand."""
Known = Sequence[Origin | None]
"""Of each record its line; empty where the statement is not at hand."""


# -- drafts ----------------------------------------------------------------------------------------
def differences(one: Draft, other: Draft) -> list[Difference]:
    """Of two drafts: root, class and owners, in the order of `_root` and of the owners."""
    found = list(_root(one.root, other.root))
    found += unlike("class", str(one.size), str(other.size))
    found += unlike("setup", f"0x{one.srs_id:050x}", f"0x{other.srs_id:050x}")
    sides = [{each.key: each for each in draft.owners} for draft in (one, other)]
    for key in sorted(sides[0].keys() | sides[1].keys()):
        found += _owner(key, sides[0].get(key), sides[1].get(key))
    left = [{each.key: each.consents for each in draft.left_out} for draft in (one, other)]
    for key in sorted(left[0].keys() | left[1].keys()):
        said = [_digests(side.get(key)) for side in left]
        found += unlike(f"{named(key)}: left out for consents", *said)
    return found


def _root(one: RootFile, other: RootFile) -> Iterator[Difference]:
    first, second = one.root, other.root
    yield from unlike("attestor set", _digest(first.attestor_set), _digest(second.attestor_set))
    yield from unlike("generation", str(first.generation), str(second.generation))
    yield from unlike("members", _set(one), _set(other))
    yield from unlike(
        "window", window(first.first_day, first.last_day), window(second.first_day, second.last_day)
    )
    yield from unlike("registry", _place(one), _place(other))
    yield from unlike("valid until", instant(first.valid_until), instant(second.valid_until))
    yield from unlike("feed", f"0x{first.feed:064x}", f"0x{second.feed:064x}")
    files = [dict(each.files.files) for each in (one, other)]
    for name in sorted(files[0].keys() | files[1].keys()):
        yield from unlike(f"file {name}", *(_digest(side.get(name)) for side in files))


def _owner(key: OwnerKey, one: DraftOwner | None, other: DraftOwner | None) -> list[Difference]:
    if one is None or other is None:
        return [Difference(named(key), *("a leaf" if side else "no leaf" for side in (one, other)))]
    found = unlike(f"{named(key)}: consents", _digest(one.consents), _digest(other.consents))
    return found + unlike(f"{named(key)}: leaf", _word(one.leaf), _word(other.leaf))


# -- folders ---------------------------------------------------------------------------------------
def folder_differences(one: Path, other: Path, jobs: Jobs = (None, None)) -> list[Difference]:
    """
    Of two folders that `draft` or `attest` wrote, or of two drafts' files: as `differences`, then
    of every owner whose two logs are there, where the logs begin to differ; with both jobs, of
    every owner of both, where the statements do.

    Parameters
    ----------
    jobs : with one of them its side's records are told with instrument and line

    Raises
    ------
    Malformed, Refused, Unavailable
        As the files' loaders and `Reread`; `refused.compare`: one is a draft, the other a signed
        root; `refused.other_statement`: a log is not that of its side's job.
    """
    if _is_draft(one) != _is_draft(other):
        raise Refused("refused.compare", "diff: one is a draft and the other a signed root")
    if _is_draft(one):
        found = differences(Draft.load(one), Draft.load(other))
    else:
        roots = [RootFile.load(each / ROOT_FILE) for each in (one, other)]
        found = list(_root(*roots))
        found += unlike("root", *(_word(each.root.root) for each in roots))
    read = [None if job is None else Reread.of(job) for job in jobs]
    return found + list(_logs(one, other, read)) + list(_statements(*read))


def _is_draft(path: Path) -> bool:
    return path.is_file() or (path / DRAFT_FILE).exists()


def _statements(one: Reread | None, other: Reread | None) -> Iterator[Difference]:
    """Of the owners of both jobs, by tag, over the wallets of both."""
    if one is None or other is None:
        return
    sides = one.wallets, other.wallets
    for tag in sorted(sides[0].keys() & sides[1].keys()):
        wallets = sides[0][tag] | sides[1][tag]
        pair = (each.statement(wallets) for each in (one, other))
        yield from line_differences(f"owner 0x{tag:064x}", *pair)


def _logs(one: Path, other: Path, read: Sequence[Reread | None]) -> Iterator[Difference]:
    """Of owners whose files are in both folders; of signed ones, who is in one alone."""
    names = [_attestations(each) for each in (one, other)]
    for name in sorted(names[0] | names[1]):
        if name in names[0] and name in names[1]:
            mine, theirs = (load_attestation(each / name) for each in (one, other))
            known = (
                of.origins(log) if of else () for of, log in zip(read, (mine, theirs), strict=True)
            )
            yield from log_differences(mine, theirs, *known)
        elif not _is_draft(one):
            yield Difference(name, *("there" if name in each else NOTHING for each in names))


def _attestations(path: Path) -> set[str]:
    if not path.is_dir():
        return set()
    return {each.name for each in path.glob(attestation_name("0x*"))}


def log_differences(
    one: Attestation, other: Attestation, lines: Known = (), other_lines: Known = ()
) -> list[Difference]:
    """
    Of an owner's two logs: what their leaves say, and the first record that differs, with its line
    where those of a side are given.
    """
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
        found += unlike(f"{name}: {what}", *words)
    for row, pair in enumerate(zip_longest(one.records.rows(), other.records.rows())):
        if pair[0] != pair[1]:
            known = [each[row] if row < len(each) else None for each in (lines, other_lines)]
            said = [_record(*each, leaf.first_day) for each in zip(pair, known, strict=True)]
            return [*found, Difference(f"{name}: first at record {row}", *said)]
    return found


# -- words -----------------------------------------------------------------------------------------
def named(key: OwnerKey) -> str:
    """An owner, by what attestors know of him."""
    return f"owner 0x{key[0]:064x} of consent key {key[1]}"


def _record(row: kinds.Record | None, origin: Origin | None, first_day: int) -> str:
    if row is None:
        return NOTHING
    said = [f"{name} {value}" for name, value in record_in_words(row, row.day).items()]
    if origin is not None:
        said.append(origin.text())
    return ", ".join((day_text(first_day + row.day), *said))


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
