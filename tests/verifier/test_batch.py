"""
Batch verification: verdicts in order, whatever the neighbours; C4: errors of two proofs that
cancel.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

import pytest
from support.processes import in_fork
from support.small import SMALL, committed

from algebra.errors import Malformed, Rejected, TierproofError
from algebra.interface import Algebra, Point, R
from algebra.native_backend import native
from algebra.reference import reference
from prover.keys import ProvingKey, build_proving_key, powers_needed
from prover.prove import prove
from prover.setup import unsafe_dev_setup
from tierproof.testing import Tampered
from verifier import batch
from verifier.batch import Item, draw_weights, equation_of, hold, require_batch, verify_batch
from verifier.proof import parse_proof
from verifier.verify import verify

A = native()
SEEDS = (b"tierproof dev", b"another setup")


@cache
def key_of(name: str, seed: bytes = SEEDS[0]) -> ProvingKey:
    """A key of a small circuit on one of two setups."""
    circuit = SMALL[name]().circuit
    return build_proving_key(
        circuit, unsafe_dev_setup(powers_needed(circuit.size, 4), A, seed), 4, A
    )


@cache
def valid(name: str, number: int = 0, seed: bytes = SEEDS[0]) -> Item:
    """An accepted item; another `number` is another proof of the same statement."""
    small, key = SMALL[name](), key_of(name, seed)
    if seed == SEEDS[0]:
        small = committed(small, A)
    return key.verifying, small.statement, prove(key, small.witness, small.statement, algebra=A)


@cache
def false_proof(number: int = 0) -> Item:
    """A well-formed proof of a trace that breaks a rule."""
    small = SMALL["recurrence"]()
    lie = next(cheat for cheat in small.cheats if cheat.name == "one bit")
    key = key_of("recurrence")
    return (
        key.verifying,
        small.statement,
        prove(key, Tampered(small.witness, lie.first), small.statement, algebra=A),
    )


def another_word(item: Item) -> Item:
    """The same proof for another statement."""
    key, statement, proof = item
    return key, [statement[0] + 1, *statement[1:]], proof


def moved(item: Item, by: Point) -> Item:
    """The same proof with W' moved by a point: nothing but the last equation sees it."""
    key, statement, proof = item
    parsed = parse_proof(proof, key.shape)
    fold = A.add_points([parsed.opening_fold, by])
    assert fold is not None
    return key, statement, replace(parsed, opening_fold=fold).to_bytes()


def outcome(error: TierproofError | None) -> tuple[type, str] | None:
    return None if error is None else (type(error), error.code)


def alone(item: Item, algebra: Algebra = A) -> tuple[type, str] | None:
    """What `verify` says."""
    try:
        verify(*item, algebra=algebra)
    except TierproofError as error:
        return outcome(error)
    return None


def agree(items: Sequence[Item], algebra: Algebra = A) -> list[tuple[type, str] | None]:
    """Verdicts of the batch, which must be those of each item alone."""
    found = [outcome(error) for error in verify_batch(items, algebra=algebra)]
    assert found == [alone(item, algebra) for item in items]
    return found


FALSE = (Rejected, "rejected.equation")


def test_empty() -> None:
    assert verify_batch([], algebra=A) == []
    require_batch([], algebra=A)


def test_all_hold_with_one_product(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two setups, three circuits, nine proofs: one product of three pairings."""
    products: list[int] = []
    check = type(A).pairing_check

    def counted(self: Algebra, pairs: Sequence[tuple[Point, object]]) -> bool:
        products.append(len(pairs))
        return check(self, pairs)  # type: ignore[arg-type]

    names = ("recurrence", "range", "record")
    items = [valid(name, number) for number in range(2) for name in names]
    items += [valid("recurrence", number, SEEDS[1]) for number in range(3)]
    monkeypatch.setattr(type(A), "pairing_check", counted)
    assert verify_batch(items, algebra=A) == [None] * 9
    assert products == [3]


def test_a_forked_child_proves_and_verifies() -> None:
    """It has none of the threads that made these proofs."""
    items = [valid("recurrence", number % 3) for number in range(39)] + [false_proof()]
    small, key = committed(SMALL["recurrence"](), A), key_of("recurrence")

    def verdicts() -> list[tuple[type, str] | None]:
        proof = prove(key, small.witness, small.statement, algebra=A)
        all_items = [*items, (key.verifying, small.statement, proof)]
        return [outcome(error) for error in verify_batch(all_items, algebra=A)]

    assert in_fork(verdicts) == verdicts() == [None] * 39 + [FALSE, None]


@pytest.mark.parametrize("place", [0, 1, 6, 12])
def test_one_false_among_many(place: int) -> None:
    items = [valid("recurrence", number % 3) for number in range(13)]
    items[place] = false_proof()
    assert agree(items) == [FALSE if index == place else None for index in range(13)]


@pytest.mark.parametrize(
    "false", [{0, 1}, {3, 4}, {0, 7}, {1, 2, 5}, set(range(8)), set(range(8)) - {6}]
)
def test_several_false(false: set[int]) -> None:
    items = [false_proof(index) if index in false else valid("range") for index in range(8)]
    assert agree(items) == [FALSE if index in false else None for index in range(8)]


def malformed_items() -> dict[str, tuple[Item, str]]:
    key, statement, proof = valid("recurrence", 1)
    return {
        "cut": ((key, statement, proof[:-1]), "malformed.length"),
        "long": ((key, statement, proof + b"\0"), "malformed.length"),
        "none": ((key, statement, b""), "malformed.length"),
        "point": ((key, statement, bytes(64) + proof[64:]), "malformed.point"),
        "scalar": (
            (key, statement, proof[:-160] + b"\xff" * 32 + proof[-128:]),
            "malformed.scalar",
        ),
        "short statement": ((key, statement[:-1], proof), "malformed.statement"),
        "negative word": ((key, [-1, *statement[1:]], proof), "malformed.statement"),
        "word over r": ((key, [R, *statement[1:]], proof), "malformed.statement"),
        "word of text": ((key, ["5", *statement[1:]], proof), "malformed.statement"),  # type: ignore[list-item]
        "proof of text": ((key, statement, proof.hex()), "malformed.proof"),  # type: ignore[arg-type]
        "proof a number": ((key, statement, 10**15), "malformed.proof"),  # type: ignore[arg-type]
        "another circuit": ((key_of("range").verifying, statement[:1], proof), "malformed.length"),
    }


def test_malformed_ones_spoil_nothing() -> None:
    bad = malformed_items()
    items, expected = [], []
    for item, code in bad.values():
        items += [item, valid("range"), false_proof()]
        expected += [(Malformed, code), None, FALSE]
    assert agree(items) == expected
    assert agree([item for item, _ in bad.values()]) == [
        (Malformed, code) for _, code in bad.values()
    ]


def test_another_statement_key_or_setup() -> None:
    """Each proof is bound to its own words, circuit and setup inside the batch as well."""
    key, statement, proof = valid("recurrence")
    other = key_of("recurrence", SEEDS[1]).verifying
    good = valid("recurrence", 0, SEEDS[1])
    items = [
        another_word((key, statement, proof)),
        (other, statement, proof),
        good,
        (key, *good[1:]),
        valid("record"),
    ]
    assert agree(items) == [FALSE, FALSE, None, FALSE, None]


# -- C4: two false equations whose errors cancel ---------------------------------------------------
def opposite_errors() -> list[Item]:
    """One proof twice, W' moved by D and by -D: the errors (y - tau) D and -(y - tau) D."""
    return [
        moved(valid("recurrence"), (1, 2)),
        moved(valid("recurrence"), A.scale_points([(1, 2)], [R - 1])),
    ]


def weighed_errors() -> list[Item]:
    """
    Two proofs, on the public powers of tau alone: W'_1 moved by (y_2 - tau) D, W'_2 by -(y_1 - tau)
    D.

    Both errors are then (y_1 - tau)(y_2 - tau) D up to the sign.
    """
    first, second = valid("recurrence"), valid("range")
    y = [equation_of(*item, A).terms[-1][0] for item in (first, second)]  # the last term is y W'
    setup = unsafe_dev_setup(2, A, SEEDS[0])
    powers = A.affine(setup.g1)
    return [
        moved(first, A.scale_points(powers, [y[1], R - 1])),
        moved(second, A.scale_points(powers, [(-y[0]) % R, 1])),
    ]


@pytest.mark.parametrize("pair", [opposite_errors, weighed_errors])
def test_errors_that_cancel(pair: Callable[[], list[Item]]) -> None:
    items = pair()
    equations = [equation_of(*item, A) for item in items]
    assert hold(equations, [1, 1], A), "the errors were made to cancel in a plain sum"
    assert not hold(equations, [1, 2], A)
    assert agree(items) == [FALSE, FALSE]
    assert agree([valid("record"), *items, valid("bus")]) == [None, FALSE, FALSE, None]
    with pytest.raises(Rejected) as error:
        require_batch(items, algebra=A)
    assert error.value.fields["failed"] == [0, 1]


def test_constant_weights_would_let_them_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """The weights are what stops them: with equal ones the same code accepts."""
    monkeypatch.setattr(batch, "draw_weights", lambda count: [1] * count)
    assert verify_batch(weighed_errors(), algebra=A) == [None, None]


def test_weights_are_fresh_and_drawn_last(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []

    def drawn(count: int) -> list[int]:
        order.append("weights")
        return draw_weights(count)

    def read(*item: object) -> object:
        order.append("proof")
        return equation_of(*item)  # type: ignore[arg-type]

    monkeypatch.setattr(batch, "draw_weights", drawn)
    monkeypatch.setattr(batch, "equation_of", read)
    verify_batch([valid("recurrence"), valid("range")], algebra=A)
    assert order == ["proof", "proof", "weights"]
    weights = draw_weights(64)
    assert len(set(weights)) == 64
    assert all(0 < weight < 1 << batch.WEIGHT_BITS for weight in weights)
    assert max(weights) >> (batch.WEIGHT_BITS - 16), "64 weights of 128 bits, none above 2^112"


# -- all or nothing --------------------------------------------------------------------------------
def test_require_batch() -> None:
    good, bad = valid("recurrence"), malformed_items()["cut"][0]
    require_batch([good, valid("range")], algebra=A)
    with pytest.raises(Malformed, match="proof 1 of 3") as malformed:
        require_batch([good, bad, false_proof()], algebra=A)
    assert (malformed.value.code, malformed.value.fields["index"]) == ("malformed.length", 1)
    assert malformed.value.fields["failed"] == [1, 2]
    assert malformed.value.fields["part"] == "proof"
    with pytest.raises(Rejected, match="proof 2 of 3"):
        require_batch([good, good, false_proof()], algebra=A)


def test_reference_algebra_gives_the_same_verdicts() -> None:
    items = [valid("recurrence"), malformed_items()["cut"][0], another_word(valid("recurrence", 1))]
    assert (
        agree(items, reference()) == agree(items) == [None, (Malformed, "malformed.length"), FALSE]
    )
