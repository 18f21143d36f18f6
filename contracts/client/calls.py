"""
Calls of a registry, made and not sent: governor and admin of a real one are timelocks, no keys of
ours. One method a function of the contract that changes state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from algebra.keccak import keccak
from contracts.client.model import NO_CONSENT as NO_CONSENT
from contracts.client.model import Bounds, Claim, PolicyRegistration, digest32, unsigned
from contracts.client.model import Signed as Signed
from contracts.client.signed_by import SignedBy, signed_by
from policies.abi import encode
from policies.address import address
from policies.attestor_set import AttestorSet, Generation
from policies.market_rules import MarketRules
from policies.series import Series

if TYPE_CHECKING:
    from contracts.client.onboarding import Onboarding

ROTATE = "rotateAttestorSet(bytes32,(address[],uint256,uint256),(address,bytes)[])"
Window = tuple[int, int]
"""First and last day, both included."""


@dataclass(frozen=True)
class Calls:
    """
    The calls of one registry; Malformed (`malformed.word`, `.digest`, `.address`) for what no call
    can carry.

    Attributes
    ----------
    contract : as the library for contracts has it
    """

    contract: Any

    # ---- governor: after the notice ----

    def register_set(self, attestor_set: AttestorSet, bounds: Bounds) -> Any:
        """Registers a set with its first generation, whatever others it has."""
        first = attestor_set.generations[0]
        return self._call(
            "registerAttestorSet", attestor_set.salt, _members(first), bounds.as_tuple()
        )

    def rotate_set(self, attestor_set: AttestorSet) -> Any:
        """Starts the last generation of a set, after the registry's running one."""
        return self._call("rotateAttestorSet", *_rotation(attestor_set))

    def register_verifier(self, target: str, key_digest: bytes) -> Any:
        """Registers a verifier under the next index."""
        return self._call("registerVerifier", target, digest32(key_digest, "key_digest"))

    def register_series(self, series: Series, windows: Sequence[Window]) -> Any:
        """Registers a series with what its calendar starts with, over or not."""
        return self._call(
            "registerSeries",
            series.id,
            series.attestor_set,
            unsigned(series.least_days, 16, "least_days"),
            unsigned(series.max_age_days, 16, "max_age_days"),
            [_window(window) for window in windows],
        )

    def announce_window(self, series: bytes, window: Window) -> Any:
        """Publishes a window of a series that begins after the notice."""
        return self._call("announceWindow", digest32(series, "series"), _window(window))

    def register_policy(self, registration: PolicyRegistration) -> Any:
        """Registers a policy; what `PolicyRegistration.check` refuses is never made."""
        registration.check()
        return self._call("registerPolicy", registration.as_tuple())

    def register_engine(self, engine: str, most_level: int) -> Any:
        """Lets a contract report conduct up to a level, 1..3; or a desk, level 1."""
        return self._call(
            "registerEngine", address(engine, "engine"), unsigned(most_level, 8, "level")
        )

    def void_reports(self, engine: str) -> Any:
        """Voids what an engine reported that was switched off."""
        return self._call("voidReports", address(engine, "engine"))

    def announce_market(self, market: MarketRules) -> Any:
        """Announces a default, bands and a feed; `begin_market` takes them."""
        return self._call("announceMarket", market.rules())

    def unbar(self, series: bytes, nullifier: int) -> Any:
        """Frees a barred nullifier from the first day after the notice."""
        return self._call("unbar", *_nullifier(series, nullifier))

    def unpause(self) -> Any:
        """Ends a pause after the notice."""
        return self._call("unpause")

    def close(self, successor: str, end: int) -> Any:
        """No new grant from now on; all end at `end`."""
        return self._call("close", address(successor, "successor"), unsigned(end, 32, "end"))

    # ---- guardian: at once ----

    def end_generation(self, attestor_set: bytes, generation: int) -> Any:
        """Ends a generation of a set, with its roots and the grants that rest on them."""
        return self._call(
            "endGeneration",
            digest32(attestor_set, "attestor_set"),
            unsigned(generation, 32, "generation"),
        )

    def revoke_root(self, attestor_set: bytes, root: int) -> Any:
        """Forbids a root of a set, with the grants that rest on it."""
        return self._call(
            "revokeRoot", digest32(attestor_set, "attestor_set"), unsigned(root, 256, "root")
        )

    def disable_verifier(self, index: int) -> Any:
        """Switches a verifier off, with the grants that it judged."""
        return self._call("disableVerifier", unsigned(index, 8, "verifier"))

    def disable_policy(self, policy_id: bytes) -> Any:
        """Switches a policy off, with the grants of its tiers."""
        return self._call("disablePolicy", digest32(policy_id, "policy_id"))

    def disable_engine(self, engine: str) -> Any:
        """Switches an engine off; what it reported stays."""
        return self._call("disableEngine", address(engine, "engine"))

    def withdraw_market(self) -> Any:
        """Stops what was announced of the market, before it begins."""
        return self._call("withdrawMarket")

    def revoke(self, series: bytes, nullifier: int) -> Any:
        """Ends the grant of a nullifier; only a history that runs past today counts for it."""
        return self._call("revoke", *_nullifier(series, nullifier))

    def bar(self, series: bytes, nullifier: int) -> Any:
        """As `revoke`, and nothing counts until the governor frees it."""
        return self._call("bar", *_nullifier(series, nullifier))

    def pause(self) -> Any:
        """Stops roots and grants for seven days."""
        return self._call("pause")

    # ---- accounts ----

    def relinquish(self) -> Any:
        """Ends the sender's grant."""
        return self._call("relinquish")

    def downgrade(self, tier: int) -> Any:
        """Takes a tier of the same policy that is nowhere better."""
        return self._call("downgrade", unsigned(tier, 8, "tier"))

    def contest(self, series: bytes, nullifier: int) -> Any:
        """Stops the announced move of a nullifier that the sender holds."""
        return self._call("contest", *_nullifier(series, nullifier))

    def retire(self, series: bytes, nullifier: int) -> Any:
        """Gives up a nullifier that the sender holds, for good."""
        return self._call("retire", *_nullifier(series, nullifier))

    # ---- anybody ----

    def submit_root(self, signed: tuple[object, ...], signatures: Sequence[SignedBy]) -> Any:
        """Records a root, or extends it."""
        return self._call("submitRoot", signed, list(signatures))

    def onboard(
        self, claim: Claim, of_account: Signed = NO_CONSENT, of_holder: Signed = NO_CONSENT
    ) -> Any:
        """Claims a tier for an account, with what the account and the holder signed."""
        return self._call("onboard", claim.as_tuple(), of_account, of_holder)

    def onboard_batch(self, onboardings: Sequence[Onboarding]) -> Any:
        """As `onboard`, for several; one that fails before its equation fails alone."""
        return self._call("onboardBatch", [each.as_tuple() for each in onboardings])

    def carry_conduct(self, source: str, account: str) -> Any:
        """Takes what was reported of one account into another's record."""
        return self._call("carryConduct", address(source, "from"), address(account, "account"))

    def take_back_reports(self, account: str) -> Any:
        """Takes back the level of an account that a void report raised."""
        return self._call("takeBackReports", address(account, "account"))

    def poke(self) -> Any:
        """Reads the feed of the market's regime."""
        return self._call("poke")

    def begin_market(self) -> Any:
        """Begins what was announced of the market."""
        return self._call("beginMarket")

    def _call(self, name: str, *arguments: object) -> Any:
        return self.contract.functions[name](*arguments)


def rotation(attestor_set: AttestorSet) -> bytes:
    """
    The data of the transaction that starts the last generation of a set, ABI encoded without a
    library of chains; a set of one generation is registered and not rotated (ValueError).
    """
    last = attestor_set.generations[-1]
    if not last.handover:
        raise ValueError("the first generation is registered, not rotated")
    set_id, (listed, contracts, threshold), signatures = _rotation(attestor_set)
    members = [96, contracts, threshold, len(listed), *(int(each, 16) for each in listed)]
    signed: list[int] = []
    # Each: signer, where the signature stands, its length and its 65 bytes in three words.
    for signer, signature in signatures:
        padded = signature.ljust(96, b"\0")
        parts = (int.from_bytes(padded[i : i + 32]) for i in range(0, 96, 32))
        signed += [int(signer, 16), 64, len(signature), *parts]
    count = len(signatures)
    places = [32 * (count + 6 * i) for i in range(count)]
    head = 3 * 32  # the set, where the members are, where the signatures are
    words = (head, head + 32 * len(members), *members, count, *places, *signed)
    return keccak(ROTATE.encode())[:4] + encode(int.from_bytes(set_id), *words)


def _rotation(
    attestor_set: AttestorSet,
) -> tuple[bytes, tuple[list[str], int, int], list[SignedBy]]:
    last = attestor_set.generations[-1]
    before = attestor_set.until(attestor_set.generation - 1)
    handover = signed_by(before.message(last), last.handover)
    return attestor_set.id, _members(last), handover


def _members(generation: Generation) -> tuple[list[str], int, int]:
    """As the contract takes them; all are keys: a document names no contracts."""
    listed = [address(member, "member") for member in generation.members]
    return listed, 0, generation.threshold


def _window(window: Window) -> tuple[int, int]:
    return unsigned(window[0], 16, "first day"), unsigned(window[1], 16, "last day")


def _nullifier(series: bytes, nullifier: int) -> tuple[bytes, int]:
    return digest32(series, "series"), unsigned(nullifier, 256, "nullifier")
