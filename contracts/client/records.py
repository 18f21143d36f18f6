"""What the registry keeps, read as Python values: one method a view of the contract."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from algebra.errors import Rejected
from contracts.build.artifact import REGISTRY, load_artifact
from contracts.client.chain import Chain
from contracts.client.model import digest32, unsigned
from policies.address import address
from policies.signed_root import Root
from policies.terms import Terms

STATUSES = ("none", "running", "ending", "ended")
"""Where an account's grant stands, as `IEffectiveTerms` numbers it."""


@dataclass(frozen=True)
class EffectiveTerms:
    """
    What an account may do now.

    Attributes
    ----------
    terms : opening by all of them; maintenance as it glides; without a validity
    subject : who stands behind the grant, 56 bits
    status : one of `STATUSES`
    changes_at : first Unix second at which a number may be another without a transaction
    """

    terms: Terms
    subject: int
    status: str
    changes_at: int


class Records:
    """A registry on a chain, read."""

    chain: Chain
    address: str
    contract: Any

    def __init__(self, chain: Chain, registry: str) -> None:
        self.chain = chain
        self.address = address(registry, "registry")
        self.contract = chain.contract(load_artifact(REGISTRY), self.address)

    # ---- accounts ----

    def effective_terms(self, account: str) -> EffectiveTerms:
        """What an account may do now, with a grant or without one; never refused."""
        held = self._record("effectiveTerms", address(account, "account"))
        *numbers, subject, status, changes_at = held.values()
        return EffectiveTerms(Terms(*[*numbers, 0]), subject, STATUSES[status], changes_at)

    def grant_of(self, account: str) -> dict[str, Any]:
        """
        The last grant of an account (see `Grant`), and its `end`: the first second at which it does
        not run, whatever ends it. `tier` 0: it never had one.
        """
        held = self._named("grantOf", address(account, "account"))
        return {**held["grant"], "end": held["end"]}

    def holder_of(self, series: bytes, nullifier: int) -> dict[str, Any]:
        """
        Who holds a nullifier of a series (see `Holder`), the zero address if nobody ever did; and
        its `pending` move (see `Pending`).
        """
        of = digest32(series, "series"), unsigned(nullifier, 256, "nullifier")
        held = self._named("holderOf", *of)
        return {**held["holder"], "pending": held["pending"]}

    def runs(self, series: bytes, nullifier: int) -> bool:
        """Whether the holder of a nullifier has a running grant of it."""
        grant = self.grant_of(str(self.holder_of(series, nullifier)["account"]))
        subject = int(self._read("subjectOf", self.scope_of(series), nullifier))
        return bool(grant["subject"] == subject and self.chain.now() < grant["end"])

    def conduct_of(self, account: str) -> dict[str, Any]:
        """What engines reported of an account (see `ConductRecord`); all zero if nothing."""
        return self._record("conductOf", address(account, "account"))

    # ---- attestors and roots ----

    def running_generation(self, attestor_set: bytes) -> int:
        """
        Number of the generation that signs a set's roots now, ended or not; 0 before the first
        begins. `rejected.AttestorSetUnknown`.
        """
        return int(self._read("attestorSetOf", digest32(attestor_set, "attestor_set"))[1])

    def latest_generation(self, attestor_set: bytes) -> int:
        """Number of the last generation of a set, from 1, begun or not; 0: the set is unknown."""
        try:
            held = self._named("attestorSetOf", digest32(attestor_set, "attestor_set"))
        except Rejected:  # the registry reads out no set that it does not know
            return 0
        return int(held["set"]["latest"])

    def generation_of(self, attestor_set: bytes, generation: int) -> dict[str, Any]:
        """A generation of a set (see `Generation`); all zero if unknown."""
        set_id = digest32(attestor_set, "attestor_set")
        return self._record("generationOf", set_id, unsigned(generation, 32, "generation"))

    def root_of(self, attestor_set: bytes, root: int) -> dict[str, Any]:
        """
        The last root under a word (see `RootState`), its `serial`, 0 if none was submitted, and
        `ended_at`: when it or its generation ended, or 0. `generation` is the serial of one.
        """
        of = digest32(attestor_set, "attestor_set"), unsigned(root, 256, "root")
        held = self._named("rootOf", *of)
        return {**held["state"], "serial": held["serial"], "ended_at": held["ended_at"]}

    def is_revoked(self, attestor_set: bytes, root: int) -> bool:
        """Whether the guardian forbade a root, submitted or not."""
        return bool(self._read("isRevoked", digest32(attestor_set, "attestor_set"), root))

    def root_digest(self, signed: Root) -> bytes:
        """The EIP-712 digest as the contract computes it."""
        return bytes(self._read("rootDigest", signed.as_tuple()))

    # ---- series, policies, verifiers ----

    def series_of(self, series: bytes) -> dict[str, Any]:
        """A series (see `SeriesState`); all zero if unknown."""
        return self._record("seriesOf", digest32(series, "series"))

    def is_published(self, series: bytes, window: tuple[int, int]) -> bool:
        """Whether a window, its first and last day, stands in the calendar of a series."""
        return bool(self._read("isPublished", digest32(series, "series"), *window))

    def scope_of(self, series: bytes) -> int:
        """The scope that proofs for a series carry."""
        return int(self._read("scopeOf", digest32(series, "series")))

    def policy_of(self, policy_id: bytes) -> dict[str, Any]:
        """
        The policy registered last under an id (see `PolicyState`), and its `serial`, 0 if there is
        none; `verifiers` as indices.
        """
        held = self._named("policyOf", digest32(policy_id, "policy_id"))
        bits = int(held["state"]["verifiers"])
        indices = tuple(i for i in range(bits.bit_length()) if bits >> i & 1)
        return {**held["state"], "verifiers": indices, "serial": held["serial"]}

    def tier_of(self, serial: int) -> dict[str, Any]:
        """A tier (see `TierState`), its `terms` as `Terms`; the zero terms if unknown."""
        held = self._record("tierOf", unsigned(serial, 24, "tier"))
        return {**held, "terms": Terms(*held["terms"].values())}

    def verifier_of(self, index: int) -> dict[str, Any]:
        """A verifier (see `VerifierState`); `target` is the zero address if unknown."""
        return self._record("verifierOf", unsigned(index, 8, "verifier"))

    def verifiers(self) -> list[dict[str, Any]]:
        """Every verifier that was registered, by index."""
        found: list[dict[str, Any]] = []
        while int((record := self.verifier_of(len(found)))["target"], 16):
            found.append(record)
        return found

    # ---- the market and the whole ----

    def market_of(self) -> dict[str, Any]:
        """The `market`, its `feed`, `bands`, and what was announced `next`."""
        return self._named("marketOf")

    def regime(self) -> dict[str, int]:
        """The band that holds, its factor in 1/10^4, and until when a reading counts."""
        held = self.market_of()
        market = held["market"]
        return {
            "band": held["feed"]["band"],
            "factor": market["factor_to"],
            "stale_at": market["stale_at"],
        }

    def engine_of(self, engine: str) -> dict[str, Any]:
        """Who reports conduct (see `Engine`); `index` 0 if unknown."""
        return self._record("engineOf", address(engine, "engine"))

    def notice(self) -> int:
        """Seconds from a call that loosens to its effect."""
        return int(self._read("notice"))

    def authority(self) -> str:
        """Address of what says who may call what."""
        return str(self._read("authority"))

    def is_ceremony(self, srs_id: int) -> bool:
        """Whether a setup is one of those that the registry takes outside development chains."""
        return bool(self._read("isCeremony", srs_id))

    def switches(self) -> dict[str, Any]:
        """`paused_until`, `pause_free_from` and `closed_at`; Unix seconds or 0."""
        return self._record("switches")

    def pause_seconds(self) -> int:
        """How long a pause lasts."""
        return int(self._read("PAUSE_SECONDS"))

    # ---- inside ----

    def _read(self, name: str, *arguments: object) -> Any:
        return self.chain.read(self.contract.functions[name](*arguments))

    def _named(self, name: str, *arguments: object) -> dict[str, Any]:
        """Values of a view by their names, as Python spells them."""
        values = self._read(name, *arguments)
        outputs = next(
            entry["outputs"]
            for entry in self.contract.abi
            if entry["type"] == "function" and entry["name"] == name
        )
        return _by_name(outputs, values if len(outputs) > 1 else [values])

    def _record(self, name: str, *arguments: object) -> dict[str, Any]:
        """Values of the struct that a view returns."""
        (record,) = self._named(name, *arguments).values()
        return dict(record)


def _by_name(parts: Sequence[Any], values: Any) -> dict[str, Any]:
    """Values by the names of their ABI entries, structs as dictionaries."""
    listed = values.values() if isinstance(values, dict) else values
    return {
        re.sub("([A-Z])", r"_\1", part["name"]).lower(): _by_name(part["components"], value)
        if part["type"] == "tuple"
        else value
        for part, value in zip(parts, listed, strict=True)
    }
