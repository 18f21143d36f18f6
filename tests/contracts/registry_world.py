"""
A registry with attestors, a policy and roles, for the tests; signing as an attestor does it.

`Tier`, `Policy` and `Root` are the contract's structs with any numbers: tests send what no client
would.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from types import SimpleNamespace
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak
from support.root_types import ROOT_TYPES

from contracts.build.artifact import FOLDER, REGISTRY, Artifact, load_artifact, read_artifact
from contracts.client.chain import Chain
from contracts.client.model import Granted
from contracts.client.registry import RegistryClient
from policies.address import address
from policies.attestor_set import AttestorSet, Generation
from policies.terms import Terms
from verifier.ceremonies import ceremony_ids

FIELD_ORDER = 21888242871839275222246405745257275088548364400416034343698204186575808495617
DAY = 86_400
FIRST_DAY, LAST_DAY = 20_000, 20_089
POLICY_ID = keccak(text="policy")
ROOT, NULLIFIER = 0xABCDEF, 0x123456
PROOF = bytes(range(1, 201))
KEYS = sorted(
    (Account.from_key(keccak(text=f"attestor {i}")) for i in range(4)),
    key=lambda key: int(key.address, 16),
)
ATTESTORS = AttestorSet.of([key.address for key in KEYS[:3]], 2)
NEXT = Generation.of([key.address for key in KEYS[1:]], 2)
"""Who follows the first generation: one key went, another came."""
STRANGER = Account.from_key(keccak(text="stranger"))


@dataclass(frozen=True)
class Tier:
    thresholds: tuple[int, ...]
    terms: Terms


@dataclass(frozen=True)
class Policy:
    policy_id: bytes
    attestor_set: bytes
    first_day: int
    last_day: int
    verifier: str
    min_epoch_seconds: int
    tiers: tuple[Tier, ...]

    def as_tuple(self) -> tuple[Any, ...]:
        return astuple(self)


@dataclass(frozen=True)
class Root:
    root: int
    attestor_set: bytes
    generation: int
    first_day: int
    last_day: int
    valid_until: int
    feed: int = 77
    rules: bytes = b"\x0a" * 32

    def as_tuple(self) -> tuple[Any, ...]:
        return astuple(self)


SILVER = Tier((3, 0, 0, 0, 1 << 120), Terms(1_000, 500, 450, 150, 10, 30 * DAY))
GOLD = Tier((5, 6, 7, 8, 9 + (1 << 120)), Terms(500, 300, 300, 50, 20, 30 * DAY))
PRIME = Tier((9, 6, 7, 8, (1 << 252) - 1), Terms(400, 200, 200, -50, 25, 60 * DAY))


def mock(name: str = "MockVerifier") -> Artifact:
    """A stand-in verifier of contracts/test-src."""
    return read_artifact(FOLDER / "test-artifacts" / f"{name}.json")


def sign_root(
    key: LocalAccount, signed: Root, chain_id: int, registry: str, **domain: Any
) -> bytes:
    """EIP-712 signature of a root, written from the type string and not from the contract."""
    full = {
        "name": "Tierproof",
        "version": "1",
        "chainId": chain_id,
        "verifyingContract": registry,
        **domain,
    }
    message = {
        "root": signed.root,
        "attestorSet": signed.attestor_set,
        "generation": signed.generation,
        "firstDay": signed.first_day,
        "lastDay": signed.last_day,
        "validUntil": signed.valid_until,
        "feed": signed.feed,
        "rules": signed.rules,
    }
    return bytes(key.sign_typed_data(full, ROOT_TYPES, message).signature)


@dataclass
class World:
    """A chain with one registry; the mock verifier of its policy accepts everything."""

    chain: Chain
    client: RegistryClient
    admin: str
    governor: str
    guardian: str
    relayer: str
    account: str
    verifier: str
    attestor_set: bytes

    @classmethod
    def build(cls, chain: Chain) -> World:
        admin, governor, guardian, relayer, account = chain.accounts()[:5]
        client = RegistryClient.deploy(
            chain, sender=relayer, admin=admin, governor=governor, guardian=guardian
        )
        verifier, _ = chain.deploy(mock(), ceremony_ids()[0], bytes(32), sender=relayer)
        client.register_attestor_set(ATTESTORS, sender=governor)
        world = cls(
            chain, client, admin, governor, guardian, relayer, account, verifier, ATTESTORS.id
        )
        world.register(world.policy())
        return world

    def call(self, name: str, *arguments: object, sender: str | None = None) -> None:
        """A call of the contract by the governor, past all that the client checks."""
        registry = self.chain.contract(load_artifact(REGISTRY), self.client.address)
        self.chain.send(registry.functions[name](*arguments), sender=sender or self.governor)

    def register(self, policy: Policy, sender: str | None = None) -> None:
        """Register a policy, whatever it says."""
        self.call("registerPolicy", policy.as_tuple(), sender=sender)

    def register_set(
        self, members: Sequence[str], threshold: int, sender: str | None = None
    ) -> None:
        """Register an attestor set, whatever it says."""
        listed = [address(member, "member") for member in members]
        self.call("registerAttestorSet", ATTESTORS.salt, listed, threshold, sender=sender)

    def handed_over(
        self, following: Generation, keys: Sequence[LocalAccount] = tuple(KEYS[:2])
    ) -> list[bytes]:
        """What these keys sign so that `following` comes after the first generation."""
        message = ATTESTORS.message(following)
        return [bytes(key.unsafe_sign_hash(message.digest).signature) for key in keys]

    def rotate(
        self,
        following: Generation = NEXT,
        signatures: Sequence[bytes] | None = None,
        sender: str | None = None,
        attestor_set: bytes | None = None,
    ) -> None:
        """The second generation of the set, whoever signed it."""
        self.call(
            "rotateAttestorSet",
            self.attestor_set if attestor_set is None else attestor_set,
            [address(member, "member") for member in following.members],
            following.threshold,
            list(self.handed_over(following) if signatures is None else signatures),
            sender=sender,
        )

    def rotate_unchecked(self, members: Sequence[str], threshold: int) -> None:
        """A generation that no document could name, signed by two members all the same."""
        following: Any = SimpleNamespace(members=tuple(members), threshold=threshold)
        self.rotate(following)

    def functions(self) -> Any:
        """The functions of the contract, to read."""
        return self.chain.contract(load_artifact(REGISTRY), self.client.address).functions

    def policy(self, **changes: Any) -> Policy:
        base = Policy(
            POLICY_ID,
            self.attestor_set,
            FIRST_DAY,
            LAST_DAY,
            self.verifier,
            7 * DAY,
            (SILVER, GOLD, PRIME),
        )
        return replace(base, **changes)

    def root(self, **changes: Any) -> Root:
        base = Root(ROOT, self.attestor_set, 1, FIRST_DAY, LAST_DAY, self.chain.now() + 90 * DAY)
        return replace(base, **changes)

    def sign(
        self, signed: Root, keys: Sequence[LocalAccount] = tuple(KEYS[:2]), **domain: Any
    ) -> list[bytes]:
        return [
            sign_root(key, signed, self.chain.chain_id, self.client.address, **domain)
            for key in keys
        ]

    def submit(self, signed: Root | None = None, signatures: Sequence[bytes] | None = None) -> Root:
        signed = signed or self.root()
        self.client.submit_root(
            signed, signatures if signatures is not None else self.sign(signed), sender=self.relayer
        )
        return signed

    def onboard(self, **changes: Any) -> Granted:
        arguments: dict[str, Any] = {
            "relayer": self.relayer,
            "policy_id": POLICY_ID,
            "tier": 1,
            "root": ROOT,
            "nullifier": NULLIFIER,
            "account": self.account,
            "thresholds": GOLD.thresholds,
            "proof": PROOF,
            **changes,
        }
        return self.client.onboard(**arguments)
