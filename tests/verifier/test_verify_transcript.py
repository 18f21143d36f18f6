"""
C1, C2, C3, C10: every word that the verifier reads is absorbed, in the order of one list, and moves
all later challenges.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

import pytest
from support.credential import ALL_METRICS, honest, world
from support.proof_fields import fields_of
from support.small import SMALL, committed

from algebra import transcript as module
from algebra.errors import Rejected
from algebra.interface import R, root_of_unity
from algebra.native_backend import native
from algebra.transcript import ABSORB, SQUEEZE, Transcript, label_list, pad_label
from prover.prove import prove
from verifier import loader
from verifier.key import VerifyingKey
from verifier.proof import ProofShape, parse_proof
from verifier.verify import verify

Step = tuple[str, str, tuple[int, ...]]


class Recorder(Transcript):
    """Notes every step, with the words absorbed or the challenge drawn."""

    log: list[Step]

    def absorb(self, label: str, words: Sequence[int]) -> None:
        self.log.append((ABSORB, label, tuple(words)))
        super().absorb(label, words)

    def challenge(self, label: str) -> int:
        value = super().challenge(label)
        self.log.append((SQUEEZE, label, (value,)))
        return value


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Step]]:
    """The log of the verifier's transcripts; empty it before each run."""
    log: list[Step] = []
    monkeypatch.setattr(Recorder, "log", log, raising=False)
    monkeypatch.setattr(loader, "Transcript", Recorder)
    yield log


@cache
def credential() -> tuple[VerifyingKey, tuple[int, ...], bytes]:
    found = honest(*ALL_METRICS)
    return (
        world().key.verifying,
        found.statement,
        prove(world().key, found.witness, found.statement, algebra=native()),
    )


def test_labels_are_the_one_list(recorded: list[Step]) -> None:
    key, statement, proof = credential()
    verify(key, statement, proof, algebra=native())
    assert tuple((kind, label) for kind, label, _ in recorded) == label_list(key.circuit.challenges)


def test_prover_walks_the_same_list(monkeypatch: pytest.MonkeyPatch, recorded: list[Step]) -> None:
    from prover import prove as prover

    monkeypatch.setattr(prover, "Transcript", Recorder)
    found = honest(*ALL_METRICS)
    proof = prove(world().key, found.witness, found.statement, algebra=native())
    proved = list(recorded)
    recorded.clear()
    verify(world().key.verifying, found.statement, proof, algebra=native())
    assert proved == recorded


def test_absorbed_is_all_that_is_read(recorded: list[Step]) -> None:
    """
    Statement, C' and every field of the proof but the last, whose only use is the final equation.
    """
    key, statement, proof = credential()
    verify(key, statement, proof, algebra=native())
    parsed = parse_proof(proof, ProofShape.of(key.circuit, key.slots))
    absorbed = [word for kind, _, words in recorded if kind == ABSORB for word in words]
    in_proof = [int.from_bytes(proof[i : i + 32], "big") for i in range(0, len(proof), 32)]
    assert absorbed == [*statement, *in_proof[:-2]]
    assert in_proof[-2:] == list(parsed.opening_fold)


def challenges(
    key: VerifyingKey, log: Sequence[Step], change: tuple[int, int] | None
) -> list[tuple[int, int]]:
    """
    (step, value) of every challenge, with one bit of one absorbed word changed: (step, index of the
    word).
    """
    run, out = Transcript(key.digest, key.circuit.challenges), []
    for i, (kind, label, words) in enumerate(log):
        if kind == SQUEEZE:
            out.append((i, run.challenge(label)))
            continue
        given = list(words)
        if change and change[0] == i:
            given[change[1]] ^= 1
        run.absorb(label, given)
    return out


def test_each_word_moves_all_later_challenges(recorded: list[Step]) -> None:
    """100 % of words, 100 % of later challenges; none of the earlier ones."""
    key, statement, proof = credential()
    verify(key, statement, proof, algebra=native())
    log, tried = list(recorded), 0
    plain = challenges(key, log, None)
    assert [value for _, value in plain] == [words[0] for kind, _, words in log if kind == SQUEEZE]
    for step, (kind, _, words) in enumerate(log):
        for index in range(len(words) if kind == ABSORB else 0):
            tried += 1
            for (place, value), (_, other) in zip(
                plain, challenges(key, log, (step, index)), strict=True
            ):
                assert (value != other) == (place > step)
    assert tried == len(statement) + len(proof) // 32 - 2


def test_the_key_moves_all_challenges(recorded: list[Step]) -> None:
    key, statement, proof = credential()
    verify(key, statement, proof, algebra=native())
    log = list(recorded)
    variants = [
        VerifyingKey(key.circuit, key.slots, key.srs_id ^ 1, key.tau_g2, key.fixed),
        VerifyingKey(key.circuit, key.slots + 1, key.srs_id, key.tau_g2, key.fixed),
        VerifyingKey(key.circuit, key.slots, key.srs_id, key.tau_g2[::-1], key.fixed),
        VerifyingKey(key.circuit, key.slots, key.srs_id, key.tau_g2, (*key.fixed[:-1], (1, 2))),
    ]
    plain = challenges(key, log, None)
    for variant in variants:
        assert all(a != b for a, b in zip(plain, challenges(variant, log, None), strict=True))


def test_last_challenge(recorded: list[Step]) -> None:
    """
    C2: W' chosen after y solves the equation only for the y that it was chosen for. W is bound by
    y: another W with the same W' gives another y, and values chosen after v give another v.
    """
    key, statement, proof = credential()
    fields = {field.name: field for field in fields_of(ProofShape.of(key.circuit, key.slots))}
    verify(key, statement, proof, algebra=native())
    before = {label: words[0] for kind, label, words in recorded if kind == SQUEEZE}
    for name, moved in (
        ("opening", {"y"}),
        ("values[3]", {"v", "y"}),
        ("quotient", {"xi", "v", "y"}),
    ):
        recorded.clear()
        changed = fields[name].replaced(
            proof, fields["stage1[0]"].of(proof) if fields[name].point else bytes(31) + b"\5"
        )
        with pytest.raises(Rejected):
            verify(key, statement, changed, algebra=native())
        after = {label: words[0] for kind, label, words in recorded if kind == SQUEEZE}
        assert {label for label in before if before[label] != after[label]} == moved


def hook_xi(monkeypatch: pytest.MonkeyPatch, xi: int) -> None:
    honest_challenge = Transcript.challenge

    def challenge(run: Transcript, label: str) -> int:
        value = honest_challenge(run, label)
        return xi if label == "xi" else value

    monkeypatch.setattr(Transcript, "challenge", challenge)


@pytest.mark.parametrize("power", [0, 1, 4, 7])
def test_xi_in_the_domain_is_refused(monkeypatch: pytest.MonkeyPatch, power: int) -> None:
    """C9: a hook makes xi a root of unity; a clean error, no division by zero."""
    made = committed(SMALL["recurrence"](), native())
    key = made.key(native())
    proof = prove(key, made.witness, made.statement, algebra=native())
    xi = pow(root_of_unity(made.circuit.size), power, R)
    hook_xi(monkeypatch, xi)
    with pytest.raises(Rejected) as caught:
        verify(key.verifying, made.statement, proof, algebra=native())
    assert caught.value.code == "rejected.challenge"


def test_xi_of_zero_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    made = committed(SMALL["bus"](), native())
    key = made.key(native())
    proof = prove(key, made.witness, made.statement, algebra=native())
    hook_xi(monkeypatch, 0)
    with pytest.raises(Rejected) as caught:
        verify(key.verifying, made.statement, proof, algebra=native())
    assert caught.value.code == "rejected.challenge"


# -- the transcript by itself ----------------------------------------------------------------------
def after(*absorbed: Sequence[int]) -> int:
    """A challenge after given words at the first two places."""
    run = Transcript(bytes(32), ["beta"])
    for label, words in zip(("statement", "stage1"), absorbed, strict=True):
        run.absorb(label, words)
    return run.challenge("beta")


def test_encoding_is_injective() -> None:
    """C10: lists of lists of words; no two give one challenge."""
    lists = [[], [0], [0, 0], [1], [0, 1], [1, 0], [2**256 - 1], [256], [1, 2, 3]]
    seen = {(tuple(a), tuple(b)): after(a, b) for a in lists for b in lists}
    assert len(set(seen.values())) == len(lists) ** 2


def test_out_of_order_raises() -> None:
    run = Transcript(bytes(32), ["beta", "gamma"])
    with pytest.raises(ValueError, match="out of order"):
        run.challenge("beta")
    run.absorb("statement", [1])
    with pytest.raises(ValueError, match="out of order"):
        run.absorb("statement", [1])
    run.absorb("stage1", [])
    with pytest.raises(ValueError, match="out of order"):
        run.challenge("gamma")
    for kind, label in label_list(["beta", "gamma"])[2:]:
        run.absorb(label, []) if kind == ABSORB else run.challenge(label)
    with pytest.raises(ValueError, match="the end"):
        run.challenge("y")


def test_labels_do_not_collide() -> None:
    labels = [label for _, label in label_list(world().circuit.challenges)]
    assert len(set(labels)) == len(labels) and len({pad_label(label) for label in labels}) == len(
        labels
    )
    with pytest.raises(ValueError, match="over 31 bytes"):
        pad_label("x" * 32)
    with pytest.raises(OverflowError):
        after([1 << 256], [])
    assert module.PROTOCOL.startswith(b"tierproof/")
