"""
JSON Schemas (draft 2020-12) of the files that people write or read. A schema says the form; what
one part must be beside another (an ascending set, a known tier) is the loader's to refuse.
"""

from __future__ import annotations

from typing import Any

from attestor.calendar import MAX_COUNT, MAX_LATE, MIN_LATE
from attestor.disclosure import MAX_SHOWN
from attestor.venues.registry import ADAPTERS
from history.v2.feed import CHANGE_OFFSET, MAX_WEIGHT, MIN_WEIGHT
from history.v2.metrics import METRICS
from history.v2.metrics.form import Threshold
from history.v2.metrics.score import FEATURES
from history.v2.record import MAX_DAYS
from history.v2.thresholds import MIN_DAYS
from policies.attestor_set import MAX_GENERATIONS, NAME
from policies.rule_files import MAX_FILES
from policies.rules import (
    BASIS_POINTS,
    LEAST_DAYS,
    LEAST_INITIAL_MARGIN_BP,
    LEAST_MAINTENANCE_MARGIN_BP,
    LEAST_MAX_AGE_DAYS,
    LIMIT_LIMIT,
    MOST_DAYS,
    MOST_FEE,
    MOST_LEVERAGE,
    MOST_MAINTENANCE_MARGIN_BP,
    MOST_MAINTENANCE_PERCENT,
    MOST_MAX_AGE_DAYS,
    MOST_VALIDITY_DAYS,
)
from tierproof.commands.config import SERVE
from tierproof.commands.options import Option

Schema = dict[str, Any]

DAY_LIMIT, WORD_LIMIT = 1 << 24, 1 << 64


# -- parts -----------------------------------------------------------------------------------------
def hexadecimal(length: int, what: str) -> Schema:
    """`length` bytes, lower case with 0x."""
    return {"type": "string", "pattern": f"^0x[0-9a-f]{{{2 * length}}}$", "description": what}


def address(what: str) -> Schema:
    """20 bytes, lower case with 0x, as files that we write have it."""
    return hexadecimal(20, what)


def typed_address(what: str) -> Schema:
    """An address as people write it: in either case."""
    return {"type": "string", "pattern": "^0x[0-9a-fA-F]{40}$", "description": what}


def whole(least: int, greatest: int, what: str) -> Schema:
    """A whole number in least..greatest, both included."""
    return {"type": "integer", "minimum": least, "maximum": greatest, "description": what}


def text(what: str, longest: int = 64) -> Schema:
    """1 to `longest` characters."""
    return {"type": "string", "minLength": 1, "maxLength": longest, "description": what}


def venue_name(what: str) -> Schema:
    """As `attestor.binding.check_venue` has it."""
    return {"type": "string", "pattern": "^[a-z0-9][a-z0-9._-]{0,63}$", "description": what}


def file_name(what: str) -> Schema:
    """The name that a root gives a file, without its folder."""
    return {"type": "string", "pattern": "^[A-Za-z0-9@._-]{1,64}$", "description": what}


def date(what: str) -> Schema:
    """YYYY-MM-DD; whether there is such a day is for the loader."""
    return {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "description": what}


def instant(what: str) -> Schema:
    """YYYY-MM-DDTHH:MM:SSZ; whether there is such an instant is for the loader."""
    clock = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"
    return {"type": "string", "pattern": f"^{clock}$", "description": what}


def listed(items: Schema, what: str, least: int = 0, greatest: int | None = None) -> Schema:
    """`least` to `greatest` items of one form; without `greatest`, any number more."""
    out: Schema = {"type": "array", "items": items, "minItems": least, "description": what}
    return out if greatest is None else {**out, "maxItems": greatest}


def boolean(what: str) -> Schema:
    """true or false."""
    return {"type": "boolean", "description": what}


def record(properties: dict[str, Schema], what: str, optional: tuple[str, ...] = ()) -> Schema:
    """An object with these names and no others."""
    return {
        "type": "object",
        "description": what,
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def document(
    name: str,
    version: int,
    what: str,
    properties: dict[str, Schema],
    optional: tuple[str, ...] = (),
) -> Schema:
    """A file of ours: `format` and `version`, then the rest."""
    head: dict[str, Schema] = {
        "format": {"const": f"tierproof/{name}"},
        "version": {"const": version},
    }
    return record(head | properties, what, optional)


def point(what: str) -> Schema:
    """x and y of a point of G1, each 32 bytes."""
    return listed(hexadecimal(32, "a coordinate"), what, 2, 2)


CHAIN_ID = whole(1, (1 << 63) - 1, "chain id")
CLASS = whole(1 << 13, 1 << 20, "class: rows of the circuit, a power of two")
DAY = whole(0, DAY_LIMIT - 1, "days since 1970-01-01 UTC")
SECONDS = whole(0, WORD_LIMIT - 1, "seconds since 1970")


def rule_files(what: str, kinds: str) -> Schema:
    """What `policies.rule_files` reads and writes."""
    name = {
        "type": "string",
        "pattern": f"^({kinds})/[A-Za-z0-9@._-]{{1,64}}$",
        "description": "what it is, and its name; ascending",
    }
    digest = hexadecimal(32, "keccak256 of the file")
    return listed(record({"name": name, "digest": digest}, "a file"), what, 0, MAX_FILES)


def attestor_set(member: Schema) -> Schema:
    """What `attestor.generations` reads and writes; each member of the form `member`."""
    generation = {
        "members": listed(member, "addresses of the attestors, ascending, each once", 1, 64),
        "threshold": whole(1, 64, "how many of them must sign"),
        "handover": listed(
            hexadecimal(65, "of a member of the one before"), "of the first generation none"
        ),
    }
    what = "k of n attestors"
    name = {"type": "string", "pattern": f"^{NAME}$", "description": "part of the set's id"}
    generations = listed(record(generation, what), "from the first on", 1, MAX_GENERATIONS)
    return record({"name": name, "generations": generations}, "as it was when it signed")


def domain(registry: Schema) -> Schema:
    """Chain id and registry; `registry` is the form of the address."""
    return record(
        {"chain_id": CHAIN_ID, "registry": registry}, "where the root counts: chain and registry"
    )


SIGNATURES = listed(hexadecimal(65, "r, s, v"), "of the root, ascending by signer")


# -- files -----------------------------------------------------------------------------------------
def credential() -> Schema:
    """What `tierproof.documents.CredentialFile` reads and writes."""
    return document(
        "credential",
        2,
        "A credential: which question a proof answers, and the proof. Public.",
        {
            "size": CLASS,
            "srs_id": hexadecimal(25, "of the key's setup"),
            "key_digest": hexadecimal(32, "of the verifying key"),
            "policy_id": hexadecimal(32, "of the policy"),
            "tier": whole(0, 255, "index of the tier in the policy, from 0"),
            "root": hexadecimal(32, "root that the history is attested under"),
            "nullifier": hexadecimal(32, "one a vault and scope"),
            "account": address("who gets the terms"),
            "chain_id": CHAIN_ID,
            "registry": address("registry contract"),
            "proof": {"type": "string", "pattern": "^0x([0-9a-f]{2})*$", "maxLength": 65_538},
        },
    )


def root() -> Schema:
    """What `tierproof.documents.RootFile` reads and writes."""
    return document(
        "root",
        1,
        "A signed root: the public part of all attestations of one tree.",
        {
            "root": hexadecimal(32, "of the tree"),
            "days": record({"first": DAY, "last": DAY}, "window, both days included"),
            "valid_until": SECONDS,
            "feed": hexadecimal(32, "digest of the window's market feed"),
            "files": rule_files("that the logs were made by", "margin|feed|marks"),
            "attestor_set": attestor_set(address("an attestor")),
            "domain": domain(address("registry contract")),
            "signatures": SIGNATURES,
        },
    )


def attestation() -> Schema:
    """What `attestor.attestation` reads and writes."""
    return document(
        "attestation",
        1,
        "One owner's log with its place under a signed root. Private to the owner.",
        {
            **_leaf(),
            "records": {
                "type": "string",
                "pattern": "^0x([0-9a-f]{42})*$",
                "description": "21 bytes a record (docs/explanation/metrics.md A8)",
            },
            "root": hexadecimal(32, "of the tree"),
            "attestor_set": attestor_set(address("an attestor")),
            "domain": domain(address("registry contract")),
            "valid_until": SECONDS,
            "feed": hexadecimal(32, "digest of the window's market feed"),
            "market": {**_market(), "type": ["object", "null"]},
            "files": rule_files("that the logs were made by", "margin|feed|marks"),
            "signatures": SIGNATURES,
        },
    )


def _leaf() -> dict[str, Schema]:
    """The words of a leaf, and its place in the tree."""
    return {
        "srs_id": hexadecimal(25, "of the setup"),
        "size_class": whole(1, 28, "log2 of the class"),
        "venue": venue_name("as bindings name it"),
        "consent_key": address("the owner's consent key at this venue"),
        "owner_tag": hexadecimal(32, "of the owner at this venue"),
        "first_row": {"const": 0},
        "count": whole(1, DAY_LIMIT - 1, "records"),
        "wallets": whole(1, (1 << 12) - 1, "wallets"),
        "days": record({"first": DAY, "last": DAY, "bound": DAY}, "window; day bound"),
        "opening": whole(0, (1 << 48) - 1, "equity at the window's first instant, cents"),
        "closing": whole(1 - (1 << 47), (1 << 47) - 1, "equity at its last, cents"),
        "salt": hexadecimal(32, "of the leaf"),
        "commitment": point("C, to the log"),
        "leaf_index": whole(0, (1 << 20) - 1, "place in the tree"),
        "path": listed(hexadecimal(32, "a sibling"), "from the leaf up", 20, 20),
    }


def _market() -> Schema:
    """The values of a feed, for each day of the window."""
    weight = whole(MIN_WEIGHT, MAX_WEIGHT, "of a day")
    change = whole(1 - CHANGE_OFFSET, CHANGE_OFFSET - 1, "of a day, 1/10 point")
    return record(
        {
            "weights": listed(weight, "known before the day", MIN_DAYS, MAX_DAYS),
            "changes": listed(change, "known after it", MIN_DAYS, MAX_DAYS),
        },
        "of the market feed, day by day; null without an index",
    )


def disclosure() -> Schema:
    """What `tierproof.disclosure.DisclosureFile` reads and writes."""
    shown = {
        "row": whole(0, DAY_LIMIT - 2, "of the log, from 0; ascending"),
        "record": hexadecimal(21, "docs/explanation/metrics.md A8"),
    }
    return document(
        "disclosure",
        1,
        "Some records of a log, linked to a signed root. For whom it is given to.",
        {
            **_leaf(),
            "root": root(),
            "records": listed(record(shown, "a record"), "those that are shown", 1, MAX_SHOWN),
            "proof": listed(point("W, W'"), "that they stand in these rows of C", 2, 2),
        },
    )


def attestors() -> Schema:
    """What `tierproof.documents.load_attestors` reads."""
    set_of = attestor_set(typed_address("an attestor"))["properties"]
    return document("attestors", 1, "An attestor set: whom a policy trusts. Public.", set_of)


def attest_job() -> Schema:
    """What `tierproof.attest_job` reads."""
    adapters = "; ".join(f"{each.name}: {each.what}" for each in ADAPTERS)
    owner = record(
        {
            "owner_tag": hexadecimal(32, "what `tierproof identity` prints"),
            "wallets": listed(typed_address("a wallet"), "all that are bound to the tag", 1),
        },
        "an owner",
    )
    return document(
        "attest-job",
        1,
        "What an attestor attests; paths count from the job's folder. Private to the attestor.",
        {
            "venue": venue_name("as bindings name it"),
            "adapter": text(f"by which the statements are read: {adapters}"),
            "statements": text("folder of the files that the adapter reads", 1024),
            "bindings": text("bindings file", 1024),
            "first_day": date("of the window"),
            "last_day": date("of the window, included; it must be over"),
            "size": CLASS,
            "attestor_set": attestor_set(typed_address("an attestor")),
            "domain": domain(typed_address("registry contract, of the deployment file")),
            "valid_until": SECONDS,
            "owners": listed(owner, "one leaf each", 1),
            "left_out": listed(
                typed_address("a wallet"),
                "may be absent: wallets whose lines the statements hold and that are not attested",
            ),
            "feed": text("may be absent: feed document of the window, beside this file", 1024),
        },
        ("left_out", "feed"),
    )


def binding_request() -> Schema:
    """What `tierproof.wallet_request` reads and writes."""
    decimal = {"type": "string", "pattern": "^(0|[1-9][0-9]{0,77})$"}
    message = {
        "wallet": address("who joins"),
        "ownerTag": {**decimal, "description": "that it joins, in decimal"},
        "venue": {**decimal, "description": "id of the venue, in decimal"},
        "consentKey": address("whose consent counts for the tag"),
        "attestorSet": hexadecimal(32, "id of the attestor set"),
        "boundDay": {**DAY, "description": "first day in force, days since 1970-01-01 UTC"},
    }
    return record(
        {
            "types": {"type": "object", "description": "as EIP-712 has them"},
            "primaryType": {"const": "Binding"},
            "domain": {"const": {"name": "Tierproof Binding", "version": "1"}},
            "message": record(message, "what is signed"),
        },
        "What a wallet signs to join an owner's tag (attestation.md 3.1). Private.",
    )


def calendar() -> Schema:
    """What `attestor.calendar.SignedCalendar` reads and writes."""
    return document(
        "calendar",
        1,
        "The windows of a series, signed by a quorum before the first begins. Public.",
        {
            "series": {
                "type": "string",
                "pattern": "^[A-Za-z0-9@._:/-]{1,64}$",
                "description": "name of the programme that they are for",
            },
            "first_day": date("of the first window"),
            "length": whole(MIN_DAYS, MAX_DAYS, "days of each window"),
            "count": whole(1, MAX_COUNT, "windows, which follow each other"),
            "announced_day": date("before the first"),
            "late_hours": whole(
                MIN_LATE,
                MAX_LATE,
                "after a window's end, in which late fills and corrections count",
            ),
            "attestor_set": attestor_set(typed_address("an attestor")),
            "signatures": listed(hexadecimal(65, "of a member"), "ascending by signer", 1),
        },
    )


def consent() -> Schema:
    """What `tierproof.consent_file` reads and writes."""
    return document(
        "consent",
        1,
        "The owner's consent to one binding, for the attestors of the set alone.",
        {
            "salt_seed": hexadecimal(32, "from which the salts of his leaves follow"),
            "signature": hexadecimal(65, "of the consent key, EIP-712"),
        },
    )


def bindings() -> Schema:
    """What `attestor.bindings.BindingRegistry` reads and writes."""
    entry = record(
        {
            "wallet": typed_address("a wallet"),
            "owner_tag": hexadecimal(32, "that it joined"),
            "venue": hexadecimal(32, "id of the venue"),
            "consent_key": typed_address("whose consent counts for the tag"),
            "bound_day": DAY,
            "unbound_day": {"type": ["integer", "null"], "minimum": 1, "maximum": DAY_LIMIT - 1},
            "signature": hexadecimal(65, "of the wallet, EIP-712"),
            "salt_seed": hexadecimal(32, "of the owner's consent"),
            "consent": hexadecimal(65, "of the consent key, EIP-712"),
        },
        "a wallet under a tag",
    )
    return document(
        "bindings",
        1,
        "All wallets that ever joined a tag under one attestor set. Private to the attestor.",
        {
            "attestor_set": hexadecimal(32, "id of the set"),
            "calendars": listed(calendar(), "announced windows, in the order of their coming"),
            "bindings": listed(entry, "past ones too, a wallet's in the order of days"),
        },
    )


def verifying_key() -> Schema:
    """What `verifier.key.VerifyingKey` reads and writes."""
    number = {"type": "string", "pattern": "^0x[0-9a-f]{1,64}$"}
    pair = listed(number, "a coordinate, c0 and c1", 2, 2)
    return document(
        "verifying-key",
        1,
        "What a verifier knows of a circuit, a class and a setup. Public.",
        {
            "circuit": text("name of the circuit"),
            "size": CLASS,
            "slots": whole(1, 64, "columns to a commitment: 4 fast, 8 lean"),
            "srs_id": {"type": "string", "pattern": "^[0-9a-f]{50}$"},
            "tau_g2": listed(pair, "[tau]_2", 2, 2),
            "fixed": listed(listed(number, "x, y", 2, 2), "commitments of the fixed columns", 1),
            "digest": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        },
    )


def policy() -> Schema:
    """What `policies.policy.Policy` reads and writes; the thresholds are those of `METRICS`."""
    numbers = {each.name: _threshold(each, "of every tier") for each in METRICS.common}
    common = tuple(numbers)
    for metric in METRICS:
        for each in metric.thresholds:
            numbers.setdefault(each.name, _threshold(each, _asked_by(each)))
    tier = record(
        {
            "name": text("of the tier"),
            "asked": listed(whole(1, len(METRICS), "a metric"), "metrics, ascending"),
            "thresholds": record(
                numbers, "of the metrics asked", tuple(set(numbers) - set(common))
            ),
            "terms": _terms(),
        },
        "what is asked and what is granted",
    )
    prior = {name: whole(0, 1 << 20, f"M8: {name}") for name in ("a", "b", "l", "e")}
    return document(
        "policy",
        2,
        "What a protocol asks and grants, in integers (docs/explanation/metrics.md C, E). Public.",
        {
            "name": text("for people"),
            "first_day": date("of the window"),
            "last_day": date("of the window, included"),
            "attestor_set": hexadecimal(32, "id of the set that is trusted; zero: nobody yet"),
            "series": record(
                {
                    "name": text("a part of its id"),
                    "least_days": whole(LEAST_DAYS, MOST_DAYS, "of a window"),
                    "max_age_days": whole(
                        LEAST_MAX_AGE_DAYS,
                        MOST_MAX_AGE_DAYS,
                        "after its window, at which a grant ends at the latest",
                    ),
                },
                "what one institution may hold one grant of",
            ),
            "documents": rule_files(
                "margin documents that count, none: no log made by one; the model of M26",
                "margin|model",
            ),
            "index": {
                "type": "string",
                "pattern": "^[A-Za-z0-9@._-]{1,64}$",
                "description": "may be absent: the volatility index whose feed roots must have",
            },
            "prior": record(prior, "of M8, for all tiers"),
            "tiers": listed(tier, "weakest first", 1),
            "market": record(
                {
                    "index": text("of a price, for people"),
                    "greatest_move": whole(
                        1, 10_000, "1/10^4, of one day, in the 1,096 days before the window"
                    ),
                },
                "by which leverage is judged",
            ),
            "advice_overridden": {
                "type": "boolean",
                "description": "true: a floor above a tenth of M11 is meant",
            },
        },
        ("index", "market", "advice_overridden"),
    )


def score_model() -> Schema:
    """What `policies.score_model.ScoreModel` reads and writes."""
    slot = METRICS.slots["weight_0"]
    weights = {each.name: whole(slot.least, slot.greatest, each.meaning) for each in FEATURES}
    return document(
        "score-model",
        1,
        "A score of ten features (docs/explanation/metrics.md C8). Public.",
        {
            "name": text("by which a policy names it, as model/NAME"),
            "purpose": text("for people: what a high score says"),
            "source": text("for people: the data and the fit that the weights are from"),
            "weights": record(weights, "of a place each, eight to a doubling of the feature"),
        },
    )


def _threshold(of: Threshold, where: str) -> Schema:
    least = -of.offset if of.least is None else of.least
    unit = (of.unit.name or "number").replace("{s}", "s")
    number = whole(least, of.greatest, f"{unit}; {where}")
    if of.count == 1:
        return number
    items = {"type": "integer", "minimum": least, "maximum": of.greatest}
    origin = ", from the prior" if of.name == "near_word" else ""
    return listed(items, f"{unit}{origin}; {where}", of.count, of.count)


def _asked_by(of: Threshold) -> str:
    users = [f"M{metric.number} {metric.name}" for metric in METRICS if of in metric.thresholds]
    return f"only where {' or '.join(users)} is asked"


def _terms() -> Schema:
    return record(
        {
            "initial_margin_bp": whole(LEAST_INITIAL_MARGIN_BP, BASIS_POINTS, "1/10^4 of notional"),
            "maintenance_margin_bp": whole(
                LEAST_MAINTENANCE_MARGIN_BP,
                MOST_MAINTENANCE_MARGIN_BP,
                f"1/10^4 of notional, at most {MOST_MAINTENANCE_PERCENT} % of the initial",
            ),
            "taker_fee": whole(-MOST_FEE, MOST_FEE, "1/10^6 of notional"),
            "maker_fee": whole(-MOST_FEE, MOST_FEE, "1/10^6 of notional; negative: a rebate"),
            "max_leverage": whole(1, MOST_LEVERAGE, "times"),
            "limit": whole(1, LIMIT_LIMIT - 1, "1,000 USD of open notional, at most"),
            "validity_days": whole(1, MOST_VALIDITY_DAYS, "from grant to expiry"),
        },
        "what the tier grants",
    )


def key_file() -> Schema:
    """What `tierproof.attesting.read_key` reads; the schema is of the text, for it is no JSON."""
    return {
        "type": "string",
        "pattern": "^(0x)?[0-9a-fA-F]{64}$",
        "description": "The text of the file: one private key of secp256k1, one line. Secret.",
    }


def config(settings: dict[str, Option]) -> Schema:
    """Of `tierproof.toml`, from the options that it takes the place of."""
    properties: dict[str, Schema] = {}
    for name, option in sorted(settings.items()):
        one: Schema = {"type": "integer" if option.kind == "number" else "string"}
        if option.choices:
            one["enum"] = list(option.choices)
        several: Schema = {"type": "array", "items": one, "minItems": 1}
        properties[name] = {"description": option.help, "anyOf": [one, several]}
    properties[SERVE] = {
        "type": "object",
        "description": "settings of the service, a table a section (service-settings.md)",
    }
    return record(
        properties,
        "What a folder's commands have in common; every name may be left out. Public.",
        tuple(properties),
    )
