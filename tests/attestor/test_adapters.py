"""The entries of the venue adapters: each says what it needs, and no two have a name in common."""

from __future__ import annotations

from pathlib import Path

import pytest

from algebra.errors import Malformed, Refused, Unavailable
from attestor.statement import Source
from attestor.venues import hyperliquid_2023
from attestor.venues.adapter import Adapter, Tally
from attestor.venues.asked import require_asked
from attestor.venues.registry import ADAPTERS, adapter_of, entries
from attestor.venues.sample import FIRST_DAY, write_sample
from tests.attestor.conformance.maker import maker_of


def write_history(folder: Path) -> None:
    """The three files of Hyperliquid, without a line."""
    folder.mkdir()
    for name, columns in (
        (hyperliquid_2023.TRADES, hyperliquid_2023.TRADE_COLUMNS),
        (hyperliquid_2023.LEDGER, hyperliquid_2023.LEDGER_COLUMNS),
        (hyperliquid_2023.LIQUIDATIONS, hyperliquid_2023.LIQUIDATION_COLUMNS),
    ):
        (folder / name).write_text(",".join(columns) + "\n")


def test_names_are_distinct() -> None:
    names = [entry.name for entry in entries()]
    assert len(set(names)) == len(names)
    assert all(adapter_of(adapter.name) is adapter for adapter in ADAPTERS)
    with pytest.raises(Refused) as caught:
        adapter_of("Csv")
    assert caught.value.code == "refused.adapter"
    assert str(caught.value).endswith(f"there are: {', '.join(sorted(names))}")


def test_an_adapter_reads_files_of_its_venue_alone(tmp_path: Path) -> None:
    """The generic one those of any, by the name that the job gives."""
    write_history(tmp_path / "h")
    with pytest.raises(Refused, match="reads files of hyperliquid, not of 'deribit'") as caught:
        adapter_of("hyperliquid-2023").open(tmp_path / "h", "deribit")
    assert caught.value.code == "refused.venue"
    write_sample(tmp_path / "s", days=2)
    for venue in ("custodian-7", "deribit"):
        files = adapter_of("csv").open(tmp_path / "s", venue)
        assert files.statement([A], FIRST_DAY, FIRST_DAY + 1).venue == venue
    with pytest.raises(Malformed) as wrong:
        adapter_of("csv").open(tmp_path / "s", "Custodian 7")
    assert wrong.value.code == "malformed.venue"


@pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda adapter: adapter.name)
def test_files_are_those_that_are_read(adapter: Adapter, tmp_path: Path) -> None:
    folder = tmp_path / "statements"
    folder.mkdir()
    maker = maker_of(adapter)
    maker.write(folder)
    files = {path.name for path in folder.iterdir() if path.is_file()}
    pages = {f"statement-{number}.csv" for number in (2, 3)}
    assert files - pages <= {each.name for each in adapter.inputs}  # the others are requests
    venue = maker.venue
    adapter.open(folder, venue)
    for name, _, optional in adapter.inputs:
        if name not in files:
            continue
        moved = (folder / name).rename(tmp_path / name)
        if optional:
            continue  # what it gave is missing then, and told by what needs it
        with pytest.raises(Unavailable, match=name) as caught:
            adapter.open(folder, venue)
        assert caught.value.code == "unavailable.file"
        moved.rename(folder / name)


# -- lines of wallets that nobody asked for --------------------------------------------------------
A, B = "0x" + "a" * 40, "0x" + "b" * 40


def at(*lines: int, file: str = "s.csv") -> list[Source]:
    return [Source(file, line) for line in lines]


@pytest.mark.parametrize(
    ("wallet", "nearest", "digits"),
    [
        ("0x" + "a" * 39 + "b", A, 1),
        ("0x" + "a" * 38 + "cd", A, 2),
        ("0x" + "ab" * 20, A, 20),  # both are as near: the first in order
        ("0x" + "b" * 21 + "a" * 19, B, 19),
    ],
)
def test_the_nearest_asked_wallet_is_named(wallet: str, nearest: str, digits: int) -> None:
    with pytest.raises(Malformed) as caught:
        require_asked({A: at(2), wallet: at(5, 9)}, {A, B}, set())
    assert (caught.value.code, caught.value.fields["line"]) == ("malformed.statement", 5)
    assert caught.value.fields["reason"] == (
        f"wallet: {wallet} is nobody's who is attested; the nearest who is, {nearest}, differs in "
        f"{digits} of 40 digits; lines 5, 9; correct it, or name it in left_out of the job"
    )


@pytest.mark.parametrize(
    ("places", "said"),
    [
        (at(5), "; line 5; "),
        (at(*range(2, 12)), "; lines 2, 3, 4, 5, 6, 7, 8, 9, 10, 11; "),
        (at(*range(2, 14)), "; lines 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 2 more; "),
        ([*at(7), *at(3, 4, file="s-2.csv")], "; lines 7 and 2 more; "),
    ],
)
def test_the_first_lines_are_named(places: list[Source], said: str) -> None:
    with pytest.raises(Malformed) as caught:
        require_asked({B: places}, {A}, set())
    assert said in str(caught.value)


def test_every_such_wallet_is_told_and_none_that_is_left_out() -> None:
    other = "0x" + "c" * 40
    places = {A: at(2), B: at(3), other: at(4)}
    require_asked(places, {A}, {B, other})
    require_asked({A: [], B: []}, set(), set())
    with pytest.raises(Malformed) as caught:
        require_asked(places, set(), {A})
    listed: list[dict[str, object]] = caught.value.fields["errors"]  # type: ignore[assignment]
    assert [part["line"] for part in listed] == [3, 4]
    assert "nearest" not in caught.value.message


def test_a_public_history_says_what_became_of_its_lines(tmp_path: Path) -> None:
    """Fills of others are prices, their ledger is left out; nobody's wallet is refused."""
    folder = tmp_path / "statements"
    write_history(folder)
    rows = {
        hyperliquid_2023.TRADES: [
            f"2023-03-01T00:00:0{second}Z,{wallet},BTC,Bid,100,1,true"
            for second, wallet in enumerate((A, B, B))
        ],
        hyperliquid_2023.LEDGER: [f"2023-03-01T00:00:00Z,{wallet},500" for wallet in (A, B)],
        hyperliquid_2023.LIQUIDATIONS: [f"2023-03-01T00:00:01Z,{B},100,1,Cross"],
    }
    for name, lines in rows.items():
        with (folder / name).open("a") as file:
            file.writelines(f"{line}\n" for line in lines)
    files = adapter_of("hyperliquid-2023").open(folder, "hyperliquid")
    files.require_asked({A}, set())
    assert files.tally({A}) == [
        Tally(hyperliquid_2023.TRADES, 3, used=1, prices=2),
        Tally(hyperliquid_2023.LEDGER, 2, used=1, left_out=1),
        Tally(hyperliquid_2023.LIQUIDATIONS, 1, left_out=1),
    ]
    assert [each.refused for each in files.tally({A, B})] == [0, 0, 0]
    assert files.idle([A, B, "0x" + "c" * 40]) == ["0x" + "c" * 40]
