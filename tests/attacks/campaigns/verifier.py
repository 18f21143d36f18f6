"""
The verifiers, check by check: each taken out in turn, in Python, in generated contracts and in the registry; and three
verifiers on the same changed proofs.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import chain, islice
from pathlib import Path
from typing import Any

from anvil_node import start_anvil
from attacks.campaigns import Progress, Result
from attacks.kit_prover import registry, solidity
from attacks.kit_prover.equation import equation
from attacks.kit_prover.forgeries import CHECKS
from attacks.kit_prover.judging import ACCEPTED, CRASH, Verdict, judge
from attacks.kit_prover.mutants import VERIFIER
from attacks.kit_prover.mutations import Mutation, randomised, structured
from attacks.kit_prover.targets import small
from support.credential import World, case, thresholds, week, world, world_of
from verifier_world import SAME, Deployed, Honest

from algebra.errors import Malformed, Rejected
from algebra.interface import Algebra
from algebra.native_backend import native
from algebra.reference import reference
from contracts.artifact import load_artifact
from contracts.chain import Chain
from prover.prove import prove
from verifier.key import VerifyingKey
from verifier.verify import verify

NAME = "verifier"
MUTATIONS = 10_000
PAIRINGS_OF_THE_INDEPENDENT = 200
"""The verifier over galois and py_ecc takes most of a second where a proof reaches the pairing; a sample of those."""
CONTRACT = "TierproofVerifier8192"


# -- chains ---------------------------------------------------------------------------------------------------------------
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


# -- checks taken out -----------------------------------------------------------------------------------------------------
class Kept:
    """Verdicts on disk, one line each, so that none is asked twice."""

    def __init__(self, path: Path) -> None:
        self.path = path
        lines = path.read_text().splitlines() if path.is_file() else []
        self.verdicts = {v.id: v for v in (Verdict(**json.loads(line)) for line in lines)}

    def add(self, verdict: Verdict) -> None:
        with self.path.open("a") as out:
            out.write(json.dumps(vars(verdict)) + "\n")
        self.verdicts[verdict.id] = verdict


def python_verdicts(kept: Kept) -> Iterator[Verdict]:
    by_id = {check.id: (check,) for check in VERIFIER.checks()}
    tasks = [(name, by_id[name], forgery) for name, forgery in CHECKS.items()]
    tasks += [(name, edits, forgery) for name, (edits, forgery) in equation().items()]
    for name, edits, forgery in tasks:
        if name not in kept.verdicts:
            yield judge(name, edits, forgery)


def contract_verdicts(kept: Kept, fast: Chain) -> Iterator[Verdict]:
    bench = solidity.Bench(fast)
    source = solidity.generated(small("recurrence")[1].verifying)
    for name, found in solidity.cases(source).items():
        if f"contract, {name}" not in kept.verdicts:
            yield solidity.judge_site(bench, name, found)
    yield from solidity.equation_verdicts(bench, kept.verdicts)
    yield from solidity.rule_verdicts(bench, world().key.verifying, kept.verdicts)


# -- three verifiers ------------------------------------------------------------------------------------------------------
def refusal(key: VerifyingKey, mutation: Mutation, algebra: Algebra) -> str | None:
    try:
        verify(key, mutation.statement, mutation.proof, algebra=algebra)
    except (Malformed, Rejected) as error:
        return SAME[error.code]
    return None


class Agreement:
    """
    The contract, the native verifier and the independent one on changed proofs.

    pairings : how many proofs that reach the equation the independent one is given.
    """

    def __init__(self, honest: Honest, deployed: Deployed, pairings: int) -> None:
        self.honest, self.deployed, self.pairings = honest, deployed, pairings
        self.counts: Counter[str] = Counter()
        self.failures: list[str] = []

    def compare(self, mutation: Mutation) -> None:
        """All refuse, with the same error unless there are several faults."""
        native_says = refusal(self.honest.key, mutation, native())
        answers = [native_says, self.deployed.refusal(mutation.statement, mutation.proof)]
        reaches = native_says in ("NotAccepted", None)
        if not reaches or self.counts["independent, equation"] < self.pairings:
            answers.append(refusal(self.honest.key, mutation, reference()))
            self.counts["independent, equation" if reaches else "independent, malformed"] += 1
        self.counts[f"{native_says}"] += 1
        if None in answers or (mutation.single and len(set(answers)) > 1):
            self.failures.append(f"{mutation.name}: {answers}")


def stock(home: World, count: int) -> tuple[Honest, list[bytes]]:
    """A credential for the setup of the committed contract, with `count` proofs."""
    made = case(week(), 7, 100_000, thresholds([1, 5, 10]), others=5, home=home)
    proofs = [prove(home.key, made.witness, made.statement, algebra=native()) for _ in range(count)]
    return Honest(home.key.verifying, made.statement, proofs[0]), proofs


def agreement(honest: Honest, proofs: list[bytes], deployed: Deployed, total: int, pairings: int) -> Agreement:
    """Compare on all structured changes, then on random ones up to `total`; fewer than all structured ones are sampled."""
    shape, found = honest.key.shape, Agreement(honest, deployed, pairings)
    source = random.Random(5)
    first = list(structured(honest.statement, honest.proof, shape))
    if total < 2 * len(first):
        first = source.sample(first, total // 2)
    more = randomised(honest.statement, proofs, shape, source)
    for mutation in chain(first, islice(more, total - len(first))):
        found.compare(mutation)
    return found


# -- all of it ------------------------------------------------------------------------------------------------------------
def run(progress: Progress, state: Path) -> Result:
    """Every check of every verifier, then the comparison."""
    kept = Kept(state / "verdicts.jsonl")
    with fast_chain() as fast:
        for source in (python_verdicts(kept), contract_verdicts(kept, fast), registry.verdicts(claiming(fast), kept.verdicts)):
            take(source, kept, progress)
        path = state / "agreement.json"
        if not path.is_file():
            progress(f"three verifiers on {MUTATIONS} changed proofs")
            honest, proofs = stock(world_of(b"tierproof dev"), 4)
            deployed = Deployed.put(fast, load_artifact(CONTRACT))
            found = agreement(honest, proofs, deployed, MUTATIONS, PAIRINGS_OF_THE_INDEPENDENT)
            path.write_text(json.dumps({"counts": found.counts, "failures": found.failures}))
    compared = json.loads(path.read_text())
    return summary(kept, compared)


FREE = {f"contract, {name}": reason for name, reason in solidity.FREE.items()}


def take(source: Iterable[Verdict], kept: Kept, progress: Progress) -> None:
    for verdict in source:
        kept.add(verdict)
        mark = "" if verdict.caught else "  free" if verdict.id in FREE else "  NOT CAUGHT"
        progress(f"{len(kept.verdicts)}: {verdict.id[:90]}{mark}")


def summary(kept: Kept, compared: dict[str, Any]) -> Result:
    """Counts; a mutant is caught if the true verifier refuses what passes without the check."""
    missed = [v for v in kept.verdicts.values() if not v.caught and v.id not in FREE]
    mutants, mutations = len(kept.verdicts), sum(
        count for name, count in compared["counts"].items() if not name.startswith("independent")
    )  # fmt: skip
    return {
        "tried": mutants + mutations,
        "caught": mutants - len(missed) - len(FREE) + mutations - len(compared["failures"]),
        "free": len(FREE),
        "details": {
            "mutants": mutants,
            "accepted without the check": sum(v.without == ACCEPTED for v in kept.verdicts.values()),
            "a crash without the check": sum(v.expect == CRASH for v in kept.verdicts.values()),
            "stopped by a second line": solidity.SECOND_LINE,
            "free": FREE,
            "not caught": [vars(v) for v in missed],
            "changed proofs": compared,
        },
    }
