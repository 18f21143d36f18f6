"""Days and ISO dates: one spelling, one number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from algebra.errors import Malformed
from history.dates import LAST_DATE, day_number, day_text


@given(st.integers(0, LAST_DATE))
def test_there_and_back(day: int) -> None:
    assert day_number(day_text(day)) == day


def test_known_days() -> None:
    assert day_number("1970-01-01") == 0
    assert day_text(day_number("2024-02-29")) == "2024-02-29"
    assert day_text(LAST_DATE) == "9999-12-31"


@pytest.mark.parametrize(
    "text",
    ["", "2023-2-26", "2023-02-29", "20230226", "2023-W09-7", "1969-12-31", "2023-02-26 ", "٢٠٢٣"],
)
def test_what_is_no_date(text: str) -> None:
    for code in ("malformed.date", "malformed.policy.date"):
        with pytest.raises(Malformed) as caught:
            day_number(text, code)
        assert caught.value.code == code
    with pytest.raises(Malformed) as caught:
        day_number(text)
    assert caught.value.code == "malformed.date"
