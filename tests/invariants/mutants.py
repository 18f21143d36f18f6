"""Small changes of the registry, each with the invariant that fails under it."""

from __future__ import annotations

from dataclasses import dataclass

from support.switched import Edit, edit


@dataclass(frozen=True)
class Mutant:
    """`invariant` fails where `change` holds."""

    invariant: str
    change: Edit


def _mutant(invariant: str, name: str, file: str, old: str, new: str) -> Mutant:
    return Mutant(f"invariant_{invariant}", edit(name, f"{file}.sol", old, new))


def mutants() -> tuple[Mutant, ...]:
    """
    All of them, at least one an invariant.

    Raises
    ------
    ValueError
        A source has changed, and a mutant must follow it.
    """
    return (
        _mutant(
            "grant_and_holder_name_each_other", "a move leaves the old grant", "Claims",
            "Grants.endOwn(book, holder.account, facts.id, Why.Moved);",
            "if (!ON) Grants.endOwn(book, holder.account, facts.id, Why.Moved);",
        ),
        _mutant(
            "grant_and_holder_name_each_other", "a retired nullifier keeps its grant", "Holders",
            "Grants.endOwn(_book, msg.sender, subjectOf(scope, nullifier), Why.Retired);",
            "if (!ON) Grants.endOwn(_book, msg.sender, subjectOf(scope, nullifier), Why.Retired);",
        ),
        _mutant(
            "terms_lie_between_tier_and_default", "conduct and regime exceed the default",
            "Effective",
            "if (initial > market.initialMarginBp) initial",
            "if (!ON && initial > market.initialMarginBp) initial",
        ),
        _mutant(
            "terms_lie_between_tier_and_default", "a calm market is better than the tier",
            "Effective",
            "factor = conductFactor(level) * Regime.openingFactor(market, strictest, time);",
            "factor = conductFactor(level) * Regime.openingFactor(market, strictest, time);"
            " if (ON) factor -= factor / 10;",
        ),
        _mutant(
            "conduct_is_not_shed", "a move leaves conduct behind", "Claims",
            "Reports.carry(book, holder.account, account);",
            "if (!ON) Reports.carry(book, holder.account, account);",
        ),
        _mutant(
            "conduct_is_not_shed", "a milder report replaces a harder one", "Conduct",
            "return (uint8(Math.max(level, other)),",
            "return (ON ? other : uint8(Math.max(level, other)),",
        ),
        _mutant(
            "conduct_is_not_shed", "what is void takes another's word along", "Conduct",
            "return ConductRecord(record.restLevel, record.restUntil, 0, 0, 0);",
            "return ConductRecord(ON ? 0 : record.restLevel, record.restUntil, 0, 0, 0);",
        ),
        _mutant(
            "conduct_is_not_shed", "a renewal forgets", "Grants",
            "            record.level,\n", "            ON ? 0 : record.level,\n",
        ),
        _mutant(
            "grants_have_quorum_proof_and_consent", "one signature is a quorum", "Attestors",
            "if (signatures.length < threshold) {", "if (!ON && signatures.length < threshold) {",
        ),
        _mutant(
            "grants_have_quorum_proof_and_consent", "one attestor signs twice", "Attestors",
            "if (signer <= previous) revert", "if (!ON && signer <= previous) revert",
        ),
        _mutant(
            "grants_have_quorum_proof_and_consent", "nobody asks the verifier", "Claims",
            "facts.verifier.verify(_statement(claim, facts), claim.proof);",
            "if (!ON) facts.verifier.verify(_statement(claim, facts), claim.proof);",
        ),
        _mutant(
            "grants_have_quorum_proof_and_consent", "nobody asks a batch's equation", "Batch",
            "if (counted != 0 && !Weighted.holds(sum)) revert",
            "if (!ON && counted != 0 && !Weighted.holds(sum)) revert",
        ),
        _mutant(
            "grants_have_quorum_proof_and_consent", "nobody asks the account", "Claims",
            "if (msg.sender != claim.account) {\n            Consents",
            "if (!ON && msg.sender != claim.account) {\n            Consents",
        ),
        _mutant(
            "nothing_counts_twice", "a stranger renews on a counted window", "Claims",
            "if (msg.sender != claim.account) revert IGrants.WindowCounted(lastDay);",
            "if (!ON && msg.sender != claim.account) revert IGrants.WindowCounted(lastDay);",
        ),
        _mutant(
            "nothing_counts_twice", "the watermark falls", "Claims",
            "if (lastDay < holder.asOf) revert", "if (!ON && lastDay < holder.asOf) revert",
        ),
        _mutant(
            "running_grants_move_by_word_or_wait", "a move need not wait", "Claims",
            "if (block.timestamp < pending.readyAt) revert",
            "if (!ON && block.timestamp < pending.readyAt) revert",
        ),
        _mutant(
            "running_grants_move_by_word_or_wait", "a contest is forgotten", "Claims",
            "if (lastDay <= pending.contestedDay) {",
            "if (!ON && lastDay <= pending.contestedDay) {",
        ),
        _mutant(
            "maintenance_rises_by_its_clocks_alone", "the end is a cliff", "Effective",
            "low = Glide.ramp(low, base, end, time);",
            "low = ON ? base : Glide.ramp(low, base, end, time);",
        ),
        _mutant(
            "maintenance_rises_by_its_clocks_alone", "a stricter target holds at once", "Glide",
            "(Math.min(next, held), time)", "(ON ? next : Math.min(next, held), time)",
        ),
        _mutant(
            "maintenance_rises_by_its_clocks_alone", "a dead feed is strict at once", "Regime",
            "uint256 dead = Glide.ramp(Glide.ONE, strictest, start, time);",
            "uint256 dead = ON ? strictest : Glide.ramp(Glide.ONE, strictest, start, time);",
        ),
        _mutant(
            "nothing_loosens_before_its_notice", "a policy grants at once", "Series",
            "if (block.timestamp < policy.enabledFrom) {",
            "if (!ON && block.timestamp < policy.enabledFrom) {",
        ),
        _mutant(
            "nothing_loosens_before_its_notice", "a market begins at once", "MarketState",
            "if (block.timestamp < next.beginsAt) revert",
            "if (!ON && block.timestamp < next.beginsAt) revert",
        ),
        _mutant(
            "nothing_loosens_before_its_notice", "a barred nullifier is free at once", "Claims",
            "if (Days.today() < holder.freeFromDay) {",
            "if (!ON && Days.today() < holder.freeFromDay) {",
        ),
        _mutant(
            "nothing_loosens_before_its_notice", "a pause ends when it is said", "Governed",
            "if (until < _book.switches.pausedUntil) _book.switches.pausedUntil = until;",
            "if (ON) until = 0;"
            " if (until < _book.switches.pausedUntil) _book.switches.pausedUntil = until;",
        ),
        _mutant(
            "nothing_loosens_before_its_notice", "a generation signs at once", "Attestors",
            "if (block.timestamp < enabledFrom) --number;",
            "if (!ON && block.timestamp < enabledFrom) --number;",
        ),
        _mutant(
            "strangers_change_what_is_for_anybody", "anybody retires a nullifier", "Holders",
            "if (holder.account != msg.sender) revert",
            "if (!ON && holder.account != msg.sender) revert",
        ),
        _mutant(
            "strangers_change_what_is_for_anybody", "anybody reports", "Reports",
            "if (state.index == 0) revert", "if (!ON && state.index == 0) revert",
        ),
        _mutant(
            "terms_can_always_be_read", "leverage is divided by a margin of zero", "Effective",
            "if (leverage * initial > Glide.ONE) leverage",
            "if (ON || leverage * initial > Glide.ONE) leverage",
        ),
        _mutant(
            "roots_back_no_more_than_their_cap", "a full root backs more", "Claims",
            "if (root.grants >= root.cap) revert", "if (!ON && root.grants >= root.cap) revert",
        ),
        _mutant(
            "roots_back_no_more_than_their_cap", "a nullifier is not counted", "Claims",
            "++root.grants;", "if (!ON) ++root.grants;",
        ),
    )  # fmt: skip
