"""
Which owners of a window the members attest: those of whom all hold the same consents
(docs/explanation/attestation.md 9.2).

Members compare digests. A digest covers wallets, days and the seed of the salts, and tells none of
them, so nobody shows another what he holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from algebra.errors import Refused
from history.dates import day_text
from tierproof.signing.draft import NO_CONSENT, Draft, LeftOut, OwnerKey

Held = Mapping[OwnerKey, bytes]
"""Of each owner of a member's job, the digest of the consents that he holds."""


def held_by(draft: Draft) -> dict[OwnerKey, set[bytes]]:
    """What a draft says that members hold."""
    held: dict[OwnerKey, set[bytes]] = {each.key: {each.consents} for each in draft.owners}
    return held | {each.key: set(each.consents) for each in draft.left_out}


def disagreements(own: Held, others: Sequence[Draft]) -> tuple[LeftOut, ...]:
    """
    Owners of whom two members hold different consents, or of whom one holds none. Every member
    who compares the same drafts finds the same.

    Parameters
    ----------
    own : what this member holds
    others : the drafts of the other members, of the same window

    Returns
    -------
    Ascending by owner
    """
    members = [{key: {digest} for key, digest in own.items()}, *map(held_by, others)]
    found = []
    for key in sorted(set().union(*members)):
        digests = set().union(*(member.get(key, {NO_CONSENT}) for member in members))
        if len(digests) > 1:
            found.append(LeftOut(*key, tuple(sorted(digests))))
    return tuple(found)


def require_window(draft: Draft, first_day: int, last_day: int) -> None:
    """Refused (`refused.draft.window`) unless a draft is of this window."""
    root = draft.root.root
    if (root.first_day, root.last_day) != (first_day, last_day):
        raise Refused(
            "refused.draft.window",
            f"draft: of the window {day_text(root.first_day)} to {day_text(root.last_day)}, the "
            f"job of {day_text(first_day)} to {day_text(last_day)}",
        )


def require_left_out(draft: Draft, own: Held) -> None:
    """
    Whether this member may sign that owners are left out: what he holds of each is among the
    digests that differ.

    Raises
    ------
    Refused
        `refused.draft.left_out`
    """
    for each in draft.left_out:
        if own.get(each.key, NO_CONSENT) not in each.consents:
            raise Refused(
                "refused.draft.left_out",
                f"draft: it leaves out the owner of consent key {each.consent_key} for consents "
                "none of which are those held here",
                consent_key=each.consent_key,
            )
