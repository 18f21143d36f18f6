"""
What an address of the venue is, which sub-accounts it has, and how its balances are kept
(docs/explanation/attestation.md 2.7).
"""

from __future__ import annotations

from algebra.errors import Refused
from attestor.collect.folder import Answer, Collected
from attestor.venues.hyperliquid.merged import incomplete

ROLE, SUB_ACCOUNTS, MODE = "userRole", "subAccounts", "userAbstraction"
OWN = ("user", "missing")
"""Roles of a wallet with a history of its own; the venue misses one that never did anything."""
STANDARD = ("default", "disabled")
"""Modes in which perpetuals and spot keep their own balances; a new account has the first."""


def check_role(answer: Answer, wallet: str) -> None:
    """
    Refused (`refused.account_kind`) unless the address is a wallet: an agent signs for another and
    has no history, a sub-account comes with its master, a vault holds others' money.
    """
    item = answer.item()
    role = item.text("role")
    if role in OWN:
        return
    whose = ""
    if item.has("data"):
        data = item.child("data")
        named = [data.wallet(name) for name in ("user", "master") if data.has(name)]
        whose = f" of {named[0]}" if named else ""
    raise Refused(
        "refused.account_kind",
        f"{wallet}: the venue calls it {role[:20]!a}{whose}; a wallet of an owner is wanted",
        account=wallet,
        role=role,
    )


def sub_accounts(answer: Answer) -> tuple[str, ...]:
    """A wallet's sub-accounts by their addresses, ascending: every attestor numbers them alike."""
    if answer.value is None:
        return ()
    return tuple(sorted(item.wallet("subAccountUser") for item in answer.items()))


def check_mode(answer: Answer, account: str) -> None:
    """Refused (`refused.account_kind`) where spot balances count as margin."""
    if answer.value in STANDARD:
        return
    mode = str(answer.value)[:40]
    raise Refused(
        "refused.account_kind",
        f"{account}: its mode is {mode!a}, in which balances outside its perpetuals count as "
        "margin; their factors are not told",
        account=account,
        mode=mode,
    )


def require_own(collected: Collected, wallet: str) -> None:
    """As `check_role`; Refused (`refused.incomplete`) where a sub-account was left out."""
    roles = collected.asked(type=ROLE, user=wallet)
    listed = collected.asked(type=SUB_ACCOUNTS, user=wallet)
    if not roles or not listed:
        raise incomplete(wallet, f"{ROLE} and {SUB_ACCOUNTS} may not be left out")
    for answer in roles:
        check_role(answer, wallet)
    if sub_accounts(listed[-1]) != collected.accounts[wallet]:
        raise incomplete(wallet, "the sub-accounts that the venue lists are not those collected")


def require_standard(collected: Collected, account: str, address: str) -> None:
    """As `check_mode`, each time that it was asked."""
    modes = collected.asked(type=MODE, user=address)
    if not modes:
        raise incomplete(account, f"{MODE} was not asked, so its kind of margin is not known")
    for answer in modes:
        check_mode(answer, account)
