"""
What a generated verifier leaves of a proof: the equation of the Python verifier, refused where
`verify` refuses before it, and no acceptance.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from attacks.campaigns.verifier import fast_chain
from attacks.kit_prover.liar import Liar
from attacks.kit_prover.solidity import to_infinity
from attacks.kit_prover.targets import lie, told
from verifier_world import SAME, Deployed, Honest

from algebra.interface import Point, PointG2
from algebra.native_backend import native
from contracts.build.compile import compile_generated
from contracts.generator import generate
from verifier.batch import equation_of
from verifier.key import GENERATOR_G2
from verifier.loader import negated

pytestmark = pytest.mark.evm
NAME = "Accumulator"


@pytest.fixture(scope="module")
def proven() -> Honest:
    return Honest.small()


@pytest.fixture(scope="module")
def deployed(proven: Honest) -> Iterator[Deployed]:
    with fast_chain() as chain:
        yield Deployed.put(chain, compile_generated(NAME, generate(proven.key, NAME)))


def g2_point(words: list[int]) -> PointG2:
    """From the words that the precompile reads."""
    return ((words[1], words[0]), (words[3], words[2]))


def holds(left: Point, right: Point, tau: list[int]) -> bool:
    return native().pairing_check([(left, GENERATOR_G2), (negated(right), g2_point(tau))])


def python_sum(proven: Honest, statement: tuple[int, ...], proof: bytes) -> tuple[Point, Point]:
    """L and W' of the Python verifier."""
    equation = equation_of(proven.key, statement, proof, native())
    scalars, points = zip(*equation.terms, strict=True)
    return native().scale_points(list(points), list(scalars)), equation.right


def test_the_equation_of_an_honest_proof(proven: Honest, deployed: Deployed) -> None:
    left, right, tau = deployed.equation(proven.statement, proven.proof)
    assert (left, right) == python_sum(proven, proven.statement, proven.proof)
    assert g2_point(tau) == proven.key.tau_g2
    assert holds(left, right, tau)


def test_a_false_proof_leaves_a_false_equation(proven: Honest, deployed: Deployed) -> None:
    _, statement, proof = told(Liar(), "recurrence", lie("recurrence"))
    assert deployed.refusal(statement, proof) == "NotAccepted"
    left, right, tau = deployed.equation(statement, proof)
    assert (left, right) == python_sum(proven, tuple(statement), proof)
    assert not holds(left, right, tau)


def test_it_refuses_what_verify_refuses_before(proven: Honest, deployed: Deployed) -> None:
    seen = set()
    words = proven.words
    for at in range(len(words)):
        for value in (words[at] + (1 << 255), 0, words[at] ^ 1):
            forged = [*words[:at], value % (1 << 256), *words[at + 1 :]]
            proof = b"".join(word.to_bytes(32, "big") for word in forged)
            code = proven.python(proven.statement, proof)
            answer = deployed.equation(proven.statement, proof)
            if code == "rejected.equation":
                assert isinstance(answer, tuple) and not holds(*answer)
            else:
                assert answer == SAME[str(code)]
            seen.add(code)
    assert seen == {"malformed.scalar", "malformed.point", "rejected.equation"}
    assert deployed.equation(proven.statement, proven.proof[:-1]) == "BadLength"
    assert deployed.equation([1 << 255, *proven.statement[1:]], proven.proof) == "BadStatement"


def test_a_sum_of_infinity_is_a_false_equation(proven: Honest, deployed: Deployed) -> None:
    """Whoever chooses W' chooses where the sum lands; W' itself is not infinity."""
    shown = to_infinity()
    assert python_sum(proven, tuple(shown.statement), shown.proof)[0] is None
    assert deployed.refusal(shown.statement, shown.proof) == "NotAccepted"
    left, right, tau = deployed.equation(shown.statement, shown.proof)
    assert left is None and not holds(left, right, tau)


def test_the_key_s_points(proven: Honest, deployed: Deployed) -> None:
    """Those of the key that are no infinity, and the generator."""
    points = [point for point in proven.key.fixed if point is not None]
    said = [(x, y) for x, y in deployed.contract.functions.keyPoints().call()]
    assert said == [*points, (1, 2)]
