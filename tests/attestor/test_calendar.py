"""Windows are announced before they begin, and nothing else is attested."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from attestor_world import FIRST_DAY, Attestors, handed_over, key
from eth_account import Account
from eth_account.messages import encode_typed_data

from algebra.errors import Malformed, Refused, Rejected, TierproofError
from attestor.bindings import BindingRegistry
from attestor.calendar import DOMAIN, TYPES, Calendar, SignedCalendar, require_settled
from history.dates import LAST_DATE, day_text
from policies.attestor_set import AttestorSet

WORLD = Attestors()
CALENDAR = Calendar("desk", WORLD.set.id, 1, FIRST_DAY, 92, 4, FIRST_DAY - 1)
SIGNED = SignedCalendar.sign(CALENDAR, WORLD.set, WORLD.keys[:2])


def signed(**change: Any) -> SignedCalendar:
    return SignedCalendar.sign(replace(CALENDAR, **change), WORLD.set, WORLD.keys[:2])


def book(*calendars: SignedCalendar) -> BindingRegistry:
    made = BindingRegistry(WORLD.set.id)
    for each in calendars:
        made.announce(each, each.calendar.announced_day)
    return made


def refusal(attempt: Any) -> str:
    with pytest.raises(TierproofError) as caught:
        attempt()
    return caught.value.code


# -- the calendar ----------------------------------------------------------------------------------
def test_windows_follow_each_other() -> None:
    windows = CALENDAR.windows
    assert windows[0] == (FIRST_DAY, FIRST_DAY + 91) and len(windows) == 4
    assert all(later[0] == earlier[1] + 1 for earlier, later in pairwise(windows))
    assert CALENDAR.end == windows[-1][1] + 1
    assert all(CALENDAR.holds(*window) for window in windows)


@pytest.mark.parametrize(
    "window",
    [
        (FIRST_DAY + 1, FIRST_DAY + 92),  # rolled on by a day
        (FIRST_DAY, FIRST_DAY + 90),
        (FIRST_DAY, FIRST_DAY + 183),  # two at once
        (FIRST_DAY - 92, FIRST_DAY - 1),
        (FIRST_DAY + 368, FIRST_DAY + 459),
    ],
)
def test_no_other_days_are_a_window(window: tuple[int, int]) -> None:
    assert not CALENDAR.holds(*window)
    with pytest.raises(Refused, match="no calendar of this attestor set") as caught:
        book(SIGNED).require_window(*window)
    assert caught.value.code == "refused.calendar"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"series": ""}, "malformed.calendar"),
        ({"series": "a" * 65}, "malformed.calendar"),
        ({"series": "börse"}, "malformed.calendar"),
        ({"series": "two words"}, "malformed.calendar"),
        ({"attestor_set": b""}, "malformed.calendar"),
        ({"length": 1}, "malformed.calendar"),
        ({"length": 367}, "malformed.calendar"),
        ({"count": 0}, "malformed.calendar"),
        ({"count": 1_001}, "malformed.calendar"),
        ({"announced_day": -1}, "malformed.calendar"),
        ({"first_day": LAST_DATE + 2 - 4 * 92}, "malformed.calendar"),
        ({"late_hours": 47}, "malformed.calendar"),
        ({"late_hours": 2_161}, "malformed.calendar"),
        ({"announced_day": FIRST_DAY}, "refused.calendar"),
        ({"announced_day": FIRST_DAY + 1}, "refused.calendar"),
    ],
)
def test_ranges(change: dict[str, Any], code: str) -> None:
    assert refusal(lambda: replace(CALENDAR, **change)) == code


def test_the_last_days_that_there_are() -> None:
    last = replace(CALENDAR, first_day=LAST_DATE + 1 - 4 * 92)
    assert last.windows[-1][1] == LAST_DATE and day_text(last.end - 1) == "9999-12-31"


# -- the quorum ------------------------------------------------------------------------------------
def test_what_attestors_sign() -> None:
    SIGNED.verify()
    message = {
        "series": "desk",
        "attestorSet": WORLD.set.id,
        "generation": 1,
        "firstDay": FIRST_DAY,
        "length": 92,
        "count": 4,
        "announcedDay": FIRST_DAY - 1,
        "lateHours": 48,
    }
    signable = encode_typed_data(dict(DOMAIN), TYPES, message)
    found = {Account.recover_message(signable, signature=each) for each in SIGNED.signatures}
    assert found == {each.address for each in WORLD.keys[:2]}


@pytest.mark.parametrize(
    "change",
    [
        {"series": "other"},
        {"first_day": FIRST_DAY + 1},
        {"length": 91},
        {"count": 5},
        {"announced_day": FIRST_DAY - 2},
        {"late_hours": 49},
    ],
)
def test_every_field_is_signed(change: dict[str, Any]) -> None:
    lie = replace(SIGNED, calendar=replace(CALENDAR, **change))
    with pytest.raises(Rejected) as caught:
        lie.verify()
    assert caught.value.code == "rejected.quorum"


def test_fewer_than_the_quorum_or_another_set_announce_nothing() -> None:
    alone = replace(SIGNED, signatures=SIGNED.signatures[:1])
    nobody = replace(SIGNED, signatures=())
    twice = replace(SIGNED, signatures=(SIGNED.signatures[0],) * 2)
    for lie in (alone, nobody, twice):
        assert refusal(lie.verify) == "rejected.quorum"
        assert refusal(lambda lie=lie: book(lie)) == "rejected.quorum"
    with pytest.raises(Refused) as caught:
        SignedCalendar.sign(CALENDAR, WORLD.set, WORLD.keys[:1])
    assert caught.value.code == "refused.quorum"
    own = key("stranger")
    strangers = AttestorSet.of([own.address], 1)
    assert refusal(replace(SIGNED, attestor_set=strangers).verify) == "malformed.calendar"
    theirs = SignedCalendar.sign(replace(CALENDAR, attestor_set=strangers.id), strangers, [own])
    assert refusal(lambda: book(theirs)) == "refused.calendar"


def test_a_generation_that_handed_over_announces_nothing_more() -> None:
    """Nor do two that follow the same one: the first that announced is the set's."""
    sets = [handed_over(WORLD.set, WORLD.keys[:2], name) for name in ("fourth", "fifth")]
    second, other = (
        SignedCalendar.sign(
            replace(CALENDAR, generation=2, first_day=FIRST_DAY + 400, length=60),
            each,
            [WORLD.keys[1], WORLD.keys[2]],
        )
        for each in sets
    )
    late = SignedCalendar.sign(
        replace(CALENDAR, first_day=FIRST_DAY + 800), WORLD.set, WORLD.keys[:2]
    )
    made = book(SIGNED)
    made.announce(second, FIRST_DAY - 1)
    assert refusal(lambda: made.announce(late, FIRST_DAY - 1)) == "refused.calendar"
    assert refusal(lambda: made.announce(other, FIRST_DAY - 1)) == "refused.calendar"
    assert made.calendars == [SIGNED, second]
    claims = replace(second, attestor_set=WORLD.set)
    assert refusal(claims.verify) == "malformed.calendar"
    first = replace(second.attestor_set.generations[1], handover=SIGNED.signatures)
    stolen = AttestorSet(WORLD.set.name, (*WORLD.set.generations, first))
    assert refusal(replace(second, attestor_set=stolen).verify) == "rejected.quorum"


# -- the book --------------------------------------------------------------------------------------
@pytest.mark.parametrize("today", [FIRST_DAY, FIRST_DAY + 1, FIRST_DAY - 2])
def test_a_calendar_comes_before_it_begins_and_after_it_was_announced(today: int) -> None:
    made = BindingRegistry(WORLD.set.id)
    with pytest.raises(Refused, match="must come before its first day") as caught:
        made.announce(SIGNED, today)
    assert caught.value.code == "refused.calendar" and made.calendars == []
    made.announce(SIGNED, FIRST_DAY - 1)
    made.require_window(FIRST_DAY + 92, FIRST_DAY + 183)


@pytest.mark.parametrize("first", [FIRST_DAY, FIRST_DAY + 1, FIRST_DAY + 367, FIRST_DAY - 367])
def test_windows_of_a_series_do_not_overlap(first: int) -> None:
    """No rolling windows: a day counts in one window of a series."""
    other = signed(first_day=first, announced_day=first - 1)
    made = book(SIGNED)
    with pytest.raises(Refused, match="none may overlap") as caught:
        made.announce(other, first - 1)
    assert caught.value.code == "refused.calendar" and made.calendars == [SIGNED]
    made.announce(signed(series="other", first_day=first, announced_day=first - 1), first - 1)


def test_a_series_goes_on_after_its_last_window(tmp_path: Path) -> None:
    for first in (CALENDAR.end, FIRST_DAY - 368):
        made = book(SIGNED, signed(first_day=first, announced_day=first - 1))
        made.require_window(first, first + 91)
        made.save(tmp_path / "bindings.json")
        assert BindingRegistry.load(tmp_path / "bindings.json").calendars == made.calendars


def test_late_fills_count_until_the_instant_that_was_announced() -> None:
    """Of two series that hold one window, the later instant."""
    made = book(SIGNED)
    last = FIRST_DAY + 91
    assert made.require_window(FIRST_DAY, last) == (last + 3) * 86_400
    made.announce(signed(series="slow", late_hours=75), FIRST_DAY - 1)
    settled = made.require_window(FIRST_DAY, last)
    assert settled == (last + 4) * 86_400 + 3 * 3_600
    require_settled(settled, settled)
    with pytest.raises(Refused, match=f"count until {day_text(last + 4)} 03:00 UTC") as caught:
        require_settled(settled, settled - 1)
    assert caught.value.code == "refused.window"


# -- the file --------------------------------------------------------------------------------------
def test_the_file_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "calendar.json"
    SIGNED.write(path)
    assert SignedCalendar.load(path) == SIGNED
    document = json.loads(path.read_text())
    assert document["first_day"] == day_text(FIRST_DAY)
    for change, code in (
        ({"format": "tierproof/root"}, "malformed.calendar"),
        ({"version": 2}, "malformed.calendar"),
        ({"more": 1}, "malformed.calendar"),
        ({"first_day": FIRST_DAY}, "malformed.calendar"),
        ({"announced_day": document["first_day"]}, "refused.calendar"),
        ({"length": 93}, "rejected.quorum"),
        ({"late_hours": 47}, "malformed.calendar"),
        ({"late_hours": 72}, "rejected.quorum"),
        ({"signatures": []}, "rejected.quorum"),
        ({"signatures": ["0x12"] * 2}, "malformed.signature"),
        ({"attestor_set": {"name": "a", "generations": []}}, "malformed.attestor_set"),
    ):
        path.write_text(json.dumps(document | change))
        assert refusal(lambda: SignedCalendar.load(path)) == code


def test_a_book_with_a_changed_calendar_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "bindings.json"
    book(SIGNED).save(path)
    content = json.loads(path.read_text())
    calendar = content["calendars"][0]
    later = signed(first_day=CALENDAR.end, announced_day=CALENDAR.end - 1).as_json()
    for calendars, code in (
        ([calendar | {"count": 5}], "rejected.quorum"),
        ([calendar, calendar], "refused.calendar"),
        ([calendar, later | {"first_day": calendar["first_day"]}], "refused.calendar"),
    ):
        path.write_text(json.dumps(content | {"calendars": calendars}))
        assert refusal(lambda: BindingRegistry.load(path)) == code
    with pytest.raises(Malformed, match=r"calendars\[0\]\.series: missing"):
        path.write_text(json.dumps(content | {"calendars": [dict(list(calendar.items())[:2])]}))
        BindingRegistry.load(path)
