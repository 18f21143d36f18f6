"""
A signing round of an attestor: statements and bindings in, a root that two of three sign out.

The wallets, their trades and the attestors' keys are the sample's: made up, and public. Run it from
the repository: `python examples/attestor_round.py`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from attestor.attest import OwnerStatement, attest
from attestor.attestation import Attestation
from attestor.binding import SignedBinding, sign_binding
from attestor.bindings import BindingRegistry
from attestor.calendar import Calendar, SignedCalendar
from attestor.quorum import RootDomain
from attestor.venues import sample
from policies.attestor_set import AttestorSet
from prover.vault import create_vault
from tierproof import KeysFolder, RootFile, fast_algebra, write_attestations
from tierproof.attesting import commitment_setup
from tierproof.owner import VenueOwner

SIZE = 8192
ATTESTORS = sample.unsafe_attestors(3)
ATTESTOR_SET = AttestorSet.of([account.address for account in ATTESTORS], 2)
VALID_UNTIL = 2_082_758_400  # 2036-01-01, so that the committed sample grows old late
NOW = (sample.FIRST_DAY + sample.DAYS + 2) * 86_400  # nothing late counts any more


def announce(bindings: BindingRegistry) -> None:
    """A quorum announces the window the day before it begins."""
    day = sample.FIRST_DAY - 1
    of = ATTESTOR_SET
    calendar = Calendar("sample", of.id, of.generation, sample.FIRST_DAY, sample.DAYS, 1, day)
    bindings.announce(SignedCalendar.sign(calendar, ATTESTOR_SET, ATTESTORS[:2]), today=day)


def bind_wallets(
    owner: sample.SampleOwner, at_venue: VenueOwner, bindings: BindingRegistry
) -> None:
    """Every wallet signs to join its owner's tag, and he consents; the registry takes it in."""
    for key in owner.unsafe_keys:
        asked = at_venue.binding(key.address.lower(), ATTESTOR_SET.id, sample.FIRST_DAY)
        signed = SignedBinding(asked, sign_binding(key, asked), at_venue.consent(asked))
        bindings.bind(signed, today=sample.FIRST_DAY)


def sign_round(
    desk: sample.Sample,
    owners: Sequence[VenueOwner],
    keys: KeysFolder,
    domain: RootDomain,
    valid_until: int = VALID_UNTIL,
) -> list[Attestation]:
    """One attestation an owner: read, commit, build the tree, sign its root."""
    bindings = BindingRegistry(ATTESTOR_SET.id)
    announce(bindings)
    for owner, at_venue in zip(desk.owners, owners, strict=True):
        bind_wallets(owner, at_venue, bindings)
    statements = desk.statement_file()
    return attest(
        [
            OwnerStatement(
                at_venue.tag,
                statements.statement(owner.wallets, desk.first_day, desk.last_day),
            )
            for owner, at_venue in zip(desk.owners, owners, strict=True)
        ],
        bindings=bindings,
        setup=commitment_setup(keys, SIZE),
        algebra=keys.algebra,
        attestor_set=ATTESTOR_SET,
        signers=ATTESTORS[:2],
        domain=domain,
        valid_until=valid_until,
        now=NOW,
    )


def main() -> None:
    """A round for three owners, each with a vault of his own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        keys = KeysFolder.create(
            folder / "keys", fast_algebra(), size=SIZE, unsafe_development=True
        )
        desk = sample.write_sample(folder / "statements")
        owners = [
            VenueOwner.of(
                create_vault(folder / f"{owner.name}.vault", "known to all"), sample.VENUE
            )
            for owner in desk.owners
        ]
        made = sign_round(desk, owners, keys, RootDomain(31337, "0x" + "ab" * 20))
        written = write_attestations(made, folder / "attested")
        for owner, attestation in zip(desk.owners, made, strict=True):
            wallets = attestation.leaf.wallets
            print(f"{owner.name}: {len(attestation.records):,} records of {wallets} wallets")
        root = RootFile.load(written.root_file)
        print(f"root.json: {len(root.signatures)} signatures, {root.attestor_set.threshold} needed")


if __name__ == "__main__":
    main()
