"""Consents to a grant that each check of theirs alone stops."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attacks.kit_prover.desk import CHAIN_ID, POLICY, REGISTRY
from attacks.kit_prover.judging import Forgery, stops
from attacks.kit_prover.mutants import Attempt, Verifier

from policies.grant_consent import NOBODY
from policies.signed_root import RootDomain

ACCOUNT = "0x" + "ab" * 20
DOMAIN = RootDomain(CHAIN_ID, REGISTRY)
_consent = "policies.grant_consent.GrantConsent.__post_init__: "
_file = "attestor.grant_consent_file.SignedConsent."


def made(m: Verifier, **changes: Any) -> Any:
    """A consent to the last tier's terms."""
    of = {
        "account": ACCOUNT,
        "holder": NOBODY,
        "series": POLICY.series.id,
        "nullifier": 7,
        "terms": POLICY.tiers[-1].terms,
        "least_last_day": 0,
        "deadline": 0,
    }
    return m.grant_consent.GrantConsent(**{**of, **changes})


def makes(**changes: Any) -> Attempt:
    return lambda m: made(m, **changes)


def loads(change: Callable[[dict[str, Any]], object]) -> Attempt:
    """A file of a signed consent with something changed, read."""

    def attempt(m: Verifier) -> None:
        signed = m.grant_consent_file.SignedConsent(made(m), DOMAIN, bytes(65))
        with TemporaryDirectory() as folder:
            path = Path(folder) / "consent.json"
            signed.write(path)
            document = json.loads(path.read_text())
            change(document)
            path.write_text(json.dumps(document))
            m.grant_consent_file.SignedConsent.load(path)

    return attempt


def claims(m: Verifier) -> None:
    """With another nullifier than the consent's."""
    signed = m.grant_consent_file.SignedConsent(made(m), DOMAIN, bytes(65))
    signed.require_for(DOMAIN, ACCOUNT, 8, POLICY.series.id)


CHECKS: dict[str, Forgery] = {
    f"{_consent}check_address 'consent: account'": stops(makes(account=ACCOUNT.upper())),
    f"{_consent}check_address 'consent: holder'": stops(makes(holder=ACCOUNT.upper())),
    f"{_consent}len(self.series) != 32": stops(makes(series=bytes(31))),
    f"{_consent}0 <= getattr(self, name)": stops(makes(nullifier=-1)),
    f"{_consent}getattr(self, name) < bound": stops(makes(deadline=1 << 64)),
    f"{_file}parse: file.header(FORMAT, VERSION)": stops(loads(lambda d: d.update(version=2))),
    f"{_file}parse: keys 'signature'": stops(loads(lambda d: d.update(more=1))),
    f"{_file}parse: keys 'registry'": stops(loads(lambda d: d["domain"].update(more=1))),
    f"{_file}parse: terms.keys(*AGREED)": stops(loads(lambda d: d["terms"].update(more=1))),
    f"{_file}parse: 0 < len(signature)": stops(loads(lambda d: d.update(signature="0x"))),
    f"{_file}parse: len(signature) <= MOST_SIGNATURE_BYTES": stops(
        loads(lambda d: d.update(signature="0x" + "00" * 4_097))
    ),
    f"{_file}require_for: differing": stops(claims),
}
