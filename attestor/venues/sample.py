"""
The sample: a made-up options and perpetuals desk of four wallets over three months, and two small
neighbours (docs/explanation/attestation.md 2.3). Same seed, same bytes, on every machine.

    making      quotes two perpetuals all day: thousands of maker fills, small inventory, earns
                the spread
    volatility  sells strangles on bitcoin every four weeks, hedges the delta daily, buys them
                back before expiry
    basis       long spot, short perpetual, earns funding
    treasury    reserve: interest, votes, deposits, withdrawals, money for the other wallets

The neighbours only keep the tree from holding one leaf. Keys of wallets and attestors follow from
the seed: they are public, which is why every name that gives one says `unsafe`.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from algebra.extras import libraries
from algebra.files import write_atomic
from algebra.keccak import keccak
from attestor.ledger import apply_fill
from attestor.venues.sample_files import VENUE as VENUE
from attestor.venues.sample_market import Dice, Market, option
from attestor.venues.statement_csv import COLUMNS, INSTRUMENTS, STATEMENT, StatementFile

with libraries("attest"):
    from eth_account import Account
    from eth_account.signers.local import LocalAccount

FIRST_DAY = 20_454  # 2026-01-01
DAYS = 92
SEED = 7

UNIT = 10**8
"""1.0 of a size here, which has eight decimals."""
SPOT, BTC_PERP, ETH_PERP = "BTC", "BTC-PERP", "ETH-PERP"
MAKER_REBATE, TAKER_FEE = -50_000, 300_000  # -0.5 and 3 bp of notional, in 1e-9
FUNDING_HOURS = 8
CYCLE_DAYS, LIFE_DAYS, BUY_BACK_DAYS = 28, 35, 28
VOLATILITY = 0.50  # implied; the market moves with about 0.40
ENTRY = "91250.5"  # of the spot position that was there before the window
STRANGLE = 240 * UNIT  # bitcoin a side


@dataclass(frozen=True, slots=True)
class SampleOwner:
    """A made-up owner with the keys of his wallets."""

    name: str
    unsafe_keys: tuple[LocalAccount, ...]

    @property
    def wallets(self) -> tuple[str, ...]:
        """Addresses in lower case, in the order of the keys."""
        return tuple(account.address.lower() for account in self.unsafe_keys)


@dataclass(frozen=True, slots=True)
class Sample:
    """Where the sample was written and whose it is; `owners[0]` is the desk."""

    folder: Path
    owners: tuple[SampleOwner, ...]
    first_day: int
    days: int

    @property
    def last_day(self) -> int:
        """Last day inside the window, days since 1970-01-01 UTC."""
        return self.first_day + self.days - 1

    def statement_file(self) -> StatementFile:
        """The files, read back through the strict reader."""
        return StatementFile.load(self.folder, VENUE)


def unsafe_key(seed: int, name: str) -> LocalAccount:
    """A key that anyone can derive: for the sample only."""
    account: LocalAccount = Account.from_key(keccak(f"tierproof/sample/{seed}/{name}".encode()))
    return account


def unsafe_attestors(count: int, seed: int = SEED) -> list[LocalAccount]:
    """Attestor keys of the sample."""
    return [unsafe_key(seed, f"attestor/{i}") for i in range(count)]


def write_sample(
    folder: Path, *, seed: int = SEED, first_day: int = FIRST_DAY, days: int = DAYS
) -> Sample:
    """
    Write `statement.csv` and `instruments.csv` into `folder`.

    Parameters
    ----------
    days : 2..92; the market is the same whatever the number
    """
    if not 2 <= days <= DAYS:
        raise ValueError(f"days: {days} is not in 2..{DAYS}")
    owners = (
        SampleOwner("desk", tuple(unsafe_key(seed, f"desk/{i}") for i in range(4))),
        SampleOwner("harbour", tuple(unsafe_key(seed, f"harbour/{i}") for i in range(2))),
        SampleOwner("quarry", (unsafe_key(seed, "quarry/0"),)),
    )
    desk = _Desk(seed, first_day, days, [owner.wallets for owner in owners])
    desk.run()
    folder.mkdir(parents=True, exist_ok=True)
    write_atomic(folder / INSTRUMENTS, desk.instruments_csv())
    write_atomic(folder / STATEMENT, desk.statement_csv())
    return Sample(folder, owners, first_day, days)


@dataclass(frozen=True, slots=True)
class _Option:
    name: str
    strike: int  # cents
    call: bool
    listed: int  # hours of the window
    bought_back: int
    expiry: int


class _Desk:
    """
    One run of the generator; hours are counted from the window's start, prices are in cents until
    written.
    """

    def __init__(self, seed: int, first_day: int, days: int, owners: list[tuple[str, ...]]) -> None:
        self.dice = Dice(seed)
        self.market = Market.draw(Dice(seed + 1), DAYS * 24)
        self.start = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=first_day)
        self.days = days
        self.making, self.volatility, self.basis, self.treasury = owners[0]
        self.neighbours = [*owners[1], *owners[2]]
        self.held: dict[tuple[str, str], int] = defaultdict(int)
        self.events: list[tuple[int, dict[str, str]]] = []  # second of the window, row
        self.options = self._list_options()
        self.trades = 0

    # -- the run -----------------------------------------------------------------------------------
    def run(self) -> None:
        self._open()
        for hour in range(self.days * 24):
            self._marks(hour)
            if hour % FUNDING_HOURS == 0 and hour:
                self._funding(hour)
            self._options_desk(hour)
            self._basis_desk(hour)
            self._quotes(hour)
            self._neighbours(hour)
            if hour % 24 == 15:
                self._treasury(hour // 24, hour)

    def _open(self) -> None:
        balances = {
            self.making: 2_800_000,
            self.volatility: 3_000_000,
            self.basis: 3_200_000,
            self.treasury: 1_200_000,
        }
        for wallet, balance in balances.items():
            self._line(0, "opening", wallet=wallet, amount=str(balance))
        # The long spot leg was bought before the window, at another price: it is re-based (A3).
        self._line(
            0,
            "position",
            wallet=self.basis,
            instrument=SPOT,
            side="buy",
            size="10",
            price=ENTRY,
        )
        self.held[self.basis, SPOT] = 10 * UNIT
        for index, wallet in enumerate(self.neighbours):
            self._line(0, "opening", wallet=wallet, amount=str(40_000 + 15_000 * index))

    def _marks(self, hour: int) -> None:
        second = hour * 3600
        for instrument in (SPOT, BTC_PERP, ETH_PERP):
            self._line(
                second, "mark", instrument=instrument, price=_cents(self._index(instrument, hour))
            )
        for listed in self.options:
            if listed.listed <= hour <= listed.bought_back:
                price, delta = self._value(listed, hour)
                sign, size = ("-" if delta < 0 else ""), abs(delta)
                text = f"{sign}{size // 10_000}.{size % 10_000:04d}" if size else "0"
                self._line(second, "mark", instrument=listed.name, price=_cents(price), delta=text)

    def _quotes(self, hour: int) -> None:
        """
        The market maker: a fill or two an hour, against the inventory more often than with it.
        """
        for minute in sorted(
            self.dice.between(1, 57) for _ in range(1 + (self.dice.below(100) < 38))
        ):
            instrument = BTC_PERP if self.dice.below(3) else ETH_PERP
            mid = self._between(instrument, hour, minute)
            lot = self.dice.between(50_000_000, 110_000_000) * UNIT // mid // 10**5 * 10**5
            inventory = self.held[self.making, instrument]
            buy = self.dice.below(100) < (80 if inventory < 0 else 20 if inventory > 0 else 50)
            if inventory and buy == (inventory < 0) and self.dice.below(3):
                lot = abs(inventory)  # flat again
            maker = self.dice.below(100) < 82
            edge = self.dice.between(-1, 6) if maker else -self.dice.between(0, 2)  # basis points
            price = mid - mid * edge // 10_000 if buy else mid + mid * edge // 10_000
            self._trade(
                hour * 3600 + minute * 60,
                self.making,
                instrument,
                lot if buy else -lot,
                price,
                maker,
            )

    def _options_desk(self, hour: int) -> None:
        second = hour * 3600 + 58 * 60
        for listed in self.options:
            if hour in (listed.listed, listed.bought_back):
                price, _ = self._value(listed, hour)
                sold = hour == listed.listed
                skew = price * 2 // 100
                for _ in range(3):  # in three clips
                    second += 7
                    size = STRANGLE // 3
                    if sold:
                        self._trade(
                            second, self.volatility, listed.name, -size, price - skew, maker=False
                        )
                    else:
                        self._trade(
                            second, self.volatility, listed.name, size, price + skew, maker=True
                        )
        if hour % 24 == 12:
            delta = self.held[self.volatility, BTC_PERP]
            for listed in self.options:
                if listed.listed <= hour < listed.bought_back:
                    delta += (
                        self.held[self.volatility, listed.name]
                        * self._value(listed, hour)[1]
                        // 10_000
                    )
            hedge = -delta // 10**6 * 10**6
            if abs(hedge) > UNIT // 2:
                price = self._between(BTC_PERP, hour, 58)
                self._trade(second + 40, self.volatility, BTC_PERP, hedge, price, maker=False)

    def _basis_desk(self, hour: int) -> None:
        second = hour * 3600 + 59 * 60
        day, clock = divmod(hour, 24)
        if day < 4 and clock in (3, 9, 18):  # build the position up
            price = self._between(SPOT, hour, 59)
            self._trade(second, self.basis, SPOT, 2 * UNIT, price, maker=True)
            self._trade(
                second + 5,
                self.basis,
                BTC_PERP,
                -3 * UNIT,
                self._between(BTC_PERP, hour, 59),
                maker=False,
            )
        elif day % 9 == 5 and clock == 20:
            # The two wallets meet in the book: an own trade, one trade id on both sides (A4).
            self.trades += 1
            price, size = self._between(BTC_PERP, hour, 59), self.dice.between(1, 3) * UNIT
            signed = size if self.held[self.basis, BTC_PERP] < -30 * UNIT else -size
            identity = f"own-{self.trades}"
            self._trade(second, self.basis, BTC_PERP, signed, price, maker=False, identity=identity)
            self._trade(
                second, self.making, BTC_PERP, -signed, price, maker=True, identity=identity
            )
        elif day % 14 == 11 and clock == 6:  # a small rebalancing of the two legs
            price, size = self._between(SPOT, hour, 59), self.dice.between(1, 4) * UNIT // 2
            signed = size if self.dice.below(2) else -size
            self._trade(second, self.basis, SPOT, signed, price, maker=True)
            self._trade(
                second + 9,
                self.basis,
                BTC_PERP,
                -signed,
                self._between(BTC_PERP, hour, 59),
                maker=True,
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
                -self.held[wallet, instrument] * self._index(instrument, hour) * rate
                for instrument in (BTC_PERP, ETH_PERP)
            )
            amount = total // (
                UNIT * 10_000
            )  # in 1e-4 USD: cents * 1e8 * 1e-6 -> 1e-2 * 1e-4 * 1e2
            if amount:
                self._line(hour * 3600, "carry", wallet=wallet, amount=_decimal(amount, 4))

    def _treasury(self, day: int, hour: int) -> None:
        second = hour * 3600
        self._line(
            second,
            "carry",
            wallet=self.treasury,
            amount=_decimal(1_450_000 + self.dice.between(0, 90_000), 4),
        )
        if day % 14 == 3:
            self._line(second + 60, "vote", wallet=self.treasury, id=f"proposal-{11 + day // 14}")
        if day % 7 == 6:
            amount = str(self.dice.between(1_100, 2_300))
            self._line(
                second + 120, "reward", wallet=self.making, amount=amount, id="liquidity-2026q1"
            )
        if day == 20:
            self._line(second + 180, "transfer", wallet=self.treasury, amount="1000000")
        if day == 71:
            self._line(second + 180, "transfer", wallet=self.treasury, amount="-600000")
        if day % 30 == 21:
            target = self.volatility if day % 60 == 21 else self.making
            for wallet, amount in ((self.treasury, "-250000.75"), (target, "250000.75")):
                self._line(
                    second + 240, "transfer", wallet=wallet, amount=amount, id=f"internal-{day}"
                )

    def _neighbours(self, hour: int) -> None:
        """Small accounts that take prices once or twice a day."""
        for index, wallet in enumerate(self.neighbours):
            if hour % 24 == 7 + 5 * index:
                inventory = self.held[wallet, ETH_PERP]
                size = (
                    -inventory
                    if inventory
                    else (1 if self.dice.below(2) else -1) * self.dice.between(2, 9) * UNIT
                )
                price = self._between(ETH_PERP, hour, 30)
                self._trade(hour * 3600 + 1800 + index, wallet, ETH_PERP, size, price, maker=False)

    # -- prices ------------------------------------------------------------------------------------
    def _index(self, instrument: str, hour: int) -> int:
        """Cents; a perpetual stands a little above its index."""
        if instrument == ETH_PERP:
            return self.market.eth[hour] * 10_002 // 10_000
        return (
            self.market.btc[hour]
            if instrument == SPOT
            else self.market.btc[hour] * 10_002 // 10_000
        )

    def _between(self, instrument: str, hour: int, minute: int) -> int:
        now, then = self._index(instrument, hour), self._index(instrument, hour + 1)
        return now + (then - now) * minute // 60

    def _value(self, listed: _Option, hour: int) -> tuple[int, int]:
        return option(
            self.market.btc[hour], listed.strike, listed.expiry - hour, VOLATILITY, listed.call
        )

    def _list_options(self) -> list[_Option]:
        options: list[_Option] = []
        for day in range(2, self.days, CYCLE_DAYS):
            hour = day * 24 + 10
            expiry = hour + LIFE_DAYS * 24 - 2
            date = (self.start + timedelta(hours=expiry)).strftime("%Y%m%d")
            for call, percent in ((True, 112), (False, 88)):
                strike = self.market.btc[hour] * percent // 100 // 100_000 * 100_000
                name = f"BTC-{date}-{strike // 100}-{'C' if call else 'P'}"
                options.append(
                    _Option(name, strike, call, hour, hour + BUY_BACK_DAYS * 24 - 1, expiry)
                )
        return options

    # -- writing -----------------------------------------------------------------------------------
    def _line(self, second: int, kind: str, **cells: str) -> None:
        self.events.append((second, {"kind": kind, **cells}))

    def _trade(
        self,
        second: int,
        wallet: str,
        instrument: str,
        size: int,
        price: int,
        maker: bool,
        identity: str = "",
    ) -> None:
        self.held[wallet, instrument] += size
        notional = abs(size) * price // UNIT  # cents
        fee = notional * (MAKER_REBATE if maker else TAKER_FEE) // 10**5  # 1e-6 USD
        self._line(
            second,
            "fill",
            wallet=wallet,
            instrument=instrument,
            side="buy" if size > 0 else "sell",
            size=_decimal(abs(size), 8),
            price=_cents(price),
            fee=_decimal(fee, 6),
            liquidity="maker" if maker else "taker",
            id=identity,
        )

    def instruments_csv(self) -> bytes:
        lasting = ((name, "", "") for name in (SPOT, BTC_PERP, ETH_PERP))
        options = ((each.name, SPOT, self._time(each.expiry * 3600)) for each in self.options)
        rows = [("name", "underlying", "expiry"), *lasting, *options]
        return "".join(f"{','.join(row)}\n" for row in rows).encode()

    def _time(self, second: int) -> str:
        """A second of the window as statements spell it."""
        return (self.start + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def statement_csv(self) -> bytes:
        """
        All lines in the order of time, with the venue's own start position and closed pnl for each
        fill.
        """
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        opened = (10 * UNIT, 10 * UNIT * _units(ENTRY))
        books: dict[tuple[str, str], tuple[int, int]] = {(self.basis, SPOT): opened}
        ordered = sorted(enumerate(self.events), key=lambda item: (item[1][0], item[0]))
        for sequence, (_, (second, cells)) in enumerate(ordered, start=1):
            row = dict(cells)
            row["time"] = self._time(second)
            row["sequence"] = str(sequence)
            if row["kind"] == "fill":
                key = (row["wallet"], row["instrument"])
                size, cost = books.get(key, (0, 0))
                traded = _units(row["size"]) * (1 if row["side"] == "buy" else -1)
                applied = apply_fill(size, cost, traded, _units(row["price"]))
                books[key] = (applied.size, applied.cost)
                row["start_position"] = _decimal(size, 8)
                row["closed_pnl"] = _decimal(applied.realised // UNIT, 8)
            writer.writerow(row)
        return out.getvalue().encode()


def _decimal(number: int, places: int) -> str:
    """A number of 10^-places as a plain decimal."""
    if number == 0:
        return "0"
    whole, rest = divmod(abs(number), 10**places)
    text = f"{whole}.{rest:0{places}d}".rstrip("0").rstrip(".")
    return f"-{text}" if number < 0 else text


def _cents(number: int) -> str:
    return _decimal(number, 2)


def _units(text: str) -> int:
    """1e-8 of a decimal that this file wrote itself."""
    whole, _, places = text.partition(".")
    units: int = int(whole) * UNIT + int(places.ljust(8, "0"))
    return units
