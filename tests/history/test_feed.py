"""Weights and changes of a window, as words and as one digest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from algebra.errors import Malformed
from algebra.poseidon2 import TAG_FEED, hash_words
from history.v2.feed import (
    CHANGE_OFFSET,
    DAYS_A_WORD,
    FEED_WORDS,
    NO_FEED,
    WORD_BITS,
    Feed,
)
from history.v2.record import MAX_DAYS

days = st.lists(
    st.tuples(st.integers(1, 15), st.integers(1 - CHANGE_OFFSET, CHANGE_OFFSET - 1)),
    min_size=1,
    max_size=MAX_DAYS,
)


def feed(values: list[tuple[int, int]]) -> Feed:
    weights, changes = zip(*values, strict=True)
    return Feed(20_000, weights, changes)


@given(days)
def test_a_feed_comes_back_from_its_words(values: list[tuple[int, int]]) -> None:
    words = feed(values).words()
    assert len(words) == FEED_WORDS == 38 and words[-1] == 0
    assert all(word < 1 << WORD_BITS == 1 << 240 for word in words)
    for day in range(FEED_WORDS * DAYS_A_WORD):
        number = words[day // 10] >> 24 * (9 - day % 10) & 0xFFFFFF
        if day < len(values):
            assert (number >> 12, (number & 0xFFF) - 2048) == values[day]
        else:
            assert number == 0


def test_words_of_eleven_days_by_hand() -> None:
    words = feed([(1, 0)] * 9 + [(4, -3), (2, 5)]).words()
    assert words[0] == sum((4096 + 2048) << 24 * i for i in range(1, 10)) + 4 * 4096 + 2045
    assert words[1] == (2 * 4096 + 2053) << 216
    assert set(words[2:]) == {0}


def test_the_digest_is_of_all_words() -> None:
    one = feed([(1, 0)] * 30)
    assert one.digest() == hash_words(TAG_FEED, one.words())
    others = [feed([(1, 0)] * 29 + [last]) for last in [(2, 0), (1, 1), (1, -1)]]
    others += [feed([(1, 0)] * 29), feed([(1, 0)] * 31)]
    assert len({f.digest() for f in (one, *others)}) == 6


@pytest.mark.parametrize("length", [1, 10, MAX_DAYS])
def test_a_window_without_an_index_is_zeros(length: int) -> None:
    none = Feed.none(20_000, length)
    assert not none.present and feed([(1, 0)] * length).present
    assert set(none.words()) == {0}
    assert none.digest() == NO_FEED == hash_words(TAG_FEED, [0] * 38)


@pytest.mark.parametrize(
    ("weights", "changes"),
    [
        ((), ()),
        ((1,) * 367, (0,) * 367),
        ((1, 1), (0,)),
        ((1, 0), (0, 0)),
        ((1, 16), (0, 0)),
        ((1, -1), (0, 0)),
        ((1, 1), (0, 2048)),
        ((1, 1), (0, -2048)),
        ((1, 0), (0, -2048)),
        ((0, 0), (-2048, 0)),
    ],
)
def test_values_out_of_range_are_malformed(
    weights: tuple[int, ...], changes: tuple[int, ...]
) -> None:
    with pytest.raises(Malformed) as caught:
        Feed(20_000, weights, changes)
    assert caught.value.code == "malformed.feed"


def test_the_day_that_is_wrong_is_named() -> None:
    with pytest.raises(Malformed, match=r"day 1 \(2024-10-05\): weight 16"):
        Feed(20_000, (1, 16), (0, 0))
