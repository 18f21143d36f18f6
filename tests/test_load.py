"""`make load`, short: every part runs over a real service, and the report holds what it must."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from benchmarks.load.__main__ import main
from benchmarks.load.client import Answers, Shelf, at_a_rate
from benchmarks.load.parts import PARTS


@pytest.mark.slow
def test_a_short_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stock, out = str(tmp_path / "stock"), tmp_path / "load.json"
    arguments = ["--short", "--stock", "6", "--folder", stock, "--out", str(out)]
    assert main([*arguments, "--database", "sqlite"]) == 0
    figures = json.loads(out.read_text())["sqlite"]
    assert set(figures["done"]) == set(PARTS)
    assert figures["proofs_per_second"] > 0 and figures["p99_ms"] >= figures["p50_ms"] > 0
    assert figures["parallel_accepted"] == 1 and figures["half_open"] == 30
    assert {"half_open_delay_ms", "recovery_seconds", "memory_growth_mib"} <= set(figures)
    capsys.readouterr()
    assert main([*arguments, "--database", "sqlite", "--part", "half open"]) == 0
    assert "half open: done before" in capsys.readouterr().err


def test_percentiles_are_of_the_accepted() -> None:
    answers = Answers()
    for number in range(100):
        answers.add(200, number / 1000)
    answers.add(503, 9.0)
    assert answers.milliseconds(0.5) == 50 and answers.milliseconds(0.99) == 99
    assert answers.statuses == {200: 100, 503: 1}


def test_a_proof_is_forgotten_before_it_is_sent_again() -> None:
    """The shelf never gives out what the database still knows, whatever is under way."""
    known: set[str] = set()
    sent: list[str] = []

    class Service:
        async def ask(self, request: bytes) -> tuple[int, bytes]:
            name = request.decode()
            sent.append(name)
            status = 409 if name in known else 200
            known.add(name)
            await asyncio.sleep(0.001)
            return status, b""

    async def steps() -> Answers:
        names = [f"{i}" for i in range(50)]
        shelf = Shelf([name.encode() for name in names], names, known.difference_update)
        return await at_a_rate(Service(), shelf, rate=500, seconds=0.4)  # type: ignore[arg-type]

    answers = asyncio.run(steps())
    assert len(sent) == 200 and known == set()
    assert answers.statuses[200] >= 150
