"""
Wallets join an owner's tag by their own signature (docs/explanation/attestation.md 3.1; design:
ownership).

    Binding{wallet, ownerTag, venue, attestorSet, boundDay}
    domain: name "Tierproof Binding", version "1"

Rules that the registry keeps: a wallet is under at most one tag in an attestor set on any day;
neither joining nor leaving can be dated back; no wallet leaves inside a window; what was in force
on a day stays on record. So neither wallets nor identities can be chosen once results are known.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from algebra.errors import Malformed, Refused, Rejected
from algebra.files import write_atomic
from algebra.interface import R
from algebra.keccak import keccak
from attestor.by_hand import HandReader
from attestor.complaints import Complaints
from attestor.files import read_json
from attestor.signatures import recover, sign
from history.dates import DAY_LIMIT
from policies.address import check_address
from policies.typed_data import TypedMessage, typed_message

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount

DOMAIN = {"name": "Tierproof Binding", "version": "1"}
TYPES = {
    "Binding": [
        {"name": "wallet", "type": "address"},
        {"name": "ownerTag", "type": "uint256"},
        {"name": "venue", "type": "uint256"},
        {"name": "attestorSet", "type": "bytes32"},
        {"name": "boundDay", "type": "uint32"},
    ]
}


def venue_id(name: str) -> int:
    """keccak256(name in ascii) >> 8, below 2^248."""
    try:
        return int.from_bytes(keccak(name.encode("ascii"))) >> 8
    except UnicodeEncodeError as error:
        raise Malformed("malformed.venue", "venue: the name is not ascii") from error


@dataclass(frozen=True, slots=True)
class Binding:
    """What a wallet signs; `attestor_set` is the 32 bytes id, `venue` the id of `venue_id`."""

    wallet: str
    owner_tag: int
    venue: int
    attestor_set: bytes
    bound_day: int

    def __post_init__(self) -> None:
        check_address(self.wallet, "binding: wallet")
        if (
            not 0 < self.owner_tag < R
            or not 0 <= self.venue < 1 << 248
            or not 0 <= self.bound_day < DAY_LIMIT
        ):
            raise Malformed(
                "malformed.binding", "binding: owner tag, venue or bound day out of range"
            )
        if len(self.attestor_set) != 32:
            raise Malformed("malformed.binding", "binding: the attestor set is not 32 bytes")

    def message(self) -> TypedMessage:
        """The EIP-712 message."""
        return typed_message(
            DOMAIN,
            TYPES,
            {
                "wallet": self.wallet,
                "ownerTag": self.owner_tag,
                "venue": self.venue,
                "attestorSet": self.attestor_set,
                "boundDay": self.bound_day,
            },
        )


@dataclass(frozen=True, slots=True)
class SignedBinding:
    """A binding with its wallet's signature."""

    binding: Binding
    signature: bytes

    def verify(self) -> None:
        """Rejected (`rejected.binding`) unless the wallet itself signed; Malformed as `recover`."""
        if recover(self.binding.message(), self.signature, "binding") != self.binding.wallet:
            raise Rejected(
                "rejected.binding", f"binding of {self.binding.wallet}: signed by another key"
            )


def sign_binding(account: LocalAccount, binding: Binding) -> SignedBinding:
    """Sign as the wallet; Malformed if the key is another's."""
    if account.address.lower() != binding.wallet:
        raise Malformed("malformed.binding", "binding: the key is not the wallet's")
    return SignedBinding(binding, sign(account, binding.message()))


@dataclass(frozen=True, slots=True)
class Entry:
    """A binding in force from `bound_day`, until `unbound_day` where that is set."""

    signed: SignedBinding
    unbound_day: int | None = None

    def covers(self, first_day: int, last_day: int) -> bool:
        """Whether it is in force on all days of a window."""
        return self.signed.binding.bound_day <= first_day and (
            self.unbound_day is None or self.unbound_day > last_day
        )


class BindingRegistry:
    """
    All bindings under one attestor set, past ones too, and the windows in which nobody may leave.

    Every method either does all of its work or raises and changes nothing.
    """

    def __init__(self, attestor_set: bytes) -> None:
        self.attestor_set = attestor_set
        self._entries: dict[
            str, list[Entry]
        ] = {}  # of a wallet by day; only the last may be without an unbound day
        self._windows: set[tuple[int, int]] = set()

    @property
    def entries(self) -> list[Entry]:
        """Every binding, past ones too, by wallet and day."""
        return [entry for _, held in sorted(self._entries.items()) for entry in held]

    @property
    def windows(self) -> list[tuple[int, int]]:
        """First and last days of the windows in which nobody leaves."""
        return sorted(self._windows)

    def bind(self, signed: SignedBinding, today: int) -> None:
        """
        Take in a binding on day `today`.

        Raises
        ------
        Malformed, Rejected
            As `SignedBinding.verify`.
        Refused
            `refused.binding`: another attestor set, dated before `today`, or the wallet is under a
            tag already.
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
        self._entries.setdefault(binding.wallet, []).append(Entry(signed))

    def _free(self, binding: Binding) -> bool:
        """Whether its wallet has left every earlier tag by its first day."""
        left = [entry.unbound_day for entry in self._entries.get(binding.wallet, [])]
        return not left or (left[-1] is not None and left[-1] <= binding.bound_day)

    def add_window(self, first_day: int, last_day: int) -> None:
        """Announce a window of a policy: from now on nobody leaves inside it."""
        if not 0 <= first_day <= last_day < DAY_LIMIT:
            raise Malformed("malformed.window", "window: first day after last, or out of range")
        self._windows.add((first_day, last_day))

    def unbind(self, wallet: str, day: int, today: int) -> None:
        """
        Let a wallet leave on `day`, asked for on day `today`; what it was bound to before stays on
        record.

        Raises
        ------
        Refused
            `refused.binding`: not bound before that day, dated before `today`, or a window holds
            that day.
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
        if any(first <= day <= last for first, last in self._windows):
            raise Refused(
                "refused.binding", f"wallet {wallet}: cannot leave inside a window", wallet=wallet
            )
        held[-1] = replace(held[-1], unbound_day=day)

    def wallets_of(
        self, owner_tag: int, venue: int, first_day: int, last_day: int
    ) -> dict[str, int]:
        """Wallets under a tag over the whole window, with the day each was bound."""
        return {
            wallet: entry.signed.binding.bound_day
            for wallet, entries in sorted(self._entries.items())
            for entry in entries
            if entry.signed.binding.owner_tag == owner_tag
            and entry.signed.binding.venue == venue
            and entry.covers(first_day, last_day)
        }

    def require(
        self, owner_tag: int, venue: int, wallets: tuple[str, ...], first_day: int, last_day: int
    ) -> int:
        """
        Check that `wallets` are all wallets of the tag in the window; returns the leaf's bound day.

        Raises
        ------
        Refused
            `refused.binding`: a wallet without a binding in force from the first day on, or a
            wallet of the tag that is missing from the statement.
        """
        bound = self.wallets_of(owner_tag, venue, first_day, last_day)
        for wallet in sorted(wallets):
            if wallet not in bound:
                raise Refused(
                    "refused.binding",
                    f"wallet {wallet}: no valid binding to this owner from the first day of the "
                    "window on",
                    wallet=wallet,
                )
        missing = sorted(set(bound) - set(wallets))
        if missing:
            raise Refused(
                "refused.binding", f"wallet {missing[0]}: the owner's, but not in the statement"
            )
        if not bound:
            raise Refused(
                "refused.binding", f"owner 0x{owner_tag:064x}: no wallet is bound to this tag"
            )
        return max(bound.values())

    # -- file --------------------------------------------------------------------------------------
    def save(self, path: Path) -> None:
        """Write all bindings as JSON, whole or not at all."""
        entries = [
            {
                "wallet": entry.signed.binding.wallet,
                "owner_tag": f"0x{entry.signed.binding.owner_tag:064x}",
                "venue": f"0x{entry.signed.binding.venue:064x}",
                "bound_day": entry.signed.binding.bound_day,
                "unbound_day": entry.unbound_day,
                "signature": "0x" + entry.signed.signature.hex(),
            }
            for _, held in sorted(self._entries.items())
            for entry in held
        ]
        content = {
            "format": "tierproof/bindings",
            "version": 1,
            "attestor_set": "0x" + self.attestor_set.hex(),
            "windows": [list(window) for window in sorted(self._windows)],
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
            `malformed.bindings`, `malformed.address`, `malformed.signature`, `malformed.window`;
            `rejected.binding`, `rejected.signature`. Several complaints come as one
            (`attestor.complaints`).
        Unavailable
            `unavailable.file`.
        """
        reader = HandReader(read_json(path, "malformed.bindings"), "bindings", "malformed.bindings")
        reader.header("tierproof/bindings", 1)
        reader.keys("format", "version", "attestor_set", "windows", "bindings")
        registry, wrong = cls(reader.hex_bytes("attestor_set", 32)), Complaints()
        for index, item in enumerate(reader.list("bindings")):
            wrong.take(partial(registry._enter, item, f"bindings[{index}]"), None)
        for index, window in enumerate(reader.list("windows")):
            wrong.take(partial(registry._announce, window, f"bindings.windows[{index}]"), None)
        wrong.settle()
        return registry

    def _enter(self, item: Any, place: str) -> None:
        """Take one object of a file in."""
        entry = HandReader(item, place, "malformed.bindings")
        entry.keys("wallet", "owner_tag", "venue", "bound_day", "unbound_day", "signature")
        binding = Binding(
            entry.address("wallet"),
            entry.word("owner_tag"),
            entry.word("venue"),
            self.attestor_set,
            entry.day("bound_day", 0, DAY_LIMIT - 1),
        )
        if not self._free(binding):
            raise entry.error("wallet", "is bound twice at once, or not in the order of days")
        signed = SignedBinding(binding, entry.signature("signature"))
        signed.verify()
        left = None
        if entry.value("unbound_day") is not None:
            left = entry.day("unbound_day", binding.bound_day + 1, DAY_LIMIT - 1)
        self._entries.setdefault(binding.wallet, []).append(Entry(signed, left))

    def _announce(self, window: Any, place: str) -> None:
        """Take one window of a file in."""
        if not isinstance(window, list) or len(window) != 2:
            raise Malformed("malformed.bindings", f"{place}: two days wanted")
        days = HandReader({"first": window[0], "last": window[1]}, place, "malformed.bindings")
        self.add_window(*(days.day(name, 0, DAY_LIMIT - 1) for name in ("first", "last")))
