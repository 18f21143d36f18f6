"""
The transcript: every bit that the verifier reads moves all later challenges and none before; items
left out, told twice or in another order, and challenges known beforehand, give proofs that only a
flawed verifier accepts; contracts walk the same list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from attacks.campaigns import Progress, Result
from attacks.kit_prover.equation import equation
from attacks.kit_prover.judging import judge
from attacks.kit_prover.liar import Liar
from attacks.kit_prover.mutants import outcome, sound
from attacks.kit_prover.targets import shows, small, told
from support.credential import ALL_METRICS, honest, world
from support.small import SMALL

from algebra.interface import Point
from algebra.native_backend import native
from algebra.transcript import ABSORB, SQUEEZE, Transcript, label_list
from contracts.generator import generate
from prover.prove import prove
from verifier.algorithm import verify_steps
from verifier.key import VerifyingKey
from verifier.loader import IntegerLoader, Residue
from verifier.verify import read

NAME = "transcript"
BITS = 256
Step = tuple[str, str, tuple[int, ...]]
Judged = tuple[VerifyingKey, tuple[int, ...], bytes]


class RecordingLoader(IntegerLoader):
    """Notes every word that the steps read, by part, and what the transcript is given and gives."""

    def __init__(self, key: VerifyingKey, statement: Sequence[int], proof: bytes) -> None:
        super().__init__(key, *read(key, statement, proof), native())
        self.reads: dict[str, tuple[int, ...]] = {}
        self.log: list[Step] = []

    def statement(self) -> Sequence[int]:
        self.reads["statement"] = tuple(super().statement())
        return super().statement()

    def points(self, part: str) -> Sequence[Point]:
        points = super().points(part)
        if part != "fixed":  # of the key, whose digest the transcript starts from
            self.reads[part] = tuple(word for point in points for word in point or ())
        return points

    def values(self) -> list[Residue]:
        self.reads["values"] = tuple(value.number for value in super().values())
        return super().values()

    def absorb(self, label: str, words: Sequence[int]) -> None:
        self.log.append((ABSORB, label, tuple(words)))
        super().absorb(label, words)

    def challenge(self, label: str) -> Residue:
        value = super().challenge(label)
        self.log.append((SQUEEZE, label, (value.number,)))
        return value


def recorded(key: VerifyingKey, statement: Sequence[int], proof: bytes) -> RecordingLoader:
    """A whole verification, accepted."""
    loader = RecordingLoader(key, statement, proof)
    verify_steps(loader, key.circuit, key.slots, plan=key.plan, interpret=loader.interpret)
    return loader


AFTER_THE_LAST = "opening_fold"
"""W', which no challenge follows: the equation alone holds it."""


def unabsorbed(loader: RecordingLoader) -> list[str]:
    """Parts that the steps read and the transcript does not take in, word for word."""
    absorbed = {label: words for kind, label, words in loader.log if kind == ABSORB}
    reads = dict(loader.reads)
    reads["statement"] += reads.pop("record", ())
    return [part for part, words in reads.items() if absorbed.get(part) != words]


def challenges(
    digest: bytes, names: Sequence[str], log: Sequence[Step], change: tuple[int, int, int] | None
) -> list[Any]:
    """(step, value) of all challenges, with one bit changed: step, word, bit."""
    run, out = Transcript(digest, names), []
    for step, (kind, label, words) in enumerate(log):
        if kind == SQUEEZE:
            out.append((step, run.challenge(label)))
            continue
        given = list(words)
        if change and change[0] == step:
            given[change[1]] ^= 1 << change[2]
        run.absorb(label, given)
    return out


def sensitivity(
    key: VerifyingKey, log: Sequence[Step], bits: Sequence[int]
) -> Iterator[tuple[str, bool]]:
    """Name of each changed bit, and whether all later challenges moved and no earlier one did."""
    names = key.circuit.challenges
    plain = challenges(key.digest, names, log, None)
    for step, (kind, label, words) in enumerate(log):
        for index in range(len(words) if kind == ABSORB else 0):
            for bit in bits:
                changed = challenges(key.digest, names, log, (step, index, bit))
                right = all(
                    (value != other) == (place > step)
                    for (place, value), (_, other) in zip(plain, changed, strict=True)
                )
                yield f"{label}[{index}] bit {bit}", right
    for bit in bits:
        digest = (int.from_bytes(key.digest, "big") ^ 1 << bit).to_bytes(32, "big")
        changed = challenges(digest, names, log, None)
        yield f"key digest bit {bit}", all(a != b for a, b in zip(plain, changed, strict=True))


# -- provers that do not keep to it ----------------------------------------------------------------
class Untrue(Liar):
    """Its own transcript takes in something else than what the proof says."""

    def __init__(self, label: str, change: Callable[[list[int]], list[int]]) -> None:
        self.label, self.change = label, change

    def taken_in(self, label: str, told: Sequence[int]) -> Sequence[int]:
        return self.change(list(told)) if label == self.label else told


CHANGES: dict[str, Callable[[list[int]], list[int]]] = {
    "left out": lambda words: [],
    "told twice": lambda words: words + words,
    "backwards": lambda words: words[::-1],
    "without the last word": lambda words: words[:-1],
    "with a word of zero": lambda words: [*words, 0],
}


def untrue() -> Iterator[tuple[str, str]]:
    """Name and outcome of honest traces whose transcript is not that of the protocol."""
    for label in [label for kind, label in label_list(()) if kind == ABSORB]:
        for name, change in CHANGES.items():
            key, statement, proof = told(Untrue(label, change), "record")
            yield f"{label} {name}", outcome(shows(key, statement, proof), sound())


# -- contracts -------------------------------------------------------------------------------------
def contract_steps(source: str) -> list[tuple[str, str]]:
    """The transcript of a contract, from its statements and not from its header."""
    return re.findall(r'state := (absorb|squeeze)\(state,(?: 0x[0-9a-f]+,)? "(\w+)"', source)


def keys() -> Iterator[tuple[str, VerifyingKey]]:
    yield from ((name, small(name)[1].verifying) for name in SMALL)
    yield "credential", world().key.verifying


def transcript_parts() -> list[str]:
    """Names of the parts of `equation.equation` that are about the transcript."""
    return [name for name in equation() if name.endswith((": absorbed", ": drawn", " known"))]


# -- all of it -------------------------------------------------------------------------------------
def judged() -> Iterator[tuple[str, Judged]]:
    """An accepted proof of every circuit."""
    for name in SMALL:
        yield name, told(Liar(), name)
    found = honest(*ALL_METRICS)
    proof = prove(world().key, found.witness, found.statement, algebra=native())
    yield "credential", (world().key.verifying, found.statement, proof)


def run(progress: Progress, state: Path) -> Result:
    """Every bit of every item; a minute."""
    tried, failures, items = 0, [], {}
    for name, given in judged():
        loader, before = recorded(*given), tried
        failures += [
            f"{name}: {part} is not absorbed"
            for part in unabsorbed(loader)
            if part != AFTER_THE_LAST
        ]
        for bit, right in sensitivity(given[0], loader.log, range(BITS)):
            tried += 1
            failures += [] if right else [f"{name}: {bit}"]
        items[name] = (tried - before) // BITS
        progress(f"{name}: {items[name]} items, every bit")
    for cheat, said in untrue():
        tried += 1
        failures += [] if said == "rejected.equation" else [f"{cheat}: {said}"]
    for name in transcript_parts():
        verdict = judge(name, *equation()[name])
        tried += 1
        failures += (
            [] if verdict.caught else [f"{name}: {verdict.with_check}, without {verdict.without}"]
        )
    for name, key in keys():
        tried += 1
        same = contract_steps(generate(key, "Listed")) == list(label_list(key.circuit.challenges))
        failures += [] if same else [f"{name}: the contract walks another list"]
    details = {
        "items": items,
        "bits of each": BITS,
        "parts": transcript_parts(),
        "not caught": failures,
    }
    return {"tried": tried, "caught": tried - len(failures), "free": 0, "details": details}
