"""
A prover that lies: the rounds of `prover.prove` themselves, bent at the points that a `Liar`
overrides.

It proves any trace (a witness may break constraints), may alter, drop or replace whatever the
transcript is given, fix challenges, choose T, and open packs wrongly; what it tells the transcript
is what stands in the proof. `late_point`, `late_value` and `late_word` then solve for an item that
a flawed transcript does not bind: what the equation lacks is one scalar, known to the prover.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from unittest.mock import patch

from support.proof_fields import Field, fields_of, packed, words

import prover.prove as rounds
from algebra.interface import FieldVector, Point, R
from algebra.native_backend import native
from algebra.transcript import Transcript
from circuits.language.packing import Pack, packs
from prover.blinding import Blinding, unsafe_seeded_blinding
from prover.keys import ProvingKey
from verifier.algorithm import verify_steps
from verifier.batch import equation_of
from verifier.key import VerifyingKey
from verifier.loader import ProofLoader, Residue, StatementReader
from verifier.proof import Proof

PARTS = {
    "stage1": "stage1[0]",
    "stage2": "stage2[0]",
    "quotient": "quotient",
    "values": "values[0]",
    "opening": "opening",
}
"""
First field of the proof that the transcript absorbs under each label; the record's is at the end of
the statement.
"""


class Liar:
    """
    One proof by a prover that does as it likes; subclass and override.

    After `prove`: `run` (columns and scalars), `challenges` by label, `quotient_vector`, `key`,
    `proof`.
    """

    run: Any
    key: ProvingKey
    proof: bytes
    quotient_vector: FieldVector
    rho: int
    record_vector: FieldVector | None
    opening_vector: FieldVector

    # -- the lies ----------------------------------------------------------------------------------
    def absorb(self, label: str, given: list[int]) -> Sequence[int]:
        """What transcript and proof are told instead of `given`."""
        return given

    def taken_in(self, label: str, told: Sequence[int]) -> Sequence[int]:
        """What of it the transcript takes in; less than all only under a flawed verifier."""
        return told

    def challenge(self, label: str, value: int) -> int:
        """What is used for the challenge `value`."""
        return value

    def quotient(self, vector: FieldVector) -> FieldVector:
        """T, coefficients."""
        return vector

    def packs(self, honest: list[Pack]) -> list[Pack]:
        """The packs as the opening sees them."""
        return honest

    def opened(self, pack: Pack, vector: FieldVector) -> FieldVector:
        """What is opened in place of a pack."""
        return vector

    record_counts = True
    """Whether R' enters quotient and opening."""
    quotient_opened = True
    """Whether T and R' are opened."""
    digest: bytes | None = None
    """Digest that the transcript starts from, if not the key's."""

    # -- the rounds --------------------------------------------------------------------------------
    def prove(
        self,
        key: ProvingKey,
        witness: Any,
        statement: Sequence[int],
        *,
        blinding: Blinding | None = None,
    ) -> bytes:
        """
        A proof with all lies in it; blinders are seeded, or those given (`lambda: 0`: blinding
        off).
        """
        self.key, self.challenges, self.statement = key, dict[str, int](), list(statement)
        self.told: dict[str, list[int]] = {}
        liar = self

        class BentTranscript(Transcript):
            def __init__(self, digest: bytes, names: Sequence[str]) -> None:
                super().__init__(liar.digest or digest, names)

            def absorb(self, label: str, given: Sequence[int]) -> None:
                liar.told[label] = list(liar.absorb(label, list(given)))
                super().absorb(label, liar.taken_in(label, liar.told[label]))

            def challenge(self, label: str) -> int:
                liar.challenges[label] = liar.challenge(label, super().challenge(label))
                return liar.challenges[label]

        class SeenRun(rounds._Run):
            def __init__(self, *given: Any) -> None:
                super().__init__(*given)
                liar.run = self

        bent = {
            "Transcript": BentTranscript,
            "_Run": SeenRun,
            "StatementReader": CarelessReader,
            "quotient_coefficients": self._quotient,
            "open_all": self._open,
            "finite": encoded,
        }
        with patch.multiple(rounds, **bent):
            honest = rounds.prove(
                key,
                witness,
                statement,
                algebra=Encoding(),
                blinding=blinding or unsafe_seeded_blinding(b"liar"),
            )
        self.proof = self._spliced(honest)
        return self.proof

    def _quotient(self, run: Any, record: FieldVector | None, rho: int) -> FieldVector:
        given = (record, rho) if self.record_counts else (None, 0)
        self.record_vector, self.rho = given
        self.quotient_vector = self.quotient(QUOTIENT(run, *given))
        return self.quotient_vector

    def _open(
        self, run: Any, xi: int, quotient: FieldVector, record: FieldVector | None, rho: int
    ) -> Any:
        order = iter(self.packs(packs(run.circuit, run.key.verifying.slots)))
        committed: list[FieldVector] = []

        class Opening(Encoding):
            """The algebra, with packs replaced as they enter the opening."""

            @staticmethod
            def interleave(columns: Sequence[FieldVector | None], length: int) -> FieldVector:
                return self.opened(next(order), native().interleave(columns, length))

            @staticmethod
            def msm(bases: Any, scalars: FieldVector) -> Point:
                committed.append(scalars)
                return native().msm(bases, scalars)

        if not self.quotient_opened:
            quotient, record = native().linear_combination([0], [quotient]), None
        record = record if self.record_counts else None
        run.algebra = Opening()
        try:
            with patch.object(
                rounds, "packs", lambda *_: self.packs(packs(run.circuit, run.key.verifying.slots))
            ):
                return OPEN(run, xi, quotient, record, rho)
        finally:
            run.algebra = native()
            self.opening_vector = committed[0]

    def _spliced(self, proof: bytes) -> bytes:
        fields = self.fields()
        for label, told in self.told.items():
            field = fields.get(PARTS.get(label, "record"))
            if label == "statement":
                told = told[len(self.statement) :]
            if field is not None and told:
                proof = (
                    proof[: 32 * field.word]
                    + packed(*told)
                    + proof[32 * (field.word + len(told)) :]
                )
        return proof

    # -- what the prover knows ---------------------------------------------------------------------
    def fields(self) -> dict[str, Field]:
        """Places of the proof by name."""
        return {field.name: field for field in fields_of(self.key.verifying.shape)}

    def claim(self, values: Sequence[int]) -> int:
        """
        All constraints at xi for claimed values, which a sound verifier holds against T; no check
        is made.
        """
        return claim_at(self.key.verifying, self.statement, self.record(), values, self.challenges)

    def record(self) -> tuple[int, int] | None:
        if self.key.circuit.record_body is None:
            return None
        x, y = self.told["statement"][len(self.statement) :]
        return x, y

    def wanted(self) -> int:
        """Z_H(xi) T(xi) - R'(xi)."""
        xi, n = self.challenges["xi"], self.key.circuit.size
        vanishing = (pow(xi, n, R) - 1) % R
        value = vanishing * native().evaluate([self.quotient_vector], xi)[0]
        if self.record_vector is not None:
            value -= native().evaluate([self.record_vector], xi)[0] + self.rho * vanishing
        return value % R

    def defect(self, equation: Any = equation_of) -> int:
        """
        F(y), zero iff the proof is accepted: e(F + y W', 1) = e(W', tau) e([F(y)], 1) for the W' of
        a prover.

        Right if C' commits to the record cells. equation : `verifier.batch.equation_of`, or a
        flawed one.
        """
        terms = equation(self.key.verifying, self.statement, self.proof, native()).terms
        value = self._polynomials_at(self.challenges["y"])
        return sum(scalar * at for (scalar, _), at in zip(terms, value, strict=True)) % R

    def _polynomials_at(self, y: int) -> list[int]:
        """
        Every committed polynomial at y, in the order of the verifier's terms, 1 for [1]; zero for
        W'.
        """
        algebra, slots, out = native(), self.key.verifying.slots, []
        for pack in packs(self.key.circuit, slots):
            at = algebra.evaluate(
                [self.run.coefficients[name] for name in pack.names], pow(y, slots, R)
            )
            out.append(sum(value * pow(y, j, R) for j, value in enumerate(at)) % R)
        out.append(algebra.evaluate([self.quotient_vector], y)[0])
        if self.record_vector is not None:
            vanishing = pow(y, self.key.circuit.size, R) - 1
            out.append((algebra.evaluate([self.record_vector], y)[0] + self.rho * vanishing) % R)
        return [*out, 1, algebra.evaluate([self.opening_vector], y)[0], 0]

    # -- items that a flawed transcript leaves free to the end -------------------------------------
    def late_point(self, name: str, equation: Any) -> bytes:
        """
        The proof with a multiple of [1] added to one of its points, so that the equation holds.
        """
        field, defect = self.fields()[name], self.defect(equation)
        x, y = words(field.of(self.proof))
        terms = equation(self.key.verifying, self.statement, self.proof, native()).terms
        scalar = next(scalar for scalar, point in terms if point == (x, y))
        point = native().scale_points([(x, y), (1, 2)], [1, -defect * pow(scalar, -1, R) % R])
        self.proof = field.replaced(self.proof, packed(*(point or (0, 0))))
        return self.proof

    def late_value(self, name: str, equation: Any) -> bytes:
        """The same with one claimed value changed; one that the constraints have in degree one."""
        field, honest = self.fields()[name], self.proof
        at = words(field.of(honest))[0]

        def moved(by: int) -> int:
            self.proof = field.replaced(honest, packed((at + by) % R))
            return self.defect(equation)

        moved(root_of_line(moved))
        return self.proof

    def late_word(self, index: int, equation: Any) -> tuple[int, ...]:
        """The statement, one word changed so that the proof as it is shows it."""
        honest = list(self.statement)

        def moved(by: int) -> int:
            self.statement = [*honest[:index], (honest[index] + by) % R, *honest[index + 1 :]]
            return self.defect(equation)

        moved(root_of_line(moved))
        return tuple(self.statement)


class Balanced(Liar):
    """
    Claims false values whose sum of constraints is that of T: what commitments to values leave to
    the openings.

    Parameters
    ----------
    moves : how the values move together, by name and rotation; a line that the constraints follow
        in degree one.
    """

    def __init__(self, **moves: int) -> None:
        self.moves = moves

    def absorb(self, label: str, given: list[int]) -> Sequence[int]:
        if label != "values":
            return given
        names = [f"{name}_{rotation}" for name, rotation in self.key.verifying.plan.evaluations]
        step = [self.moves.get(name, 0) for name in names]

        def moved(by: int) -> list[int]:
            return [(value + by * part) % R for value, part in zip(given, step, strict=True)]

        wanted = self.wanted()
        return moved(root_of_line(lambda by: (self.claim(moved(by)) - wanted) % R))


def root_of_line(function: Callable[[int], int]) -> int:
    """Where a function of degree one is zero; ArithmeticError if it is of another degree."""
    zero, one, two = function(0), function(1), function(2)
    if (two - one - (one - zero)) % R or zero == one:
        raise ArithmeticError("not of degree one")
    return zero * pow(zero - one, -1, R) % R


class _Claimed(Exception):
    """Carries the claim out of the verifier's steps."""


def claim_at(
    key: VerifyingKey,
    statement: Sequence[int],
    record: tuple[int, int] | None,
    values: Sequence[int],
    challenges: Mapping[str, int],
) -> int:
    """What the verifier makes of claimed values under known challenges (step 6.3)."""
    shape, point = key.shape, (1, 2)

    class Probe(ProofLoader):
        value, require_less = CarelessReader.value, CarelessReader.require_less

        def absorb(self, label: str, given: Sequence[int]) -> None:
            pass

        def challenge(self, label: str) -> Residue:
            return Residue(challenges[label])

        def interpret(self, expression: Any, leaf: Any) -> Residue:
            raise _Claimed(super().interpret(expression, leaf).number)

    proof = Proof(
        record, (point,) * shape.stage1, (point,) * shape.stage2, point, tuple(values), point, point
    )
    loader = Probe(key, list(statement), proof, native())
    try:
        verify_steps(loader, key.circuit, key.slots, plan=key.plan, interpret=loader.interpret)
    except _Claimed as claimed:
        return int(claimed.args[0])
    raise RuntimeError("the steps ended without a claim")


QUOTIENT, OPEN = rounds.quotient_coefficients, rounds.open_all


class CarelessReader(StatementReader):
    """Takes words as they are."""

    def value(self, word: int) -> Residue:
        return Residue(word % R)

    def require_less(self, left: Any, right: Any, what: str) -> None:
        pass


class Encoding:
    """The algebra, with infinity as C' written as a prover would have to write it."""

    def __getattr__(self, name: str) -> Any:
        return getattr(native(), name)

    @staticmethod
    def scale_points(points: Sequence[Point], scalars: Sequence[int]) -> Point:
        return native().scale_points(points, scalars) or (0, 0)


def encoded(points: Sequence[Point]) -> list[tuple[int, int]]:
    """Infinity is written as (0, 0), as the precompiles have it."""
    return [point or (0, 0) for point in points]
