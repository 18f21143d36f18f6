"""
API keys: 256 bits from the system, shown once, kept as a hash beside a public name.

The hash is plain SHA-256: what it hides has 256 bits, which nobody searches, so that a slow hash
would only cost the service. Names are public and looked up first; the text is compared in constant
time.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from algebra.errors import Malformed, Refused
from service.access.tables import ApiKeyRow
from service.audit.entries import Entry
from service.audit.log import AuditLog

SCOPES = ("read", "verify", "onboard", "webhooks", "admin")
"""What a key may be for; none holds another."""
_KEY = re.compile(r"tpk_([0-9a-f]{16})_([0-9a-f]{64})", re.ASCII)
_NAME = re.compile(r"[ -~]{1,64}", re.ASCII)
DAY = 86_400
"""Seconds."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """
    What is known of a key; nothing in it is secret.

    Attributes
    ----------
    key_id : 16 hexadecimal digits, public
    name : for whoever looks after the keys
    scopes : of `SCOPES`
    daily : requests that change or verify something, a day in UTC; None: no quota
    created_at, expires_at, revoked_at : seconds since 1970; None: never
    last_day : on which it was used last, since 1970; None: never
    """

    key_id: str
    name: str
    scopes: tuple[str, ...]
    daily: int | None
    created_at: int
    expires_at: int | None
    revoked_at: int | None = None
    last_day: int | None = None

    def counts(self, now: int) -> bool:
        """Whether it opens anything at a moment."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


NOBODY: tuple[ApiKey | None, str] = (None, "0" * 64)
"""What stands for a key that there is not: no text has this hash."""


def key_id_of(text: str) -> str | None:
    """The public name in the text of a key; None where it has not the form of one."""
    found = _KEY.fullmatch(text)
    return None if found is None else found[1]


def create(
    session: Session,
    *,
    name: str,
    scopes: Collection[str],
    now: int,
    expires_at: int | None = None,
    daily: int | None = None,
) -> tuple[ApiKey, str]:
    """
    A new key and its text, which is nowhere else; in the caller's transaction, whose last act it
    is.

    Raises
    ------
    Malformed
        `malformed.api_key`: a name that is not 1 to 64 printable ASCII characters, no scope or one
        that there is not, an end that has passed, a quota below one.
    """
    _check(name, scopes, now, expires_at, daily)
    key_id, secret = secrets.token_hex(8), secrets.token_hex(32)
    text = f"tpk_{key_id}_{secret}"
    row = ApiKeyRow(
        key_id=key_id,
        digest=_digest(text),
        name=name,
        scopes=" ".join(scope for scope in SCOPES if scope in scopes),
        daily=daily,
        created_at=now,
        expires_at=expires_at,
    )
    session.add(row)
    made = _key(row)
    AuditLog(session).append(Entry("api-key", now, {"key_id": key_id}))
    return made, text


def revoke(session: Session, key_id: str, now: int) -> ApiKey:
    """
    A key opens nothing any more; as `create`. One that was revoked before stays as it was.

    Raises
    ------
    Refused
        `unknown.api_key`.
    """
    row = session.get(ApiKeyRow, key_id)
    if row is None:
        raise Refused("unknown.api_key", "key: the database holds none of this name")
    if row.revoked_at is None:
        row.revoked_at = now
        AuditLog(session).append(Entry("api-key-revoked", now, {"key_id": key_id}))
    return _key(row)


def listed(session: Session) -> list[ApiKey]:
    """Every key that there ever was, oldest first."""
    rows = session.scalars(select(ApiKeyRow).order_by(ApiKeyRow.created_at, ApiKeyRow.key_id))
    return [_key(row) for row in rows]


def any_key(session: Session) -> bool:
    """Whether the service asks for keys: there is one, or was."""
    return session.scalar(select(ApiKeyRow.key_id).limit(1)) is not None


def find(session: Session, key_id: str) -> tuple[ApiKey | None, str]:
    """The key of a name, with the hash of its text for `opens`."""
    row = session.get(ApiKeyRow, key_id)
    return NOBODY if row is None else (_key(row), row.digest)


def opens(text: str, digest: str) -> bool:
    """Whether a text is the one of a hash, in constant time."""
    return hmac.compare_digest(_digest(text), digest)


def used(session: Session, key_id: str, now: int) -> None:
    """Note the day of the last use, and nothing finer."""
    row = session.get(ApiKeyRow, key_id)
    if row is not None and row.last_day != now // DAY:
        row.last_day = now // DAY


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _key(row: ApiKeyRow) -> ApiKey:
    return ApiKey(
        row.key_id,
        row.name,
        tuple(row.scopes.split()),
        row.daily,
        row.created_at,
        row.expires_at,
        row.revoked_at,
        row.last_day,
    )


def _check(
    name: str, scopes: Collection[str], now: int, expires_at: int | None, daily: int | None
) -> None:
    if _NAME.fullmatch(name) is None:
        raise _malformed("name", "not 1 to 64 printable characters of ASCII")
    if not scopes or not set(scopes) <= set(SCOPES):
        raise _malformed("scope", f"one or several of {', '.join(SCOPES)} are wanted")
    if expires_at is not None and expires_at <= now:
        raise _malformed("expiry", "it has passed")
    if daily is not None and daily < 1:
        raise _malformed("daily", "less than one request a day")


def _malformed(part: str, reason: str) -> Malformed:
    return Malformed("malformed.api_key", f"{part}: {reason}", part=part)
