"""How often a caller may ask, in a minute and on a day."""

from __future__ import annotations

import asyncio
from pathlib import Path

from service.access.keys import DAY
from service.access.rates import Days, forget_days
from service.access.settings import AccessSettings
from service.access.tables import DailyUseRow
from tests.service.access.world import NOW, problem, world

FEW = AccessSettings(key_requests=3, address_requests=2, loopback_requests=4)


def test_a_minute_by_key_and_what_is_told_of_it(tmp_path: Path) -> None:
    with world(tmp_path, FEW) as door:
        (_, one), (_, other) = door.key("read"), door.key("read")
        for left in (2, 1, 0):
            answer = door.ask(key=one)
            assert answer.status_code == 200
            assert answer.headers["ratelimit-policy"] == '"minute";q=3;w=60'
            name, said, seconds = answer.headers["ratelimit"].split(";")
            assert (name, said) == ('"minute"', f"r={left}")
            assert 1 <= int(seconds.removeprefix("t=")) <= 60
        refused = door.ask(key=one)
        problem(refused, 429, "refused.rate")
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert refused.headers["ratelimit"].startswith('"minute";r=0;t=')
        assert refused.headers.get_list("ratelimit-policy") == ['"minute";q=3;w=60']
        assert door.ask(key=other).status_code == 200  # each key by itself


def test_without_a_key_a_minute_is_counted_by_address(tmp_path: Path) -> None:
    with world(tmp_path, FEW) as door:
        door.key("read")
        for _ in range(2):
            assert door.ask("/open", client="2001:db8::1").status_code == 200
        problem(door.ask("/open", client="2001:db8::2"), 429, "refused.rate")  # the same /64
        problem(door.ask(key="x", client="2001:db8::3"), 429, "refused.rate")  # guesses count
        assert door.ask("/open", client="2001:db8:0:1::1").status_code == 200
        assert door.ask("/open", client="203.0.113.9").status_code == 200


def test_loopback_without_keys_has_a_limit_of_its_own(tmp_path: Path) -> None:
    with world(tmp_path, FEW) as door:
        for client in ("127.0.0.1", "::1", "127.0.0.2", "127.0.0.1"):
            assert door.ask(client=client).status_code == 200
        problem(door.ask(client="127.0.0.3"), 429, "refused.rate")


def test_who_is_refused_by_the_rule_of_loopback_takes_nothing(tmp_path: Path) -> None:
    with world(tmp_path, FEW) as door:
        for _ in range(10):
            problem(door.ask(host="evil.example"), 403, "refused.loopback")
        assert door.ask().status_code == 200


def test_a_day_by_key(tmp_path: Path) -> None:
    """What verifies is counted, what reads is not; the next day begins anew."""
    with world(tmp_path) as door:
        _, text = door.key("read", "verify", daily=2)
        for left in (1, 0):
            answer = door.ask("/verify", key=text)
            assert answer.headers["ratelimit-policy"].endswith(f', "day";q=2;w={DAY}')
            assert f', "day";r={left};t={DAY - NOW % DAY}' in answer.headers["ratelimit"]
        refused = door.ask("/verify", key=text)
        problem(refused, 429, "refused.quota")
        assert refused.headers["retry-after"] == str(DAY - NOW % DAY)
        assert refused.headers["ratelimit"].endswith(f', "day";r=0;t={DAY - NOW % DAY}')
        assert door.ask("/read", key=text).status_code == 200
        door.clock[0] = NOW - NOW % DAY + DAY
        assert door.ask("/verify", key=text).status_code == 200


def test_two_processes_have_one_quota(tmp_path: Path) -> None:
    with world(tmp_path) as door:
        key, _ = door.key("verify", daily=350)
        processes = [Days(door.store.database) for _ in range(3)]

        async def take() -> list[bool]:
            taken = []
            for number in range(500):
                standing = await processes[number % 3].take(key, 350)
                assert 0 <= standing.left < 350
                taken.append(standing.holds)
            return taken

        assert asyncio.run(take()).count(True) == 350
        with door.store.database.reading() as session:
            row = session.get(DailyUseRow, (key.key_id, NOW // DAY))
            assert row is not None and row.uses == 350


def test_a_process_that_dies_gives_nothing_twice(tmp_path: Path) -> None:
    with world(tmp_path) as door:
        key, _ = door.key("verify", daily=500)
        taken = 0
        for _ in range(200):  # each process takes one request of its part of five, and dies
            taken += asyncio.run(Days(door.store.database).take(key, 500)).holds
        assert taken == 100


def test_old_days_are_forgotten(tmp_path: Path) -> None:
    with world(tmp_path) as door:
        key, _ = door.key("verify", daily=5)
        for day in range(3):
            door.clock[0] = NOW + 20 * day * DAY
            asyncio.run(Days(door.store.database).take(key, 5))
        with door.store.database.writing() as session:
            forget_days(session, int(door.clock[0]))
        with door.store.database.reading() as session:
            assert session.query(DailyUseRow).count() == 2
