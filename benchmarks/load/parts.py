"""The parts of a run, each over a service and a database of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from benchmarks.load.client import Answers, Connections, as_fast_as_answered, at_a_rate, post, shelf
from benchmarks.load.served import Forgetting, Served, prepare, served
from benchmarks.load.stock import Stock

Figures = dict[str, Any]


@dataclass(frozen=True)
class Scale:
    """How long and how much."""

    seconds: float
    requests: int
    half_open: int
    parallel: int
    clients: int = 64
    connections: int = 1024


FULL = Scale(seconds=20, requests=100_000, half_open=300, parallel=200)
SHORT = Scale(seconds=2, requests=200, half_open=30, parallel=20, clients=8, connections=128)
"""For the tests: that every part runs and says what it must."""
OVERLOAD = 5
"""Times the rate that the service sustains."""


@dataclass(frozen=True)
class Bench:
    """What the parts work with."""

    stock: Stock
    bodies: list[bytes]
    database: Callable[[], str]
    scale: Scale
    figures: Figures
    said: Callable[[str], None]

    def measure(self, work: Callable[[Served, Connections, Forgetting], Awaitable[Figures]]) -> Any:
        """Figures of work on a fresh service over a new database."""
        url = self.database()
        prepare(url)
        forgetting = Forgetting(url)
        with served(self.stock, url) as service:
            connections = Connections(service.port, self.scale.connections)

            async def whole() -> Figures:
                try:
                    return await work(service, connections, forgetting)
                finally:
                    connections.close()

            try:
                return asyncio.run(whole())
            finally:
                forgetting.close()

    def need(self, name: str) -> float:
        """A figure of an earlier part."""
        if name not in self.figures:
            raise KeyError(f"run the part that gives {name} first")
        return float(self.figures[name])


def sustained(bench: Bench) -> Figures:
    """As many clients as a batch and more, each with one proof under way."""

    async def work(service: Served, connections: Connections, forget: Forgetting) -> Figures:
        proofs = shelf(bench.bodies, forget)
        clients = min(bench.scale.clients, len(bench.bodies))
        await as_fast_as_answered(connections, proofs, clients=clients, seconds=3)  # warm
        before, started = service.processor_seconds(), time.perf_counter()
        answers = await as_fast_as_answered(
            connections, proofs, clients=clients, seconds=bench.scale.seconds
        )
        taken, accepted = time.perf_counter() - started, answers.statuses[200]
        return {
            "proofs_per_second": round(accepted / taken, 1),
            "service_ms_per_proof": _each(service.processor_seconds() - before, accepted),
            "full_p50_ms": answers.milliseconds(0.5),
            "full_p99_ms": answers.milliseconds(0.99),
            "start_seconds": round(service.ready_seconds, 1),
            **_only(answers, 200),
        }

    return bench.measure(work)


def half_load(bench: Bench) -> Figures:
    """Half of what it sustains, at even intervals."""
    rate = bench.need("proofs_per_second") / 2

    async def work(_: Served, connections: Connections, forget: Forgetting) -> Figures:
        proofs = shelf(bench.bodies, forget)
        await at_a_rate(connections, proofs, rate=rate, seconds=3)  # warm
        answers = await at_a_rate(connections, proofs, rate=rate, seconds=bench.scale.seconds)
        _only(answers, 200, 409)
        return {"p50_ms": answers.milliseconds(0.5), "p99_ms": answers.milliseconds(0.99)}

    return bench.measure(work)


def memory(bench: Bench) -> Figures:
    """What the process holds after a tenth of the requests, and after all of them."""

    async def work(service: Served, connections: Connections, forget: Forgetting) -> Figures:
        proofs = shelf(bench.bodies, forget)
        clients = min(bench.scale.clients, len(bench.bodies))
        tenth, held = bench.scale.requests // 10, []
        for part in range(10):
            answers = await as_fast_as_answered(
                connections, proofs, clients=clients, seconds=600, requests=tenth
            )
            _only(answers, 200)
            held.append(service.memory())
            bench.said(f"{(part + 1) * tenth} requests: {held[-1] / 2**20:.1f} MiB")
        return {
            "requests": 10 * tenth,
            "memory_mib": round(held[-1] / 2**20, 1),
            "memory_growth_mib": round((held[-1] - held[0]) / 2**20, 1),
        }

    return bench.measure(work)


def one_acceptance(bench: Bench) -> Figures:
    """One credential in many requests at once."""
    request = post(bench.bodies[0])

    async def work(_: Served, connections: Connections, __: Forgetting) -> Figures:
        sent = (connections.ask(request) for _ in range(bench.scale.parallel))
        statuses = [status for status, _ in await asyncio.gather(*sent)]
        return {"parallel": len(statuses), "parallel_accepted": statuses.count(200)}

    return bench.measure(work)


def overload(bench: Bench) -> Figures:
    """
    Five times what it sustains; then how long until a request alone is answered as before, within
    the latency of half load and a little.
    """
    rate = OVERLOAD * bench.need("proofs_per_second")
    usual = max(0.25, 2 * bench.need("p99_ms") / 1000)

    async def work(service: Served, connections: Connections, forget: Forgetting) -> Figures:
        proofs = shelf(bench.bodies, forget)
        flood = await at_a_rate(connections, proofs, rate=rate, seconds=bench.scale.seconds / 2)
        ended = time.perf_counter()
        while True:
            asked = time.perf_counter()
            index = await proofs.take()
            status, _ = await connections.ask(proofs.requests[index])
            proofs.put_back(index)
            if status == 200 and time.perf_counter() - asked < usual:
                break
            await asyncio.sleep(0.05)
        await proofs.settle()
        _only(flood, 200, 409, 503)
        return {
            "overload_accepted": flood.statuses[200],
            "overload_busy": flood.statuses[503],
            "recovery_seconds": round(asked - ended, 2),
        }

    return bench.measure(work)


def half_open(bench: Bench) -> Figures:
    """Connections whose request never comes to its end, and an honest client beside them."""

    async def work(service: Served, connections: Connections, forget: Forgetting) -> Figures:
        proofs = shelf(bench.bodies, forget)
        seconds = min(bench.scale.seconds, 10)
        alone = await as_fast_as_answered(connections, proofs, clients=1, seconds=seconds)
        held = [
            await asyncio.open_connection("127.0.0.1", service.port)
            for _ in range(bench.scale.half_open)
        ]
        for number, (_, writer) in enumerate(held):
            whole = post(bench.bodies[0])
            writer.write(whole[: 20 if number % 2 else len(whole) // 2])  # in the head, in the body
        beside = await as_fast_as_answered(connections, proofs, clients=1, seconds=seconds)
        new = [await _over_a_new_connection(service.port, proofs) for _ in range(20)]
        await proofs.settle()
        for _, writer in held:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
        _only(alone, 200), _only(beside, 200)
        worst = max(*beside.seconds, *new)
        return {
            "half_open": len(held),
            "half_open_delay_ms": round(1000 * max(0.0, worst - max(alone.seconds)), 1),
        }

    return bench.measure(work)


async def _over_a_new_connection(port: int, proofs: Any) -> float:
    """Seconds of a proof whose client connects for it."""
    index, fresh = await proofs.take(), Connections(port, 1)
    started = time.perf_counter()
    status, body = await fresh.ask(proofs.requests[index])
    taken = time.perf_counter() - started
    fresh.close()
    proofs.put_back(index)
    if status != 200:
        raise RuntimeError(f"beside half-open connections: {status} {body[:200]!r}")
    return taken


def _only(answers: Answers, *statuses: int) -> Figures:
    """Nothing to add; an answer that must not come ends the part."""
    others = {status: count for status, count in answers.statuses.items() if status not in statuses}
    if others or not answers.statuses[200]:
        raise RuntimeError(f"answers: {dict(answers.statuses)}, wanted {statuses}")
    return {}


def _each(seconds: float, count: int) -> float:
    return round(1000 * seconds / count, 2)


PARTS: Mapping[str, Callable[[Bench], Figures]] = {
    "sustained": sustained,
    "half load": half_load,
    "one acceptance": one_acceptance,
    "overload": overload,
    "half open": half_open,
    "memory": memory,
}
