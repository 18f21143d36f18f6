"""
The venue's account interface, from a collected folder (docs/explanation/attestation.md 2.7).

Which rows count, with which sign and in which order is said in the files beside this one; what
they prove in `proof`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from attestor.collect.folder import Answer, Collected
from attestor.complaints import Complaints
from attestor.statement import (
    DAY_MICROSECONDS,
    Carry,
    Instrument,
    Line,
    Opening,
    OpeningPosition,
    Quote,
    Source,
    Stated,
    Statement,
    Transfer,
    bad_line,
    wallet_of,
)
from attestor.venues.adapter import Adapter, Facts, Input, Tally, given, lacking
from attestor.venues.asked import require_asked
from attestor.venues.hyperliquid.account import AccountHistory, read_account
from attestor.venues.hyperliquid.kind import require_own
from attestor.venues.hyperliquid.marks import numbered, read_marks, require_marks
from attestor.venues.hyperliquid.merged import incomplete
from attestor.venues.hyperliquid.proof import Window, follow
from attestor.venues.hyperliquid.state import cash, entry
from attestor.venues.marks_csv import marks_file
from policies.margin import example
from policies.rule_files import RuleFiles

VENUE = "hyperliquid"
META, CANDLES = "meta", "candleSnapshot"


@dataclass(slots=True)
class HyperliquidFiles:
    """
    A collected folder, read and proven once.

    Attributes
    ----------
    windows : by account, the folder's window of it
    """

    collected: Collected
    histories: dict[str, AccountHistory]
    windows: dict[str, Window]
    quotes: list[Quote]
    marks: RuleFiles
    repeated: Counter[str]

    @classmethod
    def load(cls, folder: Path) -> HyperliquidFiles:
        """
        Read a folder and prove every account of it.

        Raises
        ------
        Malformed, Refused, Unavailable
            As `Collected.load`, `read_account` and `follow`; several accounts' as one
            (`attestor.complaints`).
        """
        collected, repeated = Collected.load(folder, VENUE), Counter[str]()
        decimals = _perpetuals(collected)
        for wallet in collected.accounts:
            require_own(collected, wallet)
        marks = numbered(
            read_marks(collected.asked(type=CANDLES), collected.first_day, collected.last_day,
                       repeated)
        )  # fmt: skip
        out = cls(collected, {}, {}, marks, marks_file(VENUE, marks), repeated)
        start, end = (
            collected.first_day * DAY_MICROSECONDS,
            (collected.last_day + 1) * DAY_MICROSECONDS,
        )
        told_at: dict[str, list[int]] = defaultdict(list)
        for mark in marks:
            told_at[mark.instrument].append(mark.time)
        wrong = Complaints()
        for address, account in collected.names().items():

            def prove(account: str = account, address: str = address) -> None:
                history = read_account(collected, account, address, decimals, repeated)
                window = follow(history, decimals, start, end)
                for coin, first, last in _held(window, start, end):
                    require_marks(told_at, account, coin, first, last)
                out.histories[account], out.windows[account] = history, window

            wrong.take(prove, None)
        wrong.settle()
        return out

    def statement(self, wallets: Collection[str], first_day: int, last_day: int) -> Statement:
        """
        The part of the owner of `wallets`, for the folder's window.

        Raises
        ------
        Refused
            `refused.incomplete`: a wallet or a window that was not collected.
        """
        chosen = tuple(wallets)
        self._require_collected(chosen, first_day, last_day)
        mine = [account for account in self.windows if wallet_of(account) in chosen]
        start, end = first_day * DAY_MICROSECONDS, (last_day + 1) * DAY_MICROSECONDS
        fills = sorted(
            (fill for account in mine for fill in self.windows[account].fills),
            key=lambda fill: (fill.time, fill.wallet),
        )
        lines = sorted(
            (line for account in mine for line in self._lines(account, start, end)),
            key=lambda line: (line.time, line.wallet),
        )
        openings = {account: found for account in mine if (found := self._opening(account))}
        return Statement(
            venue=VENUE,
            wallets=chosen,
            first_day=first_day,
            days=last_day - first_day + 1,
            fills=[fill._replace(sequence=number) for number, fill in enumerate(fills, start=1)],
            lines=[line._replace(sequence=number) for number, line in enumerate(lines, start=1)],
            openings=openings,
            quotes=self.quotes,
            instruments=self._instruments(),
            margin=example(VENUE),
            marks=self.marks,
            stated=[self._closing(account, end) for account in mine],
        )

    def _require_collected(self, wallets: Iterable[str], first_day: int, last_day: int) -> None:
        for wallet in wallets:
            if wallet not in self.collected.accounts:
                raise incomplete(wallet, "was not collected, so nothing is known of it")
            if (first_day, last_day) != (self.collected.first_day, self.collected.last_day):
                raise incomplete(wallet, "was collected for another window")

    def _instruments(self) -> dict[str, Instrument]:
        named = {mark.instrument for mark in self.quotes}
        for window in self.windows.values():
            named.update(fill.instrument for fill in window.fills)
            named.update((*window.opening.positions, *window.closing.positions))
        return {name: Instrument(name) for name in sorted(named)}

    def _lines(self, account: str, start: int, end: int) -> Iterator[Line]:
        """Funding as carry, movements as transfers; an id counts once in an account."""
        history, known = self.histories[account], Counter[tuple[str, bool]]()
        for paid in history.funding:
            if start <= paid.time < end:
                yield Carry(paid.source, paid.time, 0, account, paid.amount)
        for moved in history.ledger:
            name = moved.transaction
            if name is not None:
                key = (name, moved.amount > 0)
                known[key] += 1
                name = name if known[key] == 1 else f"{name}-{known[key]}"
            if start <= moved.time < end:
                yield Transfer(moved.source, moved.time, 0, account, moved.amount, name)

    def _opening(self, account: str) -> Opening | None:
        held = self.windows[account].opening
        if not held.raw and not held.positions:
            return None
        positions = [
            OpeningPosition(held.source, coin, size, entry(size, cost))
            for coin, (size, cost) in held.positions.items()
        ]
        return Opening(held.source, held.time, cash(held.raw, held.positions), positions)

    def _closing(self, account: str, end: int) -> Stated:
        held = self.windows[account].closing
        sizes = tuple((coin, size) for coin, (size, _) in held.positions.items())
        return Stated(held.source, end, 1, account, cash(held.raw, held.positions), sizes)

    # -- what became of the answers ----------------------------------------------------------------
    def require_asked(self, asked: Collection[str], left_out: Collection[str]) -> None:
        """As `attestor.venues.adapter.VenueFiles`."""
        places: dict[str, list[Source]] = defaultdict(list)
        for answer, wallet in self._by_wallet():
            if wallet is not None:
                places[wallet].append(answer.source)
        require_asked(places, asked, left_out)

    def tally(self, asked: Collection[str]) -> list[Tally]:
        """As `attestor.venues.adapter.VenueFiles`: an answer's rows, or one where it is no list."""
        out = []
        for answer, wallet in self._by_wallet():
            rows = len(answer.value) if isinstance(answer.value, list) else 1
            again = self.repeated[answer.file]
            rest = rows - again
            if wallet is None and answer.request.get("type") == CANDLES:
                out.append(Tally(answer.file, rows, prices=rest, repeated=again))
            elif wallet is None or wallet in asked:
                out.append(Tally(answer.file, rows, rest, repeated=again))
            else:
                out.append(Tally(answer.file, rows, left_out=rest, repeated=again))
        return out

    def idle(self, wallets: Collection[str]) -> list[str]:
        """As `attestor.venues.adapter.VenueFiles`."""
        busy = {
            wallet_of(account)
            for account, history in self.histories.items()
            if history.fills or history.funding or history.ledger
        }
        return [wallet for wallet in wallets if wallet not in busy]

    def _by_wallet(self) -> Iterator[tuple[Answer, str | None]]:
        """The answers, each with the wallet that it is of, if it is of one."""
        names = self.collected.names()
        for answer in self.collected.answers:
            account = names.get(str(answer.request.get("user")))
            yield answer, None if account is None else wallet_of(account)


def _perpetuals(collected: Collected) -> dict[str, int]:
    """Decimals of a size, by coin, of all perpetuals that the venue has listed."""
    out: dict[str, int] = {}
    for answer in collected.asked(type=META):
        for index, item in enumerate(answer.items(answer.item().list("universe"))):
            name, decimals = item.text("name"), item.whole("szDecimals", 0, 7)
            if out.setdefault(name, decimals) != decimals:
                raise bad_line(answer.place(index), f"szDecimals: of {name}, another than before")
    if not out:
        raise incomplete("all accounts", f"{META} was not asked, so no instrument is known")
    return out


def _held(window: Window, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    """Each coin with the instants from which and until which a price of it is needed."""
    times: dict[str, list[int]] = defaultdict(list)
    for fill in window.fills:
        times[fill.instrument].append(fill.time)
    for coin in sorted({*times, *window.opening.positions, *window.closing.positions}):
        first = start if coin in window.opening.positions else times[coin][0]
        last = end - 1 if coin in window.closing.positions else times[coin][-1]
        yield coin, first, last


ADAPTER = Adapter(
    name=VENUE,
    venue=VENUE,
    what="the venue's account interface, from a collected folder",
    inputs=(
        Input("collected.json", "the list of answers; the others are answers of it"),
        Input(META, "the perpetuals, with the decimals of their sizes"),
        Input("userRole", "whether an address is a wallet"),
        Input("subAccounts", "the addresses of its sub-accounts"),
        Input("userAbstraction", "how its balances are kept"),
        Input("clearinghouseState", "what an account holds at the instant at which it is asked"),
        Input("userFillsByTime", "fills, from the beginning or from the instant of a state on"),
        Input("userNonFundingLedgerUpdates", "movements of money, likewise"),
        Input("userFunding", "funding, likewise, of whole days"),
        Input(CANDLES, "hourly candles of every coin that is held or traded", optional=True),
    ),
    facts=Facts(
        completeness=given("start positions chain; positions and money are those of each state"),
        equity=given("money without positions of a state, and all that moves it"),
        fees=given("of each fill, the builder's among them"),
        funding=given("of each hour, or of a day in one sum"),
        marks=given("closes of hourly candles"),
        deltas=lacking("perpetuals alone"),
        liquidations=given("a fill or the ledger says whose"),
        openings=given("from nothing, or from a state that was taken before"),
        closing=given("the state after the window, less what moved since"),
    ),
    collects=True,
    margin=VENUE,
    read=lambda folder, _: HyperliquidFiles.load(folder),
)
