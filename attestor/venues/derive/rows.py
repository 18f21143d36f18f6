"""
Rows of Derive's histories as events (docs/guides/attestor.md).

Every name of a row is known or it is refused: what is new may be money. A trade or a movement that
is not settled is refused too, whatever else became of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from attestor.collect.item import Item
from attestor.statement import (
    CENT,
    MICROSECONDS,
    MONEY_PLACES,
    Carry,
    Coin,
    Fill,
    Source,
    Transfer,
    seen_from,
)
from attestor.venues.derive import fields
from attestor.venues.derive.answers import DEPOSITS, TRANSFERS, WITHDRAWALS
from attestor.venues.derive.names import USDC, Instruments, is_coin
from attestor.venues.derive.prices import Prices, Told, beside, price_of


class Bid(NamedTuple):
    """
    A part of the sub-account that an auction sold: what each position had made, without fees (u'),
    and how much of it went (1e-18, without sign), and what the sale brought beside the marks (u').
    """

    source: Source
    time: int
    sequence: int
    wallet: str
    amounts: Mapping[str, int]
    made: Mapping[str, int]
    discount: int


Event = Fill | Transfer | Carry | Bid


class Side(NamedTuple):
    """
    One side of what moves between sub-accounts, in a form that both sides share but for the sign
    and for who is who.
    """

    source: Source
    key: tuple[object, ...]
    account: str
    signed: int
    other: int | None


class Rows:
    """
    The rows of one sub-account.

    Parameters
    ----------
    number, account : as the venue and as statements call it

    Attributes
    ----------
    moved : what went to or came from other sub-accounts of the owner, by the venue's word
    """

    def __init__(self, number: int, account: str, instruments: Instruments, prices: Prices) -> None:
        self.number, self.account = number, account
        self._instruments, self._prices = instruments, prices
        self._seen: dict[tuple[object, ...], Source] = {}
        self.moved: list[Side] = []

    def _own(self, item: Item) -> None:
        if item.whole("subaccount_id") != self.number:
            raise item.error("subaccount_id", f"another than was asked for, {self.number}")

    def _once(self, item: Item, what: str, *identity: object) -> None:
        before = self._seen.setdefault((what, *identity), item.source)
        if before is not item.source:
            raise item.error(what, f"stands at {seen_from(item.source, before)} already")

    def trade(self, item: Item) -> tuple[Fill, tuple[Told, Told]]:
        """
        A trade, with the mark and the index beside it.

        Its id is not used: own trades are told by instant, price and size, whether or not both
        sides share an id. A rebate is booked when it is paid.
        """
        fields.TRADE.check(item)
        self._own(item)
        _settled(item)
        instrument, time = self._instruments.named(item, "instrument_name"), item.time("timestamp")
        self._once(item, "trade_id", item.text("trade_id"))
        bought = _choice(item, "direction", ("buy", "sell")) == "buy"
        amount, fee = item.positive("trade_amount"), item.money("trade_fee")
        extra, rebate = (
            item.money(name) if item.has(name) else 0 for name in ("extra_fee", "expected_rebate")
        )
        if fee < 0 or not 0 <= extra <= fee or rebate < 0:
            reason = "below 0, or less than the extra fee, which it contains"
            raise item.error("trade_fee", reason)
        made = "realized_pnl_excl_fees"
        told = beside(item, self.account, instrument, time)
        fill = Fill(
            item.source,
            time,
            0,
            self.account,
            instrument.name,
            amount if bought else -amount,
            item.positive("trade_price"),
            fee,
            _choice(item, "liquidity_role", ("maker", "taker")) == "maker",
            reported_pnl=item.money(made) if item.has(made) else None,
            order=item.text("order_id"),
            mark=told[1].price,
        )
        if item.boolean("is_transfer"):
            key = ("trade", time, instrument.name, fill.price)
            self.moved.append(Side(item.source, key, self.account, fill.size, None))
        return fill, told

    def funding(self, item: Item) -> Carry:
        """
        Funding of a perpetual, received above 0. What of its profit the venue pays into the cash at
        the same time (`pnl`) is the position's already and changes no equity.
        """
        fields.FUNDING.check(item)
        self._own(item)
        instrument, time = self._instruments.named(item, "instrument_name"), item.time("timestamp")
        if instrument.underlying is not None:
            raise item.error("instrument_name", "an option has no funding")
        item.money("pnl")
        self._once(item, "timestamp", "funding", instrument.name, time)
        return Carry(item.source, time, 0, self.account, item.money("funding"))

    def interest(self, item: Item) -> Carry:
        """Interest of the cash, received above 0."""
        fields.INTEREST.check(item)
        self._own(item)
        time = item.time("timestamp")
        self._once(item, "timestamp", "interest", time)
        return Carry(item.source, time, 0, self.account, item.money("interest"))

    def settlement(self, item: Item) -> Fill:
        """An option's delivery: what it is worth at the settlement price, which is a mean."""
        fields.SETTLEMENT.check(item)
        self._own(item)
        option = self._instruments.named(item, "instrument_name")
        if option.underlying is None:
            raise item.error("instrument_name", "a perpetual does not settle")
        expiry = item.whole("expiry") * MICROSECONDS
        if expiry != option.expiry:
            raise item.error("expiry", f"not that of {option.name}, 08:00 UTC of its day")
        self._once(item, "instrument_name", "settlement", option.name)
        amount, made = item.number("amount"), "option_settlement_pnl_excl_fees"
        if amount == 0:
            raise item.error("amount", "must not be 0")
        worth = option.intrinsic(price_of(item, "settlement_price"))
        reported = item.money(made) if item.has(made) else None
        return Fill(
            item.source, expiry, 0, self.account, option.name, -amount, worth, 0, False,
            reported_pnl=reported, booked=True,
        )  # fmt: skip

    def movement(self, method: str, item: Item) -> Transfer:
        """A deposit, a withdrawal, or a transfer from or to another sub-account."""
        return {DEPOSITS: self._deposit, WITHDRAWALS: self._withdrawal, TRANSFERS: self._between}[
            method
        ](item)

    def _deposit(self, item: Item) -> Transfer:
        fields.DEPOSIT.check(item)
        _settled(item)
        return self._flow(item, 1)

    def _withdrawal(self, item: Item) -> Transfer:
        fields.WITHDRAWAL.check(item)
        _settled(item)
        return self._flow(item, -1)

    def _between(self, item: Item) -> Transfer:
        fields.TRANSFER.check(item)
        self._own(item)
        sign = -1 if item.boolean("is_outgoing") else 1
        key = ("transfer", item.text("tx_hash"), item.text("asset"))
        other = item.whole("counterparty_subaccount_id")
        signed = sign * item.number("amount")
        self.moved.append(Side(item.source, key, self.account, signed, other))
        return self._flow(item, sign)

    def _flow(self, item: Item, sign: int) -> Transfer:
        """Dollars, or a coin at the index of its instant."""
        asset, time, amount = item.text("asset"), item.time("timestamp"), item.positive("amount")
        self._once(item, "tx_hash", item.text("tx_hash"), asset, sign)
        moved, coin = sign * item.number("amount", MONEY_PLACES), None
        if asset != USDC:
            if not is_coin(asset):
                raise item.error("asset", f"no currency: {asset[:40]!a}")
            price = self._prices.index_at(item, asset, time)
            coin = Coin(self._instruments.coin(asset).name, sign * amount, price)
            moved = coin.size * coin.price
        return Transfer(
            item.source, time, 0, self.account, moved, item.text("tx_hash"), coin
        )  # fmt: skip

    def auction(self, item: Item) -> list[Carry | Bid]:
        """
        What a liquidation took: its fee when it begins, and each bid.

        An auction that is not over, one of a sub-account that owes more than it has, and one that
        sold coins are refused: what they leave behind no page states.
        """
        fields.AUCTION.check(item)
        self._own(item)
        _choice(item, "auction_type", ("solvent",))
        if not item.has("end_timestamp"):
            raise item.error("end_timestamp", "the auction is not over")
        self._once(item, "auction_id", item.text("auction_id"))
        fee, start = item.money("fee"), item.time("start_timestamp")
        if fee < 0:
            raise item.error("fee", "below 0")
        begun = [Carry(item.source, start, 0, self.account, -fee)] if fee else []
        bids = [Item(each, item.source, f"bids[{n}]") for n, each in enumerate(item.list("bids"))]
        return [*begun, *(self._bid(each) for each in bids)]

    def _bid(self, item: Item) -> Bid:
        fields.BID.check(item)
        amounts = self._by_instrument(item, "amounts_liquidated", Item.number)
        made = self._by_instrument(item, "positions_realized_pnl_excl_fees", Item.money)
        if not amounts or amounts.keys() != made.keys():
            reason = "not one for each of the amounts that were liquidated"
            raise item.error("positions_realized_pnl_excl_fees", reason)
        if abs(item.money("realized_pnl_excl_fees") - sum(made.values())) > CENT:
            raise item.error("realized_pnl_excl_fees", "not the sum of that of the positions")
        share = item.number("percent_liquidated")
        if share <= 0:
            raise item.error("percent_liquidated", "must be above 0")
        item.money("cash_received")
        sizes = {name: abs(amount) for name, amount in amounts.items() if amount}
        return Bid(
            item.source,
            item.time("timestamp"),
            0,
            self.account,
            sizes,
            made,
            item.money("discount_pnl"),
        )

    def _by_instrument(
        self, item: Item, name: str, read: Callable[[Item, str], int]
    ) -> dict[str, int]:
        """Numbers by instrument; cash is in what the sale brought, coins are refused."""
        found, out = item.child(name), {}
        for key in item.value(name):
            if key == USDC:
                continue
            named = Item({"name": key}, item.source, name)
            out[self._instruments.named(named, "name").name] = read(found, key)
        return out


def _settled(item: Item) -> None:
    if item.text("tx_status") != "settled":
        said = item.text("tx_status")[:20]
        raise item.error("tx_status", f"not settled but {said!a}: collect again when it is")


def _choice(item: Item, name: str, choices: tuple[str, ...]) -> str:
    text = item.text(name)
    if text not in choices:
        raise item.error(name, f"{text[:40]!a} is none of {', '.join(choices)}")
    return text
