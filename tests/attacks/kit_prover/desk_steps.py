"""
What is done to flawed services, stores and files: registrations, requests at bad moments,
signatures, changed files.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from operator import attrgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import MagicMock, patch

from attacks.kit_prover.desk import (
    CHAIN_ID,
    CLOCK,
    MEMBERS,
    NOW,
    POLICY,
    PRIME,
    REGISTRY,
    SIGNERS,
    VALID_UNTIL,
    Shown,
    Step,
    calls,
    history,
    honest,
    place,
    proven,
    registers,
    root_file,
    scope_at,
)
from attacks.kit_prover.disclosing import disclosed
from attacks.kit_prover.mutants import Attempt, Verifier
from fastapi import APIRouter
from sqlalchemy import text
from support.credential import world

from algebra.errors import Refused
from algebra.native_backend import native
from attestor.signatures import sign
from contracts.client.model import thresholds_hash
from policies.attestor_set import AttestorSet, Generation
from policies.feed import FeedDocument
from policies.rule_files import RuleFiles
from policies.signed_root import Root, RootDomain
from service.operations.sections import DatabaseSettings
from service.operations.settings import Settings

# -- files -----------------------------------------------------------------------------------------
FILES: dict[str, Callable[[Verifier], dict[str, Any]]] = {
    "CredentialFile.load": lambda m: m.documents.CredentialFile(**honest().fields).as_json(),
    "RootFile.load": lambda m: written(root_file(m)),
    "DisclosureFile.load": lambda m: disclosed(m).as_json(),
    "load_attestors": lambda m: m.documents.attestors_document(MEMBERS),
}
"""What a reader of `tierproof.documents` takes, as JSON values."""
ELSEWHERE = ("DisclosureFile.load",)
"""Readers of `tierproof.disclosure`."""


def written(made: Any) -> dict[str, Any]:
    """The object of the file that `made` writes."""
    with TemporaryDirectory() as folder:
        made.write(path := Path(folder) / "file.json")
        document: dict[str, Any] = json.loads(path.read_text())
    return document


def file(reader: str, change: Callable[[dict[str, Any]], object]) -> Attempt:
    """A file of `FILES` with something changed, read."""

    def attempt(m: Verifier) -> None:
        document = FILES[reader](m)
        change(document)
        with TemporaryDirectory() as folder:
            path = Path(folder) / "file.json"
            path.write_text(json.dumps(document))
            attrgetter(reader)(m.disclosure if reader in ELSEWHERE else m.documents)(path)

    return attempt


FEED = FeedDocument.make(
    "vol",
    "made up",
    POLICY.first_day,
    POLICY.last_day,
    [[5_000 + 9 * day] for day in range(POLICY.days + 1)],
)
"""Of the policy's window."""


def feeds(root: dict[str, Any] | None = None) -> Attempt:
    """A feed document compared with a root that was signed with it; `root`: with something else."""
    fields = {"files": RuleFiles.of({FEED.name: FEED.data}), "feed": FEED.feed.digest()}
    return lambda m: root_file(m, **{**fields, **(root or {})}).check_feed(FEED)


def puts(*steps: str | int, **fields: Any) -> Callable[[dict[str, Any]], object]:
    """Sets fields of an object inside the document."""

    def change(document: dict[str, Any]) -> None:
        for step in steps:
            document = document[step]  # type: ignore[index]
        document.update(fields)

    return change


STRANGERS = AttestorSet.of([SIGNERS[2].address, SIGNERS[3].address], 2)
LONE = AttestorSet.of([SIGNERS[3].address], 1)
TAKEN = Generation(LONE.members, 1, (b"\1" * 64 + b"\x1b",))
"""A generation that nobody handed over to."""
STOLEN = AttestorSet(MEMBERS.name, (*MEMBERS.generations, TAKEN))
NOBODY = replace(POLICY, attestor_set=bytes(32))
"""A policy that trusts nobody yet."""


@cache
def for_nobody() -> Shown:
    return proven(history(scope=scope_at(policy=NOBODY)))


def digits(word: int) -> str:
    """A word of the desk's statement without 0x; an account has 40 digits."""
    return f"{honest().statement[word]:0{40 if word == 3 else 64}x}"


# -- signatures ------------------------------------------------------------------------------------
MESSAGE = Root(1, MEMBERS.id, 1, 1, 2, 3).message(RootDomain(CHAIN_ID, REGISTRY))


def recovers(change: Callable[[int, int, int], tuple[int, int, int]], tail: bytes = b"") -> Attempt:
    """A signature with its three numbers changed."""
    honest_one = sign(SIGNERS[0], MESSAGE)
    r, s, v = change(
        int.from_bytes(honest_one[:32]), int.from_bytes(honest_one[32:64]), honest_one[64]
    )
    signature = r.to_bytes(32) + s.to_bytes(32) + bytes([v]) + tail
    return lambda m: m.signatures.recover(MESSAGE, signature, "root")


def quorum(*signers: int, **changes: Any) -> Attempt:
    """The desk's root, signed by these."""

    def attempt(m: Verifier) -> None:
        made = root_file(m, signers, **changes)
        m.quorum.verify_quorum(made.root, made.domain, made.signatures, made.attestor_set)

    return attempt


def members_of(members: tuple[str, ...], threshold: int) -> Attempt:
    return lambda m: m.attestor_set.Generation(members, threshold)


def set_of(*generations: Generation, name: str = "a") -> Attempt:
    """A set of these generations, in the mutant's own classes."""

    def attempt(m: Verifier) -> None:
        make = m.attestor_set.Generation
        listed = [make(g.members, g.threshold, g.handover) for g in generations]
        m.attestor_set.AttestorSet(name, tuple(listed))

    return attempt


A_ROOT: dict[str, Any] = {
    "root": 1,
    "attestor_set": MEMBERS.id,
    "generation": 1,
    "first_day": 1,
    "last_day": 2,
    "valid_until": 3,
}
"""Over a window of two days, which no registry takes."""


def root_of(**changes: Any) -> Attempt:
    return lambda m: m.signed_root.Root(**A_ROOT | changes)


def fit_to_submit(m: Verifier) -> None:
    """A root that no registry takes, said to be fit for one."""
    m.signed_root.Root(**A_ROOT).check_submittable()


# -- files of a root -------------------------------------------------------------------------------
A_FILE = {"name": "marks/a", "digest": "0x" + "00" * 32}


def rule_files(*files: tuple[str, bytes]) -> Attempt:
    return lambda m: m.rule_files.RuleFiles(files)


def joins_files(*parts: tuple[tuple[str, bytes], ...]) -> Attempt:
    def step(m: Verifier) -> object:
        files = [m.rule_files.RuleFiles(part) for part in parts]
        return m.rule_files.RuleFiles.together(files)

    return step


def reads_files(value: object) -> Attempt:
    return lambda m: m.rule_files.RuleFiles.parse(value, "root.files")


# -- the operator ----------------------------------------------------------------------------------
def policy(*places: dict[str, Any], **changes: Any) -> Attempt:
    """A policy registered at these places."""

    def step(m: Verifier, store: Any) -> None:
        for changed in places:
            store.register_policy(replace(POLICY, **changes), [place(m, **changed)])
        if not places:
            store.register_policy(replace(POLICY, **changes))

    return registers(step)


def root_row(**changes: Any) -> Attempt:
    """A root as numbers, whose attestors sign anything."""
    fields = {
        "root": 1,
        "attestor_set": MEMBERS.id,
        "generation": 1,
        "first_day": 1,
        "last_day": 2,
        "valid_until": VALID_UNTIL,
        **changes,
    }
    return registers(
        lambda m, store: store.register_root(
            m.signed_root.Root(**fields), [], domain=place(m).domain, quorum=lambda *_: None
        )
    )


def again(revoked: bool = False, **changes: Any) -> Attempt:
    """A root that the store knows, once more."""

    def step(m: Verifier, store: Any) -> None:
        m.serving.register_root(store, root_file(m))
        if revoked:
            revoke(m, store)
        m.serving.register_root(store, root_file(m, **changes))

    return registers(step)


def revoke(m: Verifier, store: Any) -> None:
    store.revoke_root(MEMBERS.id, honest().statement[0])


def end_generation(m: Verifier, store: Any) -> None:
    store.end_generation(MEMBERS.id, 1)


def of_generations(*numbers: int, ended: int = 0) -> Attempt:
    """Roots of these generations, each another; before the last one of them ends."""

    def step(m: Verifier, store: Any) -> None:
        for index, number in enumerate(numbers):
            if index == len(numbers) - 1:
                store.end_generation(MEMBERS.id, ended)
            fields = {"root": 1 + index, "attestor_set": MEMBERS.id, "generation": number}
            made = m.signed_root.Root(**fields, first_day=1, last_day=2, valid_until=VALID_UNTIL)
            store.register_root(made, [], domain=place(m).domain, quorum=lambda *_: None)

    return registers(step)


def take(**changes: Any) -> Step:
    """Another service on the same database accepts the desk's credential, or one much like it."""

    def step(m: Verifier, store: Any) -> None:
        root, nullifier, scope, account, *_ = honest().statement
        fields = {
            "nullifier": nullifier,
            "scope": scope,
            "policy_id": POLICY.policy_id,
            "tier": PRIME,
            "account": account,
            "last_day": POLICY.last_day,
            "attestor_set": MEMBERS.id,
            "root": root,
            "key_digest": world().key.verifying.digest,
            "digest": bytes(32),
            "place": place(m),
        }
        store.accept(POLICY, m.store.Credential(**{**fields, **changes}))

    return step


def sql(statement: str) -> Step:
    def step(m: Verifier, store: Any) -> None:
        with store.database.engine.begin() as connection:
            connection.execute(text(statement))

    return step


COPY_OF_THE_KEY = f"INSERT INTO keys SELECT '0x{7:064x}', document, size, registered_at FROM keys"


RESTORED = "INSERT INTO service_restored VALUES (1, 1, 0)"


def is_ready(**given: Any) -> Attempt:
    """Asks a service whether it is ready."""
    return calls(lambda client: client.get("/v1/health/ready"), **given)


def serves_everybody(m: Verifier) -> None:
    """A service without keys on a socket of all addresses; nothing is served."""
    taken = MagicMock()
    taken.getsockname.return_value = ("0.0.0.0", 1)
    held = {"listen": lambda *_: taken, "run": lambda *_: None, "logs": MagicMock()}
    with TemporaryDirectory() as folder, patch.multiple(m.serving, **held):
        database = DatabaseSettings(url=f"sqlite:///{folder}/service.sqlite")
        m.serving.serve(Settings(database=database), m.serving.Registration(), native())


def later(seconds: int) -> Step:
    def step(m: Verifier, store: Any) -> None:
        CLOCK[0] = NOW + seconds

    return step


def store_at(url: Callable[[str], str]) -> Attempt:
    def attempt(m: Verifier) -> None:
        with TemporaryDirectory() as folder:
            m.store.Store(url(folder)).close()

    return attempt


class Client:
    """A registry on chain that takes everything, and knows the policy as it stands."""

    chain = MagicMock()
    calls = MagicMock()
    domain = RootDomain(CHAIN_ID, REGISTRY)

    def __init__(self, **changes: Any) -> None:
        days = {"first_day": POLICY.first_day, "last_day": POLICY.last_day}
        held = {"series": POLICY.series.id, "serial": 1, "disabled_at": 0, "verifiers": (0,)}
        tiers = {"first_tier": 1, "tiers": len(POLICY.tiers)}
        self.policy = {**days, **held, **tiers, **changes}
        self.series = {"attestor_set": POLICY.attestor_set, "least_days": 0, "max_age_days": 0}

    def policy_of(self, policy_id: bytes) -> dict[str, Any]:
        return self.policy

    def series_of(self, series: bytes) -> dict[str, Any]:
        """Of other numbers than the policy's."""
        return self.series

    def tier_of(self, serial: int) -> dict[str, Any]:
        tier = POLICY.tiers[serial - 1]
        return {"terms": tier.terms, "thresholds_hash": thresholds_hash(tier.thresholds.words())}

    def verifier_of(self, index: int) -> dict[str, Any]:
        return {"key_digest": honest().fields["key_digest"], "disabled_at": 0}

    def verifiers(self) -> list[dict[str, Any]]:
        return []

    def latest_generation(self, *given: object) -> int:
        return 1

    def is_published(self, *given: object) -> bool:
        return True

    def onboard(self, *given: object, **options: object) -> None:
        pass

    def root_of(self, *given: object) -> dict[str, Any]:
        return {"serial": 0, "ended_at": 0, "valid_until": 0}

    def submit_root(self, *given: object, **options: object) -> None:
        pass


def on_chain(members: AttestorSet = MEMBERS, **changes: Any) -> Attempt:
    def attempt(m: Verifier) -> None:
        with patch.object(m.onchain.steps, "take", lambda *_: 0):
            m.onchain.register_policy(Client(), replace(POLICY, **changes), members, governor="0x1")

    return attempt


def compares(**held: Any) -> Attempt:
    """A policy with a registry that has it otherwise."""
    return lambda m: m.onchain.check_policy(Client(**held), POLICY)


def onboards(consent: Any = None, **claimed: Any) -> Attempt:
    """A credential, with a consent where one is given."""

    def attempt(m: Verifier) -> None:
        credential = m.documents.CredentialFile(**{**honest().fields, **claimed})
        given = None if consent is None else consent(m)
        m.onchain.onboard(Client(), credential, POLICY, relayer="0x1", consent=given)

    return attempt


def submits(m: Verifier) -> None:
    """A root over a day too few, sent to a registry."""
    short = root_file(m, last_day=POLICY.last_day - 1)
    m.onchain.submit_root(Client(), short, sender="0x1")


def starts_unscoped(m: Verifier) -> None:
    """A service with a route that asks nobody for a scope."""
    router = APIRouter()
    router.add_api_route("/new", lambda: None)
    with (
        TemporaryDirectory() as folder,
        patch.object(m.app, "RESOURCES", (MagicMock(router=router),)),
    ):
        database = DatabaseSettings(url=f"sqlite:///{folder}/service.sqlite")
        try:
            m.app.create_app(Settings(database=database), MagicMock(), load_key=MagicMock())
        except RuntimeError:
            raise Refused("refused.config", "the service does not start") from None
