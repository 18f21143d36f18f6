// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITierproofVerifier} from "../registry/ITierproofVerifier.sol";
import {Consents} from "./Consents.sol";
import {Days} from "./Days.sol";
import {Grants} from "./Grants.sol";
import {IGrantEvents} from "./IGrantEvents.sol";
import {IGrants} from "./IGrants.sol";
import {Reports} from "./Reports.sol";
import {Roots} from "./Roots.sol";
import {Router} from "./Router.sol";
import {Series} from "./Series.sol";
import {Grant} from "./Slots.sol";
import {
    Act,
    Book,
    Claim,
    Consent,
    Equation,
    Holder,
    Pending,
    PolicyState,
    RootState,
    TierState,
    Why
} from "./Types.sol";

/// @title How a claim counts
/// @notice A claim is a tier for an account by a proof. Whoever sends it, it counts if the account
/// consents and the nullifier's holder, its windows and its moves allow it.
library Claims {
    /// @notice An unsigned move counts so long after it was announced.
    uint32 public constant MOVE_WAIT = 72 hours;
    /// @notice A nullifier moves at most so often.
    uint32 public constant MOVE_EVERY = 7 days;
    /// @notice A grant that would be shorter is refused.
    uint32 public constant LEAST_SECONDS = 1 days;

    /// @notice What a claim speaks of, by what is kept here.
    struct Facts {
        Consents.Subject subject;
        uint256 scope;
        uint56 id;
        uint24 tier;
        uint24 root;
        uint32 expiry;
        bytes32 attestorSet;
        uint256 window;
        uint256 feed;
        ITierproofVerifier verifier;
    }

    /// @notice See `TierGrants.onboard`.
    /// @param book All that is kept.
    /// @param claim The tier, what it rests on and the proof.
    /// @param ofAccount The account's consent; empty if the account itself sends.
    /// @param ofHolder The holder's consent to a move; empty if he sends or does not agree.
    /// @param domain EIP-712 domain of the registry.
    /// @param strictest Factor of the strictest band, 1/10^4.
    /// @return act How it counted.
    function onboard(
        Book storage book,
        Claim calldata claim,
        Consent calldata ofAccount,
        Consent calldata ofHolder,
        bytes32 domain,
        uint256 strictest
    ) external returns (Act act) {
        Facts memory facts = _facts(book, claim);
        Holder memory holder = book.holders[facts.scope][claim.nullifier];
        act = _requireMeant(book, domain, claim, ofAccount, ofHolder, facts, holder);
        facts.verifier.verify(_statement(claim, facts), claim.proof);
        _write(book, claim, facts, holder, act, strictest);
    }

    /// @notice The same but for the proof's equation, which is left to `Batch`: until that holds,
    /// nothing of this counts.
    /// @param book All that is kept.
    /// @param claim The tier, what it rests on and the proof.
    /// @param ofAccount The account's consent; empty if the account itself sends.
    /// @param ofHolder The holder's consent to a move; empty if he sends or does not agree.
    /// @param domain EIP-712 domain of the registry.
    /// @param strictest Factor of the strictest band, 1/10^4.
    /// @param setup Hash of [tau]_2 of the batch; zero for any.
    /// @return left What is left of the proof.
    function onboardUnproven(
        Book storage book,
        Claim calldata claim,
        Consent calldata ofAccount,
        Consent calldata ofHolder,
        bytes32 domain,
        uint256 strictest,
        bytes32 setup
    ) external returns (Equation memory left) {
        Facts memory facts = _facts(book, claim);
        Holder memory holder = book.holders[facts.scope][claim.nullifier];
        Act act = _requireMeant(book, domain, claim, ofAccount, ofHolder, facts, holder);
        uint256[11] memory statement = _statement(claim, facts);
        left.statement = keccak256(abi.encode(statement));
        left.verifier = address(facts.verifier);
        (left.sum, left.tau, left.scalars) = facts.verifier.accumulator(statement, claim.proof);
        if (setup != bytes32(0) && keccak256(abi.encode(left.tau)) != setup) {
            revert IGrants.OtherSetup(claim.verifier);
        }
        _write(book, claim, facts, holder, act, strictest);
    }

    /// @notice See `TierGrants.downgrade`.
    /// @param book All that is kept.
    /// @param index Index of the tier.
    /// @param strictest Factor of the strictest band, 1/10^4.
    function downgrade(Book storage book, uint8 index, uint256 strictest) external {
        uint24 held = Grants.requireRunning(book, msg.sender).tier;
        TierState storage tier = book.series.tiers[held];
        uint24 taken = Series.requireTier(book.series.policies[tier.policy], index);
        if (taken == held) revert IGrants.NothingChanges();
        if (!Series.nowhereBetter(tier.terms, book.series.tiers[taken].terms)) {
            revert IGrants.TierBetter(index);
        }
        Grant memory grant = Grants.retargeted(book, msg.sender, taken, strictest);
        book.grants[msg.sender] = grant;
        emit IGrantEvents.Downgraded(msg.sender, held, taken, grant.from, grant.since);
    }

    // ---- how a claim counts ---------------------------------------------------------------------

    /// @dev What the claim speaks of, all of it in force.
    function _facts(Book storage book, Claim calldata claim)
        private
        view
        returns (Facts memory facts)
    {
        if (claim.nullifier == 0 || claim.nullifier >= Roots.FIELD_ORDER) {
            revert IGrants.NullifierOutOfRange(claim.nullifier);
        }
        PolicyState storage policy = Series.requireEnabled(book.series, claim.policyId);
        facts.verifier = Router.requireEnabled(book.router, claim.verifier);
        if ((policy.verifiers >> claim.verifier) & 1 == 0) {
            revert IGrants.VerifierNotOfPolicy(claim.verifier);
        }
        facts.tier = Series.requireTier(policy, claim.tier);
        TierState storage tier = book.series.tiers[facts.tier];
        if (keccak256(abi.encode(claim.thresholds)) != tier.thresholdsHash) {
            revert IGrants.WrongThresholds(claim.tier);
        }
        bytes32 series = policy.series;
        uint16 lastDay = policy.lastDay;
        facts.subject.account = claim.account;
        facts.subject.series = series;
        facts.subject.nullifier = claim.nullifier;
        facts.subject.terms = tier.terms;
        facts.subject.lastDay = lastDay;
        facts.scope = Grants.scopeOf(series);
        facts.id = Grants.subjectOf(facts.scope, claim.nullifier);
        facts.window = Days.statementWord(policy.firstDay, lastDay);

        facts.attestorSet = book.series.series[series].attestorSet;
        facts.root = Roots.requireLive(
            book.roots,
            book.sets,
            facts.attestorSet,
            Days.window(policy.firstDay, lastDay),
            claim.root
        );
        RootState storage root = book.roots.all[facts.root];
        facts.feed = root.feed;
        uint256 expiry = block.timestamp + uint256(tier.terms.validityDays) * 1 days;
        uint256 tooOld = Days.endOf(lastDay) + uint256(policy.maxAgeDays) * 1 days;
        if (tooOld < expiry) expiry = tooOld;
        if (uint256(root.validUntil) + 1 < expiry) expiry = uint256(root.validUntil) + 1;
        if (expiry < block.timestamp + LEAST_SECONDS) revert IGrants.TooShort(expiry);
        facts.expiry = uint32(expiry);
    }

    /// @dev Its account consents; how it counts.
    function _requireMeant(
        Book storage book,
        bytes32 domain,
        Claim calldata claim,
        Consent calldata ofAccount,
        Consent calldata ofHolder,
        Facts memory facts,
        Holder memory holder
    ) private view returns (Act) {
        facts.subject.from = holder.account;
        if (msg.sender != claim.account) {
            Consents.requireFrom(claim.account, ofAccount, facts.subject, domain);
        }
        return _judge(book, domain, claim, ofHolder, facts, holder);
    }

    /// @dev The public words: nothing of them is the caller's choice but what the proof shows.
    function _statement(Claim calldata claim, Facts memory facts)
        private
        pure
        returns (uint256[11] memory)
    {
        return [
            claim.root,
            claim.nullifier,
            facts.scope,
            uint256(uint160(claim.account)),
            facts.window,
            claim.thresholds[0],
            claim.thresholds[1],
            claim.thresholds[2],
            claim.thresholds[3],
            claim.thresholds[4],
            facts.feed
        ];
    }

    /// @dev Whether and how the claim counts, given that its account consents.
    function _judge(
        Book storage book,
        bytes32 domain,
        Claim calldata claim,
        Consent calldata ofHolder,
        Facts memory facts,
        Holder memory holder
    ) private view returns (Act) {
        uint16 lastDay = facts.subject.lastDay;
        if (holder.retired) revert IGrants.NullifierRetired(claim.nullifier);
        if (Days.today() < holder.freeFromDay) {
            revert IGrants.NullifierBarred(claim.nullifier, holder.freeFromDay);
        }
        if (lastDay < holder.asOf) revert IGrants.WindowTooOld(lastDay, holder.asOf);
        if (holder.account == address(0)) return Act.First;

        Grant memory own = book.grants[holder.account];
        bool isOwn = own.subject == facts.id;
        bool runs = isOwn && block.timestamp < Grants.endOf(book, own);
        if (holder.account == claim.account) {
            if (lastDay > holder.asOf) return Act.Renewed;
            // Recovery, by anybody: what the grant rests on was ended, and signed anew since. Of
            // its own tier, or an old consent to another one would count again.
            if (
                isOwn && own.tier == facts.tier && own.root != 0 && facts.root > own.root
                    && Roots.endOf(book.roots, book.sets, uint24(own.root)) != 0
            ) return Act.Recovered;
            if (msg.sender != claim.account) revert IGrants.WindowCounted(lastDay);
            if (
                runs && own.tier == facts.tier && own.root == facts.root
                    && own.verifier == claim.verifier
            ) revert IGrants.NothingChanges();
            return Act.Renewed;
        }

        if (lastDay == holder.asOf && msg.sender != claim.account) {
            revert IGrants.WindowCounted(lastDay);
        }
        uint256 readyAt = uint256(holder.movedAt) + MOVE_EVERY;
        if (block.timestamp < readyAt) revert IGrants.MovedTooSoon(readyAt);
        if (!runs || msg.sender == holder.account) return Act.Moved;
        // To an account that held it before a signature is no word of today: it may be an old one.
        if (ofHolder.signature.length > 0 && !Grants.everHeld(book, claim.account, facts.id)) {
            Consents.requireFrom(holder.account, ofHolder, facts.subject, domain);
            return Act.Moved;
        }
        return _judgeUnsigned(claim.account, lastDay, book.pending[facts.scope][claim.nullifier]);
    }

    /// @dev A move that the holder does not sign: announced now, or counting since it was.
    function _judgeUnsigned(address account, uint16 lastDay, Pending memory pending)
        private
        view
        returns (Act)
    {
        if (lastDay <= pending.contestedDay) {
            revert IGrants.MoveIsContested(pending.contestedDay);
        }
        if (pending.account == account && lastDay == pending.lastDay) {
            if (block.timestamp < pending.readyAt) revert IGrants.MoveNotReady(pending.readyAt);
            return Act.Moved;
        }
        // Or whoever has an older claim would start the clock again and again.
        if (pending.account != address(0) && lastDay <= pending.lastDay && msg.sender != account) {
            revert IGrants.OtherMoveAnnounced(pending.account);
        }
        return Act.Announced;
    }

    // ---- what it changes ------------------------------------------------------------------------

    /// @dev Records the move, or the grant.
    function _write(
        Book storage book,
        Claim calldata claim,
        Facts memory facts,
        Holder memory holder,
        Act act,
        uint256 strictest
    ) private {
        if (act == Act.Announced) _announce(book, claim, facts);
        else _grant(book, claim, facts, holder, act, strictest);
    }

    /// @dev Records a move that the holder may contest.
    function _announce(Book storage book, Claim calldata claim, Facts memory facts) private {
        uint32 readyAt = uint32(block.timestamp) + MOVE_WAIT;
        Pending storage pending = book.pending[facts.scope][claim.nullifier];
        (pending.account, pending.readyAt) = (claim.account, readyAt);
        pending.lastDay = facts.subject.lastDay;
        emit IGrantEvents.MoveAnnounced(
            facts.subject.series, claim.nullifier, claim.account, readyAt, facts.subject.lastDay
        );
    }

    /// @dev Writes the grant and its holder; ends what it moves from or replaces.
    function _grant(
        Book storage book,
        Claim calldata claim,
        Facts memory facts,
        Holder memory holder,
        Act act,
        uint256 strictest
    ) private {
        address account = claim.account;
        _count(book, facts, holder.root, claim.root);
        if (act == Act.Moved) {
            Grants.endOwn(book, holder.account, facts.id, Why.Moved);
            book.pending[facts.scope][claim.nullifier].account = address(0);
            Reports.carry(book, holder.account, account);
        }
        Grant memory before = book.grants[account];
        if (before.subject != facts.id && before.tier != 0) _replace(book, account, before);
        Grant memory grant = Grants.retargeted(book, account, facts.tier, strictest);
        (grant.expiry, grant.root) = (facts.expiry, facts.root);
        (grant.verifier, grant.subject) = (claim.verifier, facts.id);
        book.grants[account] = grant;
        bool starts = act == Act.First || act == Act.Moved;
        book.holders[facts.scope][claim.nullifier] = Holder({
            account: account,
            asOf: facts.subject.lastDay,
            movedAt: starts ? uint32(block.timestamp) : holder.movedAt,
            freeFromDay: holder.freeFromDay,
            retired: false,
            root: facts.root
        });
        emit IGrantEvents.Granted(
            account,
            facts.subject.series,
            claim.nullifier,
            act,
            holder.account,
            before.tier,
            facts.tier,
            facts.root,
            facts.attestorSet,
            claim.verifier,
            facts.expiry,
            grant.from,
            grant.since
        );
    }

    /// @dev Another subject's grant takes the place of one, which ended before or ends by this. The
    /// account's conduct is still to be had for whoever holds that nullifier.
    function _replace(Book storage book, address account, Grant memory before) private {
        book.held[account][before.subject] = true;
        if (block.timestamp < Grants.endOf(book, before)) {
            emit IGrantEvents.GrantEnded(account, before.subject, Why.Replaced);
        }
    }

    /// @dev Counts a nullifier once on each root that backs it in turn, up to the set's cap.
    function _count(Book storage book, Facts memory facts, uint24 former, uint256 word) private {
        if (former == facts.root) return;
        RootState storage root = book.roots.all[facts.root];
        if (root.grants >= root.cap) revert IGrants.RootFull(word, root.cap);
        ++root.grants;
    }
}
