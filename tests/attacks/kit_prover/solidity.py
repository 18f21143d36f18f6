"""
Generated verifier contracts with a check taken out, and for each a proof that this check alone
stops.

`sites` lists the checks from the generated source itself: every `if` before a revert, every call of
a checking function, every part of their conditions. The parts of the equation come from
`equation.equation`: the generator reads the flawed text of the verifier as it reads the true one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any
from unittest.mock import patch

from attacks.kit_prover.equation import equation
from attacks.kit_prover.forged_input import (
    Uncanonical,
    credential,
    no_bits,
    not_increasing,
    rule,
    threshold,
)
from attacks.kit_prover.forged_rounds import DOMAIN, Known, fixed
from attacks.kit_prover.forgeries import CHECKS
from attacks.kit_prover.judging import Verdict
from attacks.kit_prover.liar import Liar
from attacks.kit_prover.mutants import VERIFIER, Edit, sound
from attacks.kit_prover.targets import Shown, lie, shows, small, told
from support.credential import honest
from support.small import Small
from verifier_world import Deployed

from algebra.interface import Basis, FieldVector, P, R
from algebra.native_backend import native
from circuits.language.circuit import Circuit
from contracts.build.compile import compile_generated
from contracts.client.chain import Chain
from contracts.generator import generate, recorder
from history.v2.metrics import METRICS
from history.v2.metrics.form import LIMBS_PER_WORD
from prover.blinding import unsafe_seeded_blinding
from prover.keys import ProvingKey
from tierproof.testing import PlainWitness, column, small_key
from verifier.batch import equation_of
from verifier.key import VerifyingKey

NAME = "Mutant"
STUB = "0x1000000000000000000000000000000000000001"
"""An address without code: what a chain without the precompile has."""
REVERTS_WITH_ONE = "REVERTS_WITH_ONE"
"""Stands for the address of `Bench.reverting`."""


@dataclass(frozen=True)
class Site:
    """A place in a generated source, and what stands there without the check."""

    id: str
    start: int
    old: str
    new: str

    def removed(self, source: str) -> str:
        if source[self.start : self.start + len(self.old)] != self.old:
            raise ValueError(f"mutant {self.id}: another change has moved its place")
        return source[: self.start] + self.new + source[self.start + len(self.old) :]


RULES: tuple[tuple[str, str, Callable[[re.Match[str]], str]], ...] = (
    (r"if \(proof\.length != \d+\) revert BadLength\(\);", "length", lambda m: ""),
    (r"if iszero\((value|good)\) \{", "{0}", lambda m: "if 0 {"),
    (
        r"if iszero\(and\(success, eq\(returndatasize\(\), size\)\)\) \{",
        "precompile",
        lambda m: "if 0 {",
    ),
    (
        r"if iszero\(and\((success), eq\(returndatasize\(\), size\)\)\) \{",
        "precompile: {0}",
        lambda m: "if iszero(eq(returndatasize(), size)) {",
    ),
    (
        r"if iszero\(and\(success, (eq\(returndatasize\(\), size\))\)\) \{",
        "precompile: size",
        lambda m: "if iszero(success) {",
    ),
    (r"let (curve) := [^\n]*", "point: {0}", lambda m: "let curve := 1"),
    (r"and\(lt\((x), p\), lt\(y, p\)\)", "point: {0} < p", lambda m: "lt(y, p)"),
    (r"and\(lt\(x, p\), lt\((y), p\)\)", "point: {0} < p", lambda m: "lt(x, p)"),
    (r"    nonzero\((value)\)\n", "inverse: nonzero", lambda m: "\n"),
    (r"\n +nonzero\((?!value)[^\n]*\)", "xi: nonzero", lambda m: ""),
    (r"// modular power\n +require_success\(success, 32\)", "inverse: success", lambda m: ""),
    (r"// addition\n +require_success\(success, 64\)", "sum: success", lambda m: ""),
    (r"// pairing\n +require_success\(success, 32\)", "pairing: success", lambda m: ""),
    (r"success := and\(success, eq\(returndatasize\(\), 64\)\)", "product: size", lambda m: ""),
    (r"if iszero\(eq\(mload\(0x[0-9a-f]+\), 1\)\) \{", "pairing: one", lambda m: "if 0 {"),
    (r"if iszero\(\n(?= +and\(lt)", "scalars", lambda m: "if and(0,\n"),
    (
        r"(?<=and\()lt\(mload\((0x[0-9a-f]+)\), r\)(?=,)"
        r"|(?<=    )lt\(mload\((0x[0-9a-f]+)\), r\)(?=\)+\n)",
        "value at {0}",
        lambda m: "1",
    ),
    (r"check_points\(0x[0-9a-f]+, 0x[0-9a-f]+\) // (\w+)", "points of {0}", lambda m: ""),
    (r"if iszero\(lt\([^\n]*bad\((\d+)\) \}\n", "rule {0}", lambda m: "\n"),
)
"""Pattern, id and replacement of every kind of check that the template and the emitter write."""
CHECKING = re.compile(
    r"revert|require_success\(|nonzero\(|bad\(|check_points\(|\blt\(mload|returndatasize"
)
"""
Lines with one of these check something; a line that no site touches would be a check without a
forgery.
"""


def sites(source: str) -> list[Site]:
    """Every check of a generated source."""
    found = []
    for pattern, name, new in RULES:
        for match in re.finditer(pattern, source):
            groups = [group for group in match.groups() if group is not None]
            found.append(Site(name.format(*groups), match.start(), match.group(), new(match)))
    return sorted(found, key=lambda site: site.start)


def unlisted(source: str) -> list[str]:
    """
    Lines that check something and are in no site; definitions and the bodies of refusals are none.
    """
    covered = [(site.start, site.start + len(site.old)) for site in sites(source)]
    out, at = [], 0
    for line in source.splitlines(keepends=True):
        start, at = at, at + len(line)
        code = line.split("//")[0]
        if CHECKING.search(code) and not re.search(
            r"^\s*(function |mstore\(0, shl\(224)|@notice", line
        ):
            if not any(a < at and start < b for a, b in covered):
                out.append(line.strip())
    return out


# -- contracts -------------------------------------------------------------------------------------
def generated(key: VerifyingKey, *edits: Edit) -> str:
    """The source that the generator makes of a flawed text of the verifier."""
    with patch.object(recorder, "verify_steps", VERIFIER.flawed(*edits).algorithm.verify_steps):
        return generate(key, NAME)


@dataclass(frozen=True)
class Bench:
    """A chain to try contracts on; one compilation and one address for each source."""

    chain: Chain
    known: dict[str, Deployed] = field(default_factory=dict)

    def put(self, source: str) -> Deployed:
        if REVERTS_WITH_ONE in source:
            source = source.replace(REVERTS_WITH_ONE, self.reverting())
        if source not in self.known:
            self.known[source] = Deployed.put(self.chain, compile_generated(NAME, source))
        return self.known[source]

    def reverting(self) -> str:
        """
        Address of a contract that reverts with a word of one: no success, the right size, and 1 in
        memory.
        """
        eth = self.chain.web3.eth
        code = "60088060093d393df3" + "60015f5260205ffd"
        sent = eth.send_transaction(
            {"from": self.chain.accounts()[0], "data": f"0x{code}", "gas": 100_000}
        )
        return str(eth.wait_for_transaction_receipt(sent)["contractAddress"])

    def says(self, source: str, shown: Shown, **transaction: Any) -> str:
        return self.put(source).refusal(shown.statement, shown.proof, **transaction) or "accepted"


@dataclass(frozen=True)
class Case:
    """
    make : the proof; the contracts are those of its key. given : edits of the verifier's text for
        both contracts.
    world : replacements in both sources, such as a precompile that is missing.
    also : sites taken out of the mutant alone, which stop the same.
    expect : what the mutant says; another refusal for those of `SECOND_LINE`.
    """

    make: Callable[[], Shown]
    given: tuple[Edit, ...] = ()
    world: Mapping[str, str] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    expect: str = "accepted"


# -- proofs ----------------------------------------------------------------------------------------
def false() -> Shown:
    return shows(*told(Liar(), "recurrence", lie("recurrence")))


def longer() -> Shown:
    key, statement, proof = told(Liar(), "recurrence")
    return shows(key, statement, proof + bytes(32))


def value_plus_r(index: int) -> Shown:
    return shows(*told(Uncanonical("values", index, R), "recurrence"))


def coordinate_plus_p(index: int) -> Shown:
    return shows(*told(Uncanonical("stage1", index, P), "recurrence"))


def word_plus_r(index: int) -> Shown:
    made, key = small("recurrence")
    statement = [word + R * (i == index) for i, word in enumerate(made.statement)]
    return shows(key.verifying, statement, Liar().prove(key, made.witness, statement))


def infinite(part: str) -> Shown:
    """An honest proof with one point replaced by infinity."""
    liar = Liar()
    key, statement, proof = told(liar, "recurrence")
    return shows(key, statement, liar.fields()[part].replaced(proof, bytes(64)))


def unblinded(first: int, last: int) -> Callable[[], int]:
    """Blinders one after the other; those from `first` to before `last` are zero."""
    drawn = iter(range(10**6))

    def draw() -> int:
        number = next(drawn)
        return 0 if first <= number < last else number + 10**9

    return draw


def no_register() -> Shown:
    """
    The recurrence from zero with zero bits, its register not blinded: the stage-2 pack is infinity.
    """
    _, key = small("recurrence")
    witness = PlainWitness({"x": column([], 16)}, lambda _: {"a": column([], 16)})
    return shows(
        key.verifying, (0, 0), Liar().prove(key, witness, (0, 0), blinding=unblinded(3, 99))
    )


def no_records() -> Shown:
    """Records of zero and rho = 0: C' is infinity."""
    _, key = small("record")
    witness = PlainWitness(
        {"low": column([16], 16), "high": column([-1], 16)},
        lambda _: {"running": column([0, *[16] * 8], 16)},
    )
    return shows(key.verifying, (16,), Liar().prove(key, witness, (16,), blinding=unblinded(0, 1)))


@cache
def level() -> tuple[Small, ProvingKey]:
    """`a` starts with the public word and `b` is `a` again; no register. `free` is anything."""
    c = Circuit("small/level", 16, statement=("start",))
    a, b = c.advice("a"), c.advice("b")
    c.advice("free")
    start = c.scalar("start", 0, R - 1)
    c.require(None, "twin", a - b, exact=False)
    c.require(c.single("first", 0), "start", a - start, exact=False)
    c.close()
    witness = PlainWitness({name: column([7] * 16, 16) for name in ("a", "b", "free")})
    made = Small(c, witness, (7,), ())
    return made, small_key(c, native(), 4)


def alike() -> Callable[[], int]:
    """a and b blinded alike, three rows each, with the value that they have; then anything."""
    drawn = iter(range(10**6))
    return lambda: 7 if next(drawn) < 6 else 10**9


def no_quotient() -> Shown:
    """All cells of a and b alike: nothing is left to divide, T is infinity."""
    made, key = level()
    return shows(
        key.verifying,
        made.statement,
        Liar().prove(key, made.witness, made.statement, blinding=alike()),
    )


class Inverse32(Liar):
    """
    T for a verifier whose inverse is what the failed call leaves in memory: 32, the length of the
    number.
    """

    def quotient(self, vector: FieldVector) -> FieldVector:
        algebra, n = native(), self.key.circuit.size
        shifted = algebra.concatenate(
            [algebra.vector([0], Basis.COEFFICIENT), self.run.coefficients["a"]]
        )
        scale = 32 * pow(n, -1, R) % R
        return algebra.linear_combination(
            [scale, -scale * self.statement[0] % R],
            [shifted, algebra.vector([0, 1], Basis.COEFFICIENT)],
        )


def false_inverse() -> Shown:
    made, key = level()
    return shows(key.verifying, (8,), Inverse32().prove(key, made.witness, (8,), blinding=alike()))


def lands_on_one() -> Shown:
    """The sum is [1], whose x is what the verifier reads if the pairing writes nothing."""
    return lands_on(1)


def to_infinity() -> Shown:
    """The sum is infinity: the equation is left with one point."""
    return lands_on(0)


def lands_on(multiple: int) -> Shown:
    """A false proof with W' solved so that the sum is a multiple of [1]."""
    liar = Liar()
    key, statement, proof = told(liar, "recurrence", lie("recurrence"))
    *terms, (y, _) = equation_of(key, statement, proof, native()).terms
    scalars, points = [-s % R for s, _ in terms], [point for _, point in terms]
    target = native().scale_points([(1, 2), *points], [multiple, *scalars])
    point = native().scale_points([target], [pow(y, -1, R)])
    field_ = liar.fields()["opening_fold"]
    return shows(
        key,
        statement,
        field_.replaced(proof, b"".join(c.to_bytes(32, "big") for c in point or (0, 0))),
    )


def at_seventh_row() -> Shown:
    made, key = small("recurrence")
    liar, witness = Known(xi=DOMAIN), lie("recurrence")
    return shows(key.verifying, made.statement, liar.prove(key, witness, made.statement))


def at_first_row() -> Shown:
    """
    xi = 1 where an inverse of zero is zero: registers open to zero, and the first row's rule is not
    asked.
    """
    _, key = small("recurrence")
    states = [0, 0]
    for _bit in range(9):
        states.append(3 * states[-1] + 1)
    witness = PlainWitness({"x": column([0, *[1] * 9], 16)}, lambda _: {"a": column(states, 16)})
    statement = (77, states[-1])
    return shows(key.verifying, statement, Known(xi=1).prove(key, witness, statement))


def missing(precompile: str) -> dict[str, str]:
    """A chain without it."""
    return {f"staticcall(gas(), {precompile},": f"staticcall(gas(), {STUB},"}


def cases(source: str) -> dict[str, Case]:
    """
    A case for every site of the recurrence's contract, and for those that only other circuits have.
    """
    pairing, reverts = (
        missing("0x08"),
        {"staticcall(gas(), 0x08,": f"staticcall(gas(), {REVERTS_WITH_ONE},"},
    )
    at_row = (fixed("xi", DOMAIN),)
    out = {
        "length": Case(longer),
        "rule 0": Case(partial(word_plus_r, 0)),
        "rule 1": Case(partial(word_plus_r, 1)),
        "value": Case(at_seventh_row, given=at_row),
        "xi: nonzero": Case(at_seventh_row, given=at_row),
        "inverse: nonzero": Case(at_first_row, given=(fixed("xi", 1),), also=("xi: nonzero",)),
        "precompile": Case(lands_on_one, world=pairing),
        "precompile: size": Case(lands_on_one, world=pairing),
        "precompile: success": Case(lands_on_one, world=reverts),
        "inverse: success": Case(false_inverse, world=missing("0x05")),
        "product: size": Case(false, world=missing("0x07"), expect="PrecompileFailed"),
        "sum: success": Case(false, world=missing("0x06"), expect="NotAccepted"),
        "pairing: success": Case(lands_on_one, world=pairing),
        "pairing: one": Case(false),
        "good": Case(no_bits),
        "point: curve": Case(no_bits),
        "point: x < p": Case(partial(coordinate_plus_p, 0), expect="PrecompileFailed"),
        "point: y < p": Case(partial(coordinate_plus_p, 1), expect="PrecompileFailed"),
        "points of record": Case(no_records),
        "points of stage1": Case(no_bits),
        "points of stage2": Case(no_register),
        "points of quotient": Case(no_quotient),
        "points of opening": Case(partial(infinite, "opening"), expect="NotAccepted"),
        "points of opening_fold": Case(
            partial(infinite, "opening_fold"), expect="PrecompileFailed"
        ),
        "scalars": Case(partial(value_plus_r, 0)),
    }
    values = [site.id for site in sites(source) if site.id.startswith("value at")]
    return out | {name: Case(partial(value_plus_r, i)) for i, name in enumerate(values)}


SECOND_LINE = {
    "sum: success": "without the addition the sum is infinity, and W' = infinity is refused",
    "point: x < p": "the precompiles refuse such a coordinate",
    "point: y < p": "the precompiles refuse such a coordinate",
    "points of opening": "W = infinity needs W' = infinity",
    "points of opening_fold": "the precompile refuses the opposite of (0, 0) as the contract "
    "writes it, (0, p)",
}
"""Checks that something else would make up for: why no proof passes without them."""
FREE = {
    "product: size": "what a missing multiplication leaves in memory, inputs of the inversion, "
    "is no point: the addition "
    "fails, and `sum: success` refuses with the same error"
}
"""Checks whose absence cannot be seen."""


# -- verdicts --------------------------------------------------------------------------------------
def judge_site(bench: Bench, identity: str, case: Case) -> Verdict:
    """A proof against the contract of its key, with and without one check."""
    shown = case.make()
    source = generated(shown.key, *case.given)
    for old, new in case.world.items():
        if source.count(old) != 1:
            raise ValueError(f"mutant {identity}: {source.count(old)} places read {old!r}")
        source = source.replace(old, new)
    without = source
    for name in (identity, *case.also):
        without = next(site for site in sites(without) if site.id == name).removed(without)
    return Verdict(
        f"contract, {identity}", bench.says(source, shown), bench.says(without, shown), case.expect
    )


def rule_verdicts(bench: Bench, key: VerifyingKey, known: Container[str] = ()) -> Iterator[Verdict]:
    """
    Every rule of the credential's statement, by the proof that the Python rule stops; but those
    already `known`.
    """
    source = generated(key)
    texts = dict(
        re.findall(
            r"//   (\d+): (.*)",
            source.split("by the number in BadStatement")[1].split("// memory")[0],
        )
    )
    for site in sites(source):
        number = site.id.removeprefix("rule ")
        if number in texts and f"contract, {site.id}: {texts[number]}" not in known:
            same = [int(n) for n, text in texts.items() if text == texts[number]]
            nth, text = int(number) - min(same), texts[number].removeprefix("not: ")
            for shown, expect in rule_proofs(nth, text):
                verdict = Verdict(
                    f"contract, {site.id}: {texts[number]}", bench.says(source, shown),
                    bench.says(site.removed(source), shown), expect,
                )  # fmt: skip
                if verdict.caught or verdict.with_check == "accepted":
                    break
            yield verdict


TRIES = 8


def rule_proofs(nth: int, text: str) -> Iterator[tuple[Shown, str]]:
    """
    Credentials that break one rule, of those with the text the `nth`, each with what the contract
    says that does not have it.
    """
    if "is below r" in text:
        number = int(text.split()[1])
        # r - word wraps for such a word; what it is added to must be as large as the word, so it
        # takes some tries
        words = [word + R * (i == number) for i, word in enumerate(honest().statement)]
        for seed in range(TRIES):
            yield credential(honest(), words, unsafe_seeded_blinding(bytes([seed]))), "accepted"
    else:
        yield rule_proof(nth, text)


def rule_proof(nth: int, text: str) -> tuple[Shown, str]:
    sound_one = sound()
    if text.startswith("a threshold word"):
        return rule(5 + nth, lambda word: word + (1 << 252))(sound_one), "accepted"
    if text.startswith("a spare limb"):
        word, limb = divmod(METRICS.spare[nth], LIMBS_PER_WORD)
        return rule(5 + word, lambda number: number + (1 << 12 * limb))(sound_one), "accepted"
    metric = re.match(r"no tier can ask for M(\d+)", text)
    if metric:
        return threshold("mask", 1 << int(metric[1]) - 1)(sound_one), "accepted"
    if text.startswith("the numbers of M8"):
        return not_increasing(nth)(sound_one), "accepted"
    forgery = CHECKS[f"circuits.credential.v2.statement.derive: require_less {text!r}"]
    return forgery.make(sound_one), {"rejected.equation": "NotAccepted"}.get(
        forgery.expect, forgery.expect
    )


def equation_verdicts(bench: Bench, known: Container[str] = ()) -> Iterator[Verdict]:
    """Every part of the equation, taken out of the contract; but those already `known`."""
    for name, (edits, forgery) in equation().items():
        if name.startswith("batch") or f"contract, {name}" in known:
            continue
        shown = forgery.make(VERIFIER.flawed(*edits))
        if not isinstance(shown, Shown):
            raise TypeError(f"{name}: no single proof")
        source = generated(shown.key)
        without = (
            unabsorbed(source, name, shown.key)
            if name.endswith(": absorbed")
            else generated(shown.key, *edits)
        )
        yield Verdict(
            f"contract, {name}", bench.says(source, shown), bench.says(without, shown), "accepted"
        )


def unabsorbed(source: str, name: str, key: VerifyingKey) -> str:
    """
    The contract whose transcript counts an item as empty; C' are the last two words of the
    statement.
    """
    item = name.removesuffix(": absorbed")
    if item == "key digest":
        pattern, new = rf"(mstore\(0x[0-9a-f]+, )0x{key.digest.hex()}\)", r"\g<1>0)"
    else:
        label = {"statement words": "statement", "C'": "statement"}.get(item, item)
        pattern = rf'(state := absorb\(state, 0x[0-9a-f]+, "{label}", )(\d+)\)'
        new = r"\g<1>sub(\g<2>, 2))" if item == "C'" else r"\g<1>0)"
    changed, count = re.subn(pattern, new, source)
    if count != 1:
        raise ValueError(f"mutant {name}: {count} places")
    return changed
