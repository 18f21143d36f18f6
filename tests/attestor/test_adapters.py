"""The entries of the venue adapters: each says what it needs, and no two have a name in common."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from algebra.errors import Refused, Unavailable
from attestor.venues import hyperliquid
from attestor.venues.adapter import Adapter
from attestor.venues.registry import ADAPTERS, adapter_of
from attestor.venues.sample import write_sample


def write_history(folder: Path) -> None:
    """The three files of Hyperliquid, without a line."""
    folder.mkdir()
    for name, columns in (
        (hyperliquid.TRADES, hyperliquid.TRADE_COLUMNS),
        (hyperliquid.LEDGER, hyperliquid.LEDGER_COLUMNS),
        (hyperliquid.LIQUIDATIONS, hyperliquid.LIQUIDATION_COLUMNS),
    ):
        (folder / name).write_text(",".join(columns) + "\n")


FOLDERS: dict[str, Callable[[Path], object]] = {
    "sample": write_sample,
    "hyperliquid": write_history,
}
"""Writes a folder that the adapter of this name reads."""


def test_names_are_distinct() -> None:
    assert sorted(FOLDERS) == sorted(adapter.name for adapter in ADAPTERS)
    assert all(adapter_of(adapter.name) is adapter for adapter in ADAPTERS)
    with pytest.raises(Refused) as caught:
        adapter_of("Sample")
    assert caught.value.code == "refused.venue"
    assert str(caught.value).endswith("there are: hyperliquid, sample")


@pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda adapter: adapter.name)
def test_files_are_those_that_are_read(adapter: Adapter, tmp_path: Path) -> None:
    folder = tmp_path / "statements"
    FOLDERS[adapter.name](folder)
    assert {path.name for path in folder.iterdir()} == set(adapter.files)
    adapter.read(folder)
    for name in adapter.files:
        moved = (folder / name).rename(tmp_path / name)
        with pytest.raises(Unavailable, match=name) as caught:
            adapter.read(folder)
        assert caught.value.code == "unavailable.file"
        moved.rename(folder / name)
