"""
Tables of the service. Plain SQL types, so that another database can take SQLite's place by URL.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, ForeignKey, ForeignKeyConstraint, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from service.store.base import Base

HEX32, HEX20, WORD78 = String(66), String(42), String(78)


class PolicyRow(Base):
    """A policy document, as canonical JSON."""

    __tablename__ = "policies"
    policy_id: Mapped[str] = mapped_column(HEX32, primary_key=True)
    document: Mapped[str] = mapped_column(Text)
    registered_at: Mapped[int] = mapped_column(BigInteger)


class DeploymentRow(Base):
    """A registry for which credentials of a policy count. None: no credential counts."""

    __tablename__ = "deployments"
    policy_id: Mapped[str] = mapped_column(ForeignKey("policies.policy_id"), primary_key=True)
    chain_id: Mapped[str] = mapped_column(WORD78, primary_key=True)
    registry_address: Mapped[str] = mapped_column(HEX20, primary_key=True)


class KeyRow(Base):
    """A verifying key, as its JSON file."""

    __tablename__ = "keys"
    digest: Mapped[str] = mapped_column(HEX32, primary_key=True)
    document: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(Integer)
    registered_at: Mapped[int] = mapped_column(BigInteger)


class RootRow(Base):
    """
    An attestation root that a generation of its attestor set signed for a place; `files` are names
    and digests as JSON.
    """

    __tablename__ = "roots"
    attestor_set: Mapped[str] = mapped_column(HEX32, primary_key=True)
    root: Mapped[str] = mapped_column(HEX32, primary_key=True)
    chain_id: Mapped[str] = mapped_column(WORD78, primary_key=True)
    registry_address: Mapped[str] = mapped_column(HEX20, primary_key=True)
    generation: Mapped[int] = mapped_column(BigInteger)
    first_day: Mapped[int] = mapped_column(Integer)
    last_day: Mapped[int] = mapped_column(Integer)
    valid_until: Mapped[str] = mapped_column(WORD78)
    feed: Mapped[str] = mapped_column(HEX32)
    files: Mapped[str] = mapped_column(Text)
    revoked: Mapped[bool] = mapped_column(Boolean, default=False)
    registered_at: Mapped[int] = mapped_column(BigInteger)


class EndedGenerationRow(Base):
    """A generation of an attestor set whose roots count no more."""

    __tablename__ = "ended_generations"
    attestor_set: Mapped[str] = mapped_column(HEX32, primary_key=True)
    generation: Mapped[int] = mapped_column(BigInteger, primary_key=True)


class _Accepted:
    """What was accepted, in public words only."""

    scope: Mapped[str] = mapped_column(HEX32)
    policy_id: Mapped[str] = mapped_column(HEX32)
    tier: Mapped[int] = mapped_column(Integer)
    account: Mapped[str] = mapped_column(HEX20)
    last_day: Mapped[int] = mapped_column(Integer)
    attestor_set: Mapped[str] = mapped_column(HEX32)
    root: Mapped[str] = mapped_column(HEX32)
    chain_id: Mapped[str] = mapped_column(WORD78)
    registry_address: Mapped[str] = mapped_column(HEX20)
    accepted_at: Mapped[int] = mapped_column(BigInteger)


class CredentialRow(_Accepted, Base):
    """
    The last accepted proof of a nullifier. The row is verdict and holder in one, and its primary
    key is what makes a first acceptance happen once; a later window of the same account takes its
    place (`last_day` never falls, `account` stays).

    A nullifier is a hash of secret and scope, so it alone names the credential: no proof bytes are
    kept.
    """

    __tablename__ = "credentials"
    nullifier: Mapped[str] = mapped_column(HEX32, primary_key=True)
    digest: Mapped[str] = mapped_column(HEX32)
    key_digest: Mapped[str] = mapped_column(ForeignKey("keys.digest"))
    __table_args__ = (
        ForeignKeyConstraint(
            ["attestor_set", "root", "chain_id", "registry_address"],
            ["roots.attestor_set", "roots.root", "roots.chain_id", "roots.registry_address"],
        ),
        ForeignKeyConstraint(
            ["policy_id", "chain_id", "registry_address"],
            ["deployments.policy_id", "deployments.chain_id", "deployments.registry_address"],
        ),
    )


class VerdictRow(_Accepted, Base):
    """
    A credential file that was accepted, by its digest. It stays when a later window takes the place
    of what it says in `credentials`, so that the same file is told the same verdict.
    """

    __tablename__ = "verdicts"
    digest: Mapped[str] = mapped_column(HEX32, primary_key=True)
    nullifier: Mapped[str] = mapped_column(HEX32)
    key_digest: Mapped[str] = mapped_column(HEX32)
