"""Claims with their consents as the registry takes them, and what came of each by its events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from algebra.errors import Refused, Rejected, Unavailable
from contracts.build.artifact import known_errors
from contracts.client.calls import NO_CONSENT, Signed
from contracts.client.model import ACTS, Claim, Granted
from contracts.client.revert import rejected

MOST_CLAIMS = 32
"""Of a batch, as `Batch.sol` has it."""
_TOLD = ("Granted", "MoveAnnounced", "ClaimFailed")
"""Each claim that is taken leaves exactly one of these events, in the order of the claims."""


@dataclass(frozen=True)
class Onboarding:
    """
    Attributes
    ----------
    claim : what is claimed
    of_account : needed unless the account itself sends
    of_holder : lets a nullifier move at once
    """

    claim: Claim
    of_account: Signed = NO_CONSENT
    of_holder: Signed = NO_CONSENT

    def as_tuple(self) -> tuple[object, ...]:
        """As the registry's ABI takes it; Malformed as `Claim.as_tuple`."""
        return (self.claim.as_tuple(), self.of_account, self.of_holder)


Outcome = Granted | Rejected
"""How a claim counted, or why it does not."""


def check_size(onboardings: Sequence[Onboarding]) -> None:
    """Refused (`refused.batch_size`): none, or more than one transaction takes."""
    if not 1 <= len(onboardings) <= MOST_CLAIMS:
        raise Refused(
            "refused.batch_size",
            f"{len(onboardings)} claims: a batch has 1 to {MOST_CLAIMS}",
            claims=len(onboardings),
        )


def outcomes(contract: Any, receipt: Any, claims: Sequence[Claim]) -> list[Outcome]:
    """
    What the transaction of a receipt made of its claims, in their order.

    Parameters
    ----------
    contract : the registry; its own logs alone count: any contract can emit a look-alike
    claims : those that the transaction carried

    Raises
    ------
    Unavailable
        `unavailable.event`: the receipt does not tell of each claim.
    """
    told = _told(contract, receipt)
    said = [(str(event["account"]).lower(), int(event["nullifier"])) for _, event in told]
    wanted = [(claim.account.lower(), claim.nullifier) for claim in claims]
    places = [int(event["index"]) for name, event in told if name == "ClaimFailed"]
    if said != wanted or places != [
        place for place, (name, _) in enumerate(told) if name == "ClaimFailed"
    ]:
        raise Unavailable(
            "unavailable.event",
            f"the receipt of the transaction does not tell of each of {len(claims)} claims",
        )
    return [_outcome(name, event, receipt) for name, event in told]


def _outcome(name: str, event: Any, receipt: Any) -> Outcome:
    if name == "ClaimFailed":
        return rejected(bytes(event["reason"]), known_errors(), "no reason given; gas may run out")
    moves = name == "MoveAnnounced"
    return Granted(
        act=ACTS[-1] if moves else ACTS[event["act"]],
        account=str(event["account"]),
        nullifier=int(event["nullifier"]),
        expiry=None if moves else int(event["expiry"]),
        ready_at=int(event["readyAt"]) if moves else None,
        gas_used=int(receipt["gasUsed"]),
        transaction="0x" + bytes(receipt["transactionHash"]).hex(),
    )


def _told(contract: Any, receipt: Any) -> list[tuple[str, Any]]:
    events = {name: contract.events[name]() for name in _TOLD}
    topics = {bytes.fromhex(event.topic[2:]): name for name, event in events.items()}
    out = []
    for log in receipt["logs"]:
        name = topics.get(bytes(log["topics"][0])) if log["topics"] else None
        if name is not None and log["address"] == contract.address:
            out.append((name, events[name].process_log(log)["args"]))
    return out


def judge_of(client: Any, policy_id: bytes, key_digest: bytes) -> int:
    """
    The index of the policy's verifier for a key; of two, one that was not switched off.

    Raises
    ------
    Refused
        `refused.verifier`: none of them judges proofs of this key.
    """
    indices = client.policy_of(policy_id)["verifiers"]
    judges = [(client.verifier_of(index), index) for index in indices]
    judges = [each for each in judges if each[0]["key_digest"] == key_digest]
    if not judges:
        raise Refused(
            "refused.verifier",
            f"policy 0x{policy_id.hex()}: none of its {len(indices)} verifiers judges proofs of "
            f"key 0x{key_digest.hex()}",
        )
    return int(min(judges, key=lambda each: each[0]["disabled_at"])[1])
