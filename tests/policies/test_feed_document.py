"""Feed documents: weights and changes by the rule, each fault with file, field and reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from algebra.errors import Malformed, Refused, Unavailable
from algebra.keccak import keccak
from history.dates import day_number
from history.v2.feed import Feed
from policies.feed import FeedDocument
from policies.feed.rule import DayValues, day_values, weight_of

FIRST = day_number("2026-01-01")
CLOSES = [[4_499, 4_500], [4_500], [], [6_000, 6_009], [5_999]]
"""Of the day before the window and its four days, worked out by hand below."""
VALUES = [(1, 0), (2, 0), (2, 150), (4, -1)]


def document(closes: list[list[int]] = CLOSES, days: int = 4) -> FeedDocument:
    return FeedDocument.make("vol", "made up", FIRST, FIRST + days - 1, closes)


def value() -> Any:
    return json.loads(document().data)


def read(content: Any) -> FeedDocument:
    return FeedDocument.from_bytes(json.dumps(content).encode(), "vol.json")


@pytest.mark.parametrize(
    ("mean", "weight"), [(1, 1), (4_499, 1), (4_500, 2), (5_999, 2), (6_000, 4), (99_999, 4)]
)
def test_weights_by_the_mean_of_the_day_before(mean: int, weight: int) -> None:
    assert weight_of(mean) == weight


def test_values_by_hand() -> None:
    """
    Means 44.995, which is below 45, then 45.00, kept over the silent day, and 60.045; last closes
    450, 450, 450, 600 and 599 tenths of a point.
    """
    assert [tuple(each) for each in day_values(CLOSES)] == VALUES
    made = document()
    assert list(made.feed) == VALUES and made.silent == (FIRST + 1,)
    assert made.feed == Feed(FIRST, (1, 2, 2, 4), (0, 0, 150, -1))


def test_what_a_day_does_counts_in_its_change_and_in_the_weight_of_the_next() -> None:
    """A weight is known before its day: what happens on the day moves the next one's."""
    before = list(day_values(CLOSES))
    after = list(day_values([*CLOSES[:3], [3_000], CLOSES[4]]))
    assert before[:2] == after[:2]
    assert before[2].weight == after[2].weight and before[2].change != after[2].change
    assert before[3].weight != after[3].weight


def test_a_file_reads_back(tmp_path: Path) -> None:
    made, path = document(), tmp_path / "vol.json"
    made.write(path)
    back = FeedDocument.load(path)
    assert back == made and back.data == path.read_bytes()
    assert back.digest == keccak(path.read_bytes()) and back.name == "feed/vol"
    assert back.closes == tuple(map(tuple, CLOSES))
    assert value()["digest"] == f"0x{back.feed.digest():064x}"


def test_the_layout_of_a_file_counts_in_its_digest_alone() -> None:
    made, other = document(), read(value())
    assert made.digest != other.digest and made.feed == other.feed


def test_days_without_data_before_the_window() -> None:
    """The document begins with the last day that has closes, however far back within a month."""
    made = document([[6_100], [], [], *CLOSES[1:]])
    assert next(iter(made.feed)) == DayValues(4, 450 - 610)
    longest = document([[6_100], *[[]] * 30, *CLOSES[1:]])
    assert longest.feed == made.feed
    with pytest.raises(Malformed, match="want 1 to 31 days"):
        document([[6_100], *[[]] * 31, *CLOSES[1:]])


def test_a_window_of_the_greatest_length() -> None:
    assert len(list(document([[5_000]] * 367, 366).feed)) == 366
    with pytest.raises(Malformed):
        document([[5_000]] * 368, 367)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        FeedDocument.load(tmp_path / "vol.json")


def test_another_window() -> None:
    made = document()
    made.require_window(FIRST, FIRST + 3)
    for window in ((FIRST, FIRST + 4), (FIRST - 1, FIRST + 3)):
        with pytest.raises(Refused) as caught:
            made.require_window(*window)
        assert caught.value.code == "refused.feed.window"


Change = Callable[[Any], object]


def at(path: str, new: Any) -> Change:
    """Put `new` at a path such as `days.0.weight`."""

    def change(content: Any) -> None:
        *parts, last = [int(part) if part.isdecimal() else part for part in path.split(".")]
        for part in parts:
            content = content[part]
        content[last] = new

    return change


def swap(content: Any) -> None:
    days = content["days"]
    days[1], days[2] = days[2], days[1]


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        (at("version", 2), "version", "want 1"),
        (at("version", True), "version", "want 1"),
        (at("index", ""), "index", "printable"),
        (at("index", "a/b"), "index", "letters, digits"),
        (at("index", "v" * 65), "index", "printable"),
        (at("source", ""), "source", "400"),
        (at("rule.below", [4_500, 6_001]), "rule", "want"),
        (at("rule.weights", [True, 2, 4]), "rule", "want"),
        (at("first_day", "2026-1-1"), "date", "not of the form"),
        (at("first_day", "2026-01-02"), "before[0].day", "in place of 2026-01-01: out of order"),
        (at("last_day", "2026-01-03"), "days[3].day", "past 2026-01-03"),
        (at("last_day", "2026-01-05"), "days", "2026-01-05 is missing"),
        (at("last_day", "2026-01-01"), "last_day", "2 to 366 days"),
        (at("last_day", "2027-01-02"), "last_day", "2 to 366 days"),
        (at("before", []), "before", "want 1 to 31"),
        (at("before", {}), "before", "not a list"),
        (at("before.0.closes", []), "before[0].closes", "begin with the last day"),
        (at("days", {}), "days", "not a list"),
        (lambda c: c["days"].pop(1), "days[1].day", "2026-01-03 in place of 2026-01-02: a day"),
        (lambda c: c["days"].pop(), "days", "2026-01-04 is missing"),
        (lambda c: c["days"].insert(1, c["days"][0]), "days[1].day", "there twice"),
        (swap, "days[1].day", "a day is missing"),
        (lambda c: c["days"][0].pop("change"), "days[0]", "missing key 'change'"),
        (at("days.0.mean", 1), "days[0]", "unknown key 'mean'"),
        (at("days.0.closes", 4_500), "days[0].closes is not a list of integers", ""),
        (at("days.0.closes", [45.5]), "not JSON", "45.5"),
        (at("days.0.closes", [4_500] * 25), "days[0].closes", "more than 24"),
        (at("days.0.closes", [0]), "days[0].closes[0]", "outside 1..99999"),
        (at("days.2.closes.1", 100_000), "days[2].closes[1]", "outside 1..99999"),
        (at("days.0.weight", 2), "days[0].weight", "2, the closes give 1 by the rule"),
        (at("days.2.change", 149), "days[2].change", "149, the closes give 150 by the rule"),
        (at("days.1.closes", [4_600]), "days[1].change", "0, the closes give 10 by the rule"),
        (at("days.0.weight", True), "days[0].weight", "not an integer"),
        (at("digest", "0x" + "11" * 32), "digest", "its values have 0x"),
        (at("format", "tierproof/margin"), "", ""),
        (at("other", 1), "document", "unknown key 'other'"),
    ],
)
def test_what_is_wrong_is_named(change: Change, field: str, reason: str) -> None:
    content = value()
    change(content)
    with pytest.raises(Malformed) as caught:
        read(content)
    assert caught.value.code == "malformed.feed"
    assert caught.value.message.startswith(f"vol.json: {field}"), caught.value.message
    assert reason in caught.value.message


def test_a_change_beyond_the_cell_is_refused_with_its_day() -> None:
    """204.7 points in a day are more than five times what was ever seen."""
    widest = document([[5_000], [25_479], [25_479], [5_000], [5_000]]).feed
    assert next(iter(widest)) == (2, 2_047)
    with pytest.raises(Malformed, match="2026-01-01") as caught:
        document([[5_000], [25_480], [25_480], [5_000], [5_000]])
    assert caught.value.code == "malformed.feed"


def test_a_day_before_the_last_with_data_has_none() -> None:
    content = json.loads(document([[6_100], [], *CLOSES[1:]]).data)
    content["before"][1]["closes"] = [6_100]
    with pytest.raises(Malformed, match="begin with the last day that has closes"):
        read(content)


def test_bytes_that_are_no_document() -> None:
    for data in (b"", b"[]", b"{", b"\xff"):
        with pytest.raises(Malformed):
            FeedDocument.from_bytes(data)
