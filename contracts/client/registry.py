"""
The registry as Python functions: one method a contract function, values of `contracts.client.model`
in and out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from algebra.errors import Malformed, Unavailable
from contracts.build.artifact import REGISTRY, load_artifact
from contracts.client import calls
from contracts.client.chain import Chain, Sender
from contracts.client.model import Granted, PolicyRegistration, Roles, digest32, unsigned
from history.v2.metrics.form import WORDS
from policies.address import address
from policies.attestor_set import AttestorSet
from policies.signed_root import Root
from policies.terms import Terms


class RegistryClient:
    """
    Drives one deployed TierRegistry.

    Every method that changes state sends one transaction from `sender` and raises `Rejected`
    (`rejected.<ErrorName>`) when the registry refuses, `Unavailable` when the chain cannot be
    reached.
    """

    def __init__(self, chain: Chain, registry: str) -> None:
        self.chain = chain
        self.address = address(registry, "registry")
        self.contract: Any = chain.contract(load_artifact(REGISTRY), self.address)

    @classmethod
    def planned(cls, chain: Chain, registry: str) -> RegistryClient:
        """For a registry that may not stand there yet."""
        client = cls.__new__(cls)
        client.chain, client.address = chain, address(registry, "registry")
        client.contract = chain.instance(load_artifact(REGISTRY), client.address)
        return client

    @classmethod
    def deploy(
        cls,
        chain: Chain,
        *,
        sender: Sender,
        admin: str,
        governor: str,
        guardian: str,
        admin_delay: int = 0,
    ) -> RegistryClient:
        """
        Deploy a registry that takes the known ceremonies; `admin_delay` is the seconds a new admin
        has to wait before it takes over.
        """
        roles = Roles(admin, governor, guardian, admin_delay)
        created, _ = chain.deploy(load_artifact(REGISTRY), *roles.arguments(), sender=sender)
        return cls(chain, created)

    def ceremonies(self) -> tuple[int, ...]:
        """Srs ids that the registry takes outside development chains."""
        return tuple(self.chain.read(self.contract.functions.ceremonies()))

    # ---- governor ----

    def register_attestor_set(self, attestor_set: AttestorSet, *, sender: Sender) -> None:
        """Register a set with its first generation, whatever others it has."""
        self.chain.send(calls.register_set(self.contract, attestor_set), sender=sender)

    def rotate_attestor_set(self, attestor_set: AttestorSet, *, sender: Sender) -> None:
        """Start the last generation of a set, which follows the registry's running one."""
        self.chain.send(calls.rotate_set(self.contract, attestor_set), sender=sender)

    def register_policy(self, registration: PolicyRegistration, *, sender: Sender) -> None:
        """
        Register a policy and its tiers; what `PolicyRegistration.check` refuses is never sent.
        """
        self.chain.send(calls.register_policy(self.contract, registration), sender=sender)

    def advance_epoch(self, policy_id: bytes, *, sender: Sender) -> int:
        """Open the next epoch of a policy; its number."""
        receipt = self._send("advanceEpoch", digest32(policy_id, "policy_id"), sender=sender)
        return int(self._event("EpochAdvanced", receipt)["epoch"])

    def unpause(self, *, sender: Sender) -> None:
        """End a pause."""
        self._send("unpause", sender=sender)

    # ---- guardian ----

    def revoke_root(self, attestor_set: bytes, root: int, *, sender: Sender) -> None:
        """Forbid a root of a set at once and end the grants that rest on it."""
        self._send("revokeRoot", digest32(attestor_set, "attestor_set"), root, sender=sender)

    def end_generation(self, attestor_set: bytes, generation: int, *, sender: Sender) -> None:
        """End a generation of a set at once, with its roots and the grants that rest on them."""
        set_id, number = (
            digest32(attestor_set, "attestor_set"),
            unsigned(generation, 32, "generation"),
        )
        self._send("endGeneration", set_id, number, sender=sender)

    def pause(self, *, sender: Sender) -> None:
        """Stop roots and grants for seven days."""
        self._send("pause", sender=sender)

    # ---- anybody ----

    def submit_root(self, signed: Root, signatures: Sequence[bytes], *, sender: Sender) -> int:
        """
        Submit a root with its signatures (65 bytes each, ascending by signer); its serial number.

        They sign `Root.message`.
        """
        receipt = self._send("submitRoot", signed.as_tuple(), list(signatures), sender=sender)
        return int(self._event("RootSubmitted", receipt)["serial"])

    def onboard(
        self,
        *,
        relayer: Sender,
        policy_id: bytes,
        tier: int,
        root: int,
        nullifier: int,
        account: str,
        thresholds: Sequence[int],
        proof: bytes,
        gas: int | None = None,
    ) -> Granted:
        """
        Have a credential verified on chain and the tier's terms granted to `account`. While a grant
        of the account runs `relayer` must be the account itself, else whoever it is.

        Raises
        ------
        Rejected
            `rejected.<ErrorName>` of the registry or the verifier (`rejected.NullifierUsed`, ...);
            `rejected.Reverted` where the verifier gives no reason.
        Malformed
            `malformed.thresholds`, `malformed.word`, `malformed.address`, `malformed.digest`: no
            call can carry it.
        """
        if len(thresholds) != WORDS:
            raise Malformed(
                "malformed.thresholds", f"{len(thresholds)} threshold words instead of {WORDS}"
            )
        for name, word, bits in (
            ("tier", tier, 8),
            ("root", root, 256),
            ("nullifier", nullifier, 256),
            *(("thresholds", word, 256) for word in thresholds),
        ):
            unsigned(word, bits, name)
        receipt = self._send(
            "onboard",
            digest32(policy_id, "policy_id"),
            tier,
            root,
            nullifier,
            address(account, "account"),
            list(thresholds),
            proof,
            sender=relayer,
            gas=gas,
        )
        event = self._event("Granted", receipt)
        return Granted(
            account=str(event["account"]),
            policy_id=bytes(event["policyId"]),
            nullifier=int(event["nullifier"]),
            tier=int(event["tier"]),
            epoch=int(event["epoch"]),
            root=int(event["root"]),
            expiry=int(event["expiry"]),
            gas_used=int(receipt["gasUsed"]),
            transaction="0x" + bytes(receipt["transactionHash"]).hex(),
        )

    # ---- reading ----

    def terms_of(self, account: str) -> tuple[Terms, int]:
        """
        The terms an account holds now and their expiry; `rejected.NoGrant`, `.GrantExpired`,
        `.GrantRootRevoked`, `.GrantGenerationEnded`.
        """
        values, expiry = self._read("termsOf", address(account, "account"))
        return Terms(*(int(value) for value in _fields(values))), int(expiry)

    def grant_of(self, account: str) -> dict[str, Any]:
        """The last grant of an account, ended or not (see GrantRecord); policyId zero if none."""
        record = _fields(self._read("grantOf", address(account, "account")))
        return dict(
            zip(
                (
                    "policy_id",
                    "tier",
                    "epoch",
                    "expiry",
                    "root_serial",
                    "root_revoked",
                    "generation_ended",
                ),
                record,
                strict=True,
            )
        )

    def scope(self, policy_id: bytes) -> tuple[int, int]:
        """Scope that proofs must carry now, and the epoch it stands for."""
        scope, epoch = self._read("scopeOf", digest32(policy_id, "policy_id"))
        return int(scope), int(epoch)

    def policy_of(self, policy_id: bytes) -> dict[str, Any]:
        """What the registry keeps of a policy (see PolicyRecord)."""
        record = _fields(self._read("policyOf", digest32(policy_id, "policy_id")))
        names = (
            "attestor_set",
            "verifier",
            "first_day",
            "last_day",
            "epoch",
            "epoch_start",
            "min_epoch_seconds",
            "tiers",
        )
        return dict(zip(names, record, strict=True))

    def tier_of(self, policy_id: bytes, tier: int) -> tuple[Terms, bytes]:
        """Terms of a tier and keccak256(abi.encode(thresholds))."""
        values, thresholds_hash = self._read("tierOf", digest32(policy_id, "policy_id"), tier)
        return Terms(*(int(value) for value in _fields(values))), bytes(thresholds_hash)

    def root_of(self, attestor_set: bytes, root: int) -> dict[str, Any]:
        """What is known of a root (see RootRecord); serial 0 if it was never submitted."""
        record = _fields(self._read("rootOf", digest32(attestor_set, "attestor_set"), root))
        names = (
            "first_day",
            "last_day",
            "valid_until",
            "serial",
            "revoked",
            "generation",
            "generation_ended",
            "feed",
            "rules",
        )
        return dict(zip(names, record, strict=True))

    def running_generation(self, attestor_set: bytes) -> int:
        """Number of the generation that signs a set's roots, from 1; 0: the set is unknown."""
        return int(self._read("attestorSetOf", digest32(attestor_set, "attestor_set")))

    def generation_of(self, attestor_set: bytes, generation: int) -> dict[str, Any]:
        """Threshold and number of members of a generation, and whether the guardian ended it."""
        set_id = digest32(attestor_set, "attestor_set")
        record = self._read("generationOf", set_id, unsigned(generation, 32, "generation"))
        return dict(zip(("threshold", "members", "ended"), record, strict=True))

    def pause_seconds(self) -> int:
        """How long a pause lasts."""
        return int(self._read("PAUSE_SECONDS"))

    def paused_until(self) -> int:
        """Unix second from which the registry works again; in the past or 0 if it does."""
        return int(self._read("pausedUntil"))

    def nullifier_used(self, scope: int, nullifier: int) -> bool:
        """Whether the nullifier was used in the scope."""
        return bool(self._read("nullifierUsed", scope, nullifier))

    def root_digest(self, signed: Root) -> bytes:
        """The EIP-712 digest as the contract computes it."""
        return bytes(self._read("rootDigest", signed.as_tuple()))

    # ---- inside ----

    def _read(self, name: str, *arguments: object) -> Any:
        return self.chain.read(self.contract.functions[name](*arguments))

    def _send(self, name: str, *arguments: object, sender: Sender, **options: Any) -> Any:
        return self.chain.send(self.contract.functions[name](*arguments), sender=sender, **options)

    def _event(self, name: str, receipt: Any) -> Any:
        # Only the registry's own logs count: any contract can emit a look-alike.
        for log in receipt["logs"]:
            if log["address"] == self.address:
                event = self.contract.events[name]()
                if bytes(log["topics"][0]) == bytes.fromhex(event.topic[2:]):
                    return event.process_log(log)["args"]
        raise Unavailable(
            "unavailable.event", f"the receipt of the transaction holds no {name} of the registry"
        )


def _fields(record: Any) -> tuple[Any, ...]:
    """Values of a returned struct in order."""
    return tuple(record.values()) if isinstance(record, dict) else tuple(record)
