"""
Deribit's `private/get_positions`, asked after the log: what it states is what the lines make
(docs/explanation/attestation.md 2.6).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial

from attestor.collect.folder import COLLECTED, Answer, Collected
from attestor.complaints import Complaints
from attestor.stated import plain
from attestor.statement import UNIT, Source, bad_line
from attestor.venues.deribit.account import Account
from attestor.venues.deribit.log import account_of, parameters
from attestor.venues.deribit.names import contract

METHOD = "private/get_positions"
_SIGN = {"buy": 1, "sell": -1, "zero": 0}


def check_positions(
    collected: Collected, accounts: Mapping[str, Account], wrong: Complaints
) -> Counter[str]:
    """
    Compare what the venue states of every account and currency with what its lines have made.

    Parameters
    ----------
    accounts : with all lines taken
    wrong : gathers `malformed.statement`: an answer that is missing, a position that differs

    Returns
    -------
    Positions read, by file
    """
    read: Counter[str] = Counter()
    answers: dict[tuple[str, object], Answer] = {}
    names = collected.names()
    for answer in collected.asked(method=METHOD):
        of = wrong.take(partial(account_of, answer, names), "")
        before = answers.setdefault((of, parameters(answer).get("currency")), answer)
        if before is not answer:
            wrong.add(bad_line(answer.source, f"request: the same as that of {before.file}"))
    for name, account in accounts.items():
        for currency in account.balances:
            found = answers.get((name, currency))
            if found is None:
                wrong.add(
                    bad_line(
                        Source(COLLECTED, 1),
                        f"{METHOD} of {name} in {currency} is missing: it shows that the log has "
                        "every line",
                    )
                )
                continue
            read[found.file] = wrong.take(partial(_compare, found, currency, account), 0)
    return read


def _compare(answer: Answer, currency: str, account: Account) -> int:
    stated: dict[str, int] = {}
    listed = list(answer.items(answer.item().list("result")))
    for item in listed:
        of, way = contract(item.text("instrument_name"), item.source), item.text("direction")
        if way not in _SIGN or of.currency != currency or of.name in stated:
            raise item.error("direction", f"{of.name}: of another currency, twice, or no direction")
        size = item.number("size")
        if size * _SIGN[way] < 0 and way == "buy":
            raise item.error("size", "below 0, and bought")
        stated[of.name] = abs(size) * _SIGN[way]
    held = {
        name: size
        for name, size in account.positions.items()
        if size and account.contracts[name].currency == currency
    }
    for name in sorted(stated.keys() | held.keys()):
        there, here = stated.get(name, 0), held.get(name, 0)
        if there != here:
            raise bad_line(
                answer.source,
                f"{name}: the venue states {plain(there, UNIT)}, the log makes "
                f"{plain(here, UNIT)}; a line is missing",
            )
    return len(listed)
