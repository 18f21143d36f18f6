"""
D3, D4, D6 on batches: a precompile that is missing, fails or answers something else makes no batch
count, and whatever gas a batch is given, what it says that counts is what counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from eth.exceptions import VMError
from grants.grants_world import ACCOUNTS_OF_A_LIFE, NOTHING, PROOF, STRANGER, World, started
from grants.machine import Reverted
from grants.wallets import wallet

pytestmark = pytest.mark.evm
PLACES = {name: bytes(19) + bytes([at]) for name, at in (("add", 6), ("multiply", 7), ("pair", 8))}
FALSE = b"\xff" + PROOF
"""MockVerifier's equation of it does not hold."""
ACCOUNTS = tuple(ACCOUNTS_OF_A_LIFE.values())


def _fails(computation: Any) -> Any:
    raise VMError("stub")


def _answers(words: bytes) -> Callable[[Any], Any]:
    def answer(computation: Any) -> Any:
        computation.output = words
        return computation

    return answer


MANNERS: dict[str, Callable[[Any], Any]] = {
    "fails": _fails,
    "answers nothing": _answers(b""),
    "answers a byte": _answers(b"\1"),
    "answers a word of zero": _answers(bytes(32)),
    "answers a word, 2": _answers(bytes(31) + b"\2"),
    "answers three words of zero": _answers(bytes(96)),
}


@pytest.fixture
def world() -> Iterator[World]:
    """The accounts are wallets, which need no precompile of the curve."""
    with started() as built:
        built.submit()
        for account in ACCOUNTS:
            wallet(built.machine, "echo", bytes.fromhex(account.address[2:]))
        yield built


def claims(world: World, proof: bytes = PROOF) -> list[Any]:
    """One of each account by a nullifier of its own; the last one with this proof."""
    listed = []
    for i, account in enumerate(ACCOUNTS, 1):
        consent = world.agreed(account, deadline=world.machine.now + 9, nullifier=i)
        told = proof if i == len(ACCOUNTS) else PROOF
        listed.append((world.claim(account, nullifier=i, proof=told), consent, NOTHING))
    return listed


@pytest.fixture
def precompiles(world: World, monkeypatch: pytest.MonkeyPatch) -> dict[bytes, Any]:
    """Those of this chain, to change."""
    computation = world.machine.computation
    changed = dict(computation._precompiles)
    monkeypatch.setattr(computation, "_precompiles", changed)
    return changed


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("proof", [PROOF, FALSE], ids=["true", "false"])
def test_d4_a_missing_precompile(
    world: World, precompiles: dict[bytes, Any], name: str, proof: bytes
) -> None:
    """It answers success and no data."""
    del precompiles[PLACES[name]]
    with world.refuses("PrecompileFailed"):
        world.batch(*claims(world, proof))
    assert not any(world.runs(account) for account in ACCOUNTS)


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("manner", MANNERS)
def test_d3_a_precompile_that_lies(
    world: World, precompiles: dict[bytes, Any], name: str, manner: str
) -> None:
    precompiles[PLACES[name]] = MANNERS[manner]
    for proof in (PROOF, FALSE):
        with pytest.raises(Reverted) as caught:
            world.batch(*claims(world, proof))
        assert caught.value.name in ("PrecompileFailed", "BatchNotAccepted")
    assert not any(world.runs(account) for account in ACCOUNTS)


def test_d6_a_batch_says_what_counts(world: World) -> None:
    """Starved, a claim may fail alone or the call with it; none counts that is not said to."""
    data = world.grants.data("onboardBatch", claims(world))
    machine, place = world.machine, world.grants.place
    with machine.undone():
        machine.call(STRANGER, place, data)
        used = machine.gas_used
    found = set()
    for gas in (*range(used // 8, used * 2, used // 40), *range(used - 900, used + 900, 150)):
        with machine.undone():
            try:
                counted = int.from_bytes(machine.call(STRANGER, place, data, gas))
            except Reverted:
                counted = 0
            runs = sum(world.runs(account) << i for i, account in enumerate(ACCOUNTS))
            assert runs == counted
            found.add(counted)
    assert {0, 0b111} <= found
