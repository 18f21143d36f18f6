"""What is wrong with Deribit's answers is refused, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from deribit_faults import FAULTS
from deribit_story import folder
from deribit_world import FIRST, LAST, WALLET

from algebra.errors import Malformed, Refused, TierproofError
from attestor.log import build_log
from attestor.venues.deribit.adapter import History
from history.dates import day_number

WINDOW = (day_number(FIRST), day_number(LAST))


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_refused(name: str, tmp_path: Path) -> None:
    fault = FAULTS[name]
    found = folder(fault.pages)
    fault.change(found)
    with pytest.raises(TierproofError) as caught:
        build_log(History.load(found.write(tmp_path / "f")).statement([WALLET], *WINDOW))
    assert isinstance(caught.value, Malformed | Refused)
    assert fault.reason in str(caught.value)
    codes = {"malformed.statement", "malformed.collected", "refused.expired", "refused.price"}
    assert caught.value.code in codes


def test_another_window_than_was_collected_for(tmp_path: Path) -> None:
    history = History.load(folder().write(tmp_path / "f"))
    with pytest.raises(Malformed, match="are wanted") as caught:
        history.statement([WALLET], WINDOW[0], WINDOW[1] - 1)
    assert caught.value.code == "malformed.collected"
