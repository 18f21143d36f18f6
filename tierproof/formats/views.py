"""What `tierproof show` says of each format: read strictly, then told in readable units."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from history.v2 import record as kinds
from history.v2.feed import NO_FEED
from history.v2.metrics.score import FEATURES
from tierproof.formats import FORMATS, Format, audit_view, collected_view, recognise, round_view
from tierproof.formats.deployment_view import consented, deployed, market
from tierproof.formats.units import clock, day, decimal, instant, percent, usd, window
from verifier.ceremonies import setup_status

View = Callable[[Any], dict[str, Any]]


def show(path: Path, *, records: bool = False) -> dict[str, Any]:
    """
    A file of any of our formats.

    Parameters
    ----------
    records : also each record of an attestation, which is its owner's alone

    Raises
    ------
    Malformed, Refused, Rejected, Unavailable
        `malformed.format` for none of ours, else as the format's loader.
    """
    found = recognise(path)
    told = (
        _attestation(found.load(path), records)
        if found.name == "attestation"
        else _told(found, path)
    )
    return {"file": path.name, "is": found.title, "privacy": found.privacy, **told}


def _told(found: Format, path: Path) -> dict[str, Any]:
    return VIEWS[found.name](found.load(path))


def _hex32(number: int) -> str:
    return f"0x{number:064x}"


def set_in_words(attestor_set: Any) -> dict[str, Any]:
    """Id, name, and who must sign in the last generation."""
    return {
        "id": "0x" + attestor_set.id.hex(),
        "name": attestor_set.name,
        "generation": attestor_set.generation,
        "must_sign": f"{attestor_set.threshold} of {len(attestor_set.members)}",
        "members": list(attestor_set.members),
    }


def _domain(domain: Any) -> dict[str, Any]:
    return {"chain_id": domain.chain_id, "registry": domain.registry}


def _credential(credential: Any) -> dict[str, Any]:
    return {
        "account": credential.account,
        "tier": f"number {credential.tier} of the policy, from 0",
        "policy_id": "0x" + credential.policy_id.hex(),
        "counts_on": {"chain_id": credential.chain_id, "registry": credential.registry},
        "class": credential.size,
        "setup": setup_status(credential.srs_id),
        "key_digest": "0x" + credential.key_digest.hex(),
        "root": _hex32(credential.root),
        "nullifier": _hex32(credential.nullifier),
        "proof_bytes": len(credential.proof),
        "not_checked": "a proof holds or not by `tierproof verify` alone",
    }


def _made_by(feed: int, files: Any) -> dict[str, Any]:
    """Market feed and files of a root, in words where there are none."""
    names = [f"{name}: 0x{digest.hex()}" for name, digest in files.files]
    return {
        "feed": "none" if feed == NO_FEED else _hex32(feed),
        "files": names or "none: rules and marks of the statements' own format",
    }


def _root(root: Any) -> dict[str, Any]:
    return {
        "root": _hex32(root.root.root),
        "window": window(root.root.first_day, root.root.last_day),
        "valid_until": instant(root.root.valid_until),
        **_made_by(root.root.feed, root.files),
        "counts_on": _domain(root.domain),
        "attestor_set": set_in_words(root.attestor_set),
        "signatures": len(root.signatures),
    }


def _job(job: Any) -> dict[str, Any]:
    return {
        "venue": job.venue,
        "adapter": job.adapter,
        "window": window(job.first_day, job.last_day),
        "class": job.size,
        "valid_until": instant(job.valid_until),
        "counts_on": _domain(job.domain),
        "attestor_set": set_in_words(job.attestor_set),
        "statements": str(job.statements),
        "bindings": str(job.bindings),
        "owners": [
            {"owner_tag": _hex32(tag), "wallets": list(wallets)} for tag, wallets in job.owners
        ],
        "left_out": list(job.left_out),
        "feed": "none" if job.feed is None else str(job.feed),
    }


def _request(binding: Any) -> dict[str, Any]:
    return {
        "wallet": binding.wallet,
        "joins_owner_tag": _hex32(binding.owner_tag),
        "venue_id": _hex32(binding.venue),
        "consent_key": binding.consent_key,
        "attestor_set": "0x" + binding.attestor_set.hex(),
        "from": day(binding.bound_day),
    }


def _calendar(signed: Any) -> dict[str, Any]:
    calendar = signed.calendar
    return {
        "series": calendar.series,
        "announced": day(calendar.announced_day),
        "late_fills_count": f"{calendar.late_hours} hours after a window's end",
        "windows": [
            f"{window(*each)}, settled {instant(calendar.settled(each[1]))}"
            for each in calendar.windows
        ],
        "attestor_set": set_in_words(signed.attestor_set),
        "signatures": len(signed.signatures),
    }


def _consent(consent: Any) -> dict[str, Any]:
    return {
        "signature": "0x" + consent.signature.hex(),
        "salt_seed": "not shown",
        "not_checked": "which binding it is for is found by `tierproof bindings add` alone",
    }


def _bindings(registry: Any) -> dict[str, Any]:
    return {
        "attestor_set": "0x" + registry.attestor_set.hex(),
        "windows": [
            f"{window(*each)}, {signed.calendar.series}"
            for signed in registry.calendars
            for each in signed.calendar.windows
        ],
        "bindings": [
            {
                "wallet": entry.signed.binding.wallet,
                "owner_tag": _hex32(entry.signed.binding.owner_tag),
                "consent_key": entry.signed.binding.consent_key,
                "from": day(entry.signed.binding.bound_day),
                "until": "now" if entry.unbound_day is None else day(entry.unbound_day),
            }
            for entry in registry.entries
        ],
    }


def _key(key: Any) -> dict[str, Any]:
    return {
        "circuit": key.circuit.name,
        "class": key.size,
        "columns_a_commitment": key.slots,
        "setup": key.setup_status,
        "srs_id": f"0x{key.srs_id:050x}",
        "key_digest": "0x" + key.digest.hex(),
    }


def _disclosure(shown: Any) -> dict[str, Any]:
    return {
        **disclosed(shown),
        "not_checked": "it holds or not by `tierproof verify-disclosure` alone",
    }


def disclosed(shown: Any) -> dict[str, Any]:
    """What a disclosure says, in words."""
    leaf, root = shown.leaf, shown.root
    rows = zip(shown.rows, shown.records.rows(), strict=True)
    return {
        "venue": shown.venue,
        "owner_tag": _hex32(leaf.owner_tag),
        "window": window(leaf.first_day, leaf.last_day),
        "records_of_the_log": leaf.count,
        "accounts": leaf.wallets,
        "opening": usd(leaf.opening),
        "closing": usd(leaf.closing),
        "root": _hex32(root.root.root),
        "counts_on": _domain(root.domain),
        "attestor_set": set_in_words(root.attestor_set),
        "signatures": len(root.signatures),
        "records": [
            {"row": row, "day": day(leaf.first_day + each.day), **record_in_words(each, each.day)}
            for row, each in rows
        ],
    }


def _attestation(attestation: Any, with_records: bool) -> dict[str, Any]:
    leaf = attestation.leaf
    rows = attestation.records.rows()
    out: dict[str, Any] = {
        "venue": attestation.venue_name,
        "owner_tag": _hex32(leaf.owner_tag),
        "window": window(leaf.first_day, leaf.last_day),
        "bound_since": day(leaf.bound_day),
        "wallets": leaf.wallets,
        "opening": usd(leaf.opening),
        "closing": usd(leaf.closing),
        "class": attestation.size,
        "records": dict(Counter(_kind(row.kind) for row in rows)),
        "root": _hex32(attestation.root),
        "valid_until": instant(attestation.valid_until),
        **_made_by(attestation.feed, attestation.files),
        "counts_on": _domain(attestation.domain),
        "attestor_set": set_in_words(attestation.attestor_set),
        "signatures": len(attestation.signatures),
    }
    if with_records:
        out["days"] = _days(rows, leaf.first_day)
        out["instruments"] = "no record holds its instrument: only the attestor's statement does"
    return out


def _days(rows: list[kinds.Record], first_day: int) -> dict[str, Any]:
    out: dict[str, list[dict[str, Any]]] = {}
    for number, row in enumerate(rows):
        out.setdefault(day(first_day + row.day), []).append(
            {"row": number, **record_in_words(row, row.day)}
        )
    return dict(out)


def _kind(bits: int) -> str:
    named = zip((1 << i for i in range(len(kinds.KIND_NAMES))), kinds.KIND_NAMES, strict=True)
    return next((name for bit, name in named if bit & kinds.KIND_MASK & bits), "vote")


def record_in_words(row: kinds.Record, day_known: int | None) -> dict[str, Any]:
    """Money in USD, the distance in percent, exposure as a multiple of equity."""
    flags = (kinds.MAKER, kinds.LIQUIDATION, kinds.INFLOW, kinds.BASE)
    names = dict(zip((1 << i for i in range(len(kinds.KIND_NAMES))), kinds.KIND_NAMES, strict=True))
    out: dict[str, Any] = {"at": clock(row.minute), "kind": _kind(row.kind)}
    if day_known is None:
        out = {"day": f"{row.day}, from 0", **out}
    if row.kind & kinds.MARK:
        names[kinds.MAKER] = "owner"
    marked = [names[flag] for flag in flags if row.kind & flag]
    if marked:
        out["marked"] = ", ".join(marked)
    if row.notional:
        out["notional"] = usd(row.notional)
    if row.value:
        out["value"] = usd(row.value)
    out["exposure"] = f"{decimal(row.exposure * 5, 2)} times equity"
    least = row.distance == -kinds.DISTANCE_OFFSET
    out["distance_to_liquidation"] = "no equity" if least else percent(row.distance)
    return out


def _key_file(account: Any) -> dict[str, Any]:
    return {"address": account.address, "key": "not shown"}


def _setup(setup: Any) -> dict[str, Any]:
    return {
        "powers": setup.length,
        "setup": setup.status,
        "srs_id": f"0x{setup.srs_id:050x}",
    }


def _policy(policy: Any) -> dict[str, Any]:
    from tierproof.formats.policy_view import view

    return view(policy)


def _margin(document: Any) -> dict[str, Any]:
    from tierproof.formats.margin_view import view

    return view(document)


def _feed(document: Any) -> dict[str, Any]:
    from tierproof.formats.feed_view import view

    return view(document)


def _model(model: Any) -> dict[str, Any]:
    names = [feature.meaning for feature in FEATURES]
    return {
        "name": model.name,
        "says": model.purpose,
        "from": model.source,
        "digest, for a policy's documents": f"model/{model.name} 0x{model.digest.hex()}",
        "weights": dict(zip(names, model.weights, strict=True)),
    }


VIEWS: dict[str, View] = {
    "policy": _policy,
    "margin": _margin,
    "feed": _feed,
    "score-model": _model,
    "attestors": set_in_words,
    "deployment": deployed,
    "market": market,
    "grant-consent": consented,
    "attest-job": _job,
    "collected": collected_view.view,
    "binding-request": _request,
    "calendar": _calendar,
    "consent": _consent,
    "bindings": _bindings,
    "root": _root,
    "credential": _credential,
    "disclosure": _disclosure,
    "verifying-key": _key,
    "key-file": _key_file,
    "draft": round_view.draft,
    "cosignature": round_view.cosignature,
    "journal": round_view.journal,
    "keystore": lambda address: {"address": address, "key": "not shown"},
    "audit-log": audit_view.audit_log,
    "audit-key": audit_view.audit_key,
    "checkpoint": audit_view.checkpoint,
    "config": lambda config: {"settings": dict(config.values)},
    "vault": lambda _: {"shows": "nothing: what is in it stays in it"},
    "setup": _setup,
}
"""A view for every format but the attestation, whose records are shown only if asked for."""

__all__ = ["FORMATS", "VIEWS", "show"]
