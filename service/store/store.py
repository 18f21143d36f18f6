"""
What the service knows and what it has accepted (docs/reference/interfaces.md 3.3), each method a
transaction of its own. What they do is in a module a subject: `policies`, `keys`, `roots`,
`credentials`.

The one rule: a credential is accepted by writing its row, in one transaction with whatever the
verdict rests on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import func, select

from policies.place import Place
from policies.policy import Policy
from policies.rule_files import NO_FILES, RuleFiles
from policies.signed_root import Root, RootDomain
from service.operations import metrics
from service.operations.restored import require_released
from service.store import credentials, keys, policies, roots
from service.store.credentials import Also, Credential, nothing_else
from service.store.database import Database
from service.store.keys import Key
from service.store.roots import CheckQuorum
from service.store.schema import migrate
from service.store.tables import CredentialRow, KeyRow, PolicyRow


class Store:
    """
    Parameters
    ----------
    database_url : as `Database` takes it; brought to the newest version (`schema.migrate`).
    clock : seconds since 1970; tests set their own.

    Attributes
    ----------
    database : for whoever writes more in one transaction
    """

    def __init__(self, database_url: str, *, clock: Callable[[], float] = time.time) -> None:
        self.database = Database(database_url, clock)
        metrics.watch(self.database.engine)
        migrate(self.database)

    def close(self) -> None:
        """Give back the connections to the database."""
        self.database.close()

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
        self.database.transact(
            lambda session: policies.register(session, policy, deployments, self.database.now)
        )

    def register_key(self, key: Key, *, allow_setup: str | None = None) -> None:
        """
        Add a verifying key; Refused (`refused.key_setup`) for one of a setup that is neither a
        known ceremony's nor `allow_setup` (`verifier.ceremonies.why_not`).
        """
        keys.check_setup(key, allow_setup)
        self.database.transact(lambda session: keys.register(session, key, self.database.now))

    def register_root(
        self,
        signed: Root,
        signatures: Sequence[bytes],
        *,
        domain: RootDomain,
        quorum: CheckQuorum,
        files: RuleFiles = NO_FILES,
    ) -> None:
        """
        Add an attestation root for the place of its domain, and the files of which it says the
        rules.

        Parameters
        ----------
        domain : that the signatures name; the root counts there and nowhere else

        Raises
        ------
        Refused
            `refused.root_files` for other files than it was signed with; `refused.root_expired`,
            `refused.root_revoked`; `refused.root_exists` for one known with other fields, unless
            the generation that signed it has ended; `refused.generation_ended`,
            `refused.generation` for one that is new, of a generation that another followed.
        Whatever `quorum` raises.
        """
        quorum(signed, domain, signatures)
        roots.check(signed, files, self.database.now)
        self.database.transact(
            lambda session: roots.register(session, signed, domain, files, self.database.now)
        )

    def revoke_root(self, attestor_set: bytes, root: int) -> None:
        """
        No new credential may rest on it, at whatever place, from the next transaction on. Refused
        (`unknown.root`) if not known.
        """
        self.database.transact(
            lambda session: roots.revoke(session, attestor_set, root, self.database.now)
        )

    def end_generation(self, attestor_set: bytes, generation: int) -> None:
        """
        No new credential may rest on a root that this generation of a set signed, from the next
        transaction on; the next generation may sign the same roots again.
        """
        self.database.transact(
            lambda session: roots.end_generation(
                session, attestor_set, generation, self.database.now
            )
        )

    # -- reading -----------------------------------------------------------------------------------
    def policies(self) -> list[tuple[Policy, list[Place]]]:
        """All policies with their deployments, oldest first."""
        with self.database.reading() as session:
            return policies.all_of(session)

    def policy(self, policy_id: bytes) -> Policy:
        """Refused (`unknown.policy`) if not registered."""
        with self.database.reading() as session:
            return policies.get(session, policy_id)

    def deployment(self, policy_id: bytes, chain_id: int, registry: str) -> Place:
        """
        A place of a policy; Refused (`unknown.deployment`) if credentials for
        it do not count here. `registry` is a lower-case address.
        """
        with self.database.reading() as session:
            return policies.deployment(session, policy_id, chain_id, registry)

    def keys(self) -> list[tuple[str, dict[str, Any]]]:
        """(digest as hex, document) of all keys, smallest class first."""
        with self.database.reading() as session:
            return keys.all_of(session)

    def require_root(self, policy: Policy, place: Place, root: int) -> Root:
        """
        What was signed with a root on which new credentials of a policy may rest now, at a place.

        Raises
        ------
        Refused
            `unknown.root` (not signed by the policy's set, for another window or another place),
            `refused.root_expired`, `refused.root_revoked`, `refused.generation_ended`,
            `refused.rules`.
        """
        with self.database.reading() as session:
            return roots.require(session, policy, place, root, self.database.now)

    def credential(self, nullifier: int) -> Credential | None:
        """The accepted credential of a nullifier, if any."""
        with self.database.reading() as session:
            return credentials.get(session, nullifier)

    def verdict(self, digest: bytes) -> Credential | None:
        """What was accepted when the credential file of this digest came first, if it was."""
        with self.database.reading() as session:
            return credentials.verdict(session, digest)

    def ping(self) -> dict[str, int]:
        """Counts of policies, keys and credentials; Unavailable if the database does not answer."""
        tables = {"policies": PolicyRow, "keys": KeyRow, "credentials": CredentialRow}
        with self.database.reading() as session:
            return {
                name: session.scalar(select(func.count()).select_from(table)) or 0
                for name, table in tables.items()
            }

    def require_released(self) -> None:
        """Unavailable (`unavailable.restored`) after a restore (`service.operations.restored`)."""
        with self.database.reading() as session:
            require_released(session)

    # -- writing -----------------------------------------------------------------------------------
    def accept(
        self, policy: Policy, credential: Credential, also: Also = nothing_else
    ) -> Credential:
        """
        Record a proof that was just verified: verdict and holder in one row, in one transaction
        with its entry of the audit log.

        A nullifier is held by the account that came first. The same account may come again with a
        later window, which takes the place of what was accepted before.

        Parameters
        ----------
        policy : of `credential`.
        credential : `accepted_at` is set here.
        also : what is written with it, in the same transaction

        Raises
        ------
        Refused
            `refused.nullifier_used` for another account, or a window that ends no later; also,
            where it changed since the request came in, the codes of `require_root`. Then nothing is
            written.
        Unavailable
            `unavailable.database`: nothing is acknowledged; the client may try again.
        """
        return self.database.transact(
            lambda session: credentials.accept(session, policy, credential, self.database.now, also)
        )

    def reject(self, credential: Credential, code: str) -> None:
        """
        Enter a proof that does not hold into the audit log; nobody is held to it. Raises as
        `accept`, but for the refusals.

        Parameters
        ----------
        credential : as it was claimed
        code : of the verifier's refusal
        """
        self.database.transact(
            lambda session: credentials.reject(session, credential, code, self.database.now)
        )
