"""What `tierproof show` says of the files of a signing round."""

from __future__ import annotations

from typing import Any

from tierproof.formats.units import instant, window


def draft(of: Any) -> dict[str, Any]:
    """The root's fields in words, and who has a leaf."""
    from tierproof.formats.views import VIEWS

    told = VIEWS["root"](of.root)
    del told["signatures"]
    return {
        "digest_of_draft": "0x" + of.digest.hex(),
        **told,
        "class": of.size,
        "srs_id": f"0x{of.srs_id:050x}",
        "leaves": len(of.owners),
        "owners": [_owner(each) for each in of.owners],
        "left_out": [
            {**_owner(each), "consents": ["0x" + digest.hex() for digest in each.consents]}
            for each in of.left_out
        ],
    }


def _owner(each: Any) -> dict[str, Any]:
    return {"owner_tag": f"0x{each.tag:064x}", "consent_key": each.consent_key}


def cosignature(of: Any) -> dict[str, Any]:
    """Who signed, and which draft."""
    return {
        "signer": of.signer,
        "draft": "0x" + of.draft.hex(),
        "not_checked": "that the signature is his is found by `tierproof combine` alone",
    }


def journal(of: Any) -> dict[str, Any]:
    """Whose journal, and each entry."""
    return {
        "signer": of.signer,
        "entries": [
            {
                "did": each.did,
                "at": instant(each.at),
                "root": f"0x{each.root:064x}",
                "window": window(each.first_day, each.last_day),
                "counts_on": {"chain_id": each.chain_id, "registry": each.registry},
                "attestor_set": "0x" + each.attestor_set.hex(),
                "evidence": each.evidence,
            }
            for each in of.entries
        ],
    }
