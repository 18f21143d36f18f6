"""A registry with attestors, a policy and roles, for the tests; signing as an attestor does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from contracts.build.artifact import FOLDER, Artifact, read_artifact
from contracts.client.chain import Chain, sorted_addresses
from contracts.client.model import Granted, Policy, SignedRoot, Terms, Tier
from contracts.client.registry import RegistryClient

FIELD_ORDER = 21888242871839275222246405745257275088548364400416034343698204186575808495617
DAY = 86_400
FIRST_DAY, LAST_DAY = 20_000, 20_089
POLICY_ID = keccak(text="policy")
ROOT, NULLIFIER = 0xABCDEF, 0x123456
PROOF = bytes(range(1, 201))
SILVER = Tier((3, 0, 0, 1 << 108), Terms(1_000, 500, 450, 150, 10, 30 * DAY))
GOLD = Tier((5, 6, 7, 8 + (1 << 108)), Terms(500, 300, 300, 50, 20, 30 * DAY))
PRIME = Tier((9, 6, 7, (1 << 252) - 1), Terms(400, 200, 200, -50, 25, 60 * DAY))
KEYS = sorted(
    (Account.from_key(keccak(text=f"attestor {i}")) for i in range(4)),
    key=lambda key: int(key.address, 16),
)
STRANGER = Account.from_key(keccak(text="stranger"))

ROOT_TYPES = {
    "Root": [
        {"name": "root", "type": "uint256"},
        {"name": "attestorSet", "type": "bytes32"},
        {"name": "firstDay", "type": "uint32"},
        {"name": "lastDay", "type": "uint32"},
        {"name": "validUntil", "type": "uint64"},
    ]
}


def mock(name: str = "MockVerifier") -> Artifact:
    """A stand-in verifier of contracts/test-src."""
    return read_artifact(FOLDER / "test-artifacts" / f"{name}.json")


def sign_root(
    key: LocalAccount, signed: SignedRoot, chain_id: int, registry: str, **domain: Any
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
        "firstDay": signed.first_day,
        "lastDay": signed.last_day,
        "validUntil": signed.valid_until,
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
        verifier, _ = chain.deploy(mock(), False, bytes(32), sender=relayer)
        members = sorted_addresses([key.address for key in KEYS[:3]])
        attestor_set = client.register_attestor_set(members, 2, sender=governor)
        world = cls(
            chain, client, admin, governor, guardian, relayer, account, verifier, attestor_set
        )
        client.register_policy(world.policy(), sender=governor)
        return world

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

    def root(self, **changes: Any) -> SignedRoot:
        base = SignedRoot(ROOT, self.attestor_set, FIRST_DAY, LAST_DAY, self.chain.now() + 90 * DAY)
        return replace(base, **changes)

    def sign(
        self, signed: SignedRoot, keys: Sequence[LocalAccount] = tuple(KEYS[:2]), **domain: Any
    ) -> list[bytes]:
        return [
            sign_root(key, signed, self.chain.chain_id, self.client.address, **domain)
            for key in keys
        ]

    def submit(
        self, signed: SignedRoot | None = None, signatures: Sequence[bytes] | None = None
    ) -> SignedRoot:
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
