"""
The attestor's job file (its form: docs/reference/formats.md).

Everything that is wrong with it is said at once, before any statement is read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from attestor import generations
from attestor.attest import check_times
from attestor.binding import check_venue
from attestor.by_hand import HandReader
from attestor.complaints import Complaints
from history.dates import day_text
from policies.attestor_set import AttestorSet
from policies.files import read_json
from policies.signed_root import RootDomain

_CODE = "malformed.job"
_MAX_PATH = 1024


@dataclass(frozen=True, slots=True)
class AttestJob:
    """
    What is to be attested.

    Attributes
    ----------
    venue : whose name bindings and leaves have
    adapter : name of the one that reads `statements`, a folder
    bindings : the bindings file, which is written too
    first_day, last_day : the window, days since 1970-01-01 UTC, both ends included
    size : class n
    attestor_set, domain, valid_until : of the root; `valid_until` in seconds since 1970
    owners : owner tag and lower-case wallets of each
    left_out : wallets whose lines the statements hold and that nobody is attested with
    feed : the feed document of the window; None: the root has no market feed
    """

    venue: str
    adapter: str
    statements: Path
    bindings: Path
    first_day: int
    last_day: int
    size: int
    attestor_set: AttestorSet
    domain: RootDomain
    valid_until: int
    owners: tuple[tuple[int, tuple[str, ...]], ...]
    left_out: tuple[str, ...] = ()
    feed: Path | None = None

    @property
    def wallets(self) -> frozenset[str]:
        """Those of all owners."""
        return frozenset(wallet for _, wallets in self.owners for wallet in wallets)


def read_job(path: Path, now: int | None) -> AttestJob:
    """
    Read a job; paths in it are relative to it.

    Parameters
    ----------
    now : seconds since 1970, by which the window must be over and the root valid; None: form only

    Raises
    ------
    Malformed, Refused
        `malformed.job`, `malformed.venue`, `malformed.address`, `malformed.attestor_set`,
        `malformed.root`; `refused.window`, `refused.valid_until`. Several complaints come as one
        (`attestor.complaints`).
    Rejected
        `rejected.quorum`: a generation of the set that nobody handed over to.
    Unavailable
        `unavailable.file`.
    """
    file = HandReader(read_json(path, _CODE), "job", _CODE)
    file.header("tierproof/attest-job", 1)
    file.keys(
        "format",
        "version",
        "venue",
        "adapter",
        "statements",
        "bindings",
        "first_day",
        "last_day",
        "size",
        "attestor_set",
        "domain",
        "valid_until",
        "owners",
        optional=("left_out", "feed"),
    )
    wrong = Complaints()
    parts: dict[str, Callable[[], object]] = {
        "venue": lambda: check_venue(file.text("venue")),
        "adapter": lambda: file.text("adapter"),
        "statements": lambda: path.parent / file.text("statements", _MAX_PATH),
        "bindings": lambda: path.parent / file.text("bindings", _MAX_PATH),
        "first_day": lambda: file.date("first_day"),
        "last_day": lambda: file.date("last_day"),
        "size": lambda: file.integer("size", 1, 1 << 28),
        "attestor_set": lambda: generations.child(file),
        "domain": lambda: _domain(file.child("domain")),
        "valid_until": lambda: file.seconds("valid_until"),
        "owners": lambda: _owners(file),
        "left_out": lambda: file.addresses("left_out") if file.has("left_out") else (),
        "feed": lambda: path.parent / file.text("feed", _MAX_PATH) if file.has("feed") else None,
    }
    read: dict[str, Any] = {name: wrong.take(part, None) for name, part in parts.items()}
    first_day, last_day, valid_until = (
        read[name] for name in ("first_day", "last_day", "valid_until")
    )
    if first_day is not None and last_day is not None and last_day < first_day:
        reason = f"{day_text(last_day)} is before first_day, {day_text(first_day)}"
        wrong.add(file.error("last_day", reason))
    elif now is not None and last_day is not None and valid_until is not None:
        wrong.take(partial(check_times, last_day, valid_until, now), None)
    for index, wallet in enumerate(read["left_out"] or ()):
        if read["owners"] and any(wallet in wallets for _, wallets in read["owners"]):
            wrong.add(file.error(f"left_out[{index}]", f"{wallet} is a wallet of owners too"))
    wrong.settle()
    return AttestJob(**read)


def _domain(part: HandReader) -> RootDomain:
    part.keys("chain_id", "registry")
    return RootDomain(part.integer("chain_id", 1, (1 << 256) - 1), part.address("registry"))


def _owners(file: HandReader) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """Tags and wallets; what is wrong with each owner is said."""
    wrong, owners = Complaints(), []
    for index, item in enumerate(file.list("owners")):
        found = wrong.take(partial(_owner, item, f"owners[{index}]"), None)
        if found is not None:
            owners.append(found)
    wrong.settle()
    return tuple(owners)


def _owner(item: Any, place: str) -> tuple[int, tuple[str, ...]]:
    owner = HandReader(item, place, _CODE)
    owner.keys("owner_tag", "wallets")
    return owner.word("owner_tag"), owner.addresses("wallets")
