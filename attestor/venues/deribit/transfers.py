"""
Whose lines an account of Deribit has, and transfers between two accounts of a folder
(docs/explanation/attestation.md 2.6).

A wallet's binding covers every sub-account of it: one that sends or gets money must be there with
its log, and both sides of what it moved.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from attestor.collect.folder import COLLECTED
from attestor.collect.item import Item
from attestor.complaints import Complaints
from attestor.statement import MICROSECONDS, Source, bad_line
from attestor.venues.deribit.log import Entry

_APART = 60 * MICROSECONDS
"""How far the two sides of a transfer may be from each other."""
_KINDS = ("subaccount", "user")


def users(
    names: Mapping[str, str], entries: Mapping[str, list[Entry]], wrong: Complaints
) -> dict[int, str]:
    """
    The accounts by the venue's number.

    Parameters
    ----------
    names : accounts here by what the venue calls them: sub-accounts by their number
    wrong : gathers lines of another account, `malformed.statement`
    """
    found = {}
    for name, account in names.items():
        if account == name:
            continue
        if not (name.isdecimal() and name == str(int(name))):
            reason = f"sub_accounts: {name[:40]!a}: not the number that the venue has of it"
            wrong.add(bad_line(Source(COLLECTED, 1), reason))
            continue
        found[int(name)] = account
    known = {account: user for user, account in found.items()}
    for account, listed in entries.items():
        for entry in listed:
            own = known.setdefault(account, entry.user)
            if entry.user != own or found.setdefault(entry.user, account) != account:
                wrong.add(
                    entry.error("user_id", f"{entry.user}: a line of another account than {own}")
                )
                break
    return found


def moved(
    entries: Mapping[str, list[Entry]], known: Mapping[int, str], wrong: Complaints
) -> dict[Entry, str]:
    """
    Transfers between accounts of the folder, each side by what both have as transaction.

    Parameters
    ----------
    known : as `users`
    wrong : gathers `malformed.statement`: a transfer of another kind, one with a sub-account that
        is not there, one of which a side is missing
    """
    lines = [each for listed in entries.values() for each in listed if each.kind == "transfer"]
    others = {each: wrong.take(partial(_other, each, known), None) for each in lines}
    found: dict[Entry, str] = {}
    for entry in lines:
        other = others[entry]
        if other is None or entry in found:
            continue
        sides = (each for each in lines if each.account == other and each not in found)
        match = _match(entry, [each for each in sides if others[each] == entry.account])
        if match is None:
            wrong.add(
                entry.error("info", f"the other side of this transfer is not in the log of {other}")
            )
            continue
        first, second = sorted((_id(entry), _id(match)))
        found[entry] = found[match] = f"transfer-{entry.currency}-{first}-{second}"
    return found


def _id(entry: Entry) -> int:
    return entry.item.whole("id")


def _other(entry: Entry, known: Mapping[int, str]) -> str | None:
    """The account of the folder on the other side; None: somebody else."""
    info: Item = entry.item.child("info")
    kind = info.text("transfer_type")
    if kind not in _KINDS:
        raise entry.error("info", f"a transfer of kind {kind[:40]!a}: no recording shows it")
    user = info.whole("other_user_id")
    account = known.get(user)
    if account is None and kind == "subaccount":
        raise entry.error(
            "info",
            f"sub-account {user} is not in collected.json: a wallet comes with all of them",
        )
    return account


def _match(entry: Entry, sides: Iterable[Entry]) -> Entry | None:
    fit = [
        each
        for each in sides
        if (each.currency, each.change) == (entry.currency, -entry.change)
        and abs(each.time - entry.time) <= _APART
    ]
    return min(fit, key=lambda each: (abs(each.time - entry.time), each.seq), default=None)
