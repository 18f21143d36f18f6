"""
Forgeries of the rounds: known challenges, items that the transcript does not bind, openings that
say something else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from attacks.kit_prover.liar import Balanced, Liar
from attacks.kit_prover.mutants import Attempt, Edit, Verifier, edit
from attacks.kit_prover.targets import lie, shows, small, told

from algebra.interface import Basis, FieldVector, Point, R, root_of_unity
from algebra.native_backend import native
from circuits.language.packing import Pack
from prover.blinding import unsafe_seeded_blinding
from tierproof.testing import Columns, PlainWitness, Tampered, column, put

ALGORITHM = "verifier.algorithm"


# -- challenges ------------------------------------------------------------------------------------
class Known(Liar):
    """Challenges that are known beforehand."""

    def __init__(self, **known: int) -> None:
        self.known = known

    def challenge(self, label: str, value: int) -> int:
        return self.known.get(label, value)


def fixed(label: str, value: int) -> Edit:
    """The challenge is drawn, and a number used instead."""
    place = {"alpha": f'scalars["alpha"] = L.challenge("{label}")'}.get(
        label, f'    {label} = L.challenge("{label}")'
    )
    head, call = place.split(" = ")
    return edit(f"{label} known", ALGORITHM, place, f"{head} = ({call}, L.constant({value}))[1]")


def at_row(row: int, name: str, cheat: int) -> Attempt:
    """xi is omega^row, where T counts for nothing and constraints for that one row."""
    made, _ = small(name)
    return shows(
        *told(Known(xi=pow(root_of_unity(made.circuit.size), row, R)), name, lie(name, cheat))
    )


DOMAIN = pow(root_of_unity(16), 7, R)
XI, ALPHA, BETA = 123_456_789, 1, 987_654_321


class KnownXi(Known):
    """T made to fit the claim at the one point where it will be asked."""

    def quotient(self, vector: FieldVector) -> FieldVector:
        self.quotient_vector, xi = vector, self.known["xi"]
        names, n = self.key.verifying.plan.evaluations, self.key.circuit.size
        values = [
            native().evaluate(
                [self.run.coefficients[name]], xi * pow(root_of_unity(n), rotation, R) % R
            )[0]
            for name, rotation in names
        ]
        self.challenges = {**self.challenges, "xi": xi, "alpha": self.run.scalars["alpha"]}
        short = (self.claim(values) - self.wanted()) * pow(pow(xi, n, R) - 1, -1, R) % R
        return native().linear_combination(
            [1, short], [vector, native().vector([1], Basis.COEFFICIENT)]
        )


def known_alpha() -> Attempt:
    """Two constraints broken on one row, whose errors cancel when all powers of alpha are one."""
    _, key = small("recurrence")
    bits, states = [1, 0, 1, 1, 2, 0, 1, 0, 1], [5]
    for bit in bits:
        states.append(3 * states[-1] + bit - bit * (bit - 1))
    witness = PlainWitness({"x": column(bits, 16)}, lambda _: {"a": column(states, 16)})
    statement = (5, states[-1])
    return shows(key.verifying, statement, Known(alpha=1).prove(key, witness, statement))


def known_beta() -> Attempt:
    """Sixteen is not in the table; a multiplicity that fits beta says it is."""
    made, _ = small("range")

    def alter(columns: Columns) -> None:
        old = int(columns["value"].narrow[9])
        put(columns, "value", 9, 16)
        put(columns, "multiplicity", old, int(columns["multiplicity"].narrow[old]) - 1)
        zeros = int(columns["multiplicity"].narrow[0])
        put(columns, "multiplicity", 0, zeros + BETA * pow(BETA + 16, -1, R))

    return shows(*told(Known(beta=BETA), "range", Tampered(made.witness, alter)))


# -- the transcript --------------------------------------------------------------------------------
class Unabsorbed(Liar):
    """What stands under a label does not reach the transcript."""

    def __init__(self, label: str, keep: slice | None = None) -> None:
        self.label, self.keep = label, keep

    def taken_in(self, label: str, told: Sequence[int]) -> Sequence[int]:
        if label != self.label:
            return told
        return told[self.keep] if self.keep else []


def late_point(
    name: str, point: str, label: str, keep: slice | None, cheat: int, verifier: Verifier
) -> Attempt:
    """Frozen Heart and Last Challenge: a commitment chosen when all challenges are known."""
    liar = Unabsorbed(label, keep)
    key, statement, _ = told(liar, name, lie(name, cheat))
    return shows(key, statement, liar.late_point(point, verifier.batch.equation_of))


def late_value(verifier: Verifier) -> Attempt:
    """A claimed value chosen when all challenges are known."""
    liar = Unabsorbed("values")
    key, statement, _ = told(liar, "bus", lie("bus"))
    index = key.plan.evaluations.index(("helper_bus", 0))
    return shows(key, statement, liar.late_value(f"values[{index}]", verifier.batch.equation_of))


def late_word(verifier: Verifier) -> Attempt:
    """
    A statement chosen when all challenges are known: another start, and the end that makes up for
    it.
    """
    liar = Unabsorbed("statement")
    key, _, proof = told(liar, "recurrence")
    liar.statement[0] += 1
    return shows(key, liar.late_word(1, verifier.batch.equation_of), proof)


def late_opening(verifier: Verifier) -> Attempt:
    liar = Known(y=XI)
    key, statement, _ = told(liar, "bus", lie("bus"))
    return shows(key, statement, liar.late_point("opening", verifier.batch.equation_of))


def other_key() -> Attempt:
    liar = Liar()
    liar.digest = bytes(32)
    key, statement, proof = told(liar, "bus")
    return shows(replace(key, srs_id=key.srs_id ^ 1), statement, proof)


# -- the opening -----------------------------------------------------------------------------------
class Unopened(Balanced):
    """Packs of one kind are not opened; their claimed values are free."""

    def __init__(self, stage: int, rotated: bool, **moves: int) -> None:
        super().__init__(**moves)
        self.kind = stage, rotated

    def opened(self, pack: Pack, vector: FieldVector) -> FieldVector:
        return native().linear_combination([int((pack.stage, pack.rotated) != self.kind)], [vector])


class OpenedOnce(Balanced):
    """Registers are opened at xi only."""

    def packs(self, honest: list[Pack]) -> list[Pack]:
        return [replace(pack, rotated=False) for pack in honest]


class KnownV(Balanced):
    def challenge(self, label: str, value: int) -> int:
        return 1 if label == "v" else value


def values_that_cancel() -> Attempt:
    """Two claimed values of two packs, one too large by what the other is too small."""
    return shows(*told(KnownV(low_0=1, high_0=R - 1), "record", lie("record", 2), slots=1))


class NoQuotient(Liar):
    quotient_opened = False


class NoRecord(Liar):
    record_counts = False


class ZeroClaim(Liar):
    """R' = rho Z_H and T = rho: nothing is said of the constraints."""

    def quotient(self, vector: FieldVector) -> FieldVector:
        return native().vector([self.rho], Basis.COEFFICIENT)


def records_of_nobody(liar: Liar, commitment: Point, total: int) -> Attempt:
    """Halves that make records of zero and any total, whatever was committed."""
    _, key = small("record")
    lows = [total, *[0] * 7]
    witness = PlainWitness(
        {"low": column(lows, 16), "high": column([-total * pow(16, -1, R) % R], 16)},
        lambda _: {"running": column([0, *[total] * 8], 16)},
        commitment,
    )
    statement = (total,) if isinstance(liar, NoRecord) else (total + 1,)
    return shows(key.verifying, statement, liar.prove(key, witness, statement))


def errors_that_cancel() -> Attempt:
    """C4: two proofs with false W', whose equations sum to a true one under equal weights."""
    made, key = small("bus")
    first, second = Liar(), Liar()
    proofs = [
        liar.prove(key, made.witness, made.statement, blinding=unsafe_seeded_blinding(seed))
        for liar, seed in ((first, b"first"), (second, b"second"))
    ]
    one, tau = native().affine(key.powers)[:2]
    ys = [liar.challenges["y"] for liar in (first, second)]
    spoiled = []
    for proof, liar, sign, y in zip(proofs, (first, second), (1, -1), reversed(ys), strict=True):
        field = liar.fields()["opening_fold"]
        numbers = [int.from_bytes(field.of(proof)[i : i + 32], "big") for i in (0, 32)]
        x, other = native().scale_points(
            [(numbers[0], numbers[1]), one, tau], [1, sign * y % R, -sign % R]
        ) or (0, 0)
        spoiled.append(field.replaced(proof, x.to_bytes(32, "big") + other.to_bytes(32, "big")))
    items = [(key.verifying, made.statement, proof) for proof in spoiled]
    return lambda verifier: verifier.batch.require_batch(items, algebra=native())


def batch_of_one() -> Attempt:
    item = told(Liar(), "bus", lie("bus"))
    return lambda verifier: verifier.batch.require_batch([item], algebra=native())
