"""
Every adapter of the registry passes this, by the files that its maker writes
(`tests.attestor.conformance.maker`).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from algebra.errors import TierproofError
from attestor.log import Log, build_log
from attestor.venues.adapter import Adapter
from attestor.venues.registry import ADAPTERS
from history.v2.record import CARRY, LIQUIDATION
from tests.attestor.conformance.maker import (
    CHANGES,
    Absent,
    Fault,
    Same,
    Unseen,
    has_maker,
    maker_of,
)

adapters = pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda each: each.name)


def attested(adapter: Adapter, folder: Path) -> Log:
    """From files to a log as `attest` makes it, nobody left out but by name."""
    maker = maker_of(adapter)
    files = adapter.open(folder, maker.venue)
    files.require_asked(maker.wallets, maker.others)
    return build_log(files.statement(maker.wallets, maker.first_day, maker.last_day))


def honest(adapter: Adapter, folder: Path) -> Path:
    folder.mkdir()
    maker_of(adapter).write(folder)
    return folder


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@cache
def unchanged(adapter: Adapter) -> tuple[dict[str, bytes], Log]:
    """The honest folder and what is made of it, once for all changes."""
    with TemporaryDirectory() as name:
        folder = honest(adapter, Path(name) / "honest")
        return content(folder), attested(adapter, folder)


@adapters
def test_the_honest_folder_is_attested(adapter: Adapter, tmp_path: Path) -> None:
    """To the figures that were told by hand, from any place; reading changes no file."""
    maker = maker_of(adapter)
    folder, other = honest(adapter, tmp_path / "here"), honest(adapter, tmp_path / "there")
    before = content(folder)
    log = attested(adapter, folder)
    assert (len(log.records), log.opening, log.closing) == (
        maker.records, maker.opening, maker.closing,
    )  # fmt: skip
    assert log == attested(adapter, other) and content(folder) == before
    tally = adapter.open(folder, maker.venue).tally(maker.wallets)
    assert sum(each.used for each in tally) > 0 and sum(each.left_out for each in tally) > 0
    assert not any(each.refused for each in tally)


@adapters
def test_the_honest_folder_holds_what_the_entry_says(adapter: Adapter, tmp_path: Path) -> None:
    maker, facts = maker_of(adapter), adapter.facts
    folder = honest(adapter, tmp_path / "here")
    log, statement = attested(adapter, folder), maker.statement(adapter, folder)
    assert statement.venue == maker.venue == (adapter.venue or maker.venue)
    assert adapter.margin is None or statement.margin is not None
    assert log.records.has(CARRY).any() == facts.funding.given
    assert log.records.has(LIQUIDATION).any() == facts.liquidations.given
    assert any(fill.fee for fill in statement.fills) == facts.fees.given
    assert any(quote.mark for quote in statement.quotes) == facts.marks.given
    assert any(quote.delta is not None for quote in statement.quotes) == facts.deltas.given
    assert bool(statement.openings) == facts.openings.given
    assert bool(statement.stated) == facts.closing.given


@adapters
def test_every_change_is_answered_for(adapter: Adapter) -> None:
    """What an entry calls known is refused where it is wrong."""
    assert has_maker(adapter), f"{adapter.name}: no maker of its files"
    outcomes, facts = maker_of(adapter).outcomes, adapter.facts
    assert set(CHANGES) <= set(outcomes)
    known = {
        facts.completeness: ("line-missing", "first-missing", "last-missing"),
        facts.openings: ("opening-wrong",),
        facts.closing: ("closing-wrong",),
    }
    for fact, names in known.items():
        if fact.given:
            assert all(isinstance(outcomes[name], Fault) for name in names), names
    unseen = [name for name, each in outcomes.items() if isinstance(each, Unseen)]
    assert not (unseen and facts.completeness.given), unseen


@pytest.mark.parametrize(
    ("adapter", "name"),
    [
        (adapter, name)
        for adapter in ADAPTERS
        if has_maker(adapter)  # else `test_every_change_is_answered_for` fails
        for name in maker_of(adapter).outcomes
    ],
    ids=lambda each: each if isinstance(each, str) else each.name,
)
def test_a_change(adapter: Adapter, name: str, tmp_path: Path) -> None:
    outcome = maker_of(adapter).outcomes[name]
    if isinstance(outcome, Absent):
        assert outcome.why
        return
    (before, was), folder, log = unchanged(adapter), tmp_path / "changed", None
    for file, data in before.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(data)
    outcome.change(folder)
    assert content(folder) != before, "nothing was changed"
    try:
        log = attested(adapter, folder)
    except TierproofError as error:
        assert isinstance(outcome, Fault), error
        assert error.code == outcome.code and outcome.reason in error.message
        return
    assert not isinstance(outcome, Fault), "taken"
    assert (log == was) == isinstance(outcome, Same)
