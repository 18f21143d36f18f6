"""
Deribit's transaction log of an account, and what shows that none of it is missing
(docs/explanation/attestation.md 2.6).

Of each currency the balance after a line is the one before it and its change, from an account that
was empty; the numbers of an account's lines have no gap; pages go on where the one before says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise

from algebra.errors import Malformed
from attestor.collect.folder import Answer, Collected
from attestor.collect.item import Item
from attestor.complaints import Complaints
from attestor.stated import plain
from attestor.statement import DAY_MICROSECONDS, UNIT, Source, bad_line, seen_from
from attestor.venues.deribit.names import COINS, DOLLARS

METHOD = "private/get_transaction_log"
CURRENCIES = (*COINS, DOLLARS)
KINDS = ("trade", "settlement", "delivery", "deposit", "withdrawal", "transfer")
"""Types of lines; of others (swaps, corrections, position moves) no recording shows the price."""
_NEEDED = ("id", "user_id", "user_seq", "type", "timestamp", "currency", "change", "balance")
_KNOWN = (
    "cashflow", "commission", "amount", "block_rfq_id", "contracts", "equity", "fee_balance",
    "fee_role", "index_price", "info", "instrument_name", "interest_pl", "ip", "mark_price",
    "order_id", "position", "price", "price_currency", "profit_as_cashflow", "session_rpl",
    "session_upl", "settlement_price", "side", "total_interest_pl", "trade_id", "user_role",
    "username",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """
    A line of the log; amounts in its currency, 1e-18.

    Attributes
    ----------
    account : the account's name here
    seq : the venue's number of it, which orders the lines of an account
    user : the venue's number of the account
    change, balance : of the cash balance, and the balance after it
    cashflow, commission : 0 where the venue gives none
    item : the whole line
    """

    account: str
    currency: str
    seq: int
    time: int
    user: int
    kind: str
    change: int
    cashflow: int
    commission: int
    balance: int
    item: Item

    @property
    def source(self) -> Source:
        """Its place."""
        return self.item.source

    def error(self, name: str, reason: str) -> Malformed:
        """A complaint about one of its names; the caller raises it."""
        return self.item.error(name, reason)


def read_entry(account: str, currency: str, item: Item) -> Entry:
    """A line as the venue gives it; Malformed (`malformed.statement`)."""
    item.only(_NEEDED, _KNOWN)
    if item.text("currency") != currency:
        raise item.error("currency", f"{item.text('currency')}, {currency} was asked for")
    kind = item.text("type")
    if kind not in KINDS:
        raise item.error(
            "type", f"{kind[:40]!a} is refused: no recording shows what it moves, at which price"
        )
    return Entry(
        account,
        currency,
        item.whole("user_seq"),
        item.time("timestamp"),
        item.whole("user_id"),
        kind,
        item.number("change"),
        item.number("cashflow") if item.has("cashflow") else 0,
        item.number("commission") if item.has("commission") else 0,
        item.number("balance"),
        item,
    )


@dataclass(slots=True)
class Logs:
    """
    Attributes
    ----------
    entries : of each account, in the order of its numbers; every currency
    asked : the currencies asked of each account
    read, repeated : lines by file: all, and those that another page has too
    """

    entries: dict[str, list[Entry]] = field(default_factory=dict)
    asked: dict[str, set[str]] = field(default_factory=dict)
    read: Counter[str] = field(default_factory=Counter)
    repeated: Counter[str] = field(default_factory=Counter)


def read_logs(collected: Collected, wrong: Complaints) -> Logs:
    """
    The logs of all accounts of a folder.

    Parameters
    ----------
    wrong : gathers what is refused, `malformed.statement`: pages of which one is missing or two
        differ; a line that is none, or stands twice with two contents; a gap in the numbers; a
        balance that does not follow from the one before it; a currency that no books here know
    """
    logs = Logs()
    pages: dict[tuple[str, str], list[Answer]] = {}
    names = collected.names()
    for answer in collected.asked(method=METHOD):
        wrong.take(partial(_file, answer, names, pages), None)
    for (account, currency), answers in pages.items():
        logs.asked.setdefault(account, set()).add(currency)
        found: list[Entry] = []
        found = wrong.take(partial(_merge, answers, account, currency, logs, collected), found)
        for error in broken(found):
            wrong.add(error)
        logs.entries.setdefault(account, []).extend(found)
    for entries in logs.entries.values():
        entries.sort(key=lambda entry: (entry.time, entry.seq, entry.currency))
        for error in gaps(entries):
            wrong.add(error)
    return logs


def account_of(answer: Answer, names: dict[str, str]) -> str:
    """Whose answer it is, by its request; Malformed (`malformed.statement`)."""
    found = names.get(str(answer.request.get("account")))
    if found is None:
        raise bad_line(
            answer.source,
            "request: account: none that collected.json lists",
        )
    return found


def parameters(answer: Answer) -> dict[str, object]:
    """The parameters of a request; Malformed (`malformed.statement`)."""
    found = answer.request.get("params")
    if not isinstance(found, dict):
        raise bad_line(answer.source, "request: params: not an object")
    return found


def _file(
    answer: Answer, names: dict[str, str], pages: dict[tuple[str, str], list[Answer]]
) -> None:
    account, currency = account_of(answer, names), parameters(answer).get("currency")
    if currency not in CURRENCIES:
        raise bad_line(
            answer.source,
            f"currency: {str(currency)[:20]!a}: only {', '.join(CURRENCIES)} are known here; of "
            "another there is no index in these answers",
        )
    pages.setdefault((account, str(currency)), []).append(answer)


def _merge(
    pages: list[Answer], account: str, currency: str, logs: Logs, collected: Collected
) -> list[Entry]:
    """The lines of all pages of an account and currency, each once, ascending."""
    _require_linked(pages, collected)
    kept: dict[int, tuple[Item, object]] = {}
    for page in pages:
        listed = page.item().child("result").list("logs")
        logs.read[page.file] = len(listed)
        for index, value in enumerate(listed):
            item = Item(value, page.place(index))
            before = kept.setdefault(item.whole("id"), (item, value))
            if before[0] is item:
                continue
            there = seen_from(item.source, before[0].source)
            if before[1] != value or before[0].source.file == page.file:
                raise item.error("id", f"stands at {there} too, and no overlap explains it")
            logs.repeated[page.file] += 1
    entries = [read_entry(account, currency, item) for item, _ in kept.values()]
    return sorted(entries, key=lambda entry: entry.seq)


def _require_linked(pages: list[Answer], collected: Collected) -> None:
    """Each page is asked by what the one before it says; the last says that no more is there."""
    wanted: dict[object, Answer] = {}
    ranges = set()
    for page in pages:
        given = parameters(page)
        ranges.add((given.get("start_timestamp"), given.get("end_timestamp")))
        asked = given.get("continuation")
        if asked in wanted:
            there = seen_from(page.source, wanted[asked].source)
            raise bad_line(page.source, f"continuation: the page after the same one is {there} too")
        wanted[asked] = page
    if len(ranges) != 1:
        raise bad_line(pages[0].source, "request: the pages are of different spans of time")
    _, until = ranges.pop()
    end = (collected.last_day + 1) * DAY_MICROSECONDS // 1_000
    if type(until) is not int or until < end:
        raise bad_line(pages[0].source, f"request: end_timestamp: before the window's end, {end}")
    if None not in wanted:
        raise bad_line(pages[0].source, "continuation: the first page is missing")
    page = wanted.pop(None)
    while (after := page.item().child("result").value("continuation")) is not None:
        found = wanted.pop(after, None)
        if found is None:
            raise bad_line(page.source, f"continuation: {after!a}: that page is missing")
        page = found
    for stray in wanted.values():
        raise bad_line(stray.source, "continuation: no page says that this one follows")


def broken(entries: list[Entry]) -> Iterator[Malformed]:
    """The first line of a currency whose balance does not follow; all later ones would differ."""
    balance, time = 0, 0
    for entry in entries:
        if entry.time < time:
            yield entry.error("timestamp", "before that of the line with the number before it")
            return
        if entry.balance != balance + entry.change:
            so_far = f"{plain(balance, UNIT)} {entry.currency}"
            first = entry is entries[0]
            begins = "the log must begin with the account's first line, at a balance of 0"
            missing = "a line before it is missing, wrong or out of order"
            yield entry.error(
                "balance",
                f"{plain(entry.balance, UNIT)} is not {so_far} before and "
                f"{plain(entry.change, UNIT)} more; {begins if first else missing}",
            )
            return
        balance, time = entry.balance, entry.time


def gaps(entries: list[Entry]) -> Iterator[Malformed]:
    """
    Numbers of an account that are missing. Whether they count all its lines or each currency's
    apart no page of the venue says: either way counts as whole.
    """
    together = _first_gap(entries)
    if together is None:
        return
    apart: dict[str, list[Entry]] = {}
    for entry in entries:
        apart.setdefault(entry.currency, []).append(entry)
    gaps = [gap for listed in apart.values() if (gap := _first_gap(listed)) is not None]
    if not gaps:
        return
    shared = len({entry.seq for entry in entries}) == len(entries)
    before, after = together if shared else gaps[0]
    yield after.error(
        "user_seq",
        f"{after.seq} after {before.seq}: a number stands twice or a line between them is missing",
    )


def _first_gap(entries: list[Entry]) -> tuple[Entry, Entry] | None:
    for before, after in pairwise(entries):
        if after.seq != before.seq + 1:
            return before, after
    return None
