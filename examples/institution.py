"""
An institution's way to a credential: vault, wallets bound, attestation checked, estimate, proof.

What the attestors do in between is `attestor_round.py`. The desk is the sample's: made up. Run it
from the repository: `python examples/institution.py`. With a folder as its argument it leaves there
the four files that a protocol sees, and no other; `examples/sample` was made so.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from attestor_round import ATTESTOR_SET, SIZE, VALID_UNTIL, sign_round

import tierproof
from attestor.venues import sample
from tierproof.owner import VenueOwner

PASSPHRASE = "known to all"  # of a made-up desk
PLACE = tierproof.Place(131277322940537, "0x2946259e0334f33a064106302415ad3391bed384")
"""A registry that nobody deployed: of `protocol.py` it is another."""
ACCOUNT = "0x" + "ac" * 20


def sample_policy() -> tierproof.Policy:
    """The standard policy, over the sample's window and trusting its attestors."""
    standard = tierproof.example("standard").over(
        sample.FIRST_DAY, sample.FIRST_DAY + sample.DAYS - 1
    )
    return replace(
        standard,
        name="sample",
        series_name="sample",
        attestor_set=ATTESTOR_SET.id,
        documents=sample.documents(),
    )


def run(
    folder: Path,
    place: tierproof.Place = PLACE,
    account: str = ACCOUNT,
    valid_until: int = VALID_UNTIL,
) -> tierproof.CredentialFile:
    """The whole way in `folder`; what is private stays in it."""
    algebra, policy = tierproof.fast_algebra(), sample_policy()
    policy.save(folder / "policy.json")
    keys = tierproof.KeysFolder.create(folder, algebra, size=SIZE, unsafe_development=True)

    # 1  One vault, one secret; the wallets sign to join its tag, and it consents.
    identity = tierproof.create_vault(folder / "desk.vault", PASSPHRASE)
    others = [tierproof.create_vault(folder / f"{i}.vault", PASSPHRASE) for i in range(2)]
    owners = [VenueOwner.of(owner, sample.VENUE) for owner in (identity, *others)]

    # 2  The attestors' part.
    desk = sample.write_sample(folder / "statements")
    attested = sign_round(desk, owners, keys, place.domain, valid_until)
    written = tierproof.write_attestations(attested, folder / "attested")
    shutil.copyfile(written.root_file, folder / "root.json")

    # 3  Check the attestation, and see which tiers hold before anything is proven.
    attestation = tierproof.load_attestation(written.files[0])
    tierproof.check_attestation(attestation, keys, identity=identity, policy=policy)
    estimate = tierproof.estimate(attestation, policy)
    for tier in estimate.tiers:
        missing = "; ".join(verdict.text for verdict in tier.assessment.failing)
        print(f"{tier.tier}: {'holds' if tier.holds else missing}")
    if estimate.best is None:
        raise SystemExit("no tier holds")

    # 4  Prove the best one.
    credential = tierproof.prove(
        attestation, identity, policy, estimate.best, account=account, place=place, keys=keys
    )
    credential.write(folder / "credential.json")
    key = keys.verifying_key(SIZE)
    for name in tierproof.inspect(credential, key=key, policy=policy)["verifier_does_not_learn"]:
        print(f"a verifier does not learn: {name}")
    return credential


def main() -> None:
    """Run it in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as name:
        credential = run(Path(name))
        print(f"credential.json: a proof of {len(credential.proof):,} bytes")
        if sys.argv[1:]:
            for file in ("policy.json", "root.json", f"key-{SIZE}.json", "credential.json"):
                target = Path(sys.argv[1]) / file
                shutil.copyfile(Path(name) / file, target)
                target.chmod(0o644)


if __name__ == "__main__":
    main()
