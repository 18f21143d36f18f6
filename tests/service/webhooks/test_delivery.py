"""The outbox, its queue and the worker: at least once, whoever dies when."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from support.project import ROOT

from algebra.errors import Refused, Rejected
from service.store.database import Database
from service.webhooks import queue
from service.webhooks.endpoints import Delivery, Endpoints
from service.webhooks.outbox import emit, emit_test
from service.webhooks.queue import DAY, WAITS, Due, settle, take
from service.webhooks.sealing import Sealer
from service.webhooks.sender import Answer, Sender
from service.webhooks.settings import WebhookSettings
from service.webhooks.tables import DeliveryRow, EventRow
from service.webhooks.worker import Worker
from tests.service.webhooks.hook_world import (
    NOW,
    SEALER,
    Receiver,
    accepted,
    endpoint,
    status,
)
from tierproof import webhooks

SETTINGS = WebhookSettings()
URL = "https://hooks.example/a"


def told(database: Database, *numbers: int, now: int = NOW) -> int:
    with database.writing() as session:
        return sum(emit(session, accepted(number), now=now) for number in numbers)


def sent(database: Database, identity: str) -> list[Delivery]:
    with database.reading() as session:
        return Endpoints(session).deliveries(identity, None, 1000)


def taken(
    database: Database, now: int = NOW, limit: int = 16, settings: WebhookSettings = SETTINGS,
    **busy: int,
) -> list[Due]:  # fmt: skip
    with database.writing() as session:
        return take(session, now, limit=limit, busy=busy, settings=settings)


def settled(database: Database, due: Due, said: str, now: int = NOW, **given: int) -> str | None:
    number = int(said) if said.isdigit() else 0
    with database.writing() as session:
        return settle(session, due, Answer(said, number, **given), now, SETTINGS)


def worker(
    database: Database, settings: WebhookSettings, clock: Callable[[], float] = lambda: float(NOW),
    sender: Sender | None = None, sealer: Sealer = SEALER,
) -> Worker:  # fmt: skip
    return Worker(database, sealer, sender or Sender(settings), settings, clock=clock)


def turns(work: Worker) -> int:
    """All that is due at the clock's second; returns how many."""

    async def work_off() -> int:
        count = 0
        while found := await work.turn():
            await work.idle()
            count += found
        return count

    return asyncio.run(work_off())


# -- outbox ----------------------------------------------------------------------------------------
def test_an_event_is_told_with_what_it_tells(database: Database) -> None:
    identity, _ = endpoint(database, URL, SETTINGS)
    with suppress(ZeroDivisionError), database.writing() as session:
        assert emit(session, accepted(1), now=NOW) == 1
        raise ZeroDivisionError
    assert sent(database, identity) == []
    assert told(database, 1) == 1
    assert [each.state for each in sent(database, identity)] == ["waiting"]


def test_an_event_is_told_once(database: Database) -> None:
    identity, _ = endpoint(database, URL, SETTINGS)
    assert told(database, 1, 2, 1) == 2 and told(database, 1) == 0
    assert len(sent(database, identity)) == 2


def test_who_asked_for_a_kind_is_told_it(database: Database) -> None:
    every, _ = endpoint(database, URL, SETTINGS)
    asked, _ = endpoint(database, URL, SETTINGS, "credential.accepted", "grant.ended")
    other, _ = endpoint(database, URL, SETTINGS, "move.announced")
    assert told(database, 1) == 2
    assert [len(sent(database, each)) for each in (every, asked, other)] == [1, 1, 0]


def test_nobody_to_tell_writes_nothing(database: Database) -> None:
    assert told(database, 1) == 0
    with database.reading() as session:
        assert session.scalars(select(EventRow)).all() == []


def test_two_who_tell_the_same_at_once(database: Database) -> None:
    identity, _ = endpoint(database, URL, SETTINGS)
    with ThreadPoolExecutor(8) as threads:
        counts = list(threads.map(lambda _: told(database, 1, 2, 3), range(16)))
    assert sum(counts) == 3 == len(sent(database, identity))


# -- queue -----------------------------------------------------------------------------------------
def test_what_is_taken_is_nobody_else_s_until_its_lease_ends(database: Database) -> None:
    endpoint(database, URL, SETTINGS)
    told(database, 1)
    (due,) = taken(database)
    until = NOW + queue.lease(SETTINGS)
    assert taken(database) == [] == taken(database, until - 1)
    (again,) = taken(database, until)
    assert again.place == due.place and again.claim != due.claim and again.tries == 2
    assert queue.lease(SETTINGS) > SETTINGS.whole_seconds


def test_what_a_dead_worker_says_late(database: Database) -> None:
    """It does not undo what another does; what arrived has arrived."""
    identity, _ = endpoint(database, URL, SETTINGS)
    told(database, 1, 2)
    first, second = taken(database)
    later = NOW + queue.lease(SETTINGS)
    others = taken(database, later)
    assert settled(database, first, "timeout", later) is None
    assert settled(database, second, "200", later) == "delivered"
    assert settled(database, others[1], "500", later) is None
    assert settled(database, others[0], "204", later) == "delivered"
    assert {each.state for each in sent(database, identity)} == {"delivered"}


def test_waits_grow_for_three_days(database: Database) -> None:
    identity, _ = endpoint(database, URL, SETTINGS)
    told(database, 1)
    now = NOW
    for number, wait in enumerate(WAITS, 1):
        (due,) = taken(database, now)
        assert due.tries == number and settled(database, due, "500", now) == "waiting"
        (row,) = sent(database, identity)
        assert row.due_at is not None and wait <= row.due_at - now <= round(wait * 1.2)
        assert row.answer == "500"
        assert taken(database, row.due_at - 1) == []
        now = row.due_at
    (due,) = taken(database, now)
    assert settled(database, due, "timeout", now) == "given_up"
    (row,) = sent(database, identity)
    assert (row.state, row.answer, row.tries, row.due_at) == ("given_up", "timeout", 10, None)
    assert taken(database, now + 100 * DAY) == []
    assert sum(WAITS) == 75 * 3600 + 35 * 60 + 5  # of the standard's table


def test_waits_are_not_all_alike(database: Database) -> None:
    identity, _ = endpoint(database, URL, SETTINGS)
    told(database, *range(1, 40))
    for due in taken(database, limit=40, settings=WebhookSettings(at_once_each=40)):
        settled(database, replace(due, tries=5), "500")
    assert len({each.due_at for each in sent(database, identity)}) > 10


def test_a_receiver_asks_for_time(database: Database) -> None:
    identity, _ = endpoint(database, URL, SETTINGS)
    told(database, 1)
    (due,) = taken(database)
    settled(database, due, "503", retry_after=600)
    (row,) = sent(database, identity)
    assert row.due_at is not None and 600 <= row.due_at - NOW <= 720


def test_410_switches_off(database: Database) -> None:
    identity, _ = endpoint(database, URL, SETTINGS)
    told(database, 1, 2, 3)
    first, _second = taken(database)
    assert settled(database, first, "410") == "given_up"
    with database.reading() as session:
        assert Endpoints(session).get(identity).state == "gone"
    rows = {each.answer for each in sent(database, identity)}
    assert rows == {"410", "switched off"} and taken(database, NOW + DAY) == []
    assert told(database, 4) == 0


def test_days_without_a_success_switch_off(database: Database) -> None:
    identity, _ = endpoint(database, URL, SETTINGS)
    wide = WebhookSettings(at_once_each=50)

    def fails(number: int, now: int, said: str = "500") -> str:
        told(database, number, now=now)
        due = next(d for d in taken(database, now, 50, wide) if d.event_id == accepted(number).id)
        settled(database, due, said, now)
        with database.reading() as session:
            return Endpoints(session).get(identity).state

    limit = SETTINGS.switch_off_days * DAY
    assert fails(1, NOW) == "active" and fails(2, NOW + limit - 1) == "active"
    assert fails(3, NOW + limit - 1, "200") == "active"  # a success begins anew
    assert fails(4, NOW + limit) == "active" and fails(5, NOW + 2 * limit) == "failing"
    assert {each.state for each in sent(database, identity)} == {"delivered", "given_up"}
    with database.writing() as session:
        assert Endpoints(session).enable(identity).failing_since is None
    assert fails(6, NOW + 3 * limit) == "active"


def test_one_that_is_slow_holds_up_nobody_else(database: Database) -> None:
    slow, _ = endpoint(database, URL, SETTINGS, "credential.accepted")
    told(database, *range(1, queue.LOOKED_AT + 50))
    quick, _ = endpoint(database, URL, SETTINGS, "credential.accepted")
    told(database, 5000, now=NOW + 1)
    found = taken(database, NOW + 1)
    assert Counter(each.endpoint_id for each in found) == {slow: SETTINGS.at_once_each}
    (other,) = taken(database, NOW + 1, **{slow: SETTINGS.at_once_each})
    assert other.endpoint_id == quick


def test_what_was_told_long_ago_is_forgotten(database: Database) -> None:
    identity, _ = endpoint(database, URL, SETTINGS)
    told(database, 1, 2)
    first, _ = taken(database)
    settled(database, first, "200")
    with database.writing() as session:
        queue.clean(session, NOW + 1)
    (row,) = sent(database, identity)
    assert row.event_id != first.event_id and row.state == "waiting"


def test_many_who_take_at_once(database: Database) -> None:
    """No delivery is two workers' at a time."""
    wide = WebhookSettings(at_once_each=200)
    endpoint(database, URL, wide)
    told(database, *range(1, 121))
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: taken(database, limit=5, settings=wide), range(40)))
    places = [due.place for some in found for due in some]
    assert len(places) == 120 == len(set(places))


# -- worker ----------------------------------------------------------------------------------------
def test_an_event_arrives(hook: Receiver, settings: WebhookSettings, database: Database) -> None:
    identity, secret = endpoint(database, hook.url, settings)
    told(database, 1)
    assert turns(worker(database, settings)) == 1
    ((headers, body),) = hook.seen
    found = webhooks.verify(headers, body, [secret.text()], now=NOW)
    assert found.id == accepted(1).id and body == accepted(1).body()
    (row,) = sent(database, identity)
    assert (row.state, row.answer, row.tries) == ("delivered", "204", 1)


def test_each_try_is_signed_anew(
    hook: Receiver, settings: WebhookSettings, database: Database
) -> None:
    identity, secret = endpoint(database, hook.url, settings)
    told(database, 1)
    clock, answers = [float(NOW)], [500, 503, 200]
    hook.answer = lambda h: status(h, answers.pop(0))
    work = worker(database, settings, lambda: clock[0])
    while turns(work):
        (row,) = sent(database, identity)
        clock[0] = float(row.due_at or 0)
    assert [headers["webhook-id"] for headers, _ in hook.seen] == [accepted(1).id] * 3
    stamps = [int(headers["webhook-timestamp"]) for headers, _ in hook.seen]
    assert stamps == sorted(set(stamps)) and len(stamps) == 3
    for (headers, body), stamp in zip(hook.seen, stamps, strict=True):
        webhooks.verify(headers, body, [secret.text()], now=stamp)
    with pytest.raises(Rejected):  # an old one cannot be sent again
        webhooks.verify(*hook.seen[0], [secret.text()], now=stamps[2])
    assert sent(database, identity)[0].state == "delivered"


def test_both_secrets_sign_while_one_is_changed(
    hook: Receiver, settings: WebhookSettings, database: Database
) -> None:
    identity, old = endpoint(database, hook.url, settings)
    with database.writing() as session:
        shown, new = Endpoints(session).rotate(identity, SEALER, NOW, keep=3600)
    assert shown.old_secret_until == NOW + 3600
    told(database, 1)
    turns(worker(database, settings))
    told(database, 2, now=NOW + 3600)
    turns(worker(database, settings, lambda: NOW + 3600.0))
    (during, one), (after, two) = hook.seen
    for secret in (old, new):
        assert webhooks.verify(during, one, [secret.text()], now=NOW)
    assert webhooks.verify(after, two, [new.text()], now=NOW + 3600)
    with pytest.raises(Rejected):
        webhooks.verify(after, two, [old.text()], now=NOW + 3600)
    assert during["webhook-signature"].count("v1,") == 2


def test_two_workers_send_each_once(
    hook: Receiver, settings: WebhookSettings, database: Database
) -> None:
    endpoint(database, hook.url, settings)
    told(database, *range(1, 31))
    with ThreadPoolExecutor(2) as threads:
        counts = list(threads.map(turns, [worker(database, settings) for _ in range(2)]))
    assert sum(counts) == 30
    assert Counter(headers["webhook-id"] for headers, _ in hook.seen) == Counter(
        accepted(number).id for number in range(1, 31)
    )


def test_another_key_sends_nothing(
    hook: Receiver, settings: WebhookSettings, database: Database
) -> None:
    identity, _ = endpoint(database, hook.url, settings)
    told(database, 1)
    turns(worker(database, settings, sealer=Sealer(b"\x08" * 32)))
    assert hook.seen == [] and sent(database, identity)[0].answer == "refused.webhook_key"


def test_a_fault_of_ours_is_a_failure_like_any_other(
    settings: WebhookSettings, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Sender):
        async def send(self, *_: object) -> Answer:
            raise RuntimeError("whsec_secret")

    identity, _ = endpoint(database, URL, settings)
    told(database, 1)
    turns(worker(database, settings, sender=Broken(settings)))
    (row,) = sent(database, identity)
    assert (row.state, row.answer) == ("waiting", "fault") and row.due_at != NOW
    assert "RuntimeError" in caplog.text and "whsec_secret" not in caplog.text


def test_an_address_that_moved_inside_is_not_told(
    settings: WebhookSettings, database: Database
) -> None:
    async def inside(host: str, port: int) -> list[str]:
        return ["10.0.0.7"]

    identity, _ = endpoint(database, URL, settings)
    told(database, 1)
    turns(worker(database, settings, sender=Sender(settings, inside)))
    (row,) = sent(database, identity)
    assert (row.state, row.answer) == ("waiting", "refused.webhook_address")


def test_a_worker_that_is_stopped_gives_back_what_it_had(
    hook: Receiver, settings: WebhookSettings, database: Database
) -> None:
    endpoint(database, hook.url, settings)
    told(database, 1, 2, 3)
    reached, release = threading.Event(), threading.Event()

    def hold(handler: object) -> None:
        reached.set()
        release.wait(20)

    hook.answer = hold

    async def stop() -> None:
        running = asyncio.create_task(
            worker(database, settings.model_copy(update={"answer_seconds": 30.0})).run()
        )
        while not reached.is_set():
            await asyncio.sleep(0.01)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running

    asyncio.run(stop())
    release.set()
    assert len(taken(database, settings=WebhookSettings(at_once_each=9))) == 3
    with database.reading() as session:
        assert set(session.scalars(select(DeliveryRow.tries))) == {1}


def test_a_worker_runs_on(hook: Receiver, settings: WebhookSettings, database: Database) -> None:
    """It finds what is told later, and outlives a database that does not answer for a while."""
    endpoint(database, hook.url, settings)
    work = worker(database, settings)
    honest, failures = work._database.reading, [0]

    def fails() -> object:
        failures[0] += 1
        if failures[0] < 3:
            raise OperationalError("select", {}, Exception("gone"))
        return honest()

    work._database.reading = fails  # type: ignore[method-assign, assignment]

    async def run() -> None:
        running = asyncio.create_task(work.run())
        for number in (1, 2, 3):
            await asyncio.to_thread(told, database, number)
            while len(hook.seen) < number:
                await asyncio.sleep(0.01)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running

    asyncio.run(asyncio.wait_for(run(), 60))
    assert failures[0] > 2 and len(hook.seen) == 3


KILLED = """
import os, signal, sys
from pathlib import Path
from service.webhooks import worker as module
from service.webhooks.settings import WebhookSettings
from tests.service.webhooks.hook_world import NOW, SEALER, opened
from service.webhooks.sender import Sender
import asyncio
url, ca = sys.argv[1:]
settings = WebhookSettings(ca_file=Path(ca), allow_loopback=True)
work = module.Worker(opened(url), SEALER, Sender(settings), settings, clock=lambda: float(NOW))
work._settle = lambda due, answer: os.kill(os.getpid(), signal.SIGKILL)
async def main():
    await work.turn()
    await work.idle()
asyncio.run(main())
"""


def test_killed_between_sending_and_marking(
    hook: Receiver, settings: WebhookSettings, database: Database
) -> None:
    identity, _ = endpoint(database, hook.url, settings)
    told(database, 1)
    url = database.engine.url.render_as_string(hide_password=False)
    done = subprocess.run(
        [sys.executable, "-c", KILLED, url, str(settings.ca_file)],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": f".{os.pathsep}tests"}, timeout=120,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert len(hook.seen) == 1 and sent(database, identity)[0].state == "waiting"
    assert turns(worker(database, settings)) == 0  # the lease of who died
    later = NOW + queue.lease(WebhookSettings())
    assert turns(worker(database, settings, lambda: float(later))) == 1
    first, second = hook.seen
    assert first[0]["webhook-id"] == second[0]["webhook-id"] and first[1] == second[1]
    assert sent(database, identity)[0].state == "delivered"


def test_no_log_has_a_secret(
    hook: Receiver, settings: WebhookSettings, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    identity, secret = endpoint(database, hook.url, settings)
    told(database, 1)
    with caplog.at_level("DEBUG"):
        turns(worker(database, settings))
    assert identity in caplog.text and accepted(1).id in caplog.text
    assert secret.text()[6:] not in caplog.text and secret.key.hex() not in caplog.text
    assert "webhook-signature" not in caplog.text or "v1," not in caplog.text


# -- tests of an address ---------------------------------------------------------------------------
def test_a_test_comes_to_whoever_asked(database: Database) -> None:
    one, _ = endpoint(database, URL, SETTINGS, "move.announced")
    other, _ = endpoint(database, URL, SETTINGS)
    with database.writing() as session:
        event = emit_test(session, one, NOW)
    assert [each.kind for each in sent(database, one)] == ["webhook.test"] and event.data.kind
    assert sent(database, other) == []
    with database.writing() as session:
        Endpoints(session).disable(one, NOW)
        with pytest.raises(Refused, match="disabled"):
            emit_test(session, one, NOW)
        with pytest.raises(Refused, match="no such"):
            emit_test(session, "ep_" + "0" * 32, NOW)
