"""A venue that is not ours passes the suite by one module and one entry; `make venues` reads it."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from attestor.venues import registry
from tests.attestor.conformance import __main__ as replaying
from tests.attestor.conformance import test_conformance as suite
from tests.attestor.conformance.made_up_venue import ADAPTER
from tests.attestor.conformance.maker import Fault, Recording, Unseen, maker_of

MAKER = maker_of(ADAPTER)


def test_one_entry_is_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(registry, "ADAPTERS", (*registry.ADAPTERS, ADAPTER))
    assert registry.adapter_of("made-up") is ADAPTER
    suite.test_every_change_is_answered_for(ADAPTER)
    for name in ("attested", "holds"):
        (tmp_path / name).mkdir()
    suite.test_the_honest_folder_is_attested(ADAPTER, tmp_path / "attested")
    suite.test_the_honest_folder_holds_what_the_entry_says(ADAPTER, tmp_path / "holds")


@pytest.mark.parametrize("name", MAKER.outcomes)
def test_a_change(name: str, tmp_path: Path) -> None:
    suite.test_a_change(ADAPTER, name, tmp_path)


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """`make venues` with this venue alone, in a folder of its own."""
    monkeypatch.setattr(replaying, "ADAPTERS", (ADAPTER,))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_is_replayed(alone: Path) -> None:
    said: list[str] = []
    assert replaying.main(alone / "no-data", said.append) == 0
    report = json.loads((alone / "build" / "venues.json").read_text())
    refused = {name: each.code for name, each in MAKER.outcomes.items() if isinstance(each, Fault)}
    assert report == {"made-up": {"lines": 9, "records": 10, "complete": True, "refused": refused}}
    (line,) = [line for line in said if "made up: 9 lines, 10 records over " in line]
    assert "least distance" in line and "metrics of standard/member fail: " in line


def test_a_recording_is_what_its_maker_says(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Attested, or refused by its code and so in the report."""

    def recordings(_: Path, scratch: Path, code: str | None) -> list[Recording]:
        sign = MAKER.outcomes["sign"]
        assert isinstance(sign, Fault)
        folders = [scratch / "good", scratch / "turned"]
        for folder in folders:
            folder.mkdir()
            MAKER.write(folder)
        sign.change(folders[1])
        rest = (MAKER.wallets, MAKER.first_day, MAKER.last_day)
        good, turned = (Recording(folder.name, folder, *rest) for folder in folders)
        return [good, turned._replace(code=code)]

    for code, status in (("malformed.statement", 0), (None, 1), ("refused.price", 1)):
        changed = replace(MAKER, recordings=partial(recordings, code=code))
        monkeypatch.setattr(replaying, "maker_of", lambda _, changed=changed: changed)
        assert replaying.main(alone / "no-data", lambda _: None) == status
    found = json.loads((alone / "build" / "venues.json").read_text())["made-up"]
    assert (found["lines"], found["records"]) == (18, 20)
    assert found["refused"]["turned"] == MAKER.outcomes["sign"].code


def test_a_change_that_meets_another_end_fails(
    alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A maker that says what is not so: the command exits 1."""
    sign = MAKER.outcomes["sign"]
    assert isinstance(sign, Fault)
    for wrong in (Unseen(sign.change, "it can"), sign._replace(code="refused.ledger")):
        changed = replace(MAKER, outcomes={**MAKER.outcomes, "sign": wrong})
        monkeypatch.setattr(replaying, "maker_of", lambda _, changed=changed: changed)
        assert replaying.main(alone / "no-data", lambda _: None) == 1
