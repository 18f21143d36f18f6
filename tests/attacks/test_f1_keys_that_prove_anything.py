"""
F1: keys with forbidden elements (FoomCash: gamma = delta, a default key). Under tau = 1 anything is
proven; such a key, one without a setup, and one with a commitment at infinity are refused when they
are read. Ceremonies: `prover/test_setup.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from attacks.kit_prover.liar import Liar
from attacks.kit_prover.mutants import outcome, sound
from attacks.kit_prover.targets import lie, shows, small
from support.credential import world
from support.proof_fields import packed
from support.unchecked_key import unchecked

from algebra.errors import Malformed
from algebra.interface import Algebra, Point, R
from algebra.native_backend import native
from algebra.reference import reference
from circuits.versions import known_circuit
from verifier.batch import equation_of
from verifier.key import GENERATOR_G2, VerifyingKey
from verifier.loader import GENERATOR_G1


def proven(key: VerifyingKey) -> bytes:
    """A "proof" of a false trace: W' solved from e(F + y W', [1]_2) = e(W', [1]_2)."""
    made, proving = small("bus")
    liar = Liar()
    proof = liar.prove(replace(proving, verifying=key), lie("bus"), made.statement)
    *terms, (y, _) = equation_of(key, made.statement, proof, native()).terms
    total: Point = native().scale_points(
        [point for _, point in terms], [scalar for scalar, _ in terms]
    )
    x, other = native().scale_points([total], [pow(1 - y, -1, R)]) or (0, 0)
    return liar.fields()["opening_fold"].replaced(proof, packed(x, other))


def test_tau_of_one_proves_anything() -> None:
    made, proving = small("bus")
    for tau, said in ((GENERATOR_G2, "accepted"), (proving.verifying.tau_g2, "rejected.equation")):
        key = unchecked(proving.verifying, tau_g2=tau)
        assert outcome(shows(key, made.statement, proven(key)), sound()) == said


FORBIDDEN: dict[str, Callable[[VerifyingKey], VerifyingKey]] = {
    "tau is 1": lambda key: unchecked(key, tau_g2=GENERATOR_G2),
    "tau is 0": lambda key: unchecked(key, tau_g2=((0, 0), (0, 0))),
    "tau off the twist": lambda key: unchecked(key, tau_g2=((1, 2), (3, 4))),
    "a commitment at infinity": lambda key: unchecked(key, fixed=(None, *key.fixed[1:])),
    "the last one at infinity": lambda key: unchecked(key, fixed=(*key.fixed[:-1], None)),
    "a commitment off the curve": lambda key: unchecked(key, fixed=((1, 1), *key.fixed[1:])),
}


@pytest.mark.parametrize("what", FORBIDDEN)
@pytest.mark.parametrize("algebra", [native(), reference()], ids=lambda algebra: algebra.name)
def test_forbidden_elements(what: str, algebra: Algebra) -> None:
    """The digest of the file fits; a key is not taken for that alone."""
    key = world().key.verifying
    assert VerifyingKey.from_json(key.to_json(), known_circuit, algebra).digest == key.digest
    with pytest.raises(Malformed) as caught:
        VerifyingKey.from_json(FORBIDDEN[what](key).to_json(), known_circuit, algebra)
    assert caught.value.code == "malformed.key"


@pytest.mark.parametrize(
    "what", ["tau is 1", "a commitment at infinity", "the last one at infinity"]
)
def test_no_such_key_is_ever_made(what: str) -> None:
    """What verifier and contract generator take is a key, read from a file or not."""
    key = world().key.verifying
    forbidden = FORBIDDEN[what](key)
    with pytest.raises(Malformed) as caught:
        replace(key, tau_g2=forbidden.tau_g2, fixed=forbidden.fixed)
    assert caught.value.code == "malformed.key"


def test_no_element_of_a_key_is_there_twice() -> None:
    key = world().key.verifying
    assert len({*key.fixed, GENERATOR_G1}) == len(key.fixed) + 1 and key.tau_g2 != GENERATOR_G2
