"""
Forgeries of what a verifier is handed: the bytes of a proof, the public words, key files, what a
caller computes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import support.credential
from attacks.kit_prover.liar import CarelessReader, Liar
from attacks.kit_prover.mutants import Attempt, Verifier
from attacks.kit_prover.targets import Lenient, Shown, shows, small, told
from support.credential import FIRST_DAY, Case, case, close, honest, mark, thresholds
from support.feeds import market
from support.unchecked_key import unchecked

from algebra.interface import PointG2
from algebra.native_backend import native
from circuits.credential.v2.statement import derive
from history.v2 import day_rows
from history.v2 import thresholds as circuit_thresholds
from history.v2.feed import Feed
from history.v2.thresholds import LAYOUT, LIMBS_PER_WORD
from policies.place import Place
from policies.policy import example
from prover.blinding import Blinding
from tierproof.testing import PlainWitness, column


# -- the bytes of a proof --------------------------------------------------------------------------
class Uncanonical(Liar):
    """One word of what it says, plus a modulus: the same number in another encoding."""

    def __init__(self, label: str, index: int, modulus: int) -> None:
        self.place, self.modulus = (label, index), modulus

    def absorb(self, label: str, given: list[int]) -> list[int]:
        if label == self.place[0]:
            given[self.place[1]] += self.modulus
        return given


def uncanonical(label: str, index: int, modulus: int) -> Attempt:
    return shows(*told(Uncanonical(label, index, modulus), "bus"), Lenient())


def no_bits() -> Attempt:
    """The recurrence with zero bits and blinding off: its stage-1 pack is infinity."""
    _, key = small("recurrence")
    states = [5 * 3**i for i in range(10)]
    witness = PlainWitness({"x": column([], 16)}, lambda _: {"a": column(states, 16)})
    statement = (5, states[-1])
    return shows(
        key.verifying,
        statement,
        Liar().prove(key, witness, statement, blinding=lambda: 0),
        Lenient(),
    )


def other_bytes(change: Callable[[bytes], Any]) -> Attempt:
    key, statement, proof = told(Liar(), "bus")
    return shows(key, statement, change(proof))


# -- public words ----------------------------------------------------------------------------------
def first_word(add: int) -> Attempt:
    """A public word of another encoding, absorbed as it stands."""
    made, key = small("recurrence")
    statement = (made.statement[0] + add, *made.statement[1:])
    if not 0 <= statement[0] < 1 << 256:
        return shows(
            key.verifying, statement, Liar().prove(key, made.witness, made.statement), Lenient()
        )
    return shows(key.verifying, statement, Liar().prove(key, made.witness, statement), Lenient())


def bad_words(statement: Callable[[tuple[int, ...]], Sequence[Any]]) -> Attempt:
    made, key = small("recurrence")
    return shows(
        key.verifying, statement(made.statement), Liar().prove(key, made.witness, made.statement)
    )


def credential(found: Case, words: Sequence[int], blinding: Blinding | None = None) -> Shown:
    """A proof of a credential with other public words; its trace is made for them."""
    scalars = {name: value.number for name, value in derive(CarelessReader(), words, None).items()}
    with patch.object(support.credential, "StatementReader", CarelessReader):
        witness = replace(found.witness, scalars=scalars)
    key = found.world.key
    return shows(key.verifying, words, Liar().prove(key, witness, words, blinding=blinding))


def rule(number: int, change: Callable[[int], int]) -> Callable[[Verifier], Attempt]:
    """The stock credential with one word changed."""

    def make(_: Verifier) -> Attempt:
        words = list(honest().statement)
        words[number] = change(words[number])
        return credential(honest(), words)

    return make


def steady(days: int, asked: Sequence[int] = (), **numbers: Any) -> Case:
    """A close and a mark on each of so many days."""
    rows = [row for day in range(days) for row in (*close(day, 10), mark(day))]
    return case(rows, days, 100_000, thresholds(asked, **numbers))


def no_loss() -> Case:
    """Days without profit or loss, M24 asked at 0: it holds whatever days and mode are named."""
    return _no_loss(market(FIRST_DAY, 7))


def no_loss_without_feed() -> Case:
    """The same in a window without an index."""
    return _no_loss(None)


def _no_loss(feed: Feed | None) -> Case:
    rows = [mark(day) for day in range(7)]
    return case(rows, 7, 100_000, thresholds([24], worst_days=2, shortfall=0), feed=feed)


def threshold(
    name: str, value: int, found: Callable[[], Case] = honest
) -> Callable[[Verifier], Attempt]:
    """A history that meets a tier which no policy may have: one number of its words replaced."""

    def make(_: Verifier) -> Attempt:
        base, slot = found(), LAYOUT[name]
        word, limb = divmod(slot.start, LIMBS_PER_WORD)
        words, place = list(base.statement), 12 * limb
        words[5 + word] &= ~(((1 << 12 * slot.limbs) - 1) << place)
        words[5 + word] |= value << place
        return credential(base, words)

    return make


def not_increasing(k: int) -> Callable[[Verifier], Attempt]:
    """M8 of a tier whose number of days for k + 1 near days is that for k; the others increase."""
    return threshold(
        f"near_word_{k + 1}", 3 + k, lambda: steady(7, [8], near_word=tuple(range(3, 19)))
    )


def one_day(_: Verifier) -> Attempt:
    """A history of one day, from an oracle that does not mind."""
    with patch.object(day_rows, "MIN_DAYS", 1), patch.object(circuit_thresholds, "MIN_DAYS", 1):
        found = steady(1)
    return credential(found, found.statement)


def too_many_days(_: Verifier) -> Attempt:
    """A window of 367 days: there are rows for 366, so that the constraints refuse it as well."""
    words = list(honest().statement)
    first = words[4] % (1 << 24)
    words[4] = first + ((first + 366) << 24)
    return credential(honest(), words)


# -- keys and what a caller computes ---------------------------------------------------------------
def key_file(
    change: Callable[[dict[str, Any]], Any], *, sign: bool = True, algebra: Any = None
) -> Attempt:
    """A key file with a change, its digest made to fit where there is one."""
    made, key = small("recurrence")
    data = change(dict(key.verifying.to_json()))
    if sign and isinstance(data, dict):
        fixed_points = tuple((int(x, 16), int(y, 16)) for x, y in data["fixed"])
        (a, b), (c, d) = [[int(part, 16) for part in pair] for pair in data["tau_g2"]]
        tau_g2 = ((a, b), (c, d))
        slots, srs_id = int(data["slots"]), int(data["srs_id"], 16)
        data["digest"] = unchecked(
            key.verifying, slots=slots, srs_id=srs_id, tau_g2=tau_g2, fixed=fixed_points
        ).digest.hex()
    build = lambda name, size: made.circuit  # noqa: E731
    return lambda v: v.key.VerifyingKey.from_json(data, build, algebra or native())


def coordinates(point: PointG2) -> list[list[str]]:
    """A point in G2 as a key file has it."""
    return [[hex(part) for part in pair] for pair in point]


def put_field(**fields: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda data: {**data, **fields}


def first_fixed(
    change: Callable[[str, str], list[Any]],
) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda data: {**data, "fixed": [change(*data["fixed"][0]), *data["fixed"][1:]]}


def no_json(verifier: Verifier) -> None:
    """A file of another kind in a key's place."""
    verifier.key.VerifyingKey.load(
        Path(__file__), lambda name, size: small("bus")[0].circuit, native()
    )


HOME = Place(1, f"0x{1:040x}")


def scope(**parts: Any) -> Callable[[Verifier], Attempt]:
    """A scope of which something is out of range."""
    given = {"chain_id": 1, "registry": HOME.registry, **parts}
    series_id = given.pop("series_id", bytes(32))
    return lambda _: lambda verifier: verifier.place.Place(**given).scope(series_id)


def no_word(value: int) -> Callable[[Verifier], Attempt]:
    return lambda _: lambda verifier: verifier.abi.encode(value)


def public_words(**parts: int) -> Callable[[Verifier], Attempt]:
    given: dict[str, Any] = {
        "root": 1,
        "nullifier": 1,
        "account": 1,
        "place": HOME,
        "feed": 1,
        **parts,
    }

    policy = example("standard")
    return lambda _: (
        lambda verifier: verifier.statement.statement_words(policy, policy.tiers[0], **given)
    )
