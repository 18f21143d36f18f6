"""The registry of grants as Python: what it keeps, its calls, and what comes of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from algebra.errors import Rejected
from contracts.build.artifact import REGISTRY, load_artifact
from contracts.client.calls import NO_CONSENT, Calls, Signed
from contracts.client.chain import Chain, Sender
from contracts.client.model import Claim, Granted
from contracts.client.onboarding import Onboarding, Outcome, check_size, outcomes
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
        (outcome,) = outcomes(self.contract, receipt, [claim])
        if isinstance(outcome, Rejected):
            raise outcome
        return outcome

    def counted(
        self, onboardings: Sequence[Onboarding], *, sender: Sender, gas: int | None = None
    ) -> list[bool]:
        """
        Which claims of a batch would count now, sent by `sender`; nothing is sent. Raises as
        `onboard_batch`.
        """
        check_size(onboardings)
        origin = sender if isinstance(sender, str) else str(sender.address)
        call = self.calls.onboard_batch(onboardings)
        bits = int(self.chain.read(call, sender=origin, gas=gas))
        return [bool(bits >> place & 1) for place in range(len(onboardings))]

    def onboard_batch(
        self, onboardings: Sequence[Onboarding], *, sender: Sender, gas: int | None = None
    ) -> list[Outcome]:
        """
        Have several claims judged by one transaction, in their order; what came of each. One that
        does not count fails alone.

        Raises
        ------
        Refused
            `refused.batch_size`.
        Rejected
            `rejected.BatchNotAccepted`: a proof is false, and nothing counts.
        Malformed
            As `Claim.as_tuple`.
        """
        check_size(onboardings)
        receipt = self.chain.send(self.calls.onboard_batch(onboardings), sender=sender, gas=gas)
        return outcomes(self.contract, receipt, [each.claim for each in onboardings])
