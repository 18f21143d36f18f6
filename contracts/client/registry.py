"""The registry of grants as Python: what it keeps, its calls, and what comes of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from algebra.errors import Unavailable
from contracts.build.artifact import REGISTRY, load_artifact
from contracts.client.calls import NO_CONSENT, Calls, Signed
from contracts.client.chain import Chain, Sender
from contracts.client.model import ACTS, Claim, Granted
from contracts.client.records import Records
from contracts.client.signed_by import signed_by
from policies.address import address
from policies.signed_root import Root, RootDomain


class RegistryClient(Records):
    """
    Drives one deployed TierGrants.

    Every method that changes state sends one transaction from `sender` and raises `Rejected`
    (`rejected.<ErrorName>`) when the registry refuses, `Unavailable` when the chain cannot be
    reached.
    """

    @classmethod
    def planned(cls, chain: Chain, registry: str) -> RegistryClient:
        """For a registry that may not stand there yet."""
        client = cls.__new__(cls)
        client.chain, client.address = chain, address(registry, "registry")
        client.contract = chain.instance(load_artifact(REGISTRY), client.address)
        return client

    @property
    def calls(self) -> Calls:
        """Calls of this registry, made and not sent."""
        return Calls(self.contract)

    @property
    def domain(self) -> RootDomain:
        """What roots and consents for this registry are signed for."""
        return RootDomain(self.chain.chain_id, self.address.lower())

    def send(self, call: Any, *, sender: Sender) -> Any:
        """Send a call of `calls`; the receipt."""
        return self.chain.send(call, sender=sender)

    def submit_root(self, signed: Root, signatures: Sequence[bytes], *, sender: Sender) -> None:
        """
        Submit a root with its signatures (65 bytes each, ascending by signer), or extend it.

        They sign `Root.message`.
        """
        listed = signed_by(signed.message(self.domain), signatures)
        self.send(self.calls.submit_root(signed.as_tuple(), listed), sender=sender)

    def onboard(
        self,
        claim: Claim,
        of_account: Signed = NO_CONSENT,
        of_holder: Signed = NO_CONSENT,
        *,
        sender: Sender,
        gas: int | None = None,
    ) -> Granted:
        """
        Have a claim verified on chain and its tier granted; or a move announced, which counts when
        it is sent again.

        Parameters
        ----------
        of_account : needed unless the account itself sends
        of_holder : lets a nullifier move at once

        Raises
        ------
        Rejected
            `rejected.<ErrorName>` of the registry or the verifier (`rejected.ConsentMissing`, ...);
            `rejected.Reverted` where the verifier gives no reason.
        Malformed
            As `Claim.as_tuple`.
        """
        call = self.calls.onboard(claim, of_account, of_holder)
        receipt = self.chain.send(call, sender=sender, gas=gas)
        moves = self._event("MoveAnnounced", receipt)
        event = moves or self._event("Granted", receipt)
        if event is None:
            raise Unavailable(
                "unavailable.event",
                "the receipt of the transaction holds no Granted of the registry",
            )
        return Granted(
            act=ACTS[-1] if moves else ACTS[event["act"]],
            account=str(event["account"]),
            nullifier=int(event["nullifier"]),
            expiry=None if moves else int(event["expiry"]),
            ready_at=int(event["readyAt"]) if moves else None,
            gas_used=int(receipt["gasUsed"]),
            transaction="0x" + bytes(receipt["transactionHash"]).hex(),
        )

    def _event(self, name: str, receipt: Any) -> Any:
        # Only the registry's own logs count: any contract can emit a look-alike.
        event = self.contract.events[name]()
        for log in receipt["logs"]:
            topic = bytes(log["topics"][0]) if log["topics"] else b""
            if log["address"] == self.address and topic == bytes.fromhex(event.topic[2:]):
                return event.process_log(log)["args"]
        return None
