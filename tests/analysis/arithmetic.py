"""
Proofs of the arithmetic of effective terms: `make prove-terms`.

Every claim of `claims` is proven by z3 of the contracts' own text (`formula.py`), with every
duty of the calls in it; of each of its mutants, the text with one place changed, the proof fails.
What is read off the text tells the terms that the model of `policies.effective` tells, which other
tests compare with the EVM; read off a changed text it does not.
"""

from __future__ import annotations

import argparse
import sys
from time import monotonic

import z3

from tests.analysis.agreement import disagreements
from tests.analysis.claims import CHECKS, LIBRARIES, Check
from tests.analysis.formula import Program
from tests.analysis.values import CONTRACTS

SECONDS = 300
"""For one question, far more than any takes."""
ACCOUNTS = 60
CHANGED = ("Glide", "+ ONE - 1) / ONE", "+ ONE) / ONE")


def text(library: str) -> str:
    """A library's source."""
    return (CONTRACTS / "src" / "grants" / f"{library}.sol").read_text(encoding="utf-8")


def program(mutant: tuple[str, str, str] | None = None) -> Program:
    """The libraries, or what they are with one place changed."""
    sources = {library: text(library) for library in LIBRARIES}
    if mutant is not None:
        library, old, new = mutant
        if sources[library].count(old) != 1:
            raise ValueError(f"{library}: {old!r} does not stand there once")
        sources[library] = sources[library].replace(old, new)
    return Program({f"src/grants/{name}.sol": source for name, source in sources.items()})


def verdict(check: Check, found: Program) -> tuple[str, str]:
    """`proven`, `refuted` or `unknown`, and of what and why."""
    found.duties, found.quotients, found.summaries = [], [], {}
    claim = check.claim(found)
    given = claim.given
    if not claim.by_lemmas:
        given = z3.And(given, *[is_quotient(*each) for each in found.quotients])
    then = claim.then if isinstance(claim.then, list) else [claim.then]
    questions = [(f"part {i} of the claim", given, part) for i, part in enumerate(then, 1)]
    questions += [
        (f"no revert, no wrap at {duty.where}", z3.And(given, duty.path), duty.holds)
        for duty in found.duties
    ]
    for what, case, holds in questions:
        solver = solver_of(claim.by_lemmas)
        solver.add(case, z3.Not(holds))
        answer = solver.check()
        if answer == z3.sat:
            return "refuted", f"{what}: {solver.model()}"
        if answer != z3.unsat:
            return "unknown", f"{what}: {solver.reason_unknown()}"
    empty = z3.Solver()
    empty.add(given)
    return ("proven", "") if empty.check() == z3.sat else ("unknown", "what is given is never so")


def solver_of(by_lemmas: bool) -> z3.Solver:
    """Where lemmas say all that is needed of products, these are not looked into."""
    solver = z3.Solver()
    solver.set("timeout", SECONDS * 1_000)
    if by_lemmas:
        solver.set("smt.arith.nl", False)
    return solver


def is_quotient(value: z3.ArithRef, left: z3.ArithRef, right: z3.ArithRef) -> z3.BoolRef:
    """What a quotient of whole numbers is."""
    exact = z3.And(value * right <= left, left < (value + 1) * right)
    return z3.Implies(z3.And(left >= 0, right > 0), exact)


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0 if all is proven and every mutant refuted."""
    parser = argparse.ArgumentParser(description="Prove the arithmetic of effective terms.")
    parser.add_argument("names", nargs="*", help="of claims; all of them")
    chosen = parser.parse_args(arguments).names
    checks = [check for check in CHECKS if not chosen or check.name in chosen]
    failed = 0
    found = program()
    if not chosen:
        wrong = disagreements(found, ACCOUNTS)
        seen = len(disagreements(program(CHANGED), ACCOUNTS))
        print(f"{len(wrong)} of {ACCOUNTS} accounts disagree, of a changed text {seen}", flush=True)
        failed += bool(wrong) + (seen == 0)
    for check in checks:
        began = monotonic()
        answer, why = verdict(check, found)
        failed += answer != "proven"
        print(
            f"{answer}: {check.name}, {monotonic() - began:.1f} s: {check.says} {why}", flush=True
        )
        for mutant in check.mutants:
            answer, why = verdict(check, program(mutant))
            failed += answer != "refuted"
            print(f"  {answer} ({why.split(':')[0]}): {mutant[0]} with {mutant[2]!r}", flush=True)
    print(f"{len(checks)} claims, {failed} failures")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
