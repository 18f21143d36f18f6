"""Many writers at once, each with connections of its own: the database decides between them."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session
from support.postgres import Cluster

from algebra.errors import Unavailable
from service.audit.database import whole
from service.store import credentials
from service.store import database as module
from service.store.database import Database
from service.store.store import Store
from service.store.tables import CredentialRow
from tests.service.store import store_world as world
from tests.service.store.store_world import POLICY, said

ELSEWHERE = world.ELSEWHERE[0]


def each_of(url: str, writers: int, action: Callable[[Store, int], object]) -> Counter[str]:
    """What becomes of `action(store, number)` in so many threads, each with a store of its own."""
    start = threading.Barrier(writers)

    def work(store: Store, number: int) -> str:
        start.wait(60)
        return said(lambda: action(store, number))

    with ExitStack() as stack, ThreadPoolExecutor(writers) as threads:
        stores = [stack.enter_context(closing(world.opened(url))) for _ in range(writers)]
        return Counter(threads.map(work, stores, range(writers)))


@pytest.mark.parametrize("writers", [8, 32])
def test_of_distinct_credentials_all_are_accepted(url: str, store: Store, writers: int) -> None:
    def three(store: Store, number: int) -> None:
        for turn in range(3):
            store.accept(POLICY, world.credential(1 + 3 * number + turn))

    assert each_of(url, writers, three) == {"done": writers}
    assert store.ping()["credentials"] == 3 * writers
    with store.database.reading() as session:
        assert len(whole(session).entries) == 4 + 3 * writers


@pytest.mark.parametrize("writers", [8, 32])
def test_of_one_credential_by_everybody_one_is_accepted(
    url: str, store: Store, writers: int
) -> None:
    accepted: list[int] = []

    def often(store: Store, number: int) -> None:
        for _ in range(200 // writers):
            code = said(lambda: store.accept(POLICY, world.credential(7, account=1 + number)))
            if code == "done":
                accepted.append(1 + number)
            else:
                assert code == "refused.nullifier_used"

    assert each_of(url, writers, often) == {"done": writers}
    found = store.credential(7)
    assert found is not None and [found.account] == accepted
    assert [kind for kind, _ in world.logged(store)].count("accepted") == 1


def test_a_revocation_among_them(url: str, store: Store) -> None:
    """What was accepted stands before the revocation in the log, and nothing after it."""

    def accept_or_revoke(store: Store, number: int) -> None:
        if number == 4:
            store.revoke_root(POLICY.attestor_set, world.ROOT)
        else:
            store.accept(POLICY, world.credential(1 + number))

    answers = each_of(url, 8, accept_or_revoke)
    kinds = [kind for kind, _ in world.logged(store)]
    assert set(answers) <= {"done", "refused.root_revoked"} and kinds[-1] == "root-revoked"
    assert kinds.count("accepted") == answers["done"] - 1 == store.ping()["credentials"]


def test_one_transaction_writes_at_a_time(url: str, store: Store) -> None:
    """Another process's database waits until the first has committed, and then sees it."""
    with closing(Database(url)) as other, ThreadPoolExecutor(1) as threads:

        def count() -> int:
            with other.writing() as session:
                return session.scalar(select(func.count()).select_from(CredentialRow)) or 0

        with store.database.writing() as session:
            waiting = threads.submit(count)
            credentials.accept(session, POLICY, world.credential(9), world.NOW)
            assert not waiting.done()
        assert waiting.result(20) == 1


def test_who_reads_sees_one_state(store: Store) -> None:
    with store.database.reading() as session:
        count = select(func.count()).select_from(CredentialRow)
        before = session.scalar(count)
        store.accept(POLICY, world.credential(9))
        assert before == session.scalar(count) == 0
    assert store.ping()["credentials"] == 1


# ---- transactions that are given up --------------------------------------------------------------
class Given(Exception):
    """As psycopg's errors: with a state."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


def failing(times: int, error: DBAPIError) -> tuple[Callable[[Session], str], list[int]]:
    """A function of a transaction that fails so many times, and the list of its calls."""
    calls: list[int] = []

    def function(session: Session) -> str:
        calls.append(len(calls))
        if len(calls) <= times:
            raise error
        return "done"

    return function, calls


@pytest.mark.parametrize("state", ["40001", "40P01"])
def test_what_the_database_gives_up_is_done_anew(
    store: Store, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LONGEST_PAUSE", 0)
    error = OperationalError("", {}, Given(state))
    function, calls = failing(module.TRIES - 1, error)
    assert store.database.transact(function) == "done" and len(calls) == module.TRIES
    function, calls = failing(module.TRIES, error)
    with pytest.raises(Unavailable) as caught:
        store.database.transact(function)
    assert caught.value.code == "unavailable.database" and len(calls) == module.TRIES


@pytest.mark.parametrize("error", [OperationalError("", {}, Given("57P01")),
                                   IntegrityError("", {}, Exception("secret words"))])  # fmt: skip
def test_what_fails_for_good_is_not_done_again(store: Store, error: DBAPIError) -> None:
    function, calls = failing(1, error)
    with pytest.raises(Unavailable) as caught:
        store.database.transact(function)
    assert len(calls) == 1 and "secret" not in caught.value.message


def test_a_real_deadlock(postgres: Cluster) -> None:
    """With somebody who keeps to no order: ours is given up, and done anew when he is gone."""
    url = postgres.database()
    lock = "SELECT * FROM deployments WHERE chain_id = '{}' FOR UPDATE"
    first, second = (text(lock.format(place.chain_id)) for place in (world.PLACE, ELSEWHERE))
    calls: list[int] = []

    def stranger() -> None:
        other.execute(first)
        other.rollback()

    def ours(session: Session) -> None:
        calls.append(len(calls))
        session.execute(text("SET LOCAL deadlock_timeout = '50ms'"))
        session.execute(first)
        if len(calls) == 1:
            threads.submit(stranger)
            while not session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                time.sleep(0.01)
        session.execute(second)

    with closing(world.opened(url)) as store, closing(Database(url)) as database:
        world.fill(store)
        store.register_policy(POLICY, [ELSEWHERE])
        with ThreadPoolExecutor(1) as threads, database.engine.connect() as other:
            other.execute(text("SET deadlock_timeout = '60s'"))
            other.execute(second)
            store.database.transact(ours)
    assert calls == [0, 1]
