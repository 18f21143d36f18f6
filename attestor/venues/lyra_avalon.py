"""
Lyra Avalon's option trades of 2022, from its subgraph (docs/explanation/attestation.md 2.1).

    trades.csv   timestamp,market,trader,position_id,strike_id,expiry,strike,option,position,action,
                 size,spot_fee,option_fee,vega_fee,variance_fee,fee,spot,premium
    spot.csv     timestamp,market,spot

Premium and collateral come from the wallet at each trade and go back to it: the venue knows no
account, so nothing here says what a wallet is worth. `attest` refuses it; what it gives are
profiles (`attestor.venues.profiles`). Spot and premium are derived from the fees by whoever made
the files.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from attestor.cells import parse_choice, parse_decimal, parse_positive, parse_wallet
from attestor.complaints import Complaints
from attestor.statement import (
    MARK_AGE,
    MICROSECONDS,
    MONEY_PLACES,
    Instrument,
    Source,
    bad_line,
    seen_from,
)
from attestor.venues.adapter import Facts, Input, ProfileReader, Tally, given, lacking
from attestor.venues.csv_file import Clock, check_name, read_rows
from attestor.venues.profiles import OptionTrade, Profile, profiles

VENUE = "lyra-avalon"
TRADES, SPOT = "trades.csv", "spot.csv"
FEES = ("spot_fee", "option_fee", "vega_fee", "variance_fee")
TRADE_COLUMNS = (
    "timestamp",
    "market",
    "trader",
    "position_id",
    "strike_id",
    "expiry",
    "strike",
    "option",
    "position",
    "action",
    "size",
    *FEES,
    "fee",
    "spot",
    "premium",
)
SPOT_COLUMNS = ("timestamp", "market", "spot")
SPOT_AGE = MARK_AGE
"""How far from an expiry the nearest trade may be whose spot stands for the settlement price."""
FEE_ERROR = 10 ** (MONEY_PLACES - 8)
"""1e-8 USD: the fee is the sum of its parts as binary floats add them."""

_CALL = {"call": True, "put": False}
_LONG = {"long": True, "short": False}
_OPENS = {"open": True, "close": False}


@dataclass(slots=True)
class Spots:
    """The spot of every trade of all wallets, by market."""

    times: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    prices: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def at(self, underlying: str, time: int) -> int | None:
        """
        As `attestor.venues.profiles.Spots`: that of the trade nearest in time, the earlier of two
        as near; None where there is none within `SPOT_AGE`.
        """
        times, prices = self.times.get(underlying, []), self.prices.get(underlying, [])
        before, after = bisect_right(times, time) - 1, bisect_left(times, time)
        near = [place for place in (before, after) if 0 <= place < len(times)]
        if not near:
            return None
        place = min(near, key=lambda each: abs(times[each] - time))
        return prices[place] if abs(times[place] - time) <= SPOT_AGE else None


@dataclass(frozen=True, slots=True)
class Profiles:
    """The two files, read and checked once; as `attestor.venues.adapter.ProfileFiles`."""

    by_wallet: dict[str, Profile]
    lines: tuple[Tally, ...]

    @classmethod
    def load(cls, folder: Path) -> Profiles:
        """
        Read the files of `folder`.

        Raises
        ------
        Malformed
            `malformed.statement` with file, line and reason, several as one
            (`attestor.complaints`).
        Unavailable
            `unavailable.file`.
        """
        wrong = Complaints()
        trades: list[OptionTrade] = []
        known: dict[tuple[str, ...], Source] = {}
        clock = Clock()

        def take(source: Source, cells: list[str]) -> None:
            before = known.setdefault(tuple(cells), source)
            if before is not source:
                raise bad_line(source, f"the same as {seen_from(source, before)}: read twice")
            trades.append(_trade(source, dict(zip(TRADE_COLUMNS, cells, strict=True)), clock))

        read = read_rows(folder / TRADES, TRADE_COLUMNS, take, wrong)
        spots, priced = _spots(folder / SPOT, wrong)
        wrong.settle()
        tally = (Tally(TRADES, read, used=read), Tally(SPOT, priced, prices=priced))
        return cls(profiles(trades, spots), tally)


ENTRY = ProfileReader(
    name=VENUE,
    venue=VENUE,
    what="option trades of an on-chain venue in 2022, as profiles",
    inputs=(
        Input(TRADES, "trades of all wallets, from the venue's subgraph (derivexyz/lyra-scripts)"),
        Input(SPOT, "the spot of every trade, derived from its fee"),
    ),
    facts=Facts(
        completeness=lacking("trades have no number; no position closes more than it opened"),
        equity=lacking("the venue keeps no account: premium and collateral are the wallet's"),
        fees=given("of each trade, in four parts"),
        funding=lacking("options have none"),
        marks=lacking("none between trades; an expiry pays by the nearest trade's spot"),
        deltas=lacking("daily ones of the protocol's cache are not read"),
        liquidations=lacking("not in the files"),
        openings=lacking("every position begins in the files"),
        closing=lacking("nothing is stated to compare the books with"),
    ),
    records=("fill", "booked"),
    metrics=(10, 13),
    read=Profiles.load,
)


def _time(text: str, source: Source, what: str) -> int:
    """Seconds since 1970 of the years of the venue, in microseconds."""
    if not (text.isascii() and text.isdecimal() and 1_600_000_000 <= int(text) < 1_700_000_000):
        raise bad_line(source, f"{what}: not seconds since 1970 of 2020 to 2023: {text[:20]!a}")
    return int(text) * MICROSECONDS


def _trade(source: Source, row: dict[str, str], clock: Clock) -> OptionTrade:
    time = clock.tick(_time(row["timestamp"], source, "timestamp"), source)
    expiry = _time(row["expiry"], source, "expiry")
    if time > expiry:
        raise bad_line(source, "timestamp: after the option's expiry")
    market = check_name(row["market"], source, "market")
    strike = parse_positive(row["strike"], source, "strike")
    call = parse_choice(row["option"], source, "option", _CALL)
    opens = parse_choice(row["action"], source, "action", _OPENS)
    bought = parse_choice(row["position"], source, "position", _LONG) == opens
    size = parse_positive(row["size"], source, "size")
    name = check_name(row["strike_id"], source, "strike_id")
    return OptionTrade(
        source,
        time,
        parse_wallet(row["trader"], source),
        f"{market}/{check_name(row['position_id'], source, 'position_id')}",
        Instrument(f"{market}/{name}/{row['option']}", market, expiry, strike, call),
        size if bought else -size,
        opens,
        parse_positive(row["premium"], source, "premium"),
        _fee(row, source),
        parse_positive(row["spot"], source, "spot"),
    )


def _fee(row: dict[str, str], source: Source) -> int:
    """The fee of a trade, u'; it is the sum of its parts."""
    fee = parse_decimal(row["fee"], source, "fee", MONEY_PLACES)
    parts = sum(parse_decimal(row[part], source, part, MONEY_PLACES) for part in FEES)
    if fee < 0 or abs(fee - parts) > FEE_ERROR:
        raise bad_line(source, "fee: not the sum of its four parts")
    return fee


def _spots(path: Path, wrong: Complaints) -> tuple[Spots, int]:
    found, clock = Spots(), Clock()

    def take(source: Source, cells: list[str]) -> None:
        time = clock.tick(_time(cells[0], source, "timestamp"), source)
        price = parse_positive(cells[2], source, "spot")
        found.times[check_name(cells[1], source, "market")].append(time)
        found.prices[cells[1]].append(price)

    return found, read_rows(path, SPOT_COLUMNS, take, wrong)
