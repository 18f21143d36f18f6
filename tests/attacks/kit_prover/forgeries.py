"""
For every check of the Python verifier a forgery that this check alone stops; and the equation of the opening, part by part.

`CHECKS` has an entry for each check that `mutants.checks` finds in the source, `EQUATION` one for each part of the steps
and of the batch that a proof hangs on. A forgery is accepted by the verifier without the part, and refused by the true one.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import support.credential
from attacks.kit_prover.liar import Balanced, CarelessReader, Liar
from attacks.kit_prover.mutants import Attempt, Edit, Verifier, checks, edit, flawed, outcome
from support.check_circuit import Columns, Tampered, put, small_key
from support.credential import Case, case, close, honest, mark, thresholds
from support.small import SMALL, Small, SmallWitness, column, committed

from algebra.interface import Basis, FieldVector, P, Point, R, root_of_unity
from algebra.native_backend import native
from circuits import day_rows
from circuits import thresholds as circuit_thresholds
from circuits.circuit import FIRST, FIXED, SECOND
from circuits.credential import derive
from circuits.packing import Pack
from circuits.policy import example
from circuits.thresholds import LAYOUT, LIMBS_PER_WORD
from prover.blinding import Blinding, unsafe_seeded_blinding
from prover.keys import ProvingKey
from verifier.key import VerifyingKey

ACCEPTED, CRASH = "accepted", "crash"
ALGORITHM = "verifier.algorithm"


@dataclass(frozen=True)
class Forgery:
    """
    make : from the flawed verifier, which a forger knows, to the attempt.
    also : ids of checks that stop the same; they are taken out with it, and have their own entries.
    given : changes of the true verifier and the flawed one alike, such as a hash that gives what it never will.
    expect : `accepted`; `crash`, where the check keeps an exception from leaving the verifier; or the code of another
        refusal, where what the check stops cannot be proven anyway.
    """

    make: Callable[[Verifier], Attempt]
    also: tuple[str, ...] = ()
    given: tuple[Edit, ...] = ()
    expect: str = ACCEPTED


@dataclass(frozen=True)
class Verdict:
    """What became of one mutant."""

    id: str
    with_check: str
    without: str
    expect: str

    @property
    def caught(self) -> bool:
        """Refused by an error of ours with the check, and as expected without it."""
        refused = self.with_check != ACCEPTED and not self.with_check.startswith(CRASH)
        return refused and self.without.split()[0] == self.expect != self.with_check


def judge(identity: str, edits: Sequence[Edit], forgery: Forgery) -> Verdict:
    """Try a forgery on the true verifier and without the check."""
    by_id = {check.id: check for check in checks()}
    without = flawed(*edits, *(by_id[name] for name in forgery.also), *forgery.given)
    attempt = forgery.make(without)
    return Verdict(identity, outcome(attempt, flawed(*forgery.given)), outcome(attempt, without), forgery.expect)


# -- what is attacked ---------------------------------------------------------------------------------------------------
@cache
def small(name: str, slots: int = 4) -> tuple[Small, ProvingKey]:
    made = committed(SMALL[name](), native())
    return made, small_key(made.circuit, native(), slots)


def lie(name: str, cheat: int = 0) -> Tampered:
    """A witness of a small circuit that breaks a constraint."""
    made, _ = small(name)
    return Tampered(made.witness, made.cheats[cheat].first, made.cheats[cheat].second)


class Lenient:
    """An algebra that takes numbers modulo p or r and (0, 0) for infinity, as a careless one would."""

    def __getattr__(self, name: str) -> Any:
        return getattr(native(), name)

    @staticmethod
    def reduced(points: Sequence[Point]) -> list[Point]:
        return [None if p is None or p == (0, 0) else (p[0] % P, p[1] % P) for p in points]

    def points(self, points: Sequence[Point]) -> Any:
        return native().points(self.reduced(points))

    def scale_points(self, points: Sequence[Point], scalars: Sequence[int]) -> Point:
        return native().scale_points(self.reduced(points), [s % R for s in scalars])

    def run_once(self, program: Any, scalars: Sequence[int]) -> list[int]:
        return native().run_once(program, [s % R for s in scalars])


@dataclass(frozen=True)
class Shown:
    """A proof to hand to verifiers."""

    key: VerifyingKey
    statement: Sequence[Any]
    proof: Any
    algebra: Any

    def __call__(self, verifier: Verifier) -> None:
        mine = copy.copy(self.key)
        if verifier.derive is not None:
            circuit = copy.copy(self.key.circuit)
            circuit.derive = verifier.derive
            object.__setattr__(mine, "circuit", circuit)
        verifier.verify.verify(mine, self.statement, self.proof, algebra=self.algebra)


def shows(key: VerifyingKey, statement: Sequence[Any], proof: Any, algebra: Any = None) -> Shown:
    return Shown(key, statement, proof, algebra or native())


def told(liar: Liar, name: str, witness: Any = None, slots: int = 4, **options: Any) -> tuple[VerifyingKey, Any, bytes]:
    """A liar's proof for a small circuit."""
    made, key = small(name, slots)
    return key.verifying, made.statement, liar.prove(key, witness or made.witness, made.statement, **options)


# -- parsing --------------------------------------------------------------------------------------------------------------
class Uncanonical(Liar):
    """One word of what it says, plus a modulus: the same number in another encoding."""

    def __init__(self, label: str, index: int, modulus: int) -> None:
        self.place, self.modulus = (label, index), modulus

    def absorb(self, label: str, given: list[int]) -> list[int]:
        if label == self.place[0]:
            given[self.place[1]] += self.modulus
        return given


def uncanonical(label: str, index: int, modulus: int) -> Attempt:
    return shows(*told(Uncanonical(label, index, modulus), "bus"), Lenient())


def no_bits() -> Attempt:
    """The recurrence with zero bits and blinding off: its stage-1 pack is infinity."""
    _, key = small("recurrence")
    states = [5 * 3**i for i in range(11)]
    witness = SmallWitness({"x": column([], 16)}, lambda _: {"a": column(states, 16)})
    statement = (5, states[-1])
    return shows(key.verifying, statement, Liar().prove(key, witness, statement, blinding=lambda: 0), Lenient())


def other_bytes(change: Callable[[bytes], Any]) -> Attempt:
    key, statement, proof = told(Liar(), "bus")
    return shows(key, statement, change(proof))


# -- words ----------------------------------------------------------------------------------------------------------------
def first_word(add: int) -> Attempt:
    """A public word of another encoding, absorbed as it stands."""
    made, key = small("recurrence")
    statement = (made.statement[0] + add, *made.statement[1:])
    if not 0 <= statement[0] < 1 << 256:
        return shows(key.verifying, statement, Liar().prove(key, made.witness, made.statement), Lenient())
    return shows(key.verifying, statement, Liar().prove(key, made.witness, statement), Lenient())


def bad_words(statement: Callable[[tuple[int, ...]], Sequence[Any]]) -> Attempt:
    made, key = small("recurrence")
    return shows(key.verifying, statement(made.statement), Liar().prove(key, made.witness, made.statement))


def credential(found: Case, words: Sequence[int], blinding: Blinding | None = None) -> Shown:
    """A proof of a credential with other public words; its trace is made for them."""
    scalars = {name: value.number for name, value in derive(CarelessReader(), words, None).items()}
    with patch.object(support.credential, "StatementReader", CarelessReader):
        witness = replace(found.witness, scalars=scalars)
    key = found.world.key
    return shows(key.verifying, words, Liar().prove(key, witness, words, blinding=blinding))


def rule(number: int, change: Callable[[int], int]) -> Callable[[Verifier], Attempt]:
    """The stock credential with one word changed."""

    def make(_: Verifier) -> Attempt:
        words = list(honest().statement)
        words[number] = change(words[number])
        return credential(honest(), words)

    return make


def steady(days: int, asked: Sequence[int] = (), **numbers: int) -> Case:
    """A close and a mark on each of so many days."""
    rows = [row for day in range(days) for row in (close(day, 10), mark(day))]
    return case(rows, days, 100_000, thresholds(asked, **numbers))


def threshold(name: str, value: int, found: Callable[[], Case] = honest) -> Callable[[Verifier], Attempt]:
    """A history that meets a tier which no policy may have: one number of its words replaced."""

    def make(_: Verifier) -> Attempt:
        base, slot = found(), LAYOUT[name]
        word, limb = divmod(slot.start, LIMBS_PER_WORD)
        words, place = list(base.statement), 12 * limb
        words[5 + word] &= ~(((1 << 12 * slot.limbs) - 1) << place)
        words[5 + word] |= value << place
        return credential(base, words)

    return make


def one_day(_: Verifier) -> Attempt:
    """A history of one day, from an oracle that does not mind."""
    with patch.object(day_rows, "MIN_DAYS", 1), patch.object(circuit_thresholds, "MIN_DAYS", 1):
        found = steady(1)
    return credential(found, found.statement)


def too_many_days(_: Verifier) -> Attempt:
    """A window of 367 days: there are rows for 366, so that the constraints refuse it as well."""
    words = list(honest().statement)
    first = words[4] % (1 << 24)
    words[4] = first + ((first + 366) << 24)
    return credential(honest(), words)


# -- challenges ---------------------------------------------------------------------------------------------------------
class Known(Liar):
    """Challenges that are known beforehand."""

    def __init__(self, **known: int) -> None:
        self.known = known

    def challenge(self, label: str, value: int) -> int:
        return self.known.get(label, value)


def fixed(label: str, value: int) -> Edit:
    """The challenge is drawn, and a number used instead."""
    place = {"alpha": f'scalars["alpha"] = L.challenge("{label}")'}.get(label, f'    {label} = L.challenge("{label}")')
    head, call = place.split(" = ")
    return edit(f"{label} known", ALGORITHM, place, f"{head} = ({call}, L.constant({value}))[1]")


def at_row(row: int, name: str, cheat: int) -> Attempt:
    """xi is omega^row, where T counts for nothing and constraints for that one row."""
    made, _ = small(name)
    return shows(*told(Known(xi=pow(root_of_unity(made.circuit.size), row, R)), name, lie(name, cheat)))


DOMAIN = pow(root_of_unity(16), 7, R)
XI, ALPHA, BETA = 123_456_789, 1, 987_654_321


class KnownXi(Known):
    """T made to fit the claim at the one point where it will be asked."""

    def quotient(self, vector: FieldVector) -> FieldVector:
        self.quotient_vector, xi = vector, self.known["xi"]
        names, n = self.key.verifying.plan.evaluations, self.key.circuit.size
        values = [
            native().evaluate([self.run.coefficients[name]], xi * pow(root_of_unity(n), rotation, R) % R)[0]
            for name, rotation in names
        ]
        self.challenges = {**self.challenges, "xi": xi, "alpha": self.run.scalars["alpha"]}
        short = (self.claim(values) - self.wanted()) * pow(pow(xi, n, R) - 1, -1, R) % R
        return native().linear_combination([1, short], [vector, native().vector([1], Basis.COEFFICIENT)])


def known_alpha() -> Attempt:
    """Two constraints broken on one row, whose errors cancel when all powers of alpha are one."""
    _, key = small("recurrence")
    bits, states = [1, 0, 1, 1, 2, 0, 1, 0, 1, 1], [5]
    for bit in bits:
        states.append(3 * states[-1] + bit - bit * (bit - 1))
    witness = SmallWitness({"x": column(bits, 16)}, lambda _: {"a": column(states, 16)})
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


# -- the transcript -------------------------------------------------------------------------------------------------------
class Unabsorbed(Liar):
    """What stands under a label does not reach the transcript."""

    def __init__(self, label: str, keep: slice | None = None) -> None:
        self.label, self.keep = label, keep

    def taken_in(self, label: str, told: Sequence[int]) -> Sequence[int]:
        if label != self.label:
            return told
        return told[self.keep] if self.keep else []


def late_point(name: str, point: str, label: str, keep: slice | None, cheat: int, verifier: Verifier) -> Attempt:
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
    """A statement chosen when all challenges are known: another start, and the end that makes up for it."""
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


# -- the opening ----------------------------------------------------------------------------------------------------------
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
    witness = SmallWitness(
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
        x, other = native().scale_points([(numbers[0], numbers[1]), one, tau], [1, sign * y % R, -sign % R]) or (0, 0)
        spoiled.append(field.replaced(proof, x.to_bytes(32, "big") + other.to_bytes(32, "big")))
    items = [(key.verifying, made.statement, proof) for proof in spoiled]
    return lambda verifier: verifier.batch.require_batch(items, algebra=native())


def batch_of_one() -> Attempt:
    item = told(Liar(), "bus", lie("bus"))
    return lambda verifier: verifier.batch.require_batch([item], algebra=native())


# -- keys and statements --------------------------------------------------------------------------------------------------
def key_file(change: Callable[[dict[str, Any]], Any], *, sign: bool = True, algebra: Any = None) -> Attempt:
    """A key file with a change, its digest made to fit where there is one."""
    made, key = small("recurrence")
    data = change(dict(key.verifying.to_json()))
    if sign and isinstance(data, dict):
        fixed_points = tuple((int(x, 16), int(y, 16)) for x, y in data["fixed"])
        slots, srs_id = int(data["slots"]), int(data["srs_id"], 16)
        data["digest"] = replace(key.verifying, slots=slots, srs_id=srs_id, fixed=fixed_points).digest.hex()
    build = lambda name, size: made.circuit  # noqa: E731
    return lambda v: v.key.VerifyingKey.from_json(data, build, algebra or native())


def put_field(**fields: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda data: {**data, **fields}


def first_fixed(change: Callable[[str, str], list[Any]]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda data: {**data, "fixed": [change(*data["fixed"][0]), *data["fixed"][1:]]}


def no_file(verifier: Verifier) -> None:
    verifier.key.VerifyingKey.load(Path("no such key"), lambda name, size: small("bus")[0].circuit, native())


def scope(**parts: Any) -> Callable[[Verifier], Attempt]:
    given = {"chain_id": 1, "registry": 1, "epoch": 0, "policy_id": bytes(32), **parts}
    return lambda _: lambda verifier: verifier.statement.scope_of(**given)


def nine_words(**parts: int) -> Callable[[Verifier], Attempt]:
    given = {"root": 1, "nullifier": 1, "account": 1, "chain_id": 1, "registry": 1, "epoch": 0, **parts}

    policy = example("standard")
    return lambda _: lambda verifier: verifier.statement.statement_words(policy, policy.tiers[0], **given)


def plain(make: Callable[..., Attempt], *arguments: Any, **options: Any) -> Callable[[Verifier], Attempt]:
    """A forgery that needs nothing of the flawed verifier."""
    return lambda _: make(*arguments, **options)


# -- one for each check ---------------------------------------------------------------------------------------------------
_false = plain(lambda: shows(*told(Liar(), "bus", lie("bus"))))
_point, _read, _key = "verifier.proof.parse_proof.point: ", "verifier.verify.read: ", "verifier.key.VerifyingKey."
_json, _number = f"{_key}from_json: ", f"{_key}from_json.number: "
_scope, _words = "verifier.statement.scope_of: ", "verifier.statement.statement_words: "
_value, _rule = "verifier.loader.StatementReader.value: ", "circuits.credential.derive: require_less "
_handler = f"{_json}except (KeyError, TypeError, ValueError)"
_in_domain = (fixed("xi", DOMAIN),)

CHECKS: dict[str, Forgery] = {
    # the bytes of a proof
    "verifier.proof.parse_proof: len(data) != shape.length": Forgery(plain(other_bytes, lambda proof: proof + b"\0")),
    f"{_point}x >= P": Forgery(plain(uncanonical, "stage1", 0, P)),
    f"{_point}y >= P": Forgery(plain(uncanonical, "stage1", 1, P)),
    f"{_point}(y * y - x * x * x - 3) % P": Forgery(plain(no_bits)),
    "verifier.proof.parse_proof: value >= R": Forgery(plain(uncanonical, "values", 2, R)),
    f"{_read}not isinstance(proof, bytes | bytearray | memoryview)": Forgery(plain(other_bytes, list)),
    # the public words
    f"{_read}len(words) != len(key.circuit.statement)": Forgery(lambda _: credential(honest(), [*honest().statement, 7])),
    f"{_read}not isinstance(word, int)": Forgery(plain(bad_words, lambda w: (w[0], float(w[1]))), expect=CRASH),
    f"{_read}not 0 <= word < 1 << 256": Forgery(
        plain(first_word, -R), also=(f"{_value}not 0 <= word < R",), expect=CRASH
    ),
    f"{_read}0 <= word < 1 << 256": Forgery(
        plain(first_word, 1 << 256), also=(f"{_value}0 <= word < R",), expect=CRASH
    ),
    f"{_value}not 0 <= word < R": Forgery(
        plain(first_word, -R), also=(f"{_read}not 0 <= word < 1 << 256",), expect=CRASH
    ),
    f"{_value}0 <= word < R": Forgery(plain(first_word, R)),
    "verifier.loader.StatementReader.require_less: not _number(left) < _number(right)": Forgery(rule(3, lambda _: 0)),
    f"{_rule}'the account is zero'": Forgery(rule(3, lambda _: 0)),
    f"{_rule}'the account is not an address'": Forgery(rule(3, lambda account: account + (1 << 160))),
    f"{_rule}'the window has more than two days'": Forgery(rule(4, lambda days: days + (1 << 48))),
    f"{_rule}'the window has less than two days'": Forgery(one_day),
    f"{_rule}'the window has more than 366 days'": Forgery(too_many_days, expect="rejected.equation"),
    f"{_rule}'a threshold word has unused bits'": Forgery(rule(5, lambda word: word + (1 << 252))),
    f"{_rule}'the mask has unused bits'": Forgery(rule(8, lambda word: word + (1 << 251))),
    f"{_rule}f'M{{metric}} needs the volatility feed'": Forgery(threshold("mask", 1 << 1)),
    f"{_rule}'the floor is zero'": Forgery(threshold("floor", 0)),
    f"{_rule}'the activity line is zero'": Forgery(
        threshold("activity", 0, lambda: steady(366, activity=1))
    ),
    f"{_rule}'M5 is above the near line'": Forgery(
        threshold("near_line", LAYOUT["near_line"].offset + 2000, lambda: steady(7, [5], buffer=3000))
    ),
    # challenges and the equation
    "verifier.algorithm.verify_steps: require_nonzero 'xi is not in the domain'": Forgery(
        plain(at_row, 7, "recurrence", 0), given=_in_domain
    ),
    "verifier.loader.ProofLoader.require_nonzero: value.number == 0": Forgery(
        plain(at_row, 7, "recurrence", 0), given=_in_domain
    ),
    "verifier.loader.ProofLoader.inverse: require_nonzero 'a challenge meets a pole'": Forgery(
        plain(lambda: shows(*told(Known(xi=0), "bus"))), given=(fixed("xi", 0),), expect=CRASH
    ),
    "verifier.algorithm.verify_steps: require_pairing": Forgery(_false),
    "verifier.loader.IntegerLoader.require_pairing: not self.algebra.pairing_check("
    "[(left, GENERATOR_G2), (negated(right), self.key.tau_g2)])": Forgery(_false),
    "verifier.batch.require_batch: error is not None": Forgery(plain(batch_of_one)),
    # keys
    f"{_key}load: except (OSError, ValueError)": Forgery(lambda _: no_file, expect=CRASH),
    f"{_number}not isinstance(text, str)": Forgery(
        plain(key_file, first_fixed(lambda x, y: [5, y]), sign=False), also=(_handler,), expect=CRASH
    ),
    f"{_number}not re.fullmatch(r\"0x[0-9a-f]{{1,64}}\", text)": Forgery(
        plain(key_file, first_fixed(lambda x, y: [x.upper().replace("X", "x"), y]))
    ),
    f"{_number}value >= P": Forgery(
        plain(key_file, first_fixed(lambda x, y: [hex(int(x, 16) + P), y]), algebra=Lenient())
    ),
    f"{_json}not isinstance(data, dict)": Forgery(plain(key_file, lambda data: []), expect=CRASH),
    f"{_json}data.get(\"format\") != FORMAT": Forgery(plain(key_file, put_field(format="another"))),
    f"{_json}type(data.get(name)) is not kind": Forgery(plain(key_file, put_field(insecure=1))),
    _handler: Forgery(plain(key_file, lambda data: {**data, "fixed": None}, sign=False), expect=CRASH),
    f"{_json}not 1 <= key.slots <= 64": Forgery(plain(key_file, put_field(slots=0), sign=False), expect=CRASH),
    f"{_json}1 <= key.slots <= 64": Forgery(plain(key_file, put_field(slots=65))),
    f"{_json}not 0 <= key.srs_id < 1 << 200": Forgery(
        plain(key_file, put_field(srs_id="-1"), sign=False), expect=CRASH
    ),
    f"{_json}0 <= key.srs_id < 1 << 200": Forgery(plain(key_file, put_field(srs_id=f"{1 << 200:x}"))),
    f"{_json}len(fixed) != sum(pack.stage == FIXED for pack in packs(circuit, key.slots))": Forgery(
        plain(key_file, lambda data: {**data, "fixed": [*data["fixed"], ["0x1", "0x2"]]})
    ),
    f"{_json}key.digest.hex() != stated": Forgery(plain(key_file, put_field(srs_id="1"), sign=False)),
    f"{_json}except ValueError": Forgery(plain(key_file, first_fixed(lambda x, y: [x, "0x1"])), expect=CRASH),
    # what a caller computes for itself
    f"{_scope}not 0 <= chain_id < WORD_LIMIT": Forgery(scope(chain_id=-1), expect=CRASH),
    f"{_scope}0 <= chain_id < WORD_LIMIT": Forgery(scope(chain_id=1 << 256), expect=CRASH),
    f"{_scope}not 0 <= epoch < WORD_LIMIT": Forgery(scope(epoch=-1), expect=CRASH),
    f"{_scope}0 <= epoch < WORD_LIMIT": Forgery(scope(epoch=1 << 256), expect=CRASH),
    f"{_scope}len(policy_id) != 32": Forgery(scope(policy_id=bytes(31))),
    f"{_scope}not 1 <= registry < ADDRESS_LIMIT": Forgery(scope(registry=0)),
    f"{_scope}1 <= registry < ADDRESS_LIMIT": Forgery(scope(registry=1 << 160)),
    f"{_words}not 1 <= value < limit": Forgery(nine_words(nullifier=0)),
    f"{_words}1 <= value < limit": Forgery(nine_words(account=1 << 160)),
}

UNREACHABLE: dict[str, str] = {
    "verifier.batch.equation_of: loader.equation is None": "no input leads there: it says that the text of the steps is broken"
}
"""Checks that guard the code against itself."""

_factor = "factor = weight * (rotated if pack.rotated else unrotated)"


def _pack(stage: int, rotated: bool, value: str, cheat: str = "bus") -> tuple[Edit, Forgery]:
    name = f"packs of stage {stage}{', rotated' * rotated}: opened"
    new = f"{_factor} * int((pack.stage, pack.rotated) != ({stage}, {rotated}))"
    moves = {value: 1}
    return edit(name, ALGORITHM, _factor, new), Forgery(
        plain(lambda: shows(*told(Unopened(stage, rotated, **moves), cheat, lie(cheat))))
    )


def _absorbed(label: str, new: str, make: Callable[[Verifier], Attempt], what: str = "") -> tuple[Edit, Forgery]:
    old = f'L.absorb("{label}", ' + {
        "statement": "[*words, *record_words])", "values": "L.value_words())"
    }.get(label, f'L.point_words("{label}"))')  # fmt: skip
    return edit(f"{what or label}: absorbed", ALGORITHM, old, f'L.absorb("{label}", {new}'), Forgery(make)


def _late(name: str, point: str, label: str, cheat: int = 0, keep: slice | None = None) -> Callable[[Verifier], Attempt]:
    return partial(late_point, name, point, label, keep, cheat)


@cache
def equation() -> Mapping[str, tuple[tuple[Edit, ...], Forgery]]:
    """Every part of the steps, without which a forgery passes."""
    zero_record = plain(records_of_nobody, ZeroClaim(), None, 5)
    entries: list[tuple[Edit | tuple[Edit, ...], Forgery]] = [
        # what the transcript takes in
        _absorbed("statement", "[*record_words])", late_word, "statement words")[0:2],
        _absorbed("statement", "[*words])", _late("record", "record", "statement", 2, slice(0, 1)), "C'"),
        _absorbed("stage1", "[])", _late("bus", "stage1[0]", "stage1")),
        _absorbed("stage2", "[])", _late("bus", "stage2[0]", "stage2")),
        _absorbed("quotient", "[])", _late("bus", "quotient", "quotient")),
        _absorbed("values", "[])", late_value),
        _absorbed("opening", "[])", _late("bus", "opening", "opening")),
        (
            edit("key digest: absorbed", "verifier.loader", "Transcript(key.digest,", "Transcript(bytes(32),"),
            Forgery(plain(other_key)),
        ),
        # what it gives
        (
            edit(
                "the circuit's challenges: drawn", ALGORITHM,
                "scalars[name] = L.challenge(name)", f"scalars[name] = (L.challenge(name), L.constant({BETA}))[1]",
            ),
            Forgery(plain(known_beta)),
        ),
        (fixed("alpha", ALPHA), Forgery(plain(known_alpha))),
        (fixed("xi", XI), Forgery(plain(lambda: shows(*told(KnownXi(xi=XI), "bus", lie("bus")))))),
        (fixed("v", 1), Forgery(plain(values_that_cancel))),
        (fixed("y", XI), Forgery(late_opening)),
        # the opening
        _pack(FIXED, False, "is_on_0"),
        _pack(FIRST, False, "sent_0"),
        _pack(SECOND, False, "helper_bus_0"),
        _pack(SECOND, True, "running_sum_0"),
        (
            (
                edit("registers: opened at omega xi", ALGORITHM, _factor, "factor = weight * unrotated"),
                edit("", ALGORITHM, "if pack.rotated:\n", "if False:\n"),
            ),
            Forgery(plain(lambda: shows(*told(OpenedOnce(running_sum_1=1), "bus", lie("bus"))))),
        ),
        (
            edit("packs: a power of v each", ALGORITHM, "weight = weight * v", "pass"),
            Forgery(plain(values_that_cancel)),
        ),
        (
            edit("T, R' and the claim: in the equation", ALGORITHM, "factor = weight * both", "factor = L.constant(0)"),
            Forgery(plain(lambda: shows(*told(NoQuotient(), "bus", lie("bus"))))),
        ),
        (
            edit("C': in the equation", ALGORITHM, "    if has_record:\n", "    if False:\n"),
            Forgery(plain(records_of_nobody, NoRecord(), small("record")[0].witness.commitment, 5)),
        ),
        (
            edit("the claim: of the constraints", ALGORITHM, "claim = interpret(", "claim = L.constant(0) * interpret("),
            Forgery(zero_record),
        ),
        # the batch
        (
            edit(
                "batch: random weights", "verifier.batch",
                "1 + secrets.randbelow((1 << WEIGHT_BITS) - 1) for", "1 for",
            ),
            Forgery(plain(errors_that_cancel)),
        ),
        (
            edit("batch: the product of pairings", "verifier.batch", "return algebra.pairing_check(pairs)", "return True"),
            Forgery(plain(batch_of_one)),
        ),
    ]  # fmt: skip
    out = {}
    for edits, forgery in entries:
        together = edits if isinstance(edits, tuple) else (edits,)
        out[together[0].id] = (together, forgery)
    return out
