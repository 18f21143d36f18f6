"""
A tag's owner consents to what is bound under it, and nobody else can block him (case 09 of the
shared ones: a stranger binds an empty wallet to an owner's tag).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from attestor_world import (
    FIRST_DAY,
    Attestors,
    key,
    lagrange_basis,
    signed_binding,
    signed_owner,
    venue_owner,
)
from eth_account import Account
from eth_account.messages import encode_typed_data

from algebra.errors import Malformed, Refused, Rejected
from algebra.interface import Algebra, R
from algebra.poseidon2 import TAG_OWNER, hash_words
from attestor.attest import OwnerStatement, Setup, attest
from attestor.attestation import Attestation
from attestor.binding import SignedBinding, sign_binding, venue_id
from attestor.bindings import BindingRegistry, Owner
from attestor.consent import DOMAIN, TYPES, Consent, consent_message, leaf_salt, venue_word
from attestor.signatures import one_form, sign
from prover.vault import Identity
from tierproof.attested_folder import write_attestations

VENUE = venue_id("test-venue")
LAST_DAY = FIRST_DAY + 2
WALLET, STRANGER = key("wallet"), key("stranger")
HONEST, THIEF = venue_owner(501), venue_owner(666)


def stolen_tag(key_of: str) -> SignedBinding:
    """
    A stranger's wallet under the honest owner's tag: with the owner's consent key, or his own.
    """
    asked = HONEST.binding(STRANGER.address.lower(), Attestors().set.id, FIRST_DAY - 5)
    if key_of == "stranger":
        asked = replace(asked, consent_key=STRANGER.address.lower())
    seed = b"\x01" * 32
    consent = Consent(seed, sign(STRANGER, consent_message(asked.message(), seed)))
    return SignedBinding(asked, sign_binding(STRANGER, asked), consent)


def run(attestors: Attestors, owners: list[OwnerStatement], algebra: Algebra) -> list[Attestation]:
    return attest(
        owners,
        bindings=attestors.bindings,
        setup=Setup(lagrange_basis(64, algebra), 1, 40),
        algebra=algebra,
        attestor_set=attestors.set,
        signers=attestors.keys[:2],
        domain=attestors.domain,
        valid_until=(LAST_DAY + 100) * 86_400,
        now=(LAST_DAY + 3) * 86_400,
    )


# -- what is signed --------------------------------------------------------------------------------
def test_the_consent_is_eip_712_of_the_wallets_digest_and_the_seed() -> None:
    asked = HONEST.binding(WALLET.address.lower(), b"\x07" * 32, FIRST_DAY)
    consent = HONEST.consent(asked)
    consent.verify(asked.message(), HONEST.consent_key, asked.wallet)
    message = {"binding": asked.message().digest, "saltSeed": consent.salt_seed}
    signable = encode_typed_data(dict(DOMAIN), TYPES, message)
    signer = Account.recover_message(signable, signature=consent.signature)
    assert signer.lower() == HONEST.consent_key
    assert consent.salt_seed.hex() not in repr(consent) + repr(HONEST)


@pytest.mark.parametrize("part", ["wallet", "bound_day", "attestor_set", "salt_seed", "signer"])
def test_another_binding_seed_or_key_is_no_consent(part: str) -> None:
    signed = signed_binding(
        WALLET, HONEST.binding(WALLET.address.lower(), b"\x07" * 32, FIRST_DAY), HONEST
    )
    others = {
        "wallet": STRANGER.address.lower(),
        "bound_day": FIRST_DAY + 1,
        "attestor_set": b"\x08" * 32,
    }
    if part in others:
        asked = replace(signed.binding, **{part: others[part]})  # type: ignore[arg-type]
        wallet = STRANGER if part == "wallet" else WALLET
        lie = SignedBinding(asked, sign_binding(wallet, asked), signed.consent)
    elif part == "salt_seed":
        lie = replace(signed, consent=replace(signed.consent, salt_seed=b"\x02" * 32))
    else:
        digest = consent_message(signed.binding.message(), signed.consent.salt_seed)
        lie = replace(signed, consent=replace(signed.consent, signature=sign(STRANGER, digest)))
    signed.verify()
    with pytest.raises(Rejected, match="did not consent") as caught:
        lie.verify()
    assert caught.value.code == "rejected.consent"


def test_an_owner_consents_under_his_own_tag_alone() -> None:
    for other in (THIEF, venue_owner(501, "another-venue")):
        asked = other.binding(WALLET.address.lower(), b"\x07" * 32, FIRST_DAY)
        with pytest.raises(Malformed) as caught:
            HONEST.consent(asked)
        assert caught.value.code == "malformed.consent"
    with pytest.raises(Malformed, match="seed is not 32 bytes"):
        Consent(bytes(31), bytes(65))


def test_the_tag_is_a_hash_of_secret_and_consent_key() -> None:
    """So no second consent key belongs to a tag: the circuit opens it with the leaf's word."""
    word = venue_word(VENUE, HONEST.consent_key)
    assert HONEST.tag == hash_words(TAG_OWNER, [501, word])
    assert word < 1 << 248 and word != venue_word(VENUE, THIEF.consent_key)
    assert word != venue_word(VENUE + 1, HONEST.consent_key)
    assert venue_owner(501) == HONEST
    elsewhere = venue_owner(501, "another-venue")
    assert elsewhere.consent_key != HONEST.consent_key and elsewhere.tag != HONEST.tag
    assert Identity(501).salt_seed(VENUE) != Identity(501).salt_seed(VENUE + 1)


# -- the stranger ----------------------------------------------------------------------------------
def test_a_stranger_has_no_consent_under_the_owners_key() -> None:
    attestors = Attestors()
    with pytest.raises(Rejected) as caught:
        attestors.bindings.bind(stolen_tag("owner"), FIRST_DAY - 5)
    assert caught.value.code == "rejected.consent"
    assert caught.value.fields["wallet"] == STRANGER.address.lower()
    assert attestors.bindings.entries == []


@pytest.mark.parametrize("first", ["owner", "stranger"])
def test_under_a_key_of_his_own_a_stranger_is_another_owner(
    first: str, algebra: Algebra, tmp_path: Path
) -> None:
    """
    Whoever comes first, the owner is attested with his wallets and without the stranger's; the
    stranger's leaf of the same tag stands beside it, and nobody has its secret.
    """
    attestors, stolen = Attestors(), stolen_tag("stranger")
    if first == "stranger":
        attestors.bindings.bind(stolen, FIRST_DAY - 5)
    owner = signed_owner(attestors, 501, [WALLET])
    if first == "owner":
        attestors.bindings.bind(stolen, FIRST_DAY - 5)
    theirs = signed_owner(Attestors(), 501, [STRANGER])
    alone = run(attestors, [owner], algebra)
    both = run(attestors, [owner, theirs], algebra)
    assert both[0].leaf == alone[0].leaf
    assert both[1].leaf.owner_tag == both[0].leaf.owner_tag
    assert both[1].leaf.venue != both[0].leaf.venue
    assert len(set(write_attestations(both, tmp_path / "attested").files)) == 2
    mixed = replace(
        owner,
        statement=replace(
            owner.statement, wallets=(*owner.statement.wallets, STRANGER.address.lower())
        ),
    )
    with pytest.raises(Refused, match="of several owners") as caught:
        run(attestors, [mixed], algebra)
    assert caught.value.code == "refused.consent"


def test_a_consent_key_stands_for_one_owner(tmp_path: Path) -> None:
    """One tag, venue and seed: the files and leaves of an owner are named by his key."""
    attestors, day = Attestors(), FIRST_DAY - 5
    attestors.bind(WALLET, HONEST, day)
    wallet = STRANGER.address.lower()
    for change in ({"owner_tag": 7}, {"venue": 7}, {"seed": b"\x03" * 32}):
        seed = change.pop("seed", Identity(501).salt_seed(VENUE))  # type: ignore[arg-type]
        asked = replace(HONEST.binding(wallet, attestors.set.id, day), **change)  # type: ignore[arg-type]
        digest = consent_message(asked.message(), seed).digest  # type: ignore[arg-type]
        r, s = Identity(501).sign_consent(VENUE, digest)
        consent = Consent(seed, one_form(digest, r, s, HONEST.consent_key))  # type: ignore[arg-type]
        with pytest.raises(Refused, match="stands for another") as caught:
            attestors.bindings.bind(
                SignedBinding(asked, sign_binding(STRANGER, asked), consent), day
            )
        assert caught.value.code == "refused.consent"
    assert len(attestors.bindings.entries) == 1
    attestors.bindings.save(tmp_path / "bindings.json")
    held = BindingRegistry.load(tmp_path / "bindings.json")
    assert [Owner.of(each.signed).consent_key for each in held.entries] == [HONEST.consent_key]


# -- salts -----------------------------------------------------------------------------------------
def test_every_attestor_derives_the_same_leaf(algebra: Algebra) -> None:
    """Nothing is drawn: two runs give one root, and the salt follows from the owner's seed."""
    roots, leaves = set(), []
    for _ in range(2):
        attestors = Attestors()
        made = run(attestors, [signed_owner(attestors, 501, [WALLET])], algebra)
        roots.add(made[0].root)
        leaves.append(made[0].leaf)
    seed = Identity(501).salt_seed(VENUE)
    assert len(roots) == 1 and leaves[0] == leaves[1]
    assert leaves[0].salt == leaf_salt(seed, HONEST.tag, attestors.set.id, FIRST_DAY, LAST_DAY)


def test_every_part_moves_the_salt() -> None:
    parts = (b"\x01" * 32, 5, b"\x07" * 32, 10, 20)
    others = (b"\x02" * 32, 6, b"\x08" * 32, 11, 21)
    salts = {leaf_salt(*parts)}
    for index, other in enumerate(others):
        changed = (*parts[:index], other, *parts[index + 1 :])
        salts.add(leaf_salt(*changed))  # type: ignore[arg-type]
    assert len(salts) == 6 and max(salts) < R
