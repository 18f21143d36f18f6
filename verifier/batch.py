"""
Many proofs with one product of pairings (docs/explanation/protocol.md 9), and the verdict of each
when that product is not one.

A proof's last step is an equation e(left, [1]_2) = e(right, [tau]_2) between points. Equations are
added with random weights that nobody knew when the proofs were made: a false one then makes the sum
false, whatever the others are.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from algebra.errors import Rejected, TierproofError
from algebra.interface import Algebra, Point, PointG2, R
from verifier.algorithm import verify_steps
from verifier.key import GENERATOR_G2, VerifyingKey
from verifier.loader import ProofLoader, Residue, negated
from verifier.verify import read

WEIGHT_BITS = 128
"""A false equation survives a batch with odds of 2^-128."""

Item = tuple[VerifyingKey, Sequence[int], bytes]
"""Key, public words and proof, as `verifier.verify.verify` takes them."""


@dataclass(frozen=True, slots=True)
class Equation:
    """
    e(sum scalar * point, [1]_2) = e(right, tau_g2): what is left of a proof to check.

    Parameters
    ----------
    common : points of the terms that other proofs have too: those of the key, and the generator.
    """

    terms: tuple[tuple[int, Point], ...]
    right: Point
    tau_g2: PointG2
    common: frozenset[Point]


class EquationLoader(ProofLoader):
    """Runs all steps but the last sum and the pairing; leaves them in `equation`."""

    equation: Equation | None = None

    def sum(self, terms: Sequence[tuple[Residue, Point]]) -> tuple[tuple[int, Point], ...]:
        """The terms themselves, scalars in [0, r); nothing is added up here."""
        return tuple((scalar.number, point) for scalar, point in terms)

    def require_pairing(self, left: tuple[tuple[int, Point], ...], right: Point) -> None:
        """Leave the equation in `equation`; nothing is checked here."""
        self.equation = Equation(
            left, right, self.key.tau_g2, frozenset([*self.key.fixed, self.generator()])
        )


def verify_batch(items: Sequence[Item], *, algebra: Algebra) -> list[TierproofError | None]:
    """
    Check many proofs, under any keys and setups.

    Parameters
    ----------
    items : (key, statement, proof) each, as for `verify`.
    algebra : as for `verify`.

    Returns
    -------
    list of len(items)
        None where the item is accepted, else the error that `verify` raises for it; in the order of
        the items.

    Notes
    -----
    Cost when all hold: one sum of points and one pairing a setup, plus one for all. Each false
    proof among m costs some log2(m) more of these.
    """
    verdicts: list[TierproofError | None] = [None] * len(items)
    equations: dict[int, Equation] = {}
    for index, (key, statement, proof) in enumerate(items):
        try:
            equations[index] = equation_of(key, statement, proof, algebra)
        except TierproofError as error:
            verdicts[index] = error
    for index in false_ones(equations, algebra):
        verdicts[index] = Rejected(
            "rejected.equation", "verification: the pairing equation does not hold"
        )
    return verdicts


def require_batch(items: Sequence[Item], *, algebra: Algebra) -> None:
    """
    The same for callers that want all or nothing.

    Raises
    ------
    Malformed, Rejected
        The error of the first item that is not accepted; `index` is its place, `failed` all such
        places.
    """
    verdicts = verify_batch(items, algebra=algebra)
    failed = [index for index, error in enumerate(verdicts) if error is not None]
    for index, error in enumerate(verdicts):
        if error is not None:
            message = f"proof {index} of {len(items)}: {error.message}"
            raise type(error)(
                error.code, message, **{**error.fields, "index": index, "failed": failed}
            ) from error


def equation_of(
    key: VerifyingKey, statement: Sequence[int], proof: bytes, algebra: Algebra
) -> Equation:
    """All of `verify` but its last equation; raises what `verify` raises until there."""
    loader = EquationLoader(key, *read(key, statement, proof), algebra)
    verify_steps(loader, key.circuit, key.slots, plan=key.plan, interpret=loader.interpret)
    if loader.equation is None:
        raise RuntimeError("the steps of the verifier ended without their equation")
    return loader.equation


def false_ones(equations: dict[int, Equation], algebra: Algebra) -> list[int]:
    """
    Keys of the equations that do not hold, by halving what fails (odds of error as for a batch).
    """
    found: list[int] = []
    pending = [(list(equations), False)] if equations else []
    while pending:
        keys, known_false = pending.pop()
        if not known_false and hold(
            [equations[key] for key in keys], draw_weights(len(keys)), algebra
        ):
            continue
        if len(keys) == 1:
            found += keys
            continue
        left, right = keys[: len(keys) // 2], keys[len(keys) // 2 :]
        left_holds = hold([equations[key] for key in left], draw_weights(len(left)), algebra)
        if not left_holds:
            pending.append((left, True))
        pending.append((right, left_holds))  # all of it fails and the left does not: the right must
    return sorted(found)


def draw_weights(count: int) -> list[int]:
    """
    Weights from the operating system, never zero. Draw them when the equations are fixed, anew for
    each check.
    """
    return [1 + secrets.randbelow((1 << WEIGHT_BITS) - 1) for _ in range(count)]


def hold(equations: Sequence[Equation], weights: Sequence[int], algebra: Algebra) -> bool:
    """
    Whether the weighted sum of equations holds.

    With weights that do not depend on the equations this shows each of them
    (docs/explanation/protocol.md 9). Common points enter the sum once.
    """
    common: dict[Point, int] = {}
    own: list[tuple[int, Point]] = []
    right: dict[PointG2, list[tuple[int, Point]]] = {}
    for equation, weight in zip(equations, weights, strict=True):
        for scalar, point in equation.terms:
            if point in equation.common:
                common[point] = (common.get(point, 0) + weight * scalar) % R
            else:
                own.append((weight * scalar % R, point))
        right.setdefault(equation.tau_g2, []).append((weight, equation.right))
    own += [(scalar, point) for point, scalar in common.items()]
    pairs = [(weighted_sum(own, algebra), GENERATOR_G2)]
    pairs += [(negated(weighted_sum(terms, algebra)), tau_g2) for tau_g2, terms in right.items()]
    return algebra.pairing_check(pairs)


def weighted_sum(terms: Sequence[tuple[int, Point]], algebra: Algebra) -> Point:
    """sum scalar * point."""
    return algebra.scale_points([point for _, point in terms], [scalar for scalar, _ in terms])
