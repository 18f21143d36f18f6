"""
The generated verifier and the Python verifier give the same verdict on everything that a proof can
be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

import pytest
from support.credential import World as Home
from support.credential import case, honest, thresholds, week, world_of
from support.small import SMALL, committed
from verifier_world import Deployed, Honest, assert_same_verdict, same_verdicts

from algebra.interface import P, R
from algebra.native_backend import native
from algebra.transcript import label_list
from contracts.build.artifact import CODE_SIZE_LIMIT, load_artifact
from contracts.build.compile import compile_generated
from contracts.client.chain import Chain
from contracts.generator import generate
from history.v2.feed import NO_FEED
from history.v2.metrics import METRICS
from history.v2.metrics.form import LIMBS_PER_WORD
from prover.profile import Profile
from prover.prove import prove
from tierproof import verifier_contract
from tierproof.testing import Tampered
from tierproof.verifier_contract import contract_name, development_verifier, generated_path, main
from verifier.verify import verify

pytestmark = pytest.mark.evm

CLASS = 8192
GAS_LIMIT = {Profile.FAST: 328_000, Profile.LEAN: 281_000}
SIZE_MARGIN = 600
OF_CLAIMS = {0, 1, 2, 3, 4, 5, 27}
AT_ONCE = 100
"""
Most gas that running the verifier may take; least room that must be left below the limit of the
code size; rules that speak of root, nullifier, scope, account or feed; calls
that go to the node in one request.
"""
ONE_PROFILE = pytest.mark.parametrize("profile", [Profile.FAST], indirect=True, scope="module")
"""For tests of the generator or the harness, which another pack size does not change."""


@pytest.fixture(scope="module", params=list(Profile))
def profile(request: pytest.FixtureRequest) -> Profile:
    """
    Every test that takes it, itself or through `proven` or a contract, runs for each committed
    contract.
    """
    return Profile(request.param)


@pytest.fixture(scope="module")
def home(profile: Profile) -> Home:
    """The default development setup, which is the setup of the committed contracts."""
    return world_of(b"tierproof dev", slots=profile.slots)


@pytest.fixture(scope="module")
def proven(home: Home) -> Honest:
    """A credential of the class."""
    made = case(week(), 7, 100_000, thresholds([1, 5, 10]), others=5, home=home)
    proof = prove(home.key, made.witness, made.statement, algebra=native())
    return Honest(home.key.verifying, made.statement, proof)


@pytest.fixture(scope="module")
def embedded(profile: Profile) -> Deployed:
    return Deployed.put(Chain.embedded(native()), load_artifact(contract_name(CLASS, profile)))


@pytest.fixture(scope="module")
def anvil(anvil_url: str, profile: Profile) -> Deployed:
    """The same contract where a call takes milliseconds."""
    return Deployed.put(Chain.connect(anvil_url), load_artifact(contract_name(CLASS, profile)))


# -- the files -------------------------------------------------------------------------------------
def test_the_committed_contracts_are_what_the_generator_writes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for profile in Profile:
        assert generated_path(CLASS, profile).read_text(encoding="utf-8") == development_verifier(
            CLASS, native(), profile
        )
    assert main(["--class", str(CLASS), "--check"]) == 0
    assert main(["--class", "8191", "--check"]) == 2
    capsys.readouterr()
    fast = generated_path(CLASS).read_text(encoding="utf-8")
    monkeypatch.setattr(verifier_contract, "development_verifier", lambda *_: fast)
    assert main(["--class", str(CLASS), "--profile", "fast", "--check"]) == 0
    assert main(["--class", str(CLASS), "--check"]) == 1
    assert capsys.readouterr().out.startswith(
        f"stale: src/generated/TierproofVerifier{CLASS}Lean.sol"
    )


@pytest.mark.parametrize(
    "profile",
    [Profile.FAST, pytest.param(Profile.LEAN, marks=pytest.mark.slow)],
    indirect=True,
    scope="module",
)
def test_the_committed_artifact_is_what_the_source_compiles_to(
    proven: Honest, profile: Profile
) -> None:
    """One compiler run; `python -m contracts.build --check` (make lint) compares all of them."""
    name = contract_name(CLASS, profile)
    assert compile_generated(name, generate(proven.key, name)) == load_artifact(name)


def test_the_header_says_what_it_is(proven: Honest, profile: Profile) -> None:
    text = generated_path(CLASS, profile).read_text(encoding="utf-8")
    listed = text.split("// transcript:\n")[1].split("//\n")[0]
    steps = [tuple(line.removeprefix("//").split()) for line in listed.splitlines()]
    assert steps == list(label_list(proven.key.circuit.challenges))
    for expected in (
        "DO NOT EDIT",
        "INSECURE",
        f"circuit digest: 0x{proven.key.circuit_digest.hex()}",
        f"key digest: 0x{proven.key.digest.hex()}",
        f"proof: {len(proven.proof)} bytes",
    ):
        assert expected in text
    regions = [
        line.split() for line in text.split("// memory:\n")[1].split("pragma")[0].splitlines()
    ]
    bounds = [(int(row[1], 16), int(row[3], 16)) for row in regions]
    assert bounds[0][0] == 0
    assert all(end == start for (_, end), (start, _) in pairwise(bounds)), "regions touch, in order"


def test_the_contract_knows_its_key(proven: Honest, embedded: Deployed) -> None:
    functions = embedded.contract.functions
    assert functions.keyDigest().call() == proven.key.digest
    assert functions.srsId().call() == proven.key.srs_id


# -- what it costs ---------------------------------------------------------------------------------
def test_accepts_the_honest_proof(proven: Honest, embedded: Deployed, profile: Profile) -> None:
    assert embedded.refusal(proven.statement, proven.proof) is None
    total, running = embedded.gas(proven.statement, proven.proof)
    size = embedded.artifact.deployed_size
    print(f"\nverify: {running} gas of code, {total} as a transaction; {size} bytes of code")
    assert running <= GAS_LIMIT[profile]
    assert size <= CODE_SIZE_LIMIT - SIZE_MARGIN


def test_anvil_agrees(proven: Honest, embedded: Deployed, anvil: Deployed) -> None:
    assert anvil.refusal(proven.statement, proven.proof) is None
    assert anvil.gas(proven.statement, proven.proof) == embedded.gas(proven.statement, proven.proof)


# -- every field of the proof ----------------------------------------------------------------------
def altered(proven: Honest) -> Iterator[tuple[str, list[int]]]:
    """Name and words of every broken proof: each word alone, and each point as a whole."""
    words, parts = proven.words, proven.parts

    def put(at: int, *values: int) -> list[int]:
        return [*words[:at], *values, *words[at + len(values) :]]

    for at, part in enumerate(parts):
        modulus = R if part == "value" else P
        yield f"{at} lowest bit", put(at, words[at] ^ 1)
        yield f"{at} highest bit", put(at, words[at] ^ 1 << 255)
        yield f"{at} zero", put(at, 0)
        for k in range(1, 6):
            if words[at] + k * modulus < 1 << 256:
                yield f"{at} plus {k} times the modulus", put(at, words[at] + k * modulus)
        if part == "value":
            after = at + 1 if parts[at + 1] == "value" else at - 1
            if words[at] != words[after]:
                low, high = sorted((at, after))
                yield f"{at} swapped", put(low, words[high], words[low])
        elif part == "x":
            x, y = words[at], words[at + 1]
            following = next((i for i in range(at + 2, len(parts)) if parts[i] == "x"), 0)
            other = words[following : following + 2]
            swapped = put(at, *other)
            swapped[following : following + 2] = [x, y]
            yield f"{at} point swapped", swapped
            yield f"{at} point negated", put(at, x, P - y)
            yield f"{at} generator", put(at, 1, 2)
            yield f"{at} infinity", put(at, 0, 0)
            yield f"{at} coordinates swapped", put(at, y, x)
            yield f"{at} the modulus, the modulus", put(at, P, P)


def encode(words: list[int]) -> bytes:
    return b"".join(word.to_bytes(32, "big") for word in words)


def test_every_field_altered(proven: Honest, anvil: Deployed) -> None:
    every = list(altered(proven))
    assert len({name for name, _ in every}) == len(every)
    seen: Counter[str] = Counter()
    for start in range(0, len(every), AT_ONCE):
        part = every[start : start + AT_ONCE]
        shown = [(proven.statement, encode(words)) for _, words in part]
        try:
            seen.update(same_verdicts(proven, anvil.refusals(shown), shown))
        except AssertionError as error:
            raise AssertionError(f"from {part[0][0]} on: {error}") from error
    assert set(seen) == {"malformed.scalar", "malformed.point", "rejected.equation"}
    assert min(seen.values()) >= 60


@ONE_PROFILE
def test_some_fields_altered_on_the_other_chain(proven: Honest, embedded: Deployed) -> None:
    for _, words in list(altered(proven))[::60]:
        assert_same_verdict(proven, embedded, proven.statement, encode(words))


def test_every_other_length_is_refused(proven: Honest, anvil: Deployed) -> None:
    proof, length = proven.proof, len(proven.proof)
    others = [
        *range(0, length, 97),
        *range(length - 33, length),
        *range(length + 1, length + 66),
        2 * length,
    ]
    shown = [(proven.statement, (proof + proof)[:size]) for size in others]
    assert set(same_verdicts(proven, anvil.refusals(shown), shown)) == {"malformed.length"}


# -- the statement ---------------------------------------------------------------------------------
def test_every_public_word_altered(proven: Honest, anvil: Deployed) -> None:
    places, shown = [], []
    for at, word in enumerate(proven.statement):
        for value in {
            word ^ 1,
            word + 1,
            0,
            word + R,
            word + 5 * R,
            word ^ 1 << 255,
            (1 << 256) - 1,
        } - {word}:
            if 0 <= value < 1 << 256:
                statement = [*proven.statement[:at], value, *proven.statement[at + 1 :]]
                places.append(at)
                shown.append((statement, proven.proof))
    codes = same_verdicts(proven, anvil.refusals(shown), shown)
    seen = set(zip(places, codes, strict=True))
    for at in range(len(proven.statement)):
        assert (at, "rejected.equation") in seen, f"word {at}"
        assert (at, "malformed.statement") in seen, f"word {at}"


@ONE_PROFILE
def test_each_rule_of_the_statement(proven: Honest, anvil: Deployed) -> None:
    """Each rule is broken by one statement at least, and named by its number."""
    root, nullifier, scope, account, window, *tiers, feed = proven.statement
    first = window % (1 << 24)
    last = window >> 24
    losses = thresholds([24], worst_days=2).words()
    by_regime = thresholds([24], worst_days=2, shortfall_mode=2).words()

    def days(a: int, b: int) -> int:
        return a + (b << 24)

    def set_to(words: Sequence[int], limb: int, value: int) -> list[int]:
        word, place = divmod(limb, LIMBS_PER_WORD)
        out = list(words)
        out[word] = out[word] & ~(4095 << 12 * place) | value << 12 * place
        return out

    def of_tier(words: Sequence[int]) -> tuple[int, ...]:
        return (root, nullifier, scope, account, window, *words, feed)

    broken = [
        (R, nullifier, scope, account, window, *tiers, feed),
        (root, R, scope, account, window, *tiers, feed),
        (root, nullifier, R, account, window, *tiers, feed),
        (root, nullifier, scope, account, window, *tiers, R),
        (root, nullifier, scope, 0, window, *tiers, feed),
        (root, nullifier, scope, 1 << 160, window, *tiers, feed),
        (root, nullifier, scope, account, window + (1 << 48), *tiers, feed),
        (root, nullifier, scope, account, days(first, first), *tiers, feed),
        (root, nullifier, scope, account, days(last, first), *tiers, feed),
        (root, nullifier, scope, account, days(first, first + 366), *tiers, feed),
        *(of_tier((*tiers[:i], tiers[i] + (1 << 252), *tiers[i + 1 :])) for i in range(4)),
        of_tier((*tiers[:4], (1 << 256) - 1)),
        *(of_tier(set_to(tiers, limb, 1)) for limb in METRICS.spare),
        *(of_tier(thresholds([m]).words()) for m in METRICS.refused),
        *(
            of_tier(set_to(losses, METRICS.slots[name].start, value))
            for name, value in (("worst_days", 0), ("worst_days", 367), ("shortfall_mode", 3))
        ),
        (root, nullifier, scope, account, window, *by_regime, NO_FEED),
        of_tier(thresholds(floor=0).words()),
        of_tier(thresholds(activity=0).words()),
        of_tier(thresholds([5], distance=3001).words()),
        *(
            of_tier(thresholds([8], near_word=(*range(k + 1), k, *range(k + 1, 15))).words())
            for k in range(15)
        ),
    ]
    rules = set()
    text = generated_path(CLASS).read_text(encoding="utf-8")
    listed = text.split("by the number in BadStatement:\n")[1].split("//\n")[0].splitlines()
    for statement in broken:
        assert assert_same_verdict(proven, anvil, statement, proven.proof) == "malformed.statement"
        rule = rule_of(anvil, statement, proven.proof)
        rules.add(rule)
        # what a policy is asked when it is registered: the same, but for what claims alone say
        known = None if rule in OF_CLAIMS else rule
        assert anvil.rules(statement[4], statement[5:10]) == known
    assert rules == set(range(len(listed)))
    assert anvil.rules(window, tiers) is None
    assert first + 365 <= 1 << 24


def rule_of(deployed: Deployed, statement: tuple[int, ...], proof: bytes) -> int:
    """The number in BadStatement."""
    from algebra.errors import Rejected

    with pytest.raises(Rejected) as caught:
        deployed.chain.read(deployed.contract.functions.verify(list(statement), proof))
    return int(caught.value.fields["arguments"]["rule"])


@ONE_PROFILE
def test_another_proof_of_the_same(proven: Honest, anvil: Deployed, home: Home) -> None:
    """Proofs are random; a proof of another tier does not show this one."""
    first, second = (
        case(week(), 7, 100_000, thresholds(asked), others=5, home=home)
        for asked in ([1, 5, 10], [1])
    )
    again = prove(home.key, first.witness, first.statement, algebra=native())
    assert again != proven.proof
    assert anvil.refusal(proven.statement, again) is None
    other = prove(home.key, second.witness, second.statement, algebra=native())
    assert anvil.refusal(second.statement, other) is None
    assert assert_same_verdict(proven, anvil, proven.statement, other) == "rejected.equation"


@ONE_PROFILE
def test_a_proof_for_another_setup(proven: Honest, anvil: Deployed) -> None:
    foreign = honest(1, 5, 10)
    proof = prove(foreign.world.key, foreign.witness, foreign.statement, algebra=native())
    verify(foreign.world.key.verifying, foreign.statement, proof, algebra=native())
    assert assert_same_verdict(proven, anvil, foreign.statement, proof) == "rejected.equation"


@ONE_PROFILE
def test_a_proof_of_the_other_profile(home: Home, proven: Honest, anvil: Deployed) -> None:
    """Same setup, same statement, another key: the wrong length for the one and the other."""
    lean = world_of(b"tierproof dev", slots=Profile.LEAN.slots)
    made = case(week(), 7, 100_000, thresholds([1, 5, 10]), others=5, home=lean)
    proof = prove(lean.key, made.witness, made.statement, algebra=native())
    assert lean.setup.srs_id == home.setup.srs_id and made.statement == proven.statement
    assert assert_same_verdict(proven, anvil, proven.statement, proof) == "malformed.length"
    other = Honest(lean.key.verifying, made.statement, proof)
    lean_contract = Deployed.put(anvil.chain, load_artifact(contract_name(CLASS, Profile.LEAN)))
    assert lean_contract.refusal(made.statement, proof) is None
    assert (
        assert_same_verdict(other, lean_contract, made.statement, proven.proof)
        == "malformed.length"
    )


# -- small circuits --------------------------------------------------------------------------------
@ONE_PROFILE
@pytest.mark.parametrize("name", SMALL)
def test_any_circuit_becomes_a_contract(name: str, anvil: Deployed) -> None:
    """
    One proof accepted, every cheat of the circuit refused, by a contract made for that circuit.
    """
    algebra = native()
    small = committed(SMALL[name](), algebra)
    key = small.key(algebra)
    contract = f"Verifier{name.title()}"
    deployed = Deployed.put(
        anvil.chain, compile_generated(contract, generate(key.verifying, contract))
    )
    proof = prove(key, small.witness, small.statement, algebra=algebra)
    mine = Honest(key.verifying, small.statement, proof)
    assert mine.python(small.statement, proof) is None
    assert deployed.refusal(small.statement, proof) is None
    assert_same_verdict(mine, deployed, [*small.statement[:-1], small.statement[-1] + 1], proof)
    assert_same_verdict(mine, deployed, [*small.statement[:-1], small.statement[-1] + R], proof)
    for attempt in small.cheats[:3]:
        forged = prove(
            key,
            Tampered(small.witness, attempt.first, attempt.second),
            small.statement,
            algebra=algebra,
        )
        assert assert_same_verdict(mine, deployed, small.statement, forged) == "rejected.equation"
