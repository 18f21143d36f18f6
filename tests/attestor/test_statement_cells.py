"""A1 and A7: what a cell may say."""

from __future__ import annotations

import pytest
from attestor_world import A, B, Lines, at, statement

from algebra.errors import Malformed
from attestor.cells import (
    parse_decimal,
    parse_positive,
    parse_time,
    parse_wallet,
)
from attestor.checks import check_statement
from attestor.statement import (
    UNIT,
    Opening,
    OpeningPosition,
    Source,
)

PLACE = Source("file.csv", 12)


@pytest.mark.parametrize(
    ("text", "units"),
    [("0", 0), ("1", UNIT), ("-1.5", -3 * UNIT // 2), ("0." + 17 * "0" + "1", 1),
     ("007.10", 71 * UNIT // 10), ("999999999999999999", 999999999999999999 * UNIT)],
)  # fmt: skip
def test_decimals_are_exact(text: str, units: int) -> None:
    assert parse_decimal(text, PLACE, "px") == units


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+1",
        "1.",
        ".5",
        "1e3",
        "1E3",
        " 1",
        "1 ",
        "1,5",
        "0x1",
        "nan",
        "inf",
        "--1",
        "-0",
        "-0.0",
        "1." + 19 * "1",
        "1." + 19 * "0",
        "1234567890123456789",
        "１",
        "1\n",
        "1_0",
    ],
)
def test_bad_decimals_are_refused_with_their_place(text: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse_decimal(text, PLACE, "px")
    assert caught.value.code == "malformed.statement"
    assert caught.value.fields["file"] == "file.csv"
    assert caught.value.fields["line"] == 12
    assert "px" in str(caught.value.fields["reason"])


@pytest.mark.parametrize("text", ["0", "-1", "0.00000000"])
def test_prices_and_sizes_are_above_zero(text: str) -> None:
    with pytest.raises(Malformed, match=r"file\.csv:12: sz: must be above 0"):
        parse_positive(text, PLACE, "sz")


def test_times_are_exact_and_utc() -> None:
    assert parse_time("1970-01-02T00:00:01Z", PLACE) == 86_401_000_000
    assert parse_time("1970-01-01T00:00:00.25Z", PLACE) == 250_000


@pytest.mark.parametrize(
    "text",
    ["2023-02-27 15:02:26Z", "2023-02-27T15:02:26", "2023-02-30T00:00:00Z", "2023-02-27T24:00:00Z",
     "2023-02-27T15:02:60Z", "2023-02-27T15:02:26.1234567Z", "23-02-27T15:02:26Z", ""],
)  # fmt: skip
def test_bad_times_are_refused(text: str) -> None:
    with pytest.raises(Malformed):
        parse_time(text, PLACE)


@pytest.mark.parametrize("text", ["0x" + "Aa" * 20, "0x" + "a" * 39, "a" * 40, "0x" + "g" * 40, ""])
def test_bad_wallets_are_refused(text: str) -> None:
    with pytest.raises(Malformed):
        parse_wallet(text, PLACE)


def test_a_statement_is_checked_whatever_its_adapter() -> None:
    make = Lines()
    good = make.fill(at(1), A, 1, 100)
    cases = {
        "outside the window": [good, make.fill(at(3, 0), A, 1, 100)],
        "not one of the owner's": [make.fill(at(1), B, 1, 100)],
        "instrument: unknown": [make.fill(at(1), A, 1, 100, instrument="XRP")],
        "above 0": [make.fill(at(1), A, 1, 0)],
        "is repeated": [good, good],
    }
    check_statement(statement([good]))
    for reason, fills in cases.items():
        with pytest.raises(Malformed, match=reason):
            check_statement(statement(fills))
    with pytest.raises(Malformed, match=r"outside the window"):
        check_statement(statement([make.fill(at(0, 0) - 1, A, 1, 100)]))
    with pytest.raises(Malformed, match="reward: amount below 0"):
        check_statement(statement(lines=[make.reward(at(1), A, "p", -1)]))
    with pytest.raises(Malformed, match="goes back"):
        late, early = make.mark(at(2), 100), make.mark(at(1), 100)
        backwards = statement()
        backwards.quotes.extend([late, early])
        check_statement(backwards)


def test_openings_are_checked() -> None:
    twice = [OpeningPosition(PLACE, "BTC", UNIT, UNIT)] * 2
    for wallet, positions, reason in (
        (B, [], "not one of the owner's"),
        (A, twice, "stands twice"),
        (A, [OpeningPosition(PLACE, "XRP", UNIT, UNIT)], "unknown"),
        (A, [OpeningPosition(PLACE, "BTC", 0, UNIT)], "must not be 0"),
    ):
        with pytest.raises(Malformed, match=reason):
            check_statement(statement(opening={wallet: Opening(PLACE, at(0, 0), 0, positions)}))


@pytest.mark.parametrize("days", [0, 1, 367])
def test_windows_have_2_to_366_days(days: int) -> None:
    with pytest.raises(Malformed, match="window"):
        check_statement(statement(days=days))


@pytest.mark.parametrize("wallets", [(), (A, A), ("0xABC",)])
def test_wallets_are_some_and_distinct(wallets: tuple[str, ...]) -> None:
    with pytest.raises(Malformed, match="wallets"):
        check_statement(statement(wallets=wallets, opening={}))
