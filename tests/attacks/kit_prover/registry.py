"""
TierRegistry with a check taken out, and for each check a call that it alone stops.

`sites` lists the checks from the contract's source: every part of a condition before a revert,
every modifier, every call of a `_require` function, every part of the rules for terms; and every
value that scope, statement and signed root bind. The compiler takes long over this contract, so all
mutants are one source: each check asks a word of storage whether it is on, and a mutant is that
word, patched into the creation code.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from attacks.kit_prover.judging import Verdict
from attacks.kit_prover.solidity import Site
from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from registry_world import (
    ATTESTORS,
    DAY,
    FIELD_ORDER,
    FIRST_DAY,
    GOLD,
    KEYS,
    LAST_DAY,
    NEXT,
    NULLIFIER,
    POLICY_ID,
    PROOF,
    ROOT,
    SILVER,
    STRANGER,
    Tier,
    World,
    mock,
)

import contracts.client.registry
from algebra.errors import Rejected
from contracts.build.artifact import FOLDER, REGISTRY, Artifact, load_artifact, read_artifact
from contracts.client.chain import Chain
from history.dates import DAY_LIMIT
from verifier.ceremonies import allowed_id

SOURCE = FOLDER / "src" / "registry" / f"{REGISTRY}.sol"
NAME = "Switched"
FOR_GAS, FOR_BYTES = "runs: 10000", "runs: 1"
"""The compiler's aim: with all switches, the code for gas would be larger than a chain takes."""
SWITCHES = "a5" * 32
"""Stands in the creation code for the word whose bit i switches check i off."""
ZERO = {
    "address(this)": "address(0)",
    **dict.fromkeys(
        (
            "policyId",
            "signed.attestorSet",
            "signed.rules",
            "attestorSet",
            "keccak256(abi.encodePacked(members))",
        ),
        "bytes32(0)",
    ),
}
"""What stands for a value that is left out, where it is no number."""
HELPERS = f"""
    // a bare number would be folded into the constructor
    uint256 private _off = 0x{SWITCHES} | (block.number >> 255);

    function _on(uint256 i) private view returns (bool) {{
        return (_off >> i) & 1 == 0;
    }}

    modifier onlyRoleIf(uint256 i, bytes32 role) {{
        if (_on(i)) _checkRole(role);
        _;
    }}
}}
"""


def parts(condition: str, operator: str) -> Iterator[tuple[int, str]]:
    """
    Offset and text of the operands of a condition, or of the items of a list, at its top level.
    """
    depth, start = 0, 0
    for i, char in enumerate(condition):
        depth += (char in "([") - (char in ")]")
        if depth == 0 and condition.startswith(operator, i):
            yield start, condition[start:i]
            start = i + len(operator)
    yield start, condition[start:]


def closing(text: str, opening: int) -> int:
    """Index of the bracket that closes the one at `opening`."""
    depth = 0
    for i in range(opening, len(text)):
        depth += (text[i] in "([") - (text[i] in ")]")
        if depth == 0:
            return i
    raise ValueError("brackets do not match")


def sites(source: str) -> list[Site]:
    """
    Every check of the registry's source; `new` is what stands there with a switch, `#` its number.
    """
    found: list[Site] = []

    def function_at(place: int) -> str:
        names = re.findall(r"(?:function|modifier) (\w+)|(constructor)\(", source[:place])
        return "".join(names[-1]) if names else ""

    def add(place: int, old: str, new: str, name: str = "") -> None:
        text = re.sub(r" (?=\.)", "", " ".join((name or old).split()))
        found.append(Site(f"{function_at(place)}: {text}", place, old, new))

    for match in re.finditer(r"\bif \(", source):
        opening = match.end() - 1
        end = closing(source, opening)
        condition = source[opening + 1 : end]
        if not re.match(r"\)\s*(\{\s*if|revert|\{\s*revert)\b", source[end:]):
            continue
        for offset, part in [(0, condition)] if " && " in condition else parts(condition, " || "):
            add(opening + 1 + offset, part, f"(_on(#) && ({part}))")
    for match in re.finditer(r" onlyRole\((\w+)\)(?=[\s{])", source):
        add(match.start(), match.group(), f" onlyRoleIf(#, {match[1]})")
    for match in re.finditer(r" whenNotPaused(?=[\s{])", source):
        add(match.start(), match.group(), " whenNotPaused(#)")
    for match in re.finditer(r"(?<=        )_require\w+\([^;]*\);", source):
        add(match.start(), match.group(), f"if (_on(#)) {match.group()}")
    for match in re.finditer(
        r"_nullifierUsed\[scope\]\[nullifier\] = true;|policy\.verifier\s*\.verify(?=\()", source
    ):
        add(match.start(), match.group(), f"if (_on(#)) {match.group()}")
    lists = {
        "_scope": r"abi\.encode\(",
        "_rootDigest": r"abi\.encode\(",
        "rotateAttestorSet": r"abi\.encode\(",
        "onboard": r"policy\.verifier\s*\.verify\(\s*\[",
    }
    for name, before in lists.items():
        found_at = re.compile(before).search(source, source.index(f"function {name}("))
        if found_at is None:
            raise ValueError(f"{name}: nothing reads {before}")
        start = found_at.end()
        for offset, part in parts(source[start : closing(source, start - 1)], ","):
            text = part.strip()
            place = start + offset + part.index(text)
            if not text.isupper():  # a type hash binds no value
                add(place, text, f"(_on(#) ? {text} : {ZERO.get(text, '0')})", f"without {text}")
    start = source.index("return ", source.index("function _sensible(")) + len("return ")
    for offset, part in parts(re.sub(r"\s", " ", source[start : source.index(";", start)]), " && "):
        stripped = part.strip()
        place = start + offset + len(part) - len(part.lstrip())
        add(place, source[place : place + len(stripped)], f"(!_on(#) || ({stripped}))")
    return sorted(found, key=lambda site: site.start)


def switched() -> tuple[str, list[str]]:
    """The source with a switch at every check, and the ids in the order of the switches."""
    source = SOURCE.read_text(encoding="utf-8")
    found = sites(source)
    for number, site in reversed(list(enumerate(found))):
        source = replace(site, new=site.new.replace("#", str(number))).removed(source)
    source = source.replace("modifier whenNotPaused() {", "modifier whenNotPaused(uint256 i) {")
    pausing = "        uint64 until = _pausedUntil;\n        if ("
    source = source.replace(pausing, f"{pausing}_on(i) && ")
    for name in ("_sensible", "_requireWord", "_requireWindow"):  # they read storage now
        source = re.sub(rf"(function {name}\([^)]*\) private) pure", r"\1 view", source)
    source = source.replace(f"contract {REGISTRY} is", f"contract {NAME} is")
    return source.rstrip().removesuffix("}") + HELPERS, [site.id for site in found]


@cache
def compiled() -> Artifact:
    """
    The switched source, by the project's own compiler script, told to save bytes, in a folder that
    is like its own.
    """
    with TemporaryDirectory() as folder:
        home = Path(folder)
        sources = home / "src" / "registry"
        sources.mkdir(parents=True)
        (home / "build").mkdir()
        script = (FOLDER / "build" / "compile.js").read_text(encoding="utf-8")
        if script.count(FOR_GAS) != 1:
            raise ValueError(f"compile.js does not say {FOR_GAS!r} once")
        (home / "build" / "compile.js").write_text(script.replace(FOR_GAS, FOR_BYTES))
        (home / "node_modules").symlink_to(FOLDER / "node_modules")
        for interface in ("ITierRegistry", "ITierproofVerifier"):
            shutil.copy(FOLDER / "src" / "registry" / f"{interface}.sol", sources)
        (sources / f"{NAME}.sol").write_text(switched()[0])
        subprocess.run(
            ["node", str(home / "build" / "compile.js"), "--out", folder],
            check=True,
            capture_output=True,
        )
        return read_artifact(home / "artifacts" / f"{NAME}.json")


def mutant(identities: Sequence[str]) -> Artifact:
    """The registry without these checks."""
    artifact, order = compiled(), switched()[1]
    if artifact.bytecode.count(SWITCHES) != 1:
        raise ValueError("the word of switches is not in the creation code once")
    word = sum(1 << order.index(identity) for identity in identities)
    return replace(artifact, bytecode=artifact.bytecode.replace(SWITCHES, f"{word:064x}"))


def built(chain: Chain, artifact: Artifact) -> World:
    """The world of the registry tests around another registry."""
    with patch.object(contracts.client.registry, "load_artifact", lambda name: artifact):
        world = World.build(chain)
    ARTIFACT[world.client.address] = artifact
    return world


# -- calls that must be refused --------------------------------------------------------------------
@dataclass(frozen=True)
class Call:
    """
    `act` is refused with the error `name` at its last step; `also` are sites that refuse the same.
    """

    name: str
    act: Callable[[World], object]
    also: tuple[str, ...] = ()
    chain_id: int | None = None


def members(w: World, count: int) -> list[str]:
    return [to_checksum_address(i.to_bytes(20, "big")) for i in range(1, count + 1)]


def policy(**changes: Any) -> Callable[[World], object]:
    """A policy that the governor registers."""
    return lambda w: w.register(w.policy(**{"policy_id": keccak(text="another"), **changes}))


def terms(**changes: int) -> Callable[[World], object]:
    return policy(tiers=(Tier(GOLD.thresholds, replace(GOLD.terms, **changes)),))


def words(*thresholds: int) -> Callable[[World], object]:
    return policy(tiers=(Tier((*thresholds, 0, 0, 0, 0, 0)[:5], GOLD.terms),))


def root(**changes: Any) -> Callable[[World], object]:
    return lambda w: w.submit(w.root(**changes))


def after(
    *before: Callable[[World], object], then: Callable[[World], object]
) -> Callable[[World], object]:
    def act(w: World) -> object:
        for step in before:
            step(w)
        return then(w)

    return act


def grant(**changes: Any) -> Callable[[World], object]:
    return lambda w: w.onboard(**changes)


def regrant(**changes: Any) -> Callable[[World], object]:
    """By the account itself, which may while a grant of its own runs."""
    return lambda w: w.onboard(relayer=w.account, **changes)


def signed_by(*which: int) -> Callable[[World], object]:
    """A root with signatures of these keys, in this order."""
    return lambda w: w.submit(signatures=w.sign(w.root(), [[*KEYS, STRANGER][i] for i in which]))


def wait(seconds: int) -> Callable[[World], object]:
    return lambda w: w.chain.advance_time(seconds)


def revoke(w: World) -> None:
    w.client.revoke_root(w.attestor_set, ROOT, sender=w.guardian)


def end(w: World) -> None:
    w.client.end_generation(w.attestor_set, 1, sender=w.guardian)


def rotate(*which: int) -> Callable[[World], object]:
    """The second generation, handed over by these keys, in this order."""
    return lambda w: w.rotate(signatures=w.handed_over(NEXT, [KEYS[i] for i in which]))


def handed_without(part: str) -> Callable[[World], object]:
    """A handover signed with zero in one field, sent with the true value there."""
    words = {
        "type": keccak(
            text="Generation(bytes32 attestorSet,uint32 generation,address[] members,"
            "uint256 threshold)"
        ),
        "attestorSet": ATTESTORS.id,
        "number + 1": (2).to_bytes(32),
        "keccak256(abi.encodePacked(members))": keccak(
            b"".join(bytes.fromhex(member[2:]).rjust(32, b"\0") for member in NEXT.members)
        ),
        "threshold": NEXT.threshold.to_bytes(32),
    }
    version, header, body = ATTESTORS.message(NEXT)
    if keccak(b"".join(words.values())) != body:
        raise ValueError("the words are not those of a handover")
    words[part] = bytes(32)
    digest = keccak(b"\x19" + version + header + keccak(b"".join(words.values())))
    signatures = [bytes(key.unsafe_sign_hash(digest).signature) for key in KEYS[:2]]
    return lambda w: w.rotate(signatures=signatures)


def pause(w: World) -> None:
    w.client.pause(sender=w.guardian)


def read_terms(w: World) -> object:
    return w.client.terms_of(w.account)


def short_root(w: World) -> object:
    """A root past its last second."""
    signed = w.submit(w.root(valid_until=w.chain.now() + 1_000))
    w.chain.advance_time(signed.valid_until + 1 - w.chain.now())
    return w.onboard()


def other_window(**days: int) -> Callable[[World], object]:
    return after(root(**days), then=grant())


def unknown_setup(w: World) -> object:
    verifier, _ = w.chain.deploy(mock(), allowed_id("development"), bytes(32), sender=w.relayer)
    return policy(verifier=verifier)(w)


def refusing(w: World) -> object:
    """A policy whose verifier refuses all."""
    verifier, _ = w.chain.deploy(mock("BrokenVerifier"), 0, sender=w.relayer)
    identity = keccak(text="refusing")
    policy(policy_id=identity, verifier=verifier)(w)
    w.submit()
    return w.onboard(policy_id=identity)


def proven_without(part: str) -> Callable[[World], object]:
    """
    A proof that holds whatever stands in one part of scope or statement: made with zero there, for
    something else.
    """

    def act(w: World) -> object:
        identity = keccak(text=part)
        scope: dict[str, Any] = {
            "block.chainid": w.chain.chain_id,
            "address(this)": w.client.address,
            "epoch": 1,
            "policyId": identity,
        }
        if part in scope:
            scope[part] = {"address(this)": "0x" + 40 * "0", "policyId": bytes(32)}.get(part, 0)
        encoded = encode(["uint256", "address", "uint256", "bytes32"], list(scope.values()))
        statement = {
            "root": ROOT,
            "nullifier": NULLIFIER,
            "scope": int.from_bytes(keccak(encoded)) >> 8,
            "uint256(uint160(account))": int(w.account, 16),
            "_window(policy)": FIRST_DAY + (LAST_DAY << 24),
            **{f"thresholds[{i}]": word for i, word in enumerate(GOLD.thresholds)},
            "backing.feed": w.root().feed,
        }
        if part in statement:
            statement[part] = 0
        expected = keccak(encode(["uint256[11]", "bytes"], [list(statement.values()), PROOF]))
        verifier, _ = w.chain.deploy(mock(), 7, expected, sender=w.relayer)
        policy(policy_id=identity, verifier=verifier)(w)
        w.chain.advance_time(8 * DAY)
        w.client.advance_epoch(identity, sender=w.governor)
        w.submit()
        return w.onboard(policy_id=identity)

    return act


def signed_without(**zero: Any) -> Callable[[World], object]:
    """A root signed with zero in one field, submitted with the true value there."""
    return lambda w: w.submit(w.root(), w.sign(replace(w.root(), **zero)))


def deploy(governor: bool, guardian: bool) -> Callable[[World], object]:
    def act(w: World) -> object:
        zero = "0x" + 40 * "0"
        return w.chain.deploy(
            ARTIFACT[w.client.address],
            w.admin,
            w.governor if governor else zero,
            w.guardian if guardian else zero,
            0,
            [],
            sender=w.relayer,
        )

    return act


ARTIFACT: dict[str, Artifact] = {}
"""What stands at the address of a registry of `built`."""
_role = "AccessControlUnauthorizedAccount"
_first = after(lambda w: w.submit(), then=grant())
_submitted = lambda w: w.submit()  # noqa: E731
_terms = "_sensible: "

CALLS: dict[str, Call] = {
    "constructor: governor == address(0)": Call("Reverted", deploy(False, True)),
    "constructor: guardian == address(0)": Call("Reverted", deploy(True, False)),
    "whenNotPaused: block.timestamp < until": Call("RegistryPaused", after(pause, then=root())),
    "submitRoot: whenNotPaused": Call("RegistryPaused", after(pause, then=root())),
    "onboard: whenNotPaused": Call("RegistryPaused", after(_submitted, pause, then=grant())),
    # roles
    "registerAttestorSet: onlyRole(GOVERNOR_ROLE)": Call(
        _role, lambda w: w.register_set([w.relayer], 1, sender=w.guardian)
    ),
    "registerPolicy: onlyRole(GOVERNOR_ROLE)": Call(
        _role, lambda w: w.register(w.policy(policy_id=b"\3" * 32), sender=w.guardian)
    ),
    "advanceEpoch: onlyRole(GOVERNOR_ROLE)": Call(
        _role,
        after(wait(8 * DAY), then=lambda w: w.client.advance_epoch(POLICY_ID, sender=w.guardian)),
    ),
    "unpause: onlyRole(GOVERNOR_ROLE)": Call(_role, lambda w: w.client.unpause(sender=w.guardian)),
    "pause: onlyRole(GUARDIAN_ROLE)": Call(_role, lambda w: w.client.pause(sender=w.governor)),
    "revokeRoot: onlyRole(GUARDIAN_ROLE)": Call(
        _role, lambda w: w.client.revoke_root(w.attestor_set, ROOT, sender=w.governor)
    ),
    "rotateAttestorSet: onlyRole(GOVERNOR_ROLE)": Call(
        _role, lambda w: w.rotate(sender=w.guardian)
    ),
    "endGeneration: onlyRole(GUARDIAN_ROLE)": Call(
        _role, lambda w: w.client.end_generation(w.attestor_set, 1, sender=w.governor)
    ),
    # attestors
    "_startGeneration: count == 0": Call(
        "AttestorSetEmpty",
        lambda w: w.register_set([], 0),
        also=("_startGeneration: threshold == 0",),
    ),
    "_startGeneration: count > MAX_MEMBERS": Call(
        "AttestorSetTooLarge", lambda w: w.register_set(members(w, 65), 1)
    ),
    "_startGeneration: threshold == 0": Call(
        "ThresholdOutOfRange", lambda w: w.register_set(members(w, 2), 0)
    ),
    "_startGeneration: threshold > count": Call(
        "ThresholdOutOfRange", lambda w: w.register_set(members(w, 2), 3)
    ),
    "registerAttestorSet: _running[attestorSet] != 0": Call(
        "AttestorSetExists",
        lambda w: w.register_set(ATTESTORS.members, 2),
    ),
    "_startGeneration: member <= previous": Call(
        "MembersNotAscending", lambda w: w.register_set(members(w, 2)[::-1], 1)
    ),
    "rotateAttestorSet: _requireQuorum(_generations[attestorSet][number], digest, signatures);": (
        Call("TooFewSignatures", rotate())
    ),
    **{
        f"rotateAttestorSet: without {part}": Call("SignerNotMember", handed_without(part))
        for part in (
            "attestorSet",
            "number + 1",
            "keccak256(abi.encodePacked(members))",
            "threshold",
        )
    },
    "endGeneration: serial == 0": Call(
        "GenerationUnknown",
        lambda w: w.client.end_generation(w.attestor_set, 2, sender=w.guardian),
    ),
    "endGeneration: _requireLive(attestorSet, generation, serial);": Call(
        "GenerationIsEnded", after(end, then=end)
    ),
    "_requireSet: number == 0": Call(
        "AttestorSetUnknown", lambda w: w.client.revoke_root(bytes(32), ROOT, sender=w.guardian)
    ),
    "_requireRunning: _requireLive(attestorSet, number, generation.serial);": Call(
        "GenerationIsEnded", after(end, then=root())
    ),
    "_requireLive: _generationEnded[serial]": Call("GenerationIsEnded", after(end, then=root())),
    "_requireQuorum: signatures.length < generation.threshold": Call(
        "TooFewSignatures", signed_by(0)
    ),
    "_requireQuorum: signer <= previous": Call("SignersNotAscending", signed_by(0, 0)),
    "_requireQuorum: !_isMember[generation.serial][signer]": Call(
        "SignerNotMember", signed_by(0, 3)
    ),
    # roots
    "submitRoot: _requireWord(signed.root);": Call("RootOutOfRange", root(root=0)),
    "submitRoot: _requireWindow(signed.firstDay, signed.lastDay);": Call(
        "WindowInvalid", root(first_day=30_000)
    ),
    "submitRoot: block.timestamp > signed.validUntil": Call("RootExpired", root(valid_until=1)),
    "submitRoot: signed.feed == 0": Call("FeedOutOfRange", root(feed=0)),
    "submitRoot: signed.feed >= FIELD_ORDER": Call("FeedOutOfRange", root(feed=FIELD_ORDER)),
    "submitRoot: signed.rules == bytes32(0)": Call("RulesMissing", root(rules=bytes(32))),
    "submitRoot: state.revoked": Call("RootIsRevoked", after(revoke, then=root())),
    "submitRoot: signed.generation != _running[attestorSet]": Call(
        "WrongGeneration", root(generation=2)
    ),
    "submitRoot: state.serial != 0 && !_generationEnded[state.generationSerial]": Call(
        "RootExists", after(_submitted, then=root())
    ),
    "submitRoot: _requireQuorum(generation, _rootDigest(signed), signatures);": Call(
        "TooFewSignatures", signed_by(0)
    ),
    "revokeRoot: _requireSet(attestorSet);": Call(
        "AttestorSetUnknown", lambda w: w.client.revoke_root(bytes(32), ROOT, sender=w.guardian)
    ),
    "revokeRoot: _requireWord(root);": Call(
        "RootOutOfRange", lambda w: w.client.revoke_root(w.attestor_set, 0, sender=w.guardian)
    ),
    "revokeRoot: state.revoked": Call("RootIsRevoked", after(revoke, then=revoke)),
    "_requireWord: root == 0": Call("RootOutOfRange", root(root=0)),
    "_requireWord: root >= FIELD_ORDER": Call("RootOutOfRange", root(root=FIELD_ORDER)),
    "_requireWindow: firstDay > lastDay": Call("WindowInvalid", root(first_day=30_000)),
    "_requireWindow: lastDay >= DAY_LIMIT": Call("WindowInvalid", root(last_day=DAY_LIMIT)),
    # policies
    "registerPolicy: policyId == bytes32(0)": Call("PolicyIdZero", policy(policy_id=bytes(32))),
    "registerPolicy: _policies[policyId].tiers != 0": Call(
        "PolicyExists", policy(policy_id=POLICY_ID)
    ),
    "registerPolicy: _requireRunning(policy.attestorSet);": Call(
        "AttestorSetUnknown", policy(attestor_set=bytes(32))
    ),
    "registerPolicy: _requireWindow(policy.firstDay, policy.lastDay);": Call(
        "WindowInvalid", policy(first_day=30_000)
    ),
    "registerPolicy: count == 0": Call("TierCountOutOfRange", policy(tiers=())),
    "registerPolicy: count > MAX_TIERS": Call("TierCountOutOfRange", policy(tiers=(SILVER,) * 33)),
    "advanceEpoch: block.timestamp < allowedFrom": Call(
        "EpochTooSoon", lambda w: w.client.advance_epoch(POLICY_ID, sender=w.governor)
    ),
    "_announce: !ceremony && !isDevelopmentChain()": Call(
        "SetupNotKnown", unknown_setup, chain_id=1
    ),
    "_registerTier: tier.thresholds[i] >= THRESHOLD_WORD_LIMIT": Call(
        "ThresholdsInvalid", words(1, 1 << 252)
    ),
    "_registerTier: any == 0": Call("ThresholdsInvalid", words()),
    "_registerTier: !_sensible(tier.terms)": Call("TermsInvalid", terms(validity=0)),
    f"{_terms}terms.maintenanceMarginBp > 0": Call("TermsInvalid", terms(maintenance_margin_bp=0)),
    f"{_terms}terms.maintenanceMarginBp <= terms.initialMarginBp": Call(
        "TermsInvalid", terms(maintenance_margin_bp=501)
    ),
    f"{_terms}terms.initialMarginBp <= BASIS_POINTS": Call(
        "TermsInvalid",
        terms(initial_margin_bp=10_001, max_leverage=1),
        also=(f"{_terms}uint256(terms.maxLeverage) * terms.initialMarginBp <= BASIS_POINTS",),
    ),
    f"{_terms}terms.maxLeverage > 0": Call("TermsInvalid", terms(max_leverage=0)),
    f"{_terms}uint256(terms.maxLeverage) * terms.initialMarginBp <= BASIS_POINTS": Call(
        "TermsInvalid", terms(max_leverage=21)
    ),
    f"{_terms}int256(terms.takerFeeCentiBp) + terms.makerFeeCentiBp >= 0": Call(
        "TermsInvalid", terms(maker_fee=-301)
    ),
    f"{_terms}terms.validity > 0": Call("TermsInvalid", terms(validity=0)),
    # grants
    "onboard: tier >= policy.tiers": Call(
        "TierUnknown",
        after(_submitted, then=grant(tier=3)),
        also=("onboard: keccak256(abi.encode(thresholds)) != granted.thresholdsHash",),
    ),
    "onboard: keccak256(abi.encode(thresholds)) != granted.thresholdsHash": Call(
        "WrongThresholds", after(_submitted, then=grant(thresholds=SILVER.thresholds))
    ),
    "onboard: account == address(0)": Call(
        "AccountZero", after(_submitted, then=grant(account="0x" + 40 * "0"))
    ),
    "onboard: nullifier == 0": Call(
        "NullifierOutOfRange", after(_submitted, then=grant(nullifier=0))
    ),
    "onboard: nullifier >= FIELD_ORDER": Call(
        "NullifierOutOfRange", after(_first, then=regrant(nullifier=NULLIFIER + FIELD_ORDER))
    ),
    "onboard: _nullifierUsed[scope][nullifier]": Call(
        "NullifierUsed", after(_first, then=regrant())
    ),
    "onboard: _nullifierUsed[scope][nullifier] = true;": Call(
        "NullifierUsed", after(_first, then=regrant())
    ),
    "onboard: policy.verifier.verify": Call("Reverted", refusing),
    "_requirePolicy: policy.tiers == 0": Call(
        "PolicyUnknown",
        lambda w: w.client.advance_epoch(keccak(text="nobody's"), sender=w.governor),
    ),
    "_requireRoot: _requireLive(attestorSet, state.generation, state.generationSerial);": Call(
        "GenerationIsEnded", after(_submitted, end, then=grant())
    ),
    "_requireRoot: state.serial == 0": Call(
        "RootUnknown",
        grant(),
        also=(
            "_requireRoot: block.timestamp > state.validUntil",
            "_requireRoot: state.firstDay != policy.firstDay",
            "_requireRoot: state.lastDay != policy.lastDay",
        ),
    ),
    "_requireRoot: state.revoked": Call("RootIsRevoked", after(_submitted, revoke, then=grant())),
    "_requireRoot: block.timestamp > state.validUntil": Call("RootExpired", short_root),
    "_requireRoot: state.firstDay != policy.firstDay": Call(
        "WrongWindow", other_window(first_day=19_999)
    ),
    "_requireRoot: state.lastDay != policy.lastDay": Call(
        "WrongWindow", other_window(last_day=20_090)
    ),
    "_grant: block.timestamp < current.expiry && !_rootRevoked[current.rootSerial] "
    "&& !_generationEnded[current.generationSerial] && msg.sender != account": Call(
        "OnlyAccountReplacesGrant", after(_first, then=grant(nullifier=NULLIFIER + 1))
    ),
    # what is bound: parts of the scope, of the statement, of the message that attestors sign
    **{
        f"{name}: without {part}": Call("Reverted", proven_without(part))
        for name, listed in (
            ("_scope", ("block.chainid", "address(this)", "epoch", "policyId")),
            (
                "onboard",
                (
                    "root",
                    "nullifier",
                    "scope",
                    "uint256(uint160(account))",
                    "_window(policy)",
                    "backing.feed",
                ),
            ),
            ("onboard", tuple(f"thresholds[{i}]" for i in range(5))),
        )
        for part in listed
    },
    "_rootDigest: without signed.root": Call("SignerNotMember", signed_without(root=0)),
    "_rootDigest: without signed.attestorSet": Call(
        "SignerNotMember", signed_without(attestor_set=bytes(32))
    ),
    "_rootDigest: without signed.generation": Call("SignerNotMember", signed_without(generation=0)),
    "_rootDigest: without signed.firstDay": Call("SignerNotMember", signed_without(first_day=0)),
    "_rootDigest: without signed.lastDay": Call("SignerNotMember", signed_without(last_day=0)),
    "_rootDigest: without signed.validUntil": Call(
        "SignerNotMember", signed_without(valid_until=0)
    ),
    "_rootDigest: without signed.feed": Call("SignerNotMember", signed_without(feed=0)),
    "_rootDigest: without signed.rules": Call("SignerNotMember", signed_without(rules=bytes(32))),
    # readings
    "termsOf: expiry == 0": Call(
        "NoGrant", read_terms, also=("termsOf: block.timestamp >= expiry",)
    ),
    "termsOf: block.timestamp >= expiry": Call(
        "GrantExpired", after(_first, wait(30 * DAY), then=read_terms)
    ),
    "termsOf: _rootRevoked[grant.rootSerial]": Call(
        "GrantRootRevoked", after(_first, revoke, then=read_terms)
    ),
    "termsOf: _generationEnded[grant.generationSerial]": Call(
        "GrantGenerationEnded", after(_first, end, then=read_terms)
    ),
    "tierOf: tier >= _requirePolicy(policyId).tiers": Call(
        "TierUnknown", lambda w: w.client.tier_of(POLICY_ID, 3)
    ),
}


def says(world: World, call: Call) -> str:
    """What becomes of the call; the chain is put back."""
    request = world.chain.web3.provider.make_request
    snapshot = request("evm_snapshot", [])["result"]  # type: ignore[arg-type]
    try:
        call.act(world)
    except Rejected as error:
        return error.code.removeprefix("rejected.")
    finally:
        request("evm_revert", [snapshot])  # type: ignore[arg-type]
    return "accepted"


def verdicts(
    chains: Callable[[int | None], Chain], known: Container[str] = ()
) -> Iterator[Verdict]:
    """
    Calls against the true registry and against one without the check, but those already `known`.

    Parameters
    ----------
    chains : a chain that claims to have that number; None: any development chain.
    """
    sound: dict[int | None, World] = {}
    for identity, call in CALLS.items():
        if f"registry, {identity}" in known:
            continue
        chain = chains(call.chain_id)
        if call.chain_id not in sound:
            sound[call.chain_id] = built(chain, load_artifact(REGISTRY))
        flawed = built(chain, mutant([identity, *call.also]))
        yield Verdict(
            f"registry, {identity}",
            says(sound[call.chain_id], call),
            says(flawed, call),
            "accepted",
        )
