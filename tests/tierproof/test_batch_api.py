"""`tierproof.verify_batch`: for each credential what `verify` says of it alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import tierproof
from algebra.errors import Rejected, TierproofError
from tests.tierproof.conftest import CHAIN_ID, REGISTRY, Desk
from tierproof import CredentialFile, Place, Policy, RootFile, fast_algebra, load_key


def given(desk: Desk) -> dict[str, Any]:
    policy, root = Policy.load(desk.policy), RootFile.load(desk.root)
    return {
        "policy": policy,
        "key": load_key(desk.key, fast_algebra()),
        "root": root,
        "place": Place(CHAIN_ID, REGISTRY),
        "algebra": fast_algebra(),
        "now": root.root.valid_until - 1,
        "allow_setup": "development",
    }


def alone(credential: CredentialFile, options: dict[str, Any]) -> Any:
    try:
        return tierproof.verify(credential, **options)
    except TierproofError as error:
        return error.code


def test_each_has_the_verdict_that_it_has_alone(desk: Desk) -> None:
    honest, options = CredentialFile.load(desk.credential), given(desk)
    tier = next(index for index in range(len(options["policy"].tiers)) if index != honest.tier)
    cut, last = honest.proof[:-1], honest.proof[-1]
    credentials = [
        honest,
        replace(honest, tier=tier),
        replace(honest, chain_id=honest.chain_id + 1),
        replace(honest, proof=cut),
        replace(honest, policy_id=bytes(32)),
        honest,
        replace(honest, root=honest.root + 1),
        replace(honest, key_digest=bytes(32)),
        replace(honest, nullifier=honest.nullifier + 1),
        replace(honest, proof=cut + bytes([last ^ 1])),
    ]
    found = tierproof.verify_batch(credentials, **options)
    verdicts = [
        verdict.code if isinstance(verdict, TierproofError) else verdict for verdict in found
    ]
    assert verdicts == [alone(credential, options) for credential in credentials]
    assert verdicts[0] == verdicts[5] and verdicts[0]["outcome"] == "accepted"
    codes = {
        "rejected.place",
        "rejected.policy",
        "rejected.root",
        "rejected.key",
        "rejected.equation",
    }
    assert codes <= set(verdicts[1:5] + verdicts[6:])
    assert tierproof.verify_batch([], **options) == []


def test_what_is_wrong_for_all_is_raised(desk: Desk) -> None:
    honest, options = CredentialFile.load(desk.credential), given(desk)
    for change, code in (
        ({"allow_setup": None}, "rejected.setup"),
        ({"allow_setup": "0x" + "26" * 25}, "rejected.setup"),
        ({"now": options["root"].root.valid_until + 1}, None),
        ({"place": Place(CHAIN_ID + 1, REGISTRY)}, None),
    ):
        with pytest.raises(Rejected) as caught:
            tierproof.verify_batch([honest], **(options | change))
        assert code is None or caught.value.code == code
