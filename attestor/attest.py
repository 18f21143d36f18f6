"""
From statements to signed attestations, one for each owner (docs/explanation/attestation.md 1).

    bindings -> logs -> commitments -> leaves -> tree -> draft
    draft, k of n signatures -> attestations

A draft needs neither a key nor a random number: from the same inputs every attestor makes the same
one. Either every owner gets an attestation or nobody does: the refused ones are named by the error,
and left out by the caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from algebra.errors import Malformed, Refused
from algebra.interface import Algebra, PointVector
from attestor.attestation import Attestation
from attestor.binding import venue_id
from attestor.bindings import BindingRegistry, Owner
from attestor.by_hand import DAY_SECONDS, VALID_AHEAD, looks_like
from attestor.calendar import require_settled
from attestor.commitment import commit_log
from attestor.complaints import Complaints
from attestor.consent import leaf_salt, venue_word
from attestor.cosigning import sign_root
from attestor.leaf import Leaf
from attestor.log import Log, build_log
from attestor.statement import Statement
from attestor.tree import Tree
from history.v2.feed import NO_FEED
from policies.attestor_set import AttestorSet
from policies.feed import FeedDocument
from policies.rule_files import RuleFiles
from policies.signed_root import RootDomain

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount


@dataclass(frozen=True, slots=True)
class OwnerStatement:
    """An owner's tag and all that his wallets did."""

    owner_tag: int
    statement: Statement


@dataclass(frozen=True, slots=True)
class Setup:
    """
    What the attestor takes from the setup.

    Attributes
    ----------
    basis : [L_i(tau)] of the size class, n points
    srs_id : 200 bits
    capacity : records that the class holds (`StatementVersion.capacity`)
    """

    basis: PointVector
    srs_id: int
    capacity: int

    @property
    def size_class(self) -> int:
        """log2 of the rows."""
        return self.basis.length.bit_length() - 1


def attest(
    owners: Sequence[OwnerStatement],
    *,
    bindings: BindingRegistry,
    setup: Setup,
    algebra: Algebra,
    attestor_set: AttestorSet,
    signers: Sequence[LocalAccount],
    domain: RootDomain,
    valid_until: int,
    now: int,
    feed: FeedDocument | None = None,
) -> list[Attestation]:
    """
    Attest owners of one window with keys that this process holds: `draft`, then `signed`. In
    earnest each member drafts and signs on a machine of his own.

    Parameters
    ----------
    signers : members, at least as many as must sign; the others as in `draft`

    Returns
    -------
    One attestation for each owner, in that order

    Raises
    ------
    Malformed, Refused
        As `draft`; `refused.quorum`.
    """
    made = draft(
        owners,
        bindings=bindings,
        setup=setup,
        algebra=algebra,
        attestor_set=attestor_set,
        domain=domain,
        valid_until=valid_until,
        now=now,
        feed=feed,
    )
    return signed(made, sign_root(made[0].signed_root, domain, signers, attestor_set))


def signed(made: Sequence[Attestation], signatures: tuple[bytes, ...]) -> list[Attestation]:
    """Drafts with the signatures of their root, as `attestor.cosigning.in_order` gives them."""
    return [replace(each, signatures=signatures) for each in made]


def draft(
    owners: Sequence[OwnerStatement],
    *,
    bindings: BindingRegistry,
    setup: Setup,
    algebra: Algebra,
    attestor_set: AttestorSet,
    domain: RootDomain,
    valid_until: int,
    now: int,
    feed: FeedDocument | None = None,
) -> list[Attestation]:
    """
    Attestations of one window that nobody has signed yet.

    Parameters
    ----------
    owners : statements of one window, in any order: leaves stand by owner tag and venue word
    bindings : registry of the same attestor set, which is only read; the window must be in one of
        its calendars, and every wallet bound by the first day
    valid_until : seconds since 1970, until when a registry takes the root
    now : seconds since 1970; late fills and corrections of the window must count no more
        (`attestor.calendar`), and `valid_until` lie ahead
    feed : of the window; without one no tier that needs a market feed can be proven

    Returns
    -------
    One attestation without signatures for each owner, in the order of `owners`

    Raises
    ------
    Malformed, Refused
        As `build_log`; `refused.binding`, `refused.consent`, `refused.tree` (an owner twice,
        another window); `refused.window` (not over yet, or what is late still counts),
        `refused.calendar` (not announced), `refused.valid_until` (not ahead, or more than ten
        years); `refused.feed.window` (the feed of another one), `refused.rule_files` (two margin
        documents or files of marks of one name, or statements with a margin document beside others
        without). What several owners are refused for comes as one (`attestor.complaints`).
    """
    if not owners:
        raise Refused("refused.attest", "attest: no owners")
    if bindings.attestor_set != attestor_set.id:
        raise Refused("refused.binding", "attest: the bindings are of another attestor set")
    first = owners[0].statement
    check_times(first.last_day, valid_until, now)
    require_settled(bindings.require_window(first.first_day, first.last_day), now)
    if feed is not None:
        feed.require_window(first.first_day, first.last_day)
    files = _files(owners, feed)
    wrong = Complaints()
    built = [wrong.take(partial(_log, owner, bindings, setup), None) for owner in owners]
    logs = [wrong.given(found) for found in built]
    leaves = [
        _leaf(owner, bound_day, log, attestor_set, setup, algebra) for log, owner, bound_day in logs
    ]
    order = sorted(range(len(leaves)), key=lambda i: (leaves[i].owner_tag, leaves[i].venue))
    tree = Tree.build([leaves[i] for i in order], algebra)
    market = None if feed is None else feed.feed
    digest = NO_FEED if market is None else market.digest()
    return [
        Attestation(
            each.statement.venue,
            owner.consent_key,
            leaf,
            log.records,
            index,
            tree.path(index),
            tree.root,
            attestor_set,
            domain,
            valid_until,
            (),
            digest,
            files,
            market,
        )
        for each, (log, owner, _), leaf, index in zip(
            owners, logs, leaves, places(order), strict=True
        )
    ]


def places(order: Sequence[int]) -> list[int]:
    """Where each item stands in a permutation: places(order)[order[i]] = i."""
    return sorted(range(len(order)), key=order.__getitem__)


def _files(owners: Sequence[OwnerStatement], feed: FeedDocument | None) -> RuleFiles:
    """
    What the root names: every file by which a log of its leaves is made, and the feed document.

    A leaf does not say which of them were used for it, so a log that no document judges cannot lie
    under a root that names one: whoever accepts the document would accept it too.
    """
    if len({each.statement.margin is None for each in owners}) == 2:
        raise Refused(
            "refused.rule_files",
            "attest: some statements are read by a margin document and others by none; attest them "
            "apart, or give each a document",
        )
    market = () if feed is None else ((feed.name, feed.digest),)
    return RuleFiles.together([RuleFiles(market), *(each.statement.files for each in owners)])


def check_times(last_day: int, valid_until: int, now: int) -> None:
    """
    Refused (`refused.window`) unless the window's last day is over, and (`refused.valid_until`)
    unless `valid_until` lies ahead, at most ten years; both times in seconds since 1970.
    """
    if (last_day + 1) * DAY_SECONDS > now:
        raise Refused("refused.window", "attest: the window is not over yet")
    if valid_until <= now:
        raise Refused("refused.valid_until", "attest: valid_until is not in the future")
    if valid_until > now + VALID_AHEAD:
        raise Refused(
            "refused.valid_until",
            f"attest: valid_until is more than ten years ahead{looks_like(valid_until)}; seconds "
            "since 1970 wanted",
        )


def _log(each: OwnerStatement, bindings: BindingRegistry, setup: Setup) -> tuple[Log, Owner, int]:
    """An owner's log, who he is, and the day by which all his wallets were bound."""
    statement = each.statement
    owner, bound_day = bindings.require(
        each.owner_tag,
        venue_id(statement.venue),
        statement.wallets,
        statement.first_day,
    )
    return build_log(statement, setup.capacity), owner, bound_day


def _leaf(
    owner: Owner,
    bound_day: int,
    log: Log,
    attestor_set: AttestorSet,
    setup: Setup,
    algebra: Algebra,
) -> Leaf:
    commitment = commit_log(log.records, setup.basis, algebra)
    if commitment is None:
        raise Malformed(
            "malformed.commitment",
            "attest: the commitment is the point at infinity; the setup is broken",
        )
    return Leaf(
        owner_tag=owner.tag,
        venue=venue_word(owner.venue, owner.consent_key),
        size_class=setup.size_class,
        srs_id=setup.srs_id,
        salt=leaf_salt(owner.salt_seed, owner.tag, attestor_set.id, log.first_day, log.last_day),
        commitment=commitment,
        count=len(log.records),
        wallets=log.wallets,
        first_day=log.first_day,
        last_day=log.last_day,
        bound_day=bound_day,
        opening=log.opening,
        closing=log.closing,
    )
