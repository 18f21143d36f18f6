"""Jobs of one transaction: each by itself undone or kept, all told after the commit."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from support.processes import in_fork

from algebra.errors import Refused, Unavailable
from service.store import database as module
from service.store import together
from service.store.database import Database
from service.store.together import Job


@pytest.fixture
def database(tmp_path: Path) -> Any:
    made = Database(f"sqlite:///{tmp_path}/together.sqlite")
    with made.writing() as session:
        session.execute(text("CREATE TABLE taken (name TEXT PRIMARY KEY)"))
    yield made
    made.close()


def names(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(text("SELECT name FROM taken ORDER BY name")))


def take(name: str) -> Any:
    def job(session: Session) -> str:
        session.execute(text("INSERT INTO taken VALUES (:name)"), {"name": name})
        if name.startswith("refused"):
            raise Refused("refused.nullifier_used", name)
        return name

    return job


def at_once(database: Database, jobs: list[Any]) -> tuple[list[Any], int]:
    """What came of jobs that all wait for the turn, and how many transactions were committed."""
    outcomes: list[Any] = [None] * len(jobs)
    commits: list[int] = []

    def run(index: int) -> None:
        try:
            outcomes[index] = database.transact(jobs[index])
        except Exception as error:
            outcomes[index] = error

    event.listen(database.engine, "commit", lambda _: commits.append(1))
    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(jobs))]
    with database._turn:
        for thread in threads:
            thread.start()
        while len(database._together._waiting) < len(jobs):
            pass
    for thread in threads:
        thread.join(30)
    return outcomes, len(commits)


def test_who_waits_shares_a_commit(database: Database) -> None:
    outcomes, commits = at_once(database, [take(f"{i:02}") for i in range(20)])
    assert outcomes == names(database) == [f"{i:02}" for i in range(20)] and commits == 1


def test_more_may_wait_than_one_transaction_takes(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has the turn goes on until his own is done, in whatever place it stands."""
    monkeypatch.setattr(together, "MOST", 8)
    before = [Job(take(f"{i:02}")) for i in range(20)]
    for job in before:
        database._together.wait(job)
    assert database.transact(take("mine")) == "mine"
    assert [job.answer() for job in before] == names(database)[:-1]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform does not fork")
def test_a_forked_child_has_connections_of_its_own(database: Database) -> None:
    """Also where a thread of the parent has the turn at that moment."""
    assert database.transact(take("parent")) == "parent"
    with database._turn:
        assert in_fork(lambda: database.transact(take("child"))) == "child"
    assert database.transact(take("parent again")) == "parent again"
    assert names(database) == ["child", "parent", "parent again"]


def test_what_one_refuses_undoes_it_alone(database: Database) -> None:
    jobs = [take("a"), take("refused"), take("b"), lambda _: 1 // 0, take("c")]
    outcomes, commits = at_once(database, jobs)
    assert outcomes[0::2] == ["a", "b", "c"] and commits == 1
    assert isinstance(outcomes[1], Refused) and isinstance(outcomes[3], ZeroDivisionError)
    assert names(database) == ["a", "b", "c"]


def test_of_two_who_take_the_same_one_has_it(database: Database) -> None:
    outcomes, _ = at_once(database, [take("same") for _ in range(5)])
    assert outcomes.count("same") == 1
    refused = [each for each in outcomes if each != "same"]
    assert all(isinstance(each, Unavailable) for each in refused) and names(database) == ["same"]


def test_a_commit_that_fails_is_nobodys(database: Database) -> None:
    def fail(_: object) -> None:
        raise OperationalError("COMMIT", {}, Exception("disk full"))

    event.listen(database.engine, "commit", fail)
    outcomes, _ = at_once(database, [take("a"), take("b")])
    event.remove(database.engine, "commit", fail)
    assert [type(each) for each in outcomes] == [Unavailable, Unavailable]
    assert names(database) == [] and database.transact(take("c")) == "c"


def test_what_the_database_gives_up_is_done_anew(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []

    def job(session: Session) -> str:
        tried.append(1)
        if len(tried) < 3:
            raise OperationalError("x", {}, Exception("deadlock"))
        return str(take("a")(session))

    monkeypatch.setattr(database._together, "_passes", lambda _: True)
    monkeypatch.setattr(module, "_passes", lambda _: True)
    outcomes, _ = at_once(database, [job, take("b")])
    assert outcomes == ["a", "b"] and len(tried) == 3 and names(database) == ["a", "b"]


def test_who_has_no_turn_in_time_leaves_the_line(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.01)
    with database._turn, pytest.raises(Unavailable):
        database.transact(take("late"))
    assert database.transact(take("next")) == "next" and names(database) == ["next"]
