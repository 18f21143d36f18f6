"""The registry of grants on anvil, in force, as software of other makers finds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from typing import Any

from eth_utils.crypto import keccak
from grants.grants_world import (
    ATTESTORS,
    CEREMONY,
    DEFAULT,
    FIRST,
    GOVERNED,
    GUARDED,
    KEYS,
    LAST,
    LATER,
    LIBRARIES,
    LOOSEN,
    OPEN,
    OTHER,
    POLICY,
    SERIES,
    SET,
    TIERS,
    TIGHTEN,
    addresses,
)
from grants.machine import selector
from registry_world import mock
from support.credential import thresholds
from support.effective import BANDS

from contracts.build.artifact import Artifact, load_artifact
from contracts.build.link import linked
from contracts.client.chain import Chain
from policies.effective.regime import pack

REAL = "TierproofVerifier8192"
WORDS = thresholds([1, 5, 10]).words()
"""Of every tier: such as a verifier can prove."""
MOCK_DIGEST = keccak(text="mock")


class ForeignWorld:
    """A chain whose clock stands at OPEN, with a registry that takes a first claim."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.governor, self.guardian, self.relayer = chain.accounts()[:3]
        authority = load_artifact("Authority")
        self.authority = chain.instance(authority, self._deploy(authority, self.governor))
        self.artifact = linked(
            load_artifact("TierGrants"),
            {name: self._deploy(load_artifact(name)) for name in LIBRARIES},
        )
        self.registry = chain.instance(
            self.artifact,
            self._deploy(
                self.artifact,
                self.authority.address,
                0,
                [CEREMONY],
                astuple(DEFAULT),
                pack(BANDS),
            ),
        )
        for role, member, names in (
            (LOOSEN, self.governor, GOVERNED),
            (TIGHTEN, self.guardian, GUARDED),
        ):
            self._give(role, member, names)
        self._register()

    def _deploy(self, artifact: Artifact, *arguments: object) -> str:
        return self.chain.deploy(artifact, *arguments, sender=self.governor)[0]

    def _give(self, role: int, member: str, names: Sequence[str]) -> None:
        chosen = [e for e in self.artifact.abi if e["type"] == "function" and e["name"] in names]
        selectors = [selector(entry) for entry in chosen]
        for call in (
            self.authority.functions.setTargetFunctionRole(self.registry.address, selectors, role),
            self.authority.functions.grantRole(role, member, 0),
        ):
            self.chain.send(call, sender=self.governor)

    def _register(self) -> None:
        """The set, a verifier that accepts all, one that does not, the series, its policies."""
        members = (addresses(KEYS[:3]), 0, ATTESTORS.threshold)
        self.governs("registerAttestorSet", ATTESTORS.salt, members, (200, 100))
        stand_in = self._deploy(mock(), CEREMONY, bytes(32))
        real = self._deploy(load_artifact(REAL))
        digest = self.chain.instance(load_artifact(REAL), real).functions.keyDigest().call()
        self.governs("registerVerifier", stand_in, MOCK_DIGEST)
        self.governs("registerVerifier", real, digest)
        windows = ((FIRST, LAST), (FIRST + 30, LATER))
        self.governs("registerSeries", SERIES, SET, 28, 60, list(windows))
        tiers = [(WORDS, astuple(terms)) for terms in TIERS]
        for policy, window in zip((POLICY, OTHER), windows, strict=True):
            self.governs("registerPolicy", (policy, SERIES, *window, [0, 1], tiers))

    def governs(self, name: str, *arguments: Any) -> None:
        """A call of the governor."""
        call = self.registry.get_function_by_name(name)(*arguments)
        self.chain.send(call, sender=self.governor)


ANVIL_OPTIONS = ("--timestamp", str(OPEN))
"""Windows of the calendar before it are over."""
