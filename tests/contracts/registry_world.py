"""
A registry of grants on a chain with attestors, a series, a policy and roles, driven by the client;
signing as attestors and accounts do it.

`Tier`, `Policy` and `Root` are the contract's structs with any numbers: tests send what no client
would.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak
from support.root_types import ROOT_TYPES

from contracts.build.artifact import FOLDER, REGISTRY, Artifact, load_artifact, read_artifact
from contracts.client.calls import NO_CONSENT
from contracts.client.chain import Chain
from contracts.client.deploy import deploy
from contracts.client.deployment import Deployment
from contracts.client.model import Bounds, Claim, Granted, Roles
from contracts.client.order import Order
from contracts.client.registry import RegistryClient
from contracts.client.signed_by import signed_by
from policies.attestor_set import AttestorSet, Generation
from policies.grant_consent import NOBODY, GrantConsent
from policies.series import Series
from policies.signed_root import TYPES
from policies.terms import Terms
from policies.typed_data import typed_message
from verifier.ceremonies import ceremony_ids

FIELD_ORDER = 21888242871839275222246405745257275088548364400416034343698204186575808495617
DAY = 86_400
DAYS = 90
"""Of the window, which is over."""
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
SERIES = Series("series", ATTESTORS.id, 28, 60)
STRANGER = Account.from_key(keccak(text="stranger"))
OWNER = Account.from_key(keccak(text="owner"))
"""Key of an account that has no money."""


@dataclass(frozen=True)
class Tier:
    thresholds: tuple[int, ...]
    terms: Terms


@dataclass(frozen=True)
class Policy:
    policy_id: bytes
    series: bytes
    first_day: int
    last_day: int
    verifiers: tuple[int, ...]
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


SILVER = Tier((3, 0, 0, 0, 1 << 120), Terms(1_000, 500, 450, 150, 10, 1_000, 30))
GOLD = Tier((5, 6, 7, 8, 9 + (1 << 120)), Terms(500, 300, 300, 50, 20, 5_000, 30))
PRIME = Tier((9, 6, 7, 8, (1 << 252) - 1), Terms(400, 200, 200, -50, 25, 9_000, 60))


def mock(name: str = "MockVerifier") -> Artifact:
    """A stand-in verifier of contracts/test-src."""
    return read_artifact(FOLDER / "test-artifacts" / f"{name}.json")


def posing(name: str = "MockVerifier") -> Artifact:
    """A mock that claims to be a contract of src."""
    return replace(mock(name), source_name="src/Posing.sol")


def sign_root(
    key: LocalAccount, signed: Root, chain_id: int, registry: str, **domain: Any
) -> bytes:
    """EIP-712 signature of a root, written from the type string and not from the contract."""
    full = {
        "name": "Tierproof",
        "version": "2",
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
    """A chain with one registry; its only verifier accepts everything."""

    chain: Chain
    client: RegistryClient
    deployment: Deployment
    admin: str
    governor: str
    guardian: str
    relayer: str
    account: str
    attestor_set: bytes
    first_day: int
    last_day: int

    @classmethod
    def build(cls, chain: Chain, setup: int | None = None) -> World:
        """Set, series and policy in force; `setup` is the verifier's, one of a ceremony's."""
        admin, governor, guardian, relayer, account = chain.accounts()[:5]
        order = Order(
            (posing(),),
            Roles(admin, governor, guardian),
            (ceremony_ids()[0] if setup is None else setup, bytes(32)),
            salt=os.urandom(32),  # one deployer has one registry a salt
        )
        made = deploy(chain, order, sender=relayer)
        client = RegistryClient(chain, made.registry)
        last = chain.now() // DAY - 1
        world = cls(
            chain, client, made, admin, governor, guardian, relayer, account, ATTESTORS.id,
            last - DAYS + 1, last,
        )  # fmt: skip
        client.send(client.calls.register_set(ATTESTORS, Bounds()), sender=governor)
        window = (world.first_day, world.last_day)
        client.send(client.calls.register_series(SERIES, [window]), sender=governor)
        world.register(world.policy())
        return world

    def call(self, name: str, *arguments: object, sender: str | None = None) -> None:
        """A call of the contract by the governor, past all that the client checks."""
        registry = self.chain.contract(load_artifact(REGISTRY), self.client.address)
        self.chain.send(registry.functions[name](*arguments), sender=sender or self.governor)

    def register(self, policy: Policy, sender: str | None = None) -> None:
        """Register a policy, whatever it says."""
        self.call("registerPolicy", policy.as_tuple(), sender=sender)

    def handed_over(
        self, following: Generation, keys: Sequence[LocalAccount] = tuple(KEYS[:2])
    ) -> list[bytes]:
        """What these keys sign so that `following` comes after the first generation."""
        message = ATTESTORS.message(following)
        return [bytes(key.unsafe_sign_hash(message.digest).signature) for key in keys]

    def functions(self) -> Any:
        """The functions of the contract, to read."""
        return self.chain.contract(load_artifact(REGISTRY), self.client.address).functions

    def policy(self, **changes: Any) -> Policy:
        base = Policy(
            POLICY_ID, SERIES.id, self.first_day, self.last_day, (0,), (SILVER, GOLD, PRIME)
        )
        return replace(base, **changes)

    def root(self, **changes: Any) -> Root:
        until = (self.last_day + 100) * DAY
        base = Root(ROOT, self.attestor_set, 1, self.first_day, self.last_day, until)
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
        given = self.sign(signed) if signatures is None else signatures
        names = [field["name"] for field in TYPES["Root"]]
        values = dict(zip(names, signed.as_tuple(), strict=True))
        message = typed_message(self.client.domain.typed, TYPES, values)
        call = self.client.calls.submit_root(signed.as_tuple(), signed_by(message, given))
        self.client.send(call, sender=self.relayer)
        return signed

    def consent(self, key: LocalAccount = OWNER, **changes: Any) -> tuple[int, int, bytes]:
        """What an account signs so that somebody else may send its claim."""
        fields: dict[str, Any] = {
            "account": key.address.lower(),
            "holder": NOBODY,
            "series": SERIES.id,
            "nullifier": NULLIFIER,
            "terms": GOLD.terms,
            "least_last_day": self.last_day,
            "deadline": self.chain.now() + 30 * DAY,
            **changes,
        }
        of = GrantConsent(**fields)
        digest = of.message(self.client.domain).digest
        return of.least_last_day, of.deadline, bytes(key.unsafe_sign_hash(digest).signature)

    def onboard(
        self,
        sender: Any = None,
        consent: tuple[int, int, bytes] = NO_CONSENT,
        gas: int | None = None,
        **changes: Any,
    ) -> Granted:
        """A claim, sent by its account unless somebody else is named."""
        fields: dict[str, Any] = {
            "policy_id": POLICY_ID,
            "tier": 1,
            "verifier": 0,
            "root": ROOT,
            "nullifier": NULLIFIER,
            "account": self.account,
            "thresholds": GOLD.thresholds,
            "proof": PROOF,
            **changes,
        }
        claim = Claim(**fields)
        return self.client.onboard(claim, consent, sender=sender or self.account, gas=gas)
