"""
The answers of Derive's account interface, by method and sub-account, and whether each history is
whole (docs/guides/attestor.md).

A request is what the venue got: `{"id": .., "method": .., "params": {..}}`. A history of pages says
how many rows it has, and is whole where every page is there and together they have as many. One
that comes at once says nothing, so an answer of a thousand rows, the most that the venue gives, may
have been cut and is refused. Spans follow each other without a gap, from 0 on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from algebra.errors import Malformed
from attestor.collect.folder import Answer, Collected
from attestor.collect.item import Item
from attestor.statement import bad_line

MILLISECOND = 1_000
"""Microseconds."""
MAX_ROWS = 1_000
"""Rows that the venue gives at most in one answer."""
_CODE = "malformed.collected"


class Method(NamedTuple):
    """
    A history: the list of its rows in `result` (None: the result itself), the names of its span in
    `params` (None: it has none), and whether it comes in pages.
    """

    rows: str | None
    span: tuple[str, str] | None = ("start_timestamp", "end_timestamp")
    paged: bool = False


TRADES, FUNDING = "private/get_trade_history", "private/get_funding_history"
INTEREST, SETTLEMENTS = "private/get_interest_history", "private/get_option_settlement_history"
DEPOSITS, WITHDRAWALS = "private/get_deposit_history", "private/get_withdrawal_history"
TRANSFERS, LIQUIDATIONS = "private/get_erc20_transfer_history", "private/get_liquidation_history"
HISTORIES: Mapping[str, Method] = {
    TRADES: Method("trades", ("from_timestamp", "to_timestamp"), paged=True),
    FUNDING: Method("events", paged=True),
    INTEREST: Method("events"),
    SETTLEMENTS: Method("settlements", None),
    DEPOSITS: Method("events"),
    WITHDRAWALS: Method("events"),
    TRANSFERS: Method("events"),
    LIQUIDATIONS: Method(None),
}
"""Each is wanted of every sub-account."""
ACCOUNTS, ACCOUNT = "private/get_subaccounts", "private/get_subaccount"
VALUES = "private/get_subaccount_value_history"
TICKERS, INDEX = "public/get_tickers", "public/get_spot_feed_history"
PUBLIC = (TICKERS, INDEX)
METHODS = (*HISTORIES, ACCOUNTS, ACCOUNT, VALUES, *PUBLIC)


class History(NamedTuple):
    """The rows of a history, and the instant (microseconds) up to which all of them are there."""

    rows: list[Item]
    until: int


@dataclass(frozen=True, slots=True)
class Answers:
    """
    Attributes
    ----------
    accounts : by the venue's number the name of each sub-account, `wallet/n`
    by_method : the answers, each method's in the order in which they came
    """

    accounts: Mapping[int, str]
    by_method: Mapping[str, list[Answer]]

    @classmethod
    def of(cls, collected: Collected) -> Answers:
        """
        Malformed (`malformed.collected`): a request of another method, or a list of sub-accounts
        that is not the venue's; (`malformed.statement`): an answer that is an error.
        """
        by_method: dict[str, list[Answer]] = defaultdict(list)
        for answer in collected.answers:
            method = answer.request.get("method")
            if method not in METHODS:
                raise Malformed(
                    _CODE,
                    f"{answer.file}: request.method: none that is read: {str(method)[:60]!a}",
                    part=answer.file,
                )
            by_method[str(method)].append(answer)
        accounts = {}
        for name, ours in collected.names().items():
            if name not in collected.accounts:
                if not (name.isascii() and name.isdecimal() and name == str(int(name))):
                    raise lacks(f"accounts: {name[:40]!a} is no number of a sub-account")
                accounts[int(name)] = ours
        answers = cls(accounts, by_method)
        answers._require_all_accounts(collected)
        return answers

    def _require_all_accounts(self, collected: Collected) -> None:
        """A wallet's sub-accounts are those that the venue lists for it."""
        for wallet, listed in collected.accounts.items():
            found = [
                answer
                for answer in self.by_method.get(ACCOUNTS, [])
                if str(params_of(answer).get("wallet")).lower() == wallet
            ]
            if not found:
                raise lacks(f"no answer to {ACCOUNTS} of wallet {wallet}")
            for answer in found:
                result = result_of(answer)
                result.only(("wallet", "subaccount_ids"))
                if result.wallet("wallet") != wallet:
                    raise result.error("wallet", "of another wallet than was asked for")
                there = {str(each) for each in result.list("subaccount_ids")}
                for name in sorted(there ^ set(listed)):
                    reason = "not collected" if name in there else "the venue does not list it"
                    raise result.error("subaccount_ids", f"sub-account {name[:20]}: {reason}")

    def of_account(self, method: str, number: int) -> list[Answer]:
        """The answers about a sub-account."""
        found = self.by_method.get(method, [])
        return [each for each in found if params_of(each).get("subaccount_id") == number]

    def require_known(self) -> None:
        """An answer about a sub-account that is not collected is none of this folder's."""
        for method in (*HISTORIES, ACCOUNT, VALUES):
            for answer in self.by_method.get(method, []):
                number = params_of(answer).get("subaccount_id")
                if type(number) is not int or number not in self.accounts:
                    reason = f"request.params.subaccount_id: {str(number)[:20]} is not collected"
                    raise bad_line(answer.source, reason)

    def history(self, method: str, number: int) -> History:
        """
        All rows of a sub-account's history.

        Raises
        ------
        Malformed
            `malformed.collected`: none, a page or a span is missing or there twice;
            `malformed.statement`: it has another number of rows than it says, or may have been cut.
        """
        form, found = HISTORIES[method], self.of_account(method, number)
        if not found:
            raise lacks(f"no answer to {method} of sub-account {number}")
        if form.span is None:
            if len(found) > 1:
                raise lacks(f"{found[1].file}: {method} of sub-account {number} stands twice")
            return History(_uncut(found[0], form), found[0].taken)
        spans: dict[tuple[int, int], list[Answer]] = defaultdict(list)
        for answer in found:
            spans[_span(answer, form.span)].append(answer)
        rows: list[Item] = []
        until = -1
        for span in sorted(spans):
            if span[0] != until + 1:
                raise lacks(
                    f"{spans[span][0].file}: {method} of sub-account {number} from {span[0]} ms, "
                    f"from {until + 1} wanted: a history is whole from 0 on, without a gap"
                )
            until = span[1]
            rows += _whole(spans[span], form)
        return History(rows, min((until + 1) * MILLISECOND - 1, *_taken(found)))


def params_of(answer: Answer) -> Mapping[str, object]:
    """What was asked, without the method."""
    found = answer.request.get("params")
    if not isinstance(found, dict):
        raise bad_line(answer.source, "request.params: not an object")
    return found


def result_of(answer: Answer) -> Item:
    """The result as an object."""
    return Item(_result(answer), answer.source, "result")


def rows_of(answer: Answer, name: str | None) -> list[Item]:
    """The objects of a list of the result, each at its place; None: of the result itself."""
    found = _result(answer) if name is None else result_of(answer).list(name)
    return list(answer.items(found))


def _result(answer: Answer) -> object:
    body = answer.item()
    if body.has("error"):
        raise bad_line(answer.source, "the venue answered with an error")
    body.only(("id", "result"), ("jsonrpc", "usIn", "usOut", "usDiff", "testnet"))
    return body.value("result")


def _taken(answers: Sequence[Answer]) -> Iterator[int]:
    for answer in answers:
        yield answer.taken


def _span(answer: Answer, names: tuple[str, str]) -> tuple[int, int]:
    """First and last millisecond that was asked for."""
    first, last = (params_of(answer).get(name) for name in names)
    if type(first) is not int or type(last) is not int or not 0 <= first <= last:
        raise bad_line(answer.source, f"request.params: no span, {names[0]} to {names[1]}")
    return first, last


def _uncut(answer: Answer, form: Method) -> list[Item]:
    rows = rows_of(answer, form.rows)
    if len(rows) >= MAX_ROWS:
        reason = f"{len(rows)} rows: it may have been cut; ask for a shorter span"
        raise bad_line(answer.source, reason)
    return rows


def _whole(answers: list[Answer], form: Method) -> list[Item]:
    """The rows of one span; all its pages, in their order."""
    if not form.paged:
        if len(answers) > 1:
            raise lacks(f"{answers[1].file}: the same span as {answers[0].file}")
        return _uncut(answers[0], form)
    pages: dict[int, Answer] = {}
    for answer in answers:
        number = params_of(answer).get("page")
        if type(number) is not int or number < 1:
            raise bad_line(answer.source, "request.params.page: not a number of a page")
        if number in pages:
            raise lacks(f"{answer.file}: page {number} stands in {pages[number].file} already")
        pages[number] = answer
    said = {_pagination(answer) for answer in answers}
    if len(said) > 1:
        reason = "pagination: the pages of one history have another count; collect them again"
        raise bad_line(answers[-1].source, reason)
    count, wanted = said.pop()
    for number in range(1, max(1, wanted) + 1):
        if number not in pages:
            raise lacks(f"{answers[0].file}: page {number} of {wanted} is missing")
    if len(pages) > max(1, wanted):
        raise lacks(f"{pages[max(pages)].file}: page {max(pages)} of {wanted}")
    rows = [row for number in sorted(pages) for row in rows_of(pages[number], form.rows)]
    if len(rows) != count:
        reason = f"pagination.count: {count} rows, the pages have {len(rows)}"
        raise bad_line(pages[max(pages)].source, reason)
    return rows


def _pagination(answer: Answer) -> tuple[int, int]:
    found = result_of(answer).child("pagination")
    found.only(("count", "num_pages"))
    return found.whole("count"), found.whole("num_pages")


def lacks(reason: str) -> Malformed:
    """An answer that is wanted and not there, or there twice; the caller raises it."""
    return Malformed(_CODE, f"collected.json: {reason}", part="answers")
