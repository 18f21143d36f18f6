"""Deribit: the story of the adapter's tests, and a second wallet that is nobody's."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from deribit_faults import FAULTS, LOG, TRADES, line, lines
from deribit_story import LINEAR, MARKS, afterwards, story
from deribit_world import FIRST, LAST, SUB, WALLET, Folder, Member, collected, ms

from attestor.collect.folder import COLLECTED
from history.dates import day_number
from tests.attestor.conformance.maker import Fault, Maker, Outcome, Same
from tests.attestor.conformance.recordings.deribit import recordings

OTHER = "0x" + "e" * 40


def write(folder: Path) -> None:
    """The story with the sub-account's log in pages of three, and another wallet's deposit."""
    members, other = story(), Member(88)
    afterwards(members)
    other.deposit(ms(FIRST, 1), "USDC", 500)
    found = collected(members | {OTHER: other}, dict(MARKS), sizes={str(SUB): 3})
    found.accounts = {WALLET: (str(SUB),), OTHER: ()}
    found.write(folder)


def changed(change: Callable[[Folder], None]) -> Callable[[Path], None]:
    """A change of the answers as one of the folder."""

    def of_folder(folder: Path) -> None:
        found = Folder.read(folder)
        change(found)
        found.write(folder)

    return of_folder


def fault(name: str, code: str = "malformed.statement") -> Fault:
    """A fault of the adapter's own tests."""
    return Fault(changed(FAULTS[name].change), code, FAULTS[name].reason)


def sub_pages(found: Folder) -> list[tuple[dict[str, object], dict[str, dict[str, list[object]]]]]:
    """The pages of the sub-account's log in bitcoin."""
    return [
        pair
        for pair in found.answers
        if pair[0]["method"] == LOG
        and pair[0]["account"] == str(SUB)
        and pair[0]["params"]["currency"] == "BTC"
    ]


def overlap(found: Folder) -> None:
    first, second, *_ = sub_pages(found)
    second[1]["result"]["logs"].insert(0, first[1]["result"]["logs"][-1])


def page_missing(found: Folder) -> None:
    found.answers.remove(sub_pages(found)[1])


def trade_again(**other: object) -> Callable[[Folder], None]:
    def change(found: Folder) -> None:
        (body,) = found.of(TRADES, account=WALLET, currency="BTC")
        listed = body["result"]["trades"]
        listed.insert(1, listed[0] | other)

    return change


def deposit_again(found: Folder) -> None:
    lines(found).append(line(found, "deposit"))


def stale(found: Folder) -> None:
    """No ticker of the linear perpetual after its first trade."""
    found.answers = [
        pair
        for pair in found.answers
        if pair[0].get("params", {}).get("instrument_name") != LINEAR
        or pair[0]["at"] < ms("2026-07-30", 11)
    ]


def turn(found: Folder) -> None:
    cells = line(found, "settlement", number=1)
    cells["change"] = cells["cashflow"] = -cells["change"]


def exponent(folder: Path) -> None:
    """30000 as 3e4, in an answer as it came."""
    for path in sorted((folder / "answers").iterdir()):
        before = path.read_bytes()
        after = before.replace(b'"amount": 30000,', b'"amount": 3E+4,')
        if after != before:
            path.write_bytes(after)
            listed = (folder / COLLECTED).read_text()
            digests = (sha256(each).hexdigest() for each in (before, after))
            (folder / COLLECTED).write_text(listed.replace(*digests))


OUTCOMES: dict[str, Outcome] = {
    "id-twice": Fault(changed(trade_again()), "malformed.statement", "no overlap explains it"),
    "id-differs": Fault(
        changed(trade_again(price=1)), "malformed.statement", "no overlap explains it"
    ),
    "pages-overlap": Same(changed(overlap)),
    "transfer-twice": Fault(changed(deposit_again), "malformed.statement", "no overlap explains"),
    "stale-mark": Fault(changed(stale), "refused.price", "hours old, at most 25 wanted"),
    "past-expiry": fault("no-delivery-stated-open", "refused.expired"),
    "out-of-order": fault("reordered"),
    "sign": Fault(changed(turn), "malformed.statement", "a line before it is missing"),
    "exponent": Same(exponent),
    "decimals": fault("float-tiny"),
    "not-a-number": fault("float-nan", "malformed.collected"),
    "line-missing": fault("trade-hidden"),
    "first-missing": fault("first-line-missing"),
    "last-missing": fault("last-line-missing"),
    "page-missing": Fault(changed(page_missing), "malformed.statement", "that page is missing"),
    "opening-wrong": fault("balance-breaks"),
    "closing-wrong": fault("stated-position"),
    "unknown-kind": fault("swap"),
    "unknown-instrument": fault("combination"),
}

MAKER = Maker(
    venue="deribit",
    wallets=(WALLET,),
    others=(OTHER,),
    first_day=day_number(FIRST),
    last_day=day_number(LAST),
    write=write,
    records=59,
    opening=31_611_823,
    closing=31_175_294,
    outcomes=OUTCOMES,
    recordings=recordings,
)
