"""A wallet that leaves once its results are known."""

from __future__ import annotations

from collections.abc import Callable

from eth_account import Account
from eth_account.signers.local import LocalAccount

from algebra.keccak import keccak
from attestor.binding import SignedBinding, sign_binding, venue_id
from attestor.bindings import BindingRegistry
from attestor.statement import Statement
from benchmarks.gaming.figures import rows_of, sharpe
from benchmarks.gaming.played import Played
from prover.vault import Identity
from tierproof.owner import VenueOwner

SET = bytes(32)
"""Of the attestors; nothing is signed here."""


def stand_in(wallet: str) -> LocalAccount:
    """A key for a wallet whose own nobody here holds."""
    account: LocalAccount = Account.from_key(keccak(wallet.encode()))
    return account


def attested(wallets: tuple[str, ...], leaving: str, statement: Statement) -> tuple[str, ...]:
    """
    Those of an owner's wallets that a leaf takes if one is unbound on the window's last day; the
    registry refuses any other statement.
    """
    owner, registry = VenueOwner.of(Identity(7), statement.venue), BindingRegistry(SET)
    first, last = statement.first_day, statement.last_day
    of_key = {stand_in(wallet).address.lower(): wallet for wallet in wallets}
    for wallet in wallets:
        binding = owner.binding(stand_in(wallet).address.lower(), SET, first)
        signature = sign_binding(stand_in(wallet), binding)
        registry.bind(SignedBinding(binding, signature, owner.consent(binding)), first)
    registry.unbind(stand_in(leaving).address.lower(), last, last)
    whom, _ = registry.require(owner.tag, venue_id(statement.venue), tuple(of_key), first)
    return tuple(of_key[key] for key in registry.wallets_of(whom, first))


def loser_leaves(read: Callable[..., Statement], wallets: tuple[str, ...]) -> Played:
    """
    The wallet with the worst result is unbound on the window's last day.

    Parameters
    ----------
    read : the statement of some wallets
    """
    ratio = {wallet: sharpe(rows_of(read(wallet))) for wallet in wallets}
    loser = min(wallets, key=ratio.__getitem__)
    whole = read(*wallets)
    honest = sharpe(rows_of(whole))
    kept = tuple(wallet for wallet in wallets if wallet != loser)
    taken = attested(wallets, loser, whole)
    return Played(
        "the losing wallet leaves on the last day",
        "Sharpe ratio, more than with it",
        sharpe(rows_of(read(*kept))) - honest,
        sharpe(rows_of(read(*taken))) - honest,
        0.0,
        "a leaf takes every wallet that was under the tag on the window's first day, whole",
        "windows are a calendar, the leaf's wallets those of its first day (attestation 3)",
    )
