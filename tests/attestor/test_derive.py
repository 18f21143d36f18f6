"""
Derive, from a collected folder: what becomes of each row, that nothing can be missing, and the way
to an attestation. The desk is made up (`derive_world`), the shapes are the venue's.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from attestor_world import Attestors, key, lagrange_basis, venue_owner
from derive_faults import TRADES, VALUES, WRONG, of, without
from derive_world import (
    CALL,
    DESK,
    FIRST_DAY,
    HEDGE,
    LAST_DAY,
    LATER,
    PERP,
    PUT,
    SHORT,
    STRANGER,
    WALLET,
    Desk,
    at,
    desk,
    rewrite,
    text,
)

from algebra.errors import Malformed, Refused, TierproofError
from algebra.interface import Algebra
from attestor.attest import OwnerStatement, Setup, attest
from attestor.attestation import check, load
from attestor.collect.folder import Answer
from attestor.collect.item import Item
from attestor.log import Log, build_log
from attestor.statement import CENT, UNIT, Carry, Fill, Source, Statement, Transfer
from attestor.venues.derive.adapter import ADAPTER, VENUE, DeriveFiles
from attestor.venues.derive.names import Instruments
from attestor.venues.derive.prices import Prices
from attestor.venues.derive.rows import Rows
from attestor.venues.derive.standing import read_snapshot
from circuits.versions import CURRENT
from history.v2 import record as kinds
from history.v2.oracle import assess
from policies.margin import example
from policies.policy import example as example_policy
from tests.attestor.conformance.maker import CHANGES, Absent, Fault, Same
from tests.attestor.conformance.makers.derive import MAKER

HERE = Source("answers/000001.json", 2)
ONE, TWO, THREE = (f"{WALLET}/{n}" for n in (1, 2, 3))


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, Path]:
    folder = tmp_path_factory.mktemp("derive") / "collected"
    made = desk()
    made.write(folder)
    return made, folder


@pytest.fixture(scope="module")
def files(honest: tuple[Desk, Path]) -> DeriveFiles:
    return DeriveFiles(honest[1])


@pytest.fixture(scope="module")
def statement(files: DeriveFiles) -> Statement:
    return files.statement((WALLET,), FIRST_DAY, LAST_DAY)


@pytest.fixture(scope="module")
def log(statement: Statement) -> Log:
    return build_log(statement)


def fills_of(statement: Statement, account: str, name: str) -> list[Fill]:
    return [fill for fill in statement.fills if (fill.wallet, fill.instrument) == (account, name)]


# -- what becomes of the rows ----------------------------------------------------------------------
def test_the_opening_is_what_the_history_leads_to(statement: Statement) -> None:
    """100,000 and five ether at 3,000, less a fee of 3; ten perpetuals at 3,001."""
    opening = statement.openings[ONE]
    assert (opening.time, opening.balance) == (statement.start, 114_997 * 100 * CENT)
    held = [(each.instrument, each.size, each.entry) for each in opening.positions]
    assert held == [("ETH", 5 * UNIT, 3000 * UNIT), (PERP, 10 * UNIT, 3001 * UNIT)]
    assert statement.openings[THREE].balance == 3_000 * 100 * CENT
    assert set(statement.openings) == {ONE, TWO, THREE}


def test_options_settle_in_and_out_of_the_money(statement: Statement) -> None:
    (sold, settled), (bought, worthless) = (fills_of(statement, ONE, n) for n in (CALL, PUT))
    assert (settled.size, settled.price, settled.booked) == (4 * UNIT, 50 * UNIT, True)
    assert settled.time == statement.instruments[CALL].expiry == at("08-02", 8) * 1_000
    assert settled.reported_pnl == 4 * (sold.price - 50 * UNIT) * UNIT
    assert (worthless.size, worthless.price) == (-6 * UNIT, 0)
    assert worthless.reported_pnl == -6 * bought.price * UNIT


def test_a_trade_says_its_mark_fee_and_order(statement: Statement) -> None:
    sold, _ = fills_of(statement, ONE, CALL)
    assert (sold.size, sold.fee, sold.maker) == (-4 * UNIT, 120 * CENT, False)
    assert sold.mark == sold.price == Fraction(23, 2) * UNIT
    twice = fills_of(statement, TWO, PERP)[:2]
    assert {fill.order for fill in twice} == {"twice"}
    assert sorted(fill.size for fill in twice) == [-2 * UNIT, -UNIT]


def test_money_and_coins_move(statement: Statement) -> None:
    moves = [line for line in statement.lines if isinstance(line, Transfer)]
    dollars = [(line.wallet, line.amount // (100 * CENT)) for line in moves if line.coin is None]
    assert dollars == [(ONE, -1_000), (ONE, -500), (TWO, 1_000)]
    coins = [(line.wallet, line.coin) for line in moves if line.coin is not None]
    assert coins == [(ONE, ("ETH", -UNIT, 3000 * UNIT)), (TWO, ("ETH", UNIT, 3000 * UNIT))]
    assert all(line.amount == line.coin.size * line.coin.price for line in moves if line.coin)


def test_funding_and_interest_are_received_above_0(statement: Statement) -> None:
    paid = [
        line.amount for line in statement.lines if isinstance(line, Carry) and line.wallet == ONE
    ]
    assert sorted(paid) == sorted([-150 * CENT] * 4 + [21_250 * CENT // 100] * 4)


def test_a_liquidation_is_a_take_over_at_the_mark(statement: Statement) -> None:
    _, taken = fills_of(statement, THREE, PERP)
    assert (taken.size, taken.price) == (4 * UNIT, 3401 * UNIT)
    assert taken.liquidation and taken.booked
    cost = [line.amount // (100 * CENT) for line in statement.lines if line.wallet == THREE]
    assert cost == [-10, -40]  # the auction's fee, and what the bid paid too little


def test_the_log_is_worth_what_the_venue_says(honest: tuple[Desk, Path], log: Log) -> None:
    """At the last instant of the window: the venue's own value, less a floor of each account."""
    assert (log.opening, log.wallets) == (16_799_700, 4)
    stated = sum(
        Fraction(honest[0].accounts[number].rows["values"][-1]["subaccount_value"])
        for number in (DESK, HEDGE, SHORT)
    )
    records = log.records
    last = records.has(kinds.MARK) & ~records.owner_marks & (records.day == log.days - 1)
    worth = log.closing + int(records.value[last].sum())
    assert 0 <= 100 * stated - worth <= 7
    assert int(records.has(kinds.LIQUIDATION).sum()) == 1
    liquidated = records.distance[records.has(kinds.LIQUIDATION)]
    assert int(liquidated[0]) <= 0


def test_what_moves_within_the_owner_is_no_trade(log: Log, statement: Statement) -> None:
    """Of the moved position no volume, of moved money and coins no flow."""
    records = log.records
    booked = records.has(kinds.BOOKED)
    # two sides, two settlements, a take-over, the coins at both ends
    assert int(booked.sum()) == 2 + 2 + 1 + 2
    inside = records.has(kinds.TRANSFER) & (records.minute < 17 * 60) & (records.day == 0)
    assert int(records.value[inside].sum()) == 0


def test_marks_have_the_venue_s_delta_or_black_s(statement: Statement) -> None:
    calls = [quote for quote in statement.quotes if quote.instrument == CALL]
    told = {quote.delta for quote in calls if quote.volatility is not None}
    assert told == {45_000_000}
    computed = [quote for quote in calls if quote.volatility is None]
    assert [quote.time for quote in computed] == [at("08-01", 9) * 1_000]
    assert 0 < (computed[0].delta or 0) < 10**8
    puts = [q for q in statement.quotes if q.instrument == PUT and q.volatility is None]
    assert all(-(10**8) < (quote.delta or 0) < 0 for quote in puts) and puts


def test_the_value_history_was_compared(files: DeriveFiles) -> None:
    assert files.compared == {ONE: 4, TWO: 4, THREE: 4, f"{STRANGER}/1": 4}


def test_the_root_names_rules_and_prices(statement: Statement) -> None:
    assert [name for name, _ in statement.files.files] == ["margin/derive", "marks/derive.csv"]
    assert statement.margin == example("derive")


# -- order and repetition --------------------------------------------------------------------------
def content(statement: Statement) -> object:
    """All but where it stands."""
    events = [
        event._replace(source=HERE)
        for event in (*statement.fills, *statement.lines, *statement.quotes)
    ]
    return events, statement.openings.keys(), statement.files


def changed(honest: tuple[Desk, Path], folder: Path, change: Callable[[Path], None]) -> Path:
    shutil.copytree(honest[1], folder)
    change(folder)
    return folder


def test_the_order_of_rows_changes_nothing(
    honest: tuple[Desk, Path], statement: Statement, log: Log, tmp_path: Path
) -> None:
    def turn(result: Any, params: dict[str, Any]) -> None:
        result["trades"].reverse()

    folder = changed(honest, tmp_path / "turned", of(TRADES, HEDGE, turn))
    turned = DeriveFiles(folder).statement((WALLET,), FIRST_DAY, LAST_DAY)
    assert content(turned) == content(statement)
    assert build_log(turned).records == log.records


def test_a_later_window_opens_with_what_was_before(files: DeriveFiles, log: Log) -> None:
    """Its opening is the cash and the profit that the whole window has by then."""
    later = build_log(files.statement((WALLET,), FIRST_DAY + 2, LAST_DAY))
    records = log.records
    before = records.day < 2
    marks = records.has(kinds.MARK) & ~records.owner_marks & (records.day == 1)
    booking = ~records.has(kinds.MARK) & ~records.has(kinds.TRIP)
    moved = int(records.value[before & booking].sum())
    assert abs(later.opening - (log.opening + moved + int(records.value[marks].sum()))) <= 9


def test_spans_follow_each_other(
    honest: tuple[Desk, Path], statement: Statement, tmp_path: Path
) -> None:
    """Interest asked for in two spans is the same; with a gap between it is refused."""

    def split(gap: int) -> Callable[[Path], None]:
        def change(folder: Path) -> None:
            path = folder / "collected.json"
            listed = json.loads(path.read_bytes())
            method = "private/get_interest_history"
            first = next(
                each
                for each in listed["answers"]
                if each["request"]["method"] == method
                and each["request"]["params"]["subaccount_id"] == DESK
            )
            second = json.loads(json.dumps(first))
            cut = at("08-02")
            body = json.loads((folder / first["file"]).read_bytes())
            events = body["result"]["events"]
            for each, keep, name, limit in (
                (first, lambda t: t <= cut, "end_timestamp", cut),
                (second, lambda t: t > cut, "start_timestamp", cut + 1 + gap),
            ):
                each["request"]["params"][name] = limit
                if each is second:
                    each["file"] = f"answers/{len(listed['answers']) + 1:06}.json"
                    listed["answers"].append(each)
                body["result"]["events"] = [e for e in events if keep(e["timestamp"])]
                (folder / each["file"]).write_text(json.dumps(body))
            path.write_text(json.dumps(listed))
            rewrite(folder, method, DESK, lambda result, params: None)

        return change

    whole = DeriveFiles(changed(honest, tmp_path / "two", split(0)))
    assert content(whole.statement((WALLET,), FIRST_DAY, LAST_DAY)) == content(statement)
    with pytest.raises(Malformed, match="without a gap"):
        DeriveFiles(changed(honest, tmp_path / "gap", split(1)))


# -- what is refused -------------------------------------------------------------------------------
@pytest.mark.parametrize("name", WRONG)
def test_each_fault_is_refused(name: str, honest: tuple[Desk, Path], tmp_path: Path) -> None:
    wrong = WRONG[name]
    folder = changed(honest, tmp_path / "wrong", wrong.change)
    with pytest.raises(TierproofError) as caught:
        build_log(DeriveFiles(folder).statement((WALLET,), FIRST_DAY, LAST_DAY))
    assert (caught.value.code, wrong.words in str(caught.value)) == (wrong.code, True), caught.value


def test_a_window_that_is_not_over_is_refused(files: DeriveFiles) -> None:
    with pytest.raises(Refused, match="before the window's end") as caught:
        files.statement((WALLET,), FIRST_DAY, LAST_DAY + 1)
    assert caught.value.code == "refused.ledger"


def test_a_later_option_without_a_mark_for_a_day_is_refused(
    honest: tuple[Desk, Path], tmp_path: Path
) -> None:
    def stale(folder: Path) -> None:
        without("public/get_tickers", instrument_type="option", expiry_date="20260828")(folder)

    later = DeriveFiles(changed(honest, tmp_path / "stale", stale))
    statement = later.statement((WALLET,), FIRST_DAY, LAST_DAY)
    assert build_log(statement).closing  # every 25 hours there is a trade or a position beside it
    last = at("08-03", 12) * 1_000
    quotes = [each for each in statement.quotes if each.instrument != LATER or each.time < last]
    with pytest.raises(Refused) as caught:
        build_log(replace(statement, quotes=quotes, stated=[]))
    assert caught.value.code == "refused.price"


def test_pending_bounds_what_a_value_may_differ_by(
    honest: tuple[Desk, Path], tmp_path: Path
) -> None:
    """Interest of 2.125 and funding of 1.5 follow: so much may have accrued, and a cent more."""

    def by(cents: int) -> Callable[[Path], None]:
        def change(result: Any, params: dict[str, Any]) -> None:
            row = result["subaccount_value_history"][0]
            row["subaccount_value"] = text(Fraction(row["subaccount_value"]) + Fraction(cents, 100))

        return of(VALUES, DESK, change)

    DeriveFiles(changed(honest, tmp_path / "most", by(363)))
    DeriveFiles(changed(honest, tmp_path / "least", by(-363)))
    for number, cents in enumerate((364, -364)):
        with pytest.raises(Refused, match="subaccount_value"):
            DeriveFiles(changed(honest, tmp_path / str(number), by(cents)))


def test_lines_of_nobody_who_is_attested(files: DeriveFiles, honest: tuple[Desk, Path]) -> None:
    files.require_asked({WALLET, STRANGER}, set())
    files.require_asked({WALLET}, {STRANGER})
    with pytest.raises(Malformed, match="nobody's who is attested"):
        files.require_asked({WALLET}, set())
    tally = files.tally({WALLET})
    assert all(each.refused == 0 for each in tally)
    rows = sum(
        len(rows)
        for number in (DESK, HEDGE, SHORT)
        for method, rows in honest[0].accounts[number].rows.items()
        if method != "values"
    )
    assert (sum(each.used for each in tally), sum(each.left_out for each in tally)) == (rows, 2)
    assert sum(each.prices for each in tally) > 100
    assert files.idle([WALLET, "0x" + "c" * 40]) == ["0x" + "c" * 40]


# -- the recorded shapes ---------------------------------------------------------------------------
def recorded(folder: Path, name: str) -> Any:
    return json.loads((folder / "venue-api" / "derive" / name).read_bytes())


def test_the_recorded_trade(shared_data: Path) -> None:
    rows = Rows(42, ONE, Instruments(), Prices())
    shape = recorded(shared_data, "http_private_trade_eth.json")
    fill, (index, mark) = rows.trade(Item(shape, HERE))
    assert (fill.instrument, fill.size, fill.price) == (PERP, UNIT // 2, 3499 * UNIT)
    assert (fill.fee, fill.maker, fill.order) == (2 * CENT, True, "order-abc")
    assert fill.time == 1_700_000_000_000_000
    assert fill.reported_pnl is None  # whether its pnl has fees in it, the shape does not say
    assert (index.name, index.price, mark.price) == ("ETH", 3500 * UNIT, 6999 * UNIT // 2)


def test_the_recorded_position_and_sub_account(shared_data: Path) -> None:
    account = recorded(shared_data, "http_subaccount_usdc.json")
    position = recorded(shared_data, "http_position_eth.json")

    def taken(**cells: Any) -> tuple[Any, Any]:
        answer = Answer(HERE.file, {}, 5, "", {"id": 1, "result": account | cells})
        return read_snapshot(answer, 42, ONE, Instruments())

    with pytest.raises(Refused) as caught:
        taken()  # the shape is of portfolio margin
    assert caught.value.code == "refused.portfolio_margin"
    snapshot, told = taken(margin_type="SM", positions=[position])
    assert (snapshot.held, snapshot.value) == ({PERP: -2 * UNIT}, 1_000 * 100 * CENT)
    assert [(each.name, each.price) for each in told] == [("ETH", 3505 * UNIT), (PERP, 3504 * UNIT)]


# -- the whole way ---------------------------------------------------------------------------------
def test_from_answers_to_an_attestation(
    statement: Statement, log: Log, algebra: Algebra, tmp_path: Path
) -> None:
    n, secret = 1 << 13, 4242
    attestors, basis = Attestors(), lagrange_basis(1 << 13, algebra)
    attestors.announce(FIRST_DAY, LAST_DAY + 1 - FIRST_DAY, series="derive")
    owner = venue_owner(secret, VENUE)
    attestors.bind(key("derive desk"), owner, FIRST_DAY - 1)
    (attestation,) = attest(
        [OwnerStatement(owner.tag, statement)],
        bindings=attestors.bindings,
        setup=Setup(basis, 1, CURRENT.capacity(n)),
        algebra=algebra,
        attestor_set=attestors.set,
        signers=attestors.keys,
        domain=attestors.domain,
        valid_until=(LAST_DAY + 366) * 86_400,
        now=(LAST_DAY + 3) * 86_400,
    )
    path = tmp_path / "attestation.json"
    attestation.write(path)
    loaded = load(path)
    check(loaded, basis, algebra, secret)
    assert loaded.records == log.records
    assert (loaded.leaf.wallets, loaded.leaf.closing) == (4, log.closing)
    assert [name for name, _ in loaded.files.files] == ["margin/derive", "marks/derive.csv"]
    policy = example_policy("standard").over(FIRST_DAY, LAST_DAY)
    found = assess(
        loaded.records, log.opening, log.closing, 4, FIRST_DAY, LAST_DAY, policy.tiers[0].thresholds
    )
    assert {each.name: each.measured for each in found.verdicts}["liquidations"] == 1
    assert int(np.min(loaded.records.distance)) < 0  # a liquidation is in it


def test_sources_are_places_in_answers(statement: Statement) -> None:
    assert all(fill.source.file.startswith("answers/") for fill in statement.fills)
    assert all(isinstance(fill.source, Source) for fill in statement.fills)


# -- what the conformance suite is given -----------------------------------------------------------
@pytest.mark.parametrize("change", MAKER.outcomes)
def test_the_maker_answers_for_each_change(
    change: str, honest: tuple[Desk, Path], log: Log, tmp_path: Path
) -> None:
    assert CHANGES.keys() <= MAKER.outcomes.keys()
    assert (len(log.records), log.opening, log.closing) == (
        MAKER.records,
        MAKER.opening,
        MAKER.closing,
    )
    outcome = MAKER.outcomes[change]
    if isinstance(outcome, Absent):
        return
    folder = changed(honest, tmp_path / "changed", outcome.change)
    if isinstance(outcome, Same):
        assert build_log(MAKER.statement(ADAPTER, folder)).records == log.records
        return
    assert isinstance(outcome, Fault)
    with pytest.raises(TierproofError) as caught:
        build_log(MAKER.statement(ADAPTER, folder))
    assert (caught.value.code, outcome.reason in str(caught.value)) == (outcome.code, True)
