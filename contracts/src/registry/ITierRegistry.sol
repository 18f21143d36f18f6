// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITierproofVerifier} from "./ITierproofVerifier.sol";

/// @title Tiers of margin terms, granted against zero-knowledge credentials
/// @notice Attestors sign roots over trading histories; a policy names tiers of thresholds and the terms of each; whoever
/// proves that an attested history meets a tier has its terms granted to the account named in the proof.
/// @dev Nothing here fails open: an unknown, empty or zero value is refused, and every refusal is a revert.
interface ITierRegistry {
    /// @notice What attestors sign (EIP-712, domain "Tierproof" version "1"): that `root` is the tree of all their logs of
    /// the window, both days included (days since 1970-01-01 UTC), and may be relied on up to and including the second
    /// `validUntil`.
    struct Root {
        uint256 root;
        bytes32 attestorSet;
        uint32 firstDay;
        uint32 lastDay;
        uint64 validUntil;
    }

    /// @notice Terms of a tier. Margins in basis points of notional; fees in hundredths of a basis point, a negative
    /// maker fee is a rebate; leverage in whole multiples of equity; validity in seconds from the grant.
    struct Terms {
        uint16 initialMarginBp;
        uint16 maintenanceMarginBp;
        int32 takerFeeCentiBp;
        int32 makerFeeCentiBp;
        uint16 maxLeverage;
        uint32 validity;
    }

    /// @notice A tier: its threshold words as the circuit reads them (21 limbs of 12 bits each) and its terms.
    struct Tier {
        uint256[4] thresholds;
        Terms terms;
    }

    /// @notice A policy as it is registered, once and for ever but for its epoch.
    struct Policy {
        bytes32 policyId;
        bytes32 attestorSet;
        uint32 firstDay;
        uint32 lastDay;
        ITierproofVerifier verifier;
        uint32 minEpochSeconds;
        Tier[] tiers;
    }

    /// @notice What the registry keeps of a policy.
    struct PolicyRecord {
        bytes32 attestorSet;
        ITierproofVerifier verifier;
        uint32 firstDay;
        uint32 lastDay;
        uint64 epoch;
        uint64 epochStart;
        uint32 minEpochSeconds;
        uint256 tiers;
    }

    /// @notice What the registry keeps of a root; all zero if the set never signed it here.
    struct RootRecord {
        uint32 firstDay;
        uint32 lastDay;
        uint64 validUntil;
        uint64 serial;
        bool revoked;
    }

    /// @notice A grant with all that it came from; all zero if the account never had one.
    struct GrantRecord {
        bytes32 policyId;
        uint8 tier;
        uint64 epoch;
        uint64 expiry;
        uint64 rootSerial;
        bool rootRevoked;
    }

    event AttestorSetRegistered(bytes32 indexed attestorSet, address[] members, uint256 threshold);
    event AttestorSetRevoked(bytes32 indexed attestorSet);
    event RootSubmitted(
        bytes32 indexed attestorSet, uint256 indexed root, uint32 firstDay, uint32 lastDay, uint64 validUntil, uint64 serial
    );
    event RootRevoked(bytes32 indexed attestorSet, uint256 indexed root);
    event PolicyRegistered(
        bytes32 indexed policyId,
        bytes32 indexed attestorSet,
        address indexed verifier,
        bytes32 keyDigest,
        uint256 srsId,
        bool insecure,
        uint32 firstDay,
        uint32 lastDay,
        uint32 minEpochSeconds
    );
    event TierRegistered(bytes32 indexed policyId, uint8 indexed tier, uint256[4] thresholds, Terms terms);
    event EpochAdvanced(bytes32 indexed policyId, uint64 epoch);
    event Granted(
        address indexed account,
        bytes32 indexed policyId,
        uint256 indexed nullifier,
        uint8 tier,
        uint64 epoch,
        uint256 root,
        uint64 expiry
    );
    event Paused(address indexed by, uint64 until);
    event Unpaused(address indexed by);

    error AttestorSetEmpty();
    error AttestorSetTooLarge(uint256 members, uint256 limit);
    error ThresholdOutOfRange(uint256 threshold, uint256 members);
    error MembersNotAscending(uint256 index, address previous, address member);
    error AttestorSetExists(bytes32 attestorSet);
    error AttestorSetUnknown(bytes32 attestorSet);
    error AttestorSetIsRevoked(bytes32 attestorSet);
    error RootOutOfRange(uint256 root);
    error WindowInvalid(uint32 firstDay, uint32 lastDay);
    error RootExists(bytes32 attestorSet, uint256 root);
    error RootUnknown(bytes32 attestorSet, uint256 root);
    error RootExpired(uint256 root, uint64 validUntil, uint256 nowSeconds);
    error RootIsRevoked(bytes32 attestorSet, uint256 root);
    error TooFewSignatures(uint256 signatures, uint256 threshold);
    error SignersNotAscending(uint256 index, address previous, address signer);
    error SignerNotMember(uint256 index, address signer);
    error PolicyIdZero();
    error PolicyExists(bytes32 policyId);
    error PolicyUnknown(bytes32 policyId);
    error TierCountOutOfRange(uint256 tiers, uint256 limit);
    error ThresholdsInvalid(uint256 tier);
    error TermsInvalid(uint256 tier);
    error InsecureVerifier(address verifier, uint256 chainId);
    error EpochTooSoon(bytes32 policyId, uint256 allowedFrom, uint256 nowSeconds);
    error TierUnknown(bytes32 policyId, uint8 tier);
    error WrongThresholds(bytes32 policyId, uint8 tier);
    error WrongWindow(uint256 rootWindow, uint256 policyWindow);
    error NullifierOutOfRange(uint256 nullifier);
    error NullifierUsed(uint256 scope, uint256 nullifier);
    error AccountZero();
    error OnlyAccountReplacesGrant(address account, uint64 expiry);
    error NoGrant(address account);
    error GrantExpired(address account, uint64 expiry);
    error GrantRootRevoked(address account, uint64 rootSerial);
    error RegistryPaused(uint64 until);

    /// @notice Registers the set of attestors of which `threshold` must sign a root. Governor only.
    /// @param members Addresses in strictly ascending order, none zero, 1 to 64 of them.
    /// @return attestorSet keccak256(abi.encode(members, threshold)).
    function registerAttestorSet(address[] calldata members, uint256 threshold) external returns (bytes32 attestorSet);

    /// @notice From now on the set can neither submit roots nor back a new grant. Guardian only; cannot be undone.
    /// Grants already given stay: revoke the roots that should not have been signed.
    function revokeAttestorSet(bytes32 attestorSet) external;

    /// @notice Records a root signed by at least the threshold of its set. Anybody may submit it.
    /// @param signatures 65-byte signatures in strictly ascending order of their signers, all of them members.
    function submitRoot(Root calldata signed, bytes[] calldata signatures) external;

    /// @notice Forbids a root at once, also one not yet submitted, and ends every grant that rests on it. Guardian only;
    /// cannot be undone.
    function revokeRoot(bytes32 attestorSet, uint256 root) external;

    /// @notice Registers a policy with its tiers. Governor only. Nothing but the epoch can change later: another
    /// verifier, window or term is another policy. Reverts for an insecure verifier unless on a development chain.
    function registerPolicy(Policy calldata policy) external;

    /// @notice Opens the next epoch of a policy, in which every identity can be granted once more. Governor only, and not
    /// before `minEpochSeconds` have passed since the last one.
    function advanceEpoch(bytes32 policyId) external;

    /// @notice Verifies a credential and grants the tier's terms to `account`. Anybody may send the transaction while no
    /// grant of the account runs; a grant that runs (not expired, its root not revoked) is replaced by the account alone.
    /// @dev The scope (chain, registry, epoch, policy) and the window are computed here and never taken from the caller.
    /// Reverts with the verifier's own error if the proof is not accepted. A credential can name any account: were it enough
    /// to replace a running grant, a stranger could move the account to terms or a root of his choice.
    function onboard(
        bytes32 policyId,
        uint8 tier,
        uint256 root,
        uint256 nullifier,
        address account,
        uint256[4] calldata thresholds,
        bytes calldata proof
    ) external;

    /// @notice Stops submitRoot and onboard for seven days. Guardian only. Terms already granted are not touched.
    function pause() external;

    /// @notice Ends a pause. Governor only.
    function unpause() external;

    /// @notice The terms that `account` holds now and the second at which they end.
    /// Never returns terms that do not hold: reverts with NoGrant if there never were any, GrantExpired from the second
    /// `expiry` on, and GrantRootRevoked once the root behind them is revoked.
    function termsOf(address account) external view returns (Terms memory terms, uint64 expiry);

    /// @notice The last grant of `account`, also if it has ended; all zero if none. Never reverts. Not a licence: use termsOf.
    function grantOf(address account) external view returns (GrantRecord memory);

    /// @notice The scope that proofs for this policy must carry now:
    /// uint256(keccak256(abi.encode(chainId, registry, epoch, policyId))) >> 8. Reverts for an unknown policy.
    function scopeOf(bytes32 policyId) external view returns (uint256 scope, uint64 epoch);

    /// @notice A registered policy. Reverts for an unknown one.
    function policyOf(bytes32 policyId) external view returns (PolicyRecord memory);

    /// @notice A tier's terms and keccak256(abi.encode(thresholds)). Reverts for an unknown one.
    function tierOf(bytes32 policyId, uint8 tier) external view returns (Terms memory terms, bytes32 thresholdsHash);

    /// @notice What is known of a root of a set; all zero if nothing. Never reverts.
    function rootOf(bytes32 attestorSet, uint256 root) external view returns (RootRecord memory);

    /// @notice Threshold and size of a set, both zero if unknown. Never reverts.
    function attestorSetOf(bytes32 attestorSet) external view returns (uint256 threshold, uint256 members, bool revoked);

    /// @notice Whether `member` belongs to the set; false for an unknown set. Never reverts.
    function isAttestor(bytes32 attestorSet, address member) external view returns (bool);

    /// @notice Whether this nullifier was used in this scope. Never reverts.
    function nullifierUsed(uint256 scope, uint256 nullifier) external view returns (bool);

    /// @notice The EIP-712 digest that attestors sign for a root.
    function rootDigest(Root calldata signed) external view returns (bytes32);
}
