"""
Collecting from Hyperliquid: what `attestor.venues.hyperliquid` reads and proves
(docs/explanation/attestation.md 2.7).

Each account's state is asked first; fills, funding and movements are those up to its instant, so a
run that was cut off asks the same again. Pages go on from the last instant inclusive, and end with
one that brings nothing new, because no answer says that it was cut.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from algebra.errors import Malformed
from attestor.collect.folder import Answer, parse_body
from attestor.collect.http import Asker
from attestor.collect.writer import Collecting
from attestor.statement import DAY_MICROSECONDS, MARK_AGE
from attestor.venues.hyperliquid.account import FILLS, FUNDING, LEDGER, STATE
from attestor.venues.hyperliquid.adapter import CANDLES, META
from attestor.venues.hyperliquid.kind import (
    MODE,
    ROLE,
    SUB_ACCOUNTS,
    check_mode,
    check_role,
    sub_accounts,
)
from attestor.venues.hyperliquid.marks import INTERVAL
from attestor.venues.hyperliquid.merged import LIMIT, incomplete, told

URL = "https://api.hyperliquid.xyz/info"
_DAY = DAY_MICROSECONDS // 1_000
_LATEST = 1 << 47

Request = Mapping[str, Any]


class HyperliquidCollecting:
    """
    One collecting.

    Parameters
    ----------
    opening : only what the accounts hold now, as the beginning of a later collecting
    progress : is told each step
    """

    def __init__(
        self,
        folder: Collecting,
        asker: Asker,
        *,
        opening: bool = False,
        progress: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._folder, self._asker = folder, asker
        self._opening, self._progress = opening, progress
        self._coins: set[str] = set()

    def run(self) -> None:
        """
        Ask all that is wanted, and finish the folder.

        Raises
        ------
        Malformed
            `malformed.answer`: an answer of another shape than was asked for.
        Refused
            `refused.account_kind`; `refused.incomplete`: an answer that may be cut within one
            instant.
        Unavailable
            As `Asker.post`.
        """
        found = self._folder.found
        self._ask({"type": META}, _object("universe"))
        accounts: dict[str, tuple[str, ...]] = {}
        for wallet in found.accounts:
            check_role(self._ask({"type": ROLE, "user": wallet}, _object("role")), wallet)
            accounts[wallet] = sub_accounts(
                self._ask({"type": SUB_ACCOUNTS, "user": wallet}, _list_or_null)
            )
            for number, address in enumerate((wallet, *accounts[wallet])):
                self._progress(f"{wallet}/{number}" if number else wallet)
                self._account(address, f"{wallet}/{number}" if number else wallet)
        if not self._opening:
            self._progress("candles")
            for coin in sorted(self._coins):
                self._candles(coin, found.first_day * _DAY, (found.last_day + 1) * _DAY)
        self._folder.finish(accounts)

    def _account(self, address: str, account: str) -> None:
        check_mode(self._ask({"type": MODE, "user": address}, _text), account)
        request = {"type": STATE, "user": address}
        state = self._ask(request, _object("assetPositions", "marginSummary", "time"))
        end = state.item().whole("time", 0, _LATEST)
        self._coins.update(_held(state))
        earlier = [
            answer.item().whole("time", 0, _LATEST)
            for answer in self._folder.earlier
            if answer.request == request
        ]
        if self._opening:
            return
        begin = max(earlier, default=0)
        for kind, start, more in (
            (FILLS, begin, {"aggregateByTime": False}),
            (LEDGER, begin, {}),
            (FUNDING, begin // _DAY * _DAY, {}),
        ):
            pages = self._pages(
                lambda at, kind=kind, more=more: {  # type: ignore[misc]
                    "type": kind, "user": address, "startTime": at, "endTime": end, **more
                },
                start, end, f"{account}: {kind}",
            )  # fmt: skip
            for row in pages if kind == FILLS else ():
                self._coins.add(str(row.get("coin")))

    def _candles(self, coin: str, start: int, end: int) -> None:
        """An hour more on either side does no harm; what is not of the window is left out."""
        begin = start - MARK_AGE // 1_000

        def request(at: int) -> Request:
            part = {"coin": coin, "interval": INTERVAL, "startTime": at, "endTime": end}
            return {"type": CANDLES, "req": part}

        self._pages(request, begin, end, f"candles of {coin}", name="t")

    def _pages(
        self, request: Callable[[int], Request], start: int, end: int, what: str, name: str = "time"
    ) -> list[dict[str, Any]]:
        """The rows of all pages from `start` to `end`, milliseconds; some of them twice."""
        rows: list[dict[str, Any]] = []
        while True:
            answer = self._ask(request(start), partial(_rows, what=what, name=name, end=end))
            rows += answer.value
            latest = max((row[name] for row in answer.value), default=start)
            if latest <= start:
                break
            self._progress(f"{what} to {told(latest)}")
            start = latest
        if len(answer.value) >= LIMIT:
            raise incomplete(what, f"those of {told(start)} fill an answer, which may be cut")
        return rows

    def _ask(self, request: Request, check: Callable[[Any], str | None]) -> Answer:
        """The answer to a request, asked unless it is there; nothing of another shape is kept."""
        known = self._folder.answered(request)
        if known is not None:
            return known
        body, taken = self._asker.post(request)
        wrong = check(parse_body(body))
        if wrong is not None:
            raise Malformed("malformed.answer", f"{request['type']}: the venue's answer {wrong}")
        return self._folder.keep(request, body, taken)


# -- shapes of answers: what is wrong with one, if anything ----------------------------------------
def _object(*names: str) -> Callable[[Any], str | None]:
    def check(value: Any) -> str | None:
        if not isinstance(value, dict):
            return "is no object"
        missing = [name for name in names if name not in value]
        return f"has no {missing[0]}" if missing else None

    return check


def _list_or_null(value: Any) -> str | None:
    return None if value is None or isinstance(value, list) else "is no list"


def _text(value: Any) -> str | None:
    return None if isinstance(value, str) else "is no text"


def _rows(value: Any, *, what: str, name: str, end: int) -> str | None:
    if not isinstance(value, list):
        return f"is no list ({what})"
    for row in value:
        if not isinstance(row, dict) or type(row.get(name)) is not int:
            return f"has a row without {name} ({what})"
        if not 0 <= row[name] <= end:
            return f"has a row of another time than was asked for ({what})"
    return None


def _held(state: Answer) -> set[str]:
    positions = [each.get("position") for each in state.value["assetPositions"] or ()
                 if isinstance(each, dict)]  # fmt: skip
    return {str(each.get("coin")) for each in positions if isinstance(each, dict)}
