"""
What an event changes, by its name: the rows after it, from the rows before it and its arguments.

Nothing is asked of the chain and nothing of a clock: the same events give the same rows. An event
that does not fit what came before it says that others are missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from algebra.errors import Refused
from service.follower.accounts import Accounts
from service.follower.fitting import Missing
from service.follower.market import Markets
from service.follower.roles import Roles
from service.follower.tables import SwitchesRow


@dataclass(frozen=True, slots=True)
class Event:
    """
    What a contract said.

    Attributes
    ----------
    block, index : where
    time : the block's second
    address : the contract, lower-case
    arguments : by the ABI's names
    """

    block: int
    index: int
    time: int
    address: str
    name: str
    arguments: dict[str, Any]


class Book(Accounts, Markets):
    """
    The registry of a place, from its events.

    Parameters
    ----------
    rows : what the events so far have said
    chain_id, registry : the place
    """

    READ_ONLY: ClassVar = frozenset({"AuthorityUpdated", "EIP712DomainChanged"})
    """Said once by the constructor or never, and no state."""
    _opened = False

    def apply(self, event: Event) -> None:
        """Refused (`refused.follower_events`) for what does not fit."""
        if event.name in self.READ_ONLY:
            return
        self.rows.block, self.time = event.block, event.time
        self._opened = self._opened or self.rows.find(SwitchesRow, one=1) is not None
        if not self._opened and event.name != "Opened":
            raise _unfit(event, "the registry has not opened")
        _apply(self, event)


class AuthorityBook(Roles):
    """The authority of a registry, from its events; what gives nobody a role changes nothing."""

    def apply(self, event: Event) -> None:
        """As `Book.apply`."""
        self.rows.block, self.time = event.block, event.time
        if event.name in self.HANDLED:
            _apply(self, event)


def _apply(book: Any, event: Event) -> None:
    handler = getattr(book, event.name, None)
    if handler is None or not event.name[:1].isupper():
        raise Refused(
            "refused.follower_events",
            f"block {event.block}: this version of the follower does not know {event.name}",
        )
    try:
        handler(**event.arguments)
    except Missing as missing:
        raise _unfit(event, str(missing)) from None


def _unfit(event: Event, why: str) -> Refused:
    return Refused(
        "refused.follower_events",
        f"block {event.block}, log {event.index}: {event.name} does not fit what the node told "
        f"before: {why}",
    )
