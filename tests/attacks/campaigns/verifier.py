"""
The verifiers, check by check: each taken out in turn, in Python, in what takes credentials in, in
generated contracts and in the registry; and three verifiers on the same changed proofs.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import chain, count, islice
from pathlib import Path
from typing import Any

from anvil_node import start_anvil
from attacks.campaigns import Progress, Result, journal
from attacks.kit_prover import intake, solidity
from attacks.kit_prover.bindings import bindings
from attacks.kit_prover.equation import equation
from attacks.kit_prover.forgeries import CHECKS
from attacks.kit_prover.judging import ACCEPTED, CRASH, Forgery, Verdict, judge
from attacks.kit_prover.mutants import SERVICE, VERIFIER, Edit, Family
from attacks.kit_prover.mutations import Mutation, randomised, structured
from attacks.kit_prover.targets import small
from support.credential import World, case, thresholds, week, world, world_of
from verifier_world import SAME, Deployed, Honest

from algebra.errors import Malformed, Rejected
from algebra.interface import Algebra
from algebra.native_backend import native
from algebra.reference import reference
from contracts.build.artifact import load_artifact
from contracts.client.chain import Chain
from prover.prove import prove
from verifier.key import VerifyingKey
from verifier.verify import verify

NAME = "verifier"
MUTATIONS = 10_000
CONTRACT = "TierproofVerifier8192"


# -- chains ----------------------------------------------------------------------------------------
@contextmanager
def fast_chain() -> Iterator[Chain]:
    """An anvil of its own."""
    process, url = start_anvil()
    try:
        yield Chain.connect(url)
    finally:
        process.terminate()
        process.wait(timeout=10)


def claiming(fast: Chain) -> Callable[[int | None], Chain]:
    """The chain, or one that answers another number; that is the EVM of this process."""

    @cache
    def choose(chain_id: int | None) -> Chain:
        if chain_id is None:
            return fast
        embedded = Chain.embedded()
        if embedded.tester is None:
            raise RuntimeError("the embedded chain has no tester")
        embedded.tester.backend.chain.chain_id = chain_id
        return embedded

    return choose


# -- checks taken out ------------------------------------------------------------------------------
def python_verdicts(
    family: Family,
    checks: Mapping[str, Forgery],
    parts: Mapping[str, tuple[tuple[Edit, ...], Forgery]],
    known: Container[str],
) -> Iterator[Verdict]:
    """Every check of a family and every part, but those already `known`."""
    by_id = {check.id: (check,) for check in family.checks()}
    for name, (edits, forgery) in {
        **{name: (by_id[name], forgery) for name, forgery in checks.items()},
        **parts,
    }.items():
        if name not in known:
            yield judge(name, edits, forgery, family)


def contract_verdicts(fast: Chain, known: Container[str]) -> Iterator[Verdict]:
    bench = solidity.Bench(fast)
    source = solidity.generated(small("recurrence")[1].verifying)
    for name, found in solidity.cases(source).items():
        if f"contract, {name}" not in known:
            yield solidity.judge_site(bench, name, found)
    yield from solidity.equation_verdicts(bench, known)
    yield from solidity.rule_verdicts(bench, world().key.verifying, known)


# -- three verifiers -------------------------------------------------------------------------------
def refusal(key: VerifyingKey, mutation: Mutation, algebra: Algebra) -> str | None:
    try:
        verify(key, mutation.statement, mutation.proof, algebra=algebra)
    except (Malformed, Rejected) as error:
        return SAME[error.code]
    return None


@dataclass(frozen=True)
class Verifiers:
    """
    Contract, native verifier and independent one, and what of each batch the slow ones are given.

    pairings : proofs that reach the equation, for the independent one; it is given all others.
    embedded : proofs for the contract on the EVM of this process; all go to `fast`.
    """

    key: VerifyingKey
    fast: Deployed
    slow: Deployed
    pairings: int = 2
    embedded: int = 1

    def compare(self, batch: Sequence[Mutation]) -> Compared:
        """All refuse, with the same error unless there are several faults."""
        counts, failures = Counter[str](), []
        contract = self.fast.refusals([(mutation.statement, mutation.proof) for mutation in batch])
        for place, (mutation, said) in enumerate(zip(batch, contract, strict=True)):
            answers = [refusal(self.key, mutation, native()), said]
            reaches = answers[0] in ("NotAccepted", None)
            if not reaches or counts["independent, equation"] < self.pairings:
                answers.append(refusal(self.key, mutation, reference()))
                counts["independent, equation" if reaches else "independent, malformed"] += 1
            if place < self.embedded:
                answers.append(self.slow.refusal(mutation.statement, mutation.proof))
                counts["embedded"] += 1
            counts[f"{answers[0]}"] += 1
            if None in answers or (mutation.single and len(set(answers)) > 1):
                failures.append(f"{mutation.name}: {answers}")
        return {"counts": dict(counts), "failures": failures}


Compared = dict[str, Any]
"""`counts` by what the native verifier says, and of what the slow ones were given; `failures`."""
SLOW = ("independent, equation", "independent, malformed", "embedded")
BATCH = 100


def stock(home: World, number: int) -> tuple[Honest, list[bytes]]:
    """A credential for the setup of the committed contract, with so many proofs."""
    made = case(week(), 7, 100_000, thresholds([1, 5, 10]), others=5, home=home)
    proofs = [
        prove(home.key, made.witness, made.statement, algebra=native()) for _ in range(number)
    ]
    return Honest(home.key.verifying, made.statement, proofs[0]), proofs


def verifiers(key: VerifyingKey, fast: Chain) -> Verifiers:
    """The committed contract on both chains."""
    artifact = load_artifact(CONTRACT)
    return Verifiers(key, Deployed.put(fast, artifact), Deployed.put(Chain.embedded(), artifact))


def changed(honest: Honest, proofs: Sequence[bytes], total: int) -> Iterator[Mutation]:
    """All structured changes, or a sample that is half of `total`; then random ones up to it."""
    shape, source = honest.key.shape, random.Random(5)
    first = list(structured(honest.statement, honest.proof, shape))
    if total < 2 * len(first):
        first = source.sample(first, total // 2)
    return chain(
        first, islice(randomised(honest.statement, proofs, shape, source), total - len(first))
    )


def agreement(
    found: Verifiers, mutations: Iterable[Mutation], known: Container[str] = ()
) -> Iterator[tuple[str, Compared]]:
    """Batch by batch; those already `known` are left out."""
    rest = iter(mutations)
    for number in count():
        batch = list(islice(rest, BATCH))
        if not batch:
            return
        if f"batch {number}" not in known:
            yield f"batch {number}", found.compare(batch)


def summed(batches: Iterable[Compared]) -> Compared:
    """Counts and failures of all batches."""
    total = Counter[str]()
    failures: list[str] = []
    for batch in batches:
        total.update(batch["counts"])
        failures += batch["failures"]
    return {
        "counts": dict(total),
        "failures": failures,
        "proofs": sum(n for name, n in total.items() if name not in SLOW),
    }


# -- all of it -------------------------------------------------------------------------------------
def run(progress: Progress, state: Path) -> Result:
    """
    Every check of every verifier, then the comparison; verdicts and batches are kept as they come.
    """
    seconds: dict[str, float] = {}
    with fast_chain() as fast, journal(state / "verdicts.jsonl") as (known, keep):
        parts: dict[str, Iterable[Verdict]] = {
            "verifier": python_verdicts(VERIFIER, CHECKS, equation(), known),
            "intake": python_verdicts(SERVICE, intake.CHECKS, bindings(), known),
            "contracts": contract_verdicts(fast, known),
        }
        verdicts = [Verdict(**value) for value in known.values()]
        for name, source in parts.items():
            start = time.monotonic()
            for verdict in source:
                keep(verdict.id, vars(verdict))
                verdicts.append(verdict)
                progress(f"{len(verdicts)}: {verdict.id[:90]}{mark(verdict)}")
            seconds[name] = round(time.monotonic() - start, 1)
        with journal(state / "agreement.jsonl") as (batches, keep_batch):
            start, batches = time.monotonic(), dict(batches)
            honest, proofs = stock(world_of(b"tierproof dev"), 4)
            mutations = changed(honest, proofs, MUTATIONS)
            for name, compared in agreement(verifiers(honest.key, fast), mutations, dict(batches)):
                keep_batch(name, compared)
                batches[name] = compared
                progress(
                    f"three verifiers on changed proofs: {len(batches)} of {MUTATIONS // BATCH} "
                    "batches"
                )
            seconds["three verifiers"] = round(time.monotonic() - start, 1)
    return summary(verdicts, summed(batches.values()), seconds)


FREE = {f"contract, {name}": reason for name, reason in solidity.FREE.items()}


def mark(verdict: Verdict) -> str:
    return "" if verdict.caught else "  free" if verdict.id in FREE else "  NOT CAUGHT"


def summary(verdicts: Sequence[Verdict], compared: Compared, seconds: dict[str, float]) -> Result:
    """Counts; a mutant is caught if the true verifier refuses what passes without the check."""
    missed = [verdict for verdict in verdicts if not verdict.caught and verdict.id not in FREE]
    return {
        "tried": len(verdicts) + compared["proofs"],
        "caught": len(verdicts)
        - len(missed)
        - len(FREE)
        + compared["proofs"]
        - len(compared["failures"]),
        "free": len(FREE),
        "details": {
            "mutants": len(verdicts),
            "accepted without the check": sum(verdict.without == ACCEPTED for verdict in verdicts),
            "a crash without the check": sum(verdict.expect == CRASH for verdict in verdicts),
            "stopped by a second line": solidity.SECOND_LINE,
            "free": FREE,
            "not caught": [vars(verdict) for verdict in missed],
            "changed proofs": compared,
            "seconds of this run": seconds,
        },
    }
