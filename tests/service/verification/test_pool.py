"""
The pool: concurrent proofs as batches, its bounds, what is answered when it stops, and what a
forked child finds of it.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine
from typing import Any

import pytest
from support.processes import in_fork

from tests.service.verification.world import FALSE, FAULT, Told, pool_of, send, start, until


def run(steps: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(steps, 60))


def test_what_comes_while_a_batch_is_verified_is_the_next_batch() -> None:
    told = Told(gate=threading.Event())
    pool = pool_of(told, workers=1, batch_limit=8)

    async def steps() -> list[str]:
        first = start(pool, b"first")
        await until(lambda: len(told.batches) == 1)
        others = [start(pool, FALSE if i == 3 else b"%d" % i, f"{i}") for i in range(10)]
        await until(lambda: pool.pending == 11)
        told.gate.set()  # type: ignore[union-attr]
        return [await first, *await asyncio.gather(*others)]

    outcomes = run(steps())
    assert outcomes == ["accepted"] * 4 + ["rejected.equation"] + ["accepted"] * 6
    assert list(map(len, told.batches)) == [1, 8, 2] and pool.pending == 0
    pool.close()


def test_the_first_waits_for_company() -> None:
    """Until the batch is full; the time alone is tested on the line."""
    told = Told()
    pool = pool_of(told, workers=2, batch_limit=3, gather_ms=1000, clock=lambda: 0.0)

    async def steps() -> None:
        sent = [start(pool, b"1"), start(pool, b"2")]
        await until(lambda: pool.pending == 2)
        await asyncio.sleep(0.02)
        assert told.batches == []
        sent.append(start(pool, b"3"))
        assert await asyncio.gather(*sent) == ["accepted"] * 3

    run(steps())
    assert list(map(len, told.batches)) == [3]
    pool.close()


def test_who_sent_a_false_proof_is_verified_apart() -> None:
    told = Told()
    pool = pool_of(told, workers=1, clock=lambda: 0.0)

    async def steps() -> None:
        assert await send(pool, FALSE, "liar") == "rejected.equation"
        assert await send(pool, FAULT, "odd") == "fault"
        told.gate = threading.Event()
        blocker = start(pool, b"first", "a")
        await until(lambda: len(told.batches) == 3)
        sent = [start(pool, b"%d" % i, client) for client in ("liar", "odd", "b") for i in range(2)]
        await until(lambda: pool.pending == 7)
        told.gate.set()
        await asyncio.gather(blocker, *sent)

    run(steps())
    assert told.batches[3:] == [[b"0", b"1"]] * 3
    pool.close()


def test_a_full_pool_is_fair() -> None:
    """Who fills it gives way to others, and no proof is left without an answer."""
    told = Told(gate=threading.Event())
    pool = pool_of(told, workers=1, queue_limit=5, batch_limit=2)

    async def steps() -> dict[str, list[str]]:
        sent = {"greedy": [start(pool, b"0", "greedy")], "modest": []}
        await until(lambda: len(told.batches) == 1)
        sent["greedy"] += [start(pool, b"%d" % i, "greedy") for i in range(1, 8)]
        await until(lambda: pool.pending == 5)
        sent["modest"] += [start(pool, b"m%d" % i, "modest") for i in range(3)]
        await until(lambda: sum(task.done() for tasks in sent.values() for task in tasks) == 6)
        told.gate.set()  # type: ignore[union-attr]
        return {name: await asyncio.gather(*tasks) for name, tasks in sent.items()}

    outcomes = run(steps())
    assert outcomes["modest"] == ["accepted", "accepted", "unavailable.busy"]
    assert outcomes["greedy"] == ["accepted"] * 3 + ["unavailable.busy"] * 5
    verified = sorted(proof for batch in told.batches for proof in batch)
    assert pool.pending == 0 and verified == [b"0", b"1", b"2", b"m0", b"m1"]
    pool.close()


def test_who_leaves_before_his_turn_is_not_verified() -> None:
    told = Told(gate=threading.Event())
    pool = pool_of(told, workers=1)

    async def steps() -> None:
        running = start(pool, b"running")
        await until(lambda: len(told.batches) == 1)
        gone, staying = start(pool, b"gone"), start(pool, b"staying")
        await until(lambda: pool.pending == 3)
        gone.cancel()
        running.cancel()  # too late: its proof is verified to the end
        await asyncio.sleep(0)
        assert pool.pending == 3  # a place is free when the verifier is
        told.gate.set()  # type: ignore[union-attr]
        assert await staying == "accepted"

    run(steps())
    assert told.batches == [[b"running"], [b"staying"]] and pool.pending == 0
    pool.close()


def test_a_pool_that_stops_answers_everybody() -> None:
    """What is verified has its verdict, what waits or comes has 503."""
    told = Told(gate=threading.Event())
    pool = pool_of(told, workers=1, batch_limit=2)

    async def steps() -> list[str]:
        running = start(pool, b"running")
        await until(lambda: len(told.batches) == 1)
        waiting = [start(pool, b"%d" % i) for i in range(5)]
        await until(lambda: pool.pending == 6)
        closing = asyncio.get_running_loop().run_in_executor(None, pool.close)
        turned_away = await asyncio.gather(*waiting)
        late = await send(pool, b"late")
        assert not closing.done()
        told.gate.set()  # type: ignore[union-attr]
        outcome = await running
        await closing
        return [outcome, *turned_away, late, await send(pool, b"later")]

    assert run(steps()) == ["accepted"] + ["unavailable.busy"] * 7
    assert told.batches == [[b"running"]] and pool.pending == 0


def test_a_system_without_a_thread_takes_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told()
    pool = pool_of(told)

    def no_thread(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", no_thread)
        assert run(send(pool, b"refused")) == "RuntimeError"
        assert pool.pending == 0
    assert run(send(pool, b"accepted")) == "accepted" and told.batches == [[b"accepted"]]
    pool.close()


def test_1000_proofs_of_many_clients_each_have_their_own_verdict() -> None:
    told = Told()
    pool = pool_of(told, workers=4, queue_limit=1000, batch_limit=16, gather_ms=1)

    async def steps() -> list[str]:
        proofs = [FALSE if i % 7 == 3 else b"%d" % i for i in range(1000)]
        sent = [start(pool, proof, f"{i % 23}") for i, proof in enumerate(proofs)]
        return await asyncio.gather(*sent)

    outcomes = run(steps())
    assert outcomes == ["rejected.equation" if i % 7 == 3 else "accepted" for i in range(1000)]
    assert pool.pending == 0 and sum(map(len, told.batches)) == 1000
    pool.close()


# -- forks -----------------------------------------------------------------------------------------
forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform does not fork")


@forks
def test_a_forked_child_verifies_with_threads_of_its_own() -> None:
    told = Told()
    pool = pool_of(told)
    assert run(send(pool, b"parent")) == "accepted"
    assert in_fork(lambda: (run(send(pool, b"child")), run(send(pool, FALSE)), pool.pending)) == (
        ("accepted", "rejected.equation", 0)
    )
    assert run(send(pool, b"parent")) == "accepted"
    pool.close()


@forks
def test_a_fork_amid_the_work_of_the_parent() -> None:
    """A child starts empty, though the parent's lock is held and its line full at that moment."""
    told = Told(gate=threading.Event())
    pool = pool_of(told, workers=1, queue_limit=3)

    def child() -> list[str]:
        told.gate = None
        return [run(send(pool, b"%d" % i)) for i in range(4)]

    async def steps() -> list[str]:
        sent = [start(pool, b"parent %d" % i) for i in range(3)]
        await until(lambda: pool.pending == 3 and len(told.batches) == 1)
        with pool._changed:
            assert in_fork(child) == ["accepted"] * 4
        told.gate.set()  # type: ignore[union-attr]
        return await asyncio.gather(*sent)

    assert run(steps()) == ["accepted"] * 3
    pool.close()
