"""What the terms of each account must be, by the Python model (`policies.effective`)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from policies.effective.conduct import Record
from policies.effective.regime import Band, Feed, Reading
from policies.effective.terms import Effective, Grant, Market, Tier, first_grant, terms_at

ENGINE = 1
"""The registry's number of the only engine."""


@dataclass
class Expected:
    """
    The registry as the story has left it, as far as terms depend on it; an act is written down at
    the second of its block.

    Attributes
    ----------
    market, bands, feed : the default, the regime and what is kept of the feed
    grants, records : by account, lower case
    """

    market: Market
    bands: tuple[Band, ...]
    feed: Feed
    grants: dict[str, Grant] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)

    def terms(self, account: str, second: int) -> Effective:
        """What must hold for an account if nobody writes before that second."""
        return terms_at(self.grants.get(account), self.market, second)

    def granted(self, account: str, tier: Tier, end: int, subject: int, now: int) -> None:
        """A claim counted for the account."""
        record = self.records.get(account, Record())
        write = (record.level, record.until, self.market, now)
        before = self.grants.get(account)
        self.grants[account] = (
            first_grant(tier, end, *write, subject)
            if before is None
            else replace(before.retarget(tier, *write), end=end, subject=subject)
        )

    def ended(self, account: str, now: int) -> None:
        """Its grant, or what it rests on, was ended."""
        grant = self.grants[account]
        self.grants[account] = replace(grant, end=min(grant.end, now))

    def moved(self, before: str, account: str, now: int) -> None:
        """The grant goes to another account, which takes the conduct over; `granted` follows."""
        self.ended(before, now)
        record = self.records.get(account, Record())
        self.records[account] = record.join(self.records.get(before, Record()), now)

    def reported(self, account: str, level: int, now: int) -> None:
        """The engine reported the account."""
        record = self.records.get(account, Record()).report(level, ENGINE, now)
        self.records[account] = record
        grant = self.grants[account]
        if now < grant.end:
            write = (record.level, record.until, self.market, now)
            self.grants[account] = grant.retarget(grant.tier, *write)

    def poked(self, points: int, updated_at: int, now: int) -> None:
        """Somebody read the feed, which said so many points at that second."""
        reading = Reading(points * 100, updated_at)
        regime, self.feed = self.market.regime.poke(self.feed, self.bands, reading, True, now)
        self.market = replace(self.market, regime=regime)
