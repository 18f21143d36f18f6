"""
A check taken out, and what becomes of the forgery that it alone stops.

A forgery is accepted by the verifier without the check, and refused by the true one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from attacks.kit_prover.mutants import VERIFIER, Attempt, Edit, Family, Verifier, outcome

ACCEPTED, CRASH = "accepted", "crash"


@dataclass(frozen=True)
class Forgery:
    """
    make : from the flawed verifier, which a forger knows, to the attempt.
    also : ids of checks that stop the same; they are taken out with it, and have their own entries.
    given : changes of the true verifier and the flawed one alike, such as a hash that gives what it
        never will.
    expect : `accepted`; `crash`, where the check keeps an exception from leaving the verifier; or
        the code of another refusal, where what the check stops cannot be proven anyway.
    """

    make: Callable[[Verifier], Attempt]
    also: tuple[str, ...] = ()
    given: tuple[Edit, ...] = ()
    expect: str = ACCEPTED


@dataclass(frozen=True)
class Verdict:
    """What became of one mutant."""

    id: str
    with_check: str
    without: str
    expect: str

    @property
    def caught(self) -> bool:
        """Refused by an error of ours with the check, and as expected without it."""
        refused = self.with_check != ACCEPTED and not self.with_check.startswith(CRASH)
        return refused and self.without.split()[0] == self.expect != self.with_check


def judge(
    identity: str, edits: Sequence[Edit], forgery: Forgery, family: Family = VERIFIER
) -> Verdict:
    """Try a forgery on the true verifier and without the check."""
    by_id = {check.id: check for check in family.checks()}
    without = family.flawed(*edits, *(by_id[name] for name in forgery.also), *forgery.given)
    true = family.flawed(*forgery.given) if forgery.given else family.sound()
    attempt = forgery.make(without)
    return Verdict(identity, outcome(attempt, true), outcome(attempt, without), forgery.expect)


def plain(
    make: Callable[..., Attempt], *arguments: Any, **options: Any
) -> Callable[[Verifier], Attempt]:
    """A forgery that needs nothing of the flawed verifier."""
    return lambda _: make(*arguments, **options)


def stops(attempt: Attempt, also: tuple[str, ...] = (), expect: str = ACCEPTED) -> Forgery:
    """A forgery that is the same for every flawed verifier."""
    return Forgery(lambda _: attempt, also, expect=expect)
