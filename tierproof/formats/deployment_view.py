"""What stands on chain in words: a deployment, a market, a consent to a grant."""

from __future__ import annotations

from typing import Any

from tierproof.formats.units import day, instant


def deployed(deployment: Any) -> dict[str, Any]:
    """What a deployment file says, without what only addresses are made of."""
    from verifier.ceremonies import setup_status

    return {
        "chain_id": deployment.chain_id,
        "registry": deployment.registry,
        "authority": deployment.authority,
        "notice": deployment.birth.notice,
        "verifiers": [
            {
                "name": each.name,
                "address": each.address,
                "setup": setup_status(int(each.srs_id, 16)),
                "key_digest": each.key_digest,
            }
            for each in deployment.verifiers
        ],
    }


def market(rules: Any) -> dict[str, Any]:
    """A market file."""
    return dict(rules.as_json())


def consented(signed: Any) -> dict[str, Any]:
    """A consent; whose signature it is, the registry says."""
    of = signed.consent
    nobody = not int(of.holder, 16)
    return {
        "account": of.account,
        "moves_from": "nobody: the first use" if nobody else of.holder,
        "counts_on": {"chain_id": signed.domain.chain_id, "registry": signed.domain.registry},
        "series": "0x" + of.series.hex(),
        "nullifier": f"0x{of.nullifier:064x}",
        "initial_margin_bp": of.terms.initial_margin_bp,
        "maintenance_margin_bp": of.terms.maintenance_margin_bp,
        "taker_fee": of.terms.taker_fee,
        "maker_fee": of.terms.maker_fee,
        "max_leverage": of.terms.max_leverage,
        "limit": of.terms.limit,
        "windows_that_end_on": f"{day(of.least_last_day)} or later",
        "until": instant(of.deadline),
    }
