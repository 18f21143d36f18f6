"""What `prove` would meet: which tiers hold and why, and what a proof would cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from attestor.attestation import Attestation
from circuits.versions import CURRENT
from history.v2.oracle import Assessment
from prover.profile import Profile
from tierproof.explained import ABOUT, Explained, explain, listed, paragraph
from tierproof.figures import estimate_cost
from tierproof.memory import available_bytes, proving_bytes

TOP, TIER, ITEM = 2, 4, 6  # columns where lines of a summary begin


@dataclass(frozen=True, slots=True)
class TierEstimate:
    """A tier and what stands against it; all but `tier` and `holds` is for the owner's eyes."""

    tier: str
    assessment: Assessment

    @property
    def holds(self) -> bool:
        """Whether the history meets every metric that the tier asks."""
        return self.assessment.holds

    def explain(self) -> list[Explained]:
        """Every asked metric in words and numbers, the one with the least headroom first."""
        return explain(self.assessment)

    def as_json(self) -> dict[str, Any]:
        """The tier as `estimate --json` prints it, metrics by number."""
        metrics = sorted(self.explain(), key=lambda each: each.verdict.metric)
        return {
            "tier": self.tier,
            "holds": self.holds,
            "metrics": [each.as_json() for each in metrics],
        }

    def summary(self) -> str:
        """One line: where the tier holds the metric closest to its line; else how many fail."""
        verdicts = self.assessment.worst_first
        if not self.holds:
            return f"{len(self.assessment.failing)} of {len(verdicts)} metrics fail"
        return f"holds, closest to its line {verdicts[0].text}" if verdicts else "holds"

    def words(self, *, whole: bool) -> list[str]:
        """
        Paragraphs: every metric, or where the tier does not hold and not `whole` those that fail.
        """
        out = ["holds" if self.holds else self.summary()]
        explained = self.explain()
        said = [each for each in explained if whole or self.holds or not each.verdict.holds]
        out += [each.says() for each in said]
        if len(said) < len(explained):
            holding = [each.verdict for each in explained if each.verdict.holds]
            out.append(f"{len(holding)} hold: {listed(holding)}")
        return [paragraph(text, ITEM) for text in out]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What `prove` would meet, before it starts."""

    attestation: Attestation
    tiers: tuple[TierEstimate, ...]
    profile: Profile = Profile.FAST

    @property
    def best(self) -> str | None:
        """The strongest tier that holds (policies list the weakest first)."""
        return next((tier.tier for tier in reversed(self.tiers) if tier.holds), None)

    def as_json(self) -> dict[str, Any]:
        """
        What `estimate` prints: tiers, then bytes of memory and the cost of a proof; for the owner's
        eyes.
        """
        size = self.attestation.size
        return {
            "class": size,
            "records": len(self.attestation.records),
            "capacity": CURRENT.capacity(size),
            "wallets": self.attestation.leaf.wallets,
            "best_tier": self.best,
            "tiers": [tier.as_json() for tier in self.tiers],
            "profile": self.profile,
            "memory_needed_bytes": proving_bytes(size, self.profile.slots),
            "memory_available_bytes": available_bytes(),
            **estimate_cost(size, self.profile),
        }

    def summary(self, *, whole: bool = False) -> dict[str, Any]:
        """
        What a person wants to know, in lines of 80 columns: the tiers, and the cost in words.

        The best tier that holds is told in full, of the others what fails; `whole`: every metric of
        every tier.
        """
        size, cost = self.attestation.size, estimate_cost(self.attestation.size, self.profile)
        machine = cost["measured_on"]
        where = f"measured on {machine['cpu']}, {machine['cores']} cores, {machine['date']}"
        if not cost["measured_here"]:
            where += "; tierproof doctor measures this machine"
        tiers: dict[str, str | list[str]] = {}
        for tier in self.tiers:
            brief = tier.holds and tier.tier != self.best and not whole
            tiers[tier.tier] = (
                paragraph(tier.summary(), TIER + len(tier.tier) + 2)
                if brief
                else tier.words(whole=whole)
            )
        out = {
            "log": f"{len(self.attestation.records):,} of the {CURRENT.capacity(size):,} records "
            f"that class {size} holds, wallets: {self.attestation.leaf.wallets}",
            "proof": f"about {cost['seconds']} s and {cost['peak_bytes'] >> 20} MiB ({where})",
            "gas": f"{cost['gas_onboard']:,} to onboard, profile {self.profile.value}",
            "about": ABOUT,
        }
        return {
            "best_tier": self.best or "none",
            "tiers": tiers,
            **{name: paragraph(text, TOP + len(name)) for name, text in out.items()},
        }
