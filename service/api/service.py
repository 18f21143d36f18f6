"""
What the endpoints share: store, loaded keys, verification pool, and the checks of a credential.

They run cheap first: known policy, deployment, tier, key, root, unused nullifier, and only then the
pairing. The scope, the window and the thresholds are computed here from what the operator
registered.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool

from algebra.errors import Malformed, Refused, Rejected
from algebra.hexadecimal import hex32
from policies.policy import Policy
from service.api.request import VerificationRequest, parse_request
from service.config import ServiceConfig
from service.pool import VerificationPool, Verify
from service.store.credentials import Also, Credential, nothing_else, nullifier_used
from service.store.keys import Key
from service.store.store import Store
from verifier.ceremonies import why_not
from verifier.statement import statement_words

LoadKey = Callable[[dict[str, Any]], Key]
"""From a key document to a checked key, for circuits this service knows; raises Malformed."""


class Service:
    """What the endpoints share: store, loaded keys, verification pool."""

    def __init__(
        self, config: ServiceConfig, store: Store, verify: Verify, load_key: LoadKey
    ) -> None:
        self.config, self.store, self._load_key = config, store, load_key
        self.pool = VerificationPool(
            verify,
            workers=config.workers,
            queue_limit=config.queue_limit,
            retry_after=config.retry_after,
        )
        self._keys: dict[str, Key] = {}
        self.load_keys()

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
        if reason := why_not(key.srs_id, self.config.allow_setup):
            raise Refused("refused.key_setup", f"key_digest: its setup is {reason}")
        return key

    def check(
        self, request: VerificationRequest
    ) -> tuple[Key, Policy, Credential, tuple[int, ...]]:
        """
        All that needs no pairing: the key, the policy, the credential to record and its public
        words.
        """
        policy_id = bytes.fromhex(request.policy_id[2:])
        policy = self.store.policy(policy_id)
        place = self.store.deployment(policy_id, request.chain_id, request.registry.lower())
        if request.tier >= len(policy.tiers):
            raise Refused(
                "unknown.tier", f"tier: the policy has {len(policy.tiers)}", tiers=len(policy.tiers)
            )
        root, nullifier, account = (
            int(text, 16) for text in (request.root, request.nullifier, request.account)
        )
        words = statement_words(
            policy, policy.tiers[request.tier], root=root, nullifier=nullifier, account=account,
            place=place, feed=self.store.require_root(policy, place, root).feed,
        )  # fmt: skip
        key = self.key(request.key_digest.lower())
        credential = Credential(
            nullifier=nullifier,
            scope=words[2],
            policy_id=policy_id,
            tier=request.tier,
            account=account,
            last_day=policy.last_day,
            attestor_set=policy.attestor_set,
            root=root,
            key_digest=key.digest,
            place=place,
        )
        standing = self.store.credential(nullifier)
        if standing is not None and not credential.follows(standing):
            raise nullifier_used()  # spares a pairing; `accept` is what decides
        return key, policy, credential, words

    async def verify(self, body: bytes, also: Also = nothing_else) -> Credential:
        """Parse, check, verify, record; `also` as `Store.accept`."""
        request = parse_request(body)
        key, policy, credential, words = await run_in_threadpool(self.check, request)
        try:
            await self.pool.verify(key, words, bytes.fromhex(request.proof[2:]))
        except Rejected as error:
            await run_in_threadpool(self.store.reject, credential, error.code)
            raise
        return await run_in_threadpool(self.store.accept, policy, credential, also)


async def service_of(request: Request) -> Service:
    """The service of the application that answers; a coroutine, so that no thread is asked."""
    service: Service = request.app.state.service
    return service


Shared = Annotated[Service, Depends(service_of)]
"""Parameter of an endpoint: the service that it answers for."""
