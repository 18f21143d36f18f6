"""Forgeries of what brings claims to a registry: onboarding requests, and a batch of claims."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from attacks.kit_prover.desk import CHAIN_ID, POLICY, REGISTRY, body, honest, place, service
from attacks.kit_prover.judging import CRASH, Forgery, stops
from attacks.kit_prover.mutants import Attempt, Verifier
from support.loopback import loopback_client

from algebra.errors import Malformed, Refused, Rejected
from service.relayer.relaying import Relaying
from service.relayer.requests import Onboardings

TERMS = ("initial_margin_bp", "maintenance_margin_bp", "taker_fee", "maker_fee", "max_leverage",
         "limit")  # fmt: skip
JSON = "application/json"
Where = Callable[[Verifier], Any]


def request() -> bytes:
    """The desk's credential with a consent of the right form."""
    credential = json.loads(body())
    terms = POLICY.tiers[honest().fields["tier"]].terms
    consent = {
        "format": "tierproof/grant-consent", "version": 1,
        "domain": {"chain_id": CHAIN_ID, "registry": REGISTRY},
        "account": credential["account"], "holder": "0x" + "00" * 20,
        "series": "0x" + POLICY.series.id.hex(), "nullifier": credential["nullifier"],
        "terms": {name: getattr(terms, name) for name in TERMS},
        "least_last_day": 0, "deadline": 1 << 32, "signature": "0x" + "5a" * 65,
    }  # fmt: skip
    return json.dumps({"credential": credential, "consent": consent}).encode()


def asks_for(where: Where | None = place, media: str = JSON) -> Attempt:
    """A request to a service whose relayer brings claims to `where`; None: it has none."""

    def attempt(m: Verifier) -> None:
        with service(m) as app:
            if where is not None:
                database = app.state.service.store.database
                app.state.relayer = Relaying(where(m), Onboardings(database))
            sent = {"content": request(), "headers": {"content-type": media}}
            answer = loopback_client(app).post("/v1/onboardings", **sent)
        if answer.status_code != 202:
            kind = {400: Malformed, 422: Rejected}.get(answer.status_code, Refused)
            raise kind(answer.json()["code"], answer.json()["detail"])

    return attempt


def elsewhere(m: Verifier) -> Any:
    """Another registry than the request names."""
    return type(place(m))(CHAIN_ID, "0x" + "99" * 20)


def starves(m: Verifier) -> None:
    """A batch by an estimate with which one of two claims has too little gas."""
    client = SimpleNamespace(
        calls=SimpleNamespace(onboard_batch=lambda given: None),
        chain=SimpleNamespace(
            under_way=lambda *_: False, draft=lambda *_: {}, gas_limit=lambda draft: 21_000
        ),
        counted=lambda given, *, sender, gas=None: [True, gas is None],
        onboard_batch=lambda *_, **__: [],
    )
    m.onchain.onboard_batch(client, [None, None], relayer="0x1")


_routes = "service.api.onboardings."
ONBOARDINGS: dict[str, Forgery] = {
    f"{_routes}_relaying: relaying is None": stops(asks_for(None), expect=CRASH),
    f"{_routes}ask: at != relaying.place": stops(asks_for(elsewhere)),
    "tierproof.onchain.onboard_batch: "
    "client.counted(onboardings, sender=relayer, gas=gas) != counted": stops(starves),
}
