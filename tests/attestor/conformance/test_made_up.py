"""A venue that is not ours passes the suite by one module and one entry; `make venues` reads it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from attestor.venues import registry
from tests.attestor.conformance import __main__ as replaying
from tests.attestor.conformance import test_conformance as suite
from tests.attestor.conformance.made_up_venue import ADAPTER
from tests.attestor.conformance.maker import Fault, Unseen, maker_of

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
    assert any("made up: 9 lines, 10 records" in line for line in said)


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
