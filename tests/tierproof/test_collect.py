"""`tierproof collect`, against a made-up venue on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from algebra.errors import Refused
from attestor.collect.registry import COLLECTORS, collector_of
from attestor.venues.registry import ADAPTERS, adapter_of
from benchmarks.venue_of_one import Handler, Venue, served
from history.dates import day_number, day_text
from tests.tierproof.conftest import run

FIRST, DAYS = day_number("2026-10-01"), 3
WALLET = "0x" + "a1" * 20
Capture = pytest.CaptureFixture[str]


class Failing(Handler):
    """Says no once so many requests were answered as its server allows."""

    def do_POST(self) -> None:
        server: Any = self.server
        server.left -= 1
        if server.left < 0:
            self.reply(404, b"{}")
        else:
            super().do_POST()


@pytest.fixture
def server() -> Iterator[Any]:
    venue = Venue(FIRST, DAYS, seed=4)
    venue.trade(WALLET, 300)
    with served(venue, Failing, left=1_000_000) as made:
        yield made


def asked(server: Any, out: Path, *more: object) -> list[object]:
    window = ("--first-day", day_text(FIRST), "--last-day", day_text(FIRST + DAYS - 1))
    return [
        "collect",
        "hyperliquid",
        "--wallet",
        WALLET,
        *window,
        "--out",
        out,
        "--url",
        server.url,
        *more,
    ]


def test_a_window_is_collected_and_proven(server: Any, tmp_path: Path, capsys: Capture) -> None:
    assert run(*asked(server, tmp_path / "out", "--json")) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["complete"] is True and told["lines"] > 300 and told["idle"] == []
    assert run(*asked(server, tmp_path / "out", "--json")) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "refused.used_folder"


def test_a_run_that_was_cut_off_goes_on(server: Any, tmp_path: Path, capsys: Capture) -> None:
    server.left = 5
    assert run(*asked(server, tmp_path / "out", "--json")) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "unavailable.venue"
    with pytest.raises(Refused) as caught:
        adapter_of("hyperliquid").open(tmp_path / "out", "hyperliquid")
    assert caught.value.code == "refused.collecting"
    server.left = 1_000_000
    assert run(*asked(server, tmp_path / "out")) == 0
    assert server.left > 1_000_000 - 40


def test_what_is_missing_is_told(server: Any, tmp_path: Path, capsys: Capture) -> None:
    del server.venue.accounts[WALLET].fills[40]
    assert run(*asked(server, tmp_path / "out", "--json")) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "refused.incomplete"


def test_what_cannot_be_asked(server: Any, tmp_path: Path, capsys: Capture) -> None:
    for change, code in (
        ({"hyperliquid": "deribit"}, "refused.venue"),
        ({WALLET: "0x12"}, "malformed.address"),
        ({"--wallet": None, WALLET: None}, "usage.wallet"),
    ):
        words = [change.get(str(word), word) for word in asked(server, tmp_path / "out", "--json")]
        assert run(*(word for word in words if word is not None)) == 2
        assert json.loads(capsys.readouterr().out)["error"]["code"] == code
    for url in ("ftp://venue", "https://", "http://a b/info", "http://venue:port", "http://v\xe9"):
        bad = [*asked(server, tmp_path / "out")[:-1], url, "--json"]
        assert run(*bad) == 2
        assert json.loads(capsys.readouterr().out)["error"]["code"] == "usage.url"
    assert not (tmp_path / "out").exists()


def test_entries_say_who_collects() -> None:
    assert {each.name for each in COLLECTORS} == {a.name for a in ADAPTERS if a.collects}
    with pytest.raises(Refused, match="made by hand from saved answers"):
        collector_of("derive")
