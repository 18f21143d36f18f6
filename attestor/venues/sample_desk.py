"""
What the desk of the sample does, wallet by wallet, and its small neighbours
(docs/explanation/attestation.md 2.3).

    making      quotes two perpetuals all day: thousands of maker fills, small inventory, earns
                the spread
    volatility  sells two weeks' strangles on bitcoin every four weeks, hedges the delta daily,
                holds them to their delivery
    basis       long coins, short perpetual, earns funding and interest in coins
    treasury    reserve: interest, votes, deposits, withdrawals, coins and money for the others

Hours are counted from the window's start, prices are in cents, sizes in 1e-8.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from attestor.venues.sample_book import TAKER_FEE, UNIT, Option, VenueBook, decimal
from attestor.venues.sample_market import Dice, Market, option

SPOT, BTC_PERP, ETH_PERP = "BTC", "BTC-PERP", "ETH-PERP"
LASTING = (SPOT, BTC_PERP, ETH_PERP)
FUNDING_HOURS = 8
CYCLE_DAYS, LIFE_DAYS = 28, 13
FIRST_CYCLE = 8  # day of the window
LISTED_AT, EXPIRES_AT = 10, 8  # hours of the day
VOLATILITY = 0.50  # implied; the market moves with about 0.40
ENTRY = 9_125_050  # of the coins that were there before the window
STRANGLE = 120 * UNIT  # bitcoin a side
LEVERAGE = 12  # of the neighbour that is liquidated
BET_HOUR, RETURN_HOUR = 21 * 24 + 9, 60 * 24 + 9


class Desk:
    """One run of the generator."""

    def __init__(
        self, seed: int, first_day: int, days: int, total_days: int, owners: Sequence[Sequence[str]]
    ) -> None:
        self.dice = Dice(seed)
        self.market = Market.draw(Dice(seed + 1), total_days * 24)
        start = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=first_day)
        self.book, self.days = VenueBook(start), days
        self.making, self.volatility, self.basis, self.treasury = owners[0]
        self.neighbours, self.gambler = list(owners[1]), owners[2][0]
        self.options = self._list_options(start)
        self._cash = 0  # of the gambler, cents, from his bet on

    # -- the run -----------------------------------------------------------------------------------
    def run(self) -> None:
        """All hours of the window."""
        self._open()
        for hour in range(self.days * 24):
            self._marks(hour)
            self._deliver(hour)
            if hour % FUNDING_HOURS == 0 and hour:
                self._funding(hour)
            self._options_desk(hour)
            self._basis_desk(hour)
            self._quotes(hour)
            self._neighbours(hour)
            self._gambler(hour)
            if hour % 24 == 15:
                self._treasury(hour // 24, hour)

    def _open(self) -> None:
        book = self.book
        book.opens(self.making, 2_800_000)
        book.opens(self.volatility, 3_000_000)
        book.opens(self.basis, 3_200_000)
        book.opens(self.treasury, 1_200_000)
        # The coins were bought before the window, at another price: they are re-based (A3).
        book.holds(self.basis, SPOT, 10 * UNIT, ENTRY)
        for index, wallet in enumerate((*self.neighbours, self.gambler)):
            book.opens(wallet, 40_000 + 15_000 * index)

    def _marks(self, hour: int) -> None:
        second = hour * 3600
        for instrument in LASTING:
            self.book.mark(second, instrument, self._price(instrument, second))
        for each in self.options:
            if each.listed <= hour <= each.expiry:
                price, delta = self._value(each, hour)
                self.book.mark(
                    second, each.name, price,
                    delta=decimal(delta, 4), volatility=decimal(round(VOLATILITY * 100), 2),
                )  # fmt: skip

    # -- the desk ----------------------------------------------------------------------------------
    def _quotes(self, hour: int) -> None:
        """
        The market maker: a fill or two an hour, against the inventory more often than with it.
        """
        for minute in sorted(
            self.dice.between(1, 57) for _ in range(1 + (self.dice.below(100) < 24))
        ):
            instrument = BTC_PERP if self.dice.below(3) else ETH_PERP
            second = hour * 3600 + minute * 60
            mid = self._price(instrument, second)
            lot = self.dice.between(50_000_000, 110_000_000) * UNIT // mid // 10**5 * 10**5
            inventory = self.book.held[self.making, instrument]
            buy = self.dice.below(100) < (90 if inventory < 0 else 10 if inventory > 0 else 50)
            if inventory and buy == (inventory < 0) and self.dice.below(5):
                lot = abs(inventory)  # flat again
            maker = self.dice.below(100) < 82
            edge = self.dice.between(0, 6) if maker else -self.dice.between(0, 2)  # basis points
            price = mid - mid * edge // 10_000 if buy else mid + mid * edge // 10_000
            size = lot if buy else -lot
            self.book.trade(second, self.making, instrument, size, price, mark=mid, maker=maker)

    def _options_desk(self, hour: int) -> None:
        second = hour * 3600 + 58 * 60
        for each in self.options:
            if hour == each.listed:
                price, _ = self._value(each, hour)
                for clip in range(3):
                    self.book.trade(
                        second + 7 * clip, self.volatility, each.name, -STRANGLE // 3,
                        price - price * 2 // 100, mark=price, maker=False,
                    )  # fmt: skip
                second += 21
        if hour % 24 == 12:
            held = self.book.held
            delta = held[self.volatility, BTC_PERP] * 10_000
            for each in self.options:
                if held[self.volatility, each.name]:
                    delta += held[self.volatility, each.name] * self._value(each, hour)[1]
            hedge = -delta // 10**10 * 10**6
            if abs(hedge) > UNIT // 2:
                self._at_mark(second + 50, self.volatility, BTC_PERP, hedge, maker=False)

    def _deliver(self, hour: int) -> None:
        for each in self.options:
            if hour == each.expiry:
                price = self._price(SPOT, hour * 3600)
                self.book.deliver(hour * 3600, self.volatility, each, price)

    def _basis_desk(self, hour: int) -> None:
        second = hour * 3600 + 59 * 60
        day, clock = divmod(hour, 24)
        if day < 4 and clock in (3, 9, 18):  # build the position up
            self._at_mark(second, self.basis, SPOT, 2 * UNIT, maker=True)
            self._at_mark(second + 5, self.basis, BTC_PERP, -3 * UNIT, maker=False)
        elif day % 9 == 5 and clock == 20:
            # The two wallets meet in the book: an own trade, one trade id on both sides (A4).
            size, identity = self.dice.between(1, 3) * UNIT, self.book.own_trade_id()
            signed = size if self.book.held[self.basis, BTC_PERP] < -30 * UNIT else -size
            for wallet, part, maker in ((self.basis, signed, False), (self.making, -signed, True)):
                self._at_mark(second, wallet, BTC_PERP, part, maker=maker, identity=identity)
        elif day % 14 == 11 and clock == 6:  # a small rebalancing of the two legs
            size = self.dice.between(1, 4) * UNIT // 2
            signed = size if self.dice.below(2) else -size
            self._at_mark(second, self.basis, SPOT, signed, maker=True)
            self._at_mark(second + 9, self.basis, BTC_PERP, -signed, maker=True)
        elif day % 30 == 29 and clock == 12:  # what the coins have earned
            index = self._price(SPOT, hour * 3600)
            self.book.coins(
                hour * 3600, "carry", self.basis, SPOT, 4_250_000, index, f"lending-{day}"
            )

    def _funding(self, hour: int) -> None:
        """
        Longs pay shorts, mostly: 0.2 to 1.4 bp of notional each eight hours, now and then the other
        way.
        """
        rate = (
            self.dice.between(20, 140) if self.dice.below(100) < 85 else -self.dice.between(10, 90)
        )  # 1e-6
        for wallet in (self.making, self.volatility, self.basis):
            total = sum(
                -self.book.held[wallet, instrument] * self._price(instrument, hour * 3600) * rate
                for instrument in (BTC_PERP, ETH_PERP)
            )
            amount = total // (
                UNIT * 10_000
            )  # in 1e-4 USD: cents * 1e8 * 1e-6 -> 1e-2 * 1e-4 * 1e2
            if amount:
                self.book.line(hour * 3600, "carry", wallet=wallet, amount=decimal(amount, 4))

    def _treasury(self, day: int, hour: int) -> None:
        second, book = hour * 3600, self.book
        interest = decimal(1_450_000 + self.dice.between(0, 90_000), 4)
        book.line(second, "carry", wallet=self.treasury, amount=interest)
        if day % 14 == 3:
            book.line(second + 60, "vote", wallet=self.treasury, id=f"proposal-{11 + day // 14}")
        if day % 7 == 6:
            amount = str(self.dice.between(1_100, 2_300))
            book.line(
                second + 120, "reward", wallet=self.making, amount=amount, id="liquidity-2026q1"
            )
        if day == 20:
            book.line(second + 180, "transfer", wallet=self.treasury, amount="1000000")
        if day == 71:
            book.line(second + 180, "transfer", wallet=self.treasury, amount="-600000")
        if day % 30 == 21:
            target = self.volatility if day % 60 == 21 else self.making
            for wallet, amount in ((self.treasury, "-250000.75"), (target, "250000.75")):
                book.line(
                    second + 240, "transfer", wallet=wallet, amount=amount, id=f"internal-{day}"
                )
        if day == 33:  # coins come in, and are sold as perpetuals a day later
            self._coins(second + 300, self.treasury, 4 * UNIT, "coins-in")
        if day == 34:
            self._coins(second + 300, self.treasury, -4 * UNIT, "coins-moved")
            self._coins(second + 300, self.basis, 4 * UNIT, "coins-moved")
            self._at_mark(second + 360, self.basis, BTC_PERP, -4 * UNIT, maker=False)
        if day == 78:
            self._at_mark(second + 300, self.basis, BTC_PERP, 2 * UNIT, maker=False)
            self._coins(second + 360, self.basis, -2 * UNIT, "coins-out")

    # -- the others --------------------------------------------------------------------------------
    def _neighbours(self, hour: int) -> None:
        """Small accounts that take prices once a day."""
        for index, wallet in enumerate(self.neighbours):
            if hour % 24 == 7 + 5 * index:
                inventory = self.book.held[wallet, ETH_PERP]
                size = (
                    -inventory
                    if inventory
                    else (1 if self.dice.below(2) else -1) * self.dice.between(2, 9) * UNIT
                )
                self._at_mark(hour * 3600 + 1800 + index, wallet, ETH_PERP, size, maker=False)

    def _gambler(self, hour: int) -> None:
        """
        One bet of twelve times its equity, until the venue closes it: at the hour's marks its
        equity does not cover a hundredth of the notional and what a bigger size adds. Later it
        comes back with fresh money.
        """
        wallet, second = self.gambler, hour * 3600
        size, mark = self.book.held[wallet, ETH_PERP], self._price(ETH_PERP, second)
        if hour == BET_HOUR:
            self._cash = 70_000 * 100  # cents
            bet = -LEVERAGE * self._cash * UNIT // mark // UNIT * UNIT
            notional = abs(bet) * mark // UNIT
            self._cash += notional - notional * TAKER_FEE // 10**9 - 1
            self._at_mark(second + 60, wallet, ETH_PERP, bet, maker=False)
        elif size and hour > BET_HOUR and hour < RETURN_HOUR:
            equity, notional = self._cash + size * mark // UNIT, abs(size) * mark // UNIT
            if equity < notional // 100 + notional * abs(size) // UNIT * 4 // 10**6:
                price = mark + mark // 500 if size < 0 else mark - mark // 500
                self.book.trade(
                    second + 2, wallet, ETH_PERP, -size, price, mark=mark, maker=False,
                    kind="liquidation",
                )  # fmt: skip
        elif hour == RETURN_HOUR:
            self.book.line(second, "transfer", wallet=wallet, amount="30000", id="fresh")
        elif hour > RETURN_HOUR and hour % 24 == 17:
            self._at_mark(second + 1800, wallet, ETH_PERP, -size or 2 * UNIT, maker=False)

    # -- prices ------------------------------------------------------------------------------------
    def _coins(self, second: int, wallet: str, size: int, identity: str) -> None:
        index = self._price(SPOT, second)
        self.book.coins(second, "transfer", wallet, SPOT, size, index, identity)

    def _at_mark(
        self,
        second: int,
        wallet: str,
        instrument: str,
        size: int,
        *,
        maker: bool,
        identity: str = "",
    ) -> None:
        mark = self._price(instrument, second)
        self.book.trade(
            second, wallet, instrument, size, mark, mark=mark, maker=maker, identity=identity
        )

    def _price(self, instrument: str, second: int) -> int:
        """
        Cents, on the straight line between two hours; a perpetual stands a little above its index.
        """
        prices = self.market.eth if instrument == ETH_PERP else self.market.btc
        hour, rest = divmod(second, 3600)
        now, then = (
            prices[at] if instrument == SPOT else prices[at] * 10_002 // 10_000
            for at in (hour, hour + 1)
        )
        return now + (then - now) * (rest // 60) // 60

    def _value(self, each: Option, hour: int) -> tuple[int, int]:
        """Cents and delta in 1e-4, by the index; what it pays at the expiry."""
        price = self.market.btc[hour]
        if hour == each.expiry:
            paid = each.payoff(price)
            return paid, (10_000 if each.call else -10_000) * (paid > 0)
        return option(price, each.strike, each.expiry - hour, VOLATILITY, each.call)

    def _list_options(self, start: datetime) -> list[Option]:
        options: list[Option] = []
        for day in range(FIRST_CYCLE, self.days, CYCLE_DAYS):
            hour = day * 24 + LISTED_AT
            expiry = (day + LIFE_DAYS) * 24 + EXPIRES_AT
            date = (start + timedelta(hours=expiry)).strftime("%Y%m%d")
            for call, percent in ((True, 108), (False, 92)):
                strike = self.market.btc[hour] * percent // 100 // 100_000 * 100_000
                name = f"BTC-{date}-{strike // 100}-{'C' if call else 'P'}"
                options.append(Option(name, SPOT, strike, call, hour, expiry))
        return options
