"""
Money that moves outside fills: `userFunding` and `userNonFundingLedgerUpdates`
(docs/explanation/attestation.md 2.7).

The ledger's amounts are unsigned: the type, or who sends to whom, gives the sign. What moves
between a wallet's spot balances touches no perpetual, so it is no line here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from attestor.collect.item import Item
from attestor.statement import DAY_MICROSECONDS, Source
from attestor.venues.hyperliquid.merged import Row


class Payment(NamedTuple):
    """Funding of a coin, received if > 0 (u'); `whole_day`: the sum of the day that begins then."""

    source: Source
    time: int
    coin: str
    amount: int
    whole_day: bool


class Movement(NamedTuple):
    """Money into (> 0, u') or out of the perpetuals' balance; `transaction`: its hash."""

    source: Source
    time: int
    amount: int
    transaction: str | None


class Liquidation(NamedTuple):
    """What the ledger says of a liquidation; it moves no money."""

    source: Source
    time: int


def funding_identity(row: Row) -> tuple[Any, ...] | None:
    """One payment a coin and instant."""
    delta = row.get("delta")
    return (row.get("time"), delta.get("coin")) if isinstance(delta, dict) else None


def read_funding(row: Row, source: Source) -> Payment:
    """
    A payment, or the sum of a day's.

    Raises
    ------
    Malformed
        `malformed.statement`: another form, a sign that its rate and size contradict, a sum that
        is not stamped with the beginning of a day.
    """
    item = Item(row, source)
    item.only(("time", "hash", "delta"))
    delta = item.child("delta")
    delta.only(("type", "coin", "usdc", "szi", "fundingRate", "nSamples"))
    if delta.text("type") != "funding":
        raise delta.error("type", f"{delta.text('type')[:20]!a}, funding wanted")
    time, amount = item.time("time"), delta.money("usdc")
    rate, size = delta.number("fundingRate"), delta.number("szi")
    if amount * rate * size > 0:
        raise delta.error("usdc", "received where szi and fundingRate say paid, or paid for it")
    whole_day = delta.has("nSamples")
    if whole_day and delta.whole("nSamples", 1, 25) and time % DAY_MICROSECONDS:
        raise item.error("time", "a sum of payments that is not stamped with a day's beginning")
    return Payment(source, time, delta.text("coin"), amount, whole_day)


# -- the ledger ------------------------------------------------------------------------------------
class _Delta(NamedTuple):
    """How a type of the ledger is read: its names, those that may be there, and its amount."""

    names: str
    amount: Callable[[Item, str], int]
    optional: str = ""


def _in(name: str) -> Callable[[Item, str], int]:
    return lambda delta, _: _unsigned(delta, name)


def _out(*names: str) -> Callable[[Item, str], int]:
    return lambda delta, _: -sum(_unsigned(delta, name) for name in names)


def _none(_: Item, __: str) -> int:
    return 0


def _to_perp(delta: Item, _: str) -> int:
    amount = _unsigned(delta, "usdc")
    return amount if delta.boolean("toPerp") else -amount


def _between(delta: Item, address: str) -> int:
    """From `user` to `destination`; the sender pays the fee."""
    amount = _unsigned(delta, "usdc")
    fee = _unsigned(delta, "fee") if delta.has("fee") else 0
    return _moved(delta, address, -amount - fee, amount)


def _sent(delta: Item, address: str) -> int:
    """As `_between`, of the sides that are the perpetuals'; all else stays outside."""
    amount, fee = _unsigned(delta, "amount"), _unsigned(delta, "fee")
    sender, receiver = (delta.text(f"{side}Dex") == "" for side in ("source", "destination"))
    if not sender and not receiver:
        return 0
    if delta.text("token") != "USDC" or delta.text("feeToken") not in ("", "USDC"):
        raise delta.error("token", "a perpetual's balance is USDC; a send of another is not known")
    return _moved(delta, address, -(amount + fee) * sender, amount * receiver)


def _moved(delta: Item, address: str, out: int, into: int) -> int:
    """What of it is the account's: it may be the sender, the receiver, or both."""
    sender, receiver = delta.wallet("user"), delta.wallet("destination")
    if address not in (sender, receiver):
        raise delta.error("user", "neither user nor destination is the account")
    return out * (address == sender) + into * (address == receiver)


def _claimed(delta: Item, _: str) -> int:
    if delta.has("token") and delta.text("token") != "USDC":
        raise delta.error("token", "a reward in another token than USDC")
    return _unsigned(delta, "amount")


def _unsigned(delta: Item, name: str) -> int:
    amount = delta.money(name)
    if amount < 0:
        raise delta.error(name, "below 0; the ledger's amounts have no sign")
    return amount


_DELTAS = {
    "deposit": _Delta("usdc", _in("usdc")),
    "rewardsClaim": _Delta("amount", _claimed, "token"),
    "vaultDistribution": _Delta("vault usdc", _in("usdc")),
    "vaultWithdraw": _Delta(
        "vault user requestedUsd commission closingCost basis netWithdrawnUsd",
        _in("netWithdrawnUsd"),
    ),
    "vaultLeaderCommission": _Delta("usdc", _in("usdc"), "user vault"),
    "withdraw": _Delta("usdc nonce fee", _out("usdc", "fee")),
    "vaultCreate": _Delta("vault usdc fee", _out("usdc", "fee")),
    "vaultDeposit": _Delta("vault usdc", _out("usdc"), "user"),
    "accountClassTransfer": _Delta("usdc toPerp", _to_perp),
    "internalTransfer": _Delta("usdc user destination fee", _between),
    "subAccountTransfer": _Delta("usdc user destination", _between),
    "send": _Delta(
        "user destination sourceDex destinationDex token amount usdcValue fee feeToken",
        _sent,
        "nativeTokenFee nonce",
    ),
    "spotTransfer": _Delta(
        "token amount usdcValue user destination fee feeToken", _none, "nativeTokenFee nonce"
    ),
    "cStakingTransfer": _Delta("token amount isDeposit", _none),
    "spotGenesis": _Delta("token amount", _none),
    "deployGasAuction": _Delta("token amount", _none),
}
_LIQUIDATION = "liquidatedNtlPos accountValue leverageType liquidatedPositions"


def read_ledger(row: Row, source: Source, address: str) -> Movement | Liquidation | None:
    """
    An entry of the ledger; None where it moves nothing of the perpetuals' balance.

    Parameters
    ----------
    address : what the venue calls the account

    Raises
    ------
    Malformed
        `malformed.statement`: a type that is not known, or another form of one; a liquidation of
        an isolated position, whose margin the interface does not tell.
    """
    item = Item(row, source)
    item.only(("time", "hash", "delta"))
    delta, time = item.child("delta"), item.time("time")
    kind = delta.text("type")
    if kind == "liquidation":
        delta.only(("type", *_LIQUIDATION.split()))
        if delta.text("leverageType") != "Cross":
            raise delta.error(
                "leverageType", "of a position with margin of its own, of which nothing is told"
            )
        return Liquidation(source, time)
    known = _DELTAS.get(kind)
    if known is None:
        raise delta.error("type", f"{kind[:40]!a} is not known, so neither is what it moves")
    delta.only(("type", *known.names.split()), known.optional.split())
    amount = known.amount(delta, address)
    name = item.text("hash")
    return Movement(source, time, amount, name if name.strip("0x") else None) if amount else None
