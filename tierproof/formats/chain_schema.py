"""JSON Schemas of what stands on chain: a deployment, a market, a consent to a grant."""

from __future__ import annotations

from policies.effective.regime import GREATEST_FACTOR, MAX_BANDS
from policies.market_rules import MOST_HEARTBEAT
from policies.rules import BASIS_POINTS, MOST_FEE, MOST_LEVERAGE
from tierproof.formats.schemas import (
    CHAIN_ID,
    SECONDS,
    Schema,
    document,
    domain,
    hexadecimal,
    listed,
    record,
    text,
    typed_address,
    whole,
)

_LINE = (1 << 24) - 1


def _terms() -> dict[str, Schema]:
    fee = "1/10^6 of notional; negative is a rebate"
    return {
        "initial_margin_bp": whole(0, BASIS_POINTS, "to open, 1/10^4 of notional"),
        "maintenance_margin_bp": whole(0, BASIS_POINTS, "to hold, 1/10^4 of notional"),
        "taker_fee": whole(-MOST_FEE, MOST_FEE, fee),
        "maker_fee": whole(-MOST_FEE, MOST_FEE, fee),
        "max_leverage": whole(0, MOST_LEVERAGE, "whole times"),
    }


def _market() -> dict[str, Schema]:
    band: dict[str, Schema] = {
        "entered": whole(0, _LINE, "from this volatility on, 1/100 point; 0 in the first"),
        "left": whole(0, _LINE, "below this one, 1/100 point; 0 in the first"),
        "factor": whole(BASIS_POINTS, GREATEST_FACTOR, "on every tier's margins, 1/10^4"),
    }
    source: dict[str, Schema] = {
        "feed": typed_address("feed of the volatility, in points"),
        "heartbeat": whole(1, MOST_HEARTBEAT, "seconds after which an answer no longer counts"),
        "sequencer": typed_address("feed of a layer's sequencer; zero without one"),
    }
    return {
        "default": record(_terms(), "what holds without a grant"),
        "bands": listed(record(band, "a band"), "the calm one first", 1, MAX_BANDS),
        "source": record(source, "where volatility is read", ("sequencer",)),
    }


def market() -> Schema:
    """What `policies.market_rules.MarketRules` reads and writes."""
    what = "What holds without a grant, and what volatility does to every tier. Public."
    return document("market", 1, what, _market(), ("source",))


def deployment() -> Schema:
    """What `contracts.client.deployment.Deployment` reads and writes."""
    library: dict[str, Schema] = {
        "name": text("of its artifact", 128),
        "address": typed_address("library contract"),
    }
    verifier: dict[str, Schema] = {
        "name": text("of its artifact", 128),
        "address": typed_address("verifier contract"),
        "key_digest": hexadecimal(32, "of the key that it was made from"),
        "srs_id": hexadecimal(32, "of the key's setup"),
    }
    birth: dict[str, Schema] = {
        "factory": typed_address("contract that made the others"),
        "deployer": typed_address("first admin of the authority"),
        "salt": hexadecimal(32, "of the authority"),
        "notice": whole(0, (1 << 32) - 1, "seconds from what loosens to its effect"),
        "market": record(_market(), "default and bands at first", ("source",)),
    }
    return document(
        "deployment",
        2,
        "Where a registry is, and what it was made of. Public.",
        {
            "chain_id": CHAIN_ID,
            "registry": typed_address("registry contract"),
            "authority": typed_address("contract that says who may call what"),
            "libraries": listed(record(library, "a library"), "of the registry", 1),
            "verifiers": listed(record(verifier, "a verifier"), "the first one first", 1),
            "birth": record(birth, "by which the addresses follow from the code"),
        },
    )


def grant_consent() -> Schema:
    """What `attestor.grant_consent_file.SignedConsent` reads and writes."""
    terms = {**_terms(), "limit": whole(0, (1 << 32) - 1, "most open notional, 1,000 USD")}
    return document(
        "grant-consent",
        1,
        "What an account agrees to, signed. For whoever sends its claim.",
        {
            "domain": domain(typed_address("registry contract")),
            "account": typed_address("gets the terms"),
            "holder": typed_address("holds the nullifier; zero at its first use"),
            "series": hexadecimal(32, "series"),
            "nullifier": hexadecimal(32, "as the credential writes it"),
            "terms": record(terms, "of the grant"),
            "least_last_day": whole(0, (1 << 32) - 1, "of the window, days since 1970"),
            "deadline": SECONDS,
            "signature": {
                "type": "string",
                "pattern": "^0x(?:[0-9a-f]{2})+$",
                "description": "of the account, or of the holder for a move",
            },
        },
    )
