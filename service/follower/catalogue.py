"""Attestor sets, roots, verifiers, series and policies, from their events."""

from __future__ import annotations

from collections.abc import Sequence

from service.follower.fitting import require_known, require_same
from service.follower.rows import Rows
from service.follower.tables import (
    GenerationRow,
    MarketRow,
    MemberRow,
    PolicyRow,
    RevokedRow,
    RootRow,
    SeriesRow,
    SetRow,
    TierRow,
    VerifierRow,
    WindowRow,
)

_TERMS = (
    "initial_margin_bp",
    "maintenance_margin_bp",
    "taker_fee_centi_bp",
    "maker_fee_centi_bp",
    "max_leverage",
    "limit",
    "validity_days",
)
Terms = Sequence[int]
"""In the order of the contract's `Terms`."""


def terms_of(terms: Terms) -> dict[str, int]:
    """Columns of a tier's or a default's terms."""
    return dict(zip(_TERMS, terms, strict=True))


class Catalogue:
    """Handlers named after the events, with their arguments; `time` is the second of the block."""

    time = 0

    def __init__(self, rows: Rows, chain_id: int, registry: str) -> None:
        self.rows, self.chain_id, self.registry = rows, chain_id, registry

    # -- sets and roots ----------------------------------------------------------------------------
    def AttestorSetRegistered(
        self, attestorSet: bytes, leastInitialMarginBp: int, cap: int
    ) -> None:
        """A set of attestors is known."""
        self.rows.put(
            SetRow,
            {"attestor_set": attestorSet},
            least_initial_margin_bp=leastInitialMarginBp,
            cap=cap,
        )

    def GenerationStarted(
        self, attestorSet: bytes, generation: int, members: Sequence[str], contracts: int,
        threshold: int, enabledFrom: int,
    ) -> None:  # fmt: skip
        """A generation of a set signs its roots from `enabledFrom` on."""
        require_known(self.rows.find(SetRow, attestor_set=attestorSet), "the set")
        key = {"attestor_set": attestorSet, "generation": generation}
        self.rows.put(SetRow, {"attestor_set": attestorSet}, latest=generation)
        self.rows.put(
            GenerationRow,
            key,
            threshold=threshold,
            members=len(members),
            enabled_from=enabledFrom,
            ended_at=0,
            serial=1 + self.rows.count(GenerationRow),
        )
        for i, member in enumerate(members):
            kind = 1 + (contracts >> i & 1)
            self.rows.put(MemberRow, {**key, "member": member.lower()}, kind=kind)

    def GenerationEnded(self, attestorSet: bytes, generation: int, withdrawn: bool) -> None:
        """A generation of a set counts no more; every grant that rests on its roots has ended."""
        key = {"attestor_set": attestorSet, "generation": generation}
        require_known(self.rows.find(GenerationRow, **key), f"generation {generation}")
        self.rows.put(GenerationRow, key, ended_at=self.time)
        if withdrawn and generation > 1:
            self.rows.put(SetRow, {"attestor_set": attestorSet}, latest=generation - 1)
        self.alarm()

    def RootSubmitted(
        self, attestorSet: bytes, root: int, generation: int, firstDay: int, lastDay: int,
        validUntil: int, feed: int, rules: bytes, serial: int,
    ) -> None:  # fmt: skip
        """A root is known to the registry."""
        held = require_known(self.rows.find(SetRow, attestor_set=attestorSet), "the set")
        signed = self.rows.find(GenerationRow, attestor_set=attestorSet, generation=generation)
        require_same(serial, 1 + self.rows.count(RootRow), "the next root's serial")
        self.rows.put(
            RootRow,
            {"serial": serial},
            root=root,
            first_day=firstDay,
            last_day=lastDay,
            valid_until=validUntil,
            signers=require_known(signed, f"generation {generation}").serial,
            cap=held.cap,
            feed=feed,
            rules=rules,
            attestor_set=attestorSet,
            generation=generation,
        )

    def RootExtended(
        self, attestorSet: bytes, root: int, validUntil: int, generation: int, serial: int
    ) -> None:
        """A root may be relied on for longer; grants given stay as they are."""
        held = require_known(self.rows.find(RootRow, serial=serial), f"root {serial}")
        require_same((attestorSet, root), (held.attestor_set, held.root), f"root {serial}")
        self.rows.put(RootRow, {"serial": serial}, valid_until=validUntil)

    def RootRevoked(self, attestorSet: bytes, root: int) -> None:
        """A root is forbidden; every grant that rests on it has ended."""
        self.rows.put(RevokedRow, {"attestor_set": attestorSet, "root": root}, at=self.time)
        held = self.root_of(attestorSet, root)
        if held is not None:
            self.rows.put(RootRow, {"serial": held.serial}, ended_at=self.time)
        self.alarm()

    # -- verifiers, series, policies ---------------------------------------------------------------
    def VerifierRegistered(
        self, verifier: int, target: str, keyDigest: bytes, srsId: int, ceremony: bool,
        enabledFrom: int,
    ) -> None:  # fmt: skip
        """A verifier judges from `enabledFrom` on."""
        require_same(verifier, self.rows.count(VerifierRow), "the next verifier")
        self.rows.put(
            VerifierRow,
            {"verifier": verifier},
            target=target.lower(),
            enabled_from=enabledFrom,
            key_digest=keyDigest,
            srs_id=srsId,
            ceremony=ceremony,
        )

    def VerifierSwitchedOff(self, verifier: int) -> None:
        """A verifier judges no more; every grant that it judged has ended."""
        require_known(self.rows.find(VerifierRow, verifier=verifier), f"verifier {verifier}")
        self.rows.put(VerifierRow, {"verifier": verifier}, disabled_at=self.time)
        self.alarm()

    def SeriesRegistered(
        self, series: bytes, attestorSet: bytes, leastDays: int, maxAgeDays: int
    ) -> None:
        """A series is open."""
        self.rows.put(
            SeriesRow,
            {"series": series},
            attestor_set=attestorSet,
            least_days=leastDays,
            max_age_days=maxAgeDays,
        )

    def WindowAnnounced(self, series: bytes, firstDay: int, lastDay: int, atStart: bool) -> None:
        """A window stands in the calendar of a series."""
        self.rows.put(
            WindowRow,
            {"series": series, "last_day": lastDay},
            first_day=firstDay,
            at_start=atStart,
        )

    def PolicyRegistered(
        self, policyId: bytes, series: bytes, serial: int, firstDay: int, lastDay: int,
        verifiers: Sequence[int], enabledFrom: int,
    ) -> None:  # fmt: skip
        """A policy grants from `enabledFrom` on; its tiers follow, an event each."""
        of = require_known(self.rows.find(SeriesRow, series=series), "the series")
        require_same(serial, 1 + self.rows.count(PolicyRow), "the next policy's serial")
        self.rows.put(
            PolicyRow,
            {"serial": serial},
            series=series,
            first_day=firstDay,
            last_day=lastDay,
            enabled_from=enabledFrom,
            first_tier=1 + self.rows.count(TierRow),
            verifiers=sum(1 << index for index in set(verifiers)),
            max_age_days=of.max_age_days,
            policy_id=policyId,
        )

    def TierRegistered(
        self, policyId: bytes, tier: int, serial: int, thresholds: Sequence[int], terms: Terms
    ) -> None:
        """A tier of a policy, with all that it asks and grants."""
        policy = require_known(self.policy_of(policyId), "the policy")
        require_same(serial, 1 + self.rows.count(TierRow), "the next tier's serial")
        require_same(tier, policy.tiers, "the next tier of the policy")
        self.rows.put(PolicyRow, {"serial": policy.serial}, tiers=tier + 1)
        self.rows.put(
            TierRow,
            {"serial": serial},
            **terms_of(terms),
            policy=policy.serial,
            thresholds=tuple(thresholds),
        )

    def PolicySwitchedOff(self, policyId: bytes) -> None:
        """A policy grants no more; every grant of its tiers has ended."""
        policy = require_known(self.policy_of(policyId), "the policy")
        self.rows.put(PolicyRow, {"serial": policy.serial}, disabled_at=self.time)
        for tier in self.rows.all(TierRow, policy=policy.serial):
            self.rows.put(TierRow, {"serial": tier.serial}, ended_at=self.time)
        self.alarm()

    # -- what the others ask -----------------------------------------------------------------------
    def root_of(self, attestor_set: bytes, word: int) -> RootRow | None:
        """The last root under a word."""
        found = self.rows.all(RootRow, attestor_set=attestor_set, root=word)
        return max(found, key=lambda root: root.serial, default=None)

    def policy_of(self, policy_id: bytes) -> PolicyRow | None:
        """The policy registered last under an id."""
        found = self.rows.all(PolicyRow, policy_id=policy_id)
        return max(found, key=lambda policy: policy.serial, default=None)

    def alarm(self) -> None:
        """Something has ended before its time."""
        market = self.rows.of(MarketRow, one=1)
        self.rows.put(MarketRow, {"one": 1}, alarms=market.alarms + 1)
