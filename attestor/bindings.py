"""
The attestor's book of bindings: which wallets stand under an owner in a window
(docs/explanation/attestation.md 3.1).

Rules that it keeps: a wallet is under at most one tag in an attestor set on any day; neither
joining nor leaving can be dated back; what was in force on a day stays on record. A window is
announced before it begins, and takes every wallet that is under the tag on its first day, whole:
one that leaves inside it counts for another tag from the next window on. So neither wallets nor
identities nor windows can be chosen once results are known. A consent key stands for one owner: one
tag, one venue, one seed of salts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from algebra.errors import Refused
from algebra.files import write_atomic
from algebra.keccak import keccak
from attestor.binding import Binding, SignedBinding
from attestor.by_hand import HandReader
from attestor.calendar import SignedCalendar
from attestor.complaints import Complaints
from attestor.consent import SEED_BYTES, Consent, consent_message
from history.dates import DAY_LIMIT, day_text
from policies.files import read_json

_NAMES = (
    "wallet",
    "owner_tag",
    "venue",
    "consent_key",
    "bound_day",
    "unbound_day",
    "signature",
    "salt_seed",
    "consent",
)
"""Of a binding in the file."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A binding in force from `bound_day`, until `unbound_day` where that is set."""

    signed: SignedBinding
    unbound_day: int | None = None

    def holds(self, day: int) -> bool:
        """Whether it is in force on a day."""
        return self.signed.binding.bound_day <= day and (
            self.unbound_day is None or self.unbound_day > day
        )


@dataclass(frozen=True, slots=True)
class Owner:
    """
    Who stands under a leaf.

    Attributes
    ----------
    tag, venue : owner tag, id of the venue
    consent_key : address, lower case
    salt_seed : 32 bytes, from which the salts of his leaves follow
    """

    tag: int
    venue: int
    consent_key: str
    salt_seed: bytes = field(repr=False)

    @classmethod
    def of(cls, signed: SignedBinding) -> Owner:
        """Whom a binding's wallet joined."""
        binding = signed.binding
        return cls(binding.owner_tag, binding.venue, binding.consent_key, signed.consent.salt_seed)


class BindingRegistry:
    """
    All bindings under one attestor set, past ones too, and the calendars of its series.

    Every method either does all of its work or raises and changes nothing.
    """

    def __init__(self, attestor_set: bytes) -> None:
        self.attestor_set = attestor_set
        self._entries: dict[
            str, list[Entry]
        ] = {}  # of a wallet by day; only the last may be without an unbound day
        self._owners: dict[str, Owner] = {}  # by consent key
        self._calendars: list[SignedCalendar] = []

    @property
    def entries(self) -> list[Entry]:
        """Every binding, past ones too, by wallet and day."""
        return [entry for _, held in sorted(self._entries.items()) for entry in held]

    @property
    def calendars(self) -> list[SignedCalendar]:
        """Announced windows, in the order of their coming."""
        return list(self._calendars)

    def bind(self, signed: SignedBinding, today: int) -> None:
        """
        Take in a binding on day `today`.

        Raises
        ------
        Malformed, Rejected
            As `SignedBinding.verify`.
        Refused
            `refused.binding`: another attestor set, dated before `today`, or the wallet is under a
            tag already; `refused.consent`: the consent key stands for another tag, venue or seed.
        """
        signed.verify()
        binding = signed.binding
        if binding.attestor_set != self.attestor_set:
            raise Refused(
                "refused.binding", f"binding of {binding.wallet}: for another attestor set"
            )
        if binding.bound_day < today:
            raise Refused(
                "refused.binding", f"binding of {binding.wallet}: dated back to before today"
            )
        if not self._free(binding):
            raise Refused(
                "refused.binding",
                f"wallet {binding.wallet}: is under a tag already",
                wallet=binding.wallet,
            )
        self._take(Entry(signed))

    def _take(self, entry: Entry) -> None:
        """Keep an entry whose wallet is free; Refused (`refused.consent`)."""
        binding, owner = entry.signed.binding, Owner.of(entry.signed)
        if self._owners.setdefault(owner.consent_key, owner) != owner:
            raise Refused(
                "refused.consent",
                f"binding of {binding.wallet}: consent key {owner.consent_key} stands for another "
                "tag, venue or seed of salts already",
                wallet=binding.wallet,
            )
        self._entries.setdefault(binding.wallet, []).append(entry)

    def _free(self, binding: Binding) -> bool:
        """Whether its wallet has left every earlier tag by its first day."""
        left = [entry.unbound_day for entry in self._entries.get(binding.wallet, [])]
        return not left or (left[-1] is not None and left[-1] <= binding.bound_day)

    def announce(self, signed: SignedCalendar, today: int) -> None:
        """
        Take in a series' calendar on day `today`, before its first.

        Raises
        ------
        Malformed, Rejected
            As `SignedCalendar.verify`.
        Refused
            `refused.calendar`: of another attestor set, or of an earlier generation than one that
            announced already; it has begun, it says that it was announced after today, or a window
            of the series holds some of its days.
        """
        signed.verify()
        calendar = signed.calendar
        if not calendar.announced_day <= today < calendar.first_day:
            raise Refused(
                "refused.calendar",
                f"calendar of {calendar.series}: announced on {day_text(calendar.announced_day)} "
                f"for {day_text(calendar.first_day)}; it came on {day_text(today)}, and must come "
                "before its first day and not before it was announced",
            )
        self._keep(signed)

    def _keep(self, signed: SignedCalendar) -> None:
        calendar = signed.calendar
        if calendar.attestor_set != self.attestor_set:
            raise Refused(
                "refused.calendar", f"calendar of {calendar.series}: of another attestor set"
            )
        # who handed the set over announces nothing more, and nobody hands it over twice
        if self._calendars and not signed.attestor_set.follows(self._calendars[-1].attestor_set):
            raise Refused(
                "refused.calendar",
                f"calendar of {calendar.series}: signed by generation {calendar.generation} of the "
                f"attestor set; generation {self._calendars[-1].calendar.generation} that announced"
                " before it is a later one, or another",
            )
        for other in (known.calendar for known in self._calendars):
            if other.series == calendar.series and other.overlaps(calendar):
                raise Refused(
                    "refused.calendar",
                    f"calendar of {calendar.series}: windows of {day_text(other.first_day)} to "
                    f"{day_text(other.end - 1)} are announced already, and none may overlap",
                )
        self._calendars.append(signed)

    def require_window(self, first_day: int, last_day: int) -> int:
        """
        The instant from which nothing late counts in this window, by every calendar that holds it,
        in seconds since 1970; Refused (`refused.calendar`) where none does.
        """
        holding = [each.calendar for each in self._calendars]
        settled = [each.settled(last_day) for each in holding if each.holds(first_day, last_day)]
        if settled:
            return max(settled)
        raise Refused(
            "refused.calendar",
            f"window {day_text(first_day)} to {day_text(last_day)}: no calendar of this attestor "
            "set announced it before it began",
        )

    def unbind(self, wallet: str, day: int, today: int) -> None:
        """
        Let a wallet leave on `day`, asked for on day `today`; what it was bound to before stays on
        record, and a window that has begun by then keeps it.

        Raises
        ------
        Refused
            `refused.binding`: not bound before that day, or dated before `today`.
        """
        held = self._entries.get(wallet, [])
        if not held or held[-1].unbound_day is not None or day <= held[-1].signed.binding.bound_day:
            raise Refused(
                "refused.binding", f"wallet {wallet}: not bound before that day", wallet=wallet
            )
        if not today <= day < DAY_LIMIT:
            raise Refused(
                "refused.binding",
                f"wallet {wallet}: leaves before today, or on no day",
                wallet=wallet,
            )
        held[-1] = replace(held[-1], unbound_day=day)

    def wallets_of(self, owner: Owner, first_day: int) -> dict[str, int]:
        """Wallets of an owner's window by its first day, with the day each was bound."""
        return {wallet: signed.binding.bound_day for wallet, signed in self._held(owner, first_day)}

    def _held(self, owner: Owner, first_day: int) -> list[tuple[str, SignedBinding]]:
        """Wallets of an owner's window, ascending, with their bindings."""
        in_force = self._in_force(first_day)
        return [(w, entry.signed) for w, entry in in_force if Owner.of(entry.signed) == owner]

    def consents_digest(self, owner: Owner, first_day: int) -> bytes:
        """
        keccak256 of the digests that the owner signed for his wallets of a window, by wallet: what
        attestors compare. Each covers a whole binding and the seed of his salts, and tells neither.
        """
        digests = (
            consent_message(signed.binding.message(), signed.consent.salt_seed).digest
            for _, signed in self._held(owner, first_day)
        )
        return keccak(b"".join(digests))

    def _in_force(self, day: int) -> Iterator[tuple[str, Entry]]:
        """Wallets that are under a tag on a day, one entry each."""
        for wallet, entries in sorted(self._entries.items()):
            for entry in entries:
                if entry.holds(day):
                    yield wallet, entry

    def require(
        self, owner_tag: int, venue: int, wallets: tuple[str, ...], first_day: int
    ) -> tuple[Owner, int]:
        """
        Check that `wallets` are all wallets of one owner in the window that begins on `first_day`.

        Another owner may use the same tag, under a consent key of his own: the wallets say which
        is meant, and those of the other are not asked for.

        Returns
        -------
        The owner, and the leaf's bound day.

        Raises
        ------
        Refused
            `refused.binding`: no wallet, one without a binding in force on the first day, or a
            wallet of the owner that is missing from the statement; `refused.consent`: the
            wallets joined the tag under several consent keys.
        """
        bound = dict(self._in_force(first_day))
        owners: dict[Owner, str] = {}
        for wallet in sorted(wallets):
            held = bound.get(wallet)
            owner = None if held is None else Owner.of(held.signed)
            if owner is None or (owner.tag, owner.venue) != (owner_tag, venue):
                raise Refused(
                    "refused.binding",
                    f"wallet {wallet}: no valid binding to this owner on the window's first day",
                    wallet=wallet,
                )
            owners.setdefault(owner, wallet)
        if not owners:
            raise Refused(
                "refused.binding", f"owner 0x{owner_tag:064x}: no wallet is bound to this tag"
            )
        if len(owners) > 1:
            keys = ", ".join(f"{each.consent_key} ({w})" for each, w in owners.items())
            raise Refused(
                "refused.consent",
                f"owner 0x{owner_tag:064x}: the wallets are of several owners, by their consent "
                f"keys: {keys}; list those of one",
            )
        owner = next(iter(owners))
        his = self.wallets_of(owner, first_day)
        missing = sorted(set(his) - set(wallets))
        if missing:
            raise Refused(
                "refused.binding", f"wallet {missing[0]}: the owner's, but not in the statement"
            )
        return owner, max(his.values())

    # -- file --------------------------------------------------------------------------------------
    def save(self, path: Path) -> None:
        """Write all bindings as JSON, whole or not at all."""
        entries = [
            {
                "wallet": entry.signed.binding.wallet,
                "owner_tag": f"0x{entry.signed.binding.owner_tag:064x}",
                "venue": f"0x{entry.signed.binding.venue:064x}",
                "consent_key": entry.signed.binding.consent_key,
                "bound_day": entry.signed.binding.bound_day,
                "unbound_day": entry.unbound_day,
                "signature": "0x" + entry.signed.signature.hex(),
                "salt_seed": "0x" + entry.signed.consent.salt_seed.hex(),
                "consent": "0x" + entry.signed.consent.signature.hex(),
            }
            for _, held in sorted(self._entries.items())
            for entry in held
        ]
        content = {
            "format": "tierproof/bindings",
            "version": 1,
            "attestor_set": "0x" + self.attestor_set.hex(),
            "calendars": [signed.as_json() for signed in self._calendars],
            "bindings": entries,
        }
        write_atomic(path, json.dumps(content, indent=1).encode())

    @classmethod
    def load(cls, path: Path) -> BindingRegistry:
        """
        Read a file of `save`, or one that people wrote, and verify every signature again.

        Raises
        ------
        Malformed, Rejected
            `malformed.bindings`, `malformed.address`, `malformed.signature`,
            `malformed.calendar`; `rejected.binding`, `rejected.consent`, `rejected.signature`,
            `rejected.quorum`. Several complaints come as one (`attestor.complaints`).
        Refused
            `refused.consent`, `refused.calendar`.
        Unavailable
            `unavailable.file`.
        """
        reader = HandReader(read_json(path, "malformed.bindings"), "bindings", "malformed.bindings")
        reader.header("tierproof/bindings", 1)
        reader.keys("format", "version", "attestor_set", "calendars", "bindings")
        registry, wrong = cls(reader.hex_bytes("attestor_set", 32)), Complaints()
        for index, item in enumerate(reader.list("bindings")):
            wrong.take(partial(registry._enter, item, f"bindings[{index}]"), None)
        for index, item in enumerate(reader.list("calendars")):
            wrong.take(partial(registry._read, item, f"bindings.calendars[{index}]"), None)
        wrong.settle()
        return registry

    def _enter(self, item: Any, place: str) -> None:
        """Take one object of a file in."""
        entry = HandReader(item, place, "malformed.bindings")
        entry.keys(*_NAMES)
        binding = Binding(
            entry.address("wallet"),
            entry.word("owner_tag"),
            entry.word("venue"),
            entry.address("consent_key"),
            self.attestor_set,
            entry.day("bound_day", 0, DAY_LIMIT - 1),
        )
        if not self._free(binding):
            raise entry.error("wallet", "is bound twice at once, or not in the order of days")
        consent = Consent(entry.hex_bytes("salt_seed", SEED_BYTES), entry.signature("consent"))
        signed = SignedBinding(binding, entry.signature("signature"), consent)
        signed.verify()
        left = None
        if entry.value("unbound_day") is not None:
            left = entry.day("unbound_day", binding.bound_day + 1, DAY_LIMIT - 1)
        self._take(Entry(signed, left))

    def _read(self, item: Any, place: str) -> None:
        """Take one calendar of a file in."""
        self._keep(SignedCalendar.parse(item, place))
