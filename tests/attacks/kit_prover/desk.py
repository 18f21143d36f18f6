"""
A desk's true credential and what a protocol knows, handed to flawed verifiers of files and to
flawed services.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from tempfile import TemporaryDirectory
from typing import Any

from attacks.kit_prover.mutants import Attempt, Verifier
from eth_account import Account
from eth_account.signers.local import LocalAccount
from fastapi.testclient import TestClient
from httpx import Response
from support.credential import CLASS, FIRST_DAY, Case, case, mark, thresholds, week, world
from support.loopback import loopback_client

from algebra.errors import Malformed, Refused, Rejected, TierproofError
from algebra.native_backend import native
from attestor.signatures import sign
from history.v2.record import Record
from policies.attestor_set import AttestorSet
from policies.credential_file import CredentialFile
from policies.place import Place
from policies.policy import Policy, Tier, example
from policies.rule_files import NO_FILES, RuleFiles
from policies.signed_root import Root, RootDomain
from policies.terms import Terms
from prover.blinding import unsafe_seeded_blinding
from prover.prove import prove
from service.operations.sections import ServerSettings
from service.operations.settings import Settings
from service.verification.settings import VerificationSettings

CHAIN_ID, REGISTRY = 31337, "0x" + "ab" * 20
NOW, VALID_UNTIL = 1_700_000_000, 1_700_001_000
SIGNERS: tuple[LocalAccount, ...] = tuple(
    sorted(
        (Account.from_key(bytes([i]) * 32) for i in range(1, 5)),
        key=lambda signer: signer.address.lower(),
    )
)
MEMBERS = AttestorSet.of([signer.address for signer in SIGNERS[:3]], 2)
TERMS = Terms(1_000, 500, 450, 150, 10, 5_000, 30)
POLICY = replace(
    example("standard"), first_day=FIRST_DAY, last_day=FIRST_DAY + 27, least_days=28,
    attestor_set=MEMBERS.id,
    advice_overridden=True,  # its tiers are there to be proven, not to be met by anybody
    tiers=(Tier("any", thresholds(), TERMS), Tier("prime", thresholds([1, 5, 10]), TERMS)),
)  # fmt: skip
PRIME = 1


@dataclass(frozen=True)
class Shown:
    """A statement, as words, and a true proof of it."""

    statement: tuple[int, ...]
    proof: bytes

    @property
    def fields(self) -> dict[str, Any]:
        """Of the credential file that the desk would write for it at home."""
        root, nullifier, _, account, *_ = self.statement
        key = world().key.verifying
        return {
            "size": CLASS,
            "srs_id": key.srs_id,
            "key_digest": key.digest,
            "policy_id": POLICY.policy_id,
            "tier": PRIME,
            "root": root,
            "nullifier": nullifier,
            "account": f"0x{account:040x}",
            "chain_id": CHAIN_ID,
            "registry": REGISTRY,
            "proof": self.proof,
        }


def allowed() -> str:
    """The setup of the tests, which is no known ceremony's."""
    return f"0x{world().key.verifying.srs_id:050x}"


def proven(found: Case) -> Shown:
    """A true proof of a case."""
    proof = prove(
        found.world.key,
        found.witness,
        found.statement,
        algebra=native(),
        blinding=unsafe_seeded_blinding(b"desk"),
    )
    return Shown(found.statement, proof)


def scope_at(chain_id: int = CHAIN_ID, registry: str = REGISTRY, policy: Policy = POLICY) -> int:
    return Place(chain_id, registry).scope(policy.series.id)


def quiet(rows: Sequence[Record], days: int = POLICY.days) -> list[Record]:
    """Rows of some days, and marks of the days after them in which nothing happens."""
    return [*rows, *(mark(day) for day in range(rows[-1].day + 1, days))]


def history(tier: int = PRIME, scope: int | None = None, others: int = 5) -> Case:
    """The stock week, and three in which nothing happens, under the words of a tier."""
    asked = POLICY.tiers[tier].thresholds
    return case(
        quiet(week()),
        POLICY.days,
        100_000,
        asked,
        others=others,
        scope=scope_at() if scope is None else scope,
    )


@cache
def honest() -> Shown:
    """The desk's credential for tier prime."""
    return proven(history())


@cache
def false() -> Shown:
    """The same with W' in place of W as well: well formed, and no proof."""
    proof = honest().proof
    return Shown(honest().statement, proof[:-128] + proof[-64:] * 2)


OTHER_FILES = RuleFiles.of({"margin/other.json": b"{}"})
"""A margin document that the policy does not name."""


def members_in(m: Verifier, members: AttestorSet) -> Any:
    """A set in the mutant's own classes."""
    make = m.attestor_set.Generation
    listed = [make(g.members, g.threshold, g.handover) for g in members.generations]
    return m.attestor_set.AttestorSet(members.name, tuple(listed))


# -- files -----------------------------------------------------------------------------------------
def root_file(
    m: Verifier,
    signers: Sequence[int] = (0, 1),
    domain: tuple[int, str] = (CHAIN_ID, REGISTRY),
    members: AttestorSet = MEMBERS,
    files: RuleFiles = NO_FILES,
    **changes: Any,
) -> Any:
    """
    A root file, in the mutant's own classes.

    Parameters
    ----------
    signers : indices in `SIGNERS` of who signs, in the order of the signatures
    members : the set that the file says it is of
    files : that come with it
    changes : fields of the root that are others
    """
    fields = {
        "root": honest().statement[0], "attestor_set": members.id,
        "generation": members.generation, "first_day": POLICY.first_day,
        "last_day": POLICY.last_day, "valid_until": VALID_UNTIL, "rules": files.rules, **changes,
    }  # fmt: skip
    message = Root(**fields).message(RootDomain(*domain))
    return m.documents.RootFile(
        m.signed_root.Root(**fields),
        members_in(m, members),
        m.signed_root.RootDomain(*domain),
        tuple(sign(SIGNERS[i], message) for i in signers),
        m.rule_files.RuleFiles(files.files),
    )


def shows(
    shown: Callable[[], Shown] = honest,
    *,
    batch: bool = False,
    root: dict[str, Any] | None = None,
    policy: Policy = POLICY,
    now: int = NOW,
    allow: bool = True,
    **claimed: Any,
) -> Attempt:
    """
    A credential file handed to `tierproof.verify`, or `verify_batch`, of a verifier at home.

    Parameters
    ----------
    shown : the proof; the desk's own by default
    root : changes of the root file
    claimed : fields of the credential file that say something else
    """

    def attempt(m: Verifier) -> None:
        credential = m.documents.CredentialFile(**{**shown().fields, **claimed})
        options = {
            "policy": policy,
            "key": world().key.verifying,
            "root": root_file(m, **(root or {})),
            "algebra": native(),
            "place": m.place.Place(CHAIN_ID, REGISTRY),
            "now": now,
            "allow_setup": allowed() if allow else None,
        }
        if not batch:
            m.verification.verify(credential, **options)
            return
        for verdict in m.verification.verify_batch([credential], **options):
            if isinstance(verdict, TierproofError):
                raise verdict

    return attempt


# -- the service -----------------------------------------------------------------------------------
Step = Callable[[Verifier, Any], object]
"""Something that is done to a mutant's store."""


@contextmanager
def store_of(m: Verifier) -> Iterator[Any]:
    """An empty store whose clock stands at `NOW`."""
    with TemporaryDirectory() as folder:
        store = m.store.Store(f"sqlite:///{folder}/service.sqlite", clock=lambda: CLOCK[0])
        CLOCK[0] = NOW
        try:
            yield store
        finally:
            store.close()


CLOCK = [NOW]
"""Seconds since 1970 for every store of `store_of`."""


def place(m: Verifier, **changes: Any) -> Any:
    return m.place.Place(**{"chain_id": CHAIN_ID, "registry": REGISTRY, **changes})


def registers(step: Step) -> Attempt:
    """What an operator, or an attestor through one, puts into an empty store."""

    def attempt(m: Verifier) -> None:
        with store_of(m) as store:
            step(m, store)

    return attempt


@contextmanager
def service(
    m: Verifier,
    before: Step | None = None,
    root: dict[str, Any] | None = None,
    wired: dict[str, Any] | None = None,
    **config: Any,
) -> Iterator[Any]:
    """A service at home that knows policy, key and root; `wired`: other parts of it."""
    with store_of(m) as store:
        store.register_policy(POLICY, [place(m)])
        store.register_key(world().key.verifying, allow_setup=allowed())
        m.serving.register_root(store, root_file(m, **(root or {})))
        if before:
            before(m, store)
        server = ServerSettings(allow_setup=config.pop("allow_setup", allowed()))
        settings = Settings(server=server, verification=VerificationSettings(**config))
        app = m.serving.service_app(settings, native(), store, **(wired or {}))
        try:
            yield app
        finally:
            app.state.service.pool.close()


def body(shown: Callable[[], Shown] = honest, **changes: Any) -> bytes:
    """The file that the desk would send, with some fields changed."""
    return json.dumps({**CredentialFile(**shown().fields).as_json(), **changes}).encode()


def nothing_else(*_: object) -> None:
    """Is written with an acceptance."""


def asks(
    sent: Callable[..., bytes] = body,
    *,
    before: Step | None = None,
    replayed: bool = False,
    during: Step | None = None,
    verifier: Callable[..., object] | None = None,
    pending: int = 0,
    root: dict[str, Any] | None = None,
    config: dict[str, Any] | None = None,
    **changes: Any,
) -> Attempt:
    """
    A request to a service, past its HTTP layer.

    Parameters
    ----------
    sent : makes the body; the desk's own by default, with `changes`
    before : done to the store before the service starts
    replayed : the desk's own request was taken before
    during : done to the store while the proof is verified
    verifier : in place of the true one
    pending : proofs that wait already
    """

    def attempt(m: Verifier) -> None:
        with service(m, before, root, **(config or {})) as app:
            inner = app.state.service
            true = inner.pool.judge.verify

            def check(*given: Any) -> object:
                if during:
                    during(m, inner.store)
                return (verifier or true)(*given)

            try:
                read = m.request.parse_credential
                if replayed:
                    asyncio.run(inner.verify(read(body())))
                inner.pool.judge.verify, inner.pool.pending = check, pending
                asyncio.run(inner.verify(read(sent(**changes))))
            except m.problem.Problem as problem:
                raise Refused(problem.code, problem.detail) from None

    return attempt


def stands(after: Step) -> Attempt:
    """The desk's credential again, after something was done to the store: what is so now."""

    def attempt(m: Verifier) -> None:
        with service(m) as app:
            inner, file = app.state.service, m.request.parse_credential(body())
            asyncio.run(inner.verify(file))
            after(m, inner.store)
            for error in asyncio.run(inner.verify(file)).against:
                raise error

    return attempt


def calls(call: Callable[[TestClient], Response], **config: Any) -> Attempt:
    """A request over HTTP."""

    def attempt(m: Verifier) -> None:
        with service(m, **config) as app:
            answer = call(loopback_client(app))
        if answer.status_code != 200:
            kind = {400: Malformed, 422: Rejected}.get(answer.status_code, Refused)
            raise kind(answer.json()["code"], answer.json()["detail"])

    return attempt


def posts(content: Callable[[], Any] = body, **headers: str) -> Attempt:
    """The desk's request over HTTP, in another way."""
    sent = {
        "content-type": "application/json",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return calls(lambda client: client.post("/v1/verifications", content=content(), headers=sent))
