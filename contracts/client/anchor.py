"""The contract `AuditAnchor`: what it holds of a log, and what it is told."""

from __future__ import annotations

from algebra.errors import Refused
from contracts.build.artifact import load_artifact
from contracts.client.chain import Chain, Sender
from policies.address import address

NAME = "AuditAnchor"


class AuditAnchor:
    """
    One that stands on a chain; its code is that of the committed artifact.

    Raises
    ------
    Refused
        `refused.audit_anchor`: another contract is there.
    Unavailable
        `unavailable.contract`: none is.
    """

    def __init__(self, chain: Chain, at: str) -> None:
        self.chain, self.address = chain, address(at, "anchor").lower()
        artifact = load_artifact(NAME)
        self._contract = chain.contract(artifact, self.address)
        if not artifact.is_code(chain.code(self.address)):
            raise Refused("refused.audit_anchor", f"{self.address}: its code is not {NAME}'s")

    @classmethod
    def deploy(cls, chain: Chain, *, sender: Sender) -> AuditAnchor:
        """Put one on chain; raises as `Chain.deploy`."""
        at, _ = chain.deploy(load_artifact(NAME), sender=sender)
        return cls(chain, at)

    def head(self, log: str) -> tuple[int, bytes]:
        """Size and digest of the last anchor of a log, which is an address; 0 and zeros: none."""
        call = self._contract.functions.heads(address(log, "log"))
        size, _, digest = self.chain.read(call)
        return int(size), bytes(digest)

    def anchor(self, size: int, digest: bytes, *, sender: Sender) -> None:
        """Anchor the sender's log; Rejected (`rejected.SizeNotGrown`), and as `Chain.send`."""
        self.chain.send(self._contract.functions.anchor(size, digest), sender=sender)
