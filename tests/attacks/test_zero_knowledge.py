"""G1, G2 on a sample; `attacks.campaigns.zero_knowledge` runs the same attacks at full size."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from attacks.campaigns import zero_knowledge as zk
from support.populations import home, sample

from algebra.native_backend import native
from circuits.language.circuit import BLINDING_ROWS, BLINDING_ROWS_UNROTATED
from prover.blinding import unsafe_seeded_blinding
from verifier.verify import verify

PROOFS, SMALL_PROOFS = 20, 300
OFF = zk.STREAMS[2]


@cache
def blinded(twin: int, seed: bytes = b"test") -> zk.Proven:
    return zk.proven(home().key, zk.twins()[twin], unsafe_seeded_blinding(seed))


@cache
def bare(twin: int) -> zk.Proven:
    return zk.proven(home().key, zk.twins()[twin], OFF)


def test_random_rows_are_counted_in_the_provers_vectors() -> None:
    rows = zk.random_rows(home().key, zk.twins()[0])
    n = home().circuit.size
    for name, rotated in zk.hidden_columns(home().circuit, home().key.verifying.slots):
        count = BLINDING_ROWS if rotated else BLINDING_ROWS_UNROTATED
        assert rows[name] == set(range(n - count, n)), name
    assert len(rows) == 41


def test_twins_are_accepted_for_one_statement() -> None:
    """What makes the next tests mean something: two histories, one statement, both proofs good."""
    key, (one, two) = home().key, zk.twins()
    assert one.statement == two.statement and one.records != two.records
    for twin in (0, 1):
        verify(key.verifying, one.statement, blinded(twin).proof, algebra=native())


def test_two_proofs_of_one_witness_share_nothing() -> None:
    key = home().key
    assert zk.shared_items(key, blinded(0).proof, blinded(0, b"again").proof) == []
    off = bare(0).proof
    assert zk.shared_items(key, off, off) == list(
        zk.items(key, off)
    )  # without blinding a proof repeats, whole


@pytest.mark.slow
def test_a_dictionary_confirms_no_guess() -> None:
    key, (true, false) = home().key, zk.twins()
    for guess in (true, false):
        assert zk.confirmed(key, true.statement, blinded(0).proof, guess) == set()


@pytest.mark.slow
def test_a_dictionary_confirms_the_guess_with_blinding_off() -> None:
    key, (true, false) = home().key, zk.twins()
    everything = set(zk.items(key, bare(0).proof))
    assert zk.confirmed(key, true.statement, bare(0).proof, true) == everything
    assert "record" not in zk.confirmed(key, true.statement, bare(0).proof, false)


def test_the_same_bytes_are_a_proof_of_another_history() -> None:
    """Whatever an adversary computes, these bytes do not tell him which of the two it was."""
    tau = home().setup.unsafe_tau
    assert tau is not None
    assert zk.explained(home().key, tau, blinded(0), zk.twins()[1]) == blinded(0).proof


@pytest.mark.slow  # of shorter and longer logs in tests/prover/test_prove.py
def test_one_length_whatever_the_count() -> None:
    few, many = zk.extreme_histories()
    assert (len(few.records), len(many.records)) == (2, 4613)
    lengths = {
        len(zk.proven(home().key, h, unsafe_seeded_blinding(b"length")).proof) for h in (few, many)
    }
    assert lengths == {home().key.verifying.shape.length}


@pytest.mark.slow
def test_a_classifier_guesses_at_random() -> None:
    """Twenty credentials, each guessed by what the other eighteen outside its pair teach."""
    proofs = [zk.credential_proof(i) for i in range(PROOFS)]
    found = zk.families(
        home().key.verifying.shape, [proof for _, proof in proofs], [words for words, _ in proofs]
    )
    right = zk.right_guesses(found["all"], "ridge", folds=PROOFS // 2)
    assert zk.chance(right) > zk.FALSE_ALARM
    figures = np.array([[len(sample(i)[1].records)] for i in range(PROOFS)], dtype=np.float32)
    assert zk.right_guesses(figures, "ridge", folds=PROOFS // 2)[0] == PROOFS


@pytest.mark.slow
def test_a_classifier_of_small_proofs_guesses_at_random() -> None:
    """The same prover on sixteen rows, hundreds of proofs: and with blinding off it knows."""
    found = zk.told_apart(zk.small_families(SMALL_PROOFS))
    assert not [name for name, entry in found.items() if entry["telling"]]
    told = zk.told_apart(zk.small_families(60, OFF))
    assert told["all, ridge"]["accuracy"] == told["all, nearest"]["accuracy"] == 1


def test_odds_of_guessing() -> None:
    """Of a truth among labellings that spread by ten around 250, in units of their spread."""
    others = [240, 260] * 200
    odds = [zk.chance([250 + 10 * sigmas, *others]) for sigmas in (-2, 0, 2, 4)]
    assert odds == pytest.approx([0.9772, 0.5, 0.02275, 3.17e-5], rel=1e-2)


def test_labellings_turn_pairs_over() -> None:
    found = zk.labellings(20)
    assert found.shape == (20, 1 + zk.SHUFFLES) and found[:4, 0].tolist() == [-1, 1, -1, 1]
    assert (found[::2] == -found[1::2]).all() and abs(found[::2, 1:].mean()) < 0.1
