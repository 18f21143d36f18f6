// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGrantEvents} from "./IGrantEvents.sol";

/// @title What the registry of grants says and refuses
interface IGrants is IGrantEvents {
    /// @notice The notice is shorter than the least one, and this is no development chain.
    /// @param notice Seconds given.
    /// @param least The least.
    error NoticeTooShort(uint32 notice, uint32 least);

    /// @notice Who says who may do what is fixed.
    error AuthorityIsFixed();

    /// @notice The set is registered already.
    /// @param attestorSet The set.
    error AttestorSetExists(bytes32 attestorSet);

    /// @notice Nobody registered this set.
    /// @param attestorSet The set.
    error AttestorSetUnknown(bytes32 attestorSet);

    /// @notice A set that may back no grant is a forgotten value.
    error CapZero();

    /// @notice A generation has too many members.
    /// @param members How many came.
    /// @param limit The greatest number allowed.
    error AttestorSetTooLarge(uint256 members, uint256 limit);

    /// @notice The threshold is below the least one, above the members, or not more than half of
    /// them.
    /// @param threshold The threshold given.
    /// @param members How many members there are.
    error ThresholdOutOfRange(uint256 threshold, uint256 members);

    /// @notice Members must ascend strictly, from above zero.
    /// @param index Place in the list.
    /// @param previous What stands before it.
    /// @param member The member.
    error MembersNotAscending(uint256 index, address previous, address member);

    /// @notice A member said to be a contract has no code, or a key's delegation only.
    /// @param index Place in the list.
    /// @param member The member.
    error MemberNoContract(uint256 index, address member);

    /// @notice The set has no such generation.
    /// @param attestorSet The set.
    /// @param generation Number of the generation.
    error GenerationUnknown(bytes32 attestorSet, uint32 generation);

    /// @notice The last generation has not begun yet: end it, or wait.
    /// @param attestorSet The set.
    /// @param generation Number of the generation.
    /// @param enabledFrom First second at which it counts.
    error GenerationPending(bytes32 attestorSet, uint32 generation, uint32 enabledFrom);

    /// @notice This generation of the set was ended.
    /// @param attestorSet The set.
    /// @param generation Number of the generation.
    error GenerationIsEnded(bytes32 attestorSet, uint32 generation);

    /// @notice Roots are taken from the running generation of a set alone.
    /// @param attestorSet The set.
    /// @param generation Number of the generation.
    /// @param running The running one, zero before the first begins.
    error WrongGeneration(bytes32 attestorSet, uint32 generation, uint32 running);

    /// @notice Fewer signatures than the threshold.
    /// @param signatures How many came.
    /// @param threshold How many of them must sign.
    error TooFewSignatures(uint256 signatures, uint256 threshold);

    /// @notice Signers must ascend strictly, so that nobody counts twice.
    /// @param index Place in the list.
    /// @param previous What stands before it.
    /// @param signer Who should have signed.
    error SignersNotAscending(uint256 index, address previous, address signer);

    /// @notice A signer is no member of the generation.
    /// @param index Place in the list.
    /// @param signer Who should have signed.
    error SignerNotMember(uint256 index, address signer);

    /// @notice A signature is not that of its signer.
    /// @param signer Who should have signed.
    error SignatureInvalid(address signer);

    /// @notice A root is not in 1 .. field order - 1.
    /// @param root The root.
    error RootOutOfRange(uint256 root);

    /// @notice A feed's digest is not in 1 .. field order - 1.
    /// @param feed Digest of the window's market feed.
    error FeedOutOfRange(uint256 feed);

    /// @notice A root says nothing of the documents and marks that its logs were made by.
    error RulesMissing();

    /// @notice The days are out of order, too many, or fewer than 28.
    /// @param firstDay First day of the window.
    /// @param lastDay Last day of the window, inside it.
    error WindowInvalid(uint256 firstDay, uint256 lastDay);

    /// @notice The window is not over yet.
    /// @param over First second after it.
    error WindowNotOver(uint256 over);

    /// @notice A root may not be relied on for so long.
    /// @param validUntil Last second at which the root may be relied on.
    /// @param latest The greatest allowed.
    error ValidUntilTooLate(uint256 validUntil, uint256 latest);

    /// @notice The root is known already with another window, feed or rules.
    /// @param attestorSet The set.
    /// @param root The root.
    error RootExists(bytes32 attestorSet, uint256 root);

    /// @notice A root is extended, never shortened.
    /// @param root The root.
    /// @param validUntil Last second at which the root may be relied on.
    error RootNotExtended(uint256 root, uint32 validUntil);

    /// @notice The set has another live root of this window: revoke it first.
    /// @param attestorSet The set.
    /// @param root The live one.
    error WindowTaken(bytes32 attestorSet, uint256 root);

    /// @notice It is not the set's root of this window.
    /// @param attestorSet The set.
    /// @param root The root.
    error RootUnknown(bytes32 attestorSet, uint256 root);

    /// @notice The root, or the generation that signed it, was ended.
    /// @param attestorSet The set.
    /// @param root The root.
    error RootHasEnded(bytes32 attestorSet, uint256 root);

    /// @notice The root was revoked.
    /// @param attestorSet The set.
    /// @param root The root.
    error RootIsRevoked(bytes32 attestorSet, uint256 root);

    /// @notice The root may no longer be relied on.
    /// @param root The root.
    /// @param validUntil Last second at which the root may be relied on.
    error RootExpired(uint256 root, uint256 validUntil);

    /// @notice The root backs as many nullifiers as its set may vouch for.
    /// @param root The root.
    /// @param cap How many those are.
    error RootFull(uint256 root, uint24 cap);

    /// @notice The registry holds no more verifiers.
    /// @param limit The greatest number allowed.
    error TooManyVerifiers(uint256 limit);

    /// @notice The contract calls its key by another digest, or by none.
    /// @param target The contract.
    /// @param keyDigest What it says.
    error WrongKeyDigest(address target, bytes32 keyDigest);

    /// @notice The verifier's setup is none of the known ceremonies, and this is no development
    /// chain.
    /// @param verifier The contract.
    /// @param srsId Identifier of the powers of tau behind the key.
    error SetupNotKnown(address verifier, uint256 srsId);

    /// @notice Nobody registered this verifier.
    /// @param verifier Index of the verifier.
    error VerifierUnknown(uint8 verifier);

    /// @notice The verifier does not judge yet.
    /// @param verifier Index of the verifier.
    /// @param enabledFrom First second at which it counts.
    error VerifierPending(uint8 verifier, uint32 enabledFrom);

    /// @notice The verifier was switched off.
    /// @param verifier Index of the verifier.
    error VerifierDisabled(uint8 verifier);

    /// @notice The policy does not take this verifier.
    /// @param verifier Index of the verifier.
    error VerifierNotOfPolicy(uint8 verifier);

    /// @notice A policy takes a verifier, at least one.
    error PolicyWithoutVerifier();

    /// @notice A series needs an identifier.
    error SeriesZero();

    /// @notice The series is registered already.
    /// @param series The series.
    error SeriesExists(bytes32 series);

    /// @notice Nobody registered this series.
    /// @param series The series.
    error SeriesUnknown(bytes32 series);

    /// @notice The least window is not in 28 .. 366 days.
    /// @param leastDays Days given.
    error LeastDaysOutOfRange(uint16 leastDays);

    /// @notice The greatest age is not in 7 .. 120 days.
    /// @param maxAgeDays Days given.
    error MaxAgeOutOfRange(uint16 maxAgeDays);

    /// @notice The window is shorter than the series allows.
    /// @param days_ Days given.
    /// @param leastDays Days of a window, at least.
    error WindowTooShort(uint256 days_, uint16 leastDays);

    /// @notice A window is announced before it begins, with notice.
    /// @param begins Its first second.
    /// @param earliest The earliest allowed.
    error WindowBegunTooSoon(uint256 begins, uint256 earliest);

    /// @notice Another window of the series ends on this day.
    /// @param firstDay First day of the other.
    /// @param lastDay Last day of both.
    error LastDayTaken(uint16 firstDay, uint16 lastDay);

    /// @notice The window does not stand in the calendar of the series.
    /// @param firstDay First day of the window.
    /// @param lastDay Last day of the window, inside it.
    error WindowNotPublished(uint16 firstDay, uint16 lastDay);

    /// @notice A policy needs an identifier.
    error PolicyIdZero();

    /// @notice The policy is registered and not switched off.
    /// @param policyId The policy.
    error PolicyExists(bytes32 policyId);

    /// @notice Nobody registered this policy.
    /// @param policyId The policy.
    error PolicyUnknown(bytes32 policyId);

    /// @notice The policy does not grant yet.
    /// @param policyId The policy.
    /// @param enabledFrom First second at which it counts.
    error PolicyPending(bytes32 policyId, uint32 enabledFrom);

    /// @notice The policy was switched off.
    /// @param policyId The policy.
    error PolicyDisabled(bytes32 policyId);

    /// @notice A policy has 1 to `limit` tiers.
    /// @param tiers How many came.
    /// @param limit The greatest number allowed.
    error TierCountOutOfRange(uint256 tiers, uint256 limit);

    /// @notice A threshold word has unused bits, or all words are zero.
    /// @param tier Index of the tier in the policy.
    error ThresholdsInvalid(uint8 tier);

    /// @notice A verifier of the policy says that no claim of the tier could ever hold: a threshold
    /// word, or the window, breaks a rule of its statement.
    /// @param tier Index of the tier in the policy.
    /// @param verifier Index of the verifier.
    /// @param why What it reverts with: `BadStatement` and the number of the rule.
    error TierUnprovable(uint8 tier, uint8 verifier, bytes why);

    /// @notice Margins, leverage, fees, limit or validity break a floor or make no sense
    /// together.
    /// @param tier Index of the tier in the policy.
    error TermsInvalid(uint8 tier);

    /// @notice The initial margin is lower than the set may vouch for.
    /// @param tier Index of the tier in the policy.
    /// @param least The lowest allowed, basis points.
    error BelowSetsMargin(uint8 tier, uint16 least);

    /// @notice A rebate is above a taker fee, of this tier or another.
    /// @param tier Index of the tier in the policy.
    /// @param taker The lowest taker fee of all tiers.
    /// @param maker The lowest maker fee of all tiers.
    error RebateAboveFee(uint8 tier, int24 taker, int24 maker);

    /// @notice The policy has no such tier.
    /// @param tier Index of the tier in the policy.
    error TierUnknown(uint8 tier);

    /// @notice The threshold words are not those of the tier.
    /// @param tier Index of the tier in the policy.
    error WrongThresholds(uint8 tier);

    /// @notice A batch has 1 to `limit` claims.
    /// @param claims How many came.
    /// @param limit The greatest number allowed.
    error BatchSizeOutOfRange(uint256 claims, uint256 limit);

    /// @notice The verifier's key is of another setup than those of the claims before it in the
    /// batch.
    /// @param verifier Index of the verifier.
    error OtherSetup(uint8 verifier);

    /// @notice A proof of the batch does not hold: none of its claims counts.
    error BatchNotAccepted();

    /// @notice A nullifier is not in 1 .. field order - 1.
    /// @param nullifier The nullifier.
    error NullifierOutOfRange(uint256 nullifier);

    /// @notice The grant would end in less than a day.
    /// @param expiry First second without the terms.
    error TooShort(uint256 expiry);

    /// @notice Neither the account sent the claim nor a consent of it came.
    /// @param account The account.
    error ConsentMissing(address account);

    /// @notice A consent is over, or runs longer than 100 days.
    /// @param deadline Last second at which it holds.
    error ConsentDeadline(uint64 deadline);

    /// @notice A consent asks for a later window.
    /// @param leastLastDay The earliest last day that it takes.
    /// @param lastDay Last day of the window, inside it.
    error ConsentWindow(uint32 leastLastDay, uint16 lastDay);

    /// @notice Its holder gave the nullifier up for good.
    /// @param nullifier The nullifier.
    error NullifierRetired(uint256 nullifier);

    /// @notice The nullifier is barred.
    /// @param nullifier The nullifier.
    /// @param freeFromDay First day on which it counts again; 65535 for never.
    error NullifierBarred(uint256 nullifier, uint16 freeFromDay);

    /// @notice A later window counted already.
    /// @param lastDay Last day of the window, inside it.
    /// @param asOf Last day of the latest window that counted.
    error WindowTooOld(uint16 lastDay, uint16 asOf);

    /// @notice This window counted already; the account itself may have it count anew.
    /// @param lastDay Last day of the window, inside it.
    error WindowCounted(uint16 lastDay);

    /// @notice The claim says what the grant is already.
    error NothingChanges();

    /// @notice A nullifier moves at most every seven days.
    /// @param readyAt First second at which the move counts.
    error MovedTooSoon(uint256 readyAt);

    /// @notice The move is announced but does not count yet.
    /// @param readyAt First second at which the move counts.
    error MoveNotReady(uint32 readyAt);

    /// @notice Another move on this window is announced; the new account itself may replace it.
    /// @param account Where it goes.
    error OtherMoveAnnounced(address account);

    /// @notice The holder contested an unsigned move on this window or a later one.
    /// @param lastDay Last day of that window.
    error MoveIsContested(uint16 lastDay);

    /// @notice There is no move to contest.
    /// @param nullifier The nullifier.
    error NoMove(uint256 nullifier);

    /// @notice Only who holds the nullifier may do this.
    /// @param account Who holds it.
    error NotHolder(address account);

    /// @notice No grant of the account runs.
    /// @param account The account.
    error NoRunningGrant(address account);

    /// @notice The tier is better than the one that the account holds, in some number.
    /// @param tier Index of the tier in the policy.
    error TierBetter(uint8 tier);

    /// @notice The nullifier is not barred.
    /// @param nullifier The nullifier.
    error NotBarred(uint256 nullifier);

    /// @notice Roots and grants are paused.
    /// @param until Second at which it is over.
    error RegistryPaused(uint32 until);

    /// @notice After a pause there is none for 21 days.
    /// @param freeFrom First second of another.
    error PauseTooSoon(uint32 freeFrom);

    /// @notice The registry is closed.
    /// @param end Second at which all grants end.
    error RegistryClosed(uint32 end);

    /// @notice A registry closes at least 30 days ahead.
    /// @param earliest The earliest second.
    error CloseTooSoon(uint256 earliest);
}
