"""
The verification algorithm, written once (docs/explanation/protocol.md 6; each step cites its number
there).

It is text over a loader: on `verifier.loader.IntegerLoader` it verifies; on the recorder of
`contracts/generator` it becomes the Solidity contract. A loader's values add, subtract and multiply
mod r; its points are only ever summed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from algebra.interface import R
from circuits.language.circuit import FIXED, Circuit
from circuits.language.circuit import Loader as StatementLoader
from circuits.language.expression import CELL, CONSTANT, NAMED, Expression, fold
from circuits.language.program import first_row_column
from verifier.plan import Plan

Interpret = Callable[[Expression, Callable[[Expression], Any]], Any]
"""From an expression and the values of its leaves to its value."""


class RowsAt(Protocol):
    """
    Single rows at xi.

    Attributes
    ----------
    product : of xi omega^-row - 1 over all rows; 1 without any.
    """

    product: Any

    def indicators(self, scale: Any) -> Mapping[int, Any]:
        """
        scale * product / (xi omega^-row - 1) of each row. With scale = (xi^n - 1) / (n product)
        that is its Lagrange polynomial at xi.
        """


class Loader(StatementLoader, Protocol):
    """The arithmetic that the algorithm needs beyond a statement's."""

    def statement(self) -> Sequence[Any]:
        """The public words."""

    def point_words(self, part: str) -> Sequence[Any]:
        """The words of the points of a part of the proof, in order."""

    def points(self, part: str) -> Sequence[Any]:
        """
        The points of `record`, `stage1`, `stage2`, `quotient`, `opening`, `opening_fold`; or
        `fixed`, of the key.
        """

    def values(self) -> Sequence[Any]:
        """The claimed values, each refused if not below r."""

    def value_words(self) -> Sequence[Any]:
        """The same as words."""

    def generator(self) -> Any:
        """[1]_1."""

    def absorb(self, label: str, words: Sequence[Any]) -> None:
        """Put words into the transcript; labels follow `algebra.transcript.label_list`."""

    def challenge(self, label: str) -> Any:
        """Draw the challenge of that label, a field element, from what was absorbed so far."""

    def require_nonzero(self, value: Any, what: str) -> None:
        """Reject if the value is zero; `what` goes into the error."""

    def inverse(self, value: Any) -> Any:
        """1/value; refused for zero."""

    def rows(self, xi: Any, roots: Mapping[int, int]) -> RowsAt:
        """Rows at xi; `roots` gives omega^-row of each, ascending."""

    def sum(self, terms: Sequence[tuple[Any, Any]]) -> Any:
        """sum scalar * point."""

    def require_pairing(self, left: Any, right: Any) -> None:
        """Reject unless e(left, [1]_2) = e(right, [tau]_2)."""


def by_folding(expression: Expression, leaf: Callable[[Expression], Any]) -> Any:
    """Node by node in the loader's own arithmetic."""
    return fold(
        expression,
        leaf=leaf,
        add=lambda a, b: a + b,
        subtract=lambda a, b: a - b,
        multiply=lambda a, b: a * b,
    )


def verify_steps(
    L: Loader,
    circuit: Circuit,
    slots: int,
    *,
    plan: Plan | None = None,
    interpret: Interpret = by_folding,
) -> None:
    """
    One proof against one statement. Returns if it is accepted; the loader raises or reverts
    otherwise.

    A caller with many proofs for one circuit passes its `plan`, and may bring a quicker
    `interpret`.
    """
    plan = plan or Plan.of(circuit, slots)
    n, omega = circuit.size, plan.omega
    has_record = circuit.record_body is not None

    # 6.1 ---- statement, and everything up to the claimed values, in the order of the transcript
    words = L.statement()
    record_words = list(L.point_words("record")) if has_record else []
    scalars = statement_scalars(L, circuit, words, record_words)
    L.absorb("statement", [*words, *record_words])
    L.absorb("stage1", L.point_words("stage1"))
    for name in circuit.challenges:
        scalars[name] = L.challenge(name)
    L.absorb("stage2", L.point_words("stage2"))
    scalars["alpha"] = L.challenge("alpha")
    L.absorb("quotient", L.point_words("quotient"))
    xi = L.challenge("xi")
    L.absorb("values", L.value_words())
    claimed = dict(zip(plan.evaluations, L.values(), strict=True))

    # 6.2 ---- what the verifier knows of the domain at xi
    vanishing = power(xi, n) - 1
    L.require_nonzero(vanishing, "xi is not in the domain")
    rows = L.rows(xi, plan.rows)
    inverse = L.inverse(rows.product * xi)
    indicators = rows.indicators(vanishing * plan.size_inverse * (inverse * xi))
    guards = guard_values(L, plan, xi)

    # 6.3 ---- all constraints at xi: Z_H(xi) T(xi) - R'(xi) must equal this
    claim = interpret(plan.claim, leaves(L, circuit, claimed, scalars, indicators, guards))

    # 6.4 ---- the opening of all packs at xi and omega xi, folded by v, tested at y
    v = L.challenge("v")
    L.absorb("opening", L.point_words("opening"))
    y = L.challenge("y")
    y_pack = power(y, slots)
    at_xi, at_next, at_plain = y_pack - xi, y_pack - xi * omega, y - xi
    next_scale = inverse * rows.product * plan.gap_inverse  # 1 / (xi - omega xi)
    unrotated, rotated = at_next * at_plain, at_plain
    terms: list[tuple[Any, Any]] = []
    constant, weight = L.constant(0), L.constant(1)
    fixed, committed = iter(L.points("fixed")), iter([*L.points("stage1"), *L.points("stage2")])
    for pack in plan.packs:
        remainder = horner([claimed[name, 0] for name in pack.names], y)
        if pack.rotated:
            following = horner([claimed[name, 1] for name in pack.names], y)
            remainder = (remainder * at_next - following * at_xi) * next_scale
        factor = weight * (rotated if pack.rotated else unrotated)
        terms.append((factor, next(fixed) if pack.stage == FIXED else next(committed)))
        constant = constant - factor * remainder
        weight = weight * v
    both = at_xi * at_next
    factor = weight * both
    terms.append((factor * vanishing, L.points("quotient")[0]))
    if has_record:
        terms.append((L.constant(0) - factor, L.points("record")[0]))
    terms.append((constant - factor * claim, L.generator()))
    terms.append((L.constant(0) - both * at_plain, L.points("opening")[0]))
    terms.append((y, L.points("opening_fold")[0]))

    # 6.5 ---- e(F + y W', [1]_2) = e(W', [tau]_2)
    L.require_pairing(L.sum(terms), L.points("opening_fold")[0])


def statement_scalars(
    L: StatementLoader, circuit: Circuit, words: Sequence[Any], record: Sequence[Any]
) -> dict[str, Any]:
    """Every public scalar of the circuit by name (docs/explanation/protocol.md 6.1)."""
    if circuit.derive is not None:
        return dict(circuit.derive(L, words, (record[0], record[1]) if record else None))
    return {name: L.value(word) for name, word in zip(circuit.statement, words, strict=True)}


def guard_values(L: Loader, plan: Plan, xi: Any) -> dict[int, Any]:
    """prod_(1 <= i <= g) (xi - omega^-i) for each guard in use, by its pseudo column."""
    out, product = {}, L.constant(1)
    for i, root in enumerate(plan.guard_roots, 1):
        product = product * (xi - root)
        if i in plan.guards:
            out[plan.guards[i]] = product
    return out


def leaves(
    L: Loader,
    circuit: Circuit,
    claimed: dict[tuple[str, int], Any],
    scalars: dict[str, Any],
    indicators: Mapping[int, Any],
    guards: dict[int, Any],
) -> Callable[[Expression], Any]:
    """The value at xi of every leaf of the constraints."""
    names, last_column = [column.name for column in circuit.columns], first_row_column(circuit)

    def leaf(node: Expression) -> Any:
        if node.kind == CONSTANT:
            return L.constant(node.number % R)
        if node.kind == NAMED:
            return scalars[node.name]
        if node.kind == CELL:
            column, rotation = node.place
            return guards[column] if column > last_column else claimed[names[column], rotation]
        return indicators[node.number]

    return leaf


def power(base: Any, exponent: int) -> Any:
    """base^exponent by squaring, exponent >= 1."""
    if exponent == 1:
        return base
    half = power(base, exponent // 2)
    return half * half * base if exponent % 2 else half * half


def horner(coefficients: Sequence[Any], point: Any) -> Any:
    """sum coefficients[j] point^j."""
    total = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        total = total * point + coefficient
    return total
