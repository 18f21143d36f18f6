"""Each recorded answer of a venue is refused by the code that its maker says."""

from __future__ import annotations

from pathlib import Path

import pytest

from algebra.errors import TierproofError
from attestor.log import build_log
from attestor.venues.registry import adapter_of
from tests.attestor.conformance.maker import maker_of

RECORDED = {"hyperliquid": 6, "derive": 2, "deribit": 3}
"""How many of the real answers there are; all are parts of accounts, so none is attested."""


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_answers(name: str, shared_data: Path, tmp_path: Path) -> None:
    adapter = adapter_of(name)
    maker, refused = maker_of(adapter), 0
    for each in maker.recordings(shared_data, tmp_path):
        try:
            files = adapter.open(each.folder, maker.venue)
            build_log(files.statement(each.wallets, each.first_day, each.last_day))
        except TierproofError as error:
            assert error.code == each.code, each.name
            refused += 1
        else:
            assert each.code is None, each.name
    assert refused == RECORDED[name]


@pytest.mark.parametrize("name", RECORDED)
def test_without_data_none_is_recorded(name: str, tmp_path: Path) -> None:
    found = maker_of(adapter_of(name)).recordings(tmp_path / "absent", tmp_path)
    assert all(each.code is None for each in found)
