"""Small statements, keys and setups for the attestor's tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from algebra.interface import Algebra, Basis, PointVector, R, root_of_unity
from attestor.attest import OwnerStatement
from attestor.binding import Binding, SignedBinding, sign_binding
from attestor.bindings import BindingRegistry
from attestor.calendar import Calendar, SignedCalendar
from attestor.generations import rotated
from attestor.signatures import sign
from attestor.statement import (
    CENT,
    DAY_MICROSECONDS,
    UNIT,
    Carry,
    Fill,
    Instrument,
    Line,
    Opening,
    Quote,
    Reward,
    Source,
    Statement,
    Transfer,
    Vote,
)
from policies.attestor_set import AttestorSet, Generation
from policies.signed_root import RootDomain
from prover.vault import Identity
from tierproof.owner import VenueOwner

TAU = 0x1234567890ABCDEF1234567890ABCDEF
FIRST_DAY = 20_000
A, B, C = ("0x" + letter * 40 for letter in "abc")
USD = 100 * CENT
INSTRUMENTS = {name: Instrument(name) for name in ("BTC", "ETH")} | {
    "CALL": Instrument("CALL", "BTC")
}


def at(day: int, hour: int = 12, minute: int = 0, second: int = 0) -> int:
    """Microseconds of a moment of the test window."""
    return (FIRST_DAY + day) * DAY_MICROSECONDS + ((hour * 60 + minute) * 60 + second) * 1_000_000


class Lines:
    """
    Makes events with places and sequence numbers of their own. The venue gives each fill's own
    price as the mark with it, so that none wins at once.
    """

    def __init__(self) -> None:
        self.number = 1

    def _place(self) -> tuple[Source, int]:
        self.number += 1
        return Source("test.csv", self.number), self.number

    def fill(
        self,
        time: int,
        wallet: str,
        size: int | float,
        price: int,
        *,
        instrument: str = "BTC",
        fee: int = 0,
        maker: bool = False,
        trade_id: str | None = None,
        liquidation: bool = False,
        start: int | None = None,
        pnl: int | None = None,
    ) -> Fill:
        source, sequence = self._place()
        return Fill(
            source,
            time,
            sequence,
            wallet,
            instrument,
            int(size * UNIT),
            price * UNIT,
            fee,
            maker,
            liquidation,
            trade_id,
            start,
            pnl,
            mark=price * UNIT,
        )

    def transfer(
        self, time: int, wallet: str, usd: int, transaction: str | None = None
    ) -> Transfer:
        source, sequence = self._place()
        return Transfer(source, time, sequence, wallet, usd * USD, transaction)

    def carry(self, time: int, wallet: str, amount: int) -> Carry:
        source, sequence = self._place()
        return Carry(source, time, sequence, wallet, amount)

    def reward(self, time: int, wallet: str, programme: str, usd: int) -> Reward:
        source, sequence = self._place()
        return Reward(source, time, sequence, wallet, programme, usd * USD)

    def vote(self, time: int, wallet: str, proposal: str) -> Vote:
        source, sequence = self._place()
        return Vote(source, time, sequence, wallet, proposal)

    def mark(
        self, time: int, price: int, instrument: str = "BTC", delta: int | None = None
    ) -> Quote:
        source, sequence = self._place()
        return Quote(source, time, sequence, instrument, price * UNIT, mark=True, delta=delta)


def marks_of(fills: Iterable[Fill]) -> list[Quote]:
    """A mark at the price and instant of each fill: what it was worth is told to everybody."""
    return [
        Quote(fill.source, fill.time, fill.sequence, fill.instrument, fill.price, mark=True)
        for fill in fills
    ]


def statement(
    fills: Iterable[Fill] = (),
    lines: Iterable[Line] = (),
    quotes: Iterable[Quote] = (),
    *,
    wallets: tuple[str, ...] = (A,),
    days: int = 3,
    opening: dict[str, Opening] | None = None,
    cash: int = 10_000,
    mark_age: int = 400 * DAY_MICROSECONDS,
) -> Statement:
    """
    A statement whose wallets start with `cash` USD each unless `opening` says otherwise, and whose
    marks count for the whole window unless `mark_age` does.
    """
    if opening is None:
        opening = {
            wallet: Opening(Source("test.csv", 1), at(0, 0), cash * USD) for wallet in wallets
        }
    ordered = sorted(quotes, key=lambda quote: quote.time)
    return Statement(
        "test-venue",
        wallets,
        FIRST_DAY,
        days,
        list(fills),
        list(lines),
        opening,
        ordered,
        INSTRUMENTS,
        mark_age=mark_age,
    )


def key(name: str) -> LocalAccount:
    account: LocalAccount = Account.from_key(keccak(f"attestor tests {name}".encode()))
    return account


def lagrange_basis(n: int, algebra: Algebra, tau: int = TAU) -> PointVector:
    """[L_i(tau)] = [(tau^n - 1) omega^i / (n (tau - omega^i))], from the definition."""
    omega, top = root_of_unity(n), (pow(tau, n, R) - 1) * pow(n, -1, R) % R
    scalars, point = [], 1
    for _ in range(n):
        scalars.append(top * point % R * pow(tau - point, -1, R) % R)
        point = point * omega % R
    return algebra.fixed_base(algebra.vector(scalars, Basis.EVALUATION))


def venue_owner(secret: int, venue: str = "test-venue") -> VenueOwner:
    return VenueOwner.of(Identity(secret), venue)


def owner_tag(secret: int, venue: str) -> int:
    return venue_owner(secret, venue).tag


def signed_binding(account: LocalAccount, binding: Binding, owner: VenueOwner) -> SignedBinding:
    """As the wallet and the tag's owner sign it."""
    return SignedBinding(binding, sign_binding(account, binding), owner.consent(binding))


class Attestors:
    """
    A set of three of which two must sign, its domain, and its book of bindings, in which the window
    of `statement` is announced.
    """

    def __init__(self) -> None:
        self.keys = sorted(
            (key(f"attestor {i}") for i in range(3)), key=lambda account: account.address.lower()
        )
        self.set = AttestorSet.of([account.address for account in self.keys], 2)
        self.domain = RootDomain(31_337, "0x" + "77" * 20)
        self.bindings = BindingRegistry(self.set.id)
        self.announce(FIRST_DAY, 3)

    def calendar(
        self, first_day: int, days: int, count: int = 1, series: str = "test"
    ) -> SignedCalendar:
        """Windows announced on the day before the first."""
        calendar = Calendar(series, self.set.id, 1, first_day, days, count, first_day - 1)
        return SignedCalendar.sign(calendar, self.set, self.keys[:2])

    def announce(self, first_day: int, days: int, series: str = "test") -> None:
        signed = self.calendar(first_day, days, series=series)
        self.bindings.announce(signed, first_day - 1)

    def bind(self, account: LocalAccount, owner: VenueOwner, day: int) -> None:
        binding = owner.binding(account.address.lower(), self.set.id, day)
        self.bindings.bind(signed_binding(account, binding, owner), today=day)


def signed_owner(
    attestors: Attestors, secret: int, keys: list[LocalAccount], fills: int = 3
) -> OwnerStatement:
    """An owner of the test venue with bound wallets and a little trading."""
    make = Lines()
    wallets = tuple(account.address.lower() for account in keys)
    owner = venue_owner(secret)
    for account in keys:
        attestors.bind(account, owner, FIRST_DAY - 5)
    trades = [
        make.fill(at(0, 10, i), wallet, (-1) ** i, 1_000 + 7 * i)
        for wallet in wallets
        for i in range(fills)
    ]
    return OwnerStatement(owner.tag, statement(trades, wallets=wallets))


def handed_over(
    attestor_set: AttestorSet, signers: Sequence[LocalAccount], new: str = "fourth"
) -> AttestorSet:
    """The set in its next generation: the first of `WORLD`'s keys has gone, another has come."""
    members = [*(each for each in attestor_set.members[1:]), key(new).address]
    following = Generation.of(members, 2)
    message = attestor_set.message(following)
    return rotated(attestor_set, following, [sign(each, message) for each in signers])
