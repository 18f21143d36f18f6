// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Terms} from "./Slots.sol";
import {Act, Why} from "./Types.sol";

/// @title What the registry of grants says
/// @notice An indexer rebuilds all of its state from these.
interface IGrantEvents {
    /// @notice A claim of a batch does not count, and had no effect.
    /// @param index Its place in the batch.
    /// @param account The account.
    /// @param nullifier The nullifier.
    /// @param reason The error that `onboard` reverts with; empty where gas ran out.
    event ClaimFailed(
        uint256 index, address indexed account, uint256 indexed nullifier, bytes reason
    );

    /// @notice The registry is there; its first default and bands follow, as every later one.
    /// @param notice Seconds from a call that loosens to its effect.
    /// @param ceremonies Srs ids of the setups that its verifiers may rest on.
    event Opened(uint32 notice, uint256[] ceremonies);

    /// @notice A set of attestors is known.
    /// @param attestorSet The set.
    /// @param leastInitialMarginBp No tier of its series has a lower initial margin.
    /// @param cap Nullifiers that one root of it may back.
    event AttestorSetRegistered(
        bytes32 indexed attestorSet, uint16 leastInitialMarginBp, uint24 cap
    );

    /// @notice A generation of a set signs its roots from `enabledFrom` on.
    /// @param attestorSet The set.
    /// @param generation Number of the generation.
    /// @param members Addresses of its members, ascending.
    /// @param contracts Bit i is set where member i is a contract.
    /// @param threshold How many of them must sign.
    /// @param enabledFrom First second at which it counts.
    event GenerationStarted(
        bytes32 indexed attestorSet,
        uint32 indexed generation,
        address[] members,
        uint256 contracts,
        uint256 threshold,
        uint32 enabledFrom
    );

    /// @notice A generation of a set counts no more; every grant that rests on its roots has
    /// ended.
    /// @param attestorSet The set.
    /// @param generation Number of the generation.
    /// @param withdrawn Whether it had not begun: the one before signs on.
    event GenerationEnded(bytes32 indexed attestorSet, uint32 indexed generation, bool withdrawn);

    /// @notice A root is known to the registry.
    /// @param attestorSet The set.
    /// @param root The root.
    /// @param generation Number of the generation.
    /// @param firstDay First day of the window.
    /// @param lastDay Last day of the window, inside it.
    /// @param validUntil Last second at which the root may be relied on.
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
        uint24 serial
    );

    /// @notice A root may be relied on for longer; grants given stay as they are.
    /// @param attestorSet The set.
    /// @param root The root.
    /// @param validUntil Last second at which the root may be relied on.
    /// @param generation Number of the generation that signed this.
    /// @param serial Its number in this registry.
    event RootExtended(
        bytes32 indexed attestorSet,
        uint256 indexed root,
        uint32 validUntil,
        uint32 generation,
        uint24 serial
    );

    /// @notice A root is forbidden; every grant that rests on it has ended.
    /// @param attestorSet The set.
    /// @param root The root.
    event RootRevoked(bytes32 indexed attestorSet, uint256 indexed root);

    /// @notice A verifier judges from `enabledFrom` on.
    /// @param verifier Index of the verifier.
    /// @param target The contract.
    /// @param keyDigest Digest of the verifier's key.
    /// @param srsId Identifier of the powers of tau behind the key.
    /// @param ceremony Whether that is one of the known ceremonies.
    /// @param enabledFrom First second at which it counts.
    event VerifierRegistered(
        uint8 indexed verifier,
        address indexed target,
        bytes32 keyDigest,
        uint256 srsId,
        bool ceremony,
        uint32 enabledFrom
    );

    /// @notice A verifier judges no more; every grant that it judged has ended.
    /// @param verifier Index of the verifier.
    event VerifierSwitchedOff(uint8 indexed verifier);

    /// @notice A series is open.
    /// @param series The series.
    /// @param attestorSet The set.
    /// @param leastDays Days of a window, at least.
    /// @param maxAgeDays Days after its window at which a grant ends at the latest.
    event SeriesRegistered(
        bytes32 indexed series, bytes32 indexed attestorSet, uint16 leastDays, uint16 maxAgeDays
    );

    /// @notice A window stands in the calendar of a series.
    /// @param series The series.
    /// @param firstDay First day of the window.
    /// @param lastDay Last day of the window, inside it.
    /// @param atStart Whether the series began with it: it may have begun before.
    event WindowAnnounced(bytes32 indexed series, uint16 firstDay, uint16 lastDay, bool atStart);

    /// @notice A policy grants from `enabledFrom` on; its tiers follow, an event each.
    /// @param policyId The policy.
    /// @param series The series.
    /// @param serial Its number in this registry.
    /// @param firstDay First day of the window.
    /// @param lastDay Last day of the window, inside it.
    /// @param verifiers Indices of the verifiers that it takes.
    /// @param enabledFrom First second at which it counts.
    event PolicyRegistered(
        bytes32 indexed policyId,
        bytes32 indexed series,
        uint32 serial,
        uint16 firstDay,
        uint16 lastDay,
        uint8[] verifiers,
        uint32 enabledFrom
    );

    /// @notice A tier of a policy, with all that it asks and grants.
    /// @param policyId The policy.
    /// @param tier Index of the tier in the policy.
    /// @param serial Its number in this registry.
    /// @param thresholds Its threshold words.
    /// @param terms What it grants.
    event TierRegistered(
        bytes32 indexed policyId,
        uint8 indexed tier,
        uint24 serial,
        uint256[5] thresholds,
        Terms terms
    );

    /// @notice A policy grants no more; every grant of its tiers has ended.
    /// @param policyId The policy.
    event PolicySwitchedOff(bytes32 indexed policyId);

    /// @notice An account holds a tier.
    /// @param account The account.
    /// @param series The series.
    /// @param nullifier The nullifier.
    /// @param act How the claim counted.
    /// @param from Who held the nullifier before; zero at its first use.
    /// @param tierBefore Serial of the account's tier before, zero if it never had one.
    /// @param tier Serial of the tier.
    /// @param root Serial of the root.
    /// @param attestorSet The set.
    /// @param verifier Index of the verifier.
    /// @param expiry First second without the terms.
    /// @param rampFrom Maintenance margin, before the regime's factor, that it glides from.
    /// @param rampSince Second at which that glide began.
    event Granted(
        address indexed account,
        bytes32 indexed series,
        uint256 indexed nullifier,
        Act act,
        address from,
        uint24 tierBefore,
        uint24 tier,
        uint24 root,
        bytes32 attestorSet,
        uint8 verifier,
        uint32 expiry,
        uint16 rampFrom,
        uint32 rampSince
    );

    /// @notice An account took a tier of its policy that is nowhere better.
    /// @param account The account.
    /// @param tierBefore Serial of the tier before.
    /// @param tier Serial of the tier.
    /// @param rampFrom Maintenance margin, before the regime's factor, that it glides from.
    /// @param rampSince Second at which that glide began.
    event Downgraded(
        address indexed account, uint24 tierBefore, uint24 tier, uint16 rampFrom, uint32 rampSince
    );

    /// @notice A grant ended by an act.
    /// @param account The account.
    /// @param subject Whose grant it was: 56 bits of a hash of scope and nullifier.
    /// @param why The act.
    event GrantEnded(address indexed account, uint56 subject, Why why);

    /// @notice A nullifier is to move to another account, unless its holder contests.
    /// @param series The series.
    /// @param nullifier The nullifier.
    /// @param account The account.
    /// @param readyAt First second at which the move counts.
    /// @param lastDay Last day of the window, inside it.
    event MoveAnnounced(
        bytes32 indexed series,
        uint256 indexed nullifier,
        address indexed account,
        uint32 readyAt,
        uint16 lastDay
    );

    /// @notice The holder contested: no unsigned move counts on a window that ends as early.
    /// @param series The series.
    /// @param nullifier The nullifier.
    /// @param lastDay Last day of the window, inside it.
    event MoveContested(bytes32 indexed series, uint256 indexed nullifier, uint16 lastDay);

    /// @notice Its holder gave a nullifier up for good.
    /// @param series The series.
    /// @param nullifier The nullifier.
    event Retired(bytes32 indexed series, uint256 indexed nullifier);

    /// @notice Only a history that runs past today counts for this nullifier.
    /// @param series The series.
    /// @param nullifier The nullifier.
    /// @param asOf Last day of the latest window that counted.
    event Revoked(bytes32 indexed series, uint256 indexed nullifier, uint16 asOf);

    /// @notice Nothing counts for this nullifier before `freeFromDay`.
    /// @param series The series.
    /// @param nullifier The nullifier.
    /// @param freeFromDay First day on which it counts again; 65535 for never.
    event Barred(bytes32 indexed series, uint256 indexed nullifier, uint16 freeFromDay);

    /// @notice Roots and grants stop.
    /// @param by Who called.
    /// @param until Second at which it is over.
    event Paused(address indexed by, uint32 until);

    /// @notice The pause ends earlier.
    /// @param by Who called.
    /// @param until Second at which it is over.
    event Unpaused(address indexed by, uint32 until);

    /// @notice No new grant from now on; all end at `end`.
    /// @param successor Where grants are given instead; zero for nowhere.
    /// @param end Second at which all grants end.
    event Closed(address indexed successor, uint32 end);
}
