"""From Deribit's answers to a signed log; and what the venue's own examples show."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from attestor_world import Attestors, key, lagrange_basis, venue_owner
from deribit_story import folder
from deribit_world import FIRST, LAST, WALLET

from algebra.errors import Malformed
from algebra.interface import Algebra
from attestor.attest import OwnerStatement, Setup, attest
from attestor.attestation import check
from attestor.collect.item import Item
from attestor.statement import UNIT, Source, relabel
from attestor.venues.deribit.adapter import History
from attestor.venues.deribit.log import broken, gaps, read_entry
from attestor.venues.deribit.names import contract
from attestor.venues.deribit.trades import read_trade, signed_amount
from history.dates import day_number
from history.v2.oracle import assess
from policies.policy import example as policy_example

SECRET, N = 4_711, 64


def test_from_answers_to_a_signed_log(tmp_path: Path, algebra: Algebra) -> None:
    first, last = day_number(FIRST), day_number(LAST)
    attestors, account = Attestors(), key("deribit")
    attestors.announce(first, last - first + 1, series="deribit")
    owner, wallet = venue_owner(SECRET, "deribit"), account.address.lower()
    attestors.bind(account, owner, first - 1)
    read = History.load(folder().write(tmp_path / "answers"))
    statement = relabel(read.statement([WALLET], first, last), {WALLET: wallet})
    basis = lagrange_basis(N, algebra)
    (made,) = attest(
        [OwnerStatement(owner.tag, statement)],
        bindings=attestors.bindings,
        setup=Setup(basis, 0xABCDEF, N),
        algebra=algebra,
        attestor_set=attestors.set,
        signers=attestors.keys[:2],
        domain=attestors.domain,
        valid_until=1_900_000_000,
        now=(last + 3) * 86_400,
    )
    check(made, basis, algebra, SECRET, attestor_set=attestors.set.id, domain=attestors.domain)
    assert dict(made.files.files).keys() == {"margin/deribit-standard", "marks/deribit.csv"}
    thresholds = policy_example("standard").over(first, last).tier("member").thresholds
    found = assess(
        made.records, made.leaf.opening, made.leaf.closing, made.leaf.wallets, first, last,
        thresholds,
    )  # fmt: skip
    assert (made.leaf.wallets, found.least_distance) == (2, 0)  # the liquidation
    assert found.peak_exposure == max(row.exposure for row in made.records.rows()) > 100
    assert {verdict.metric for verdict in found.verdicts if verdict.measured is not None}


# -- the venue's own examples ----------------------------------------------------------------------
@pytest.fixture(scope="module")
def examples(shared_data: Path) -> Path:
    found = shared_data / "venue-api" / "deribit"
    if not found.exists():
        pytest.skip("no venue-api/deribit beside the project")
    return found


def read_items(path: Path, name: str) -> list[Item]:
    listed = json.loads(path.read_text(), parse_float=Decimal)["result"][name]
    return [Item(each, Source(path.name, n)) for n, each in enumerate(listed, start=2)]


def test_the_examples_of_the_log(examples: Path) -> None:
    items = read_items(examples / "get_transaction_log.json", "logs")
    entries = [read_entry(WALLET, "BTC", item) for item in reversed(items)]
    assert [entry.kind for entry in entries] == [
        "trade", "trade", "deposit", "settlement", "transfer"
    ]  # fmt: skip
    assert not list(gaps(entries))
    (error,) = broken(entries)
    assert isinstance(error, Malformed) and "the account's first line" in error.message
    assert not list(broken([replace(entries[0], change=entries[0].balance), *entries[1:]]))
    closing, opening = entries[:2]  # one trade that turns the position
    assert signed_amount(closing) + signed_amount(opening) == UNIT
    for entry in (closing, opening):
        assert entry.cashflow * UNIT == -signed_amount(entry) * entry.item.number("price")
    paid = entries[3].item
    shown = paid.number("session_upl") + paid.number("session_rpl")
    assert abs(shown - entries[3].change) == 10**10  # the venue rounds each figure


def test_the_examples_of_trades(examples: Path) -> None:
    items = read_items(examples / "get_user_trades_by_currency_and_time.json", "trades")
    option, future = (read_trade(item) for item in items)
    assert (option.size, option.maker, option.fee) == (-UNIT, True, 4 * 10**14)
    assert option.dollars(option.price) == option.price * 899_347 // 100
    assert (future.size, future.fee, future.liquidation) == (10 * UNIT, -210_000_000_000, False)
    call = contract("BTC-27MAY20-8750-C", Source("", 1)).instrument
    assert call.intrinsic(9_000 * UNIT) == 250 * UNIT
