// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITierproofVerifier} from "./ITierproofVerifier.sol";

/// @title Tiers of margin terms, granted against zero-knowledge credentials
/// @notice Attestors sign roots over trading histories; a policy names tiers of thresholds and the
/// terms of each; whoever proves that an attested history meets a tier has its terms granted to the
/// account named in the proof.
/// @dev Nothing here fails open: an unknown, empty or zero value is refused, and every refusal is a
/// revert.
interface ITierRegistry {
    /// @notice What attestors sign (EIP-712, domain "Tierproof" version "1"): that `root` is the
    /// tree of all their logs of the window, both days included, and may be relied on up to and
    /// including the second `validUntil`.
    struct Root {
        /// Root of the tree of leaves, in 1 .. field order - 1.
        uint256 root;
        /// The set that signs.
        bytes32 attestorSet;
        /// Which of its generations signs, from 1: without it, signatures of members that were
        /// replaced would count again.
        uint32 generation;
        /// First day of the window, days since 1970-01-01 UTC.
        uint32 firstDay;
        /// Last day of the window, inside it.
        uint32 lastDay;
        /// Last second at which a verifier may rely on the root.
        uint64 validUntil;
        /// Digest of the window's market feed, in 1 .. field order - 1; of zeros without one.
        uint256 feed;
        /// Digest of the margin documents and marks that the logs were made by; never zero.
        bytes32 rules;
    }

    /// @notice Terms of a tier.
    struct Terms {
        /// Initial margin, basis points of notional.
        uint16 initialMarginBp;
        /// Maintenance margin, basis points of notional, not above the initial margin.
        uint16 maintenanceMarginBp;
        /// Taker fee, hundredths of a basis point of notional.
        int32 takerFeeCentiBp;
        /// Maker fee, hundredths of a basis point; negative is a rebate.
        int32 makerFeeCentiBp;
        /// Greatest leverage, whole multiples of equity.
        uint16 maxLeverage;
        /// Seconds from the grant to its expiry.
        uint32 validity;
    }

    /// @notice A tier: what it asks and what it grants.
    struct Tier {
        /// Threshold words as the circuit reads them, 21 limbs of 12 bits each.
        uint256[5] thresholds;
        /// What is granted.
        Terms terms;
    }

    /// @notice A policy as it is registered, once and for ever but for its epoch.
    struct Policy {
        /// keccak256 of the policy document.
        bytes32 policyId;
        /// The set whose roots the policy trusts.
        bytes32 attestorSet;
        /// First day of the window, days since 1970-01-01 UTC.
        uint32 firstDay;
        /// Last day of the window, inside it.
        uint32 lastDay;
        /// Contract that judges the proofs.
        ITierproofVerifier verifier;
        /// Least length of an epoch in seconds.
        uint32 minEpochSeconds;
        /// Weakest first, 1 to 32.
        Tier[] tiers;
    }

    /// @notice What the registry keeps of a policy.
    struct PolicyRecord {
        /// The set whose roots the policy trusts.
        bytes32 attestorSet;
        /// Contract that judges the proofs.
        ITierproofVerifier verifier;
        /// First day of the window.
        uint32 firstDay;
        /// Last day of the window.
        uint32 lastDay;
        /// Running epoch, from 0.
        uint64 epoch;
        /// Second at which it began.
        uint64 epochStart;
        /// Least length of an epoch in seconds.
        uint32 minEpochSeconds;
        /// Number of tiers.
        uint256 tiers;
    }

    /// @notice What the registry keeps of a root; all zero if the set never signed it here.
    struct RootRecord {
        /// First day of the window.
        uint32 firstDay;
        /// Last day of the window.
        uint32 lastDay;
        /// Last second at which it may be relied on.
        uint64 validUntil;
        /// Number of the root in this registry, from 1.
        uint64 serial;
        /// Whether the guardian took it back.
        bool revoked;
        /// Generation of the set that signed it.
        uint32 generation;
        /// Whether the guardian ended that generation: the next one may sign the root again.
        bool generationEnded;
        /// Digest of the window's market feed.
        uint256 feed;
        /// Digest of the margin documents and marks.
        bytes32 rules;
    }

    /// @notice A grant with all that it came from; all zero if the account never had one.
    struct GrantRecord {
        /// Policy of the grant.
        bytes32 policyId;
        /// Index of the tier in the policy.
        uint8 tier;
        /// Epoch of the policy in which it was granted.
        uint64 epoch;
        /// First second at which it no longer holds.
        uint64 expiry;
        /// Serial of the root that it rests on.
        uint64 rootSerial;
        /// Whether that root was revoked since.
        bool rootRevoked;
        /// Whether the generation that signed that root was ended since.
        bool generationEnded;
    }

    /// @notice A generation of a set signs its roots from now on; with number 1 the set is new.
    /// @param attestorSet The set.
    /// @param generation Its number, from 1.
    /// @param members Its members, ascending.
    /// @param threshold How many of them must sign.
    event GenerationStarted(
        bytes32 indexed attestorSet, uint32 indexed generation, address[] members, uint256 threshold
    );

    /// @notice A generation of a set counts no more; every grant that rests on its roots has ended.
    /// @param attestorSet The set.
    /// @param generation Its number.
    event GenerationEnded(bytes32 indexed attestorSet, uint32 indexed generation);

    /// @notice A root is known to the registry.
    /// @param attestorSet The set.
    /// @param root The root.
    /// @param generation Generation of the set that signed it.
    /// @param firstDay First day of its window, days since 1970-01-01 UTC.
    /// @param lastDay Last day of its window, inside it.
    /// @param validUntil Last second at which it may be relied on.
    /// @param feed Digest of the window's market feed.
    /// @param rules Digest of the margin documents and marks that the logs were made by.
    /// @param serial Its number in this registry.
    event RootSubmitted(
        bytes32 indexed attestorSet,
        uint256 indexed root,
        uint32 generation,
        uint32 firstDay,
        uint32 lastDay,
        uint64 validUntil,
        uint256 feed,
        bytes32 rules,
        uint64 serial
    );

    /// @notice A root was forbidden; every grant that rests on it has ended.
    /// @param attestorSet The set.
    /// @param root The root.
    event RootRevoked(bytes32 indexed attestorSet, uint256 indexed root);

    /// @notice A policy is open; its tiers follow, an event each.
    /// @param policyId The policy.
    /// @param attestorSet The set whose roots it trusts.
    /// @param verifier The verifier's contract.
    /// @param keyDigest Digest of the verifier's key.
    /// @param srsId Identifier of the powers of tau behind the key.
    /// @param ceremony Whether that is one of the ceremonies given to the constructor.
    /// @param firstDay First day of the window.
    /// @param lastDay Last day of the window.
    /// @param minEpochSeconds Least length of an epoch in seconds.
    event PolicyRegistered(
        bytes32 indexed policyId,
        bytes32 indexed attestorSet,
        address indexed verifier,
        bytes32 keyDigest,
        uint256 srsId,
        bool ceremony,
        uint32 firstDay,
        uint32 lastDay,
        uint32 minEpochSeconds
    );

    /// @notice A tier of a policy, with all that it asks and grants.
    /// @param policyId The policy.
    /// @param tier Index of the tier in the policy.
    /// @param thresholds Its threshold words.
    /// @param terms What it grants.
    event TierRegistered(
        bytes32 indexed policyId, uint8 indexed tier, uint256[5] thresholds, Terms terms
    );

    /// @notice A new epoch of a policy has begun, in which every identity can be granted once more.
    /// @param policyId The policy.
    /// @param epoch The epoch.
    event EpochAdvanced(bytes32 indexed policyId, uint64 epoch);

    /// @notice An account holds a tier's terms.
    /// @param account The account.
    /// @param policyId The policy.
    /// @param nullifier Used up by the grant.
    /// @param tier Index of the tier in the policy.
    /// @param epoch Epoch of the policy.
    /// @param root The root that it rests on.
    /// @param expiry First second at which the grant no longer holds.
    event Granted(
        address indexed account,
        bytes32 indexed policyId,
        uint256 indexed nullifier,
        uint8 tier,
        uint64 epoch,
        uint256 root,
        uint64 expiry
    );

    /// @notice submitRoot and onboard stop.
    /// @param by Who called.
    /// @param until Second from which the registry works again.
    event Paused(address indexed by, uint64 until);

    /// @notice The pause is over.
    /// @param by Who called.
    event Unpaused(address indexed by);

    /// @notice A set needs a member.
    error AttestorSetEmpty();

    /// @notice A set has too many members.
    /// @param members How many came.
    /// @param limit The greatest number allowed.
    error AttestorSetTooLarge(uint256 members, uint256 limit);

    /// @notice The threshold is not in 1 .. members.
    /// @param threshold The threshold given.
    /// @param members How many members there are.
    error ThresholdOutOfRange(uint256 threshold, uint256 members);

    /// @notice Members must ascend strictly, from above zero.
    /// @param index Place in the list.
    /// @param previous What stands before it.
    /// @param member The member.
    error MembersNotAscending(uint256 index, address previous, address member);

    /// @notice The set is registered already.
    /// @param attestorSet The set.
    error AttestorSetExists(bytes32 attestorSet);

    /// @notice Nobody registered this set.
    /// @param attestorSet The set.
    error AttestorSetUnknown(bytes32 attestorSet);

    /// @notice The set has no such generation.
    /// @param attestorSet The set.
    /// @param generation Its number.
    error GenerationUnknown(bytes32 attestorSet, uint32 generation);

    /// @notice The guardian ended this generation of the set.
    /// @param attestorSet The set.
    /// @param generation Its number.
    error GenerationIsEnded(bytes32 attestorSet, uint32 generation);

    /// @notice Roots are taken from the running generation of a set alone.
    /// @param attestorSet The set.
    /// @param generation The generation that the root names.
    /// @param running The running one.
    error WrongGeneration(bytes32 attestorSet, uint32 generation, uint32 running);

    /// @notice A root is not in 1 .. field order - 1.
    /// @param root The root.
    error RootOutOfRange(uint256 root);

    /// @notice A feed's digest is not in 1 .. field order - 1.
    /// @param feed The digest.
    error FeedOutOfRange(uint256 feed);

    /// @notice A root says nothing of the documents and marks that its logs were made by.
    error RulesMissing();

    /// @notice The first day is after the last, or a day does not fit 24 bits.
    /// @param firstDay First day of its window, days since 1970-01-01 UTC.
    /// @param lastDay Last day of its window, inside it.
    error WindowInvalid(uint32 firstDay, uint32 lastDay);

    /// @notice The set's root is known already.
    /// @param attestorSet The set.
    /// @param root The root.
    error RootExists(bytes32 attestorSet, uint256 root);

    /// @notice Nobody submitted this root of the set.
    /// @param attestorSet The set.
    /// @param root The root.
    error RootUnknown(bytes32 attestorSet, uint256 root);

    /// @notice The root may no longer be relied on.
    /// @param root The root.
    /// @param validUntil Last second at which it may be relied on.
    /// @param nowSeconds The block's time.
    error RootExpired(uint256 root, uint64 validUntil, uint256 nowSeconds);

    /// @notice The guardian took this root back.
    /// @param attestorSet The set.
    /// @param root The root.
    error RootIsRevoked(bytes32 attestorSet, uint256 root);

    /// @notice Fewer signatures than the set's threshold.
    /// @param signatures How many came.
    /// @param threshold How many the set asks for.
    error TooFewSignatures(uint256 signatures, uint256 threshold);

    /// @notice Signers must ascend strictly, so that nobody counts twice.
    /// @param index Place in the list.
    /// @param previous What stands before it.
    /// @param signer Who signed.
    error SignersNotAscending(uint256 index, address previous, address signer);

    /// @notice A signer is no member of the set.
    /// @param index Place in the list.
    /// @param signer Who signed.
    error SignerNotMember(uint256 index, address signer);

    /// @notice A policy needs an identifier.
    error PolicyIdZero();

    /// @notice The policy is registered already, and can never change.
    /// @param policyId The policy.
    error PolicyExists(bytes32 policyId);

    /// @notice Nobody registered this policy.
    /// @param policyId The policy.
    error PolicyUnknown(bytes32 policyId);

    /// @notice A policy has 1 to `limit` tiers.
    /// @param tiers How many came.
    /// @param limit The greatest number allowed.
    error TierCountOutOfRange(uint256 tiers, uint256 limit);

    /// @notice A threshold word has unused bits, or all words are zero.
    /// @param tier Index of the tier.
    error ThresholdsInvalid(uint256 tier);

    /// @notice Margins, fees, leverage or validity of a tier make no sense together.
    /// @param tier Index of the tier.
    error TermsInvalid(uint256 tier);

    /// @notice The verifier's setup is none of the ceremonies given to the constructor, and this is
    /// no development chain.
    /// @param verifier The verifier's contract.
    /// @param srsId Its setup.
    error SetupNotKnown(address verifier, uint256 srsId);

    /// @notice The running epoch is younger than the policy's least length.
    /// @param policyId The policy.
    /// @param allowedFrom First second at which it may be advanced.
    /// @param nowSeconds The block's time.
    error EpochTooSoon(bytes32 policyId, uint256 allowedFrom, uint256 nowSeconds);

    /// @notice The policy has no such tier.
    /// @param policyId The policy.
    /// @param tier Index of the tier in the policy.
    error TierUnknown(bytes32 policyId, uint8 tier);

    /// @notice The threshold words are not those of the tier.
    /// @param policyId The policy.
    /// @param tier Index of the tier in the policy.
    error WrongThresholds(bytes32 policyId, uint8 tier);

    /// @notice The root is of another window than the policy.
    /// @param rootWindow Window of the root: first day + 2^24 last day.
    /// @param policyWindow Window of the policy, in the same form.
    error WrongWindow(uint256 rootWindow, uint256 policyWindow);

    /// @notice A nullifier is not in 1 .. field order - 1.
    /// @param nullifier The nullifier.
    error NullifierOutOfRange(uint256 nullifier);

    /// @notice This identity was granted in this scope already.
    /// @param scope The scope.
    /// @param nullifier The nullifier.
    error NullifierUsed(uint256 scope, uint256 nullifier);

    /// @notice An address is zero.
    error AccountZero();

    /// @notice A running grant is replaced by its account alone.
    /// @param account The account.
    /// @param expiry First second at which the grant no longer holds.
    error OnlyAccountReplacesGrant(address account, uint64 expiry);

    /// @notice The account never had a grant.
    /// @param account The account.
    error NoGrant(address account);

    /// @notice The grant of the account has ended.
    /// @param account The account.
    /// @param expiry First second at which the grant no longer holds.
    error GrantExpired(address account, uint64 expiry);

    /// @notice The root behind the account's grant was revoked.
    /// @param account The account.
    /// @param rootSerial Serial of the root that the grant rests on.
    error GrantRootRevoked(address account, uint64 rootSerial);

    /// @notice The generation of attestors behind the account's grant was ended.
    /// @param account The account.
    error GrantGenerationEnded(address account);

    /// @notice The guardian paused the registry.
    /// @param until Second from which the registry works again.
    error RegistryPaused(uint64 until);

    /// @notice Registers a set of attestors with its first generation, of which `threshold` must
    /// sign a root. Governor only.
    /// @dev The id is that of the first members for ever, so nobody can register others under it,
    /// here or in another registry; who follows them is theirs to say.
    /// @param salt keccak256 of the set's name.
    /// @param members Addresses in strictly ascending order, none zero, 1 to 64 of them.
    /// @param threshold How many of them must sign.
    /// @return attestorSet keccak256(abi.encode(salt, members, threshold)).
    function registerAttestorSet(bytes32 salt, address[] calldata members, uint256 threshold)
        external
        returns (bytes32 attestorSet);

    /// @notice Starts the next generation of a set, to which the running one handed over: from now
    /// on it alone signs roots. Governor only. Roots and grants of earlier generations stay, until
    /// the guardian ends these.
    /// @dev A running generation that was ended can still hand over: its keys may be in the hands
    /// of others, but its members have them too, and the governor sends what is theirs.
    /// @param attestorSet The set.
    /// @param members As in `registerAttestorSet`.
    /// @param threshold As in `registerAttestorSet`.
    /// @param signatures 65-byte signatures of the EIP-712 structure `Generation`, domain "Tierproof
    /// Attestors" version "1" without chain, by the threshold of the running generation, ascending
    /// by signer.
    function rotateAttestorSet(
        bytes32 attestorSet,
        address[] calldata members,
        uint256 threshold,
        bytes[] calldata signatures
    ) external;

    /// @notice Ends a generation of a set, also one that was replaced: it submits no root, its roots
    /// back no grant, and every grant that rests on them has ended. Guardian only; cannot be undone.
    /// The next generation may sign the same roots again.
    /// @param attestorSet The set.
    /// @param generation Its number.
    function endGeneration(bytes32 attestorSet, uint32 generation) external;

    /// @notice Records a root signed by at least the threshold of its set. Anybody may submit it.
    /// @param signatures 65-byte signatures in strictly ascending order of their signers, all of
    /// them members.
    /// @param signed The root and what is said of it.
    function submitRoot(Root calldata signed, bytes[] calldata signatures) external;

    /// @notice Forbids a root at once, also one not yet submitted, and ends every grant that rests
    /// on it. Guardian only; cannot be undone.
    /// @param attestorSet The set.
    /// @param root Its root.
    function revokeRoot(bytes32 attestorSet, uint256 root) external;

    /// @notice Registers a policy with its tiers. Governor only. Nothing but the epoch can change
    /// later: another verifier, window or term is another policy. Reverts for a verifier
    /// whose setup is none of the ceremonies given to the constructor, unless on a development
    /// chain: whatever it says of itself.
    /// @param policy The policy with its tiers.
    function registerPolicy(Policy calldata policy) external;

    /// @notice Opens the next epoch of a policy, in which every identity can be granted once more.
    /// Governor only, and not before `minEpochSeconds` have passed since the last one.
    /// @param policyId The policy.
    function advanceEpoch(bytes32 policyId) external;

    /// @notice Verifies a credential and grants the tier's terms to `account`. Anybody may send the
    /// transaction while no grant of the account runs; a grant that runs (not expired, its root not
    /// revoked, its generation of attestors not ended) is replaced by the account alone.
    /// @dev The scope (chain, registry, epoch, policy) and the window are computed here and never
    /// taken from the caller. Reverts with the verifier's own error if the proof is not accepted. A
    /// credential can name any account: were it enough to replace a running grant, a stranger could
    /// move the account to terms or a root of his choice.
    /// @param policyId The policy.
    /// @param tier Index of the tier.
    /// @param root A root of the policy's set and window.
    /// @param nullifier Of the identity in this scope; used up.
    /// @param account Who gets the terms.
    /// @param thresholds The tier's threshold words.
    /// @param proof The proof bytes, exactly as the prover wrote them.
    function onboard(
        bytes32 policyId,
        uint8 tier,
        uint256 root,
        uint256 nullifier,
        address account,
        uint256[5] calldata thresholds,
        bytes calldata proof
    ) external;

    /// @notice Stops submitRoot and onboard for seven days. Guardian only. Terms already granted
    /// are not touched.
    function pause() external;

    /// @notice Ends a pause. Governor only.
    function unpause() external;

    /// @notice The terms that `account` holds now and the second at which they end.
    /// Never returns terms that do not hold: reverts with NoGrant if there never were any,
    /// GrantExpired from the second `expiry` on, GrantRootRevoked once the root behind them is
    /// revoked, and GrantGenerationEnded once the attestors who signed it are.
    /// @param account The account.
    /// @return terms What it holds.
    /// @return expiry First second at which it no longer holds them.
    function termsOf(address account) external view returns (Terms memory terms, uint64 expiry);

    /// @notice The last grant of `account`, also if it has ended; all zero if none. Never reverts.
    /// Not a licence: use termsOf.
    /// @param account The account.
    /// @return The grant and what it came from.
    function grantOf(address account) external view returns (GrantRecord memory);

    /// @notice The scope that proofs for this policy must carry now:
    /// uint256(keccak256(abi.encode(chainId, registry, epoch, policyId))) >> 8. Reverts for an
    /// unknown policy.
    /// @param policyId The policy.
    /// @return scope 248 bits, below the field's order.
    /// @return epoch The running epoch.
    function scopeOf(bytes32 policyId) external view returns (uint256 scope, uint64 epoch);

    /// @notice A registered policy. Reverts for an unknown one.
    /// @param policyId The policy.
    /// @return What the registry keeps of it.
    function policyOf(bytes32 policyId) external view returns (PolicyRecord memory);

    /// @notice A tier's terms and keccak256(abi.encode(thresholds)). Reverts for an unknown one.
    /// @param policyId The policy.
    /// @param tier Index of the tier.
    /// @return terms What it grants.
    /// @return thresholdsHash keccak256(abi.encode(thresholds)).
    function tierOf(bytes32 policyId, uint8 tier)
        external
        view
        returns (Terms memory terms, bytes32 thresholdsHash);

    /// @notice What is known of a root of a set; all zero if nothing. Never reverts.
    /// @param attestorSet The set.
    /// @param root Its root.
    /// @return What the registry keeps of it.
    function rootOf(bytes32 attestorSet, uint256 root) external view returns (RootRecord memory);

    /// @notice Number of the running generation of a set, 0 if the set is unknown. Never reverts.
    /// @param attestorSet The set.
    /// @return generation Its number, from 1; whether it was ended is `generationOf`'s to say.
    function attestorSetOf(bytes32 attestorSet) external view returns (uint32 generation);

    /// @notice Threshold and size of a generation, both zero if unknown. Never reverts.
    /// @param attestorSet The set.
    /// @param generation Its number.
    /// @return threshold How many must sign, 0 if unknown.
    /// @return members How many members it has.
    /// @return ended Whether the guardian ended it.
    function generationOf(bytes32 attestorSet, uint32 generation)
        external
        view
        returns (uint256 threshold, uint256 members, bool ended);

    /// @notice Whether `member` belongs to the generation; false for an unknown one. Never reverts.
    /// @param attestorSet The set.
    /// @param generation Its number.
    /// @param member The address.
    /// @return True if it belongs to it.
    function isAttestor(bytes32 attestorSet, uint32 generation, address member)
        external
        view
        returns (bool);

    /// @notice Whether this nullifier was used in this scope. Never reverts.
    /// @param scope Of `scopeOf`.
    /// @param nullifier The nullifier.
    /// @return True if it was used.
    function nullifierUsed(uint256 scope, uint256 nullifier) external view returns (bool);

    /// @notice The EIP-712 digest that attestors sign for a root.
    /// @param signed The root and what is said of it.
    /// @return 32 bytes to sign.
    function rootDigest(Root calldata signed) external view returns (bytes32);
}
