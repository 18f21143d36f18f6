"""The line alone: turns, who is set apart, who gives way."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.verification import line as lines
from service.verification.line import Line, Suspects, Waiting
from service.verification.settings import VerificationSettings


def line_of(**settings: Any) -> Line:
    return Line(VerificationSettings(**{"batch_limit": 4, "apart_limit": 2, **settings}))


def enter(line: Line, names: str, since: float = 0.0) -> list[Waiting]:
    """One proof for each letter, of the client of that name."""
    made = [Waiting(name, (None, (), b""), since) for name in names]  # type: ignore[arg-type]
    for each in made:
        line.enter(each)
    return made


def taken(line: Line, now: float = 0.0) -> str:
    return "".join(each.client for each in line.take(now))


def test_clients_take_turns() -> None:
    line = line_of()
    enter(line, "aaaaaabc")
    assert [taken(line), taken(line), len(line)] == ["abca", "aaaa", 0]


def test_who_was_not_served_is_first_in_the_next_batch() -> None:
    line = line_of()
    enter(line, "abcdefabcdef")
    assert [taken(line) for _ in range(3)] == ["abcd", "efab", "cdef"]


def test_a_client_keeps_the_order_of_its_own() -> None:
    line = line_of()
    entered = enter(line, "aaaa")
    assert line.take(0) == entered


def test_who_sent_a_false_proof_is_alone_every_other_batch() -> None:
    line = line_of()
    line.suspects.add("x", 0)
    line.suspects.add("y", 0)
    enter(line, "xxxyaaaaaaaa")
    assert [taken(line, 1) for _ in range(5)] == ["aaaa", "xx", "aaaa", "y", "x"]


def test_a_false_proof_is_forgotten_after_its_time() -> None:
    line = line_of(apart_seconds=10)
    line.suspects.add("x", 0)
    enter(line, "xa")
    assert taken(line, 9.9) == "a"
    enter(line, "a")
    assert taken(line, 10) == "xa"


def test_suspects_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MOST_SUSPECTS", 3)
    suspects = Suspects(10)
    for name in "abcad":  # a again, so b is the oldest
        suspects.add(name, 0)
    assert [name for name in "abcd" if suspects.includes(name, 1)] == ["a", "c", "d"]


def test_ready_when_full_or_old_enough() -> None:
    line = line_of(gather_ms=1000)
    assert line.ready_in(5) is None
    enter(line, "a", since=5)
    assert line.ready_in(5) == 1 and line.ready_in(5.75) == 0.25 and line.ready_in(9) == 0
    enter(line, "bcd", since=5.5)
    assert line.ready_in(5.5) == 0


def test_who_has_most_gives_way() -> None:
    line = line_of()
    entered = enter(line, "aaab")
    assert line.give_way("a") is None  # its own place it does not take
    assert line.give_way("c") is entered[2]
    assert line.give_way("c") is entered[1]
    assert line.give_way("c") is None  # everybody has one: who came first keeps it
    assert taken(line) == "ab"


def test_leaving() -> None:
    line = line_of()
    first, second = enter(line, "ab")
    line.leave(first)
    line.leave(first)
    assert len(line) == 1 and line.take(0) == [second]
    line.leave(second)
    assert len(line) == 0 and line.ready_in(0) is None


@given(st.text("abcxy", max_size=40), st.integers(1, 6), st.integers(1, 6))
def test_nobody_is_lost_and_nobody_waits_long(names: str, batch: int, apart: int) -> None:
    line = line_of(batch_limit=batch, apart_limit=apart)
    for liar in "xy":
        line.suspects.add(liar, 0)
    entered = enter(line, names)
    batches = []
    while len(line):
        batches.append(line.take(1))
    assert sorted(map(id, (w for each in batches for w in each))) == sorted(map(id, entered))
    for each in batches:
        clients = {waiting.client for waiting in each}
        assert clients <= set("abc") or len(clients) == 1
        assert len(each) <= (apart if clients & set("xy") else batch)
    honest = [bool({w.client for w in each} & set("abc")) for each in batches]
    for before, after in pairwise(honest[: sum(honest) * 2]):
        assert before or after  # never two batches of suspects while others wait
