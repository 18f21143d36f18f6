"""
What the service knows and what it has accepted (docs/reference/interfaces.md 3.3).

The one rule: a credential is accepted by writing its row, in one transaction with whatever the
verdict rests on. The database decides between parallel submissions, by the primary key of an insert
and the conditions of an update, never a check before a write.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import (
    Engine,
    Insert,
    Update,
    create_engine,
    event,
    func,
    insert,
    make_url,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from algebra.errors import Refused, Unavailable
from algebra.files import make_folder
from algebra.hexadecimal import hex20, hex32
from policies.place import Place
from policies.policy import Policy
from policies.rule_files import NO_FILES, RuleFiles
from policies.signed_root import Root
from service.store.base import Base
from service.store.tables import (
    CredentialRow,
    DeploymentRow,
    EndedGenerationRow,
    KeyRow,
    PolicyRow,
    RootRow,
)
from verifier.ceremonies import why_not


class Key(Protocol):
    """The part of a verifying key that the service reads; `verifier.key.VerifyingKey` has it."""

    @property
    def digest(self) -> bytes:
        """Keccak-256 of the key, 32 bytes."""

    @property
    def size(self) -> int:
        """Class n, rows of the circuit."""

    @property
    def srs_id(self) -> int:
        """200 bits that name the setup (`verifier.ceremonies`)."""

    def to_json(self) -> dict[str, Any]:
        """The object of its key file."""


@dataclass(frozen=True, slots=True)
class Credential:
    """An accepted proof, in public words only; `last_day` is the policy's, since 1970."""

    nullifier: int
    scope: int
    policy_id: bytes
    tier: int
    account: int
    last_day: int
    attestor_set: bytes
    root: int
    key_digest: bytes
    place: Place
    accepted_at: int = 0

    def follows(self, standing: Credential) -> bool:
        """
        Whether this may take the place of an accepted one of the same nullifier: by the same
        account, with a window that ends later. The service knows no moves to another account yet.
        """
        return self.account == standing.account and self.last_day > standing.last_day


CheckQuorum = Callable[[Root, Sequence[bytes]], None]
"""
Raises unless enough members of the root's attestor set signed it; passed in, for it needs to know
the sets.
"""


class Store:
    """
    Parameters
    ----------
    database_url : SQLAlchemy URL. Tables are made where absent.
    clock : seconds since 1970; tests set their own.
    """

    def __init__(self, database_url: str, *, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._engine = _engine(database_url)
        try:
            Base.metadata.create_all(self._engine)
        except SQLAlchemyError as error:
            raise _unavailable(error) from error

    def close(self) -> None:
        """Give back the connections to the database."""
        self._engine.dispose()

    @property
    def now(self) -> int:
        """Seconds since 1970 by the store's clock."""
        return int(self._clock())

    # -- registration (operator, never by request) -------------------------------------------------
    def register_policy(self, policy: Policy, deployments: Sequence[Place] = ()) -> None:
        """
        Add a policy, or deployments to a known one.

        Raises
        ------
        Refused
            `refused.policy.*` for a policy that `check_registrable` refuses.
        """
        policy.check_registrable()
        policy_id = hex32(policy.policy_id)
        with self._writing() as session:
            if session.get(PolicyRow, policy_id) is None:
                session.add(
                    PolicyRow(
                        policy_id=policy_id,
                        document=policy.document().decode("ascii"),
                        registered_at=self.now,
                    )
                )
                session.flush()
            for deployment in deployments:
                place = _deployment_id(policy_id, deployment.chain_id, deployment.registry)
                if session.get(DeploymentRow, place) is None:
                    session.add(_deployment_row(policy_id, deployment))

    def register_key(self, key: Key, *, allow_setup: str | None = None) -> None:
        """
        Add a verifying key; Refused (`refused.key_setup`) for one of a setup that is neither a
        known ceremony's nor `allow_setup` (`verifier.ceremonies.why_not`).
        """
        if reason := why_not(key.srs_id, allow_setup):
            raise Refused("refused.key_setup", f"key: its setup is {reason}; not for real use")
        with self._writing() as session:
            session.merge(
                KeyRow(digest=hex32(key.digest), document=json.dumps(key.to_json()), size=key.size,
                       registered_at=self.now)
            )  # fmt: skip

    def register_root(
        self,
        signed: Root,
        signatures: Sequence[bytes],
        *,
        quorum: CheckQuorum,
        files: RuleFiles = NO_FILES,
    ) -> None:
        """
        Add an attestation root, and the files of which it says the rules.

        Raises
        ------
        Refused
            `refused.root_files` for other files than it was signed with; `refused.root_expired`,
            `refused.root_revoked`; `refused.root_exists` for one known with other fields, unless
            the generation that signed it has ended; `refused.generation_ended`,
            `refused.generation` for one that is new, of a generation that another followed.
        Whatever `quorum` raises.
        """
        quorum(signed, signatures)
        if files.rules != signed.rules:
            raise Refused("refused.root_files", "root: not signed with these files")
        if signed.valid_until < self.now:
            raise Refused(
                "refused.root_expired", f"root: valid until {signed.valid_until}, which has passed"
            )
        row = RootRow(
            attestor_set=hex32(signed.attestor_set),
            root=hex32(signed.root),
            generation=signed.generation,
            first_day=signed.first_day,
            last_day=signed.last_day,
            valid_until=str(signed.valid_until),
            feed=hex32(signed.feed),
            files=json.dumps(files.as_json()),
            revoked=False,
            registered_at=self.now,
        )
        with self._writing() as session:
            known = session.get(RootRow, (row.attestor_set, row.root))
            _require_live(session, row)
            if known is None:
                _require_newest(session, row)
                session.add(row)
            elif known.revoked:
                raise Refused("refused.root_revoked", "root: it has been revoked")
            elif _signed(known) != signed and not _ended(session, known):
                raise Refused("refused.root_exists", "root: known with other fields")
            else:
                session.merge(row)

    def revoke_root(self, attestor_set: bytes, root: int) -> None:
        """
        No new credential may rest on it, from the next transaction on. Refused (`unknown.root`) if
        not known.
        """
        with self._writing() as session:
            known = session.get(RootRow, (hex32(attestor_set), hex32(root)))
            if known is None:
                raise Refused("unknown.root", "root: not known")
            known.revoked = True

    def end_generation(self, attestor_set: bytes, generation: int) -> None:
        """
        No new credential may rest on a root that this generation of a set signed, from the next
        transaction on; the next generation may sign the same roots again.
        """
        with self._writing() as session:
            session.merge(
                EndedGenerationRow(attestor_set=hex32(attestor_set), generation=generation)
            )

    # -- reading -----------------------------------------------------------------------------------
    def policies(self) -> list[tuple[Policy, list[Place]]]:
        """All policies with their deployments, oldest first."""
        with self._reading() as session:
            rows = session.scalars(
                select(PolicyRow).order_by(PolicyRow.registered_at, PolicyRow.policy_id)
            ).all()
            places = session.scalars(
                select(DeploymentRow).order_by(
                    DeploymentRow.chain_id, DeploymentRow.registry_address
                )
            ).all()
            return [
                (
                    Policy.parse(row.document.encode()),
                    [_place(p) for p in places if p.policy_id == row.policy_id],
                )
                for row in rows
            ]

    def policy(self, policy_id: bytes) -> Policy:
        """Refused (`unknown.policy`) if not registered."""
        with self._reading() as session:
            row = session.get(PolicyRow, hex32(policy_id))
            if row is None:
                raise Refused("unknown.policy", "policy: not registered here")
            return Policy.parse(row.document.encode())

    def deployment(self, policy_id: bytes, chain_id: int, registry: str) -> Place:
        """
        A place of a policy; Refused (`unknown.deployment`) if credentials for
        it do not count here. `registry` is a lower-case address.
        """
        with self._reading() as session:
            row = session.get(DeploymentRow, _deployment_id(hex32(policy_id), chain_id, registry))
            if row is None:
                raise Refused(
                    "unknown.deployment", "chain_id and registry: not registered for this policy"
                )
            return _place(row)

    def keys(self) -> list[tuple[str, dict[str, Any]]]:
        """(digest as hex, document) of all keys, smallest class first."""
        with self._reading() as session:
            rows = session.scalars(select(KeyRow).order_by(KeyRow.size, KeyRow.digest)).all()
            return [(row.digest, json.loads(row.document)) for row in rows]

    def require_root(self, policy: Policy, root: int) -> Root:
        """
        What was signed with a root on which new credentials of a policy may rest now.

        Raises
        ------
        Refused
            `unknown.root` (not signed by the policy's set, or for another window),
            `refused.root_expired`, `refused.root_revoked`, `refused.generation_ended`,
            `refused.rules`.
        """
        with self._reading() as session:
            return _require_root(session, policy, root, self.now)

    def credential(self, nullifier: int) -> Credential | None:
        """The accepted credential of a nullifier, if any."""
        with self._reading() as session:
            row = session.get(CredentialRow, hex32(nullifier))
            return None if row is None else _credential(row)

    def ping(self) -> dict[str, int]:
        """Counts of policies, keys and credentials; Unavailable if the database does not answer."""
        with self._reading() as session:
            tables = {"policies": PolicyRow, "keys": KeyRow, "credentials": CredentialRow}
            return {
                name: session.scalar(select(func.count()).select_from(t)) or 0
                for name, t in tables.items()
            }

    # -- writing -----------------------------------------------------------------------------------
    def accept(self, policy: Policy, credential: Credential) -> Credential:
        """
        Record a proof that was just verified: verdict and holder in one row, in one transaction.

        A nullifier is held by the account that came first. The same account may come again with a
        later window, which takes the place of what was accepted before.

        Parameters
        ----------
        policy : of `credential`.
        credential : `accepted_at` is set here.

        Raises
        ------
        Refused
            `refused.nullifier_used` for another account, or a window that ends no later; also,
            where it changed since the request came in, the codes of `require_root`. Then nothing is
            written.
        Unavailable
            `unavailable.database`: nothing is written; the client may try again.
        """
        accepted = replace(credential, accepted_at=self.now)
        try:
            self._hold(policy, accepted)
        except IntegrityError as error:
            raise Unavailable(
                "unavailable.database", "the credential could not be recorded"
            ) from error
        except OperationalError as error:
            raise _unavailable(error) from error
        return accepted

    def _hold(self, policy: Policy, accepted: Credential) -> None:
        """A row of its own, or the row of the same account with a later window."""
        try:
            self._record(policy, accepted, insert(CredentialRow))
        except IntegrityError:
            if self.credential(accepted.nullifier) is None:
                raise
            if not self._record(policy, accepted, _renewal(accepted)):
                raise nullifier_used() from None

    def _record(self, policy: Policy, accepted: Credential, write: Insert | Update) -> bool:
        """One statement in one transaction with what the verdict rests on; whether it wrote."""
        with Session(self._engine) as session, session.begin():
            # The write first: it takes the write lock, so what is read after it cannot change
            # before the commit.
            done: Any = session.execute(write.values(_columns(accepted)))
            _require_root(session, policy, accepted.root, self.now)
            return bool(done.rowcount)

    def _reading(self) -> Session:
        return Session(self._engine)

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        """
        A transaction whose reads cannot change before it commits (attack H2): SQLite would lock at
        its first write only.
        """
        with Session(self._engine) as session, session.begin():
            if self._engine.dialect.name == "sqlite":
                session.execute(text("BEGIN IMMEDIATE"))
            yield session


def nullifier_used() -> Refused:
    """The refusal of what follows no accepted credential, for the caller to raise."""
    return Refused(
        "refused.nullifier_used",
        "nullifier: accepted before in this series, for another account or a window as late",
    )


def _engine(database_url: str) -> Engine:
    try:
        url = make_url(database_url)
        engine = (
            create_engine(url, pool_size=16, max_overflow=32)
            if _is_file(database_url)
            else create_engine(url)
        )
    except (SQLAlchemyError, ImportError, TypeError) as error:
        raise Refused(
            "refused.config", f"database_url: {type(error).__name__}; give a SQLAlchemy URL"
        ) from error
    if url.get_backend_name() == "sqlite":
        if _is_file(database_url) and url.database:
            make_folder(Path(url.database).parent)
        event.listen(engine, "connect", _sqlite_pragmas)
    return engine


def _is_file(database_url: str) -> bool:
    return database_url.startswith("sqlite:///") and database_url not in (
        "sqlite:///",
        "sqlite:///:memory:",
    )


def _sqlite_pragmas(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=15000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _unavailable(error: SQLAlchemyError) -> Unavailable:
    return Unavailable(
        "unavailable.database", f"database: {type(error).__name__}; nothing was recorded"
    )


def _deployment_id(policy_id: str, chain_id: int, registry: str) -> tuple[str, str, str]:
    return policy_id, str(chain_id), registry


def _deployment_row(policy_id: str, deployment: Place) -> DeploymentRow:
    return DeploymentRow(
        policy_id=policy_id,
        chain_id=str(deployment.chain_id),
        registry_address=deployment.registry,
    )


def _place(row: DeploymentRow | CredentialRow) -> Place:
    return Place(int(row.chain_id), row.registry_address)


def _signed(row: RootRow) -> Root:
    return Root(
        int(row.root, 16),
        bytes.fromhex(row.attestor_set[2:]),
        row.generation,
        row.first_day,
        row.last_day,
        int(row.valid_until),
        int(row.feed, 16),
        _files(row).rules,
    )


def _ended(session: Session, row: RootRow) -> bool:
    """Whether the generation that signed a root has ended."""
    return session.get(EndedGenerationRow, (row.attestor_set, row.generation)) is not None


def _require_live(session: Session, row: RootRow) -> None:
    if _ended(session, row):
        raise Refused(
            "refused.generation_ended",
            f"root: generation {row.generation} of the attestor set has ended",
        )


def _require_newest(session: Session, row: RootRow) -> None:
    """A generation signs nothing new once a root of a later one is known."""
    newest = session.scalar(
        select(func.max(RootRow.generation)).where(RootRow.attestor_set == row.attestor_set)
    )
    if newest is not None and row.generation < newest:
        raise Refused(
            "refused.generation",
            f"root: signed by generation {row.generation} of the attestor set, which "
            f"generation {newest} has followed",
        )


def _files(row: RootRow) -> RuleFiles:
    return RuleFiles.parse(json.loads(row.files), "root.files")


def _require_root(session: Session, policy: Policy, root: int, now: int) -> Root:
    row = session.get(RootRow, (hex32(policy.attestor_set), hex32(root)), populate_existing=True)
    if row is None or (row.first_day, row.last_day) != (policy.first_day, policy.last_day):
        raise Refused(
            "unknown.root", "root: not signed by the policy's attestors for the policy's window"
        )
    if row.revoked:
        raise Refused("refused.root_revoked", "root: it has been revoked")
    _require_live(session, row)
    if int(row.valid_until) < now:
        raise Refused("refused.root_expired", f"root: it was valid until {row.valid_until}")
    if not policy.accepts(_files(row), int(row.feed, 16)):
        raise Refused(
            "refused.rules", "root: made by other margin documents or feed than the policy accepts"
        )
    return _signed(row)


def _renewal(credential: Credential) -> Update:
    """Changes the row that the credential follows, and none if there is none such."""
    return update(CredentialRow).where(
        CredentialRow.nullifier == hex32(credential.nullifier),
        CredentialRow.account == hex20(credential.account),
        CredentialRow.last_day < credential.last_day,
    )


def _columns(credential: Credential) -> dict[str, Any]:
    return {
        "nullifier": hex32(credential.nullifier),
        "scope": hex32(credential.scope),
        "policy_id": hex32(credential.policy_id),
        "tier": credential.tier,
        "account": hex20(credential.account),
        "last_day": credential.last_day,
        "attestor_set": hex32(credential.attestor_set),
        "root": hex32(credential.root),
        "key_digest": hex32(credential.key_digest),
        "chain_id": str(credential.place.chain_id),
        "registry_address": credential.place.registry,
        "accepted_at": credential.accepted_at,
    }


def _credential(row: CredentialRow) -> Credential:
    return Credential(
        nullifier=int(row.nullifier, 16),
        scope=int(row.scope, 16),
        policy_id=bytes.fromhex(row.policy_id[2:]),
        tier=row.tier,
        account=int(row.account, 16),
        last_day=row.last_day,
        attestor_set=bytes.fromhex(row.attestor_set[2:]),
        root=int(row.root, 16),
        key_digest=bytes.fromhex(row.key_digest[2:]),
        place=_place(row),
        accepted_at=row.accepted_at,
    )
