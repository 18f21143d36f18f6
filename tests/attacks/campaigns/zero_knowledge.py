"""
G1, G2: what a proof gives away of its witness (docs/explanation/protocol.md 7).

    columns      random rows of every column, counted in the prover's own vectors, against the
                 points that a proof shows
    sharing      two proofs of one witness have no commitment or value in common
    dictionary   who holds the whole witness but the blinders, a true and a false one, confirms
                 neither
    explained    the strongest form: the same bytes are a proof of another history, with other
                 blinders, found by solving
    lengths      one length of proof for the smallest and the largest history of a class
    classifier   trained on labelled proofs of two populations, with gas, sizes and public words,
                 it guesses at random

Each has its control: what the same attack finds with blinding off, or one row short.
"""

from __future__ import annotations

import math
import random
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import numpy.typing as npt
from attacks.campaigns import Progress, Result, in_parts
from support.blinding import blinder_matrix, hidden_columns, points_shown, rows_of
from support.credential import Case, case, fill, mark, thresholds
from support.populations import home, sample
from support.proof_fields import fields_of
from support.small import SMALL, committed
from verifier_world import Deployed

from algebra.files import write_atomic
from algebra.interface import Basis, R
from algebra.native_backend import native
from algebra.reference import array
from algebra.transcript import ABSORB, Transcript, label_list
from attestor.tree import Tree, path_root
from circuits.language.circuit import FIRST, FIXED, SECOND
from circuits.language.packing import evaluations
from circuits.versions import CURRENT
from contracts.build.artifact import load_artifact
from contracts.client.chain import Chain
from history.v2.record import Records
from prover import prove as rounds
from prover.blinding import Blinding, unsafe_seeded_blinding
from prover.keys import ProvingKey
from tierproof.testing import column
from verifier.proof import ProofShape, parse_proof

NAME = "zero_knowledge"
PROOFS, SMALL_PROOFS, GAS_PROOFS, OPEN_PROOFS = 500, 4_000, 20, 64
FOLDS = 5
CHANCE_LIMIT = 0.55
SHUFFLES = 400
FALSE_ALARM = 1e-3
"""Odds that a family of features of honest proofs is called telling; the families share them."""

Floats = npt.NDArray[np.float32]
Labels = npt.NDArray[np.float32]


# -- proofs with their prover's state --------------------------------------------------------------
@dataclass(frozen=True)
class Proven:
    """
    A proof, the history and the columns behind it, and the blinders in the order in which they were
    drawn.
    """

    found: Case
    proof: bytes
    values: Mapping[str, Any]
    coefficients: Mapping[str, Any]
    blinders: tuple[int, ...]


class Given:
    """A transcript that answers with given challenges, whatever it has heard."""

    def __init__(self, answers: Mapping[str, int]) -> None:
        self._answers = answers

    def absorb(self, label: str, words: Sequence[int]) -> None:
        pass

    def challenge(self, label: str) -> int:
        return self._answers[label]


def proven(
    key: ProvingKey, found: Case, blinding: Blinding, answers: Mapping[str, int] | None = None
) -> Proven:
    """
    Prove, and keep what the prover knows.

    answers : challenges to use instead of the transcript's.
    """
    kept: list[Any] = []
    drawn: list[int] = []
    open_all = rounds.open_all

    def keep(run: Any, *rest: Any) -> Any:
        kept.append(run)
        return open_all(run, *rest)

    def draw() -> int:
        drawn.append(blinding())
        return drawn[-1]

    def transcript(digest: bytes, challenges: Sequence[str]) -> Any:
        return Transcript(digest, challenges) if answers is None else Given(answers)

    with patch.object(rounds, "open_all", keep), patch.object(rounds, "Transcript", transcript):
        proof = rounds.prove(key, found.witness, found.statement, algebra=native(), blinding=draw)
    return Proven(found, proof, dict(kept[0].values), dict(kept[0].coefficients), tuple(drawn))


def challenges_of(key: ProvingKey, statement: Sequence[int], proof: bytes) -> dict[str, int]:
    """All challenges of a proof, as its verifier derives them."""
    read = parse_proof(proof, key.verifying.shape)
    words: dict[str, Sequence[int]] = {
        "statement": [*statement, *(read.record or ())],
        "stage1": [word for point in read.stage1 for word in point],
        "stage2": [word for point in read.stage2 for word in point],
        "quotient": read.quotient, "values": read.values, "opening": read.opening,
    }  # fmt: skip
    transcript, out = Transcript(key.verifying.digest, key.circuit.challenges), {}
    for kind, label in label_list(key.circuit.challenges):
        if kind == ABSORB:
            transcript.absorb(label, words[label])
        else:
            out[label] = transcript.challenge(label)
    return out


def items(key: ProvingKey, proof: bytes) -> dict[str, bytes]:
    """
    Every commitment and value of a proof by name, but the values of fixed columns, which all proofs
    at one xi share.
    """
    shape = key.verifying.shape
    public = {
        f"values[{i}]"
        for i, (name, _) in enumerate(evaluations(key.circuit, key.verifying.slots))
        if name in key.circuit.names(FIXED)
    }
    return {field.name: field.of(proof) for field in fields_of(shape) if field.name not in public}


# -- columns ---------------------------------------------------------------------------------------
def random_rows(key: ProvingKey, found: Case) -> dict[str, set[int]]:
    """
    Rows on which two proofs of one witness differ, by column: same rho, same challenges, other
    blinders.

    This counts in the prover's vectors, so it does not believe its constants.
    """
    source = random.Random(5)
    answers = {
        label: source.randrange(R)
        for kind, label in label_list(key.circuit.challenges)
        if kind != ABSORB
    }
    columns = []
    for seed in (b"one", b"two"):
        words = chain([77], iter(unsafe_seeded_blinding(seed), None))
        columns.append(proven(key, found, words.__next__, answers).values)
    algebra, out = native(), {}
    for name, _ in hidden_columns(key.circuit, key.verifying.slots):
        one, two = (np.array(algebra.integers(values[name]), dtype=object) for values in columns)
        out[name] = {int(row) for row in np.flatnonzero(one != two)}
    return out


def columns_short_of_blinders(key: ProvingKey, found: Case) -> tuple[int, list[str]]:
    """Columns counted, and the names of those whose random rows do not cover every value shown."""
    n, slots, source = key.circuit.size, key.verifying.slots, random.Random(6)
    rows, short = random_rows(key, found), []
    for name, rotated in hidden_columns(key.circuit, slots):
        shown = points_shown(rotated, source.randrange(R), source.randrange(R), n, slots)
        count = len(rows[name])
        full = rows[name] == set(range(n - count, n)) and np.linalg.matrix_rank(
            blinder_matrix(n, count, shown)
        ) == len(shown)
        if not full:
            short.append(name)
    return len(rows), short


# -- sharing and dictionary ------------------------------------------------------------------------
def shared_items(key: ProvingKey, one: bytes, two: bytes) -> list[str]:
    """Items of a proof that stand anywhere in another, by name."""
    others = set(items(key, two).values())
    return [name for name, value in items(key, one).items() if value in others]


def twins() -> tuple[Case, Case]:
    """
    Two histories of one owner, both in one tree: each meets the same statement, word by word.

    So the public words decide nothing, and a guess can be confirmed from the proof alone, or not at
    all.
    """
    pair = [sample(number, owner=0)[1] for number in (0, 1)]
    leaves = [
        found.leaf.digest() for found in pair
    ]  # an attestor's tree would refuse the second: two leaves of one tag
    above = Tree.build([pair[0].leaf], native()).path(0)[1:]
    paths = [(leaves[1], *above), (leaves[0], *above)]
    root = path_root(leaves[0], 0, paths[0])
    placed = [
        replace(found, index=i, path=paths[i], statement=(root, *pair[0].statement[1:]))
        for i, found in enumerate(pair)
    ]
    return placed[0], placed[1]


STREAMS: tuple[Blinding, ...] = (lambda: 0, lambda: 1, lambda: 7)
"""What the adversary thinks that a careless prover might have used for blinders."""
SMALL_RHO = 1 << 10


def confirmed(key: ProvingKey, statement: Sequence[int], proof: bytes, guess: Case) -> set[str]:
    """
    Items of a proof that a guess explains, for an adversary who has everything but the blinders.

    He repeats the prover's work on the guess under the challenges of the proof, with every stream
    of `STREAMS`, and compares all items; and he tries all rho below `SMALL_RHO` on C'.
    """
    answers, target, out = challenges_of(key, statement, proof), items(key, proof), set()
    for stream in STREAMS:
        tried = items(key, proven(key, guess, stream, answers).proof)
        out |= {name for name, value in target.items() if tried[name] == value}
    algebra, point = native(), guess.leaf.commitment
    for _ in range(SMALL_RHO):
        if point is not None and b"".join(x.to_bytes(32, "big") for x in point) == target["record"]:
            out.add("record")
        point = algebra.scale_points([point, key.vanishing_point], [1, 1])  # type: ignore[assignment]
    return out


# -- the same bytes from another history -----------------------------------------------------------
def stream_of(
    rho: int, blinders: Mapping[str, Sequence[int]], order: Sequence[tuple[str, bool]]
) -> Blinding:
    """rho, then the blinders of each column in written order, 0 where none is given."""
    words = iter(
        [
            rho,
            *(
                word
                for name, rotated in order
                for word in blinders.get(name, [0] * rows_of(rotated))
            ),
        ]
    )
    return lambda: next(words)


def record_value(records: Records, x: int, n: int) -> int:
    """R(x), R the polynomial of a log's words."""
    words = records.encode()
    values = native().vector([*words, *[0] * (n - len(words))], Basis.EVALUATION)
    return native().evaluate([native().interpolate(values)], x)[0]


def explained(key: ProvingKey, tau: int, shown: Proven, other: Case) -> bytes:
    """
    A proof from the history of `other`, with blinders solved so that every shown value is that of
    `shown`.

    Only a known tau lets one compute it; that it exists says that the proof holds nothing which
    tells the histories apart, whatever one can compute. Equal bytes are the result; anything else
    is a leak.
    """
    algebra, circuit, n, slots = native(), key.circuit, key.circuit.size, key.verifying.slots
    order, xi = (
        hidden_columns(circuit, slots),
        challenges_of(key, shown.found.statement, shown.proof)["xi"],
    )
    change = record_value(shown.found.records, tau, n) - record_value(other.records, tau, n)
    rho = (shown.blinders[0] + change * pow(pow(tau, n, R) - 1, -1, R)) % R
    blinders: dict[str, list[int]] = {}
    for stage in (
        FIRST,
        SECOND,
    ):  # registers follow from challenges, which are right once stage 1 is
        plain = proven(key, other, stream_of(rho, blinders, order))
        for name, rotated in order:
            if name not in circuit.names(stage):
                continue
            points = points_shown(rotated, tau, xi, n, slots)
            wanted, given = (
                array([algebra.evaluate([proof.coefficients[name]], x)[0] for x in points])
                for proof in (shown, plain)
            )
            blinders[name] = [
                int(x)
                for x in np.linalg.solve(
                    blinder_matrix(n, rows_of(rotated), points), wanted - given
                )
            ]
    return proven(key, other, stream_of(rho, blinders, order)).proof


# -- classifier ------------------------------------------------------------------------------------
def bits(data: Sequence[bytes]) -> Floats:
    """Rows of bits of byte strings of one length."""
    return np.unpackbits(
        np.frombuffer(b"".join(data), np.uint8).reshape(len(data), -1), axis=1
    ).astype(np.float32)


def calldata_gas(data: bytes) -> int:
    return sum(16 if byte else 4 for byte in data)


def families(
    shape: ProofShape, proofs: Sequence[bytes], public: Sequence[bytes]
) -> dict[str, Floats]:
    """
    What an observer can look at, by family; `all` is everything side by side.

    Parameters
    ----------
    public : the statement's words of each proof, 32 bytes each
    """
    fields = fields_of(shape)
    words = np.frombuffer(b"".join(proofs), ">u8").reshape(len(proofs), -1, 4)
    sizes = [
        [
            len(proof),
            len(zlib.compress(proof, 9)),
            proof.count(0),
            calldata_gas(proof),
            calldata_gas(statement),
        ]
        for proof, statement in zip(proofs, public, strict=True)
    ]
    out = {
        "points": bits([b"".join(f.of(p) for f in fields if f.point) for p in proofs]),
        "values": bits([b"".join(f.of(p) for f in fields if not f.point) for p in proofs]),
        "magnitudes": (words[:, :, 0] / 2.0**64).astype(np.float32),
        "gas and sizes": np.array(sizes, dtype=np.float32),
        "public words": bits(public),
    }
    out["all"] = np.concatenate([scaled(part, part) for part in out.values()], axis=1)
    return out


def scaled(features: Floats, training: Floats) -> Floats:
    """
    Centred and of unit variance by the training rows; columns that are constant there are zero.
    """
    mean, spread = training.mean(axis=0), training.std(axis=0)
    out: Floats = np.where(spread > 1e-9, (features - mean) / np.where(spread > 1e-9, spread, 1), 0)
    return out


def ridge(training: Floats, labels: Labels, test: Floats) -> Labels:
    """
    Linear scores by regression on +-1, in the dual: more features than proofs. A column of scores
    for one of labels.
    """
    kernel = training @ training.T
    weights = np.linalg.solve(
        kernel + np.eye(len(labels)) * (1e-6 + np.trace(kernel) / len(labels)), labels
    )
    scores: Labels = test @ (training.T @ weights)
    return scores


def nearest(training: Floats, labels: Labels, test: Floats) -> Labels:
    """Labels of the most alike training row."""
    alike = 2 * test @ training.T - (training**2).sum(axis=1)
    found: Labels = labels[np.argmax(alike, axis=1)]
    return found


CLASSIFIERS: dict[str, Callable[[Floats, Labels, Floats], Labels]] = {
    "ridge": ridge,
    "nearest": nearest,
}


def labellings(count: int) -> Labels:
    """
    +-1 for each of `count` rows, in columns: the truth first, then `SHUFFLES` in which each pair is
    turned over by a coin.

    Rows 2 i and 2 i + 1 are of different populations. If proofs tell nothing, the truth is a column
    like all others.
    """
    truth = np.where(np.arange(count) % 2, 1, -1).astype(np.float32)
    turned = (
        np.random.default_rng(11)
        .choice(np.float32([-1, 1]), size=(count // 2, SHUFFLES))
        .repeat(2, axis=0)
    )
    out: Labels = truth[:, None] * np.concatenate([np.ones((count, 1), np.float32), turned], axis=1)
    return out


def right_guesses(features: Floats, classifier: str, folds: int = FOLDS) -> npt.NDArray[np.int64]:
    """
    For each labelling, how many rows are told right by a classifier that was not trained on them.

    The rows of a pair share a fold: so a fold is balanced, inside and outside.
    """
    labels, fold = labellings(len(features)), np.arange(len(features)) // 2 % folds
    right = np.zeros(labels.shape[1], dtype=np.int64)
    for test in range(folds):
        out, inside = fold == test, fold != test
        scores = CLASSIFIERS[classifier](
            scaled(features[inside], features[inside]),
            labels[inside],
            scaled(features[out], features[inside]),
        )
        right += (np.where(scores > 0, 1, -1) == labels[out]).sum(axis=0)
    return right


def chance(right: Sequence[int] | npt.NDArray[np.int64]) -> float:
    """
    Odds that the truth, which comes first, is guessed as well as that by chance: by mean and spread
    of the others.

    Guesses of one cross-validation hang together, so that a coin's spread would be too small.
    """
    others = np.asarray(right[1:], dtype=np.float64)
    return math.erfc((float(right[0]) - others.mean()) / max(others.std(), 0.5) / math.sqrt(2)) / 2


def told_apart(found: Mapping[str, Floats], folds: int = FOLDS) -> dict[str, dict[str, Any]]:
    """
    Accuracy of each classifier on each family, its odds by chance, and whether it tells the
    populations apart.

    Telling is less likely by chance than its share of `FALSE_ALARM`; for `all`, an accuracy above
    `CHANCE_LIMIT` too.
    """
    out, share = {}, FALSE_ALARM / (len(found) * len(CLASSIFIERS))
    for family, features in found.items():
        for classifier in CLASSIFIERS:
            right = right_guesses(features, classifier, folds)
            accuracy, odds = float(right[0]) / len(features), chance(right)
            telling = odds < share or (family == "all" and accuracy > CHANCE_LIMIT)
            out[f"{family}, {classifier}"] = {
                "accuracy": round(accuracy, 4),
                "odds": odds,
                "telling": telling,
            }
    return out


def credential_proof(number: int, blinding: Blinding | None = None) -> tuple[bytes, bytes]:
    """
    Statement, 32 bytes a word, and proof of sample `number`; its blinding follows from the number.
    """
    _, found = sample(number)
    stream = blinding or unsafe_seeded_blinding(b"zero knowledge %d" % number)
    proof = rounds.prove(
        home().key, found.witness, found.statement, algebra=native(), blinding=stream
    )
    return b"".join(word.to_bytes(32, "big") for word in found.statement), proof


@cache
def small_histories() -> tuple[tuple[ProvingKey, Any], ...]:
    """
    Two witnesses of the circuit `small/record` for one statement: equal low halves, high halves all
    0 or all 15.
    """
    out = []
    for high in (0, 15):
        small = SMALL["record"]()
        lows = [word % 16 for word in small.records or ()]
        small.records = [low + 16 * high for low in lows]
        small.witness.first = {
            **small.witness.first,
            "high": column([high] * len(lows), small.circuit.size),
        }
        out.append((small.key(native()), committed(small, native())))
    return tuple(out)


def small_proof(number: int, blinding: Blinding | None = None) -> bytes:
    """Proof `number` of the small circuit, from the same prover as a credential's."""
    key, small = small_histories()[number % 2]
    stream = blinding or unsafe_seeded_blinding(b"small %d" % number)
    return rounds.prove(key, small.witness, small.statement, algebra=native(), blinding=stream)


def small_families(count: int, blinding: Blinding | None = None) -> dict[str, Floats]:
    """As `families`, for the small circuit; the statement is one word, the same for all."""
    key, small = small_histories()[0]
    public = b"".join(word.to_bytes(32, "big") for word in small.statement)
    return families(
        key.verifying.shape, [small_proof(i, blinding) for i in range(count)], [public] * count
    )


# -- lengths ---------------------------------------------------------------------------------------
def extreme_histories() -> list[Case]:
    """
    The smallest log that there is, one mark a day for two days, and one that fills its class; one
    policy.
    """
    fills = [fill(0, 1)] * (CURRENT.capacity(home().circuit.size) - 2)
    return [
        case([*rows, mark(0), mark(1)], 2, 100_000, thresholds(), home=home())
        for rows in ([], fills)
    ]


# -- the campaign ----------------------------------------------------------------------------------
def columns_part() -> Result:
    circuit, slots = home().circuit, home().key.verifying.slots
    count, short = columns_short_of_blinders(home().key, sample(0)[1])
    one_less = [
        name
        for name, rotated in hidden_columns(circuit, slots)
        if (shown := points_shown(rotated, 3, 5, circuit.size, slots))
        and np.linalg.matrix_rank(blinder_matrix(circuit.size, rows_of(rotated) - 1, shown))
        < len(shown)
    ]
    return {
        "tried": count,
        "caught": count - len(short),
        "short": short,
        "would leak with one row fewer": len(one_less),
    }


def sharing_part() -> Result:
    key, found = home().key, sample(0)[1]
    one, two = (proven(key, found, unsafe_seeded_blinding(seed)).proof for seed in (b"one", b"two"))
    bare = [proven(key, found, STREAMS[2]).proof for _ in range(2)]
    shared, count = shared_items(key, one, two), len(items(key, one))
    return {
        "tried": count, "caught": count - len(shared), "shared": shared,
        "shared with blinding off": len(shared_items(key, *bare)),
    }  # fmt: skip


def dictionary_part() -> Result:
    """Each twin's proof against each twin as the guess; then the same with blinding off."""
    key, pair, leaks, told = home().key, twins(), [], []
    for true, false in (pair, pair[::-1]):
        for stream, names in ((unsafe_seeded_blinding(b"dictionary"), leaks), (STREAMS[2], told)):
            proof = proven(key, true, stream).proof
            for guess in (true, false):
                names.append(sorted(confirmed(key, true.statement, proof, guess)))
    return {
        "tried": len(leaks), "caught": sum(not names for names in leaks), "confirmed": leaks,
        "items confirmed with blinding off, true and false guesses": [len(names) for names in told],
    }  # fmt: skip


def explained_part() -> Result:
    """
    Each twin's proof as a proof of the other; then as one of a history that does not meet the
    statement.
    """
    key, tau, pair = home().key, home().setup.unsafe_tau or 0, twins()
    shown = [proven(key, found, unsafe_seeded_blinding(b"explained")) for found in pair]
    same = [
        explained(key, tau, proof, other) == proof.proof
        for proof, other in zip(shown, pair[::-1], strict=True)
    ]
    liar = replace(pair[1], secret=pair[1].secret + 1)
    return {
        "tried": len(same),
        "caught": sum(same),
        "a witness that breaks the statement explains it": explained(key, tau, shown[0], liar)
        == shown[0].proof,
    }


def lengths_part() -> Result:
    key, histories = home().key, extreme_histories()
    found = {
        len(h.records): len(proven(key, h, unsafe_seeded_blinding(b"length")).proof)
        for h in histories
    }
    right = [length == key.verifying.shape.length for length in found.values()]
    return {"tried": len(right), "caught": sum(right), "bytes by records": found}


def kept_proofs(
    folder: Path, count: int, progress: Progress, blinding: Blinding | None = None
) -> list[tuple[bytes, bytes]]:
    """Samples 0 .. count - 1, read from the folder where an earlier run got that far."""
    head, out = 32 * len(home().circuit.statement), []
    for number in range(count):
        path = folder / f"{number}.bin"
        if not path.exists():
            write_atomic(path, b"".join(credential_proof(number, blinding)))
            if number % 50 == 0:
                progress(f"{folder.name}: proof {number} of {count}")
        data = path.read_bytes()
        out.append((data[:head], data[head:]))
    return out


def classifier_part(state: Path, progress: Progress) -> Result:
    """
    Credentials of two populations; with blinding off; and their witnesses' own figures, which must
    tell.
    """
    shape, identity = home().key.verifying.shape, home().key.verifying.digest.hex()[:16]
    blinded = kept_proofs(state / identity / "blinded", PROOFS, progress)
    bare = kept_proofs(state / identity / "bare", OPEN_PROOFS, progress, STREAMS[2])
    found = told_apart(
        families(shape, [proof for _, proof in blinded], [words for words, _ in blinded])
    )
    open_ = told_apart(families(shape, [proof for _, proof in bare], [words for words, _ in bare]))
    figures = np.array(
        [
            [len(c.records), c.assessment.sums.volume]
            for _, c in (sample(i) for i in range(OPEN_PROOFS))
        ],
        dtype=np.float32,
    )
    return verdict(found, {**open_, **told_apart({"figures of the witness": figures})}) | {
        "proofs": len(blinded)
    }


def small_classifier_part() -> Result:
    return verdict(
        told_apart(small_families(SMALL_PROOFS)),
        told_apart(small_families(OPEN_PROOFS, STREAMS[2])),
    )


def verdict(found: Mapping[str, Any], control: Mapping[str, Any]) -> Result:
    """One trial for each family and classifier, caught unless it tells."""
    return {
        "tried": len(found),
        "caught": sum(not entry["telling"] for entry in found.values()),
        "blinded": found,
        "told with blinding off": {
            name: entry["accuracy"] for name, entry in control.items() if entry["telling"]
        },
    }


def gas_part() -> Result:
    """
    Running the verifier takes the same gas for every proof, so the whole of it follows from public
    bytes.
    """
    deployed = Deployed.put(
        Chain.embedded(), load_artifact(f"TierproofVerifier{home().circuit.size}")
    )
    spent = []
    for number in range(GAS_PROOFS):
        found, (_, proof) = sample(number)[1], credential_proof(number)
        spent.append(deployed.gas(found.statement, proof)[1])
    return {"tried": len(spent), "caught": spent.count(spent[0]), "gas": sorted(set(spent))}


def run(progress: Progress, state: Path) -> Result:
    parts: dict[str, Callable[[], Result]] = {
        "columns": columns_part,
        "sharing": sharing_part,
        "dictionary": dictionary_part,
        "explained": explained_part,
        "lengths": lengths_part,
        "small classifier": small_classifier_part,
        "gas": gas_part,
        "classifier": lambda: classifier_part(state, progress),
    }
    return in_parts(parts, progress, state)
