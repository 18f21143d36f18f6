"""
Asking a venue: one request after the other, with patience and an end to it.

Redirects are not followed: an answer is the venue's that was asked, or none.
"""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from email.message import Message
from typing import Any

from algebra.errors import Malformed, Refused, Unavailable
from attestor.collect.folder import parse_body

TIMEOUT = 30.0
"""Seconds without a byte after which an attempt is given up."""
ATTEMPTS = 8
LONGEST_WAIT = 60.0
"""Seconds between two attempts, whatever the venue asks for."""
MAX_ANSWER = 1 << 26
_BUSY = frozenset((408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524))
_USER_AGENT = "tierproof-collect"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


class _Later(Exception):
    """An attempt that failed for now; `wait` is what the venue asks for, in seconds."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class Asker:
    """
    The interface of a venue.

    Parameters
    ----------
    url : http or https
    headers : sent with each request; they are never in an error
    sleep, clock : of the system; others in tests
    """

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
        timeout: float = TIMEOUT,
    ) -> None:
        _require_url(url)
        self._url, self._headers = url, dict(headers or {})
        self._sleep, self._clock, self._timeout = sleep, clock, timeout
        self._open = urllib.request.build_opener(_NoRedirect()).open

    def post(self, request: Mapping[str, Any], path: str = "") -> tuple[bytes, int]:
        """
        The body of the answer to a JSON request, and when it came (microseconds since 1970 UTC).

        Raises
        ------
        Unavailable
            `unavailable.venue`: no whole answer in `ATTEMPTS` attempts, or a status that asking
            again does not mend.
        Malformed
            `malformed.answer`: the answer is no JSON, or longer than `MAX_ANSWER` bytes.
        """
        call = urllib.request.Request(
            self._url + path,
            json.dumps(request).encode(),
            {"Content-Type": "application/json", "User-Agent": _USER_AGENT, **self._headers},
        )
        wait, reason = 1.0, ""
        for attempt in range(ATTEMPTS):
            if attempt:
                self._sleep(min(wait, LONGEST_WAIT))
            try:
                body = self._attempt(call)
            except _Later as later:
                reason = str(later)
                wait = max(2.0**attempt, later.wait or 0.0)
                continue
            _require_json(body)
            return body, int(self._clock() * 1_000_000)
        raise Unavailable(
            "unavailable.venue", f"{_shown(self._url)}: {reason}, {ATTEMPTS} times in a row"
        )

    def _attempt(self, call: urllib.request.Request) -> bytes:
        try:
            with self._open(call, timeout=self._timeout) as answer:
                return _whole(answer)
        except urllib.error.HTTPError as error:
            with error:
                said = error.read(200) if error.fp is not None else b""
            if error.code in _BUSY:
                raise _Later(f"status {error.code}", _seconds(error.headers)) from None
            raise Unavailable(
                "unavailable.venue",
                f"{_shown(self._url)}: status {error.code}: {said.decode('ascii', 'replace')!a}",
                status=error.code,
            ) from None
        except http.client.IncompleteRead:
            raise _Later("the answer was cut off") from None
        except (OSError, http.client.HTTPException) as error:  # URLError and time-outs among them
            reason = getattr(error, "reason", error)
            raise _Later(f"no answer ({type(reason).__name__})") from None


def _require_url(url: str) -> None:
    """Refused (`usage.url`) for what no attempt could ever reach."""
    if not url.startswith(("http://", "https://")):
        raise Refused("usage.url", f"url: {url[:80]!a} begins with neither http:// nor https://")
    try:
        parts = urllib.parse.urlsplit(url)
        reachable = bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, brackets that do not match
        reachable = False
    if not (reachable and url.isascii() and url.isprintable() and " " not in url):
        raise Refused(
            "usage.url", f"url: {_shown(url)!a}: a host, maybe a port, and ASCII alone wanted"
        )


def _whole(answer: http.client.HTTPResponse) -> bytes:
    body = answer.read(MAX_ANSWER + 1)
    if answer.length and len(body) <= MAX_ANSWER:  # what is left of the length that was promised
        raise _Later("the answer was cut off")
    if len(body) > MAX_ANSWER:
        raise Malformed("malformed.answer", f"an answer of more than {MAX_ANSWER:,} bytes")
    return body


def _seconds(headers: Message) -> float | None:
    """Retry-After where it is a number of seconds; a date would need a clock like the venue's."""
    said = headers.get("Retry-After", "").strip()
    return float(said) if said.isascii() and said.isdigit() and len(said) < 6 else None


def _require_json(body: bytes) -> None:
    try:
        parse_body(body)
    except ValueError as error:
        begin = body[:40].decode("ascii", "replace")
        raise Malformed(
            "malformed.answer", f"the venue's answer is no JSON: {error}; it begins {begin!a}"
        ) from error


def _shown(url: str) -> str:
    """Without what may stand in it to log in, or after a question mark."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2].partition('?')[0][:120]}"
