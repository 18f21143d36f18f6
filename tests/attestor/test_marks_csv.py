"""The marks of a venue's answers, written as the file that a root names and read again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from algebra.keccak import keccak
from attestor.complaints import Complaints
from attestor.statement import Quote, Source
from attestor.venues.marks_csv import read_marks, write_marks
from attestor.venues.registry import adapter_of
from tests.attestor.conformance.maker import maker_of

PUBLIC: dict[str, Callable[[Any], list[Quote]]] = {
    "hyperliquid": lambda files: files.quotes,
    "deribit": lambda files: files.tickers.quotes,
    "derive": lambda files: files._prices.public,
}
"""Of each adapter that makes such a file: its marks for everybody."""


def said(marks: Sequence[Quote]) -> list[tuple[object, ...]]:
    return [(q.time, q.instrument, q.price, q.delta, q.volatility) for q in marks]


@pytest.mark.parametrize("name", PUBLIC)
def test_what_a_venue_told_is_read_back(name: str, tmp_path: Path) -> None:
    adapter, folder = adapter_of(name), tmp_path / "folder"
    maker = maker_of(adapter)
    folder.mkdir()
    maker.write(folder)
    files = adapter.open(folder, maker.venue)
    statement = files.statement(maker.wallets, maker.first_day, maker.last_day)
    path, wrong = tmp_path / "marks.csv", Complaints()
    path.write_bytes(write_marks(PUBLIC[name](files)))
    marks, read = read_marks(path, statement.instruments, wrong)
    wrong.settle()
    assert said(marks) == said(PUBLIC[name](files)) and read == len(marks) > 50
    assert dict(statement.files.files)[f"marks/{name}.csv"] == keccak(path.read_bytes())


def test_every_digit_is_written(tmp_path: Path) -> None:
    """The last unit of a price, a delta and a volatility, and a microsecond."""
    written = write_marks([
        Quote(Source("x", 2), 1_759_276_800_000_001, 0, "A", 1, True, -1, volatility=1),
        Quote(Source("x", 3), 1_759_276_801_000_000, 0, "A", 10**36, True, None),
    ])  # fmt: skip
    assert written.decode().splitlines() == [
        "time,instrument,price,delta,volatility",
        "2025-10-01T00:00:00.000001Z,A,0.000000000000000001,-0.00000001,0.00000001",
        "2025-10-01T00:00:01Z,A,1000000000000000000,,",
    ]
