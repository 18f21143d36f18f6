"""
What the endpoints share: store, loaded keys, verification pool, and the checks of a credential.

They run cheap first: a verdict of before, known policy, deployment, tier, key, root, unused
nullifier, and only then the pairing. The scope, the window and the thresholds are computed here
from what the operator registered.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.orm import Session

from algebra.errors import Malformed, Refused, Rejected, TierproofError, Unavailable
from algebra.hexadecimal import hex32
from policies.credential_file import CredentialFile
from policies.policy import Policy
from policies.signed_root import Root
from service.operations.health import Readiness
from service.operations.settings import Settings
from service.store.credentials import Also, Credential, nothing_else, nullifier_used
from service.store.keys import Key
from service.store.store import Store
from service.verification.pool import VerificationPool
from service.verification.verdicts import Verify, VerifyBatch
from verifier.ceremonies import why_not
from verifier.statement import statement_words

LoadKey = Callable[[dict[str, Any]], Key]
"""From a key document to a checked key, for circuits this service knows; raises Malformed."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    An acceptance.

    Attributes
    ----------
    accepted : what was recorded when the credential came first
    replayed : whether it came before, so that its proof was not looked at again
    against : what speaks against it now: errors with a code each, none where it stands
    """

    accepted: Credential
    replayed: bool = False
    against: tuple[TierproofError, ...] = ()


class Service:
    """What the endpoints share: store, loaded keys, verification pool."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        verify: Verify,
        load_key: LoadKey,
        verify_batch: VerifyBatch | None = None,
    ) -> None:
        self.settings, self.store, self._load_key = settings, store, load_key
        self.pool = VerificationPool(verify, verify_batch, settings=settings.verification)
        self._keys: dict[str, Key] = {}
        self.load_keys()
        self.readiness = Readiness(
            {
                "database": store.ping,
                "keys": self.require_keys,
                "restored": store.require_released,
            }
        )

    def require_keys(self) -> None:
        """Unavailable (`unavailable.keys`) unless credentials of some key can be taken."""
        allowed = self.settings.server.allow_setup
        if all(why_not(key.srs_id, allowed) for key in self._keys.values()):
            raise Unavailable("unavailable.keys", "no key is registered whose setup is allowed")

    def reading(self) -> AbstractContextManager[Session]:
        """A session that reads, for lists; raises as `Database.reading`."""
        return self.store.database.reading()

    def load_keys(self) -> None:
        """
        Read keys registered since; each is checked whole (digest, points on the curve) before use.
        """
        for digest, document in self.store.keys():
            if digest in self._keys:
                continue
            key = self._load_key(document)
            if hex32(key.digest) != digest:
                raise Malformed(
                    "malformed.key", f"key {digest}: the stored document has another digest"
                )
            self._keys[digest] = key

    def key(self, digest: str) -> Key:
        """Refused (`unknown.key`, `refused.key_setup`)."""
        if digest not in self._keys:
            self.load_keys()
        key = self._keys.get(digest)
        if key is None:
            raise Refused("unknown.key", "key_digest: not registered here")
        if reason := why_not(key.srs_id, self.settings.server.allow_setup):
            raise Refused("refused.key_setup", f"key_digest: its setup is {reason}")
        return key

    def stored(self, file: CredentialFile) -> Verdict | None:
        """The verdict of a credential that came before, with what speaks against it now."""
        found = self.store.verdict(file.digest)
        return None if found is None else Verdict(found, True, self.against(found))

    def against(self, accepted: Credential) -> tuple[TierproofError, ...]:
        """
        Why an accepted credential would not be accepted now, of all that can be said without its
        proof.
        """
        asked: tuple[Callable[[], object], ...] = (
            lambda: self._require_holder(accepted),
            lambda: self.key(hex32(accepted.key_digest)),
            lambda: self._require_place(accepted),
            lambda: self._require_root(accepted),
        )
        return tuple(error for check in asked if (error := _refusal(check)) is not None)

    def _require_holder(self, accepted: Credential) -> None:
        held = self.store.credential(accepted.nullifier)
        if held is None or held.digest != accepted.digest:
            raise Refused("refused.superseded", "nullifier: a later credential took its place")

    def _require_root(self, accepted: Credential) -> Root:
        policy = self.store.policy(accepted.policy_id)
        return self.store.require_root(policy, accepted.place, accepted.root)

    def _require_place(self, accepted: Credential) -> None:
        place = accepted.place
        self.store.deployment(accepted.policy_id, place.chain_id, place.registry)

    def check(self, file: CredentialFile) -> tuple[Key, Policy, Credential, tuple[int, ...]]:
        """As `facts`, and that the nullifier is not used."""
        key, policy, credential, words = self.facts(file)
        standing = self.store.credential(file.nullifier)
        if standing is not None and not credential.follows(standing):
            raise nullifier_used()  # spares a pairing; `accept` is what decides
        return key, policy, credential, words

    def facts(self, file: CredentialFile) -> tuple[Key, Policy, Credential, tuple[int, ...]]:
        """
        All that needs no pairing: the key, the policy, the credential to record and its public
        words.
        """
        policy = self.store.policy(file.policy_id)
        place = self.store.deployment(file.policy_id, file.chain_id, file.registry)
        if file.tier >= len(policy.tiers):
            raise Refused(
                "unknown.tier", f"tier: the policy has {len(policy.tiers)}", tiers=len(policy.tiers)
            )
        words = statement_words(
            policy, policy.tiers[file.tier], root=file.root, nullifier=file.nullifier,
            account=int(file.account, 16), place=place,
            feed=self.store.require_root(policy, place, file.root).feed,
        )  # fmt: skip
        key = self.key(hex32(file.key_digest))
        if file.srs_id != key.srs_id:
            raise Rejected("rejected.key", "credential: it names another setup than the key's")
        credential = Credential(
            nullifier=file.nullifier,
            scope=words[2],
            policy_id=file.policy_id,
            tier=file.tier,
            account=words[3],
            last_day=policy.last_day,
            attestor_set=policy.attestor_set,
            root=file.root,
            key_digest=key.digest,
            place=place,
            digest=file.digest,
        )
        return key, policy, credential, words

    async def shown(self, file: CredentialFile, client: str = "") -> tuple[Policy, Credential]:
        """
        What a credential shows, its proof verified (`client` as `VerificationPool.verify`), for a
        place where the registry says who holds a nullifier: nothing is recorded but a rejection.
        """
        key, policy, credential, words = await run_in_threadpool(self.facts, file)
        await self._prove(file, key, credential, words, client)
        return policy, credential

    async def verify(
        self, file: CredentialFile, also: Also = nothing_else, client: str = ""
    ) -> Verdict:
        """
        Check, verify, record (`also` as `Store.accept`, `client` as `VerificationPool.verify`); or
        the verdict that the same credential was given before.

        Raises
        ------
        Malformed, Rejected, Refused, Unavailable, Problem
            With the code that the answer has; nothing is recorded.
        """
        before = await run_in_threadpool(self.stored, file)
        if before is not None:
            return before
        try:
            return await self._first(file, also, client)
        except Refused:  # the same credential may have come meanwhile
            before = await run_in_threadpool(self.stored, file)
            if before is None:
                raise
            return before

    async def _first(self, file: CredentialFile, also: Also, client: str) -> Verdict:
        key, policy, credential, words = await run_in_threadpool(self.check, file)
        await self._prove(file, key, credential, words, client)
        return Verdict(await run_in_threadpool(self.store.accept, policy, credential, also))

    async def _prove(
        self,
        file: CredentialFile,
        key: Key,
        credential: Credential,
        words: tuple[int, ...],
        client: str,
    ) -> None:
        try:
            await self.pool.verify(key, words, file.proof, client=client)
        except Rejected as error:
            await run_in_threadpool(self.store.reject, credential, error.code)
            raise


def _refusal(check: Callable[[], object]) -> TierproofError | None:
    """What a check refuses with, None where it holds; a database that fails is no answer."""
    try:
        check()
    except (Refused, Rejected) as error:
        return error
    return None


async def service_of(request: Request) -> Service:
    """The service of the application that answers; a coroutine, so that no thread is asked."""
    service: Service = request.app.state.service
    return service


Shared = Annotated[Service, Depends(service_of)]
"""Parameter of an endpoint: the service that it answers for."""
