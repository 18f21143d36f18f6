"""
The prover: one function a round, numbered as in docs/explanation/protocol.md 5, over any algebra.

The text knows nothing of credentials: a witness brings its columns, the key its circuit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from algebra.interface import Algebra, Basis, Column, FieldVector, Point, R, root_of_unity
from algebra.transcript import Transcript
from circuits.language.circuit import (
    BLINDING_ROWS,
    BLINDING_ROWS_UNROTATED,
    END_ROWS,
    FIRST,
    FIXED,
    MAXIMUM_DEGREE,
    SECOND,
    Circuit,
)
from circuits.language.expression import ZERO, add_all, cell, multiply_all
from circuits.language.packing import evaluations, packs
from circuits.language.program import GUARDS, compile_program
from prover.blinding import Blinding, os_blinding
from prover.keys import KEPT_ROWS, ProvingKey, require_hiding
from verifier.algorithm import statement_scalars
from verifier.loader import StatementReader
from verifier.proof import Proof

Progress = Callable[[str], None]
COSET_SHIFTS = tuple(pow(5, i + 1, R) for i in range(MAXIMUM_DEGREE - 1))
"""5 generates the field's group, so these cosets of H are disjoint from H and from each other."""


class Witness(Protocol):
    """What a circuit's own code brings to a proof."""

    def stage1(self, record: tuple[int, int] | None, rho: int) -> Mapping[str, Column]:
        """All stage-1 columns, blinding rows left zero, given C' = C + rho H."""

    def stage2(self, scalars: Mapping[str, int]) -> Mapping[str, Column]:
        """All registers but the running sum, from public scalars and challenges."""

    @property
    def record_commitment(self) -> Point:
        """C, the attested commitment; used only by circuits with a record column."""


@dataclass
class _Run:
    """State that the rounds share: columns by name in three forms, the transcript, the scalars."""

    key: ProvingKey
    algebra: Algebra
    blinding: Blinding
    transcript: Transcript
    scalars: dict[str, int]
    values: dict[str, FieldVector] = field(default_factory=dict)
    coefficients: dict[str, FieldVector] = field(default_factory=dict)

    @property
    def circuit(self) -> Circuit:
        return self.key.circuit


def prove(
    key: ProvingKey,
    witness: Witness,
    statement: Sequence[int],
    *,
    algebra: Algebra,
    blinding: Blinding = os_blinding,
    progress: Progress = lambda _: None,
) -> bytes:
    """
    Prove that the witness meets the statement; the bytes are a `verifier.proof.Proof`.

    The prover does not check its witness: a wrong one gives a proof that no verifier accepts. Use
    `check_trace` before.

    Raises
    ------
    Malformed
        `malformed.proving_key`: commitments with this key would show cells.
    """
    require_hiding(key, algebra)
    circuit, words = key.circuit, list(statement)

    # 5.1 ---- record commitment C' = C + rho H, statement, stage-1 columns
    progress("1 witness and trace commitments")
    rho = blinding() if circuit.record_body is not None else 0
    record: Any = None
    if circuit.record_body is not None:
        record = algebra.scale_points([witness.record_commitment, key.vanishing_point], [1, rho])
    scalars = {
        name: value.number
        for name, value in statement_scalars(
            StatementReader(), circuit, words, record or ()
        ).items()
    }
    run = _Run(
        key, algebra, blinding, Transcript(key.verifying.digest, circuit.challenges), scalars
    )
    for name, column, coefficients in zip(
        circuit.names(FIXED), key.fixed, key.fixed_coefficients, strict=True
    ):
        run.values[name], run.coefficients[name] = column, coefficients
    run.transcript.absorb("statement", [*words, *(record or ())])
    stage1 = commit_columns(run, FIRST, witness.stage1(record, rho))
    run.transcript.absorb("stage1", flat(stage1))

    # 5.2 ---- challenges; registers, helper columns, running sum
    progress("2 lookups, bus and registers")
    for name in circuit.challenges:
        run.scalars[name] = run.transcript.challenge(name)
    stage2 = commit_arguments(run, witness)
    run.transcript.absorb("stage2", flat(stage2))

    # 5.3 ---- quotient
    progress("3 quotient")
    run.scalars["alpha"] = run.transcript.challenge("alpha")
    record_vector = record_coefficients(run) if circuit.record_body is not None else None
    quotient = quotient_coefficients(run, record_vector, rho)
    quotient_point = algebra.msm(key.powers, quotient)
    run.transcript.absorb("quotient", flat([quotient_point]))

    # 5.4 ---- claimed values at xi and omega xi
    progress("4 values")
    xi = run.transcript.challenge("xi")
    names = evaluations(circuit, key.verifying.slots)
    at_xi = algebra.evaluate(
        [run.coefficients[name] for name, rotation in names if rotation == 0], xi
    )
    following = xi * root_of_unity(circuit.size) % R
    at_next = algebra.evaluate(
        [run.coefficients[name] for name, rotation in names if rotation == 1], following
    )
    values = (*at_xi, *at_next)
    run.transcript.absorb("values", values)

    # 5.5 ---- one opening W of everything, folded to y by W'
    progress("5 opening")
    opening, opening_fold = open_all(run, xi, quotient, record_vector, rho)
    progress("done")
    last_points = finite([quotient_point, opening, opening_fold])
    return Proof(
        record,
        tuple(finite(stage1)),
        tuple(finite(stage2)),
        last_points[0],
        values,
        *last_points[1:],
    ).to_bytes()


def flat(points: Sequence[Point]) -> list[int]:
    """Coordinates of points in order."""
    return [coordinate for point in finite(points) for coordinate in point]


def finite(points: Sequence[Point]) -> list[tuple[int, int]]:
    """The points, none at infinity: with blinding that has odds of 1 in r."""
    if any(point is None for point in points):
        raise ArithmeticError(
            "a commitment is the point at infinity: blinding is off, or a column is missing"
        )
    return [point for point in points if point is not None]


# 5.1
# --------------------------------------------------------------------------------------------------
def blind(run: _Run, column: Column, rows: int) -> Column:
    """The column with its last `rows` rows random."""
    n = run.circuit.size
    return Column(
        column.narrow, {**column.wide, **{n - rows + i: run.blinding() for i in range(rows)}}
    )


def commit_columns(run: _Run, stage: int, columns: Mapping[str, Column]) -> list[Point]:
    """Blind, lift and commit the columns of a stage that come as cells, pack by pack."""
    points = []
    for pack in packs(run.circuit, run.key.verifying.slots):
        if pack.stage != stage:
            continue
        parts = []
        for slot, name in enumerate(pack.names):
            column = blind(run, columns[name], BLINDING_ROWS_UNROTATED)
            run.values[name] = run.algebra.lift(column)
            parts.append(run.algebra.msm_column(run.key.bases[slot], column))
        points.append(run.algebra.add_points(parts))
    for name in run.circuit.names(stage):
        run.coefficients[name] = run.algebra.interpolate(run.values[name])
    return points


# 5.2
# --------------------------------------------------------------------------------------------------
def commit_arguments(run: _Run, witness: Witness) -> list[Point]:
    """
    Stage 2: helper columns as fractions of the trace, registers from the witness, the running sum
    over all.
    """
    circuit, algebra, n = run.circuit, run.algebra, run.circuit.size
    registers = witness.stage2(run.scalars)
    blinded: dict[str, Column] = {}
    for name in circuit.names(SECOND, rotated=False):
        blinded[name] = blind(run, empty(n), BLINDING_ROWS_UNROTATED)
    for name in circuit.names(SECOND, rotated=True):
        blinded[name] = blind(run, registers.get(name, empty(n)), BLINDING_ROWS)
        if name != "running_sum":
            run.values[name] = algebra.lift(blinded[name])
    make_helpers(run, blinded)
    if circuit.running_sum is not None:
        run.values["running_sum"] = sum_column(run, blinded["running_sum"])
    points = []
    for pack in packs(circuit, run.key.verifying.slots):
        if pack.stage == SECOND:
            points.append(
                algebra.add_points([
                    algebra.msm_column(run.key.bases[slot], blinded[name]) if name in registers
                    else algebra.msm(run.key.bases[slot], run.values[name])
                    for slot, name in enumerate(pack.names)
                ])
            )  # fmt: skip
    for name in circuit.names(SECOND):
        run.coefficients[name] = algebra.interpolate(run.values[name])
    return points


def empty(n: int) -> Column:
    return Column(np.zeros(n, dtype=np.uint16))


def usable_rows(run: _Run, excluded: int) -> FieldVector:
    """One on all rows but the last `excluded`."""
    mask = empty(run.circuit.size)
    mask.narrow[: run.circuit.size - excluded] = 1
    return run.algebra.lift(mask)


def trace_columns(run: _Run) -> list[FieldVector]:
    """
    Evaluation vectors in column order, then L_0; columns not made yet stand in as L_0, and are not
    read.
    """
    first = empty(run.circuit.size)
    first.narrow[0] = 1
    indicator = run.algebra.lift(first)
    return [run.values.get(column.name, indicator) for column in run.circuit.columns] + [indicator]


def make_helpers(run: _Run, blinded: Mapping[str, Column]) -> None:
    """h = sum N_i/D_i on usable rows, random on the last three."""
    algebra, outputs = run.algebra, []
    for helper in run.circuit.helpers:
        denominators = [d for _, d in helper.fractions]
        outputs.append(
            add_all(
                n * multiply_all(d for j, d in enumerate(denominators) if j != i)
                for i, (n, _) in enumerate(helper.fractions)
            )
        )
        outputs.append(multiply_all(denominators))
    if not outputs:
        return
    compiled = compile_program(run.circuit, outputs)
    results = algebra.run(compiled.program, trace_columns(run), compiled.scalar_values(run.scalars))
    usable = usable_rows(run, BLINDING_ROWS_UNROTATED)
    for helper, numerator, denominator in zip(
        run.circuit.helpers, results[::2], results[1::2], strict=True
    ):
        value = algebra.multiply(algebra.multiply(numerator, algebra.inverse(denominator)), usable)
        run.values[helper.column] = algebra.linear_combination(
            [1, 1], [value, algebra.lift(blinded[helper.column])]
        )


def sum_column(run: _Run, blinded: Column) -> FieldVector:
    """
    Exclusive prefix sum of all helpers and terms; it is zero again on row n - END_ROWS, random
    after.
    """
    circuit, algebra = run.circuit, run.algebra
    total = add_all(
        [cell(circuit.index(h.column)) for h in circuit.helpers]
        + [term for _, term in circuit.sum_terms]
    )
    compiled = compile_program(circuit, [total])
    increments = algebra.run(
        compiled.program, trace_columns(run), compiled.scalar_values(run.scalars)
    )[0]
    sums = algebra.prefix_sum(algebra.multiply(increments, usable_rows(run, END_ROWS)))
    return algebra.linear_combination(
        [1, 1], [algebra.multiply(sums, usable_rows(run, BLINDING_ROWS)), algebra.lift(blinded)]
    )


# 5.3
# --------------------------------------------------------------------------------------------------
def record_coefficients(run: _Run) -> FieldVector:
    """R, the record column without its blinder, from the limbs."""
    compiled = compile_program(run.circuit, [run.circuit.record_body or ZERO])
    values = run.algebra.run(
        compiled.program, trace_columns(run), compiled.scalar_values(run.scalars)
    )[0]
    return run.algebra.interpolate(values)


def quotient_coefficients(run: _Run, record: FieldVector | None, rho: int) -> FieldVector:
    """
    T = (combined + R') / Z_H from its values on MAXIMUM_DEGREE - 1 cosets of H, one coset in memory
    at a time.
    """
    algebra, circuit, n = run.algebra, run.circuit, run.circuit.size
    program, scalars = (
        run.key.quotient_program.program,
        run.key.quotient_program.scalar_values(run.scalars),
    )
    residues = []
    for shift in COSET_SHIFTS:
        fixed, pseudo = known_columns(run.key, algebra, shift)
        columns = [
            fixed[c.name]
            if c.name in fixed
            else algebra.evaluate_on_coset(run.coefficients[c.name], shift)
            for c in circuit.columns
        ] + pseudo
        vanishing = (pow(shift, n, R) - 1) % R
        inverse = pow(vanishing, -1, R)
        (numerator,) = algebra.run(program, columns, scalars)
        del columns
        parts, weights = [numerator], [inverse]
        if record is not None:
            parts += [
                algebra.evaluate_on_coset(record, shift),
                algebra.powers(1, n, rho, Basis.COSET, shift),
            ]
            weights += [inverse, 1]
        residues.append(algebra.interpolate(algebra.linear_combination(weights, parts)))
    # T = t_0 + X^n t_1 + X^2n t_2, and the coset of shift s shows t_0 + u t_1 + u^2 t_2 with u =
    # s^n
    rows = vandermonde_inverse([pow(shift, n, R) for shift in COSET_SHIFTS])
    return algebra.concatenate([algebra.linear_combination(row, residues) for row in rows])


def known_columns(
    key: ProvingKey, algebra: Algebra, shift: int
) -> tuple[dict[str, FieldVector], list[FieldVector]]:
    """
    Fixed and pseudo columns on a coset: alike in every proof, so the key keeps those of a class up
    to `KEPT_ROWS`.
    """
    kept = key.on_cosets.get(shift)
    if kept is None:
        circuit = key.circuit
        fixed = zip(circuit.names(FIXED), key.fixed_coefficients, strict=True)
        kept = (
            {name: algebra.evaluate_on_coset(coefficients, shift) for name, coefficients in fixed},
            pseudo_columns(algebra, circuit.size, root_of_unity(circuit.size), shift),
        )
        if circuit.size <= KEPT_ROWS:
            key.on_cosets[shift] = kept
    return kept


def pseudo_columns(algebra: Algebra, n: int, omega: int, shift: int) -> list[FieldVector]:
    """L_0 and the guard polynomials on a coset, in the order of `circuits.language.program`."""
    point = algebra.powers(omega, n, shift, Basis.COSET, shift)
    ones = algebra.powers(1, n, 1, Basis.COSET, shift)
    scale = (pow(shift, n, R) - 1) * pow(n, -1, R) % R
    first = algebra.inverse(algebra.linear_combination([1, R - 1], [point, ones]))
    out, guard = [algebra.linear_combination([scale], [first])], ones
    for i in range(1, max(GUARDS) + 1):
        guard = algebra.multiply(
            guard, algebra.linear_combination([1, -pow(omega, -i, R) % R], [point, ones])
        )
        if i in GUARDS:
            out.append(guard)
    return out


def vandermonde_inverse(points: Sequence[int]) -> list[list[int]]:
    """Rows r with sum_j r[l][j] * (sum_m points[j]^m t_m) = t_l."""
    size = len(points)
    matrix = [
        [pow(u, m, R) for m in range(size)] + [int(i == j) for j in range(size)]
        for i, u in enumerate(points)
    ]
    for i in range(size):
        pivot = next(r for r in range(i, size) if matrix[r][i])
        matrix[i], matrix[pivot] = matrix[pivot], matrix[i]
        scale = pow(matrix[i][i], -1, R)
        matrix[i] = [x * scale % R for x in matrix[i]]
        for r in range(size):
            if r != i and matrix[r][i]:
                factor = matrix[r][i]
                matrix[r] = [
                    (x - factor * y) % R for x, y in zip(matrix[r], matrix[i], strict=True)
                ]
    return [row[size:] for row in matrix]


# 5.5
# --------------------------------------------------------------------------------------------------
def open_all(
    run: _Run, xi: int, quotient: FieldVector, record: FieldVector | None, rho: int
) -> tuple[Point, Point]:
    """W = sum of v^i (f_i - r_i)/Z_i, and W' that opens the fold of everything at y to zero."""
    algebra, circuit, n, slots = run.algebra, run.circuit, run.circuit.size, run.key.verifying.slots
    omega = root_of_unity(n)
    following = xi * omega % R
    v = run.transcript.challenge("v")
    groups: dict[bool, tuple[list[int], list[FieldVector]]] = {False: ([], []), True: ([], [])}
    weight = 1
    for pack in packs(circuit, slots):
        weights, polynomials = groups[pack.rotated]
        names = [run.coefficients[name] for name in pack.names]
        polynomials.append(algebra.interleave([*names, *[None] * (slots - len(names))], n))
        weights.append(weight)
        weight = weight * v % R
    vanishing = (pow(xi, n, R) - 1) % R
    # Z_H(xi) T - R', with R' = R + rho Z_H; constants do not matter, each division drops its
    # remainder
    plain, plain_weights = [quotient], [vanishing]
    if record is not None:
        top = algebra.vector([0] * n + [rho], Basis.COEFFICIENT)
        plain, plain_weights = [quotient, record, top], [vanishing, R - 1, R - 1]
    last = algebra.linear_combination(plain_weights, plain)
    parts, part_weights = [algebra.divide_by_binomial(last, 1, xi)], [weight]
    sums = {
        rotated: algebra.linear_combination(*group) for rotated, group in groups.items() if group[0]
    }
    if False in sums:
        parts.append(algebra.divide_by_binomial(sums[False], slots, xi))
        part_weights.append(1)
    if True in sums:
        once = algebra.divide_by_binomial(sums[True], slots, xi)
        parts.append(algebra.divide_by_binomial(once, slots, following))
        part_weights.append(1)
    opening = algebra.linear_combination(part_weights, parts)
    opening_point = algebra.msm(run.key.powers, opening)
    run.transcript.absorb("opening", flat([opening_point]))
    y = run.transcript.challenge("y")
    y_pack = pow(y, slots, R)
    at_xi, at_next, at_plain = (y_pack - xi) % R, (y_pack - following) % R, (y - xi) % R
    fold_weights = [weight * at_xi * at_next % R, -at_xi * at_next * at_plain % R]
    fold_parts = [last, opening]
    for rotated, factor in ((False, at_next * at_plain % R), (True, at_plain)):
        if rotated in sums:
            fold_weights.append(factor)
            fold_parts.append(sums[rotated])
    fold = algebra.linear_combination(fold_weights, fold_parts)
    return opening_point, algebra.msm(run.key.powers, algebra.divide_by_binomial(fold, 1, y))


__all__ = ["Progress", "Witness", "prove"]
