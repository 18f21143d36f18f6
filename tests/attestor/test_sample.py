"""The generated sample: the same everywhere, plausible, and read through the strict reader."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from attestor.log import Log, build_log
from attestor.venues.sample import FIRST_DAY, Sample, unsafe_attestors, write_sample
from attestor.venues.sample_market import Dice, option
from attestor.venues.statement_csv import STATEMENT
from history.v2.oracle import assess
from history.v2.record import (
    BOOKED,
    CARRY,
    FILL,
    INFLOW,
    LIQUIDATION,
    MAKER,
    MARK,
    REWARD,
    TRANSFER,
    TRIP,
)
from policies.policy import example

DIGEST = "8a751da62a331b0c"
"""
How the SHA-256 of the statement begins: a change of the generator, or a machine that computes
otherwise, shows.
"""


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return write_sample(tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="module")
def desk(sample: Sample) -> Log:
    return build_log(
        sample.statement_file().statement(
            sample.owners[0].wallets, sample.first_day, sample.last_day
        )
    )


def test_the_same_bytes_everywhere(sample: Sample, tmp_path: Path) -> None:
    again = write_sample(tmp_path)
    content = (sample.folder / STATEMENT).read_bytes()
    assert (again.folder / STATEMENT).read_bytes() == content
    assert hashlib.sha256(content).hexdigest().startswith(DIGEST)
    assert [owner.wallets for owner in again.owners] == [owner.wallets for owner in sample.owners]
    other = write_sample(tmp_path / "other", seed=8)
    assert (other.folder / STATEMENT).read_bytes() != content


def test_the_desk_shows_every_kind(desk: Log) -> None:
    records = desk.records
    assert (desk.wallets, desk.days) == (4, 92)
    assert 4_400 <= len(records) <= 4_800
    for bit in (FILL, TRANSFER, MARK, CARRY, REWARD, BOOKED, MAKER, TRIP, INFLOW):
        assert records.has(bit).any(), f"no record with bit {bit:#x}"
    assert (records.kind == 1).sum() == 7  # votes
    assert not records.has(LIQUIDATION).any()
    internal = records.has(TRANSFER) & ~records.has(INFLOW) & (records.value > 0)
    assert internal.sum() == 3
    assert records.exposure.max() > 20  # more than once its equity
    assert desk.opening > 10**9


def test_the_desk_meets_prime_and_all_but_the_days_of_prime_plus(desk: Log) -> None:
    tiers = {tier.name: tier for tier in example("standard").tiers}

    def failing(name: str) -> list[int]:
        found = assess(
            desk.records,
            desk.opening,
            desk.closing,
            desk.wallets,
            desk.first_day,
            desk.last_day,
            tiers[name].thresholds,
        )
        return [verdict.metric for verdict in found.failing]

    assert failing("member") == []
    assert failing("prime") == []
    # The ratio of its trips is lower than that of its closes was; 120 active days of 180 are asked,
    # the sample has 92.
    assert failing("prime-plus") == [3, 12]


def test_the_neighbours_have_logs_too(sample: Sample) -> None:
    file = sample.statement_file()
    for owner, wallets in zip(sample.owners[1:], (2, 1), strict=True):
        log = build_log(file.statement(owner.wallets, sample.first_day, sample.last_day))
        assert log.wallets == wallets
        assert log.records.has(FILL).sum() == 92 * wallets


def test_a_shorter_sample(tmp_path: Path) -> None:
    short = write_sample(tmp_path, days=9)
    log = build_log(
        short.statement_file().statement(short.owners[0].wallets, FIRST_DAY, FIRST_DAY + 8)
    )
    assert (log.days, log.wallets) == (9, 4)
    assert 300 < len(log.records) < 600
    with pytest.raises(ValueError, match="days"):
        write_sample(tmp_path, days=93)


def test_option_values() -> None:
    hours = 35 * 24
    call, call_delta = option(9_500_000, 9_500_000, hours, 0.5, call=True)
    put, put_delta = option(9_500_000, 9_500_000, hours, 0.5, call=False)
    assert call == put  # at the money, no interest
    assert abs(call - 586_300) < 300  # 0.4 S sigma sqrt(T), nearly
    assert call_delta - put_delta == 10_000
    above, _ = option(9_500_000, 11_000_000, hours, 0.5, call=True)
    parity, _ = option(9_500_000, 11_000_000, hours, 0.5, call=False)
    assert abs(parity - above - 1_500_000) <= 1
    assert option(9_500_000, 95_000_000, 1, 0.5, call=True) == (100, 0)


def test_dice_are_the_published_generator() -> None:
    """First outputs of SplitMix64 for seed 1234567 (Rosetta Code, from the reference C)."""
    dice = Dice(1_234_567)
    assert [dice.word() for _ in range(3)] == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
    ]


def test_attestor_keys_are_distinct() -> None:
    assert len({account.address for account in unsafe_attestors(5)}) == 5
