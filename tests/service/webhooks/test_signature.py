"""Signatures: the standard's own vector, and what a receiver takes and refuses."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from algebra.errors import Malformed, Rejected
from service.webhooks import signature
from service.webhooks.events import Event, GrantExpiring, MoveAnnounced
from service.webhooks.signature import Secret, authenticate, headers_of
from tests.service.webhooks.hook_world import NOW, accepted
from tierproof import webhooks

# The vector that the libraries of Standard Webhooks share (their tests "sign function works").
VECTOR_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
VECTOR_ID, VECTOR_TIME = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330
VECTOR_BODY = b'{"test": 2432232314}'
VECTOR_SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
WRONG = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="

SECRET, OTHER = Secret(b"\x01" * 32), Secret(b"\x02" * 32)


def vector_headers(signed: str = VECTOR_SIGNATURE, **change: str) -> dict[str, str]:
    return {"webhook-id": VECTOR_ID, "webhook-timestamp": str(VECTOR_TIME),
            "webhook-signature": signed, **change}  # fmt: skip


def checks(headers: Mapping[str, str], body: bytes = VECTOR_BODY, now: float = VECTOR_TIME) -> Any:
    return authenticate(headers, body, [Secret.parse(VECTOR_SECRET)], now=now)


def test_the_vector_of_the_standard() -> None:
    secret = Secret.parse(VECTOR_SECRET)
    assert secret.sign(VECTOR_ID, VECTOR_TIME, VECTOR_BODY) == VECTOR_SIGNATURE
    assert checks(vector_headers()) == (VECTOR_ID, VECTOR_TIME)


def test_one_of_several_signatures_is_enough() -> None:
    several = f"{WRONG} v2,{WRONG[3:]} {VECTOR_SIGNATURE} {WRONG} v1a,xyz="
    assert checks(vector_headers(several)) == (VECTOR_ID, VECTOR_TIME)


@pytest.mark.parametrize(
    "signed",
    [WRONG, "v1,", VECTOR_SIGNATURE[:8], "v1,dawfeoifkpqwoekfpqoekf", VECTOR_SIGNATURE[3:],
     VECTOR_SIGNATURE.replace("v1,", "v2,"), VECTOR_SIGNATURE.replace("v1,", "v1a,"),
     VECTOR_SIGNATURE.rstrip("="), VECTOR_SIGNATURE + "="],
)  # fmt: skip
def test_a_signature_that_is_not_it(signed: str) -> None:
    with pytest.raises(Rejected) as caught:
        checks(vector_headers(signed))
    assert caught.value.code == "rejected.webhook_signature"


@pytest.mark.parametrize("drift", [-300, 300, 299.9])
def test_clocks_five_minutes_apart(drift: float) -> None:
    assert checks(vector_headers(), now=VECTOR_TIME + drift)


@pytest.mark.parametrize("drift", [-301, 301, -300.5, 10**9])
def test_clocks_further_apart(drift: float) -> None:
    with pytest.raises(Rejected) as caught:
        checks(vector_headers(), now=VECTOR_TIME + drift)
    assert caught.value.code == "rejected.webhook_time"


@pytest.mark.parametrize(
    "change",
    [{"webhook-id": "other"}, {"webhook-timestamp": str(VECTOR_TIME + 1)}],
)
def test_what_is_signed_cannot_be_changed(change: dict[str, str]) -> None:
    with pytest.raises(Rejected):
        checks({**vector_headers(), **change})
    with pytest.raises(Rejected):
        checks(vector_headers(), VECTOR_BODY + b" ")


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@pytest.mark.parametrize("value", [None, "", " ", "a.b", "hello world é", "\x00", "9" * 5000])
def test_headers_of_another_form(name: str, value: str | None) -> None:
    headers = vector_headers()
    if value is None:
        del headers[name]
    else:
        headers[name] = value
    with pytest.raises((Malformed, Rejected)) as caught:
        checks(headers)
    if value is None or name != "webhook-signature":
        assert caught.value.code == "malformed.webhook"


@pytest.mark.parametrize("stated", ["+1614265330", "01614265330", "1614265330.0", "-1", "١٦١٤"])
def test_times_of_another_form(stated: str) -> None:
    with pytest.raises(Malformed):
        checks(vector_headers(**{"webhook-timestamp": stated}))


def test_names_of_headers_in_any_case_and_once() -> None:
    headers = {name.title(): value for name, value in vector_headers().items()}
    assert checks(headers)
    with pytest.raises(Malformed):
        checks({**headers, "webhook-id": VECTOR_ID})


def test_no_secret_takes_nothing() -> None:
    with pytest.raises(Rejected):
        authenticate(vector_headers(), VECTOR_BODY, [], now=VECTOR_TIME)


# -- secrets ---------------------------------------------------------------------------------------
@given(st.binary(min_size=24, max_size=64))
def test_secrets_have_one_spelling(key: bytes) -> None:
    text = Secret(key).text()
    assert text.startswith("whsec_") and Secret.parse(text).key == key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "whsec_",
        VECTOR_SECRET[6:],
        "whsec_" + VECTOR_SECRET,
        "whsec_" + base64.b64encode(bytes(23)).decode(),
        "whsec_" + base64.b64encode(bytes(65)).decode(),
        VECTOR_SECRET + "\n",
        VECTOR_SECRET[:-2] + "-_",
        "whsk_" + VECTOR_SECRET[6:],
        "whsec_é",
    ],
)
def test_no_secrets(text: str) -> None:
    with pytest.raises(Malformed) as caught:
        Secret.parse(text)
    assert caught.value.code == "malformed.webhook_secret"
    assert len(text) < 10 or text[6:] not in str(caught.value)


def test_a_secret_is_in_no_text() -> None:
    secret = Secret.fresh()
    assert len(secret.key) == 32 and secret != Secret.fresh()
    for shown in (repr(secret), str(secret), f"{secret}", repr([secret])):
        assert secret.text()[6:] not in shown and secret.key.hex() not in shown


# -- what a receiver reads -------------------------------------------------------------------------
def received(event: Event, *secrets: Secret, keys: tuple[Secret, ...] = (SECRET,)) -> Any:
    headers = headers_of(event.id, NOW, event.body(), secrets or (SECRET,))
    return webhooks.verify(headers, event.body(), [k.text() for k in keys], now=NOW)


def test_a_receiver_reads_an_event() -> None:
    event = accepted(7)
    found = received(event)
    assert (found.id, found.kind, found.time) == (
        event.id,
        "credential.accepted",
        "2023-11-14T22:13:20Z",
    )
    assert found.data == event.data.model_dump() and set(found.data) == {
        "nullifier", "series", "policy_id", "tier",
    }  # fmt: skip


def test_while_a_secret_is_changed_either_does() -> None:
    for key in (SECRET, OTHER):
        assert received(accepted(), OTHER, SECRET, keys=(key,)).kind == "credential.accepted"
    assert received(accepted(), OTHER, keys=(SECRET, OTHER))
    with pytest.raises(Rejected):
        received(accepted(), OTHER, keys=(SECRET,))


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"null", b"\xff", VECTOR_BODY, b"[" * 5000,
     b'{"id":"evt_1","type":"x","timestamp":"t","data":{},"more":1}',
     b'{"id":"evt_2","type":"x","timestamp":"t","data":{}}',
     b'{"id":"evt_1","type":1,"timestamp":"t","data":{}}',
     b'{"id":"evt_1","type":"x","timestamp":"t","data":[]}',
     b'{"id":"evt_1","id":"evt_1","type":"x","timestamp":"t","data":{}}',
     b'{"id":"evt_1","type":"x","timestamp":"t","data":{"a":"' + b"x" * (1 << 16) + b'"}}'],
)  # fmt: skip
def test_signed_and_no_event(body: bytes) -> None:
    headers = headers_of("evt_1", NOW, body, [SECRET])
    with pytest.raises(Malformed) as caught:
        webhooks.verify(headers, body, [SECRET.text()], now=NOW)
    assert caught.value.code == "malformed.webhook"


def test_the_clock_is_this_machine_s() -> None:
    event, now = accepted(), int(time.time())
    body = event.body()
    assert webhooks.verify(headers_of(event.id, now, body, [SECRET]), body, [SECRET.text()])
    with pytest.raises(Rejected):
        webhooks.verify(headers_of(event.id, NOW, body, [SECRET]), body, [SECRET.text()])


def test_every_pair_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """In constant time: however early one is right."""
    compared: list[bool] = []
    honest = signature.hmac.compare_digest

    def counted(one: bytes, other: bytes) -> bool:
        compared.append(honest(one, other))
        return compared[-1]

    monkeypatch.setattr(signature.hmac, "compare_digest", counted)
    several = f"{VECTOR_SIGNATURE} {WRONG} {WRONG}"
    keys = [Secret.parse(VECTOR_SECRET), SECRET]
    authenticate(vector_headers(several), VECTOR_BODY, keys, now=VECTOR_TIME)
    assert compared == [True, False, False, False, False, False]


# -- events ----------------------------------------------------------------------------------------
def test_an_id_says_what_is_told() -> None:
    assert accepted(1).id == accepted(1).id != accepted(2).id
    assert accepted(1).id != accepted(1, NOW + 1).id
    word = f"0x{5:064x}"
    ends = GrantExpiring(nullifier=word, series=word, policy_id=word, expires_at=NOW)
    assert Event(1, ends).id == Event(2, ends).id  # once, whenever it is found
    assert Event(1, MoveAnnounced(nullifier=word, series=word, contest_until=9)).id.startswith(
        "evt_"
    )


def test_no_body_has_an_account() -> None:
    from service.webhooks import events

    for kind in (*events.TOLD, events.Test):
        assert not {"account", "from", "holder", "address"} & set(kind.model_fields)
    assert b"account" not in accepted().body()
