"""
Three real owners of two to four wallets, from the venue's files to checked attestations in one
tree.
"""

from __future__ import annotations

from pathlib import Path

from attestor_world import Attestors, key, lagrange_basis, venue_owner
from test_hyperliquid_2023 import FIRST, LAST, OWNERS

from algebra.interface import Algebra
from attestor.attest import OwnerStatement, Setup, attest
from attestor.attestation import check, load
from attestor.statement import relabel
from attestor.venues.hyperliquid_2023 import VENUE, History
from circuits.versions import CURRENT

N = 1 << 13
SECRETS = {"two": 71, "three": 72, "four": 73}


def test_from_files_to_attestations(history: History, algebra: Algebra, tmp_path: Path) -> None:
    attestors = Attestors()
    attestors.announce(FIRST, LAST + 1 - FIRST, series="real-owners")
    basis = lagrange_basis(N, algebra)
    owners = []
    for name, (wallets, _) in OWNERS.items():
        # Nobody here holds the wallets' keys: others stand in for them, owner by owner (one wallet
        # is in two owners).
        keys = [key(f"{name} {wallet}") for wallet in wallets]
        owner = venue_owner(SECRETS[name], VENUE)
        for account in keys:
            attestors.bind(account, owner, FIRST - 1)
        addresses = {
            wallet: account.address.lower() for wallet, account in zip(wallets, keys, strict=True)
        }
        owners.append(
            OwnerStatement(owner.tag, relabel(history.statement(wallets, FIRST, LAST), addresses))
        )
    attestations = attest(
        owners,
        bindings=attestors.bindings,
        setup=Setup(basis, 1, CURRENT.capacity(N)),
        algebra=algebra,
        attestor_set=attestors.set,
        signers=attestors.keys,
        domain=attestors.domain,
        valid_until=(LAST + 366) * 86_400,
        now=(LAST + 3) * 86_400,
    )
    for (name, (wallets, counts)), attestation in zip(OWNERS.items(), attestations, strict=True):
        path = tmp_path / f"{name}.json"
        attestation.write(path)
        loaded = load(path)
        check(loaded, basis, algebra, SECRETS[name])
        assert (loaded.leaf.count, loaded.leaf.closing, loaded.leaf.wallets) == (
            counts[0],
            counts[-1],
            len(wallets),
        )
        assert (loaded.leaf.bound_day, loaded.leaf.last_day) == (FIRST - 1, LAST)
