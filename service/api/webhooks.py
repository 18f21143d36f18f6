"""`/v1/webhooks`: the addresses that are told what happens, for an operator."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from algebra.errors import Malformed
from service.api.access import requires
from service.api.answers import answers, takes
from service.api.models import Described, example
from service.api.request import body_of, json_value
from service.webhooks.endpoints import OLD_SECRET_SECONDS, Delivery, Endpoint, Endpoints
from service.webhooks.events import KINDS
from service.webhooks.outbox import emit_test
from service.webhooks.running import Webhooks

router = APIRouter(prefix="/webhooks", dependencies=[requires("webhooks")])
MOST, USUAL = 100, 50
_ID, _PLACE = re.compile(r"ep_[0-9a-f]{32}", re.ASCII), re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
_EXAMPLE_ID, _EXAMPLE_URL = "ep_" + "5e" * 16, "https://hooks.example/tierproof"
_EXAMPLE = {
    "id": _EXAMPLE_ID, "url": _EXAMPLE_URL, "kinds": ["move.announced"], "state": "active",
    "created_at": 1_767_225_600, "failing_since": None, "old_secret_until": None,
}  # fmt: skip
_EXAMPLE_DELIVERY = {
    "place": 7, "event_id": "evt_" + "0a" * 16, "kind": "move.announced", "state": "waiting",
    "tries": 2, "answer": "503", "due_at": 1_767_226_000, "changed_at": 1_767_225_700,
}  # fmt: skip
Model = TypeVar("Model", bound=BaseModel)
Result = TypeVar("Result")


class NewWebhook(Described):
    """An address to tell."""

    url: str = Field(description="https, on the internet", max_length=1024)
    kinds: list[str] = Field(default=[], description=f"of events: {', '.join(KINDS)}; none: all")
    model_config = ConfigDict(
        **example({"url": _EXAMPLE_URL, "kinds": ["move.announced"]}), strict=True
    )


class Rotation(Described):
    """How a secret is changed."""

    keep_seconds: int = Field(
        default=OLD_SECRET_SECONDS, description="for which the old secret signs too, 0 to 7 days"
    )
    model_config = ConfigDict(**example({"keep_seconds": 3600}), strict=True)


class WebhookModel(Described):
    """An address that is told, without its secret."""

    id: str = Field(description="of the address")
    url: str = Field(description="where events are sent")
    kinds: list[str] = Field(description="of events that it asked for; empty: all")
    state: str = Field(
        description="active; disabled by an operator; failing: off after days without a success; "
        "gone: it answered 410"
    )
    created_at: int = Field(description="seconds since 1970")
    failing_since: int | None = Field(description="first failure since the last success")
    old_secret_until: int | None = Field(description="until when the secret before signs too")
    model_config = example(_EXAMPLE)


class WebhookSecret(Described):
    """An address and its secret, which is shown this once."""

    webhook: WebhookModel = Field(description="the address")
    secret: str = Field(description="whsec_ and Base64; keep it where the receiver reads it")
    model_config = example({"webhook": _EXAMPLE, "secret": "whsec_" + "A" * 43 + "="})


class WebhookPage(Described):
    """A page of addresses, by id."""

    webhooks: list[WebhookModel] = Field(description="the addresses")
    next: str | None = Field(description="cursor of the page after this; none after the last")
    model_config = example({"webhooks": [_EXAMPLE], "next": None})


class DeliveryModel(Described):
    """What became of an event at an address."""

    place: int = Field(description="grows with each")
    event_id: str = Field(description="the webhook-id that is sent")
    kind: str = Field(description="of the event")
    state: str = Field(description="waiting, delivered, given_up")
    tries: int = Field(description="that were begun")
    answer: str | None = Field(
        description="the last: a status, or connect, tls, timeout, resolve, answer, or a code"
    )
    due_at: int | None = Field(description="next try of one that waits, seconds since 1970")
    changed_at: int = Field(description="seconds since 1970")
    model_config = example(_EXAMPLE_DELIVERY)


class DeliveryPage(Described):
    """A page of deliveries, newest first."""

    deliveries: list[DeliveryModel] = Field(description="what was sent, or is to be")
    next: str | None = Field(description="cursor of the page after this; none after the last")
    model_config = example({"deliveries": [_EXAMPLE_DELIVERY], "next": None})


class Tested(Described):
    """A test event that is on its way."""

    event_id: str = Field(description="the webhook-id that is sent")
    model_config = example({"event_id": "evt_" + "0a" * 16})


async def webhooks_of(request: Request) -> Webhooks:
    """The webhooks of the application that answers."""
    webhooks: Webhooks = request.app.state.webhooks
    return webhooks


Shared = Annotated[Webhooks, Depends(webhooks_of)]
Limit = Annotated[int, Query(ge=1, le=MOST, description="rows at most")]
Cursor = Annotated[str | None, Query(max_length=64, description="`next` of the page before")]


@router.post(
    "",
    status_code=201,
    responses=answers(
        "malformed.webhook_url", "malformed.webhook_kind", "malformed.request", "malformed.json",
        "refused.media_type", "refused.webhook_address", "refused.webhook_port",
        "refused.webhook_count", "refused.webhooks",
    ),
    openapi_extra=takes("webhook", "The address, and what it is told."),
)  # fmt: skip
async def add(request: Request, webhooks: Shared) -> WebhookSecret:
    """Tell an address from now on. Its secret is in this answer and in no other."""
    body, sealer, now = await _body(request, NewWebhook), webhooks.sealer, webhooks.database.now
    made, secret = await _writing(
        webhooks, lambda known: known.add(body.url, body.kinds, webhooks.settings, sealer, now)
    )
    return WebhookSecret(webhook=_model(made), secret=secret.text())


@router.get("", responses=answers("malformed.request"))
async def listed(webhooks: Shared, limit: Limit = USUAL, cursor: Cursor = None) -> WebhookPage:
    """The addresses that are told, by id."""
    after = _cursor(cursor, _ID) or ""
    found = await _reading(webhooks, lambda known: known.page(after, limit + 1))
    last = found[limit - 1].id if len(found) > limit else None
    return WebhookPage(webhooks=[_model(each) for each in found[:limit]], next=last)


@router.get("/{webhook_id}", responses=answers("unknown.webhook"))
async def one(webhook_id: str, webhooks: Shared) -> WebhookModel:
    """One address, and whether it is told."""
    return _model(await _reading(webhooks, lambda known: known.get(webhook_id)))


@router.delete("/{webhook_id}", status_code=204, responses=answers("unknown.webhook"))
async def remove(webhook_id: str, webhooks: Shared) -> Response:
    """Forget an address and what was sent to it."""
    await _writing(webhooks, lambda known: known.remove(webhook_id))
    return Response(status_code=204)


@router.post(
    "/{webhook_id}/rotate",
    responses=answers(
        "unknown.webhook", "malformed.webhook_keep", "malformed.request", "malformed.json",
        "refused.media_type", "refused.webhooks",
    ),
    openapi_extra=takes("rotation", "How long the secret before signs too."),
)  # fmt: skip
async def rotate(webhook_id: str, request: Request, webhooks: Shared) -> WebhookSecret:
    """Change the secret; the one before signs too for a while. The new one is shown this once."""
    keep, sealer = (await _body(request, Rotation)).keep_seconds, webhooks.sealer
    now = webhooks.database.now
    made, secret = await _writing(
        webhooks, lambda known: known.rotate(webhook_id, sealer, now, keep=keep)
    )
    return WebhookSecret(webhook=_model(made), secret=secret.text())


@router.post("/{webhook_id}/disable", responses=answers("unknown.webhook"))
async def disable(webhook_id: str, webhooks: Shared) -> WebhookModel:
    """Tell an address nothing; what waits for it is given up."""
    now = webhooks.database.now
    return _model(await _writing(webhooks, lambda known: known.disable(webhook_id, now)))


@router.post("/{webhook_id}/enable", responses=answers("unknown.webhook"))
async def enable(webhook_id: str, webhooks: Shared) -> WebhookModel:
    """Tell an address that was switched off what happens from now on."""
    return _model(await _writing(webhooks, lambda known: known.enable(webhook_id)))


@router.post(
    "/{webhook_id}/test",
    status_code=202,
    responses=answers("unknown.webhook", "refused.webhook_off", "refused.webhooks"),
)
async def test(webhook_id: str, webhooks: Shared) -> Tested:
    """Send a `webhook.test` to an address; its deliveries say what became of it."""
    _, now = webhooks.sealer, webhooks.database.now
    event = await run_in_threadpool(
        webhooks.database.transact, lambda session: emit_test(session, webhook_id, now)
    )
    return Tested(event_id=event.id)


@router.get("/{webhook_id}/deliveries", responses=answers("unknown.webhook", "malformed.request"))
async def deliveries(
    webhook_id: str, webhooks: Shared, limit: Limit = USUAL, cursor: Cursor = None
) -> DeliveryPage:
    """What was sent to an address and what became of it, newest first."""
    given = _cursor(cursor, _PLACE)
    before = None if given is None else int(given)
    found = await _reading(webhooks, lambda known: known.deliveries(webhook_id, before, limit + 1))
    last = str(found[limit - 1].place) if len(found) > limit else None
    return DeliveryPage(deliveries=[_sent(each) for each in found[:limit]], next=last)


def _model(endpoint: Endpoint) -> WebhookModel:
    return WebhookModel(**{**asdict(endpoint), "kinds": list(endpoint.kinds)})


def _sent(delivery: Delivery) -> DeliveryModel:
    return DeliveryModel(**asdict(delivery))


async def _reading(webhooks: Webhooks, act: Callable[[Endpoints], Result]) -> Result:
    def run() -> Result:
        with webhooks.database.reading() as session:
            return act(Endpoints(session))

    return await run_in_threadpool(run)


async def _writing(webhooks: Webhooks, act: Callable[[Endpoints], Result]) -> Result:
    return await run_in_threadpool(
        webhooks.database.transact, lambda session: act(Endpoints(session))
    )


async def _body(request: Request, model: type[Model]) -> Model:
    """The body as a model; values are never repeated in the message."""
    value = json_value(await body_of(request))
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        named = [str(step) for step in first["loc"] if str(step) in model.model_fields]
        part = named[0] if named else "body"
        raise Malformed("malformed.request", f"{part}: {first['msg']}", part=part) from None


def _cursor(given: str | None, form: re.Pattern[str]) -> str | None:
    if given is not None and form.fullmatch(given) is None:
        raise Malformed("malformed.request", "cursor: not one that this list gave", part="cursor")
    return given
