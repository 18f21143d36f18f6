"""Idempotency keys: one deed for one key, its answer again, and no deed without its answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from algebra.errors import Malformed, Refused, Rejected, Unavailable
from service.access.cleaning import Cleaner
from service.access.idempotency import NoPlace, Place, name_of
from service.access.keys import DAY
from service.access.tables import IdempotencyRow
from service.api.problem import Problem, known
from tests.service.access.world import NOW, World, problem, world

HOLD, KEPT = 60, 7 * DAY


@pytest.fixture
def door(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        yield made


def do(
    door: World, key: str | None = '"one"', body: bytes = b"{}", path: str = "/do", **more: Any
) -> httpx.Response:
    sent = [] if key is None else [("Idempotency-Key", key)]
    return door.ask(path, *sent, method="POST", body=body, **more)


def rows(door: World) -> list[IdempotencyRow]:
    with door.store.database.reading() as session:
        return list(session.scalars(select(IdempotencyRow)))


# -- the key ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("key", ['"a"', '  "a" ', '"8e03978e-40d5"', '"\\"\\\\"', f'"{"x" * 255}"'])
def test_one_string(door: World, key: str) -> None:
    assert do(door, key).status_code == 200
    again = do(door, key)
    assert again.headers["idempotency-replayed"] == "true" and door.deeds.count() == 1


@pytest.mark.parametrize(
    "key",
    [
        "", '""', "a", "'a'", '"a', 'a"', '"a" "b"', '"a", "b"', '"a"b', '"\u00e9"', '"a\\b"',
        '"a\\"', '"a"b"', '"\t"', "1", ":YWJj:", "?1", '("a")', f'"{"x" * 256}"', "tok", '"a";p=1',
    ],
)  # fmt: skip
def test_what_is_not_one_string(door: World, key: str) -> None:
    problem(do(door, key), 400, "malformed.idempotency_key")
    assert door.deeds.count() == 0 and rows(door) == []


def test_two_headers(door: World) -> None:
    sent = ("Idempotency-Key", '"a"')
    for second in (sent, ("idempotency-key", '"b"')):
        answer = door.ask("/do", sent, second, method="POST")
        problem(answer, 400, "malformed.idempotency_key")
    assert door.deeds.count() == 0


def test_escapes_are_read(door: World) -> None:
    assert do(door, '"a\\\\b"').status_code == 200
    (row,) = rows(door)
    assert row.request == name_of("", "POST", "/do", "a\\b")


def test_no_part_of_a_name_runs_into_the_next() -> None:
    names = {
        name_of(*parts)
        for parts in (
            ("", "POST", "/do", "a"), ("a", "POST", "/do", ""), ("", "POST", "/doa", ""),
            ("", "POS", "T/do", "a"), ("1:a", "POST", "/do", "a"), ("", "POST", "/do", "1:a"),
        )
    }  # fmt: skip
    assert len(names) == 6


# -- again -----------------------------------------------------------------------------------------
def test_without_a_key_each_is_done(door: World) -> None:
    assert [do(door, None).json()["place"] for _ in range(2)] == [0, 1] and rows(door) == []


def test_the_answer_again(door: World) -> None:
    first, second = do(door), do(door)
    assert first.json() == second.json() == {"place": 0}
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert second.headers["content-type"] == "application/json"
    assert do(door, '"another"').json() == {"place": 1} and door.deeds.count() == 2


def test_another_body(door: World) -> None:
    assert do(door, body=b"{}").status_code == 200
    told = problem(do(door, body=b"{ }"), 422, "refused.idempotency_reused")
    assert "outcome" not in told and door.deeds.count() == 1  # no verdict on a proof


def test_a_key_is_of_one_caller_and_one_path(door: World) -> None:
    (_, one), (_, other) = door.key("verify"), door.key("verify")
    for text in (one, other):
        for path in ("/do", "/did"):
            sent = ("Idempotency-Key", '"one"')
            answer = door.ask(path, sent, method="POST", body=b"{}", key=text)
            assert "idempotency-replayed" not in answer.headers and answer.status_code == 200
    assert door.deeds.count() == 4


def test_nothing_of_the_key_or_the_body_is_kept(door: World, tmp_path: Path) -> None:
    do(door, '"my hidden key"', b"a hidden body")
    for file in tmp_path.iterdir():
        assert b"hidden" not in file.read_bytes()


FINAL: list[tuple[Exception, int]] = [
    (Rejected("rejected.equation", "proof: no"), 422),
    (Malformed("malformed.json", "body: no"), 400),
    (Refused("unknown.policy", "policy: no"), 404),
    (Refused("refused.nullifier_used", "nullifier: no"), 409),
    (known("refused.scope", "no"), 403),
]
NOT_FINAL: list[tuple[Exception, int]] = [
    (Unavailable("unavailable.database", "no"), 503),
    (known("unavailable.busy", "no"), 503),
    (known("refused.slow_body", "no"), 408),
    (known("refused.rate", "no"), 429),
    (known("refused.unauthenticated", "no"), 401),
    (RuntimeError("no"), 500),
    (Problem(425, "http.425", "no"), 425),
]


def raises(error: Exception) -> Callable[[object], None]:
    def before(_: object) -> None:
        raise error

    return before


@pytest.mark.parametrize(("error", "status"), FINAL)
def test_a_final_answer_is_given_again(door: World, error: Exception, status: int) -> None:
    door.deeds.before = raises(error)
    first = do(door)
    door.deeds.before = lambda _: None
    second = do(door)
    assert first.status_code == second.status_code == status and first.json() == second.json()
    assert second.headers["content-type"] == "application/problem+json"
    assert second.headers["idempotency-replayed"] == "true" and door.deeds.count() == 0


@pytest.mark.parametrize(("error", "status"), NOT_FINAL)
def test_who_is_told_to_try_again_may(door: World, error: Exception, status: int) -> None:
    door.deeds.before = raises(error)
    if isinstance(error, RuntimeError):  # the framework raises it again, for the server's log
        with pytest.raises(RuntimeError):
            do(door)
    else:
        assert do(door).status_code == status
    assert rows(door) == []
    door.deeds.before = lambda _: None
    again = do(door, body=b"another body too")
    assert again.status_code == 200 and "idempotency-replayed" not in again.headers


# -- at the same time ------------------------------------------------------------------------------
def test_while_the_first_is_under_way(door: World) -> None:
    told: list[httpx.Response] = []
    door.deeds.before = lambda _: told.append(_second(door)) if not told else None
    assert do(door).status_code == 200
    (second,) = told
    problem(second, 409, "refused.idempotency_underway")
    assert second.headers["retry-after"] == str(HOLD)
    assert do(door).headers["idempotency-replayed"] == "true" and door.deeds.count() == 1


def _second(door: World) -> httpx.Response:
    """The same request from another thread, with an event loop of its own."""
    found: list[httpx.Response] = []
    thread = threading.Thread(target=lambda: found.append(do(door)))
    thread.start()
    thread.join()
    return found[0]


def test_many_at_once_are_done_once(door: World) -> None:
    found: list[httpx.Response] = []
    threads = [threading.Thread(target=lambda: found.append(do(door))) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert door.deeds.count() == 1
    assert {answer.status_code for answer in found} <= {200, 409}
    assert all(a.json() == {"place": 0} for a in found if a.status_code == 200)


def begin(door: World, body: bytes = b"{}") -> Place:
    return door.idempotency.begin(name_of("", "POST", "/do", "one"), body)


def test_a_holder_that_died_gives_way_to_the_second(door: World) -> None:
    begin(door)
    door.clock[0] = NOW + HOLD - 1
    problem(do(door), 409, "refused.idempotency_underway")
    problem(do(door, body=b"x"), 422, "refused.idempotency_reused")
    door.clock[0] = NOW + HOLD
    problem(do(door, body=b"x"), 422, "refused.idempotency_reused")
    assert do(door).status_code == 200 and door.deeds.count() == 1


def test_a_holder_that_was_given_up_does_nothing(door: World) -> None:
    """It took too long, another did the deed; its own is undone with its answer."""

    def slow(place: Place | NoPlace) -> None:
        door.deeds.before = lambda _: None
        door.clock[0] = NOW + HOLD
        assert _second(door).status_code == 200

    door.deeds.before = slow
    problem(do(door), 409, "refused.idempotency_underway")
    assert door.deeds.count() == 1 and do(door).json() == {"place": 0}


def test_a_deed_that_is_undone_has_no_answer(door: World) -> None:
    """The answer was written in the transaction that failed."""
    door.deeds.after = lambda: raises(Unavailable("unavailable.database", "no"))(None)
    assert do(door).status_code == 503
    assert rows(door) == [] and door.deeds.count() == 0
    door.deeds.after = lambda: None
    assert do(door).json() == {"place": 0}


def test_a_process_that_dies_between_deed_and_answer_leaves_both(door: World) -> None:
    """Killed after the commit: the next request finds the answer."""
    place = begin(door)
    door.deeds.do(place)  # and nobody is told
    again = do(door)
    assert again.json() == {"place": 0} and again.headers["idempotency-replayed"] == "true"
    assert door.deeds.count() == 1


def test_an_endpoint_that_says_nothing_leaves_its_place(door: World) -> None:
    door.deeds.do = lambda _: {"place": 7}  # type: ignore[method-assign]
    assert do(door).json() == {"place": 7} and rows(door) == []


# -- time ------------------------------------------------------------------------------------------
def test_kept_for_seven_days(door: World) -> None:
    do(door)
    door.clock[0] = NOW + KEPT - 1
    assert do(door).headers["idempotency-replayed"] == "true"
    door.clock[0] = NOW + KEPT
    again = do(door, body=b"a new request")
    assert again.status_code == 200 and again.json() == {"place": 1}


def test_what_was_kept_long_enough_is_deleted(door: World) -> None:
    do(door)
    cleaner = Cleaner(door.idempotency)
    for seconds, left in ((KEPT - 1, 1), (KEPT, 0)):
        door.clock[0] = NOW + seconds
        cleaner.clean()
        assert len(rows(door)) == left
